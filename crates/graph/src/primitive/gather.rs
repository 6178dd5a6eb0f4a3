//! `gather`: slices of an array at computed positions.

use smallvec::smallvec;

use super::batching::move_axis;
use super::{Cotangents, Op, Primitive, ScatterAdd, arity, distinct_axes};
use crate::exec::{Eval, Strided, kernel};
use crate::{Axes, Builder, DType, Type, Value};

/// The attributes that StableHLO's `gather` and `scatter` share, by gather's names.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct GatherDims {
    /// Axes of the result (of the updates, for a scatter) that run inside a slice.
    pub offset: Axes,
    /// Axes of the operand along which a slice has size 1 and which the result does not have.
    pub collapsed: Axes,
    /// Axes of the operand that are matched with axes of the indices.
    pub operand_batching: Axes,
    /// The axes of the indices that they are matched with, in the same order.
    pub indices_batching: Axes,
    /// For each component of an index vector, the operand's axis that it positions.
    pub start_index_map: Axes,
    /// The axis of the indices that holds the index vectors; their rank, if each element is a vector of its own.
    pub index_vector: usize,
}

impl GatherDims {
    /// Whole rows (axis 0) of an operand, chosen by an array of `indices_rank` axes.
    pub fn rows(operand_rank: usize, indices_rank: usize) -> Self {
        Self {
            offset: (indices_rank..indices_rank + operand_rank - 1).collect(),
            collapsed: smallvec![0],
            operand_batching: Axes::new(),
            indices_batching: Axes::new(),
            start_index_map: smallvec![0],
            index_vector: indices_rank,
        }
    }

    /// Axes of the operand that the offset axes run along, in order.
    pub(crate) fn window_axes(&self, rank: usize) -> Axes {
        (0..rank).filter(|a| !self.collapsed.contains(a) && !self.operand_batching.contains(a)).collect()
    }

    /// Axes of the indices that the result's batch axes run along, in order.
    pub(crate) fn batch_axes(&self, rank: usize) -> Axes {
        (0..rank).filter(|&a| a != self.index_vector).collect()
    }

    pub(super) fn check(&self, operand: &Type, indices: &Type, sizes: &[usize]) -> Result<Type, String> {
        if indices.dtype != DType::I32 {
            return Err(format!("expected i32 indices, found {indices}"));
        }
        if self.index_vector > indices.rank() {
            return Err(format!("{indices} has no axis {} for its index vectors", self.index_vector));
        }
        let components = indices.shape.get(self.index_vector).copied().unwrap_or(1);
        if components != self.start_index_map.len() {
            return Err(format!("index vectors of {components}, {} axes mapped", self.start_index_map.len()));
        }
        let positioned: Axes = self.start_index_map.iter().chain(&self.operand_batching).copied().collect();
        distinct_axes(&positioned, operand)?;
        distinct_axes(&self.indices_batching, indices)?;
        let gone: Axes = self.collapsed.iter().chain(&self.operand_batching).copied().collect();
        distinct_axes(&gone, operand)?;
        if sizes.len() != operand.rank() || sizes.iter().zip(&operand.shape).any(|(s, d)| s > d) {
            return Err(format!("slices of {sizes:?} do not fit {operand}"));
        }
        if gone.iter().any(|&a| sizes[a] != 1) {
            return Err("a slice has size 1 along collapsed and batching axes".into());
        }
        let windows = self.window_axes(operand.rank());
        let batch = self.batch_axes(indices.rank());
        if windows.len() != self.offset.len() || !self.offset.is_sorted() {
            return Err(format!("{} offset axes for {} window axes", self.offset.len(), windows.len()));
        }
        let matched = self.operand_batching.iter().zip(&self.indices_batching);
        if self.operand_batching.len() != self.indices_batching.len()
            || matched.clone().any(|(_, &i)| !batch.contains(&i))
            || matched.clone().any(|(&o, &i)| operand.shape[o] != indices.shape[i])
        {
            return Err("batching axes of operand and indices differ".into());
        }
        let rank = windows.len() + batch.len();
        let (mut windows, mut batch) = (windows.iter(), batch.iter());
        let shape = (0..rank).map(|axis| match self.offset.contains(&axis) {
            true => windows.next().map(|&a| sizes[a]),
            false => batch.next().map(|&a| indices.shape[a]),
        });
        let shape = shape.collect::<Option<Axes>>().ok_or("offset axes are not axes of the result")?;
        Ok(operand.with_shape(shape))
    }

