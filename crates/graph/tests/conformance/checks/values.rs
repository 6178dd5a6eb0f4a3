//! Values: against the reference, in f32 against f64, and of what is not finite.

use thalweg_graph::primitive::Op;
use thalweg_graph::{DType, Threads};

use super::{close, near, paired};
use crate::array::{Array, Runner, run};
use crate::reference::convolution::{Holes, convolution};
use crate::sample::{Domain, Random};
use crate::subject::Subject;

/// Elementwise functions are accurate to a few units in the last place.
const ELEMENTWISE: f64 = 4e-15;
/// Sums of up to 100 terms, relative to the largest result.
const SUMS: f64 = 1e-13;
/// f32 against f64 from the same inputs, relative to the largest result; a
/// gradient adds up to 5000 terms.
const SINGLE: f64 = 2e-5;

fn is_elementwise(op: &Op) -> bool {
    matches!(
        op,
        Op::Unary(_) | Op::Binary(_) | Op::Compare(_) | Op::Select(_) | Op::Convert(_) | Op::Uniform(_)
    )
}

/// The value agrees with the reference.
pub fn value(subject: &Subject, random: &mut Random) -> Result<(), String> {
    let inputs = subject.sample(random);
    agree(subject, &inputs)
}

/// The value agrees with the reference on three threads too, which share large operations.
pub fn on_threads(subject: &Subject, random: &mut Random) -> Result<(), String> {
    let inputs = subject.sample(random);
    agree(subject, &inputs)?;
    let runner = Runner::new(&subject.graph);
    let (alone, together) = (runner.run(&inputs), runner.run_on(&inputs, &Threads::new(3)));
    let bits = |a: &[Array]| a[0].data.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    if bits(&alone) == bits(&together) { Ok(()) } else { Err("threads change bits".into()) }
}

fn agree(subject: &Subject, inputs: &[Array]) -> Result<(), String> {
    let (got, mut want) = (&run(&subject.graph, inputs)[0], subject.expected(inputs));
    if let Op::Convolution(op) = &subject.case.op
        && want.data.iter().any(|x| x.is_nan())
    {
        // 0 · ∞ of padding may count as nothing.
        let operands = subject.operands(inputs);
        let without = convolution(op, &operands[0], &operands[1], Holes::Nothing);
        let choose = |((&g, &with), &without): ((&f64, &f64), &f64)| if g.is_nan() { with } else { without };
        want.data = got.data.iter().zip(&want.data).zip(&without.data).map(choose).collect();
    }
    if got.ty.dtype != want.ty.dtype {
        return Err(format!("{} instead of {}", got.ty, want.ty));
    }
    let single = [got.ty.dtype].iter().chain(inputs.iter().map(|i| &i.ty.dtype)).any(|&d| d == DType::F32);
    match (single, is_elementwise(&subject.case.op)) {
        (true, true) => single_near(got, &want),
        (true, false) => close(got, &want, SINGLE),
        (false, true) => near(got, &want, ELEMENTWISE),
        (false, false) => close(got, &want, SUMS),
    }
}

/// Accurate to 8 units in the last place of f32, or of its least normal number.
fn single_near(got: &Array, want: &Array) -> Result<(), String> {
    super::compare(got, want, |x| 8.0 * f64::from(f32::EPSILON) * x.abs().max(f64::from(f32::MIN_POSITIVE)))
}

