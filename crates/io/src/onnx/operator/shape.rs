//! Shapes, and the same elements in other arrangements.

use crate::onnx::array::{Array, Kind, Outcome};
use crate::onnx::call::Call;
use crate::onnx::emitter::{Cut, Emitter, Tensor, axes, axis};
use crate::onnx::limits::ELEMENTS;

pub fn identity(_: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    Ok(vec![call.arg(0)?.clone()])
}

/// Without training, the identity; a mask of ones is the second output.
pub fn dropout(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    call.ignore(&["seed"]);
    let x = call.arg(0)?;
    let training = call.optional(2).and_then(Tensor::known).and_then(Array::splat);
    if call.optional(2).is_some() && training != Some(0.0) {
        let still = call.optional(1).and_then(Tensor::known).and_then(Array::splat) == Some(0.0);
        if !still {
            return Err(
                "training_mode is set: export the model in evaluation mode, or with ratio 0".to_owned()
            );
        }
    }
    let shape = e.shape(x);
    Ok(vec![x.clone(), e.full(&shape, Kind::Bool, 1.0)?])
}

/// The extents, or those of the axes from `start` to `end`.
pub fn shape(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let shape: Vec<i64> = e.shape(call.arg(0)?).into_iter().map(|n| n as i64).collect();
    let rank = shape.len() as i64;
    let bound =
        |number: i64| if number < 0 { number.saturating_add(rank) } else { number }.clamp(0, rank) as usize;
    let (start, end) = (bound(call.int_or("start", 0)?), bound(call.int_or("end", rank)?));
    let part = shape[start.min(end)..end].to_vec();
    Ok(vec![Array::ints([part.len()], part).into()])
}

pub fn size(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let size: usize = e.shape(call.arg(0)?).iter().product();
    Ok(vec![Tensor::int(size as i64)])
}

pub fn reshape(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let (x, target) = (call.arg(0)?, call.known_ints(1)?);
    let keep_zeros = call.flag("allowzero", false)?;
    let from = e.shape(x);
    let shape = match e.batch.reshape(&from, &target, keep_zeros) {
        Some(shape) => shape?,
        None => resolve(&from, &target, keep_zeros)?,
    };
    Ok(vec![e.reshape(x, &shape)?])
}

/// The shape that a target means: 0 copies an extent, −1 takes what is left.
pub fn resolve(from: &[usize], target: &[i64], keep_zeros: bool) -> Outcome<Vec<usize>> {
    let refused = |why: &str| format!("shape {from:?} cannot become {target:?}: {why}");
    let mut open = None;
    let mut shape = Vec::with_capacity(target.len());
    for (i, &extent) in target.iter().enumerate() {
        shape.push(match extent {
            0 if !keep_zeros => *from.get(i).ok_or_else(|| refused("0 copies an axis that is not there"))?,
            -1 if open.replace(i).is_some() => return Err(refused("−1 stands twice")),
            -1 => 1,
            n => usize::try_from(n).map_err(|_| refused("an extent is negative"))?,
        });
    }
    let rest = shape.iter().try_fold(1usize, |n, &extent| n.checked_mul(extent));
    let rest = rest.ok_or_else(|| refused("it is too large"))?;
    if let Some(i) = open {
        let all: usize = from.iter().product();
        match rest {
            0 => return Err(refused("−1 beside an empty axis means nothing")),
            rest if all.is_multiple_of(rest) => shape[i] = all / rest,
            _ => return Err(refused("the elements do not divide")),
        }
    }
    Ok(shape)
}

pub fn flatten(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let shape = e.shape(x);
    let rank = shape.len();
    let at = match call.int_or("axis", 1)? {
        number if number == rank as i64 => rank,
        number => axis(number, rank)?,
    };
    let sizes = [shape[..at].iter().product(), shape[at..].iter().product()];
    Ok(vec![e.reshape(x, &sizes)?])
}

pub fn squeeze(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let shape = e.shape(x);
    let gone = match call.optional_ints(1)? {
        Some(numbers) => axes(&numbers, shape.len())?,
        None => (0..shape.len()).filter(|&a| shape[a] == 1).collect(),
    };
    if let Some(&wide) = gone.iter().find(|&&a| shape[a] != 1) {
        return Err(format!("axis {wide} of shape {shape:?} is not of size 1"));
    }
    let kept: Vec<usize> = (0..shape.len()).filter(|a| !gone.contains(a)).map(|a| shape[a]).collect();
    Ok(vec![e.reshape(x, &kept)?])
}

pub fn unsqueeze(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let numbers = call.known_ints(1)?;
    let mut rest = e.shape(x).into_iter();
    let rank = rest.len() + numbers.len();
    let new = axes(&numbers, rank)?;
    let shape: Vec<usize> =
        (0..rank).map(|a| if new.contains(&a) { 1 } else { rest.next().expect("an old axis") }).collect();
    Ok(vec![e.reshape(x, &shape)?])
}

