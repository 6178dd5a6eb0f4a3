//! Elements at positions that are known or computed.

use thalweg_graph::Axes;
use thalweg_graph::primitive::{Direction, Gather, GatherDims, ScatterAdd};

use super::{Emitter, Origin, Tensor};
use crate::onnx::array::{Array, Kind, Outcome};
use crate::onnx::limits;

impl Emitter<'_> {
    /// Slices of x at positions along one axis, whose place the axes of `indices` take.
    /// Indices from −n to −1 count from the end.
    pub fn take(&mut self, x: &Tensor, indices: &Tensor, axis: usize) -> Outcome<Tensor> {
        let (from, of) = (self.shape(x), self.shape(indices));
        let shape: Vec<usize> = [&from[..axis], &of, &from[axis + 1..]].concat();
        limits::elements(&shape)?;
        if let Tensor::Live(_, Origin::Input) = indices {
            self.vocabulary = Some(self.vocabulary.map_or(from[axis], |n| n.min(from[axis])));
        }
        let indices = self.wrapped(indices, from[axis])?;
        if let Tensor::Known(known) = &indices {
            let positions = known.integers()?;
            if let [position] = positions {
                let part = self.narrow(x, axis, *position as usize, 1)?;
                return self.reshape(&part, &shape);
            }
            if let Tensor::Known(x) = x
                && self.folds(&shape)
            {
                let inner: usize = from[axis + 1..].iter().product();
                let outer: usize = from[..axis].iter().product();
                let n = from[axis];
                let places = (0..outer).flat_map(|i| {
                    positions.iter().flat_map(move |&p| {
                        let start = (i * n + p as usize) * inner;
                        start..start + inner
                    })
                });
                return Ok(x.pick(&shape, places).into());
            }
        }
        let mut slice_sizes: Axes = from.iter().copied().collect();
        slice_sizes[axis] = 1;
        let rank = of.len();
        let dims = GatherDims {
            offset: (0..axis).chain(axis + rank..shape.len()).collect(),
            collapsed: Axes::from_slice(&[axis]),
            operand_batching: Axes::new(),
            indices_batching: Axes::new(),
            start_index_map: Axes::from_slice(&[axis]),
            index_vector: rank,
        };
        let args = [self.value(x)?, self.value(&indices)?];
        self.push(Gather { dims, slice_sizes }, &args)
    }

    /// Slices of x at index vectors along its axes `batch..batch + k`; the first
    /// `batch` axes of both go together. The last axis of `indices` holds the vectors.
    pub fn take_vectors(&mut self, x: &Tensor, indices: &Tensor, batch: usize) -> Outcome<Tensor> {
        let (from, of) = (self.shape(x), self.shape(indices));
        let k = vector_length(&from, &of, batch)?;
        let shape = [&of[..of.len() - 1], &from[batch + k..]].concat();
        limits::elements(&shape)?;
        let indices = self.wrapped_vectors(indices, &from[batch..batch + k])?;
        let mut slice_sizes: Axes = from.iter().copied().collect();
        slice_sizes[..batch + k].fill(1);
        let dims = GatherDims {
            offset: (of.len() - 1..shape.len()).collect(),
            collapsed: (batch..batch + k).collect(),
            operand_batching: (0..batch).collect(),
            indices_batching: (0..batch).collect(),
            start_index_map: (batch..batch + k).collect(),
            index_vector: of.len() - 1,
        };
        let args = [self.value(x)?, self.value(&indices)?];
        self.push(Gather { dims, slice_sizes }, &args)
    }

    /// x with slices of `updates` added at index vectors along its first axes.
    pub fn scatter_add(&mut self, x: &Tensor, indices: &Tensor, updates: &Tensor) -> Outcome<Tensor> {
        let (to, of) = (self.shape(x), self.shape(indices));
        let k = vector_length(&to, &of, 0)?;
        let expected = [&of[..of.len() - 1], &to[k..]].concat();
        let found = self.shape(updates);
        if expected != found {
            return Err(format!("expected updates of shape {expected:?}, found {found:?}"));
        }
        let indices = self.wrapped_vectors(indices, &to[..k])?;
        let dims = GatherDims {
            offset: (of.len() - 1..expected.len()).collect(),
            collapsed: (0..k).collect(),
            operand_batching: Axes::new(),
            indices_batching: Axes::new(),
            start_index_map: (0..k).collect(),
            index_vector: of.len() - 1,
        };
        let args = [self.value(x)?, self.value(&indices)?, self.value(updates)?];
        self.push(ScatterAdd { dims }, &args)
    }

    /// x with slices replaced by those of `updates`, at index vectors that are all different.
    pub fn scatter(&mut self, x: &Tensor, indices: &Tensor, updates: &Tensor) -> Outcome<Tensor> {
        if let (Tensor::Known(x), Tensor::Known(at), Tensor::Known(u)) = (x, indices, updates)
            && self.folds(&x.shape)
        {
            return Ok(replaced(x, at, u)?.into());
        }
        let kind = self.kind(x);
        if kind != Kind::Float {
            // Scattered as numbers, which doubles hold exactly.
            return match kind {
                Kind::Bool => {
                    let [x, u] = [self.convert(x, Kind::Int)?, self.convert(updates, Kind::Int)?];
                    let result = self.scatter(&x, indices, &u)?;
                    self.convert(&result, Kind::Bool)
                }
                _ => self.in_doubles(&[x, updates], |e, args| e.scatter(&args[0], indices, &args[1])),
            };
        }
        let (shape, of) = (self.shape(x), self.shape(updates));
        let [zeros, none] = [self.full(&shape, kind, 0.0)?, self.full(&shape, kind, 0.0)?];
        let ones = self.full(&of, kind, 1.0)?;
        let count = self.scatter_add(&zeros, indices, &ones)?;
        let written = self.scatter_add(&none, indices, updates)?;
        let chosen = self.compare(Direction::Gt, &count, &Tensor::scalar(0.0))?;
        self.select(&chosen, &written, x)
    }

    /// Index vectors of the elements that `indices` name along one axis, their places
    /// along the other axes being their own: what `GatherElements` goes by.
    pub fn element_vectors(&mut self, indices: &Tensor, axis: usize) -> Outcome<Tensor> {
        let shape = self.shape(indices);
        let wide: Vec<usize> = shape.iter().copied().chain([1]).collect();
        let parts = (0..shape.len()).map(|a| match a == axis {
            true => self.reshape(indices, &wide),
            false => self.counter(&wide, a),
        });
        let parts = parts.collect::<Outcome<Vec<_>>>()?;
        self.concatenate(&parts, shape.len())
    }

    /// Indices with those from −n to −1 counted from the end. Known ones must lie within the axis.
    fn wrapped(&mut self, indices: &Tensor, n: usize) -> Outcome<Tensor> {
        match indices {
            Tensor::Known(known) => {
                let wrapped = known.integers()?.iter().map(|&i| within(i, n)).collect::<Outcome<Vec<_>>>()?;
                Ok(Array::ints(known.shape.clone(), wrapped).into())
            }
            Tensor::Live(..) => {
                if self.kind(indices) != Kind::Int {
                    return Err("expected integers as indices".to_owned());
                }
                if n == 0 {
                    return Err("an axis of size 0 is indexed".to_owned());
                }
                let negative = self.compare(Direction::Lt, indices, &Tensor::int(0))?;
                let from_end = self.add(indices, &Tensor::int(n as i64))?;
                self.select(&negative, &from_end, indices)
            }
        }
    }

    /// The same for vectors of indices along the last axis.
    fn wrapped_vectors(&mut self, indices: &Tensor, extents: &[usize]) -> Outcome<Tensor> {
        match indices {
            Tensor::Known(known) => {
                let wrapped = known.integers()?.iter().zip(extents.iter().cycle());
                let wrapped = wrapped.map(|(&i, &n)| within(i, n)).collect::<Outcome<Vec<_>>>()?;
                Ok(Array::ints(known.shape.clone(), wrapped).into())
            }
            Tensor::Live(..) => {
                if extents.contains(&0) {
                    return Err("an axis of size 0 is indexed".to_owned());
                }
                let negative = self.compare(Direction::Lt, indices, &Tensor::int(0))?;
                let sizes: Vec<i64> = extents.iter().map(|&n| n as i64).collect();
                let sizes = Array::ints([sizes.len()], sizes).into();
                let from_end = self.add(indices, &sizes)?;
                self.select(&negative, &from_end, indices)
            }
        }
    }
}

