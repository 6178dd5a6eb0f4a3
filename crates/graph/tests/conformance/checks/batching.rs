//! Batching against a loop.

use thalweg_graph::{Builder, Graph, Type};

use super::{close, paired};
use crate::array::{Array, Runner, run};
use crate::sample::{Domain, Random};
use crate::subject::Subject;

/// Batch and loop may add in another order.
const TOLERANCE: f64 = 1e-12;
/// Examples of a batch.
const COUNT: usize = 3;

/// A program mapped over some of its inputs gives what a loop gives: for every
/// non-empty choice of inputs, for the value, the tangent and the gradient.
pub fn mapped(subject: &Subject, random: &mut Random) -> Result<(), String> {
    let direction = |ty: &Type| (ty.clone(), Domain::Positive);
    loops(&subject.graph, &subject.inputs, random).map_err(|e| format!("batched value, {e}"))?;
    let floats = subject.floats();
    if floats.is_empty() {
        return Ok(());
    }
    let mut inputs = subject.inputs.clone();
    inputs.extend(floats.iter().map(|&i| direction(&subject.inputs[i].0)));
    loops(&subject.graph.jvp(&floats), &inputs, random).map_err(|e| format!("batched tangent, {e}"))?;
    inputs.truncate(subject.inputs.len());
    inputs.push(direction(&subject.graph.output_types()[0]));
    loops(&paired(&subject.graph).grad(&floats), &inputs, random)
        .map_err(|e| format!("batched gradient, {e}"))
}

fn loops(graph: &Graph, inputs: &[(Type, Domain)], random: &mut Random) -> Result<(), String> {
    if inputs.is_empty() {
        return Ok(());
    }
    let alone = Runner::new(graph);
    let examples: Vec<Vec<Array>> = (0..COUNT).map(|_| random.arguments(inputs)).collect();
    for choice in choices(inputs.len()) {
        let parts = |i: usize| examples.iter().map(|e| e[i].clone()).collect::<Vec<_>>();
        let given: Vec<Array> = (0..inputs.len())
            .map(|i| if choice[i] { Array::stack(&parts(i), 0) } else { examples[0][i].clone() })
            .collect();
        let together = run(&graph.batch(&choice, COUNT), &given);
        for e in 0..COUNT {
            let one: Vec<Array> =
                (0..inputs.len()).map(|i| examples[if choice[i] { e } else { 0 }][i].clone()).collect();
            for (t, want) in together.iter().zip(&alone.run(&one)) {
                close(&t.take(0, e), want, TOLERANCE).map_err(|m| format!("inputs {choice:?}: {m}"))?;
            }
        }
    }
    Ok(())
}

/// Every non-empty choice of up to five inputs; of more, each one, each but one, and all.
fn choices(inputs: usize) -> Vec<Vec<bool>> {
    if inputs <= 5 {
        return (1..1usize << inputs).map(|bits| (0..inputs).map(|i| bits >> i & 1 == 1).collect()).collect();
    }
    let mut choices = vec![vec![true; inputs]];
    for i in 0..inputs {
        choices.push((0..inputs).map(|j| i == j).collect());
        choices.push((0..inputs).map(|j| i != j).collect());
    }
    choices
}

/// The batching rule itself, with the batch axis at every place of every argument.
pub fn rule(subject: &Subject, random: &mut Random) -> Result<(), String> {
    let case = &subject.case;
    if case.args.is_empty() || case.args.len() > 3 {
        return Ok(());
    }
    let examples: Vec<Vec<Array>> = (0..COUNT).map(|_| random.arguments(&case.args)).collect();
    let places: Vec<usize> = case.args.iter().map(|a| a.0.rank() + 2).collect();
    // In mixed radix: 0 for an argument that is not batched, else 1 + its batch axis.
    for mut code in 1..places.iter().product() {
        let mut axes = Vec::new();
        for &n in &places {
            axes.push((code % n).checked_sub(1));
            code /= n;
        }
        let given: Vec<Array> = (0..axes.len())
            .map(|i| match axes[i] {
                Some(axis) => Array::stack(&examples.iter().map(|e| e[i].clone()).collect::<Vec<_>>(), axis),
                None => examples[0][i].clone(),
            })
            .collect();
        let mut b = Builder::new();
        let args: Vec<_> = given.iter().map(|x| b.input(x.ty.clone())).collect();
        let (value, axis) = case.op.rules().batch(&mut b, &args, &axes);
        let together = &run(&b.finish(&[value]), &given)[0];
        for e in 0..COUNT {
            let one: Vec<&Array> =
                (0..axes.len()).map(|i| &examples[if axes[i].is_some() { e } else { 0 }][i]).collect();
            let want = crate::reference::reference(&case.op, &one);
            close(&together.take(axis, e), &want, TOLERANCE)
                .map_err(|m| format!("batching rule, axes {axes:?}, result's {axis}: {m}"))?;
        }
    }
    Ok(())
}
