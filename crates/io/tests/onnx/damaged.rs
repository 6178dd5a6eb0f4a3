//! Damaged files, and sound files of senseless graphs, end in a model or an error, never in a panic.

use std::cell::RefCell;

use proptest::prelude::*;
use rten_onnx::onnx::{AttributeType, DataType, Dimension, ModelProto, NodeProto, TensorProto};
use thalweg_graph::{Builder, DType, Type};
use thalweg_io::{NoExternalData, OnnxModel, onnx_operators};

const FILES: [&[u8]; 6] = [
    include_bytes!("../fixtures/onnx/mlp-old.onnx"),
    include_bytes!("../fixtures/onnx/lenet-old.onnx"),
    include_bytes!("../fixtures/onnx/lenet-new.onnx"),
    include_bytes!("../fixtures/onnx/resnet20-new.onnx"),
    include_bytes!("../fixtures/onnx/resnet20-new-unfused.onnx"),
    include_bytes!("../fixtures/onnx/gpt-new.onnx"),
];

/// Reads a file and, if that succeeds, writes its outputs for two and for seven examples.
fn use_all(bytes: &[u8]) {
    let Ok(model) = OnnxModel::from_bytes("damaged.onnx", bytes, &NoExternalData) else { return };
    let _ = model.values().content_hash();
    let example: Option<Vec<usize>> = model.input().shape.iter().copied().collect();
    let example = example.unwrap_or_else(|| vec![4; model.input().shape.len()]);
    for examples in [2, 7] {
        let mut b = Builder::new();
        let arrays: Vec<_> = (model.arrays().iter())
            .map(|array| b.input(Type::new(DType::F64, array.shape.iter().copied())))
            .collect();
        let kind = if model.input().tokens { DType::I32 } else { DType::F64 };
        let x = b.input(Type::new(kind, std::iter::once(examples).chain(example.iter().copied())));
        let at = |name: &str| {
            let place = model.arrays().iter().position(|array| array.name == name);
            arrays[place.expect("one of the arrays")]
        };
        let _ = model.emit(&mut b, DType::F64, &at, x);
    }
}

/// Numbers that are likely to be taken for a size, an axis, a type or a step.
fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        -3i64..8,
        Just(0),
        Just(1),
        Just(-1),
        1i64..200,
        Just(i64::MAX),
        Just(i64::MIN),
        Just(1 << 31),
        Just(1 << 40),
        any::<i64>(),
    ]
}

/// One change of a graph.
#[derive(Clone, Debug)]
enum Change {
    /// Another operator for a node.
    Operator(usize, usize),
    /// An input of a node taken from elsewhere, left out or added.
    Input(usize, usize, usize),
    /// A number in an attribute.
    Number(usize, usize, usize, i64),
    /// An attribute that goes away, or gets a name from another node.
    Attribute(usize, usize, usize),
    /// An extent of an initializer or of the input.
    Extent(usize, usize, i64),
    /// A number in an initializer or constant of integers.
    Element(usize, usize, i64),
    /// Another version of the operators.
    Opset(i64),
    /// An element type.
    Type(usize, i32),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<usize>;
    prop_oneof![
        4 => (at(), at()).prop_map(|(n, o)| Change::Operator(n, o)),
        3 => (at(), at(), at()).prop_map(|(n, i, from)| Change::Input(n, i, from)),
        3 => (at(), at(), at(), number()).prop_map(|(n, a, i, v)| Change::Number(n, a, i, v)),
        2 => (at(), at(), at()).prop_map(|(n, a, from)| Change::Attribute(n, a, from)),
        2 => (at(), at(), number()).prop_map(|(t, i, v)| Change::Extent(t, i, v)),
        4 => (at(), at(), number()).prop_map(|(t, i, v)| Change::Element(t, i, v)),
        1 => (13i64..29).prop_map(Change::Opset),
        1 => (at(), 0i32..20).prop_map(|(t, e)| Change::Type(t, e)),
    ]
}

