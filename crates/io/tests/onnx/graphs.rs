//! Graphs with functions, branches, fixed batches and open axes.

use rten_onnx::onnx::{DataType, NodeProto};
use thalweg_graph::{Builder, DType, Type, evaluate};
use thalweg_io::{OnnxModel, Role};

use crate::sketch::{
    Function, LOCAL, Referring, Sketch, With, call, float, floats, graph, int, integers, ints, node,
};

/// Outputs for inputs of a shape, with the weights of the file.
fn outputs(model: &OnnxModel, shape: &[usize], x: &[f64]) -> Vec<f64> {
    let mut b = Builder::new();
    let values = model.values();
    let arrays: Vec<(String, Vec<f64>)> = (model.arrays().iter())
        .map(|array| {
            let values = &values.get(&array.name).unwrap().values;
            (array.name.clone(), (0..values.len()).map(|i| values.double(i)).collect())
        })
        .collect();
    let given: Vec<_> = model
        .arrays()
        .iter()
        .map(|array| b.input(Type::new(DType::F64, array.shape.iter().copied())))
        .collect();
    let input = b.input(Type::new(DType::F64, shape.iter().copied()));
    let at = |name: &str| given[arrays.iter().position(|(own, _)| own == name).unwrap()];
    let z = model.emit(&mut b, DType::F64, &at, input).unwrap_or_else(|error| panic!("{error}"));
    let mut inputs: Vec<&[f64]> = arrays.iter().map(|(_, values)| values.as_slice()).collect();
    inputs.push(x);
    evaluate(&b.finish(&[z]), &inputs).remove(0)
}

#[test]
fn functions_are_written_out() {
    // bend(a, slope = 1/4) is LeakyRelu after two doublings.
    let double = function("double", vec![node("Add", &["a", "a"], &["b"])]);
    let mut bend = function("bend", vec![call("double", &["a"], &["c"]), call("double", &["c"], &["d"])]);
    bend.defaults = vec![float("slope", 0.25)];
    bend.referring = Some(Referring {
        operator: "LeakyRelu",
        input: "d",
        output: "b",
        attribute: "alpha",
        reference: "slope",
    });
    let sketch = Sketch::new(vec![
        call("bend", &["x"], &["z"]).with(float("slope", 0.5)),
        call("bend", &["z"], &["y"]),
    ]);
    let model = sketch.function(double).function(bend).read().unwrap();
    assert_eq!(outputs(&model, &[1, 4], &[1.0, -1.0, 0.5, 0.0]), [16.0, -2.0, 8.0, 0.0]);
}

/// A function from `a` to `b`.
fn function(name: &'static str, nodes: Vec<NodeProto>) -> Function {
    Function { name, inputs: vec!["a"], outputs: vec!["b"], nodes, referring: None, defaults: vec![] }
}

#[test]
fn functions_that_call_themselves_are_refused() {
    let own = function("own", vec![call("own", &["a"], &["b"])]);
    let refusal = Sketch::new(vec![call("own", &["x"], &["y"])]).function(own).refusal();
    assert!(refusal.contains("nested"), "{refusal}");
}

#[test]
fn functions_that_grow_without_bound_are_refused() {
    const NAMES: [&str; 26] = [
        "f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12", "f13", "f14", "f15",
        "f16", "f17", "f18", "f19", "f20", "f21", "f22", "f23", "f24", "f25",
    ];
    // Each calls the next one twice: 2^25 additions.
    let mut sketch = Sketch::new(vec![call("f0", &["x"], &["y"])]);
    for pair in NAMES.windows(2) {
        let calls = vec![call(pair[1], &["a"], &["c"]), call(pair[1], &["c"], &["b"])];
        sketch = sketch.function(function(pair[0], calls));
    }
    let refusal = sketch.function(function("f25", vec![node("Neg", &["a"], &["b"])])).refusal();
    assert!(refusal.contains("more than 262144 nodes"), "{refusal}");
}

#[test]
fn domains_that_nothing_defines_are_named() {
    let refusal = Sketch::new(vec![call("magic", &["x"], &["y"])]).refusal();
    assert!(refusal.contains(LOCAL) && refusal.contains("magic"), "{refusal}");
}

