//! `scatter` with addition: the transpose of a gather.

use smallvec::smallvec;

use super::batching::{batch_size, with_axis};
use super::{Cotangents, Direction, Gather, GatherDims, Primitive, arity};
use crate::exec::{Eval, Strided, kernel};
use crate::{Axes, Builder, DType, Type, Value};

/// `scatter(operand, indices, updates)` with addition: the operand, with each
/// slice of `updates` added at its index vector. A slice that does not lie
/// wholly inside the operand is skipped. Slices are added in the row-major
/// order of the updates' batch axes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ScatterAdd {
    /// How the axes correspond; `offset` are the updates' window axes and
    /// `collapsed` the operand's inserted ones.
    pub dims: GatherDims,
}

impl ScatterAdd {
    /// Size of a slice along each axis of the operand.
    pub(crate) fn slice_sizes(&self, operand: &[usize], updates: &[usize]) -> Axes {
        let mut sizes: Axes = smallvec![1; operand.len()];
        for (axis, &offset) in self.dims.window_axes(operand.len()).iter().zip(&self.dims.offset) {
            sizes[*axis] = updates.get(offset).copied().unwrap_or(0);
        }
        sizes
    }

    /// Whether each slice lies inside, as a boolean of the updates' shape.
    fn inside(&self, b: &mut Builder, args: &[Value], sizes: &[usize]) -> Value {
        let (operand, indices, updates) =
            (b.ty(args[0]).clone(), b.ty(args[1]).clone(), b.ty(args[2]).clone());
        let batch: Axes = (0..updates.rank()).filter(|a| !self.dims.offset.contains(a)).collect();
        let mut inside = b.full(&updates.with_dtype(DType::Bool), 1.0);
        for (component, &axis) in self.dims.start_index_map.iter().enumerate() {
            let part = match self.dims.index_vector < indices.rank() {
                true => {
                    let part = b.slice_axis(args[1], self.dims.index_vector, component..component + 1);
                    let mut shape = indices.shape.clone();
                    shape.remove(self.dims.index_vector);
                    b.reshape(part, &shape)
                }
                false => args[1],
            };
            let part = b.broadcast_in_dim(part, &updates.shape, &batch);
            let last = (operand.shape[axis] - sizes[axis]) as f64;
            for (direction, bound) in [(Direction::Ge, 0.0), (Direction::Le, last)] {
                let bound = b.full(&updates.with_dtype(DType::I32), bound);
                let fits = b.compare(direction, part, bound);
                inside = b.and(inside, fits);
            }
        }
        inside
    }
}

impl Primitive for ScatterAdd {
    fn name(&self) -> &'static str {
        "scatter_add"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<3>(args)?;
        if !args[0].dtype.is_float() {
            return Err(format!("expected floats, found {}", args[0]));
        }
        let sizes = self.slice_sizes(&args[0].shape, &args[2].shape);
        let expected = self.dims.check(args[0], args[1], &sizes)?;
        if expected != *args[2] {
            return Err(format!("expected updates {expected}, found {}", args[2]));
        }
        Ok(args[0].clone())
    }

    fn eval(&self, args: &[Strided], _: &Type) -> Eval {
        Eval::kernel(kernel::scatter_add(self, args))
    }

    fn jvp(&self, b: &mut Builder, args: &[Value], _: Value, tangents: &[Option<Value>]) -> Option<Value> {
        if tangents[0].is_none() && tangents[2].is_none() {
            return None;
        }
        let [operand, updates] = [0, 2].map(|i| tangents[i].unwrap_or_else(|| b.zeros_like(args[i])));
        Some(b.emit(self.clone(), &[operand, args[1], updates]))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], linear: &[bool], cotangent: Value) -> Cotangents {
        let updates = linear[2].then(|| {
            let slice_sizes = self.slice_sizes(b.shape(args[0]), b.shape(args[2]));
            let inside = self.inside(b, args, &slice_sizes);
            let gathered = b.emit(Gather { dims: self.dims.clone(), slice_sizes }, &[cotangent, args[1]]);
            let zero = b.zeros_like(gathered);
            b.select(inside, gathered, zero)
        });
        smallvec![linear[0].then_some(cotangent), None, updates]
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let size = batch_size(b, args, axes);
        let operand = with_axis(b, args[0], axes[0], size, 0);
        let updates = with_axis(b, args[2], axes[2], size, 0);
        let (dims, indices) = match axes[1] {
            Some(_) => (self.dims.batched(true, true), with_axis(b, args[1], axes[1], size, 0)),
            None => (self.dims.batched(true, false), args[1]),
        };
        (b.emit(ScatterAdd { dims }, &[operand, indices, updates]), 0)
    }
}
