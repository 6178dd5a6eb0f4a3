//! `convolution` without a copy for each element of the window.
//!
//! Where nothing moves over anything, it is a contraction. Otherwise images are copied once, with their padding, such
//! that for each element of the window the numbers that neighbouring positions meet are neighbours themselves, or a
//! few runs of them: these are the columns of a product of matrices, whose rows are the filters ([`windows`]). Where
//! the window is long and its positions are few, as in the derivative by the filters, the two change places, and
//! vectors run along the sums ([`correlation`]).

mod across;
mod axis;
mod correlation;
mod image;
mod windows;

use smallvec::SmallVec;

use super::contraction::{Axes, Contraction, Loop, Loops};
use crate::exec::{Eval, Strided};
use crate::primitive::Convolution;
use crate::{DType, Float, Type};

use across::Across;
use axis::Sliding;
use correlation::Correlation;
use windows::Windows;

/// A convolution as loops.
struct Problem {
    /// Where lhs, rhs and the result begin.
    start: [isize; 3],
    /// Groups: they move in all three arrays.
    groups: Loops,
    /// Examples, and axes along which a window of one element moves: in lhs and the result.
    examples: Loops,
    /// Input features, and axes that the window covers: in lhs and rhs.
    inputs: Loops,
    /// Output features: in rhs and the result.
    outputs: Loop,
    /// Axes along which a window slides, the innermost last.
    sliding: SmallVec<[Sliding; 3]>,
}

/// How the convolution is computed.
pub(crate) fn convolution(op: &Convolution, args: &[Strided], out: &Type) -> Eval {
    match out.dtype {
        DType::F32 => choose::<f32>(op, args, out),
        _ => choose::<f64>(op, args, out),
    }
}

fn choose<T: Float>(op: &Convolution, args: &[Strided], out: &Type) -> Eval {
    let problem = Problem::new(op, args, out);
    let empty = out.size() == 0 || args[1].size() == 0 || args[0].size() == 0;
    if problem.sliding.is_empty() || empty {
        // What has no terms is a sum of none.
        let mut sums = problem.inputs;
        if empty {
            sums.push(Loop { size: 0, step: [0; 3] });
        }
        let (start, right) = (problem.start, Loops::from_iter([problem.outputs]));
        let axes = Axes { batch: problem.groups, left: problem.examples, right, sums };
        return Eval::kernel(Contraction::<T>::new(start, axes));
    }
    let windows = Windows::<T>::new(&problem);
    let (along, across) = (Correlation::<T>::new(&problem), Across::<T>::new(&problem));
    let costs =
        [Some(windows.cost()), along.as_ref().map(Correlation::cost), across.as_ref().map(Across::cost)];
    let least = costs.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    match (along, across) {
        (Some(along), _) if along.cost() == least => Eval::kernel(along),
        (_, Some(across)) if across.cost() == least => Eval::kernel(across),
        _ => Eval::kernel(windows),
    }
}

impl Problem {
    fn new(op: &Convolution, args: &[Strided], out: &Type) -> Self {
        let (lhs, rhs, result, dims) = (&args[0], &args[1], Strided::contiguous(out), &op.dims);
        let (x, w, y) = (&lhs.strides, &rhs.strides, &result.strides);
        let groups = op.feature_groups * op.batch_groups;
        let features = rhs.shape[dims.rhs_output] / groups;
        let (axis, parts) = match op.batch_groups {
            1 => (dims.lhs_feature, op.feature_groups),
            _ => (dims.lhs_batch, op.batch_groups),
        };
        let across = (lhs.shape[axis] / parts) as isize * x[axis];
        let group = [across, features as isize * w[dims.rhs_output], features as isize * y[dims.out_feature]];
        let mut problem = Self {
            start: [lhs.offset, rhs.offset, 0],
            groups: Loops::from_iter([Loop { size: groups, step: group }]),
            examples: Loops::from_iter([Loop {
                size: out.shape[dims.out_batch],
                step: [x[dims.lhs_batch], 0, y[dims.out_batch]],
            }]),
            inputs: Loops::from_iter([Loop {
                size: rhs.shape[dims.rhs_input],
                step: [x[dims.lhs_feature], w[dims.rhs_input], 0],
            }]),
            outputs: Loop { size: features, step: [0, w[dims.rhs_output], y[dims.out_feature]] },
            sliding: SmallVec::new(),
        };
        for (i, window) in op.window.iter().enumerate() {
            let (a, k, p) = (dims.lhs_spatial[i], dims.rhs_spatial[i], dims.out_spatial[i]);
            let (lhs, rhs, out) = (lhs.shape[a], rhs.shape[k], out.shape[p]);
            let mut along = w[k];
            if window.reversed && rhs > 0 {
                problem.start[1] += (rhs - 1) as isize * along;
                along = -along;
            }
            problem.axis(Sliding::new(window, [lhs, rhs, out], [x[a], along, y[p]]));
        }
        // Vectors run along the axis whose positions are neighbours in the result.
        problem.sliding.sort_by_key(|s| std::cmp::Reverse(s.step[2]));
        for loops in [&mut problem.groups, &mut problem.examples, &mut problem.inputs] {
            loops.retain(|l| l.size != 1);
        }
        problem
    }

    /// Adds a spatial axis, as a loop if that is what it is.
    fn axis(&mut self, axis: Sliding) {
        let [x, w, y] = axis.step;
        let inside = |last: isize| axis.low >= 0 && last < axis.lhs as isize;
        let (rhs, out) = (axis.rhs as isize, axis.out as isize);
        // Positions and elements of the window as steps through lhs: none of them leads out of it.
        if axis.rhs == 1 && axis.dilation == 1 && inside(axis.low + (out - 1) * axis.stride) {
            self.start[0] += axis.low * x;
            self.examples.push(Loop { size: axis.out, step: [axis.stride.saturating_mul(x), 0, y] });
        } else if axis.out == 1 && axis.dilation == 1 && inside(axis.low + (rhs - 1) * axis.apart) {
            self.start[0] += axis.low * x;
            self.inputs.push(Loop { size: axis.rhs, step: [axis.apart.saturating_mul(x), w, 0] });
        } else {
            self.sliding.push(axis);
        }
    }
}

#[cfg(test)]
mod speed;