#[test]
fn branches_with_a_known_condition_are_taken() {
    // If the batch is larger than 3, negate; the branch sees x from outside.
    let branch = |operator: &str| vec![node(operator, &["x"], &["inner"])];
    let sketch = Sketch::new(vec![
        node("Shape", &["x"], &["shape"]).with(int("end", 1)),
        node("Greater", &["shape", "three"], &["large"]),
        node("If", &["large"], &["y"]).with(graph("then_branch", branch("Neg"), "inner")).with(graph(
            "else_branch",
            branch("Abs"),
            "inner",
        )),
    ])
    .with(integers("three", &[1], &[3]));
    let model = sketch.read().unwrap();
    assert_eq!(outputs(&model, &[1, 4], &[1.0, -2.0, 3.0, -4.0]), [1.0, 2.0, 3.0, 4.0]);
    let x: Vec<f64> = (0..16).map(f64::from).collect();
    assert_eq!(outputs(&model, &[4, 4], &x), x.iter().map(|x| -x).collect::<Vec<_>>());
}

#[test]
fn branches_that_depend_on_data_are_refused() {
    let branch = |operator: &str| vec![node(operator, &["x"], &["inner"])];
    let refusal =
        Sketch::new(vec![
            node("ReduceSum", &["x"], &["sum"]).with(int("keepdims", 0)),
            node("Cast", &["sum"], &["condition"]).with(int("to", 9)),
            node("If", &["condition"], &["y"])
                .with(graph("then_branch", branch("Neg"), "inner"))
                .with(graph("else_branch", branch("Abs"), "inner")),
        ])
        .refusal();
    assert!(refusal.contains("the condition depends on the data"), "{refusal}");
}

