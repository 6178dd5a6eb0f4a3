//! A convolution mapped over a batch axis of its arguments.
//!
//! Arrays are read through strided views, so an axis that is merged with its
//! neighbour costs nothing, and one that must be moved first costs a copy. The
//! axis joins what it stands beside; where there is nothing to join, it becomes
//! a spatial axis with a window of one element. Results have it beside the
//! features, where the convolutions that follow, and those of their
//! derivatives, can join it again.

use super::{Convolution, SPATIAL, Window};
use crate::primitive::Primitive;
use crate::primitive::batching::{move_axis, shifted};
use crate::{Axes, Builder, Value};

impl Convolution {
    /// The left argument has a batch axis at `at`.
    pub(super) fn batch_lhs(&self, b: &mut Builder, args: &[Value], at: usize) -> (Value, usize) {
        let (dims, size) = (&self.dims, b.shape(args[0])[at]);
        let before = at == dims.lhs_batch && self.batch_groups == 1;
        let after = at == dims.lhs_batch + 1;
        if !before && !after && self.window.len() < SPATIAL {
            return self.batch_as_spatial(b, args, at);
        }
        // Groups of examples are outermost, so the new axis goes inside them.
        let inner = !before;
        let lhs = merge(b, args[0], at, dims.lhs_batch, inner);
        let out = b.emit(self.clone(), &[lhs, args[1]]);
        split(b, out, dims.out_batch, size, inner)
    }

    /// The batch axis of the left argument as a spatial axis of its own.
    fn batch_as_spatial(&self, b: &mut Builder, args: &[Value], at: usize) -> (Value, usize) {
        let mut op = self.clone();
        let (dims, to) = (&mut op.dims, self.dims.out_feature);
        dims.lhs_batch += usize::from(dims.lhs_batch >= at);
        dims.lhs_feature += usize::from(dims.lhs_feature >= at);
        dims.lhs_spatial = shifted(&self.dims.lhs_spatial, at).collect();
        dims.lhs_spatial.push(at);
        let mut filters = b.ty(args[1]).shape.clone();
        dims.rhs_spatial.push(filters.len());
        filters.push(1);
        dims.out_batch += usize::from(dims.out_batch >= to);
        dims.out_feature += 1;
        dims.out_spatial = shifted(&self.dims.out_spatial, to).collect();
        dims.out_spatial.push(to);
        op.window.push(Window::default());
        let rhs = b.reshape(args[1], &filters);
        (b.emit(op, &[args[0], rhs]), to)
    }

    /// The right argument has a batch axis at `at`.
    pub(super) fn batch_rhs(&self, b: &mut Builder, args: &[Value], at: usize) -> (Value, usize) {
        let (dims, size) = (&self.dims, b.shape(args[1])[at]);
        // Groups of features are outermost, so the new axis goes inside them: the
        // filters are copied for it where it stands elsewhere, but never the result.
        let inner = at == dims.rhs_output + 1 || self.feature_groups * self.batch_groups > 1;
        let rhs = merge(b, args[1], at, dims.rhs_output, inner);
        let out = b.emit(self.clone(), &[args[0], rhs]);
        split(b, out, dims.out_feature, size, inner)
    }

    /// Both arguments have a batch axis: it becomes groups.
    pub(super) fn batch_both(
        &self,
        b: &mut Builder,
        args: &[Value],
        left: usize,
        right: usize,
    ) -> (Value, usize) {
        let (dims, size) = (&self.dims, b.shape(args[0])[left]);
        let examples = self.batch_groups > 1 || (self.feature_groups == 1 && left == dims.lhs_batch);
        let mut op = self.clone();
        let lhs = if examples {
            op.batch_groups *= size;
            merge(b, args[0], left, dims.lhs_batch, false)
        } else {
            op.feature_groups *= size;
            merge(b, args[0], left, dims.lhs_feature, false)
        };
        let rhs = merge(b, args[1], right, dims.rhs_output, false);
        let out = b.emit(op, &[lhs, rhs]);
        split(b, out, dims.out_feature, size, false)
    }

    /// A batch of no examples.
    pub(super) fn batch_nothing(
        &self,
        b: &mut Builder,
        args: &[Value],
        axes: &[Option<usize>],
    ) -> (Value, usize) {
        let types = [0, 1].map(|i| {
            let mut ty = b.ty(args[i]).clone();
            axes[i].map(|axis| ty.shape.remove(axis));
            ty
        });
        let mut out = self.infer(&[&types[0], &types[1]]).expect("the types that the graph has checked");
        out.shape.insert(0, 0);
        (b.full(&out, 0.0), 0)
    }
}

/// Moves axis `at` beside axis `into` of the others, and joins them; `inner` says on which side.
fn merge(b: &mut Builder, x: Value, at: usize, into: usize, inner: bool) -> Value {
    let to = into + usize::from(inner);
    let x = move_axis(b, x, at, to);
    let mut shape = b.ty(x).shape.clone();
    let size = shape.remove(to);
    shape[into] *= size;
    b.reshape(x, &shape)
}

/// Undoes [`merge`] in a result: the value, and where its new axis is.
fn split(b: &mut Builder, x: Value, axis: usize, size: usize, inner: bool) -> (Value, usize) {
    let to = axis + usize::from(inner);
    let mut shape: Axes = b.ty(x).shape.clone();
    shape[axis] /= size;
    shape.insert(to, size);
    (b.reshape(x, &shape), to)
}
