//! Built-in networks, written as ONNX files and read again.

use std::sync::Arc;

use rten_onnx::onnx::ModelProto;
use thalweg_graph::DType;
use thalweg_io::{NamedArrays, NoExternalData, OnnxModel, Role, Values, export_onnx, from_flat};
use thalweg_lab::Objective;
use thalweg_lab::problem::network::{
    Activation, BatchNorm, Data, InputKind, Inputs, Model, ModelSpec, Network, Settings, Targets,
};

/// Numbers without a pattern, of about the given size.
fn numbers(count: usize, seed: f64, size: f64) -> Vec<f64> {
    (0..count).map(|i| size * ((i as f64 + 1.0) * seed).sin()).collect()
}

/// Parameters and buffers; variances are positive.
fn arrays(model: &dyn Model) -> NamedArrays {
    let layout = model.layout();
    let mut arrays = from_flat(&layout, &numbers(layout.dimension(), 0.731, 0.3), "the weights");
    for buffer in model.buffers() {
        let shape = buffer.value.ty().shape.to_vec();
        let values =
            numbers(shape.iter().product(), 1.37, 0.2).into_iter().map(|x| x + 0.9).collect::<Vec<f64>>();
        arrays.push(buffer.name, shape, values).unwrap();
    }
    arrays
}

/// The data loss on some examples.
fn loss(model: Arc<dyn Model>, arrays: &NamedArrays, examples: usize) -> f64 {
    let (input, output) = (model.input(), model.output());
    let size = input.size();
    let inputs = match input.kind {
        InputKind::Numbers => Inputs::Numbers(numbers(examples * size, 0.377, 1.0)),
        InputKind::Tokens { vocabulary } => {
            Inputs::Tokens((0..examples * size).map(|i| (i * 7 % vocabulary) as i32).collect())
        }
    };
    let (&count, positions) = output.split_last().unwrap();
    let labels = examples * positions.iter().product::<usize>();
    let labels = (0..labels).map(|i| (i * 5 % count) as i32).collect();
    let data = Data { inputs, features: size, targets: Targets::Classes { labels, count } };
    let settings = Settings { batch_norm: BatchNorm::Frozen, ..Settings::default() };
    let mut network: Network<f64> = Network::new(model, data, settings).unwrap();
    let wide = |name: &str| match &arrays.get(name).unwrap_or_else(|| panic!("{name}")).values {
        Values::F64(values) => values.clone(),
        other => panic!("{name}: {other:?}"),
    };
    let buffers: Vec<String> = network.buffers().map(|(buffer, _)| buffer.name.clone()).collect();
    for name in buffers {
        if arrays.get(&name).is_some() {
            network.set_buffer(&name, &wide(&name));
        }
    }
    let x: Vec<f64> = network.layout().blocks().iter().flat_map(|block| wide(&block.name)).collect();
    network.value(&x)
}

fn round_trip(spec: &ModelSpec) {
    let arrays = arrays(spec);
    let bytes = export_onnx(spec, &arrays, DType::F64).unwrap_or_else(|error| panic!("{error}"));
    // Another implementation of the format reads the same file.
    let file = ModelProto::parse_buf(&bytes).unwrap();
    assert_eq!(file.producer_name.as_deref(), Some("thalweg"));
    let name = format!("{spec}.onnx");
    let model =
        OnnxModel::from_bytes(&name, &bytes, &NoExternalData).unwrap_or_else(|error| panic!("{error}"));
    let model = model.bind(&spec.input().shape).unwrap();
    assert_eq!(Model::output(&model), spec.output(), "{name}");
    let found = loss(Arc::new(model), &arrays, 5);
    let wanted = loss(Arc::new(spec.clone()), &arrays, 5);
    assert!((found - wanted).abs() <= 1e-12 * wanted.abs(), "{name}: {found} instead of {wanted}");
}

#[test]
fn every_architecture_comes_back() {
    for text in [
        "mlp:6-5-3",
        "deep-linear:5-4-3",
        "autoencoder:6-3",
        "lenet5",
        "cnn:4-6,input=2x9x9",
        "cnn:4-6,input=2x16",
        "resnet20,input=3x8x8",
        "resnet20,no-skip,norm=group,input=3x8x8",
        "vgg11,input=3x32x32",
        "vit-tiny,input=3x8x8",
        "gpt:2-12-3-7",
        "gpt:1-12-3-7,positions=rotary",
        "gpt:1-12-3-7,positions=sinusoidal,untied",
    ] {
        round_trip(&text.parse().unwrap_or_else(|error| panic!("{text}: {error}")));
    }
}

