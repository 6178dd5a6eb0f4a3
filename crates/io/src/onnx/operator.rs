//! The operators that can be translated: one table, one function an operator.

mod activation;
mod attention;
mod constant;
mod convolve;
mod elementwise;
mod index;
mod matrix;
mod normalize;
mod pool;
mod reduce;
mod rotary;
mod shape;
mod softmax;
mod table;
mod window;

use super::array::Outcome;
use super::call::Call;
use super::emitter::{Emitter, Tensor};

pub(super) use shape::resolve;
pub(super) use table::TABLE;

/// A row of the table.
pub(super) struct Operator {
    pub name: &'static str,
    /// Version of the operators in which it came, or 13 if it is older.
    pub since: i64,
    pub write: Write,
    /// What inputs are for, where that decides what is a weight.
    pub uses: &'static [(usize, Use)],
    /// What is not translated, for the documentation.
    pub limits: &'static str,
}

/// Writes the nodes that an operator stands for; returns its outputs, or at least
/// those that are used.
pub(super) type Write = fn(&mut Emitter, &Call) -> Outcome<Vec<Tensor>>;

/// What an operator takes an input for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Use {
    /// As an array among others.
    Data,
    /// As the weight, scale or bias of a layer.
    Weight,
    /// As the mean or variance of activations.
    Statistic,
    /// As a number that must be known before the program runs.
    Known,
}

impl Operator {
    const fn new(name: &'static str, since: i64, write: Write) -> Self {
        Self { name, since, write, uses: &[], limits: "" }
    }

    const fn uses(self, uses: &'static [(usize, Use)]) -> Self {
        Self { uses, ..self }
    }

    const fn limits(self, limits: &'static str) -> Self {
        Self { limits, ..self }
    }
}

/// An operator of ONNX that can be translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnnxOperator {
    /// Its name.
    pub name: &'static str,
    /// The first version of the operators that is understood and has it.
    pub since: i64,
    /// What of it is not translated, if anything.
    pub limits: &'static str,
}

/// Every operator that can be translated, by name.
pub fn onnx_operators() -> impl Iterator<Item = OnnxOperator> {
    let branch = OnnxOperator { name: "If", since: super::program::OLDEST, limits: "known condition" };
    let at = TABLE.partition_point(|operator| operator.name < branch.name);
    let row = |operator: &Operator| OnnxOperator {
        name: operator.name,
        since: operator.since,
        limits: operator.limits,
    };
    TABLE[..at].iter().map(row).chain([branch]).chain(TABLE[at..].iter().map(row))
}

/// The operator of this name.
pub(super) fn find(name: &str) -> Option<&'static Operator> {
    TABLE.binary_search_by_key(&name, |operator| operator.name).ok().map(|i| &TABLE[i])
}

/// Why an operator that is not in the table will not be, where there is a reason.
pub(super) fn refusal(name: &str) -> Option<&'static str> {
    const QUANTIZED: &str = "quantized models have no derivative; export the model in floating point";
    const RECURRENT: &str = "loops are not unrolled; export the model without recurrence";
    const RANDOM: &str = "random numbers would make the loss another function at each call";
    const SEQUENCE: &str = "sequences and optional values are not arrays";
    Some(match name {
        _ if name.starts_with("QLinear") => QUANTIZED,
        "QuantizeLinear" | "DequantizeLinear" | "DynamicQuantizeLinear" | "ConvInteger" | "MatMulInteger" => {
            QUANTIZED
        }
        "LSTM" | "GRU" | "RNN" | "Loop" | "Scan" => RECURRENT,
        "RandomNormal" | "RandomNormalLike" | "RandomUniform" | "RandomUniformLike" | "Multinomial"
        | "Bernoulli" => RANDOM,
        _ if name.contains("Sequence") && name != "ReverseSequence" || name.starts_with("Optional") => {
            SEQUENCE
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
