//! Examples for a network.

use super::{Loss, ModelSpec};
use crate::Scalar;

/// What the outputs are compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets<T> {
    /// A class for each example.
    Classes {
        /// Class numbers, below `count`.
        labels: Vec<i32>,
        /// Number of classes.
        count: usize,
    },
    /// A vector for each example, N × `width`, row-major.
    Values {
        /// The vectors.
        values: Vec<T>,
        /// Length of each.
        width: usize,
    },
}

/// Inputs and targets of N examples.
#[derive(Clone, Debug, PartialEq)]
pub struct Data<T> {
    /// N × `features`, row-major.
    pub inputs: Vec<T>,
    /// Length of an input.
    pub features: usize,
    /// What the outputs are compared with.
    pub targets: Targets<T>,
}

/// Why data, model and loss do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DataMismatch(String);

impl<T: Scalar> Data<T> {
    /// Number N of examples.
    pub fn examples(&self) -> usize {
        self.inputs.len() / self.features.max(1)
    }

    /// Checks that a model takes these inputs and that a loss compares its outputs with these targets.
    pub fn check(&self, model: &ModelSpec, loss: &Loss) -> Result<(), DataMismatch> {
        let fail = |what: String| Err(DataMismatch(what));
        let n = self.examples();
        if n == 0 {
            return fail("there are no examples".into());
        }
        if self.features != model.inputs() {
            return fail(format!(
                "the model {model} takes inputs of {}, the data has {}",
                model.inputs(),
                self.features
            ));
        }
        match &self.targets {
            Targets::Classes { labels, count } => {
                if labels.len() != n {
                    return fail(format!("{} labels for {n} examples", labels.len()));
                }
                if *count > model.outputs() {
                    return fail(format!(
                        "the model {model} has {} outputs, the data {count} classes",
                        model.outputs()
                    ));
                }
                if let Some(i) = labels.iter().position(|&l| l < 0 || l as usize >= *count) {
                    return fail(format!("label {} of example {i} is not below {count}", labels[i]));
                }
            }
            Targets::Values { values, width } => {
                if matches!(loss, Loss::CrossEntropy { .. }) {
                    return fail(
                        "cross-entropy needs classes, and the data's targets are numbers: use squared-error"
                            .into(),
                    );
                }
                if *width != model.outputs() || values.len() != n * width {
                    return fail(format!(
                        "the model {model} has {} outputs, the data targets of {width}",
                        model.outputs()
                    ));
                }
            }
        }
        Ok(())
    }
}
