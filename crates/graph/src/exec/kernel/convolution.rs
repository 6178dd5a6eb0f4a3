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
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod tiled;
mod windows;

use std::ops::Range;

use smallvec::SmallVec;

use super::contraction::{Axes, Contraction, Loop, Loops, joined};
use crate::exec::panel::{Machine, pieces};
use crate::exec::{Eval, Strided, Threads};
use crate::primitive::Convolution;
use crate::{DType, Float, Type};

use across::Across;
use axis::Sliding;
use correlation::Correlation;
use windows::Windows;

/// A convolution as loops.
struct Problem {
    frame: Frame,
    /// Axes along which a window slides, the innermost of the result last; what is missing has one element.
    sliding: [Sliding; 3],
}

/// The loops of a convolution that are no sliding windows.
#[derive(Clone)]
struct Frame {
    machine: &'static Machine,
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
    /// Whether some axis has one position and one element, which meet nothing of lhs.
    misses: bool,
}

/// How the convolution is computed.
pub(crate) fn convolution(op: &Convolution, args: &[Strided], out: &Type) -> Eval {
    match out.dtype {
        DType::F32 => choose::<f32>(op, args, out),
        _ => choose::<f64>(op, args, out),
    }
}

fn choose<T: Float>(op: &Convolution, args: &[Strided], out: &Type) -> Eval {
    let problem = Problem::new(op, args, out, Machine::detect(out.dtype));
    let empty = problem.frame.misses || out.size() == 0 || args[1].size() == 0 || args[0].size() == 0;
    if empty || problem.sliding.iter().all(|axis| axis.out == 1 && axis.rhs == 1) {
        return Eval::kernel(problem.contraction::<T>(empty));
    }
    let windows = Windows::<T>::new(&problem);
    let (along, across) = (Correlation::<T>::new(&problem), Across::<T>::new(&problem));
    let costs =
        [Some(windows.cost()), along.as_ref().map(Correlation::cost), across.as_ref().map(Across::cost)];
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    if out.dtype == DType::F32
        && let Some(tiled) = tiled::Tiled::new(&problem)
        && costs.iter().flatten().all(|&cost| tiled.cost() < cost)
    {
        return Eval::kernel(tiled);
    }
    let least = costs.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    match (along, across) {
        (Some(along), _) if along.cost() == least => Eval::kernel(along),
        (_, Some(across)) if across.cost() == least => Eval::kernel(across),
        _ => Eval::kernel(windows),
    }
}

impl Problem {
    fn new(op: &Convolution, args: &[Strided], out: &Type, machine: &'static Machine) -> Self {
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
        let examples = [x[dims.lhs_batch], 0, y[dims.out_batch]];
        let inputs = [x[dims.lhs_feature], w[dims.rhs_input], 0];
        let mut frame = Frame {
            machine,
            start: [lhs.offset, rhs.offset, 0],
            groups: Loops::from_iter([Loop { size: groups, step: group }]),
            examples: Loops::from_iter([Loop { size: out.shape[dims.out_batch], step: examples }]),
            inputs: Loops::from_iter([Loop { size: rhs.shape[dims.rhs_input], step: inputs }]),
            misses: false,
            outputs: Loop { size: features, step: [0, w[dims.rhs_output], y[dims.out_feature]] },
        };
        let mut sliding: SmallVec<[Sliding; 3]> = SmallVec::new();
        for (i, window) in op.window.iter().enumerate() {
            let (a, k, p) = (dims.lhs_spatial[i], dims.rhs_spatial[i], dims.out_spatial[i]);
            let (lhs, rhs, out) = (lhs.shape[a], rhs.shape[k], out.shape[p]);
            let mut along = w[k];
            if window.reversed && rhs > 0 {
                frame.start[1] += (rhs - 1) as isize * along;
                along = -along;
            }
            sliding.extend(frame.axis(Sliding::new(window, [lhs, rhs, out], [x[a], along, y[p]])));
        }
        frame.groups = joined(&frame.groups);
        frame.examples = joined(&frame.examples);
        frame.inputs = joined(&frame.inputs);
        Self { frame, sliding: Sliding::three(sliding, 2) }
    }

    /// What slides nowhere; without terms if that is what it is.
    fn contraction<T: Float>(self, empty: bool) -> Contraction<T> {
        let Frame { start, groups, examples, mut inputs, outputs, .. } = self.frame;
        if empty {
            inputs.push(Loop { size: 0, step: [0; 3] });
        }
        let right = Loops::from_iter([outputs]);
        Contraction::new(start, Axes { batch: groups, left: examples, right, sums: inputs })
    }
}

impl Frame {
    /// Adds a spatial axis as a loop, or returns it if it is none.
    fn axis(&mut self, axis: Sliding) -> Option<Sliding> {
        let [x, w, y] = axis.step;
        let (rhs, out) = (axis.rhs as isize, axis.out as isize);
        if rhs == 1 && out == 1 {
            let at = axis.low.div_euclid(axis.dilation);
            self.misses |= axis.low.rem_euclid(axis.dilation) != 0 || !(0..axis.lhs as isize).contains(&at);
            self.start[0] += if self.misses { 0 } else { at * x };
            return None;
        }
        // Positions and elements of the window as steps through lhs: none of them leads out of it.
        let inside = |last: isize| axis.dilation == 1 && axis.low >= 0 && last < axis.lhs as isize;
        if axis.rhs == 1 && inside(axis.low + (out - 1) * axis.stride) {
            self.start[0] += axis.low * x;
            self.examples.push(Loop { size: axis.out, step: [axis.stride.saturating_mul(x), 0, y] });
        } else if axis.out == 1 && inside(axis.low + (rhs - 1) * axis.apart) {
            self.start[0] += axis.low * x;
            self.inputs.push(Loop { size: axis.rhs, step: [axis.apart.saturating_mul(x), w, 0] });
        } else {
            return Some(axis);
        }
        None
    }

    /// Parts of the work of several threads: numbers below `count`, in runs.
    fn parts(threads: &Threads, count: usize) -> Vec<Range<usize>> {
        pieces(0..count, count.div_ceil(2 * threads.count()).max(1)).collect()
    }
}

#[cfg(test)]
mod speed;
#[cfg(test)]
mod tests;
