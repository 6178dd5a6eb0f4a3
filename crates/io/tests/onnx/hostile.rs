//! Files that lie, overflow, lead astray or ask for too much end in an error.

use std::time::Instant;

use proptest::test_runner::{Config, TestRunner};
use rten_onnx::onnx::{DataLocation, DataType, NodeProto, StringStringEntryProto, TensorProto};
use thalweg_io::{NoExternalData, OnnxModel};

use crate::sketch::{Sketch, With, float, floats, graph, int, integers, ints, node, tensor};

#[test]
fn versions_outside_the_known_ones_are_refused() {
    for opset in [1, 12, 29, i64::MAX, -1] {
        let refusal = Sketch::new(vec![node("Neg", &["x"], &["y"])]).opset(opset).refusal();
        assert!(refusal.contains("version 13 to 28") && refusal.contains(&opset.to_string()), "{refusal}");
    }
}

#[test]
fn all_missing_operators_are_named_at_once_with_their_nodes() {
    let refusal = Sketch::new(vec![
        node("Det", &["x"], &["a"]),
        node("QLinearMatMul", &["a"], &["b"]),
        node("LSTM", &["b"], &["c"]),
        node("Det", &["c"], &["d"]),
        node("RandomNormalLike", &["d"], &["y"]),
        node("NonMaxSuppression", &["x"], &["nothing needs this"]),
    ])
    .refusal();
    for part in [
        "Det \"the Det\"",
        "QLinearMatMul \"the QLinearMatMul\" (quantized models have no derivative",
        "LSTM \"the LSTM\" (loops are not unrolled",
        "RandomNormalLike \"the RandomNormalLike\" (random numbers",
        "docs/onnx.md",
    ] {
        assert!(refusal.contains(part), "{part} in {refusal}");
    }
    assert!(!refusal.contains("NonMaxSuppression"), "{refusal}");
    assert_eq!(refusal.matches("Det").count(), 2, "{refusal}");
}

#[test]
fn broken_graphs_are_refused_where_they_break() {
    let nodes = |nodes: Vec<NodeProto>| Sketch::new(nodes).refusal();
    let neg = |from: &str, to: &str| node("Neg", &[from], &[to]);
    for (refusal, part) in [
        (nodes(vec![neg("b", "a"), neg("a", "b"), node("Add", &["a", "x"], &["y"])]), "a cycle through Neg"),
        (nodes(vec![neg("y", "y")]), "a cycle through Neg"),
        (nodes(vec![neg("nowhere", "y")]), "\"nowhere\" is made by nothing"),
        (nodes(vec![]), "\"y\" is made by nothing"),
        (nodes(vec![neg("x", "y"), neg("x", "y")]), "a second one"),
        (nodes(vec![neg("x", "x"), neg("x", "y")]), "a second one"),
        (nodes(vec![node("Add", &["x"], &["y"])]), "input 1 is missing"),
        (nodes(vec![node("Add", &["x", ""], &["y"])]), "input 1 is missing"),
        (nodes(vec![node("", &["x"], &["y"])]), "a node without operator"),
        (nodes(vec![neg("x", "y").with(int("axis", 1))]), "the attribute axis has no meaning"),
        (nodes(vec![neg("x", "y").with(int("a", 1)).with(int("a", 2))]), "\"a\" twice"),
        (nodes(vec![node("Softmax", &["x"], &["y"]).with(float("axis", 1.0))]), "axis is no integer"),
        (nodes(vec![node("Softmax", &["x"], &["y"]).with(int("axis", 2))]), "axis 2 of an array that has 2"),
        (
            nodes(vec![node("Softmax", &["x"], &["y"]).with(int("axis", i64::MIN))]),
            "axis -9223372036854775808",
        ),
        (nodes(vec![node("Neg", &["x"], &["a", "y"])]), "output 1 of this operator"),
    ] {
        assert!(refusal.contains(part), "{part} in {refusal}");
    }
    let twice = Sketch::new(vec![node("Add", &["x", "w"], &["y"])]);
    let twice = twice.with(floats("w", &[4], &[1.0; 4])).with(floats("w", &[4], &[2.0; 4]));
    assert!(twice.refusal().contains("one initializer of a name"));
}