    /// The attributes with a batch axis 0 added to the operand, to the indices, or to both.
    pub(super) fn batched(&self, operand: bool, indices: bool) -> Self {
        let up = |axes: &Axes, by: bool| axes.iter().map(|a| a + usize::from(by)).collect::<Axes>();
        let mut dims = Self {
            offset: up(&self.offset, true),
            collapsed: up(&self.collapsed, operand),
            operand_batching: up(&self.operand_batching, operand),
            indices_batching: up(&self.indices_batching, indices),
            start_index_map: up(&self.start_index_map, operand),
            index_vector: self.index_vector + usize::from(indices),
        };
        match (operand, indices) {
            (true, true) => {
                dims.operand_batching.insert(0, 0);
                dims.indices_batching.insert(0, 0);
            }
            (true, false) => dims.offset.insert(0, 0),
            _ => {}
        }
        dims
    }
}

/// `gather(operand, indices)`: the slice of sizes `slice_sizes` at every index
/// vector. An index that would let the slice leave the operand is clamped.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Gather {
    /// How the axes of operand, indices and result correspond.
    pub dims: GatherDims,
    /// Size of a slice along each axis of the operand.
    pub slice_sizes: Axes,
}

impl Gather {
    /// The indices after clamping, as nodes.
    fn clamped(&self, b: &mut Builder, operand: Value, indices: Value) -> Value {
        if let ([axis], Some(bound)) = (&self.dims.start_index_map[..], bound(b, indices))
            && bound + self.slice_sizes[*axis] <= b.shape(operand)[*axis] + 1
        {
            return indices;
        }
        let ty = b.ty(indices).clone();
        let last: Vec<i32> = self
            .dims
            .start_index_map
            .iter()
            .map(|&a| (b.shape(operand)[a] - self.slice_sizes[a]) as i32)
            .collect();
        let (shape, axes): (Axes, Axes) = match self.dims.index_vector < ty.rank() {
            true => (smallvec![last.len()], smallvec![self.dims.index_vector]),
            false => (Axes::new(), Axes::new()),
        };
        let last = b.literal(crate::Literal::new(shape, &last));
        let last = b.broadcast_in_dim(last, &ty.shape, &axes);
        let first = b.full(&ty, 0.0);
        let below = b.min(indices, last);
        b.max(below, first)
    }
}

/// A number that indices are known to stay below; those that may be negative have none.
fn bound(b: &Builder, indices: Value) -> Option<usize> {
    let node = b.node(indices);
    match &node.op {
        Op::ArgMax(op) => Some(b.shape(node.args[0])[op.axis]),
        Op::ArgSort(op) => Some(b.shape(node.args[0])[op.axis]),
        Op::WindowArg(op) => op.bound(b.shape(node.args[0])),
        Op::Reshape(_) | Op::Transpose(_) | Op::BroadcastInDim(_) | Op::Slice(_) => bound(b, node.args[0]),
        _ => None,
    }
}

impl Primitive for Gather {
    fn name(&self) -> &'static str {
        "gather"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<2>(args)?;
        self.dims.check(args[0], args[1], &self.slice_sizes)
    }

    fn eval(&self, args: &[Strided], out: &Type) -> Eval {
        Eval::kernel(kernel::gather(self, args, out))
    }

    fn jvp(&self, b: &mut Builder, args: &[Value], _: Value, tangents: &[Option<Value>]) -> Option<Value> {
        tangents[0].map(|t| b.emit(self.clone(), &[t, args[1]]))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], _: &[bool], cotangent: Value) -> Cotangents {
        let zeros = b.zeros_like(args[0]);
        let indices = self.clamped(b, args[0], args[1]);
        let op = ScatterAdd { dims: self.dims.clone() };
        smallvec![Some(b.emit(op, &[zeros, indices, cotangent])), None]
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let dims = self.dims.batched(axes[0].is_some(), axes[1].is_some());
        let mut slice_sizes = self.slice_sizes.clone();
        if let Some(axis) = axes[0] {
            slice_sizes.insert(0, if axes[1].is_some() { 1 } else { b.shape(args[0])[axis] });
        }
        let moved = [0, 1].map(|i| axes[i].map_or(args[i], |axis| move_axis(b, args[i], axis, 0)));
        (b.emit(Gather { dims, slice_sizes }, &moved), 0)
    }
}
