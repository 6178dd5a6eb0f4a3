//! The Fisher matrix of a network, layer by layer, in Kronecker factors.

use std::ops::Range;

use crate::Scalar;

/// Kronecker factors of the Fisher matrix's blocks, one for each dense layer.
///
/// A dense layer takes āᵢ, its input for example i followed by 1 if it has a bias, to the
/// pre-activations sᵢ = W̄ āᵢ. Over B examples the block of W̄ is (1/B) Σᵢ āᵢāᵢᵀ ⊗ E(gᵢgᵢᵀ) with
/// gᵢ = −∂ log p(y|xᵢ)/∂sᵢ, and
///
/// A ⊗ G with A = (1/B) Σᵢ āᵢāᵢᵀ and G = (1/B) Σᵢ E(gᵢgᵢᵀ)
///
/// approximates it; for one example it is exact. The expectation is over targets y that the
/// model itself predicts, and is taken exactly. Penalties are no part of it.
///
/// Source: Martens & Grosse, *Optimizing neural networks with Kronecker-factored approximate
/// curvature* (ICML 2015), §3, the diagonal blocks. They draw y at random.
#[derive(Clone, Debug, PartialEq)]
pub struct KroneckerFisher<T> {
    /// The layers, in the order of their weights.
    pub layers: Vec<DenseFactors<T>>,
    /// How many passes back through the model it took: one for each of its outputs.
    pub passes: u64,
}

/// The factors of one dense layer.
#[derive(Clone, Debug, PartialEq)]
pub struct DenseFactors<T> {
    /// Where the layer's parameters lie.
    pub layer: DenseLayer,
    /// A (d × d, row-major), where d is the number of inputs, and of the bias.
    pub inputs: Vec<T>,
    /// G (c × c, row-major), where c is the number of outputs.
    pub outputs: Vec<T>,
}

/// Where the parameters of a dense layer lie in the flat vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DenseLayer {
    /// Number of inputs, the bias not among them, and of outputs.
    pub widths: [usize; 2],
    /// The weight: `[outputs, inputs]`, row-major.
    pub weight: Range<usize>,
    /// The bias, if there is one.
    pub bias: Option<Range<usize>>,
    /// Whether the weight is held the other way round, `[inputs, outputs]`.
    pub transposed: bool,
}

impl DenseLayer {
    /// Rows and columns of W̄, which has the bias as its last column.
    pub fn shape(&self) -> [usize; 2] {
        [self.widths[1], self.widths[0] + usize::from(self.bias.is_some())]
    }

    /// Where the entry of W̄ in row `output` and column `input` lies.
    pub fn place(&self, output: usize, input: usize) -> usize {
        let [inputs, outputs] = self.widths;
        match &self.bias {
            Some(bias) if input == inputs => bias.start + output,
            _ if self.transposed => self.weight.start + input * outputs + output,
            _ => self.weight.start + output * inputs + input,
        }
    }
}

/// Why an objective has no such factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this objective has no Kronecker factors: {reason}")]
pub struct NoFactors {
    /// Why.
    pub reason: &'static str,
}

impl NoFactors {
    /// Said by a function that is no network.
    pub const NO_NETWORK: Self = Self { reason: "it is no network with dense layers" };
}

impl<T: Scalar> KroneckerFisher<T> {
    /// The factors of a linear model with one output and no bias under squared error, whose
    /// only block, that of the n weights, is A itself.
    pub fn linear(inputs: Vec<T>) -> Self {
        let n = inputs.len().isqrt();
        let layer = DenseLayer { widths: [n, 1], weight: 0..n, bias: None, transposed: false };
        Self { layers: vec![DenseFactors { layer, inputs, outputs: vec![T::one()] }], passes: 1 }
    }
}
