//! Convolution as StableHLO's specification spells it out: pad, cut out a window, multiply.

use thalweg_graph::primitive::Convolution;

use crate::array::{Array, indices};

/// What a term of padding or of a gap between dilated elements counts.
#[derive(Clone, Copy, PartialEq)]
pub enum Holes {
    /// 0 · rhs, which is NaN where rhs is not finite: StableHLO's formula.
    Zeros,
    /// Nothing.
    Nothing,
}

pub fn convolution(op: &Convolution, lhs: &Array, rhs: &Array, holes: Holes) -> Array {
    let dims = &op.dims;
    let size = |x: &Array, axes: &[usize]| axes.iter().map(|&a| x.shape()[a]).collect::<Vec<_>>();
    let (sizes, windows) = (size(lhs, &dims.lhs_spatial), size(rhs, &dims.rhs_spatial));
    let (examples, inputs, outputs) =
        (lhs.shape()[dims.lhs_batch], rhs.shape()[dims.rhs_input], rhs.shape()[dims.rhs_output]);
    let mut shape = vec![0; lhs.shape().len()];
    shape[dims.out_batch] = examples / op.batch_groups;
    shape[dims.out_feature] = outputs;
    for (i, w) in op.window.iter().enumerate() {
        let dilated = |n: usize, by: usize| if n == 0 { 0 } else { ((n - 1) * by + 1) as isize };
        let padded = w.low + dilated(sizes[i], w.lhs_dilation) + w.high;
        let window = dilated(windows[i], w.rhs_dilation);
        let empty = padded <= 0 || window > padded;
        shape[dims.out_spatial[i]] = if empty { 0 } else { (padded - window) as usize / w.stride + 1 };
    }
    Array::from_fn(lhs.ty.dtype, &shape, |index| {
        let (n, o) = (index[dims.out_batch], index[dims.out_feature]);
        // The group of a feature decides which features, or which examples, it sees.
        let features = o / (outputs / op.feature_groups) * inputs;
        let first = o / (outputs / op.batch_groups) * (examples / op.batch_groups);
        let mut sum = 0.0;
        let (mut filter, mut place) = (vec![0; shape.len()], vec![0; shape.len()]);
        filter[dims.rhs_output] = o;
        place[dims.lhs_batch] = first + n;
        for j in indices(&windows) {
            // Where each element of the window lies in lhs, if it does.
            let mut inside = true;
            for (i, w) in op.window.iter().enumerate() {
                filter[dims.rhs_spatial[i]] = j[i];
                let at = if w.reversed { windows[i] - 1 - j[i] } else { j[i] };
                let padded = index[dims.out_spatial[i]] * w.stride + at * w.rhs_dilation;
                let (q, dilation) = (padded as isize - w.low, w.lhs_dilation as isize);
                inside &= q >= 0 && q % dilation == 0 && q / dilation < sizes[i] as isize;
                place[dims.lhs_spatial[i]] = (q / dilation) as usize;
            }
            for c in 0..inputs {
                filter[dims.rhs_input] = c;
                place[dims.lhs_feature] = features + c;
                if inside {
                    sum += lhs.at(&place) * rhs.at(&filter);
                } else if holes == Holes::Zeros {
                    sum += 0.0 * rhs.at(&filter);
                }
            }
        }
        sum
    })
}
