//! Pooling over the spatial axes of arrays [N, C, spatial…].

use thalweg_graph::primitive::{PoolWindow, ReduceWindow, Reducer};

use super::window::Windows;
use crate::onnx::array::{Kind, Outcome};
use crate::onnx::call::Call;
use crate::onnx::emitter::{Emitter, Tensor};
use crate::onnx::limits;

/// Places of all windows along an axis together.
const LARGEST: usize = 1 << 28;

/// The largest element of each window; of tied ones the first takes the derivative.
pub fn max(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    call.ignore(&["storage_order"]);
    let x = call.arg(0)?;
    let (pools, _) = pools(e, call, x)?;
    let window = [&[PoolWindow::SINGLE; 2][..], &pools].concat();
    let numbers = e.convert(x, Kind::Float)?;
    let value = e.value(&numbers)?;
    let found = e.push(ReduceWindow { reducer: Reducer::Max, window: window.into() }, &[value])?;
    let kind = e.kind(x);
    Ok(vec![e.convert(&found, kind)?])
}

/// The mean of each window; padding counts where `count_include_pad` says so, but not
/// what `ceil_mode` adds to it.
pub fn average(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let (pools, pads) = pools(e, call, x)?;
    let counted = match call.flag("count_include_pad", false)? {
        true => pads,
        false => vec![(0, 0); pads.len()],
    };
    if e.kind(x) != Kind::Float {
        return Err(format!("expected floats, found {}", e.kind(x).words()));
    }
    let value = e.value(x)?;
    Ok(vec![e.b.avg_pool_counting(value, &pools, &counted).into()])
}

pub fn global_max(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let places = places(e, x)?;
    Ok(vec![e.reduce(Reducer::Max, x, &places)?])
}

pub fn global_average(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let places = places(e, x)?;
    Ok(vec![e.mean(x, &places)?])
}

/// x divided by (k + α/size Σ x²)^β over `size` neighbouring channels (Krizhevsky et al. 2012).
pub fn local_response(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let shape = e.shape(x);
    let size = call.int("size")?.and_then(|n| usize::try_from(n).ok()).filter(|n| (1..1 << 16).contains(n));
    let size = size.ok_or("the attribute size must be positive")?;
    if shape.len() < 3 {
        return Err(format!("examples, channels and places are expected, not shape {shape:?}"));
    }
    let square = e.square(x)?;
    let value = e.value(&square)?;
    let mut windows = vec![PoolWindow::SINGLE; shape.len()];
    let (low, high) = ((size - 1) / 2, size / 2);
    windows[1] = PoolWindow::new(size, 1).padded(low as isize, high as isize);
    let sum = e.push(ReduceWindow { reducer: Reducer::Sum, window: windows.into() }, &[value])?;
    let scaled = e.scale(&sum, call.float_or("alpha", 1e-4)? / size as f64)?;
    let shifted = e.offset(&scaled, call.float_or("bias", 1.0)?)?;
    let exponent = Tensor::scalar(-call.float_or("beta", 0.75)?);
    let factor = e.binary(thalweg_graph::primitive::Binary::Power, &shifted, &exponent)?;
    Ok(vec![e.mul(x, &factor)?])
}

/// The windows, padded so that as many fit as there are results, and the padding as it was given.
fn pools(e: &Emitter, call: &Call, x: &Tensor) -> Outcome<(Vec<PoolWindow>, Vec<(isize, isize)>)> {
    let sizes = e.shape(x)[places(e, x)?[0]..].to_vec();
    let mut windows = Windows::of(call, sizes.len(), None)?;
    windows.slide_over(&sizes);
    let ceil = call.flag("ceil_mode", false)?;
    let mut out = e.shape(x)[..2].to_vec();
    let mut pools = Vec::new();
    for (i, &n) in sizes.iter().enumerate() {
        let results = windows.results(i, n, ceil)?;
        if results.checked_mul(windows.size[i]).is_none_or(|places| places > LARGEST) {
            return Err(format!("{results} windows of {} elements are too many", windows.size[i]));
        }
        out.push(results);
        let low = windows.pads[i].0;
        let needed = (results - 1) * windows.stride[i] + windows.reach(i);
        let high = needed as isize - low - n as isize;
        let pool = PoolWindow::new(windows.size[i], windows.stride[i]);
        pools.push(pool.padded(low, high).dilated(windows.dilation[i]));
    }
    limits::elements(&out)?;
    Ok((pools, windows.pads))
}

/// The spatial axes, of which there is at least one, none empty.
fn places(e: &Emitter, x: &Tensor) -> Outcome<Vec<usize>> {
    let shape = e.shape(x);
    match shape.len() >= 3 && !shape[2..].contains(&0) {
        true => Ok((2..shape.len()).collect()),
        false => Err(format!("examples, channels and places are expected, not shape {shape:?}")),
    }
}