#[test]
fn arrays_that_are_not_what_they_say_are_refused() {
    let refusal =
        |array: TensorProto| Sketch::new(vec![node("Add", &["x", "w"], &["y"])]).with(array).refusal();
    let strange = |element| tensor("w", DataType(element), &[1]);
    for (array, part) in [
        (floats("w", &[5], &[1.0; 4]), "expected 20 bytes for shape [5], found 16 bytes"),
        (floats("w", &[1 << 40, 1 << 40], &[]), "larger than is allowed"),
        (floats("w", &[1 << 62, 1 << 62, 0], &[]), "larger than is allowed"),
        (floats("w", &[-4], &[]), "an extent of -4"),
        (floats("w", &[1; 17], &[1.0]), "an array of 17 axes"),
        (floats("w", &[4], &[1.0, f32::NAN, 1.0, 1.0]), "element 1: expected a finite number"),
        (tensor("w", DataType::FLOAT, &[4]), "expected 4 elements for shape [4], found 0"),
        (strange(8), "strings"),
        (strange(14), "complex numbers"),
        (strange(17), "8-bit floats"),
        (strange(22), "4-bit integers"),
        (strange(99), "element type 99"),
    ] {
        let refusal = refusal(array);
        assert!(refusal.contains(part) && refusal.contains("\"w\""), "{part} in {refusal}");
    }
}

#[test]
fn sizes_beyond_all_bounds_are_refused_before_memory_is_taken() {
    let begin = Instant::now();
    let sized = |operator: &str, sizes: &[i64]| {
        let nodes = vec![node(operator, &["x", "sizes"], &["y"])];
        Sketch::new(nodes).with(integers("sizes", &[sizes.len() as i64], sizes)).refusal()
    };
    let made = |sizes: &[i64]| {
        let nodes = vec![node("ConstantOfShape", &["sizes"], &["a"]), node("Add", &["a", "x"], &["y"])];
        Sketch::new(nodes).with(integers("sizes", &[sizes.len() as i64], sizes)).refusal()
    };
    let range = |from: i64, to: i64, by: i64| {
        let nodes = vec![
            node("Range", &["from", "to", "by"], &["a"]),
            node("Cast", &["a"], &["b"]).with(int("to", 1)),
            node("Add", &["b", "x"], &["y"]),
        ];
        Sketch::new(nodes)
            .with(integers("from", &[], &[from]))
            .with(integers("to", &[], &[to]))
            .with(integers("by", &[], &[by]))
            .refusal()
    };
    let windowed = |operator: &str, attribute: &str, values: &[i64]| {
        let mut nodes = vec![node(operator, &["image", "w"], &["y"]).with(ints(attribute, values))];
        if operator.ends_with("Pool") {
            nodes[0].input.pop();
            nodes[0].attribute.push(ints("kernel_shape", &[1, 1]));
        }
        nodes[0].input[0] = "x".to_owned();
        Sketch::new(nodes)
            .with(floats("w", &[1, 1, 1, 1], &[1.0]))
            .input(DataType::FLOAT, &[-1, 1, 4, 4])
            .refusal()
    };
    const HUGE: i64 = i64::MAX;
    for (refusal, part) in [
        (made(&[1_000_000_000_000]), "larger than is allowed"),
        (made(&[HUGE, HUGE, HUGE]), "larger than is allowed"),
        (made(&[-1]), "a size of -1"),
        (sized("Expand", &[1 << 50, 1, 4]), "larger than is allowed"),
        (sized("Tile", &[HUGE, HUGE]), "larger than is allowed"),
        (sized("Reshape", &[HUGE, HUGE]), "too large"),
        (sized("Reshape", &[-1, -1]), "stands twice"),
        (sized("Reshape", &[-2]), "negative"),
        (sized("Reshape", &[0, 0, 0]), "copies an axis"),
        (sized("Pad", &[0, HUGE, 0, HUGE]), "is padded by"),
        (sized("Pad", &[HUGE, 0, 0, 0]), "larger than is allowed"),
        (sized("Pad", &[0, -HUGE, 0, 0]), "is padded by"),
        (sized("Unsqueeze", &[HUGE]), "axis 9223372036854775807"),
        (sized("Unsqueeze", &[0, 0]), "name one axis twice"),
        (sized("Squeeze", &[1]), "not of size 1"),
        (range(0, HUGE, 1), "too long"),
        (range(i64::MIN, HUGE, 1), "too long"),
        (range(0, 1, 0), "delta is 0"),
        (windowed("Conv", "pads", &[HUGE, 0, 0, 0]), "pads is"),
        (windowed("Conv", "strides", &[0, 1]), "strides is"),
        (windowed("Conv", "pads", &[1 << 24; 4]), "larger than is allowed"),
        (windowed("ConvTranspose", "strides", &[1 << 24; 2]), "larger than is allowed"),
        (windowed("ConvTranspose", "output_padding", &[HUGE, 0]), "output_padding is"),
        (windowed("MaxPool", "pads", &[1 << 24; 4]), "larger than is allowed"),
        (windowed("AveragePool", "dilations", &[-1, 1]), "dilations is"),
    ] {
        assert!(refusal.contains(part), "{part} in {refusal}");
    }
    assert!(begin.elapsed().as_secs() < 20, "refused, but only after {:?}", begin.elapsed());
}

