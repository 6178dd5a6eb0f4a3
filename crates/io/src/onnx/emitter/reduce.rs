//! Sums and extrema over axes, positions of extrema, products of matrices.

use thalweg_graph::primitive::{ArgMax, Binary, DotGeneral, Reduce, Reducer};

use super::{Cut, Emitter, Tensor};
use crate::onnx::array::{self, Kind, Outcome};
use crate::onnx::limits;

impl Emitter<'_> {
    /// Sum over some axes, which get size 1.
    pub fn sum(&mut self, x: &Tensor, axes: &[usize]) -> Outcome<Tensor> {
        self.reduce(Reducer::Sum, x, axes)
    }

    /// Mean over some axes, which get size 1.
    pub fn mean(&mut self, x: &Tensor, axes: &[usize]) -> Outcome<Tensor> {
        let shape = self.shape(x);
        let count: usize = axes.iter().map(|&axis| shape[axis]).product();
        let sum = self.sum(x, axes)?;
        let count = match self.kind(x) {
            Kind::Int => Tensor::int(count as i64),
            _ => Tensor::scalar(count as f64),
        };
        self.div(&sum, &count)
    }

    /// Sum or extremum over some axes, which get size 1.
    pub fn reduce(&mut self, reducer: Reducer, x: &Tensor, axes: &[usize]) -> Outcome<Tensor> {
        let mut shape = self.shape(x);
        if let Tensor::Known(known) = x
            && self.folds(&shape)
        {
            let (op, neutral) = match reducer {
                Reducer::Sum => (Binary::Add, 0.0),
                Reducer::Max => (Binary::Maximum, f64::NEG_INFINITY),
                Reducer::Min => (Binary::Minimum, f64::INFINITY),
            };
            return Ok(array::fold(op, neutral, known, axes)?.into());
        }
        axes.iter().for_each(|&axis| shape[axis] = 1);
        let reduced = match self.kind(x) {
            Kind::Int => self.in_doubles(&[x], |e, x| e.reduced(reducer, &x[0], axes))?,
            _ => self.reduced(reducer, x, axes)?,
        };
        self.reshape(&reduced, &shape)
    }

    fn reduced(&mut self, reducer: Reducer, x: &Tensor, axes: &[usize]) -> Outcome<Tensor> {
        let value = self.value(x)?;
        self.push(Reduce { reducer, axes: axes.into() }, &[value])
    }

    /// Product over some axes, which get size 1: halves of each axis are multiplied
    /// with each other until one element is left.
    pub fn product(&mut self, x: &Tensor, axes: &[usize]) -> Outcome<Tensor> {
        let shape = self.shape(x);
        if let Tensor::Known(known) = x
            && self.folds(&shape)
        {
            return Ok(array::fold(Binary::Multiply, 1.0, known, axes)?.into());
        }
        let mut product = x.clone();
        for &axis in axes {
            let mut n = shape[axis];
            if n == 0 {
                let mut empty = self.shape(&product);
                empty[axis] = 1;
                let kind = self.kind(x);
                product = self.full(&empty, kind, 1.0)?;
            }
            while n > 1 {
                let half = n / 2;
                let low = self.narrow(&product, axis, 0, half)?;
                let high = self.narrow(&product, axis, half, half)?;
                let mut parts = vec![self.mul(&low, &high)?];
                if n % 2 == 1 {
                    parts.push(self.narrow(&product, axis, n - 1, 1)?);
                }
                product = self.concatenate(&parts, axis)?;
                n = half + n % 2;
            }
        }
        Ok(product)
    }

    /// Index of the first maximum along an axis, which gets size 1.
    pub fn arg_max(&mut self, x: &Tensor, axis: usize) -> Outcome<Tensor> {
        let mut shape = self.shape(x);
        shape[axis] = 1;
        let x = self.convert(x, Kind::Float)?;
        let value = self.value(&x)?;
        let found = self.push(ArgMax { axis }, &[value])?;
        self.reshape(&found, &shape)
    }

    /// Turns the order of the elements along an axis round.
    pub fn reverse(&mut self, x: &Tensor, axis: usize) -> Outcome<Tensor> {
        let mut cut: Vec<Cut> = self.shape(x).into_iter().map(Cut::all).collect();
        cut[axis] = Cut { start: cut[axis].count.saturating_sub(1), step: -1, ..cut[axis] };
        self.slice(x, &cut)
    }

    /// Contracts pairs of axes; the result has the batch axes, then the free ones of x, then those of y.
    pub fn contract(
        &mut self,
        x: &Tensor,
        y: &Tensor,
        batch: &[(usize, usize)],
        contract: &[(usize, usize)],
    ) -> Outcome<Tensor> {
        let (left, right) = (self.shape(x), self.shape(y));
        let first = |pairs: &[(usize, usize)]| pairs.iter().map(|p| p.0).collect();
        let second = |pairs: &[(usize, usize)]| pairs.iter().map(|p| p.1).collect();
        let dot = DotGeneral {
            lhs_batch: first(batch),
            rhs_batch: second(batch),
            lhs_contract: first(contract),
            rhs_contract: second(contract),
        };
        let mut shape: Vec<usize> = batch.iter().map(|p| left[p.0]).collect();
        shape.extend(dot.lhs_free(left.len()).iter().map(|&a| left[a]));
        shape.extend(dot.rhs_free(right.len()).iter().map(|&a| right[a]));
        limits::elements(&shape)?;
        let args = [self.value(x)?, self.value(y)?];
        self.push(dot, &args)
    }
}
