//! Convolutions: each attribute alone, many of them together, and everything that can be empty.

use thalweg_graph::primitive::{Convolution, ConvolutionDims, Window};

use super::{Case, Maker};

/// A convolution with the axes in the usual order.
struct Row {
    lhs: &'static [usize],
    rhs: &'static [usize],
    window: Vec<Window>,
    feature_groups: usize,
    batch_groups: usize,
}

pub fn cases(of: &Maker) -> Vec<Case> {
    let mut cases: Vec<Case> = rows()
        .into_iter()
        .map(|row| {
            let op = Convolution {
                dims: ConvolutionDims::channels_first(row.window.len()),
                window: row.window.into(),
                feature_groups: row.feature_groups,
                batch_groups: row.batch_groups,
            };
            case(of, op, row.lhs, row.rhs)
        })
        .collect();
    cases.extend(orders(of));
    cases
}

fn case(of: &Maker, op: Convolution, lhs: &[usize], rhs: &[usize]) -> Case {
    Case::new(op, [of.real(lhs), of.real(rhs)])
}

fn rows() -> Vec<Row> {
    let w = Window::new;
    let row = |lhs, rhs, window: &[Window], feature_groups, batch_groups| Row {
        lhs,
        rhs,
        window: window.to_vec(),
        feature_groups,
        batch_groups,
    };
    let plain = |lhs, rhs, window: &[Window]| row(lhs, rhs, window, 1, 1);
    vec![
        // No spatial axis: a product of matrices, then with groups.
        plain(&[2, 3], &[4, 3], &[]),
        row(&[2, 4], &[6, 2], &[], 2, 1),
        row(&[4, 3], &[2, 3], &[], 1, 2),
        // Each attribute alone.
        plain(&[2, 2, 4], &[3, 2, 1], &[w()]),
        plain(&[2, 2, 5], &[2, 2, 3], &[w()]),
        plain(&[1, 2, 6], &[2, 2, 3], &[w().stride(2)]),
        plain(&[2, 1, 4], &[2, 1, 3], &[w().padding(1, 2)]),
        plain(&[1, 2, 6], &[2, 2, 2], &[w().padding(-1, -2)]),
        plain(&[1, 2, 6], &[2, 2, 3], &[w().dilation(2)]),
        plain(&[1, 2, 4], &[2, 2, 3], &[w().lhs_dilation(3)]),
        plain(&[2, 1, 5], &[2, 1, 3], &[w().reversed()]),
        row(&[2, 4, 3], &[4, 2, 2], &[w()], 2, 1),
        row(&[2, 3, 4], &[3, 1, 2], &[w()], 3, 1),
        row(&[2, 2, 4], &[4, 1, 2], &[w()], 2, 1),
        row(&[4, 2, 3], &[4, 2, 2], &[w()], 1, 2),
        row(&[3, 1, 4], &[3, 1, 2], &[w()], 1, 3),
        // A stride that leaves the end out, one beyond the end; strides against dilations.
        plain(&[1, 1, 7], &[2, 1, 2], &[w().stride(3)]),
        plain(&[1, 1, 3], &[1, 1, 2], &[w().stride(5)]),
        plain(&[1, 1, 5], &[1, 1, 3], &[w().stride(4).lhs_dilation(6).dilation(3).padding(2, 5)]),
        plain(&[1, 1, 4], &[1, 1, 4], &[w().stride(2).lhs_dilation(3).dilation(2).padding(-2, 3).reversed()]),
        // Windows that cover everything, lie in padding alone, or do not fit.
        plain(&[2, 2, 3], &[2, 2, 3], &[w()]),
        plain(&[1, 1, 2], &[2, 1, 3], &[w().padding(2, 2)]),
        plain(&[1, 1, 1], &[1, 1, 2], &[w().padding(5, 4).stride(2)]),
        plain(&[1, 1, 3], &[1, 1, 2], &[w().padding(-3, 4)]),
        plain(&[2, 1, 2], &[1, 1, 3], &[w()]),
        plain(&[2, 1, 4], &[1, 1, 1], &[w().padding(-3, -2)]),
        // One position and one element, which meet padding, a gap, or an element that is not the first.
        plain(&[2, 2, 1], &[2, 2, 1], &[w().stride(2).padding(1, 0)]),
        plain(&[2, 2, 3], &[2, 2, 1], &[w().stride(9).lhs_dilation(2).padding(-1, 0)]),
        plain(&[2, 2, 3], &[2, 2, 1], &[w().stride(9).lhs_dilation(2).padding(-2, 0)]),
        // Nothing at all.
        plain(&[0, 2, 4], &[2, 2, 3], &[w()]),
        plain(&[2, 0, 4], &[2, 0, 3], &[w()]),
        plain(&[2, 2, 4], &[0, 2, 3], &[w()]),
        plain(&[2, 1, 0], &[2, 1, 3], &[w().padding(2, 2)]),
        plain(&[2, 1, 3], &[2, 1, 0], &[w().padding(0, 1)]),
        row(&[0, 2, 3], &[4, 2, 2], &[w()], 1, 2),
        // Two axes.
        plain(&[2, 2, 3, 3], &[2, 2, 1, 1], &[w(), w()]),
        plain(&[1, 2, 4, 3], &[2, 2, 3, 2], &[w().padding(1, 1), w()]),
        plain(&[1, 2, 4, 5], &[2, 2, 2, 3], &[w().stride(2).padding(0, 1), w().stride(3).padding(1, 1)]),
        plain(
            &[1, 1, 4, 4],
            &[2, 1, 2, 2],
            &[w().dilation(2).reversed(), w().lhs_dilation(2).padding(-1, 1)],
        ),
        row(&[1, 4, 3, 4], &[4, 2, 2, 2], &[w().padding(1, 0), w().stride(2).padding(1, 1)], 2, 1),
        row(&[1, 3, 4, 4], &[3, 1, 3, 3], &[w().stride(2).padding(1, 1), w().padding(1, 1)], 3, 1),
        row(&[4, 1, 3, 3], &[2, 1, 2, 2], &[w().lhs_dilation(2).padding(1, -1), w().reversed()], 1, 2),
        row(&[2, 2, 2, 3], &[2, 1, 2, 2], &[w().lhs_dilation(2), w().stride(2).padding(2, 0)], 2, 1),
        // Three axes, none of which looks like another.
        plain(&[1, 2, 3, 2, 2], &[2, 2, 2, 1, 2], &[w(), w().padding(0, 1), w().stride(2).padding(1, 1)]),
        row(
            &[1, 2, 2, 3, 2],
            &[2, 1, 2, 2, 1],
            &[w().lhs_dilation(2).padding(1, -1), w().dilation(2).padding(1, 1).reversed(), w().stride(2)],
            2,
            1,
        ),
        row(&[2, 1, 2, 3, 2], &[2, 1, 2, 2, 2], &[w().padding(1, 0), w().reversed(), w()], 1, 2),
        // More than a tile holds, and in groups.
        plain(&[3, 5, 9, 40], &[7, 5, 3, 3], &[w().padding(1, 1), w().stride(2).padding(1, 1)]),
        row(&[2, 6, 300], &[8, 3, 5], &[w().dilation(3).padding(4, 2)], 2, 1),
        plain(&[2, 3, 40], &[3, 3, 37], &[w().padding(1, 1)]),
    ]
}

