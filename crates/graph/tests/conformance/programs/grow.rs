//! Small programs grown from a list of numbers.

mod products;
mod window;

use smallvec::SmallVec;
use thalweg_graph::primitive::*;
use thalweg_graph::{Axes, Builder, DType, Graph, Literal, Type, Value};

use crate::array::Array;
use crate::reference::reference;

/// What one step is made of; proptest shrinks it towards zero.
pub type Choice = (u8, u16, u16, u32);

/// A program and, beside it, every primitive that was asked for.
pub struct Grown {
    b: Builder,
    /// What was asked for: a primitive of earlier entries, or an input.
    asked: Vec<(Op, Vec<usize>)>,
    values: Vec<Value>,
    /// The entries that are floats.
    floats: Vec<usize>,
    /// Whether only functions without kinks may be used.
    smooth: bool,
}

/// Shapes of the inputs.
const INPUTS: [&[usize]; 3] = [&[2, 3], &[3], &[]];
/// Values stay smaller than this.
const LARGEST: usize = 150;

/// A small generator for the attributes of one step.
struct Digits(u64);

impl Digits {
    fn below(&mut self, n: usize) -> usize {
        let digit = self.0 % n as u64;
        self.0 /= n as u64;
        digit as usize
    }
}

impl Grown {
    pub fn new(choices: &[Choice], smooth: bool) -> Self {
        let (b, floats) = (Builder::new(), (0..INPUTS.len()).collect());
        let mut grown = Self { b, asked: Vec::new(), values: Vec::new(), floats, smooth };
        for (i, shape) in INPUTS.iter().enumerate() {
            let value = grown.b.input(Type::new(DType::F64, shape.iter().copied()));
            grown.values.push(value);
            grown.asked.push((Op::Input(i), Vec::new()));
        }
        for &choice in choices {
            grown.step(choice);
        }
        grown
    }

    pub fn input_types() -> Vec<Type> {
        INPUTS.iter().map(|shape| Type::new(DType::F64, shape.iter().copied())).collect()
    }

    /// The program with the last few values as outputs, the last one first.
    pub fn graph(&self) -> Graph {
        let outputs: Vec<Value> = self.floats.iter().rev().take(3).map(|&f| self.values[f]).collect();
        self.b.finish(&outputs)
    }

    /// Its outputs, one primitive after the other by the reference.
    pub fn expected(&self, inputs: &[Array]) -> Vec<Array> {
        let mut values: Vec<Array> = Vec::new();
        for (op, args) in &self.asked {
            let value = match op {
                Op::Input(i) => inputs[*i].clone(),
                op => reference(op, &args.iter().map(|&a| &values[a]).collect::<Vec<_>>()),
            };
            values.push(value);
        }
        self.floats.iter().rev().take(3).map(|&f| values[f].clone()).collect()
    }

    fn shape(&self, value: usize) -> Vec<usize> {
        self.b.shape(self.values[value]).to_vec()
    }

    fn push(&mut self, op: impl Into<Op>, args: &[usize]) -> usize {
        let op = op.into();
        let values: Vec<Value> = args.iter().map(|&a| self.values[a]).collect();
        let value = match &op {
            Op::Constant(literal) => self.b.literal(literal.clone()),
            _ => self.b.emit(op.clone(), &values),
        };
        let at = self.values.len();
        if self.b.ty(value).dtype == DType::F64 {
            self.floats.push(at);
        }
        self.values.push(value);
        self.asked.push((op, args.to_vec()));
        at
    }

    fn constant(&mut self, value: f64, shape: &[usize]) -> usize {
        let scalar = self.push(Op::Constant(Literal::scalar(DType::F64, value)), &[]);
        self.push(BroadcastInDim { shape: shape.into(), axes: Axes::new() }, &[scalar])
    }

    fn sum(&mut self, x: usize, axes: Axes) -> usize {
        let count: usize = axes.iter().map(|&a| self.shape(x)[a]).product();
        let sum = self.push(Reduce { reducer: Reducer::Sum, axes }, &[x]);
        let share = self.constant(1.0 / count.max(1) as f64, &self.shape(sum));
        self.push(Binary::Multiply, &[sum, share])
    }

