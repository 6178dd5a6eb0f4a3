//! Rotary positions (Su et al. 2021).

use crate::onnx::array::{Kind, Outcome};
use crate::onnx::call::Call;
use crate::onnx::emitter::{Cut, Emitter, Tensor};

/// Turns pairs of features by angles that belong to positions, whose sines and cosines are given.
pub fn rotary(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let shape = e.shape(x);
    // [examples, positions, heads, features].
    let parted = match shape[..] {
        [_, _, _, _] => e.transpose(x, &[0, 2, 1, 3])?,
        [n, t, width] => {
            let heads = call.int("num_heads")?.and_then(|h| usize::try_from(h).ok());
            let heads = heads.filter(|&h| h > 0 && width.is_multiple_of(h));
            let heads = heads.ok_or_else(|| format!("num_heads does not divide {width} features"))?;
            e.reshape(x, &[n, t, heads, width / heads])?
        }
        _ => return Err(format!("an array of three or four axes is expected, not shape {shape:?}")),
    };
    call.ignore(&["num_heads"]);
    let features = e.shape(&parted)[3];
    let turned = match call.int_or("rotary_embedding_dim", 0)? {
        0 => features,
        n => usize::try_from(n).map_err(|_| format!("rotary_embedding_dim is {n}"))?,
    };
    if turned > features || !turned.is_multiple_of(2) {
        return Err(format!("{turned} of {features} features cannot be turned in pairs"));
    }
    let half = turned / 2;
    let interleaved = call.flag("interleaved", false)?;
    let part = |e: &mut Emitter, second: bool| match interleaved {
        true => {
            let mut cut: Vec<Cut> = e.shape(&parted).into_iter().map(Cut::all).collect();
            cut[3] = Cut { start: usize::from(second), count: half, step: 2 };
            e.slice(&parted, &cut)
        }
        false => e.narrow(&parted, 3, if second { half } else { 0 }, half),
    };
    let (first, second) = (part(e, false)?, part(e, true)?);
    let (cos, sin) = (angles(e, call, 1)?, angles(e, call, 2)?);
    let combine =
        |e: &mut Emitter, a: &Tensor, b: &Tensor| Ok::<_, String>((e.mul(&cos, a)?, e.mul(&sin, b)?));
    let (kept, crossed) = combine(e, &first, &second)?;
    let real = e.sub(&kept, &crossed)?;
    let (kept, crossed) = combine(e, &second, &first)?;
    let imaginary = e.add(&kept, &crossed)?;
    let mut sizes = e.shape(&parted);
    let rotated = match interleaved {
        true => {
            let mut single = sizes.clone();
            (single[3], sizes[3]) = (half, turned);
            single.push(1);
            let [real, imaginary] = [e.reshape(&real, &single)?, e.reshape(&imaginary, &single)?];
            let pairs = e.concatenate(&[real, imaginary], 4)?;
            e.reshape(&pairs, &sizes)?
        }
        false => e.concatenate(&[real, imaginary], 3)?,
    };
    let rest = e.narrow(&parted, 3, turned, features - turned)?;
    let all = if turned < features { e.concatenate(&[rotated, rest], 3)? } else { rotated };
    Ok(vec![match shape.len() {
        4 => e.transpose(&all, &[0, 2, 1, 3])?,
        _ => e.reshape(&all, &shape)?,
    }])
}

/// Sines or cosines as [examples, positions, 1, features], those of `position_ids` where they are given.
fn angles(e: &mut Emitter, call: &Call, input: usize) -> Outcome<Tensor> {
    let table = call.arg(input)?;
    let chosen = match call.optional(3) {
        Some(positions) => {
            let positions = e.convert(positions, Kind::Int)?;
            e.take(table, &positions, 0)?
        }
        None => table.clone(),
    };
    let shape = e.shape(&chosen);
    match shape[..] {
        [n, t, d] => e.reshape(&chosen, &[n, t, 1, d]),
        _ => Err(format!("input {input} has shape {shape:?}; examples, positions and angles are expected")),
    }
}