pub fn transpose(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let rank = e.rank(x);
    let permutation: Vec<usize> = match call.ints("perm")? {
        Some(numbers) => numbers.iter().map(|&number| axis(number, rank)).collect::<Outcome<_>>()?,
        None => (0..rank).rev().collect(),
    };
    let mut sorted = permutation.clone();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..rank) {
        return Err(format!("perm {permutation:?} is no order of {rank} axes"));
    }
    Ok(vec![e.transpose(x, &permutation)?])
}

pub fn expand(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let target = extents(&call.known_ints(1)?)?;
    let shape = crate::onnx::array::joined(&e.shape(x), &target)?;
    Ok(vec![e.broadcast(x, &shape)?])
}

pub fn tile(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let (shape, repeats) = (e.shape(x), extents(&call.known_ints(1)?)?);
    if repeats.len() != shape.len() {
        return Err(format!("{} repeats for {} axes", repeats.len(), shape.len()));
    }
    // Each axis n becomes [repeats, n], which is broadcast and merged again.
    let pairs = |first: &dyn Fn(usize) -> usize| -> Vec<usize> {
        (0..shape.len()).flat_map(|a| [first(a), shape[a]]).collect()
    };
    let single = e.reshape(x, &pairs(&|_| 1))?;
    let repeated = e.broadcast(&single, &pairs(&|a| repeats[a]))?;
    let merged: Vec<usize> = shape.iter().zip(&repeats).map(|(n, r)| n * r).collect();
    Ok(vec![e.reshape(&repeated, &merged)?])
}

pub fn concat(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let args: Vec<Tensor> = call.args()?.into_iter().cloned().collect();
    let axis = axis(call.int("axis")?.ok_or("the attribute axis is missing")?, e.rank(&args[0]))?;
    let args = e.batched_parts(args, axis)?;
    Ok(vec![e.concatenate(&args, axis)?])
}

pub fn split(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let shape = e.shape(x);
    let axis = axis(call.int_or("axis", 0)?, shape.len())?;
    let n = shape[axis];
    let sizes: Vec<usize> = match (call.optional_ints(1)?, call.int("num_outputs")?) {
        (Some(sizes), None) => extents(&sizes)?,
        (None, count) => {
            let outputs = call.node.outputs.len();
            let count =
                count.map_or(Ok(outputs), |count| usize::try_from(count).map_err(|e| e.to_string()))?;
            if count == 0 || count > outputs.max(1) {
                return Err(format!("{count} parts for {outputs} outputs"));
            }
            let size = n.div_ceil(count);
            (0..count).map(|i| size.min(n.saturating_sub(i * size))).collect()
        }
        (Some(_), Some(_)) => return Err("sizes and num_outputs are both given".to_owned()),
    };
    if sizes.iter().try_fold(0usize, |sum, &size| sum.checked_add(size)) != Some(n) {
        return Err(format!("parts of {sizes:?} do not make up an axis of {n}"));
    }
    let mut start = 0;
    let parts = sizes.iter().map(|&size| {
        start += size;
        e.narrow(x, axis, start - size, size)
    });
    parts.collect()
}

pub fn slice(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let shape = e.shape(x);
    let (starts, ends) = (call.known_ints(1)?, call.known_ints(2)?);
    let count = starts.len();
    let numbers = call.optional_ints(3)?.unwrap_or_else(|| (0..count as i64).collect());
    let steps = call.optional_ints(4)?.unwrap_or_else(|| vec![1; count]);
    if [ends.len(), numbers.len(), steps.len()].iter().any(|&n| n != count) {
        return Err("starts, ends, axes and steps are not equally many".to_owned());
    }
    axes(&numbers, shape.len())?;
    let mut cut: Vec<Cut> = shape.iter().copied().map(Cut::all).collect();
    for i in 0..count {
        let axis = axis(numbers[i], shape.len())?;
        cut[axis] = range(starts[i], ends[i], steps[i], shape[axis])?;
    }
    Ok(vec![e.slice(x, &cut)?])
}

/// What `start`, `end` and `step` keep of n elements; bounds outside are moved to the ends.
fn range(start: i64, end: i64, step: i64, n: usize) -> Outcome<Cut> {
    let n = n as i64;
    if step == 0 {
        return Err("a step is 0".to_owned());
    }
    let bound = |number: i64, low: i64, high: i64| {
        let from_front = if number < 0 { number.saturating_add(n) } else { number };
        from_front.max(low).min(high)
    };
    let (start, distance) = match step > 0 {
        true => (bound(start, 0, n), bound(end, 0, n) - bound(start, 0, n)),
        false => (bound(start, 0, n - 1), bound(start, 0, n - 1) - bound(end, -1, n - 1)),
    };
    let count = (distance.max(0) as u64).div_ceil(step.unsigned_abs()) as usize;
    let start = if count == 0 { 0 } else { start as usize };
    Ok(Cut { start, count, step: step.max(-(ELEMENTS as i64)).min(ELEMENTS as i64) })
}

