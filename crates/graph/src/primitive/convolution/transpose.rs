//! A convolution's transposes, which are convolutions.
//!
//! Along a spatial axis the product lhs[q] · rhs[j] belongs to out[i] where
//! q · lhs_dilation = i · stride + j · rhs_dilation − low. Read with i or with j
//! on the left side, this is the condition of another convolution.

use super::{Convolution, ConvolutionDims};
use crate::primitive::batching::move_axis;
use crate::primitive::{Reverse, Window};
use crate::{Axes, Builder, Type, Value};

impl Convolution {
    /// The left argument's cotangent: windows of the result's cotangent, times rhs turned round.
    pub(super) fn transpose_lhs(&self, b: &mut Builder, args: &[Value], cotangent: Value) -> Value {
        let groups = self.feature_groups * self.batch_groups;
        let dims = &self.dims;
        // Groups of output features become groups of input features.
        let filters = regrouped(b, args[1], groups, dims.rhs_output, dims.rhs_input);
        let op = Convolution {
            dims: ConvolutionDims {
                lhs_batch: dims.out_batch,
                lhs_feature: dims.out_feature,
                lhs_spatial: dims.out_spatial.clone(),
                rhs_input: dims.rhs_output,
                rhs_output: dims.rhs_input,
                rhs_spatial: dims.rhs_spatial.clone(),
                out_batch: dims.lhs_batch,
                out_feature: dims.lhs_feature,
                out_spatial: dims.lhs_spatial.clone(),
            },
            window: self.windows(b, args, cotangent, Window::over_out),
            feature_groups: groups,
            batch_groups: 1,
        };
        let out = b.emit(op, &[cotangent, filters]);
        if self.batch_groups == 1 {
            return out;
        }
        // The groups came out as the outer part of the features, and are that of the batch.
        regrouped(b, out, self.batch_groups, dims.lhs_feature, dims.lhs_batch)
    }

    /// The right argument's cotangent: windows of lhs with the result's
    /// cotangent as the filters, examples and features exchanged.
    pub(super) fn transpose_rhs(&self, b: &mut Builder, args: &[Value], cotangent: Value) -> Value {
        let dims = &self.dims;
        let op = Convolution {
            dims: ConvolutionDims {
                lhs_batch: dims.lhs_feature,
                lhs_feature: dims.lhs_batch,
                lhs_spatial: dims.lhs_spatial.clone(),
                rhs_input: dims.out_batch,
                rhs_output: dims.out_feature,
                rhs_spatial: dims.out_spatial.clone(),
                out_batch: dims.rhs_input,
                out_feature: dims.rhs_output,
                out_spatial: dims.rhs_spatial.clone(),
            },
            window: self.windows(b, args, cotangent, Window::of_out),
            feature_groups: self.batch_groups,
            batch_groups: self.feature_groups,
        };
        let out = b.emit(op, &[args[0], cotangent]);
        let reversed = self.window.iter().zip(&dims.rhs_spatial).filter(|(w, _)| w.reversed);
        let axes: Axes = reversed.map(|(_, &axis)| axis).collect();
        b.emit(Reverse(axes), &[out])
    }

    fn windows<W: FromIterator<Window>>(
        &self,
        b: &Builder,
        args: &[Value],
        out: Value,
        change: fn(&Window, usize, usize, usize) -> Window,
    ) -> W {
        let types: [&Type; 3] = [b.ty(args[0]), b.ty(args[1]), b.ty(out)];
        let windows = self.window.iter().enumerate().map(|(i, window)| {
            let [lhs, rhs, out] = self.sizes(i, types[0], types[1], types[2]);
            change(window, lhs, rhs, out)
        });
        windows.collect()
    }
}

/// Takes the outer `groups` of axis `from` and makes them the outer part of axis `to`.
pub(crate) fn regrouped(b: &mut Builder, x: Value, groups: usize, from: usize, to: usize) -> Value {
    if groups == 1 {
        return x;
    }
    let mut shape = b.ty(x).shape.clone();
    shape[from] /= groups;
    let mut split = shape.clone();
    split.insert(from, groups);
    let split = b.reshape(x, &split);
    let moved = move_axis(b, split, from, to);
    shape[to] *= groups;
    b.reshape(moved, &shape)
}
