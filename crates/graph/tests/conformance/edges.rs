//! Programs that are odd as a whole.

use thalweg_graph::primitive::Reverse;
use thalweg_graph::{Builder, DType, Graph, Literal, Type, evaluate};

fn float(shape: &[usize]) -> Type {
    Type::new(DType::F64, shape.iter().copied())
}

/// Outputs that are inputs, constants, views and one another, and an input that nothing reads.
fn odd() -> Graph {
    let mut b = Builder::new();
    let x = b.input(float(&[2, 3]));
    let _unused = b.input(float(&[4]));
    let constant = b.literal(Literal::new([2], &[5.0, 6.0]));
    let turned = b.transpose(x, &[1, 0]);
    let y = b.sin(x);
    let flat = b.reshape(y, &[6]);
    let back = b.emit(Reverse([0].as_slice().into()), &[flat]);
    let repeated = b.broadcast(back, &[2, 6]);
    let one = b.slice_axis(flat, 0, 2..3);
    b.finish(&[x, x, turned, constant, y, flat, y, back, repeated, one])
}

#[test]
fn outputs_may_be_anything() {
    let x = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
    let y = x.map(f64::sin);
    let mut back = y.to_vec();
    back.reverse();
    let expected = [
        x.to_vec(),
        x.to_vec(),
        vec![0.1, 0.4, 0.2, 0.5, 0.3, 0.6],
        vec![5.0, 6.0],
        y.to_vec(),
        y.to_vec(),
        y.to_vec(),
        back.clone(),
        [back.clone(), back].concat(),
        vec![y[2]],
    ];
    let outputs = evaluate::<f64>(&odd(), &[&x, &[0.0; 4]]);
    for (i, (got, want)) in outputs.iter().zip(&expected).enumerate() {
        assert!(got.iter().zip(want).all(|(g, w)| (g - w).abs() < 1e-15), "output {i}: {got:?}");
        assert_eq!(got.len(), want.len());
    }
    // Batched over the unused input alone, every output is repeated; over nothing at all, they are empty.
    let twice = evaluate::<f64>(&odd().batch(&[false, true], 2), &[&x, &[0.0; 8]]);
    assert!(twice.iter().zip(&outputs).all(|(two, one)| *two == [&one[..], one].concat()));
    let none = evaluate::<f64>(&odd().batch(&[true, false], 0), &[&[], &[0.0; 4]]);
    assert!(none.iter().all(Vec::is_empty));
    // A tangent for every output: of the constant it is zero.
    let tangents = evaluate::<f64>(&odd().jvp(&[0]), &[&x, &[0.0; 4], &[1.0; 6]]);
    assert_eq!((tangents.len(), &tangents[13]), (20, &vec![0.0; 2]));
    assert!(tangents[15].iter().zip(x).all(|(t, x)| (t - x.cos()).abs() < 1e-15));
    // The unused input has a gradient, which is zero.
    let mut b = Builder::new();
    let args: Vec<_> = odd().input_types().into_iter().map(|t| b.input(t)).collect();
    let outputs = b.call(&odd(), &args);
    let sum = b.sum_all(outputs[4]);
    let gradient = evaluate::<f64>(&b.finish(&[sum]).grad(&[1, 0]), &[&x, &[0.0; 4]]);
    assert_eq!(gradient[1], [0.0; 4]);
    assert!(gradient[2].iter().zip(x).all(|(g, x)| (g - x.cos()).abs() < 1e-15));
}

#[test]
fn a_program_may_be_empty() {
    let mut b = Builder::new();
    assert!(evaluate::<f64>(&b.finish(&[]), &[]).is_empty());
    let x = b.input(float(&[0, 3]));
    let y = b.exp(x);
    let graph = b.finish(&[y]);
    assert_eq!(evaluate::<f64>(&graph, &[&[]]), [[0.0; 0]]);
    assert_eq!(evaluate::<f64>(&graph.jvp(&[0]), &[&[], &[]]), [[0.0; 0], [0.0; 0]]);
}

#[test]
fn a_split_may_leave_one_side_empty() {
    let graph = odd();
    let (x, zero) = ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [0.0; 4]);
    let whole = evaluate::<f64>(&graph, &[&x, &zero]);
    // Nothing is late: what is not free is kept.
    let early = graph.split(&[]);
    let kept = evaluate::<f64>(&early.primal, &[&x, &zero]);
    let mut inputs: Vec<&[f64]> = vec![&x, &zero];
    inputs.extend(kept.iter().map(Vec::as_slice));
    assert_eq!(evaluate(&early.tangent, &inputs), whole);
    // Everything is late: nothing is kept.
    let late = graph.split(&[0, 1]);
    assert!(late.primal.inputs().is_empty() && late.primal.outputs().is_empty());
    assert_eq!(evaluate(&late.tangent, &inputs[..2]), whole);
}

/// What crosses the cut is what costs something: no view or constant of it.
#[test]
fn a_split_keeps_nothing_that_is_free() {
    let mut b = Builder::new();
    let [x, v] = [float(&[4]), float(&[100, 4])].map(|ty| b.input(ty));
    let y = b.sin(x);
    let rows = b.broadcast(y, &[100, 4]);
    let turned = b.emit(Reverse([1].as_slice().into()), &[rows]);
    let constant = b.full_like(v, 3.0);
    let factor = b.mul(turned, v);
    let shifted = b.add(factor, constant);
    let out = b.erf(shifted);
    let split = b.finish(&[out]).split(&[1]);
    assert_eq!(split.primal.output_types(), [float(&[4])]);
}

#[test]
#[should_panic(expected = "bytes of input 0, which is f64[2]")]
fn inputs_of_another_size_are_refused() {
    let mut b = Builder::new();
    let x = b.input(float(&[2]));
    evaluate::<f64>(&b.finish(&[x]), &[&[1.0]]);
}

#[test]
#[should_panic(expected = "not linear")]
fn what_is_not_linear_is_not_transposed() {
    let mut b = Builder::new();
    let x = b.input(float(&[2]));
    let y = b.exp(x);
    b.finish(&[y]).transpose(&[0]);
}

#[test]
#[should_panic(expected = "not a float scalar")]
fn only_scalars_have_gradients() {
    let mut b = Builder::new();
    let x = b.input(float(&[2]));
    b.finish(&[x]).grad(&[0]);
}
