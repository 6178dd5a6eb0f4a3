//! The same elements in another arrangement.

use smallvec::SmallVec;
use thalweg_graph::Value;
use thalweg_graph::primitive::{BroadcastInDim, Concatenate, Iota, Pad, Reshape, Reverse, Slice, Transpose};

use super::elementwise::spread;
use super::{Emitter, Tensor};
use crate::onnx::array::{Array, Kind, Outcome};
use crate::onnx::limits;

impl Emitter<'_> {
    pub fn reshape(&mut self, x: &Tensor, shape: &[usize]) -> Outcome<Tensor> {
        let from = self.shape(x);
        if limits::elements(shape)? != limits::elements(&from)? {
            return Err(format!("an array of shape {from:?} does not fill {shape:?}"));
        }
        match x {
            Tensor::Known(known) => Ok(known.reshaped(shape).into()),
            Tensor::Live(value, _) => self.push(Reshape(shape.into()), &[*value]),
        }
    }

    pub fn transpose(&mut self, x: &Tensor, permutation: &[usize]) -> Outcome<Tensor> {
        if let Tensor::Known(known) = x
            && self.folds(&known.shape)
        {
            let shape: Vec<usize> = permutation.iter().map(|&a| known.shape[a]).collect();
            let own = known.strides();
            let strides: Vec<isize> = permutation.iter().map(|&a| own[a]).collect();
            return Ok(known.view(&shape, 0, &strides).into());
        }
        let value = self.value(x)?;
        self.push(Transpose(permutation.into()), &[value])
    }

    /// Repeats axes of size 1 and adds axes in front, as far as the shape asks.
    pub fn broadcast(&mut self, x: &Tensor, shape: &[usize]) -> Outcome<Tensor> {
        let from = self.shape(x);
        if from == shape {
            return Ok(x.clone());
        }
        limits::elements(shape)?;
        let new = shape.len().checked_sub(from.len());
        let fits = |new: usize| from.iter().zip(&shape[new..]).all(|(&n, &m)| n == 1 || n == m);
        let Some(new) = new.filter(|&new| fits(new)) else {
            return Err(format!("an array of shape {from:?} does not broadcast to {shape:?}"));
        };
        if let Tensor::Known(known) = x
            && self.folds(shape)
        {
            return Ok(spread(known, shape).into());
        }
        let value = self.value(x)?;
        self.push(BroadcastInDim { shape: shape.into(), axes: (new..shape.len()).collect() }, &[value])
    }

    /// Along each axis the elements `start`, `start + step` … in front of `end`; a step
    /// may be negative, and the bounds lie within the array.
    pub fn slice(&mut self, x: &Tensor, cut: &[Cut]) -> Outcome<Tensor> {
        let shape: Vec<usize> = cut.iter().map(|cut| cut.count).collect();
        if let Tensor::Known(known) = x
            && self.folds(&shape)
        {
            let own = known.strides();
            let offset = cut.iter().zip(&own).map(|(cut, &s)| cut.start as isize * s).sum::<isize>();
            let offset = if shape.contains(&0) { 0 } else { offset as usize };
            let strides: Vec<isize> = cut.iter().zip(&own).map(|(cut, &s)| s * cut.step as isize).collect();
            return Ok(known.view(&shape, offset, &strides).into());
        }
        let value = self.value(x)?;
        let backwards: Vec<usize> = (0..cut.len()).filter(|&axis| cut[axis].step < 0).collect();
        let range = |cut: &Cut| -> (usize, usize) {
            let reach = cut.count.saturating_sub(1) * cut.step.unsigned_abs() as usize;
            match (cut.count, cut.step < 0) {
                (0, _) => (0, 0),
                (_, false) => (cut.start, cut.start + reach + 1),
                (_, true) => (cut.start - reach, cut.start + 1),
            }
        };
        let part = self.push(
            Slice {
                start: cut.iter().map(|cut| range(cut).0).collect(),
                limit: cut.iter().map(|cut| range(cut).1).collect(),
                stride: cut.iter().map(|cut| (cut.step.unsigned_abs() as usize).max(1)).collect(),
            },
            &[value],
        )?;
        match backwards.is_empty() {
            true => Ok(part),
            false => {
                let value = self.value(&part)?;
                self.push(Reverse(backwards.into()), &[value])
            }
        }
    }

    /// The part of one axis from `start` on.
    pub fn narrow(&mut self, x: &Tensor, axis: usize, start: usize, count: usize) -> Outcome<Tensor> {
        let mut cut: Vec<Cut> = self.shape(x).into_iter().map(Cut::all).collect();
        cut[axis] = Cut { start, count, step: 1 };
        self.slice(x, &cut)
    }

    /// Parts one after the other along an axis; their other extents are equal.
    pub fn concatenate(&mut self, parts: &[Tensor], axis: usize) -> Outcome<Tensor> {
        let shapes: Vec<Vec<usize>> = parts.iter().map(|part| self.shape(part)).collect();
        let mut shape = shapes[0].clone();
        shape[axis] = 0;
        for part in &shapes {
            let fits = part.len() == shape.len()
                && part.iter().zip(&shape).enumerate().all(|(i, (n, m))| i == axis || n == m);
            if !fits {
                return Err(format!("shapes {:?} and {part:?} do not join along axis {axis}", shapes[0]));
            }
            shape[axis] += part[axis];
        }
        limits::elements(&shape)?;
        let known: Option<Vec<&Array>> = parts.iter().map(Tensor::known).collect();
        if let Some(known) = known
            && self.folds(&shape)
        {
            return Ok(Array::concatenated(&known, axis)?.into());
        }
        let values = parts.iter().map(|part| self.value(part)).collect::<Outcome<Vec<Value>>>()?;
        self.push(Concatenate { axis }, &values)
    }

    /// Adds `low` and `high` elements of a value at the ends of each axis; negative numbers crop.
    pub fn pad(&mut self, x: &Tensor, low: &[i64], high: &[i64], with: &Tensor) -> Outcome<Tensor> {
        let from = self.shape(x);
        let shape = from.iter().zip(low.iter().zip(high)).map(|(&n, (&low, &high))| {
            let extent = i128::from(low) + i128::from(high) + n as i128;
            usize::try_from(extent).map_err(|_| format!("an axis of {n} is padded by {low} and {high}"))
        });
        let shape = shape.collect::<Outcome<Vec<usize>>>()?;
        limits::elements(&shape)?;
        if low.iter().chain(high).any(|p| p.unsigned_abs() > limits::ELEMENTS as u64) {
            return Err(format!("paddings {low:?} and {high:?} are too large"));
        }
        let with = self.reshape(with, &[])?;
        let args = [self.value(x)?, self.value(&with)?];
        let interior = SmallVec::from_elem(0, shape.len());
        self.push(Pad { low: low.into(), high: high.into(), interior }, &args)
    }

    /// Integers 0, 1, … along an axis.
    pub fn counter(&mut self, shape: &[usize], axis: usize) -> Outcome<Tensor> {
        limits::elements(shape)?;
        let mut line = vec![1; shape.len()];
        line[axis] = shape[axis];
        if self.folds(&line) {
            let line = Array::ints(line, (0..shape[axis] as i64).collect::<Vec<_>>());
            return self.broadcast(&line.into(), shape);
        }
        let ty = thalweg_graph::Type::new(Kind::Int.dtype(self.float), shape.iter().copied());
        self.push(Iota { ty, axis }, &[])
    }
}

/// What is kept of one axis.
#[derive(Clone, Copy, Debug)]
pub(in crate::onnx) struct Cut {
    pub start: usize,
    pub count: usize,
    pub step: i64,
}

impl Cut {
    /// A whole axis.
    pub fn all(extent: usize) -> Self {
        Self { start: 0, count: extent, step: 1 }
    }
}
