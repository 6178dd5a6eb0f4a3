//! Any bytes as an ONNX file: a model that can be written into a program, or an error.

#![no_main]

use libfuzzer_sys::fuzz_target;
use thalweg_graph::{Builder, DType, Type};
use thalweg_io::{NoExternalData, OnnxModel};

fuzz_target!(|bytes: &[u8]| {
    let Ok(model) = OnnxModel::from_bytes("fuzz.onnx", bytes, &NoExternalData) else { return };
    // Axes that the file leaves open get a size.
    let example: Vec<usize> = model.input().shape.iter().map(|extent| extent.unwrap_or(4)).collect();
    for examples in [1, 3] {
        let mut b = Builder::new();
        let arrays: Vec<_> = (model.arrays().iter())
            .map(|array| b.input(Type::new(DType::F64, array.shape.iter().copied())))
            .collect();
        let kind = if model.input().tokens { DType::I32 } else { DType::F64 };
        let x = b.input(Type::new(kind, std::iter::once(examples).chain(example.iter().copied())));
        let at = |name: &str| {
            let place = model.arrays().iter().position(|array| array.name == name);
            arrays[place.expect("one of the model's arrays")]
        };
        let _ = model.emit(&mut b, DType::F64, &at, x);
    }
});
