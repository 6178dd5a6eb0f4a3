//! Functions written as formulas.

mod operators;

use std::cell::RefCell;
use std::ops::Range;

use thalweg_graph::primitive::{CumSum, Direction};
use thalweg_graph::{Builder, DType, Literal, Type, Value};

/// A program that is being written down, shared by the terms of a formula.
pub struct Sheet(RefCell<Builder>);

/// A scalar or an array inside a formula: what it is combined to becomes a node of the program.
///
/// Arithmetic works on terms and numbers; a scalar and an array go together element by
/// element, as do arrays of one shape. Everything is in f64, whatever the precision of
/// the objective: narrow coordinates are widened first, and the gradient is rounded at the end.
///
/// A method panics, as [`Builder::emit`] does, if shapes do not fit.
#[derive(Clone, Copy)]
pub struct Term<'s> {
    sheet: &'s Sheet,
    value: Value,
}

/// Writes a formula of x, a vector, into a program and returns its value.
pub(super) fn write(b: &mut Builder, x: Value, formula: &dyn for<'s> Fn(Term<'s>) -> Term<'s>) -> Value {
    write_terms(b, &[x], &|inputs| vec![formula(inputs[0])])[0]
}

/// Writes formulas of several inputs into a program and returns their values.
pub(in super::super) fn write_terms(
    b: &mut Builder,
    inputs: &[Value],
    formulas: &dyn for<'s> Fn(&[Term<'s>]) -> Vec<Term<'s>>,
) -> Vec<Value> {
    let inputs: Vec<Value> = inputs.iter().map(|&input| b.convert(input, DType::F64)).collect();
    let sheet = Sheet(RefCell::new(std::mem::take(b)));
    let terms: Vec<Term<'_>> = inputs.iter().map(|&value| Term { sheet: &sheet, value }).collect();
    let values = formulas(&terms).iter().map(|term| term.value).collect();
    *b = sheet.0.into_inner();
    values
}

impl<'s> Term<'s> {
    fn make(self, node: impl FnOnce(&mut Builder, Value) -> Value) -> Self {
        let value = node(&mut self.sheet.0.borrow_mut(), self.value);
        Self { value, ..self }
    }

    /// The shape: empty for a scalar.
    pub fn shape(self) -> Vec<usize> {
        self.sheet.0.borrow().shape(self.value).to_vec()
    }

    /// Length of the first axis.
    pub fn len(self) -> usize {
        self.shape()[0]
    }

    /// Whether there are no elements.
    pub fn is_empty(self) -> bool {
        self.shape().contains(&0)
    }

    /// A constant scalar.
    pub fn number(self, value: f64) -> Self {
        self.make(|b, _| b.scalar(DType::F64, value))
    }

    /// A constant vector.
    pub fn vector(self, values: &[f64]) -> Self {
        self.array(&[values.len()], values)
    }

    /// A constant array, row-major.
    pub fn array(self, shape: &[usize], values: &[f64]) -> Self {
        self.make(|b, _| b.literal(Literal::new(shape.iter().copied(), values)))
    }

    /// 1, 2, …, n.
    pub fn counting(self, n: usize) -> Self {
        self.make(|b, _| {
            let from_zero = b.iota(Type::new(DType::F64, [n]), 0);
            b.offset(from_zero, 1.0)
        })
    }

    /// Element i of a vector, counted from 0.
    pub fn at(self, i: usize) -> Self {
        self.range(i..i + 1).reshape(&[])
    }

    /// All coordinates of a vector of length N.
    pub fn coordinates<const N: usize>(self) -> [Self; N] {
        std::array::from_fn(|i| self.at(i))
    }

    /// Some elements along the first axis.
    pub fn range(self, range: Range<usize>) -> Self {
        self.make(|b, x| b.slice_axis(x, 0, range))
    }