    /// `x` brought to a shape: as it is, or its mean repeated.
    fn fit(&mut self, x: usize, shape: &[usize]) -> usize {
        if self.shape(x) == shape {
            return x;
        }
        let mean = self.sum(x, (0..self.shape(x).len()).collect());
        self.push(BroadcastInDim { shape: shape.into(), axes: Axes::new() }, &[mean])
    }

    fn step(&mut self, (kind, first, second, digits): Choice) {
        let pick = |n: u16| self.floats[usize::from(n) % self.floats.len()];
        // The last value is the likeliest operand: programs grow deep.
        let a = if first % 3 == 0 { self.floats[self.floats.len() - 1] } else { pick(first) };
        let c = pick(second);
        let shape = self.shape(a);
        let mut d = Digits(u64::from(digits));
        match kind % 14 {
            0 => self.function(a, &mut d),
            1 => self.arithmetic(a, c, &mut d),
            2 => self.with_constant(a, &mut d),
            3 if !self.smooth => self.choice(a, c, &mut d),
            3 | 4 => self.product(a, c, &mut d),
            5 => {
                let mut permutation: Axes = (0..shape.len()).collect();
                (1..shape.len()).for_each(|i| permutation.swap(i, d.below(i + 1)));
                self.push(Transpose(permutation), &[a]);
            }
            6 => {
                let mut spans = (Axes::new(), Axes::new(), Axes::new());
                for &n in &shape {
                    let start = d.below(n.min(2) + 1);
                    spans.0.push(start);
                    spans.1.push(n - d.below(2).min(n - start));
                    spans.2.push(1 + d.below(2));
                }
                self.push(Slice { start: spans.0, limit: spans.1, stride: spans.2 }, &[a]);
            }
            7 => self.padded(a, &mut d),
            8 => {
                let at = d.below(shape.len() + 1);
                let (mut to, size) = (shape.clone(), 1 + d.below(3));
                to.insert(at, size);
                let axes = (0..shape.len()).map(|i| i + usize::from(i >= at)).collect();
                if to.len() <= 4 && to.iter().product::<usize>() <= LARGEST {
                    self.push(BroadcastInDim { shape: to.as_slice().into(), axes }, &[a]);
                }
            }
            9 => {
                let axes: Axes = (0..shape.len()).filter(|_| d.below(2) == 1).collect();
                self.sum(a, axes);
            }
            10 => self.reshaped(a, &mut d),
            11 => self.convolved(a, &mut d),
            12 => self.windowed(a, &mut d),
            _ => self.joined_or_gathered(a, c, &mut d),
        }
    }

    fn function(&mut self, a: usize, d: &mut Digits) {
        let smooth = [
            Unary::Tanh,
            Unary::Sine,
            Unary::Cosine,
            Unary::Logistic,
            Unary::Softplus,
            Unary::Erf,
            Unary::Negate,
        ];
        let kinked = [Unary::Abs, Unary::Sign, Unary::Floor, Unary::Negate];
        let f = match self.smooth || d.below(2) == 0 {
            true => smooth[d.below(smooth.len())],
            false => kinked[d.below(kinked.len())],
        };
        self.push(f, &[a]);
    }

    fn arithmetic(&mut self, a: usize, c: usize, d: &mut Digits) {
        let c = self.fit(c, &self.shape(a));
        match d.below(if self.smooth { 4 } else { 6 }) {
            0 => self.push(Binary::Add, &[a, c]),
            1 => self.push(Binary::Subtract, &[a, c]),
            2 => self.push(Binary::Multiply, &[a, c]),
            3 => {
                // Divides by something in [1, ∞).
                let (positive, one) = (self.push(Unary::Softplus, &[c]), self.constant(1.0, &self.shape(a)));
                let divisor = self.push(Binary::Add, &[positive, one]);
                self.push(Binary::Divide, &[a, divisor])
            }
            4 => self.push(Binary::Maximum, &[a, c]),
            _ => self.push(Binary::Minimum, &[a, c]),
        };
    }

    /// Constants for which there is an identity, and others.
    fn with_constant(&mut self, a: usize, d: &mut Digits) {
        let value = [0.0, 1.0, -1.0, 0.5, 1.5][d.below(5)];
        let c = self.constant(value, &self.shape(a));
        match d.below(7) {
            0 => self.push(Binary::Add, &[a, c]),
            1 => self.push(Binary::Multiply, &[c, a]),
            2 => self.push(Binary::Subtract, &[c, a]),
            3 => self.push(Binary::Subtract, &[a, c]),
            4 if value != 0.0 => self.push(Binary::Divide, &[a, c]),
            5 => {
                let two = self.constant([0.0, 1.0, 2.0][d.below(3)], &self.shape(a));
                self.push(Binary::Power, &[a, two])
            }
            _ => self.push(Binary::Multiply, &[a, c]),
        };
    }

