//! Elementwise primitives on blocks of elements.

use crate::math::{self, Arg, Arithmetic, Lanes, Math};
use crate::primitive::{Binary, Direction, Unary};
use crate::{DType, Element};

/// An elementwise operation, as the executor's blocks see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pointwise {
    /// A function of one argument.
    Unary(Unary),
    /// A function of two arguments.
    Binary(Binary),
    /// A comparison.
    Compare(Direction),
    /// Choice by a boolean.
    Select,
    /// Change from the given element type to the result's.
    Convert(DType),
    /// Random numbers by counters, with this seed.
    Uniform(u64),
}

/// An argument of a block operation, as bytes.
#[derive(Clone, Copy)]
pub(super) enum Operand<'a> {
    /// An element for each element of the result.
    Block(&'a [u8]),
    /// One element for all.
    Splat(&'a [u8]),
}

impl<'a> Operand<'a> {
    fn typed<T: Element>(self) -> Arg<'a, T> {
        match self {
            Operand::Block(bytes) => Arg::Slice(bytemuck::cast_slice(bytes)),
            Operand::Splat(bytes) => Arg::Scalar(bytemuck::cast_slice(bytes)[0]),
        }
    }

    /// The elements of the only argument of an operation.
    fn elements<T: Element>(self) -> &'a [T] {
        match self {
            Operand::Block(bytes) => bytemuck::cast_slice(bytes),
            Operand::Splat(_) => unreachable!("splats are done one element at a time"),
        }
    }
}

impl Pointwise {
    /// Writes `op(args)` into `out`; `dtype` is the element type of the last argument.
    pub(super) fn apply(self, dtype: DType, args: &[Operand], out_dtype: DType, out: &mut [u8]) {
        if let [Operand::Splat(bytes)] = args {
            let first = out_dtype.size();
            self.apply(dtype, &[Operand::Block(bytes)], out_dtype, &mut out[..first]);
            return repeat(out, first);
        }
        match dtype {
            DType::F32 => self.float::<f32>(args, out_dtype, out),
            DType::F64 => self.float::<f64>(args, out_dtype, out),
            DType::I32 => self.integer(args, out_dtype, out),
            DType::Bool => self.boolean(args, out_dtype, out),
        }
    }

    fn float<T: Math>(self, args: &[Operand], out_dtype: DType, out: &mut [u8]) {
        match self {
            Pointwise::Unary(Unary::IsFinite) => {
                let x = args[0].elements::<T>();
                x.iter().zip(out).for_each(|(x, o)| *o = u8::from(x.is_finite()));
            }
            Pointwise::Unary(op) => {
                let x = args[0].elements::<T>();
                unary(op)(x, bytemuck::cast_slice_mut(out));
            }
            Pointwise::Binary(op) => {
                let kernel = match op {
                    Binary::Divide => <T as Math>::div,
                    Binary::Power => <T as Math>::powf,
                    Binary::Remainder => <T as Math>::rem,
                    _ => return arithmetic::<T>(op, args, out),
                };
                kernel(args[0].typed(), args[1].typed(), bytemuck::cast_slice_mut(out));
            }
            _ => self.lanes::<T>(args, out_dtype, out),
        }
    }

    fn integer(self, args: &[Operand], out_dtype: DType, out: &mut [u8]) {
        match self {
            Pointwise::Unary(op) => {
                let kernel = match op {
                    Unary::Negate => <i32 as Arithmetic>::neg,
                    Unary::Abs => <i32 as Arithmetic>::abs,
                    _ => <i32 as Arithmetic>::sign,
                };
                let x = args[0].elements::<i32>();
                kernel(x, bytemuck::cast_slice_mut(out));
            }
            Pointwise::Binary(op) => {
                let kernel = match op {
                    Binary::Divide => math::divide,
                    Binary::Remainder => math::remainder,
                    _ => return arithmetic::<i32>(op, args, out),
                };
                kernel(args[0].typed(), args[1].typed(), bytemuck::cast_slice_mut(out));
            }
            Pointwise::Uniform(seed) => {
                let counters = args[0].elements::<i32>();
                match out_dtype {
                    DType::F32 => math::uniform::<f32>(seed, counters, bytemuck::cast_slice_mut(out)),
                    _ => math::uniform::<f64>(seed, counters, bytemuck::cast_slice_mut(out)),
                }
            }
            _ => self.lanes::<i32>(args, out_dtype, out),
        }
    }