/// Value, tangent and cotangents in f32 agree with those in f64 from the same inputs.
pub fn single(subject: &Subject, double: &Subject, random: &mut Random) -> Result<(), String> {
    let inputs = subject.sample(random);
    let wide = |inputs: &[Array], like: &[thalweg_graph::Type]| -> Vec<Array> {
        inputs.iter().zip(like).map(|(x, ty)| x.cast(ty.dtype)).collect()
    };
    let compare = |narrow: &thalweg_graph::Graph, broad: &thalweg_graph::Graph, inputs: &[Array]| {
        let (got, want) = (run(narrow, inputs), run(broad, &wide(inputs, &broad.input_types())));
        got.iter().zip(&want).try_for_each(|(g, w)| close(g, w, SINGLE))
    };
    compare(&subject.graph, &double.graph, &inputs).map_err(|e| format!("in f32: {e}"))?;
    let floats = subject.floats();
    if floats.is_empty() || double.floats() != floats {
        return Ok(());
    }
    let tangents = floats.iter().map(|&i| random.direction(&subject.inputs[i].0));
    let all: Vec<Array> = inputs.iter().cloned().chain(tangents).collect();
    compare(&subject.graph.jvp(&floats), &double.graph.jvp(&floats), &all)
        .map_err(|e| format!("tangent in f32: {e}"))?;
    let weight = random.direction(&subject.graph.output_types()[0]);
    let all: Vec<Array> = inputs.into_iter().chain([weight]).collect();
    compare(&paired(&subject.graph).grad(&floats), &paired(&double.graph).grad(&floats), &all)
        .map_err(|e| format!("gradient in f32: {e}"))
}

/// What the inputs are sprinkled with, in each round.
const ROUNDS: [&[f64]; 8] = [
    &[f64::NAN],
    &[f64::INFINITY],
    &[f64::NEG_INFINITY],
    &[f64::INFINITY, f64::NEG_INFINITY, f64::NAN],
    &[0.0],
    &[0.0, -0.0],
    &[5e-324, -5e-324, 1e-310, 1e-42, -1e-45, f64::MIN_POSITIVE],
    &[-1.0, 0.0, 1.0, 2.0, -2.0, 3.0, 0.5, -0.5],
];

/// Results of inputs that are infinite, NaN, ±0 or subnormal are those of the reference.
pub fn special(subject: &Subject, random: &mut Random) -> Result<(), String> {
    for round in ROUNDS {
        let mut inputs = subject.sample(random);
        for (input, (_, domain)) in inputs.iter_mut().zip(&subject.inputs) {
            if matches!(domain, Domain::Real | Domain::Positive) {
                let sprinkled = input.data.iter().map(|&x| match random.below(3) {
                    0 => round[random.below(round.len())],
                    _ => x,
                });
                *input = Array::new(&input.ty, sprinkled.collect());
            }
        }
        agree(subject, &inputs).map_err(|e| format!("with {round:?}: {e}"))?;
    }
    Ok(())
}

/// Values whose every combination is tried of elementwise functions.
const EDGES: [f64; 22] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    -2.0,
    3.0,
    -3.0,
    0.5,
    -0.5,
    5e-324,
    -5e-324,
    1e-310,
    -1e-40,
    1e-300,
    750.0,
    -750.0,
    1e300,
    -1e300,
];

/// Every combination of edge values through an elementwise function; zeros agree in sign.
pub fn edges(subject: &Subject) -> Result<(), String> {
    let [count] = subject.inputs[0].0.shape[..] else { return Ok(()) };
    if !is_elementwise(&subject.case.op) || count != 1025 {
        return Ok(());
    }
    let pick = |i: usize, arg: usize| EDGES[i / EDGES.len().pow(arg as u32) % EDGES.len()];
    let inputs: Vec<Array> = subject
        .inputs
        .iter()
        .enumerate()
        .map(|(arg, (ty, domain))| {
            let data = (0..count).map(|i| match domain {
                Domain::Real | Domain::Positive => pick(i, arg % 2),
                Domain::Bools => (i % 2) as f64,
                Domain::Integers(low, high) => f64::from(low + (i as i32) % (high - low + 1)),
            });
            Array::new(ty, data.collect())
        })
        .collect();
    agree(subject, &inputs)?;
    let (got, want) = (&Runner::new(&subject.graph).run(&inputs)[0], subject.expected(&inputs));
    for (i, (g, w)) in got.data.iter().zip(&want.data).enumerate() {
        if *w == 0.0 && *g == 0.0 && g.is_sign_negative() != w.is_sign_negative() {
            let at: Vec<f64> = inputs.iter().map(|x| x.data[i]).collect();
            return Err(format!("{g:?} instead of {w:?} at {at:?}"));
        }
    }
    Ok(())
}
