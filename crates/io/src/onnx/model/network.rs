//! An ONNX model as one of the laboratory's networks.

use thalweg_graph::{Builder, DType, Literal};
use thalweg_lab::Layout;
use thalweg_lab::problem::network::{self, Buffer, Call, Draw, Input, InputKind, Statistics};

use super::{OnnxArray, OnnxModel};
use crate::onnx::emitter::Normalization;
use crate::onnx::roles::Role;

/// The axes of the input must be known: see [`OnnxModel::bind`].
impl network::Model for OnnxModel {
    fn name(&self) -> String {
        self.file.clone()
    }

    fn layout(&self) -> Layout {
        Layout::new(self.parameters().map(|array| (array.name.clone(), array.shape.clone())))
    }

    fn initial(&self) -> Vec<Draw> {
        self.parameters().map(|array| Draw::Given(self.literal(array))).collect()
    }

    fn buffers(&self) -> Vec<Buffer> {
        let buffers = self.arrays.iter().filter(|array| !array.trained).map(|array| Buffer {
            name: array.name.clone(),
            value: self.literal(array),
            statistic: array.role == Role::Statistic,
        });
        buffers.collect()
    }

    fn has_statistics(&self) -> bool {
        self.arrays.iter().any(|array| array.role == Role::Statistic)
    }

    fn input(&self) -> Input {
        let shape: Option<Vec<usize>> = self.input.shape.iter().copied().collect();
        let kind = match self.input.tokens {
            true => InputKind::Tokens { vocabulary: self.vocabulary().unwrap_or(i32::MAX as usize) },
            false => InputKind::Numbers,
        };
        Input { shape: shape.expect("a model that is bound to the shape of its examples"), kind }
    }

    fn output(&self) -> Vec<usize> {
        self.output().expect("a model that is bound to the shape of its examples").to_vec()
    }

    fn outputs(&self, b: &mut Builder, call: &Call) -> network::Outputs {
        let given = call.parameters.iter().chain(call.buffers).map(|&value| b.ty(value).dtype);
        let float = given.chain([b.ty(call.x).dtype]).find(|dtype| dtype.is_float()).unwrap_or(DType::F32);
        let trained = self.parameters().zip(call.parameters);
        let others = self.arrays.iter().filter(|array| !array.trained).zip(call.buffers);
        let values: std::collections::HashMap<&str, _> =
            trained.chain(others).map(|(array, &value)| (array.name.as_str(), value)).collect();
        let normalization = match call.statistics {
            Statistics::Batch => Normalization::Batch,
            Statistics::Fixed => Normalization::Fixed,
        };
        let outputs = self.emit_with(b, float, &|name| values[name], call.x, normalization);
        let outputs = outputs.unwrap_or_else(|error| panic!("a model that was translated before: {error}"));
        let statistics = self.arrays.iter().filter(|array| array.role == Role::Statistic).map(|array| {
            let found = outputs.statistics.iter().find(|(name, _)| *name == array.name);
            found.map_or(values[array.name.as_str()], |&(_, value)| value)
        });
        let statistics = if call.statistics == Statistics::Batch { statistics.collect() } else { Vec::new() };
        network::Outputs { z: outputs.z, statistics }
    }
}

impl OnnxModel {
    /// The values of an array in the file.
    fn literal(&self, array: &OnnxArray) -> Literal {
        let i = self.arrays.iter().position(|other| other.name == array.name).expect("one of the arrays");
        let array = &self.program.initializers[self.numbers[i]].1;
        let float = match array.data {
            crate::onnx::array::Data::Single(_) => DType::F32,
            _ => DType::F64,
        };
        array.literal(float).expect("floats in their own precision")
    }
}