#[test]
fn integers_that_overflow_are_refused() {
    let refusal = |operator: &str, left: i64, right: i64| {
        let nodes = vec![node(operator, &["left", "right"], &["a"]), node("Reshape", &["x", "a"], &["y"])];
        Sketch::new(nodes)
            .with(integers("left", &[1], &[left]))
            .with(integers("right", &[1], &[right]))
            .refusal()
    };
    for (operator, left, right) in [
        ("Add", i64::MAX, 1),
        ("Sub", i64::MIN, 1),
        ("Mul", i64::MAX, 2),
        ("Div", 1, 0),
        ("Div", i64::MIN, -1),
        ("Mod", 1, 0),
        ("Pow", 10, 100),
        ("Pow", 10, -1),
    ] {
        let refusal = refusal(operator, left, right);
        assert!(refusal.contains("is no 64-bit integer"), "{operator}: {refusal}");
    }
}

#[test]
fn shapes_that_depend_on_the_data_are_refused() {
    let refusal = Sketch::new(vec![
        node("Cast", &["x"], &["a"]).with(int("to", 7)),
        node("Reshape", &["x", "a"], &["y"]),
    ])
    .refusal();
    assert!(refusal.contains("Reshape \"the Reshape\": input 1 depends on the data"), "{refusal}");
}

#[test]
fn graphs_within_graphs_are_refused_beyond_a_depth() {
    let mut inner = vec![node("Neg", &["x"], &["y"])];
    for _ in 0..200 {
        let branches = |nodes: &[NodeProto]| {
            node("If", &["yes"], &["y"]).with(graph("then_branch", nodes.to_vec(), "y")).with(graph(
                "else_branch",
                vec![node("Neg", &["x"], &["y"])],
                "y",
            ))
        };
        inner = vec![branches(&inner)];
    }
    let yes = TensorProto { int32_data: vec![1], ..tensor("yes", DataType::BOOL, &[]) };
    let refusal = Sketch::new(inner).with(yes).refusal();
    assert!(refusal.contains("graphs within graphs"), "{refusal}");
}