#[test]
fn sizes_that_were_written_for_one_example_are_replaced() {
    // [1, 4] is written into the file: x [1, 4] → [1, 2, 2] → [1, 4], joined with a row [1, 1].
    let sketch = Sketch::new(vec![
        node("Reshape", &["x", "square"], &["a"]),
        node("Transpose", &["a"], &["b"]).with(ints("perm", &[0, 2, 1])),
        node("Reshape", &["b", "line"], &["c"]),
        node("Expand", &["token", "once"], &["d"]),
        node("Concat", &["d", "c"], &["y"]).with(int("axis", 1)),
    ])
    .with(integers("square", &[3], &[1, 2, 2]))
    .with(integers("line", &[2], &[1, -1]))
    .with(integers("once", &[2], &[1, 2]))
    .with(floats("token", &[1, 2], &[7.0, 8.0]))
    .input(DataType::FLOAT, &[1, 4]);
    let model = sketch.read().unwrap();
    assert_eq!(model.input().batch, Some(1));
    let found = outputs(&model, &[2, 4], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    assert_eq!(found, [7.0, 8.0, 1.0, 3.0, 2.0, 4.0, 7.0, 8.0, 5.0, 7.0, 6.0, 8.0]);
    assert_eq!(outputs(&model, &[1, 4], &[1.0, 2.0, 3.0, 4.0]), [7.0, 8.0, 1.0, 3.0, 2.0, 4.0]);
}

#[test]
fn sizes_that_cannot_be_replaced_are_refused() {
    // The batch is the second axis when 1 is written for it.
    let refusal = Sketch::new(vec![
        node("Transpose", &["x"], &["a"]).with(ints("perm", &[1, 0])),
        node("Reshape", &["a", "wide"], &["b"]),
        node("Transpose", &["b"], &["c"]).with(ints("perm", &[1, 0, 2])),
        node("Identity", &["c"], &["y"]),
    ])
    .with(integers("wide", &[3], &[4, 1, 1]))
    .input(DataType::FLOAT, &[1, 4])
    .refusal();
    assert!(
        refusal.contains("exported for 1 examples") && refusal.contains("symbolic batch axis"),
        "{refusal}"
    );
    let refusal = Sketch::new(vec![node("ReduceSum", &["x"], &["y"])]).refusal();
    assert!(refusal.contains("an output for each of"), "{refusal}");
}

#[test]
fn open_axes_are_bound_to_the_data() {
    let sketch = Sketch::new(vec![
        node("Shape", &["x"], &["shape"]),
        node("Gather", &["shape", "two"], &["width"]),
        node("Cast", &["width"], &["number"]).with(int("to", 1)),
        node("Div", &["x", "number"], &["y"]),
    ])
    .with(integers("two", &[], &[2]))
    .input(DataType::FLOAT, &[-1, 3, -2]);
    let model = sketch.read().unwrap();
    assert_eq!(model.input().shape, [Some(3), None]);
    assert_eq!(model.output(), None);
    let bound = model.bind(&[3, 2]).unwrap();
    assert_eq!(bound.output(), Some(&[3, 2][..]));
    assert_eq!(outputs(&bound, &[1, 3, 2], &[1.0; 6]), [0.5; 6]);
    // Inputs may come as rows of numbers.
    assert_eq!(outputs(&bound, &[2, 6], &[1.0; 12]), [0.5; 12]);
    assert_eq!(outputs(&model, &[1, 3, 5], &[1.0; 15]), [0.2; 15]);
    let error = model.bind(&[4, 2]).unwrap_err().to_string();
    assert!(error.contains("expected [3, n2], found [4, 2]"), "{error}");
}

#[test]
fn inputs_that_do_not_fit_are_refused() {
    let model = Sketch::new(vec![node("Neg", &["x"], &["y"])]).read().unwrap();
    for ty in [Type::new(DType::F64, [3, 5]), Type::new(DType::I32, [3, 4]), Type::new(DType::F32, [3, 4])] {
        let mut b = Builder::new();
        let x = b.input(ty.clone());
        let error = model.emit(&mut b, DType::F64, &|_| unreachable!(), x).unwrap_err().to_string();
        assert!(error.contains("expected f64[b, 4]") && error.contains(&ty.to_string()), "{error}");
    }
}

#[test]
fn weights_are_chosen_by_the_documented_rule() {
    let sketch = Sketch::new(vec![
        node("MatMul", &["x", "matrix"], &["a"]),
        node("Add", &["a", "bias"], &["b"]),
        node("Mul", &["b", "factor"], &["c"]),
        node("Div", &["c", "scalar"], &["d"]),
        node("BatchNormalization", &["d", "scale", "shift", "mean", "var"], &["e"]),
        node("Sub", &["e", "layer.running_mean"], &["f"]),
        node("Clip", &["f", "", "top"], &["y"]),
        node("Mul", &["unused", "unused"], &["nowhere"]),
    ])
    .with(floats("matrix", &[4, 1], &[1.0; 4]))
    .with(floats("bias", &[1], &[1.0]))
    .with(floats("factor", &[1], &[1.0]))
    .with(floats("scalar", &[], &[1.0]))
    .with(floats("scale", &[1], &[1.0]))
    .with(floats("shift", &[1], &[1.0]))
    .with(floats("mean", &[1], &[1.0]))
    .with(floats("var", &[1], &[1.0]))
    .with(floats("layer.running_mean", &[1], &[1.0]))
    .with(floats("top", &[], &[1.0]))
    .with(floats("unused", &[2], &[1.0; 2]));
    let model = sketch.read().unwrap();
    let of = |role| -> Vec<&str> {
        model.arrays().iter().filter(|array| array.role == role).map(|array| array.name.as_str()).collect()
    };
    assert_eq!(of(Role::Weight), ["matrix", "bias", "scale", "shift"]);
    assert_eq!(of(Role::Statistic), ["mean", "var", "layer.running_mean"]);
    let frozen = model.train(|name| name == "bias");
    assert_eq!(frozen.parameters().map(|array| array.name.as_str()).collect::<Vec<_>>(), ["bias"]);
}

#[test]
fn equal_arrays_that_were_merged_are_separated() {
    let sketch = Sketch::new(vec![
        node("Identity", &["first.weight"], &["second.weight"]),
        node("Identity", &["tied"], &["other"]),
        node("LayerNormalization", &["x", "first.weight"], &["a"]),
        node("LayerNormalization", &["a", "second.weight"], &["b"]),
        node("Add", &["b", "tied"], &["c"]),
        node("Add", &["c", "other"], &["y"]),
    ])
    .with(floats("first.weight", &[4], &[1.0; 4]))
    .with(floats("tied", &[4], &[1.0, 2.0, 3.0, 4.0]));
    let model = sketch.read().unwrap();
    let found: Vec<(&str, usize)> =
        model.arrays().iter().map(|array| (array.name.as_str(), array.uses)).collect();
    assert_eq!(found, [("first.weight", 1), ("tied", 2), ("second.weight", 1)]);
}