fn apply(model: &mut ModelProto, change: &Change) {
    let graph = model.graph.as_mut().unwrap();
    let nodes = graph.node.len();
    match *change {
        Change::Operator(n, o) => {
            let names: Vec<&str> = onnx_operators().map(|operator| operator.name).collect();
            graph.node[n % nodes].op_type = Some(names[o % names.len()].to_owned());
        }
        Change::Input(n, i, from) => {
            let source = &graph.node[from % nodes];
            let name = source.output.first().or(source.input.first()).cloned().unwrap_or_default();
            let inputs = &mut graph.node[n % nodes].input;
            let at = i % (inputs.len() + 1);
            match (inputs.get_mut(at), i % 3) {
                (Some(input), 0) => input.clear(),
                (Some(input), _) => *input = name,
                (None, _) => inputs.push(name),
            }
        }
        Change::Number(n, a, i, value) => {
            let Some(attribute) = pick(&mut graph.node[n % nodes].attribute, a) else { return };
            attribute.i = attribute.i.map(|_| value);
            attribute.f = attribute.f.map(|_| value as f32);
            match pick(&mut attribute.ints, i) {
                Some(number) => *number = value,
                None if attribute.r#type == Some(AttributeType::INTS) => attribute.ints.push(value),
                None => {}
            }
        }
        Change::Attribute(n, a, from) => {
            let borrowed = pick(&mut graph.node[from % nodes].attribute, a).cloned();
            let attributes = &mut graph.node[n % nodes].attribute;
            match borrowed {
                Some(attribute) => attributes.push(attribute),
                None => {
                    attributes.pop();
                }
            }
        }
        Change::Extent(t, i, value) => {
            if let Some(extent) = tensors(graph).into_iter().nth(t % 64).and_then(|t| pick(&mut t.dims, i)) {
                *extent = value;
                return;
            }
            let ty = graph.input[0].r#type.as_mut().and_then(|ty| ty.tensor_type.as_mut());
            let shape = ty.and_then(|ty| ty.shape.as_mut());
            if let Some(extent) = shape.and_then(|shape| pick(&mut shape.dim, i)) {
                *extent = Dimension { dim_value: Some(value), dim_param: None };
            }
        }
        Change::Element(t, i, value) => {
            let all = tensors(graph);
            let mut whole: Vec<&mut TensorProto> =
                all.into_iter().filter(|t| t.data_type == Some(DataType::INT64)).collect();
            let Some(tensor) = pick(&mut whole, t) else { return };
            if let Some(raw) = &tensor.raw_data {
                let mut raw = raw.borrow_mut();
                let count = raw.len() / 8;
                if count > 0 {
                    raw[i % count * 8..][..8].copy_from_slice(&value.to_le_bytes());
                }
            }
        }
        Change::Opset(version) => model.opset_import[0].version = Some(version),
        Change::Type(t, element) => {
            let mut all = tensors(graph);
            if let Some(tensor) = pick(&mut all, t) {
                // As many bytes as the other type needs.
                let sizes = [0, 4, 1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8, 8, 16, 2];
                let count =
                    tensor.dims.iter().fold(1i64, |n, &d| n.saturating_mul(d)).clamp(0, 1 << 16) as usize;
                let size = sizes.get(element as usize).copied().unwrap_or(1);
                tensor.data_type = Some(DataType(element));
                tensor.raw_data = Some(RefCell::new(vec![1; count * size]));
            }
        }
    }
}

fn pick<T>(list: &mut [T], at: usize) -> Option<&mut T> {
    let count = list.len();
    if count == 0 { None } else { list.get_mut(at % count) }
}

/// Initializers and constants in attributes.
fn tensors(graph: &mut rten_onnx::onnx::GraphProto) -> Vec<&mut TensorProto> {
    let constants = graph.node.iter_mut().flat_map(|node: &mut NodeProto| node.attribute.iter_mut());
    constants.filter_map(|attribute| attribute.t.as_mut()).chain(&mut graph.initializer).collect()
}

fn cases(count: u32) -> ProptestConfig {
    // More for a longer search: THALWEG_CASES=100000.
    let count = std::env::var("THALWEG_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(count);
    ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn damaged_bytes_do_not_panic(
        which in 0..FILES.len() - 2,
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 0..8),
        cut in prop::option::weighted(0.3, (any::<usize>(), any::<usize>())),
    ) {
        let mut bytes = FILES[which].to_vec();
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        if let Some((start, end)) = cut {
            let (start, end) = (start % bytes.len(), end % (bytes.len() + 1));
            bytes.drain(start.min(end)..end.max(start));
        }
        use_all(&bytes);
    }

    #[test]
    fn senseless_graphs_do_not_panic(
        which in 0..FILES.len(),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let mut model = ModelProto::parse_buf(FILES[which]).unwrap();
        changes.iter().for_each(|change| apply(&mut model, change));
        use_all(&model.write_buf().unwrap());
    }
}

#[test]
fn undamaged_files_are_read() {
    for bytes in FILES {
        OnnxModel::from_bytes("sound.onnx", bytes, &NoExternalData).unwrap();
        let again = ModelProto::parse_buf(bytes).unwrap().write_buf().unwrap();
        OnnxModel::from_bytes("written again.onnx", &again, &NoExternalData).unwrap();
    }
}
