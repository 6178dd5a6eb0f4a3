//! Models by a short specification.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thalweg_graph::Builder;

use super::architecture::{Architecture, Mlp, read};
use super::model::{Buffer, Call, Input, Model, Outputs};
use super::net::{Declared, declare, emit};
use super::{Activation, Draw, Initialization};
use crate::Layout;

/// Why a specification is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SpecError(pub(super) String);

/// Parameters beyond this are mistakes.
const MOST: u128 = 1 << 31;

/// A built-in architecture with what all of them have.
///
/// ```
/// use thalweg_lab::problem::network::{Model, ModelSpec};
/// let model: ModelSpec = "mlp:64-32-10".parse()?;
/// assert_eq!(model.layout().dimension(), 64 * 32 + 32 + 32 * 10 + 10);
/// assert_eq!(model.layout().blocks()[0].name, "fc0.weight");
///
/// let model: ModelSpec = "resnet20,no-skip,norm=group".parse()?;
/// assert_eq!(model.layout().blocks()[3].name, "layer1.0.conv1.weight");
/// # Ok::<(), thalweg_lab::problem::network::SpecError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSpec {
    /// Layers and sizes.
    pub architecture: Architecture,
    /// The nonlinearity.
    pub activation: Activation,
    /// Whether layers have a bias where the architecture leaves it open; normalization always
    /// has one, and convolutions before batch normalization never.
    pub bias: bool,
}

impl ModelSpec {
    /// A perceptron with tanh and biases.
    pub fn mlp(widths: &[usize]) -> Self {
        Self::new(Architecture::Mlp(Mlp { widths: widths.to_vec() }))
    }

    /// An architecture with its usual activation, and biases.
    pub fn new(architecture: Architecture) -> Self {
        Self { activation: architecture.design().activation(), architecture, bias: true }
    }

    /// How weights are usually drawn where the architecture leaves it open.
    pub fn initialization(&self) -> Initialization {
        self.architecture.design().initialization(self.activation)
    }

    /// The model for data whose examples are like `input`, with as many `outputs`: shape and
    /// number of classes, or length and vocabulary, are taken over where the architecture
    /// leaves them open, and what cannot fit is refused.
    ///
    /// ```
    /// use thalweg_lab::problem::network::{Input, Model, ModelSpec};
    /// let model: ModelSpec = "lenet5".parse()?;
    /// let colour = model.clone().fitted(&Input::numbers([3, 32, 32]), 100)?;
    /// assert_eq!(colour.to_string(), "lenet5,input=3x32x32,classes=100");
    /// let error = model.fitted(&Input::numbers([1, 8, 8]), 10).unwrap_err();
    /// assert!(error.to_string().contains("at least 12 positions"));
    /// # Ok::<(), thalweg_lab::problem::network::SpecError>(())
    /// ```
    pub fn fitted(mut self, input: &Input, outputs: usize) -> Result<Self, SpecError> {
        let name = self.to_string();
        let design = self.architecture.design_mut();
        match design.fit(input, outputs).and_then(|()| design.check()).and_then(|()| self.small_enough()) {
            Ok(()) => Ok(self),
            Err(reason) => Err(SpecError(format!("model {name:?} does not fit the data: {reason}"))),
        }
    }

    /// Whether the inputs are their own targets ([`Data::autoencoding`](super::Data::autoencoding)).
    pub fn is_autoencoder(&self) -> bool {
        matches!(self.architecture, Architecture::Autoencoder(_))
    }

    fn small_enough(&self) -> Result<(), String> {
        let sizes = self.declared().blocks.into_iter();
        let sizes = sizes.map(|(_, shape)| shape.into_iter().map(|n| n as u128).product::<u128>());
        match sizes.sum() {
            0..=MOST => Ok(()),
            parameters => Err(format!("it has {parameters} parameters, more than the {MOST} allowed")),
        }
    }

    fn declared(&self) -> Declared {
        let design = self.architecture.design();
        declare(&design.input(), self.activation, self.bias, |net, x| design.write(net, x))
    }
}

impl Model for ModelSpec {
    fn name(&self) -> String {
        self.to_string()
    }

    /// With PyTorch's names and shapes: `fc0.weight` (out × in), `fc0.bias` (out), `fc1.weight` …
    fn layout(&self) -> Layout {
        self.declared().layout()
    }

    fn initial(&self) -> Vec<Draw> {
        self.declared().initial
    }

    fn buffers(&self) -> Vec<Buffer> {
        self.declared().buffers
    }

    fn input(&self) -> Input {
        self.architecture.design().input()
    }

    fn output(&self) -> Vec<usize> {
        self.declared().output
    }

    fn outputs(&self, b: &mut Builder, call: &Call) -> Outputs {
        emit(b, call, self.activation, self.bias, |net, x| self.architecture.design().write(net, x))
    }
}

impl FromStr for ModelSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let problem = |reason: String| SpecError(format!("model {text:?}: {reason}"));
        let model = Self::new(read(text).map_err(problem)?);
        model.small_enough().map_err(problem)?;
        Ok(model)
    }
}

impl fmt::Display for ModelSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.architecture.design().fmt(f)
    }
}

impl From<ModelSpec> for Arc<dyn Model> {
    fn from(spec: ModelSpec) -> Self {
        Arc::new(spec)
    }
}

#[cfg(test)]
mod tests;
