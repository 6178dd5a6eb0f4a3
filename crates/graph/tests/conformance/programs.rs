//! Random small programs: what simplification, fusion, differentiation,
//! batching and splitting make of them, against one primitive after the other.

mod grow;

use proptest::collection::vec;
use proptest::prelude::*;
use thalweg_graph::{Builder, Graph, Type};

use crate::array::{Array, Runner, run};
use crate::checks::{close, only};
use crate::sample::Random;
use grow::{Choice, Grown};

/// Relative to the largest element.
const EXACT: f64 = 1e-10;

fn choices() -> impl Strategy<Value = Vec<Choice>> {
    vec(any::<Choice>(), 1..16)
}

fn inputs(random: &mut Random) -> Vec<Array> {
    Grown::input_types().iter().map(|ty| random.direction(ty)).collect()
}

fn all_close(got: &[Array], want: &[Array], tolerance: f64) -> Result<(), TestCaseError> {
    prop_assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(want) {
        close(got, want, tolerance).map_err(TestCaseError::fail)?;
    }
    Ok(())
}

fn same_bits(got: &[Array], want: &[Array]) -> Result<(), TestCaseError> {
    let bits = |arrays: &[Array]| -> Vec<Vec<u64>> {
        arrays.iter().map(|a| a.data.iter().map(|x| x.to_bits()).collect()).collect()
    };
    prop_assert_eq!(bits(got), bits(want));
    Ok(())
}

/// Σ sin of every element of every output.
fn scalar(graph: &Graph) -> Graph {
    let mut b = Builder::new();
    let args: Vec<_> = graph.input_types().into_iter().map(|t| b.input(t)).collect();
    let mut total = b.scalar(thalweg_graph::DType::F64, 0.0);
    for output in b.call(graph, &args) {
        let bounded = b.sin(output);
        let sum = b.sum_all(bounded);
        total = b.add(total, sum);
    }
    b.finish(&[total])
}

fn inner(a: &[Array], b: &[Array]) -> f64 {
    a.iter().zip(b).flat_map(|(a, b)| a.data.iter().zip(&b.data)).map(|(a, b)| a * b).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Fused and simplified, a program computes what its primitives compute one after the other.
    #[test]
    fn compiled_programs_compute_what_was_asked(choices in choices(), seed: u64) {
        let grown = Grown::new(&choices, false);
        let inputs = inputs(&mut Random(seed));
        let graph = grown.graph();
        let outputs = run(&graph, &inputs);
        all_close(&outputs, &grown.expected(&inputs), EXACT)?;
        // Building it once more finds nothing more to simplify, and changes no bit.
        let mut b = Builder::new();
        let args: Vec<_> = graph.input_types().into_iter().map(|t| b.input(t)).collect();
        let again = b.call(&graph, &args);
        let again = b.finish(&again);
        prop_assert!(again.nodes().len() <= graph.nodes().len(), "{}\n{}", graph, again);
        same_bits(&run(&again, &inputs), &outputs)?;
    }

    /// The gradient of a smooth program is the slope of its value, and its transpose is its transpose.
    #[test]
    fn gradients_are_slopes(choices in choices(), seed: u64) {
        let grown = Grown::new(&choices, true);
        let mut random = Random(seed);
        let inputs = inputs(&mut random);
        let directions: Vec<Array> = inputs.iter().map(|x| random.direction(&x.ty)).collect();
        let value = scalar(&grown.graph());
        let gradient = &run(&value.grad(&[0, 1, 2]), &inputs)[1..];
        let exact = inner(gradient, &directions);
        let runner = Runner::new(&value);
        let at = |h: f64| {
            let moved: Vec<Array> = inputs.iter().zip(&directions).map(|(x, v)| {
                Array::new(&x.ty, x.data.iter().zip(&v.data).map(|(x, v)| x + h * v).collect())
            }).collect();
            runner.run(&moved)[0].data[0]
        };
        let h = 1e-4;
        let slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
        prop_assert!((exact - slope).abs() <= 1e-6 * exact.abs().max(1.0), "{exact} and {slope}");

        let both: Vec<Array> = inputs.iter().chain(&directions).cloned().collect();
        let tangent = only(&grown.graph().jvp(&[0, 1, 2]), 3);
        let forward = run(&tangent, &both);
        let weight = random.direction(&forward[0].ty);
        let mut given = inputs.clone();
        given.push(weight.clone());
        let backward = run(&tangent.transpose(&[3, 4, 5]), &given);
        let (a, b) = (inner(&forward, &[weight]), inner(&backward, &directions));
        prop_assert!((a - b).abs() <= EXACT * a.abs().max(1.0), "{a} and {b}");
    }

    /// A batch of values, gradients and Hessian products is a loop; split in two, nothing changes.
    #[test]
    fn batches_are_loops_and_halves_make_a_whole(choices in choices(), seed: u64, marks in 1..64u8) {
        let grown = Grown::new(&choices, true);
        let mut random = Random(seed);
        let program = scalar(&grown.graph()).grad(&[0, 1, 2]).jvp(&[0, 1, 2]);
        let types: Vec<Type> = program.input_types();
        let examples: Vec<Vec<Array>> =
            (0..3).map(|_| types.iter().map(|ty| random.direction(ty)).collect()).collect();
        let marks: Vec<bool> = (0..6).map(|i| marks >> i & 1 == 1).collect();
        let pick = |e: usize| -> Vec<Array> {
            (0..6).map(|i| examples[if marks[i] { e } else { 0 }][i].clone()).collect()
        };
        let given: Vec<Array> = (0..6).map(|i| match marks[i] {
            true => Array::stack(&examples.iter().map(|e| e[i].clone()).collect::<Vec<_>>(), 0),
            false => examples[0][i].clone(),
        }).collect();
        let batched = program.batch(&marks, 3);
        let together = run(&batched, &given);
        for e in 0..3 {
            let parts: Vec<Array> = together.iter().map(|t| t.take(0, e)).collect();
            all_close(&parts, &run(&program, &pick(e)), EXACT)?;
        }
        let split = batched.split(&[3, 4, 5]);
        prop_assert_eq!(split.primal.inputs().len(), 3);
        let kept = run(&split.primal, &given[..3]);
        let late: Vec<Array> = given.into_iter().chain(kept).collect();
        all_close(&run(&split.tangent, &late), &together, EXACT)?;
    }
}