    fn boolean(self, args: &[Operand], out_dtype: DType, out: &mut [u8]) {
        match self {
            Pointwise::Unary(_) => {
                let x = args[0].elements::<u8>();
                math::not(x, out);
            }
            Pointwise::Binary(Binary::And) => math::and(args[0].typed(), args[1].typed(), out),
            Pointwise::Binary(_) => math::or(args[0].typed(), args[1].typed(), out),
            _ => self.lanes::<u8>(args, out_dtype, out),
        }
    }

    fn lanes<T: Lanes>(self, args: &[Operand], out_dtype: DType, out: &mut [u8]) {
        match self {
            Pointwise::Compare(direction) => {
                let kernel = match direction {
                    Direction::Eq => <T as Lanes>::eq,
                    Direction::Ne => <T as Lanes>::ne,
                    Direction::Lt => <T as Lanes>::lt,
                    Direction::Le => <T as Lanes>::le,
                    Direction::Gt => <T as Lanes>::gt,
                    Direction::Ge => <T as Lanes>::ge,
                };
                kernel(args[0].typed(), args[1].typed(), out);
            }
            Pointwise::Select => {
                let out: &mut [T] = bytemuck::cast_slice_mut(out);
                match args[0] {
                    Operand::Block(mask) => T::select(mask, args[1].typed(), args[2].typed(), out),
                    Operand::Splat(mask) => match args[if mask[0] != 0 { 1 } else { 2 }].typed::<T>() {
                        Arg::Slice(x) => out.copy_from_slice(x),
                        Arg::Scalar(x) => out.fill(x),
                    },
                }
            }
            Pointwise::Convert(_) => {
                let x = args[0].elements::<T>();
                match out_dtype {
                    DType::F32 => T::to_f32(x, bytemuck::cast_slice_mut(out)),
                    DType::F64 => T::to_f64(x, bytemuck::cast_slice_mut(out)),
                    DType::I32 => T::to_i32(x, bytemuck::cast_slice_mut(out)),
                    DType::Bool => T::to_bool(x, out),
                }
            }
            _ => unreachable!("{self:?} is not defined for {}", T::DTYPE),
        }
    }
}

/// Repeats the first bytes, which are one element.
pub(super) fn repeat(out: &mut [u8], element: usize) {
    let mut done = element;
    while done < out.len() {
        let count = done.min(out.len() - done);
        out.copy_within(..count, done);
        done += count;
    }
}

fn unary<T: Math>(op: Unary) -> fn(&[T], &mut [T]) {
    match op {
        Unary::Negate => <T as Arithmetic>::neg,
        Unary::Abs => <T as Arithmetic>::abs,
        Unary::Sign => <T as Arithmetic>::sign,
        Unary::Sqrt => <T as Math>::sqrt,
        Unary::Rsqrt => <T as Math>::rsqrt,
        Unary::Exponential => <T as Math>::exp,
        Unary::ExponentialMinusOne => <T as Math>::expm1,
        Unary::Log => <T as Math>::ln,
        Unary::LogPlusOne => <T as Math>::ln_1p,
        Unary::Tanh => <T as Math>::tanh,
        Unary::Logistic => <T as Math>::logistic,
        Unary::Softplus => <T as Math>::softplus,
        Unary::Erf => <T as Math>::erf,
        Unary::Sine => <T as Math>::sin,
        Unary::Cosine => <T as Math>::cos,
        Unary::Floor => <T as Math>::floor,
        Unary::Ceil => <T as Math>::ceil,
        Unary::RoundNearestEven => <T as Math>::round_even,
        Unary::Not | Unary::IsFinite => unreachable!("{op:?} does not return a float"),
    }
}

fn arithmetic<T: Arithmetic>(op: Binary, args: &[Operand], out: &mut [u8]) {
    let kernel = match op {
        Binary::Add => T::add,
        Binary::Subtract => T::sub,
        Binary::Multiply => T::mul,
        Binary::Maximum => T::max,
        Binary::Minimum => T::min,
        _ => unreachable!("{op:?} is not ring arithmetic"),
    };
    kernel(args[0].typed(), args[1].typed(), bytemuck::cast_slice_mut(out));
}
