//! A first walk through the graph, which shows what the file alone does not say.

use std::collections::HashMap;

use thalweg_graph::{Builder, DType, Type, Value};

use super::OnnxModel;
use crate::onnx::batch::Batch;
use crate::onnx::emitter::{Emitter, Normalization};
use crate::onnx::error::OnnxError;
use crate::onnx::roles::Role;

/// What a walk through the graph showed.
#[derive(Clone, Debug)]
pub(super) struct Probed {
    /// Shape of one example's output.
    pub output: Vec<usize>,
    /// Numbers that tokens are below.
    pub vocabulary: Option<usize>,
    /// Where the number of examples is written into the file.
    pub batch: Batch,
}

impl OnnxModel {
    /// Walks through the graph with a prime number of examples and with one, on scratch paper.
    pub(super) fn probe(&self, example: &[usize]) -> Result<Probed, OnnxError> {
        let prime = self.prime(example);
        let batch = match self.input.batch {
            Some(made_for) => Batch::probing(made_for, prime),
            None => Batch::default(),
        };
        let probed = self.scratch(example, prime, batch.clone(), Normalization::File)?;
        if self.arrays.iter().any(|array| array.role == Role::Statistic) {
            for normalization in [Normalization::Batch, Normalization::Fixed] {
                self.scratch(example, prime, batch.clone(), normalization)?;
            }
        }
        let replayed = match self.input.batch {
            Some(made_for) if made_for != 1 => Batch::replaying(&probed.batch, 1),
            _ => Batch::default(),
        };
        self.scratch(example, 1, replayed, Normalization::File)?;
        Ok(probed)
    }

    fn scratch(
        &self,
        example: &[usize],
        examples: usize,
        batch: Batch,
        normalization: Normalization,
    ) -> Result<Probed, OnnxError> {
        let mut b = Builder::new();
        let mut arrays: HashMap<&str, Value> = HashMap::new();
        for array in &self.arrays {
            let ty = Type::new(DType::F32, array.shape.iter().copied());
            arrays.insert(&array.name, b.input(ty));
        }
        let dtype = if self.input.tokens { DType::I32 } else { DType::F32 };
        let x = b.input(Type::new(dtype, std::iter::once(examples).chain(example.iter().copied())));
        let mut e = Emitter::new(&mut b, DType::F32);
        (e.batch, e.normalization) = (batch, normalization);
        let z = self.walk(&mut e, &|name| arrays[name], x)?;
        self.check_output(e.b.shape(z), examples)?;
        let output = e.b.shape(z)[1..].to_vec();
        Ok(Probed { output, vocabulary: e.vocabulary, batch: e.batch })
    }

    /// A prime number that no size in the file is a multiple of.
    fn prime(&self, example: &[usize]) -> usize {
        let arrays = self.program.initializers.iter().flat_map(|(_, array)| &array.shape);
        let sizes: Vec<usize> = arrays.chain(example).chain(&self.input.batch).copied().collect();
        let is_prime = |n: &usize| (2..).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
        let stands_out = |n: &usize| sizes.iter().all(|size| *size == 0 || !size.is_multiple_of(*n));
        (101..).filter(is_prime).find(stands_out).expect("finitely many numbers have finitely many divisors")
    }
}