#[test]
fn many_small_messages_are_refused() {
    // Two bytes a node: a graph of nodes without anything.
    let nodes: Vec<u8> = [0x0a, 0x00].repeat(2 << 20);
    let mut bytes = vec![0x3a];
    let mut length = nodes.len();
    while length >= 0x80 {
        bytes.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend(nodes);
    let error = OnnxModel::from_bytes("many", &bytes, &NoExternalData).unwrap_err().to_string();
    assert!(error.contains("at most 1048576 nodes"), "{error}");
}

#[test]
fn what_is_no_onnx_file_is_refused() {
    for bytes in [&b""[..], b"PK\x03\x04", b"{\"a\": 1}", b"\x89PNG\r\n", &[0xff; 100]] {
        let error = OnnxModel::from_bytes("stranger", bytes, &NoExternalData).unwrap_err().to_string();
        assert!(error.starts_with("stranger, "), "{error}");
    }
}

/// A tensor whose elements are in another file.
pub fn outside(location: &str, more: &[(&str, &str)]) -> TensorProto {
    let entry = |key: &str, value: &str| StringStringEntryProto {
        key: Some(key.to_owned()),
        value: Some(value.to_owned()),
    };
    let mut external_data = vec![entry("location", location)];
    external_data.extend(more.iter().map(|(key, value)| entry(key, value)));
    TensorProto {
        external_data,
        data_location: Some(DataLocation::EXTERNAL),
        ..tensor("w", DataType::FLOAT, &[4])
    }
}

#[test]
fn external_data_is_read_and_kept_within_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("models");
    std::fs::create_dir(&inside).unwrap();
    let numbers: Vec<u8> = (0..6).flat_map(|i| (i as f32).to_le_bytes()).collect();
    std::fs::write(inside.join("weights.bin"), &numbers).unwrap();
    std::fs::write(folder.path().join("secret.bin"), &numbers).unwrap();
    let absolute = folder.path().join("secret.bin").display().to_string();
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("secret.bin"), inside.join("link.bin")).unwrap();
    let read = |array: TensorProto| {
        let sketch = Sketch::new(vec![node("Add", &["x", "w"], &["y"])]).with(array);
        let path = inside.join("model.onnx");
        std::fs::write(&path, sketch.bytes()).unwrap();
        OnnxModel::read(&path)
    };
    let model = read(outside("weights.bin", &[("offset", "4"), ("length", "16")])).unwrap();
    let values = model.values();
    let w = &values.get("w").unwrap().values;
    assert_eq!((0..4).map(|i| w.double(i)).collect::<Vec<_>>(), [1.0, 2.0, 3.0, 4.0]);
    assert!(read(outside("weights.bin", &[])).is_ok());
    for (array, part) in [
        (outside("../secret.bin", &[]), "only names of files in the model's own folder"),
        (outside("sub/../../secret.bin", &[]), "only names of files in the model's own folder"),
        (outside(&absolute, &[]), "only names of files in the model's own folder"),
        (outside("", &[]), "only names of files in the model's own folder"),
        (outside("\0", &[]), "only names of files in the model's own folder"),
        (outside(".", &[]), "only names of files in the model's own folder"),
        #[cfg(unix)]
        (outside("link.bin", &[]), "a symbolic link leads out"),
        (outside("missing.bin", &[]), "missing.bin"),
        (outside("weights.bin", &[("offset", "12")]), "a file of 24 bytes"),
        (outside("weights.bin", &[("offset", "18446744073709551615")]), "a file of 24 bytes"),
        (outside("weights.bin", &[("offset", "-1")]), "a number of bytes"),
        (outside("weights.bin", &[("length", "12")]), "a length of 12"),
    ] {
        let error = read(array).map(|model| model.values()).unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("initializer \"w\""), "{part} in {error}");
    }
    let error =
        Sketch::new(vec![node("Add", &["x", "w"], &["y"])]).with(outside("weights.bin", &[])).refusal();
    assert!(error.contains("no other files are given"), "{error}");
}

#[test]
fn external_bytes_are_not_handed_out_many_times() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("weights.bin"), [0; 16]).unwrap();
    let mut sketch = Sketch::new(vec![node("Sum", &["x"], &["y"])]);
    for i in 0..5 {
        let name = format!("w{i}");
        sketch.nodes[0].input.push(name.clone());
        sketch = sketch.with(TensorProto { name: Some(name), ..outside("weights.bin", &[]) });
    }
    let path = folder.path().join("model.onnx");
    std::fs::write(&path, sketch.bytes()).unwrap();
    let error = OnnxModel::read(&path).unwrap_err().to_string();
    assert!(error.contains("tensors that do not overlap"), "{error}");
}

/// The reader agrees with another implementation on files with random numbers.
#[test]
fn numbers_survive_another_writer() {
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let values = proptest::collection::vec(-1e30f32..1e30, 1..40);
    runner
        .run(&values, |values| {
            let n = values.len() as i64;
            for array in [
                floats("w", &[n], &values),
                TensorProto { float_data: values.clone(), ..tensor("w", DataType::FLOAT, &[n]) },
                TensorProto {
                    double_data: values.iter().map(|&v| f64::from(v)).collect(),
                    ..tensor("w", DataType::DOUBLE, &[n])
                },
            ] {
                let sketch = Sketch::new(vec![node("MatMul", &["x", "w"], &["y"])]);
                let model = sketch.input(DataType::FLOAT, &[-1, n]).with(array).read().unwrap();
                let read = model.values();
                // A single number is a weight too where it is multiplied as a matrix.
                let read = &read.get("w").unwrap().values;
                assert!((0..values.len()).all(|i| read.double(i) == f64::from(values[i])));
            }
            Ok(())
        })
        .unwrap();
}
