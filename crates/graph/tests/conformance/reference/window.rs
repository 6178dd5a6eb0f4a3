//! Windows as StableHLO's specification spells them out: over the dilated and padded array.

use thalweg_graph::DType;
use thalweg_graph::primitive::{PoolWindow, ReduceWindow, Reducer, WindowArg};

use super::scalar;
use crate::array::{Array, flat, indices};

/// Along one axis, the element that stands at each position.
fn positions(window: &PoolWindow, n: usize) -> Vec<Option<usize>> {
    let mut line = vec![None; usize::try_from(window.low).unwrap_or(0)];
    for q in 0..n {
        if q > 0 {
            line.extend(vec![None; window.base_dilation - 1]);
        }
        line.push(Some(q));
    }
    line.extend(vec![None; usize::try_from(window.high).unwrap_or(0)]);
    line.drain(..usize::try_from(-window.low).unwrap_or(0));
    line.truncate(line.len() - usize::try_from(-window.high).unwrap_or(0));
    line
}

/// Calls `result` with the indices of the elements of each window, in its row-major order.
fn each(
    windows: &[PoolWindow],
    x: &Array,
    mut result: impl FnMut(&[Vec<usize>]) -> f64,
) -> (Vec<usize>, Vec<f64>) {
    let lines: Vec<Vec<Option<usize>>> =
        windows.iter().zip(x.shape()).map(|(w, &n)| positions(w, n)).collect();
    let shape: Vec<usize> = windows
        .iter()
        .zip(&lines)
        .map(|(w, line)| {
            let reach = (w.size - 1) * w.window_dilation;
            (0..line.len()).step_by(w.stride).filter(|start| start + reach < line.len()).count()
        })
        .collect();
    let sizes: Vec<usize> = windows.iter().map(|w| w.size).collect();
    let data = indices(&shape)
        .map(|o| {
            let elements: Vec<Vec<usize>> = indices(&sizes)
                .filter_map(|j| {
                    let at =
                        |a: usize| lines[a][o[a] * windows[a].stride + j[a] * windows[a].window_dilation];
                    (0..windows.len()).map(at).collect()
                })
                .collect();
            result(&elements)
        })
        .collect();
    (shape, data)
}

pub fn reduce(op: &ReduceWindow, x: &Array) -> Array {
    let (shape, data) = each(&op.window, x, |elements| {
        let values = elements.iter().map(|index| x.at(index));
        match op.reducer {
            Reducer::Sum => values.sum(),
            Reducer::Max => values.fold(f64::NEG_INFINITY, scalar::maximum),
            Reducer::Min => values.fold(f64::INFINITY, |a, b| -scalar::maximum(-a, -b)),
        }
    });
    Array::new(&x.ty.with_shape(shape), data)
}

pub fn places(op: &WindowArg, x: &Array) -> Array {
    let counted = &x.shape()[op.leading..];
    let sign = if op.reducer == Reducer::Max { 1.0 } else { -1.0 };
    let (shape, data) = each(&op.window, x, |elements| {
        let values: Vec<f64> = elements.iter().map(|index| sign * x.at(index)).collect();
        let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let found = values.iter().position(|v| v.is_nan()).or(values.iter().position(|&v| v == largest));
        found.map_or(-1.0, |i| flat(counted, &elements[i][op.leading..]).expect("inside") as f64)
    });
    Array::new(&x.ty.with_shape(shape).with_dtype(DType::I32), data)
}