/// The length of index vectors into the axes after the first `batch`.
fn vector_length(from: &[usize], of: &[usize], batch: usize) -> Outcome<usize> {
    match of.last() {
        Some(&k) if k > 0 && batch < of.len() && batch + k <= from.len() && of[..batch] == from[..batch] => {
            Ok(k)
        }
        _ => Err(format!("indices of shape {of:?} do not fit an array of shape {from:?}")),
    }
}

fn within(index: i64, n: usize) -> Outcome<i64> {
    let n = n as i64;
    let wrapped = if index < 0 { index.checked_add(n) } else { Some(index) };
    wrapped.filter(|i| (0..n).contains(i)).ok_or_else(|| format!("index {index} of an axis of {n} elements"))
}

/// x with slices replaced by those of `updates`.
fn replaced(x: &Array, indices: &Array, updates: &Array) -> Outcome<Array> {
    let k = vector_length(&x.shape, &indices.shape, 0)?;
    let inner: usize = x.shape[k..].iter().product();
    let expected = [&indices.shape[..indices.shape.len() - 1], &x.shape[k..]].concat();
    if expected != updates.shape || x.kind() != updates.kind() {
        return Err(format!("expected updates of shape {expected:?}, found {:?}", updates.shape));
    }
    // Places in x followed by the updates, first each element's own.
    let mut places: Vec<usize> = (0..x.len()).collect();
    let strides = x.strides();
    for (slice, vector) in indices.integers()?.chunks_exact(k).enumerate() {
        let mut start = 0;
        for ((&i, &n), &stride) in vector.iter().zip(&x.shape).zip(&strides) {
            start += within(i, n)? as usize * stride as usize;
        }
        (0..inner).for_each(|j| places[start + j] = x.len() + slice * inner + j);
    }
    let flat = |array: &Array| array.reshaped(&[array.len()]);
    let all = Array::concatenated(&[&flat(x), &flat(updates)], 0)?;
    Ok(all.pick(&x.shape, places.into_iter()))
}
