//! Elementwise operations; arguments are broadcast to one another.

use thalweg_graph::primitive::{Binary, Compare, Convert, Direction, Select, Unary};
use thalweg_graph::{DType, Value};

use super::{Emitter, Tensor};
use crate::onnx::array::{self, Kind, Outcome, joined};
use crate::stored::ElementType;

macro_rules! unary {
    ($($name:ident: $variant:ident),*) => {$(
        pub fn $name(&mut self, x: &Tensor) -> Outcome<Tensor> {
            self.unary(Unary::$variant, x)
        }
    )*};
}

macro_rules! binary {
    ($($name:ident: $variant:ident),*) => {$(
        pub fn $name(&mut self, x: &Tensor, y: &Tensor) -> Outcome<Tensor> {
            self.binary(Binary::$variant, x, y)
        }
    )*};
}

impl Emitter<'_> {
    unary!(neg: Negate, abs: Abs, sqrt: Sqrt, rsqrt: Rsqrt, exp: Exponential,
        exp_m1: ExponentialMinusOne, ln: Log, tanh: Tanh, logistic: Logistic,
        softplus: Softplus, erf: Erf, floor: Floor);
    binary!(add: Add, sub: Subtract, mul: Multiply, div: Divide,
        and: And, or: Or);

    pub fn unary(&mut self, op: Unary, x: &Tensor) -> Outcome<Tensor> {
        if let Tensor::Known(known) = x
            && self.folds(&known.shape)
            && let Some(folded) = array::unary(op, known)
        {
            return Ok(folded?.into());
        }
        if self.kind(x) == Kind::Int && matches!(op, Unary::Floor | Unary::Ceil | Unary::RoundNearestEven) {
            return Ok(x.clone());
        }
        let value = self.value(x)?;
        self.push(op, &[value])
    }

    pub fn binary(&mut self, op: Binary, x: &Tensor, y: &Tensor) -> Outcome<Tensor> {
        let shape = joined(&self.shape(x), &self.shape(y))?;
        if let (Tensor::Known(x), Tensor::Known(y)) = (x, y)
            && self.folds(&shape)
        {
            return Ok(array::binary(op, &spread(x, &shape), &spread(y, &shape))?.into());
        }
        if self.kind(x) == Kind::Int && op == Binary::Power {
            return self.in_doubles(&[x, y], |e, args| e.binary(op, &args[0], &args[1]));
        }
        let args = [self.broadcast_value(x, &shape)?, self.broadcast_value(y, &shape)?];
        self.push(op, &args)
    }

    pub fn compare(&mut self, direction: Direction, x: &Tensor, y: &Tensor) -> Outcome<Tensor> {
        let shape = joined(&self.shape(x), &self.shape(y))?;
        let (left, right) = (self.kind(x), self.kind(y));
        if left != right {
            return Err(format!("{} are compared with {}", left.words(), right.words()));
        }
        if let (Tensor::Known(x), Tensor::Known(y)) = (x, y)
            && self.folds(&shape)
        {
            return Ok(array::compare(direction, &spread(x, &shape), &spread(y, &shape)).into());
        }
        if left == Kind::Bool {
            let [x, y] = [self.convert(x, Kind::Int)?, self.convert(y, Kind::Int)?];
            return self.compare(direction, &x, &y);
        }
        let args = [self.broadcast_value(x, &shape)?, self.broadcast_value(y, &shape)?];
        self.push(Compare(direction), &args)
    }

    /// x where `choice` holds, else y.
    pub fn select(&mut self, choice: &Tensor, x: &Tensor, y: &Tensor) -> Outcome<Tensor> {
        let shape = joined(&joined(&self.shape(x), &self.shape(y))?, &self.shape(choice))?;
        if let (Tensor::Known(choice), Tensor::Known(x), Tensor::Known(y)) = (choice, x, y)
            && x.kind() == y.kind()
            && self.folds(&shape)
        {
            let [choice, x, y] = [choice, x, y].map(|array| spread(array, &shape));
            return Ok(array::choose(&choice, &x, &y)?.into());
        }
        let choice = self.broadcast_value(choice, &shape)?;
        let args = [choice, self.broadcast_value(x, &shape)?, self.broadcast_value(y, &shape)?];
        self.push(Select, &args)
    }

    /// The same values in another kind of elements, those of a program as wide as they are there.
    pub fn convert(&mut self, x: &Tensor, to: Kind) -> Outcome<Tensor> {
        let element = match to {
            Kind::Float => ElementType::F64,
            Kind::Int => ElementType::I64,
            Kind::Bool => ElementType::Bool,
        };
        self.cast(x, element)
    }

    /// The same values in another element type.
    pub fn cast(&mut self, x: &Tensor, to: ElementType) -> Outcome<Tensor> {
        let kind = match to {
            ElementType::Bool => Kind::Bool,
            _ if to.is_integer() => Kind::Int,
            _ => Kind::Float,
        };
        match x {
            Tensor::Known(known) if known.kind() == kind && kind != Kind::Int => Ok(x.clone()),
            Tensor::Known(known) if self.folds(&known.shape) => Ok(array::convert(known, to).into()),
            Tensor::Live(value, origin) if self.b.ty(*value).dtype == kind.dtype(self.float) => {
                Ok(Tensor::Live(*value, *origin))
            }
            _ => {
                let value = self.value(x)?;
                let converted = self.push(Convert(kind.dtype(self.float)), &[value])?;
                Ok(match (x, converted) {
                    (Tensor::Live(_, origin), Tensor::Live(value, _)) => Tensor::Live(value, *origin),
                    (_, converted) => converted,
                })
            }
        }
    }

    /// c x.
    pub fn scale(&mut self, x: &Tensor, c: f64) -> Outcome<Tensor> {
        self.mul(x, &Tensor::scalar(c))
    }

    /// x + c.
    pub fn offset(&mut self, x: &Tensor, c: f64) -> Outcome<Tensor> {
        self.add(x, &Tensor::scalar(c))
    }

    pub fn square(&mut self, x: &Tensor) -> Outcome<Tensor> {
        self.mul(x, x)
    }

    pub fn reciprocal(&mut self, x: &Tensor) -> Outcome<Tensor> {
        self.div(&Tensor::scalar(1.0), x)
    }

    /// x, but `low` where it is not above and `high` where it is not below; there the
    /// derivative is 0. NaN stays NaN.
    pub fn clamp(&mut self, x: &Tensor, low: Option<&Tensor>, high: Option<&Tensor>) -> Outcome<Tensor> {
        let mut clamped = x.clone();
        for (bound, direction) in [(low, Direction::Le), (high, Direction::Ge)] {
            if let Some(bound) = bound {
                let beyond = self.compare(direction, &clamped, bound)?;
                clamped = self.select(&beyond, bound, &clamped)?;
            }
        }
        Ok(clamped)
    }

    /// What division leaves, with the sign of y where the quotient is rounded down (`floored`), else with that of x.
    pub fn remainder(&mut self, x: &Tensor, y: &Tensor, floored: bool) -> Outcome<Tensor> {
        let rest = self.binary(Binary::Remainder, x, y)?;
        if !floored {
            return Ok(rest);
        }
        let zero: Tensor = array::Array::full(&[], self.kind(x), 0.0).into();
        let [below, negative] = [&rest, y].map(|t| self.compare(Direction::Lt, t, &zero));
        let [below, negative] = [self.convert(&below?, Kind::Int)?, self.convert(&negative?, Kind::Int)?];
        let differ = self.compare(Direction::Ne, &below, &negative)?;
        let left = self.compare(Direction::Ne, &rest, &zero)?;
        let correct = self.and(&differ, &left)?;
        let moved = self.add(&rest, y)?;
        self.select(&correct, &moved, &rest)
    }

    /// An operation on integers that the program only has for floats: 32-bit
    /// integers are exact in doubles, and results are truncated.
    pub(super) fn in_doubles(
        &mut self,
        args: &[&Tensor],
        write: impl FnOnce(&mut Self, &[Tensor]) -> Outcome<Tensor>,
    ) -> Outcome<Tensor> {
        let wide = args.iter().map(|x| {
            let value = self.value(x)?;
            self.push(Convert(DType::F64), &[value])
        });
        let wide = wide.collect::<Outcome<Vec<_>>>()?;
        let float = std::mem::replace(&mut self.float, DType::F64);
        let result = write(self, &wide);
        self.float = float;
        let value = self.value(&result?)?;
        self.push(Convert(DType::I32), &[value])
    }

    /// The value of a tensor, broadcast to a shape.
    fn broadcast_value(&mut self, x: &Tensor, shape: &[usize]) -> Outcome<Value> {
        let wide = self.broadcast(x, shape)?;
        self.value(&wide)
    }
}

/// A known array repeated to a shape that it broadcasts to.
pub(super) fn spread(x: &array::Array, shape: &[usize]) -> array::Array {
    if x.shape == shape {
        return x.clone();
    }
    let new = shape.len() - x.shape.len();
    let own = x.strides();
    let strides: Vec<isize> = (0..shape.len())
        .map(|axis| match axis.checked_sub(new) {
            Some(i) if x.shape[i] != 1 => own[i],
            _ => 0,
        })
        .collect();
    x.view(shape, 0, &strides)
}