pub fn pad(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let (shape, pads) = (e.shape(x), call.known_ints(1)?);
    let rank = shape.len();
    let over = match call.optional_ints(3)? {
        Some(numbers) => numbers.iter().map(|&number| axis(number, rank)).collect::<Outcome<Vec<_>>>()?,
        None => (0..rank).collect(),
    };
    if pads.len() != 2 * over.len() {
        return Err(format!("{} pads for {} axes", pads.len(), over.len()));
    }
    let (mut low, mut high) = (vec![0; rank], vec![0; rank]);
    for (i, &axis) in over.iter().enumerate() {
        (low[axis], high[axis]) = (pads[i], pads[over.len() + i]);
    }
    match call.text_or("mode", "constant")? {
        "constant" => {
            let kind = e.kind(x);
            let with = match call.optional(2) {
                Some(value) => value.clone(),
                None => Array::full(&[], kind, 0.0).into(),
            };
            Ok(vec![e.pad(x, &low, &high, &with)?])
        }
        mode => {
            let mut padded = x.clone();
            for axis in (0..rank).filter(|&a| low[a] != 0 || high[a] != 0) {
                let places = mirrored(mode, shape[axis], low[axis], high[axis])?;
                let places = Array::ints([places.len()], places).into();
                padded = e.take(&padded, &places, axis)?;
            }
            Ok(vec![padded])
        }
    }
}

/// The elements that a padded axis of n consists of.
fn mirrored(mode: &str, n: usize, low: i64, high: i64) -> Outcome<Vec<i64>> {
    let n = n as i64;
    if n == 0 || [low, high].iter().any(|p| p.unsigned_abs() > 1 << 24) {
        return Err(format!("an axis of {n} cannot be padded by {low} and {high}"));
    }
    let place: fn(i64, i64) -> i64 = match mode {
        "edge" => |i, n| i.clamp(0, n - 1),
        "wrap" => |i, n| i.rem_euclid(n),
        "reflect" => |i, n| {
            let period = (2 * (n - 1)).max(1);
            let i = i.rem_euclid(period);
            i.min(period - i)
        },
        other => return Err(format!("mode is {other:?}; constant, edge, reflect or wrap is expected")),
    };
    Ok((-low..n + high).map(|i| place(i, n)).collect())
}

/// The elements of each block of channels become a block of pixels.
pub fn depth_to_space(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let (shape, s) = image(e, call)?;
    let [n, c, h, w] = shape;
    if !c.is_multiple_of(s * s) {
        return Err(format!("{c} channels do not make blocks of {s} × {s}"));
    }
    let d = c / (s * s);
    let (parts, order) = match call.text_or("mode", "DCR")? {
        "DCR" => ([n, s, s, d, h, w], [0, 3, 4, 1, 5, 2]),
        "CRD" => ([n, d, s, s, h, w], [0, 1, 4, 2, 5, 3]),
        other => return Err(format!("mode is {other:?}; DCR or CRD is expected")),
    };
    let parts = e.reshape(x, &parts)?;
    let moved = e.transpose(&parts, &order)?;
    Ok(vec![e.reshape(&moved, &[n, d, h * s, w * s])?])
}

/// Each block of pixels becomes a block of channels.
pub fn space_to_depth(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let x = call.arg(0)?;
    let (shape, s) = image(e, call)?;
    let [n, c, h, w] = shape;
    if !h.is_multiple_of(s) || !w.is_multiple_of(s) {
        return Err(format!("{h} × {w} pixels do not make blocks of {s} × {s}"));
    }
    let (parts, order) = match call.text_or("mode", "DCR")? {
        "DCR" => ([n, c, h / s, s, w / s, s], [0, 3, 5, 1, 2, 4]),
        "CRD" => ([n, c, h / s, s, w / s, s], [0, 1, 3, 5, 2, 4]),
        other => return Err(format!("mode is {other:?}; DCR or CRD is expected")),
    };
    let parts = e.reshape(x, &parts)?;
    let moved = e.transpose(&parts, &order)?;
    Ok(vec![e.reshape(&moved, &[n, c * s * s, h / s, w / s])?])
}

fn image(e: &Emitter, call: &Call) -> Outcome<([usize; 4], usize)> {
    let shape = e.shape(call.arg(0)?);
    let shape =
        shape.try_into().map_err(|shape| format!("an array of four axes is expected, not {shape:?}"))?;
    let s = call.int("blocksize")?.and_then(|s| usize::try_from(s).ok());
    let s =
        s.filter(|s| (1..=1 << 12).contains(s)).ok_or("the attribute blocksize must be from 1 to 4096")?;
    Ok((shape, s))
}

/// Extents that are not negative.
pub fn extents(numbers: &[i64]) -> Outcome<Vec<usize>> {
    let extent = |&n: &i64| usize::try_from(n).map_err(|_| format!("a size of {n} in {numbers:?}"));
    numbers.iter().map(extent).collect()
}