/// Other orders of the axes: features last, everything turned round, and a different one for each array.
fn orders(of: &Maker) -> Vec<Case> {
    let window = |n: usize| {
        let all = [Window::new().stride(2).padding(1, 2), Window::new().dilation(2).padding(0, 1)];
        all[..n].into()
    };
    let dims = |[a, b]: [usize; 2],
                x: &[usize],
                [i, o]: [usize; 2],
                w: &[usize],
                [n, f]: [usize; 2],
                y: &[usize]| {
        ConvolutionDims {
            lhs_batch: a,
            lhs_feature: b,
            lhs_spatial: x.into(),
            rhs_input: i,
            rhs_output: o,
            rhs_spatial: w.into(),
            out_batch: n,
            out_feature: f,
            out_spatial: y.into(),
        }
    };
    let op = |dims: ConvolutionDims, feature_groups, batch_groups| Convolution {
        window: window(dims.lhs_spatial.len()),
        dims,
        feature_groups,
        batch_groups,
    };
    let one = |lhs, rhs, out, x, w, y| dims(lhs, &[x], rhs, &[w], out, &[y]);
    vec![
        // [N, i, C] · [j, C, O] → [N, i, O].
        case(of, op(one([0, 2], [1, 2], [0, 2], 1, 0, 1), 1, 1), &[2, 5, 2], &[3, 2, 2]),
        // [C, i, N] · [O, j, C] → [O, N, i], groups of features.
        case(of, op(one([2, 0], [2, 0], [1, 0], 1, 1, 2), 2, 1), &[4, 5, 2], &[2, 3, 2]),
        // [i, N, C] · [j, O, C] → [i, O, N], groups of examples.
        case(of, op(one([1, 2], [2, 1], [2, 1], 0, 0, 0), 1, 2), &[5, 4, 2], &[2, 4, 2]),
        // [C, N, i] · [C, O, j] → [i, N, O]: as in the derivative with respect to the filters.
        case(of, op(one([1, 0], [0, 1], [1, 2], 2, 2, 0), 1, 1), &[2, 3, 5], &[2, 2, 4]),
        // [N, h, w, C] · [h, w, C, O] → [N, h, w, O].
        case(
            of,
            op(dims([0, 3], &[1, 2], [2, 3], &[0, 1], [0, 3], &[1, 2]), 1, 1),
            &[2, 3, 4, 2],
            &[2, 2, 2, 2],
        ),
        // [w, C, h, N] · [O, w, h, C] → [h, O, N, w], groups of features.
        case(
            of,
            op(dims([3, 1], &[2, 0], [3, 0], &[2, 1], [2, 1], &[0, 3]), 2, 1),
            &[3, 2, 3, 2],
            &[4, 2, 2, 1],
        ),
        // [h, N, w, C] · [O, h, C, w] → [w, h, N, O], groups of examples.
        case(
            of,
            op(dims([1, 3], &[0, 2], [2, 0], &[1, 3], [2, 3], &[1, 0]), 1, 2),
            &[3, 2, 3, 2],
            &[2, 2, 2, 2],
        ),
    ]
}

