//! Examples for a network.

use super::model::{Input, InputKind};
use super::{Loss, Model};
use crate::Scalar;

/// What goes into the network.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs<T> {
    /// Real numbers.
    Numbers(Vec<T>),
    /// Numbers of words or characters, from 0.
    Tokens(Vec<i32>),
}

/// What the outputs are compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets<T> {
    /// A class for each output position of each example: N of them, or N × T.
    Classes {
        /// Class numbers, below `count`; negative where a position does not count.
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
    pub inputs: Inputs<T>,
    /// Length of an input.
    pub features: usize,
    /// What the outputs are compared with.
    pub targets: Targets<T>,
}

/// Why data, model and loss do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DataMismatch(String);

impl<T> Inputs<T> {
    /// How many numbers or tokens there are.
    pub fn len(&self) -> usize {
        match self {
            Inputs::Numbers(numbers) => numbers.len(),
            Inputs::Tokens(tokens) => tokens.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Scalar> Data<T> {
    /// Number N of examples.
    pub fn examples(&self) -> usize {
        self.inputs.len() / self.features.max(1)
    }

    /// The examples of these numbers, in this order.
    pub fn select(&self, indices: &[u32]) -> Self {
        let n = self.examples();
        let inputs = match &self.inputs {
            Inputs::Numbers(_) => Inputs::Numbers(vec![T::zero(); indices.len() * self.features]),
            Inputs::Tokens(_) => Inputs::Tokens(vec![0; indices.len() * self.features]),
        };
        let targets = match &self.targets {
            Targets::Classes { labels, count } => {
                Targets::Classes { labels: vec![0; indices.len() * (labels.len() / n)], count: *count }
            }
            Targets::Values { width, .. } => {
                Targets::Values { values: vec![T::zero(); indices.len() * width], width: *width }
            }
        };
        let mut chosen = Data { inputs, features: self.features, targets };
        self.gather(indices, &mut chosen);
        chosen
    }

    /// Copies the examples of these numbers into data of that many examples.
    pub(super) fn gather(&self, indices: &[u32], to: &mut Self) {
        match (&self.inputs, &mut to.inputs) {
            (Inputs::Numbers(from), Inputs::Numbers(to)) => rows(from, indices, to),
            (Inputs::Tokens(from), Inputs::Tokens(to)) => rows(from, indices, to),
            _ => unreachable!("made alike"),
        }
        match (&self.targets, &mut to.targets) {
            (Targets::Classes { labels: from, .. }, Targets::Classes { labels: to, .. }) => {
                rows(from, indices, to);
            }
            (Targets::Values { values: from, .. }, Targets::Values { values: to, .. }) => {
                rows(from, indices, to);
            }
            _ => unreachable!("made alike"),
        }
    }

    /// Inputs and targets as programs take them.
    pub(super) fn bytes(&self) -> [&[u8]; 2] {
        let inputs: &[u8] = match &self.inputs {
            Inputs::Numbers(numbers) => bytemuck::cast_slice(numbers),
            Inputs::Tokens(tokens) => bytemuck::cast_slice(tokens),
        };
        let targets: &[u8] = match &self.targets {
            Targets::Classes { labels, .. } => bytemuck::cast_slice(labels),
            Targets::Values { values, .. } => bytemuck::cast_slice(values),
        };
        [inputs, targets]
    }

    /// The same examples with their inputs as targets, as an autoencoder has them.
    ///
    /// # Errors
    /// If the inputs are tokens.
    pub fn autoencoding(self) -> Result<Self, DataMismatch> {
        match &self.inputs {
            Inputs::Numbers(numbers) => {
                let targets = Targets::Values { values: numbers.clone(), width: self.features };
                Ok(Self { targets, ..self })
            }
            Inputs::Tokens(_) => {
                Err(DataMismatch("an autoencoder takes real numbers, the data has tokens".into()))
            }
        }
    }

    /// Shape of an example's target, as programs take it.
    pub(super) fn target_shape(&self, model: &dyn Model, loss: &Loss) -> Vec<usize> {
        let output = model.output();
        match (&self.targets, loss) {
            (Targets::Classes { labels, .. }, Loss::Output) => vec![labels.len() / self.examples()],
            (Targets::Values { width, .. }, Loss::Output) => vec![*width],
            (Targets::Classes { .. }, _) => output[..output.len() - 1].to_vec(),
            (Targets::Values { .. }, _) => output,
        }
    }

    /// Checks that a model takes these inputs and that a loss compares its outputs with these targets.
    pub fn check(&self, model: &dyn Model, loss: &Loss) -> Result<(), DataMismatch> {
        let n = self.examples();
        if n == 0 {
            return Err(DataMismatch("there are no examples".into()));
        }
        let name = model.name();
        self.check_inputs(&name, &model.input())?;
        let output = model.output();
        let classes = *output.last().expect("an output has an axis");
        let positions: usize = output[..output.len() - 1].iter().product();
        loss.check(classes).map_err(DataMismatch)?;
        match &self.targets {
            Targets::Classes { labels, count } => {
                self.check_labels(&name, labels, *count, loss, [positions, classes])
            }
            Targets::Values { values, width } => {
                self.check_values(&name, values, *width, loss, positions * classes)
            }
        }
    }

    fn check_labels(
        &self,
        name: &str,
        labels: &[i32],
        count: usize,
        loss: &Loss,
        [positions, classes]: [usize; 2],
    ) -> Result<(), DataMismatch> {
        let fail = |what: String| Err(DataMismatch(what));
        let n = self.examples();
        if *loss == Loss::Output && labels.len().is_multiple_of(n) {
            return Ok(());
        }
        if labels.len() != n * positions {
            return fail(match positions {
                1 => format!("{} labels for {n} examples", labels.len()),
                _ => format!("{} labels for {n} examples of {positions} positions", labels.len()),
            });
        }
        // One logistic output tells two classes apart.
        let told = if *loss == Loss::BinaryCrossEntropy && classes == 1 { 2 } else { classes };
        if count > told {
            return fail(format!("the model {name} has {classes} outputs, the data {count} classes"));
        }
        let wrong = |&l: &i32| l >= count as i32 || (l < 0 && positions == 1);
        match labels.iter().position(wrong) {
            Some(i) => fail(format!("label {} of example {} is not below {count}", labels[i], i / positions)),
            None => Ok(()),
        }
    }

    fn check_values(
        &self,
        name: &str,
        values: &[T],
        width: usize,
        loss: &Loss,
        outputs: usize,
    ) -> Result<(), DataMismatch> {
        let fail = |what: String| Err(DataMismatch(what));
        if matches!(loss, Loss::CrossEntropy { .. }) {
            return fail(
                "cross-entropy needs classes, and the data's targets are numbers: use squared-error".into(),
            );
        }
        let n = self.examples();
        if values.len() != n * width || (width != outputs && *loss != Loss::Output) {
            return fail(format!("the model {name} has {outputs} outputs, the data targets of {width}"));
        }
        let share = |v: &T| (0.0..=1.0).contains(&v.wide());
        match values.iter().position(|v| !share(v)) {
            Some(i) if *loss == Loss::BinaryCrossEntropy => fail(format!(
                "binary cross-entropy needs targets from 0 to 1, and one of example {} is {}",
                i / width,
                values[i].wide()
            )),
            _ => Ok(()),
        }
    }

    fn check_inputs(&self, name: &str, input: &Input) -> Result<(), DataMismatch> {
        let fail = |what: String| Err(DataMismatch(what));
        if self.features != input.size() {
            return fail(format!(
                "the model {name} takes inputs of {}, the data has {}",
                input.size(),
                self.features
            ));
        }
        match (&self.inputs, input.kind) {
            (Inputs::Numbers(_), InputKind::Numbers) => Ok(()),
            (Inputs::Numbers(_), InputKind::Tokens { .. }) => {
                fail(format!("the model {name} takes tokens, the data has real numbers"))
            }
            (Inputs::Tokens(_), InputKind::Numbers) => {
                fail(format!("the model {name} takes real numbers, the data has tokens"))
            }
            (Inputs::Tokens(tokens), InputKind::Tokens { vocabulary }) => {
                match tokens.iter().position(|&t| t < 0 || t as usize >= vocabulary) {
                    Some(i) => fail(format!(
                        "token {} of example {} is not below the vocabulary's {vocabulary}",
                        tokens[i],
                        i / self.features
                    )),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Copies the rows of these numbers one after the other.
fn rows<T: Copy>(from: &[T], indices: &[u32], to: &mut [T]) {
    let width = to.len() / indices.len().max(1);
    if width == 1 {
        return to.iter_mut().zip(indices).for_each(|(to, &i)| *to = from[i as usize]);
    }
    for (to, &i) in to.chunks_exact_mut(width.max(1)).zip(indices) {
        to.copy_from_slice(&from[i as usize * width..][..width]);
    }
}