    fn choice(&mut self, a: usize, c: usize, d: &mut Digits) {
        let shape = self.shape(a);
        match d.below(4) {
            0 => {
                let c = self.fit(c, &shape);
                let which = self.push(Compare(Direction::ALL[d.below(6)]), &[a, c]);
                self.push(Select, &[which, c, a]);
            }
            1 => {
                let axes: Axes = (0..shape.len()).filter(|&i| shape[i] > 0 && d.below(2) == 1).collect();
                let reducer = [Reducer::Max, Reducer::Min][d.below(2)];
                if !shape.contains(&0) {
                    self.push(Reduce { reducer, axes }, &[a]);
                }
            }
            2 if !shape.is_empty() && !shape.contains(&0) => {
                let at = self.push(ArgMax { axis: d.below(shape.len()) }, &[a]);
                self.push(Convert(DType::F64), &[at]);
            }
            _ if !shape.is_empty() => {
                let ty = Type::new(DType::I32, shape.iter().copied());
                let count = self.push(Iota { ty, axis: d.below(shape.len()) }, &[]);
                let count = self.push(Convert(DType::F64), &[count]);
                let most = self.constant(2.0, &shape);
                let count = self.push(Binary::Minimum, &[count, most]);
                self.push(Binary::Multiply, &[a, count]);
            }
            _ => {}
        }
    }

    fn padded(&mut self, a: usize, d: &mut Digits) {
        let shape = self.shape(a);
        let (mut low, mut high, mut interior) = (SmallVec::new(), SmallVec::new(), Axes::new());
        let mut size = 1;
        for &n in &shape {
            let spread = n + n.saturating_sub(1) * d.below(2);
            interior.push(usize::from(spread > n));
            low.push(d.below(3) as i64 - 1);
            high.push((d.below(3) as i64 - 1).max(-(spread as i64) - low[low.len() - 1]));
            size *= (spread as i64 + low[low.len() - 1] + high[high.len() - 1]) as usize;
        }
        if size <= LARGEST {
            let value = self.fit(self.floats[d.below(self.floats.len())], &[]);
            self.push(Pad { low, high, interior }, &[a, value]);
        }
    }

    fn reshaped(&mut self, a: usize, d: &mut Digits) {
        let shape = self.shape(a);
        let mut to = shape.clone();
        if d.below(2) == 0 && shape.len() > 1 {
            let at = d.below(shape.len() - 1);
            let size = to.remove(at + 1);
            to[at] *= size;
        } else {
            let size: usize = shape.iter().product();
            let first = (1..=4).rev().find(|&f| size.is_multiple_of(f) && d.below(2) == 1).unwrap_or(1);
            to = vec![size / first, first];
        }
        self.push(Reshape(to.as_slice().into()), &[a]);
    }

    fn joined_or_gathered(&mut self, a: usize, c: usize, d: &mut Digits) {
        let shape = self.shape(a);
        if shape.is_empty() {
            return;
        }
        let axis = d.below(shape.len());
        let size: usize = shape.iter().product();
        match d.below(4) {
            0 => {
                let c = self.fit(c, &shape);
                if 3 * size <= LARGEST {
                    self.push(Concatenate { axis }, &[a, c, a]);
                }
            }
            1 => {
                self.push(Reverse(Axes::from_elem(axis, 1)), &[a]);
            }
            kind if shape[0] > 0 && 2 * size <= LARGEST => {
                let indices: Vec<i32> = (0..4).map(|_| d.below(shape[0] + 2) as i32 - 1).collect();
                let at = self.push(Op::Constant(Literal::new([4], &indices)), &[]);
                let mut slice_sizes: Axes = shape.as_slice().into();
                slice_sizes[0] = 1;
                let dims = GatherDims::rows(shape.len(), 1);
                let rows = self.push(Gather { dims: dims.clone(), slice_sizes }, &[a, at]);
                if kind == 3 {
                    self.push(ScatterAdd { dims }, &[a, at, rows]);
                }
            }
            _ => {}
        }
    }
}