    /// Whole rows of a matrix, in this order.
    pub fn rows(self, indices: &[usize]) -> Self {
        let indices: Vec<i32> = indices.iter().map(|&i| i as i32).collect();
        self.make(|b, x| {
            let indices = b.literal(Literal::new([indices.len()], &indices));
            b.take_rows(x, indices)
        })
    }

    /// Every `step`-th element of a vector, from `first` on.
    pub fn every(self, step: usize, first: usize) -> Self {
        self.make(|b, x| {
            let n = b.shape(x)[0];
            b.slice_strided(x, &[first], &[n], &[step])
        })
    }

    /// The same elements in another shape.
    pub fn reshape(self, shape: &[usize]) -> Self {
        self.make(|b, x| b.reshape(x, shape))
    }

    /// Repeats along new leading axes.
    pub fn broadcast(self, shape: &[usize]) -> Self {
        self.make(|b, x| b.broadcast(x, shape))
    }

    /// Repeats a vector as the columns of a matrix with `count` columns.
    pub fn columns(self, count: usize) -> Self {
        self.make(|b, x| {
            let rows = b.shape(x)[0];
            b.broadcast_in_dim(x, &[rows, count], &[0])
        })
    }

    /// Scalars and vectors one after the other.
    pub fn join(parts: &[Self]) -> Self {
        let [first, ..] = parts else { panic!("nothing to join") };
        let parts: Vec<Value> = parts
            .iter()
            .map(|part| if part.shape().is_empty() { part.reshape(&[1]).value } else { part.value })
            .collect();
        first.make(|b, _| b.concatenate(&parts, 0))
    }

    /// A matrix with its axes exchanged.
    pub fn transpose(self) -> Self {
        self.make(|b, x| b.transpose(x, &[1, 0]))
    }

    /// The product of matrices; a vector on the right is a column.
    pub fn times(self, other: Self) -> Self {
        let axis = self.shape().len() - 1;
        self.make(|b, x| b.dot(x, axis, other.value, 0))
    }

    /// Σ over all elements.
    pub fn sum(self) -> Self {
        self.make(|b, x| b.sum_all(x))
    }

    /// Σ over one axis.
    pub fn sum_over(self, axis: usize) -> Self {
        self.make(|b, x| b.sum(x, &[axis]))
    }

    /// The mean of all elements.
    pub fn mean(self) -> Self {
        let count: usize = self.shape().iter().product();
        self.sum() / count as f64
    }

    /// The product of a vector's elements, two by two.
    pub fn product(self) -> Self {
        let mut left = self;
        while left.len() > 1 {
            let (n, half) = (left.len(), left.len() / 2);
            let pairs = left.range(0..half) * left.range(half..2 * half);
            left = if n % 2 == 1 { Self::join(&[pairs, left.at(n - 1)]) } else { pairs };
        }
        left.reshape(&[])
    }

    /// Running sums of a vector: of elements 0 … i.
    pub fn running_sum(self) -> Self {
        self.make(|b, x| b.cumsum(x, 0))
    }

    /// Sums of the elements after each element of a vector.
    pub fn sum_after(self) -> Self {
        self.make(|b, x| b.emit(CumSum { axis: 0, reverse: true, exclusive: true }, &[x]))
    }

    /// The elements of a vector, the smallest first; each takes its derivative with it.
    pub fn sorted(self) -> Self {
        self.make(|b, x| b.sort(x, 0, false))
    }

    /// `inside` where this is below `limit`, elsewhere `outside`. Derivatives are those of the chosen side;
    /// the other must be finite all the same.
    pub fn below(self, limit: f64, inside: Self, outside: Self) -> Self {
        let [inside, outside] = [inside, outside].map(|t| t.like(self));
        self.make(|b, x| {
            let limit = b.full_like(x, limit);
            let below = b.compare(Direction::Lt, x, limit);
            b.select(below, inside.value, outside.value)
        })
    }

    /// This scalar in the shape of another term.
    fn like(self, other: Self) -> Self {
        let shape = other.shape();
        if self.shape() == shape { self } else { self.broadcast(&shape) }
    }
}
