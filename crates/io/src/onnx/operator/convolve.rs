//! Convolutions and their transposes.

use thalweg_graph::primitive::{Convolution, ConvolutionDims, Window};

use super::window::{Auto, Windows, divided};
use crate::onnx::array::Outcome;
use crate::onnx::call::Call;
use crate::onnx::emitter::{Emitter, Tensor};
use crate::onnx::limits;

pub fn conv(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let (x, w) = (call.arg(0)?, call.arg(1)?);
    let (shape, filters) = shapes(e, x, w)?;
    let mut windows = Windows::of(call, shape.len() - 2, Some(&filters[2..]))?;
    windows.slide_over(&shape[2..]);
    let groups = groups(call)?;
    let mut out = vec![shape[0], filters[0]];
    for (i, &n) in shape[2..].iter().enumerate() {
        out.push(windows.results(i, n, false)?);
    }
    limits::elements(&out)?;
    let window = moves(&windows);
    let dims = ConvolutionDims::channels_first(window.len());
    let args = [e.value(x)?, e.value(w)?];
    let window = window.into();
    let y = e.push(Convolution { dims, window, feature_groups: groups, batch_groups: 1 }, &args)?;
    biased(e, call, y)
}

pub fn transpose(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let (x, w) = (call.arg(0)?, call.arg(1)?);
    let (shape, filters) = shapes(e, x, w)?;
    let spatial = shape.len() - 2;
    let mut windows = Windows::of(call, spatial, Some(&filters[2..]))?;
    let groups = groups(call)?;
    let sizes = |name: &'static str| -> Outcome<Option<Vec<usize>>> {
        match call.ints(name)? {
            None => Ok(None),
            Some(numbers) => {
                let numbers = super::shape::extents(numbers)?;
                match numbers.len() == spatial && numbers.iter().all(|&n| n < 1 << 24) {
                    true => Ok(Some(numbers)),
                    false => Err(format!("{name} is {numbers:?} for {spatial} spatial axes")),
                }
            }
        }
    };
    let mut extra = sizes("output_padding")?.unwrap_or_else(|| vec![0; spatial]);
    let wanted = match (sizes("output_shape")?, windows.auto) {
        (Some(wanted), _) => Some(wanted),
        (None, Auto::Same { .. }) => Some((0..spatial).map(|i| shape[2 + i] * windows.stride[i]).collect()),
        _ => None,
    };
    let mut out = vec![shape[0], filters[1].saturating_mul(groups)];
    for i in 0..spatial {
        let whole = shape[2 + i].saturating_sub(1) * windows.stride[i] + extra[i] + windows.reach(i);
        if let Some(wanted) = &wanted {
            let surplus = whole as isize - wanted[i] as isize;
            let upper = windows.auto == Auto::Same { upper: true };
            // A size beyond what the windows reach is filled up with zeros at the end.
            windows.pads[i] = divided(surplus.max(0), upper);
            extra[i] += (-surplus).max(0) as usize;
        }
        let (low, high) = windows.pads[i];
        let size = (whole as isize).saturating_sub(low).saturating_sub(high);
        out.push(
            usize::try_from(size).map_err(|_| format!("the padding takes more than all {whole} places"))?,
        );
    }
    limits::elements(&out)?;
    let args = [e.value(x)?, e.value(w)?];
    let y = e.b.try_conv_transpose(args[0], args[1], &moves(&windows), &extra, groups);
    let y = y.map_err(|error| error.to_string())?;
    biased(e, call, y.into())
}

/// Shapes of the input and of the filters, which have one to three spatial axes.
fn shapes(e: &Emitter, x: &Tensor, w: &Tensor) -> Outcome<(Vec<usize>, Vec<usize>)> {
    let (shape, filters) = (e.shape(x), e.shape(w));
    match shape.len() == filters.len() && (3..=5).contains(&shape.len()) {
        true => Ok((shape, filters)),
        false => Err(format!("filters of shape {filters:?} for an input of shape {shape:?}")),
    }
}

fn groups(call: &Call) -> Outcome<usize> {
    let groups = call.int_or("group", 1)?;
    usize::try_from(groups).ok().filter(|&n| n > 0).ok_or_else(|| format!("group is {groups}"))
}

fn moves(windows: &Windows) -> Vec<Window> {
    let window = |i: usize| {
        let (low, high) = windows.pads[i];
        Window::new().stride(windows.stride[i]).dilation(windows.dilation[i]).padding(low, high)
    };
    (0..windows.size.len()).map(window).collect()
}

/// Adds a number for each channel.
fn biased(e: &mut Emitter, call: &Call, y: Tensor) -> Outcome<Vec<Tensor>> {
    let Some(bias) = call.optional(2) else { return Ok(vec![y]) };
    let mut wide = vec![1; e.rank(&y)];
    wide[1] = e.shape(&y)[1];
    let bias = e.reshape(bias, &wide)?;
    Ok(vec![e.add(&y, &bias)?])
}