/// Large enough for several rounds of a kernel's loops.
pub fn large(of: &Maker) -> Vec<Case> {
    let w = Window::new().padding(1, 1);
    let op = |window: &[Window], feature_groups, batch_groups| Convolution {
        dims: ConvolutionDims::channels_first(window.len()),
        window: window.into(),
        feature_groups,
        batch_groups,
    };
    let back = Convolution {
        dims: ConvolutionDims {
            lhs_batch: 1,
            lhs_feature: 0,
            rhs_input: 0,
            rhs_output: 1,
            out_batch: 1,
            out_feature: 0,
            ..ConvolutionDims::channels_first(2)
        },
        ..op(&[w, w.dilation(2)], 1, 1)
    };
    vec![
        case(of, op(&[w, w], 1, 1), &[5, 9, 13, 17], &[21, 9, 3, 3]),
        case(of, op(&[w.stride(2), w.stride(2)], 1, 1), &[6, 8, 15, 18], &[17, 8, 3, 3]),
        case(of, op(&[w.lhs_dilation(2), w.lhs_dilation(2)], 2, 1), &[5, 12, 9, 8], &[22, 6, 3, 3]),
        // The derivative with respect to the filters of a convolution of stride 2.
        case(of, back, &[6, 9, 13, 17], &[6, 11, 13, 9]),
        case(of, op(&[Window::new(); 2], 1, 1), &[7, 33, 8, 9], &[35, 33, 1, 1]),
    ]
}
