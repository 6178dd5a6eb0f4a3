//! Derivatives: against central differences, and against each other.

use thalweg_graph::{DType, Graph};

use super::{close, only, paired};
use crate::array::{Array, Runner, run};
use crate::sample::Random;
use crate::subject::Subject;

/// What is demanded, relative to the largest element.
struct Tolerance {
    /// Of central differences of fourth order.
    difference: f64,
    /// Of two exact derivatives, which differ by rounding alone.
    exact: f64,
}

impl Tolerance {
    /// f32 somewhere on the way spoils both.
    fn of(subject: &Subject) -> Self {
        let types = subject.graph.nodes().iter().map(|n| n.ty.dtype);
        match types.into_iter().any(|d| d == DType::F32) {
            true => Self { difference: 1e-4, exact: 1e-6 },
            false => Self { difference: 1e-8, exact: 1e-12 },
        }
    }
}

/// (8 (f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h along `directions` of the inputs `moved`, for every output.
fn difference(graph: &Graph, inputs: &[Array], moved: &[usize], directions: &[Array]) -> Vec<Array> {
    // So small that no two sampled values change places; but what f32 goes through is linear.
    let h = match graph.nodes().iter().any(|n| n.ty.dtype == DType::F32) {
        true => 0.1,
        false => (0.2 / inputs.iter().map(|x| x.data.len()).sum::<usize>() as f64).min(1e-3),
    };
    let runner = Runner::new(graph);
    let at = |steps: f64| {
        let mut inputs = inputs.to_vec();
        for (&i, v) in moved.iter().zip(directions) {
            inputs[i].data.iter_mut().zip(&v.data).for_each(|(x, v)| *x += steps * h * v);
        }
        runner.run(&inputs)
    };
    let (one, back, two, far) = (at(1.0), at(-1.0), at(2.0), at(-2.0));
    (0..one.len())
        .map(|o| {
            let [a, b, c, d] = [&one, &back, &two, &far].map(|values| &values[o].data);
            // An infinite constant has a slope too.
            let slope = |i: usize| match a[i] == b[i] && c[i] == d[i] {
                true => 0.0,
                false => (8.0 * (a[i] - b[i]) - (c[i] - d[i])) / (12.0 * h),
            };
            Array::new(&one[o].ty, (0..a.len()).map(slope).collect())
        })
        .collect()
}

/// ⟨a, b⟩ and Σ |aᵢ bᵢ| over several arrays.
fn inner(a: &[Array], b: &[Array]) -> (f64, f64) {
    let terms = a.iter().zip(b).flat_map(|(a, b)| a.data.iter().zip(&b.data)).map(|(a, b)| a * b);
    terms.fold((0.0, 0.0), |(sum, size), t| (sum + t, size + t.abs()))
}

fn equal(what: &str, a: (f64, f64), b: (f64, f64), tolerance: f64) -> Result<(), String> {
    if (a.0 - b.0).abs() <= tolerance * a.1.max(b.1) {
        return Ok(());
    }
    Err(format!("{what}: {} and {}", a.0, b.0))
}

/// First derivatives: the tangent against differences, the transpose and the gradient against the tangent.
pub fn first(subject: &Subject, random: &mut Random) -> Result<(), String> {
    let floats = subject.floats();
    if floats.is_empty() {
        return Ok(());
    }
    let Tolerance { difference: differing, exact } = Tolerance::of(subject);
    let inputs = subject.sample(random);
    let directions: Vec<Array> = floats.iter().map(|&i| random.direction(&subject.inputs[i].0)).collect();
    let jvp = subject.graph.jvp(&floats);
    let all: Vec<Array> = inputs.iter().chain(&directions).cloned().collect();
    let outputs = run(&jvp, &all);
    close(&outputs[0], &subject.expected(&inputs), exact)
        .map_err(|e| format!("value beside the tangent: {e}"))?;
    let approximate = difference(&subject.graph, &inputs, &floats, &directions);
    close(&outputs[1], &approximate[0], differing).map_err(|e| format!("tangent: {e}"))?;

    let weight = random.direction(&outputs[1].ty);
    let forward = inner(&outputs[1..], std::slice::from_ref(&weight));
    let late: Vec<usize> = (inputs.len()..all.len()).collect();
    let mut given = inputs.clone();
    given.push(weight.clone());
    let transposed = run(&only(&jvp, 1).transpose(&late), &given);
    equal("⟨Jv, u⟩ and ⟨v, Jᵀu⟩ by transposing", forward, inner(&directions, &transposed), exact)?;
    let gradient = run(&paired(&subject.graph).grad(&floats), &given);
    equal("⟨Jv, u⟩ and ⟨v, Jᵀu⟩ by the gradient", forward, inner(&directions, &gradient[1..]), exact)?;

    // One argument at a time: the others' tangents are structurally zero.
    for (k, &i) in floats.iter().enumerate().filter(|_| floats.len() > 1) {
        let mut alone = inputs.clone();
        alone.push(directions[k].clone());
        let tangent = &run(&subject.graph.jvp(&[i]), &alone)[1];
        let approximate = difference(&subject.graph, &inputs, &[i], &directions[k..=k]);
        close(tangent, &approximate[0], differing).map_err(|e| format!("tangent of input {i}: {e}"))?;
        let cotangent = &run(&paired(&subject.graph).grad(&[i]), &given)[1];
        close(cotangent, &gradient[1 + k], exact)
            .map_err(|e| format!("cotangent of input {i} alone: {e}"))?;
    }
    Ok(())
}

/// Second derivatives of ⟨u, f⟩: forward over reverse against differences of
/// the gradient and against reverse over forward.
pub fn second(subject: &Subject, random: &mut Random) -> Result<(), String> {
    let floats = subject.floats();
    if floats.is_empty() {
        return Ok(());
    }
    let Tolerance { difference: differing, exact } = Tolerance::of(subject);
    let inputs = subject.sample(random);
    let directions: Vec<Array> = floats.iter().map(|&i| random.direction(&subject.inputs[i].0)).collect();
    let weight = random.direction(&subject.graph.output_types()[0]);
    let gradient = paired(&subject.graph).grad(&floats);
    let mut given = inputs.clone();
    given.push(weight.clone());
    let approximate = difference(&gradient, &given, &floats, &directions);
    let all: Vec<Array> = given.iter().chain(&directions).cloned().collect();
    // Outputs: value, gradients, then their tangents.
    let product = &run(&gradient.jvp(&floats), &all)[2 + floats.len()..];
    for (product, approximate) in product.iter().zip(&approximate[1..]) {
        close(product, approximate, differing).map_err(|e| format!("second derivative: {e}"))?;
    }
    let forward = paired(&only(&subject.graph.jvp(&floats), 1));
    let mut given: Vec<Array> = inputs.iter().chain(&directions).cloned().collect();
    given.push(weight);
    let reverse = run(&forward.grad(&floats), &given);
    for (a, b) in product.iter().zip(&reverse[1..]) {
        close(a, b, exact).map_err(|e| format!("forward over reverse and reverse over forward: {e}"))?;
    }
    Ok(())
}