/// How many nodes of a kind a file has.
fn nodes(bytes: &[u8], kind: &str) -> usize {
    let graph = ModelProto::parse_buf(bytes).unwrap().graph.unwrap();
    graph.node.iter().filter(|node| node.op_type.as_deref() == Some(kind)).count()
}

#[test]
fn statistics_of_batch_normalization_are_no_weights() {
    for (text, layers) in [
        ("resnet20,input=3x8x8", 19),
        ("cnn:4-6,norm=batch,input=2x9x9", 2),
        ("resnet20,norm=group,input=3x8x8", 0),
    ] {
        for dtype in [DType::F32, DType::F64] {
            let spec: ModelSpec = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            let bytes = export_onnx(&spec, &arrays(&spec), dtype).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(nodes(&bytes, "BatchNormalization"), layers, "{text}");
            // Nothing of the arithmetic is left beside.
            assert!(layers == 0 || nodes(&bytes, "Reciprocal") == 0, "{text}");
            let model = OnnxModel::from_bytes("net.onnx", &bytes, &NoExternalData).unwrap();
            let of_role = |role| {
                let of_role = model.arrays().iter().filter(|array| array.role == role);
                of_role.map(|array| array.name.clone()).collect::<Vec<String>>()
            };
            let mut wanted: Vec<String> = spec.layout().blocks().iter().map(|b| b.name.clone()).collect();
            let mut weights = of_role(Role::Weight);
            wanted.sort();
            weights.sort();
            assert_eq!(weights, wanted, "{text}");
            assert_eq!(of_role(Role::Statistic).len(), 2 * layers, "{text}");
            assert!(of_role(Role::Statistic).iter().all(|name| name.contains(".running_")), "{text}");
        }
    }
}

#[test]
fn layer_normalization_is_one_operator_in_single_precision() {
    for (text, layers) in [("vit-tiny,input=3x8x8", 25), ("gpt:2-12-3-7", 5)] {
        let spec: ModelSpec = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        let arrays = arrays(&spec);
        let double = export_onnx(&spec, &arrays, DType::F64).unwrap();
        assert_eq!(nodes(&double, "LayerNormalization"), 0, "{text}");
        let bytes = export_onnx(&spec, &arrays, DType::F32).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(nodes(&bytes, "LayerNormalization"), layers, "{text}");
        assert_eq!(nodes(&bytes, "Reciprocal"), 0, "{text}");
        let model = OnnxModel::from_bytes("net.onnx", &bytes, &NoExternalData).unwrap();
        let model = model.bind(&spec.input().shape).unwrap();
        let found = loss(Arc::new(model), &arrays, 5);
        let wanted = loss(Arc::new(spec.clone()), &arrays, 5);
        // Constants of the file have 32 bits.
        assert!((found - wanted).abs() <= 1e-6 * wanted.abs(), "{text}: {found} instead of {wanted}");
    }
}

#[test]
fn every_activation_comes_back() {
    for activation in Activation::ALL {
        let mut spec: ModelSpec = "mlp:4-6-3".parse().unwrap();
        spec.activation = activation;
        round_trip(&spec);
    }
}

#[test]
fn what_cannot_be_written_is_refused() {
    let spec: ModelSpec = "gpt:1-12-3-7,dropout=0.1".parse().unwrap();
    let error = export_onnx(&spec, &arrays(&spec), DType::F32).unwrap_err().to_string();
    assert!(error.contains("cannot be written as ONNX: it draws random numbers"), "{error}");
    let spec: ModelSpec = "mlp:4-6-3".parse().unwrap();
    let other: ModelSpec = "mlp:4-7-3".parse().unwrap();
    let error = export_onnx(&spec, &arrays(&other), DType::F32).unwrap_err().to_string();
    assert_eq!(error, "mlp:4-6-3, array fc0.weight: expected the shape [6, 4], found [7, 4]");
}
