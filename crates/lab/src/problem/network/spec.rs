//! Models by a short specification.

use std::fmt;
use std::str::FromStr;

use super::Activation;
use crate::Layout;

/// Why a specification is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SpecError(pub(super) String);

/// A multilayer perceptron: dense layers z = W h + b with an activation between them.
///
/// Written `mlp:64-32-10`: the sizes of the input, of each hidden layer and of
/// the output.
///
/// ```
/// use thalweg_lab::problem::network::ModelSpec;
/// let model: ModelSpec = "mlp:64-32-10".parse()?;
/// assert_eq!(model.layout().dimension(), 64 * 32 + 32 + 32 * 10 + 10);
/// assert_eq!(model.layout().blocks()[0].name, "fc0.weight");
/// # Ok::<(), thalweg_lab::problem::network::SpecError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ModelSpec {
    /// Sizes of input, hidden layers and output.
    pub widths: Vec<usize>,
    /// The nonlinearity after every layer but the last.
    pub activation: Activation,
    /// Whether layers have a bias.
    pub bias: bool,
}

impl ModelSpec {
    /// A perceptron with tanh and biases.
    pub fn mlp(widths: &[usize]) -> Self {
        Self { widths: widths.to_vec(), activation: Activation::Tanh, bias: true }
    }

    /// Size of an input.
    pub fn inputs(&self) -> usize {
        self.widths[0]
    }

    /// Size of an output.
    pub fn outputs(&self) -> usize {
        self.widths[self.widths.len() - 1]
    }

    /// Parameters in PyTorch's order, names and shapes: `fc0.weight` (out × in), `fc0.bias` (out), `fc1.weight` …
    pub fn layout(&self) -> Layout {
        let blocks = self.widths.windows(2).enumerate().flat_map(|(i, pair)| {
            let weight = (format!("fc{i}.weight"), vec![pair[1], pair[0]]);
            let bias = self.bias.then(|| (format!("fc{i}.bias"), vec![pair[1]]));
            std::iter::once(weight).chain(bias)
        });
        Layout::new(blocks)
    }
}

impl FromStr for ModelSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let problem = |what: String| SpecError(format!("model {text:?}: {what}"));
        let sizes = text
            .strip_prefix("mlp:")
            .ok_or_else(|| problem("expected mlp:IN-HIDDEN-…-OUT, for example mlp:64-32-10".into()))?;
        let widths = sizes
            .split('-')
            .map(|size| match size.parse::<usize>() {
                Ok(n) if (1..=1 << 24).contains(&n) => Ok(n),
                _ => Err(problem(format!("expected a layer size from 1 to 16777216, found {size:?}"))),
            })
            .collect::<Result<Vec<usize>, SpecError>>()?;
        if widths.len() < 2 {
            return Err(problem("expected at least an input and an output size".into()));
        }
        let parameters: u128 = widths.windows(2).map(|w| (w[0] as u128 + 1) * w[1] as u128).sum();
        if parameters > 1 << 31 {
            return Err(problem(format!("it has {parameters} parameters, more than the 2147483648 allowed")));
        }
        Ok(Self::mlp(&widths))
    }
}

impl fmt::Display for ModelSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mlp:")?;
        for (i, width) in self.widths.iter().enumerate() {
            write!(f, "{}{width}", if i == 0 { "" } else { "-" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifications_round_trip_or_explain_themselves() {
        for text in ["mlp:64-32-10", "mlp:3-1"] {
            assert_eq!(text.parse::<ModelSpec>().unwrap().to_string(), text);
        }
        for (text, reason) in [
            ("cnn:3", "expected mlp:"),
            ("mlp:64", "at least an input and an output"),
            ("mlp:64-0-10", "\"0\""),
            ("mlp:64-x-10", "\"x\""),
            ("mlp:16777216-16777216", "parameters"),
        ] {
            let error = text.parse::<ModelSpec>().unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains(text), "{error}");
        }
    }
}
