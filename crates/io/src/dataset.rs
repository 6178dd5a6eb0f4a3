//! Examples with their targets.

pub(crate) mod assemble;
mod scaling;

use sha2::{Digest, Sha256};
use thalweg_lab::random::Stream;

pub use scaling::{Applied, Scaling};

use crate::error::DataError;
use crate::hash::hex;

/// N examples in memory: inputs, and a class or numbers to predict for each.
///
/// Inputs are single-precision and row-major, N × [`features`](Self::features).
/// [`load_dataset`](crate::load_dataset), [`dataset_from_bytes`](crate::dataset_from_bytes)
/// and [`digits`](crate::digits) make them; [`Dataset::new`] makes one of your own numbers.
///
/// ```
/// let digits = thalweg_io::digits();
/// assert_eq!((digits.len(), digits.features()), (1797, 64));
/// let (train, test) = digits.split(0.2, 0)?;
/// assert_eq!((train.len(), test.len()), (1438, 359));
/// # Ok::<(), thalweg_io::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// What it is called: `digits`, or the file's or folder's name.
    pub name: String,
    /// N × features numbers, row-major, all finite.
    pub inputs: Vec<f32>,
    /// Shape of one example; `[channels, height, width]` for images.
    pub input_shape: Vec<usize>,
    /// How many words or characters there are, where inputs are their numbers; `None`
    /// where inputs are real numbers.
    pub vocabulary: Option<usize>,
    /// What is to be predicted.
    pub targets: Targets,
    /// The classes' names where the data gives them, else empty.
    pub class_names: Vec<String>,
    /// What was done to the inputs.
    pub scaling: Applied,
}

/// The label of a position that does not count.
pub const IGNORED: u32 = u32::MAX;

/// What is to be predicted for each example.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// One of `count` classes.
    Classes {
        /// N labels, each less than `count`.
        labels: Vec<u32>,
        /// Number of classes.
        count: usize,
    },
    /// One of `count` classes at each of `positions` places.
    Sequence {
        /// N × positions labels, each less than `count` or [`IGNORED`].
        labels: Vec<u32>,
        /// Number of classes.
        count: usize,
        /// Places in an example.
        positions: usize,
    },
    /// `width` numbers.
    Values {
        /// N × width numbers, row-major, all finite.
        values: Vec<f32>,
        /// Numbers an example.
        width: usize,
    },
}

impl Dataset {
    /// A dataset of the given numbers, taken as they are.
    ///
    /// # Errors
    /// Refused are: no examples, an empty shape, lengths that do not agree, numbers
    /// that are not finite and labels that are not less than the number of classes.
    pub fn new(
        name: impl Into<String>,
        inputs: Vec<f32>,
        input_shape: Vec<usize>,
        targets: Targets,
    ) -> Result<Self, DataError> {
        let scaling = Applied::AsStored;
        let dataset = Self {
            name: name.into(),
            inputs,
            input_shape,
            vocabulary: None,
            targets,
            class_names: Vec::new(),
            scaling,
        };
        dataset.check()?;
        Ok(dataset)
    }

    /// Number of examples N.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there are no examples; never, as constructors refuse it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Numbers in one example, the product of its shape.
    pub fn features(&self) -> usize {
        self.input_shape.iter().product()
    }

    /// The numbers of example `index`.
    pub fn input(&self, index: usize) -> &[f32] {
        let width = self.features();
        &self.inputs[index * width..][..width]
    }

    /// How many outputs a model of it has: the number of classes, or the targets' width.
    pub fn outputs(&self) -> usize {
        match self.targets {
            Targets::Classes { count, .. } | Targets::Sequence { count, .. } => count,
            Targets::Values { width, .. } => width,
        }
    }

    /// Examples of each class; `None` where an example is not of one class.
    pub fn class_counts(&self) -> Option<Vec<usize>> {
        let Targets::Classes { labels, count } = &self.targets else {
            return None;
        };
        let mut counts = vec![0; *count];
        labels.iter().for_each(|&label| counts[label as usize] += 1);
        Some(counts)
    }

    /// The examples of the given indices, in that order; repeats are allowed.
    ///
    /// # Panics
    /// If an index is not less than the number of examples.
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            name: self.name.clone(),
            inputs: indices.iter().flat_map(|&i| self.input(i)).copied().collect(),
            input_shape: self.input_shape.clone(),
            vocabulary: self.vocabulary,
            targets: self.targets.select(indices),
            class_names: self.class_names.clone(),
            scaling: self.scaling,
        }
    }

    /// The first `n` examples.
    ///
    /// # Errors
    /// [`DataError::Option`] if `n` is 0 or more than there are.
    pub fn subset(&self, n: usize) -> Result<Self, DataError> {
        if n == 0 || n > self.len() {
            let expected = format!("1 to {}", self.len());
            return Err(DataError::option(&self.name, "the number of examples", expected, n.to_string()));
        }
        let indices: Vec<usize> = (0..n).collect();
        Ok(self.select(&indices))
    }

    /// Shuffles the examples by the random stream (`seed`, "split", 0) and sets the share `test_share` of them apart: (train, test).
    ///
    /// The test part has ⌊N · share + ½⌋ examples. The same seed and number of
    /// examples give the same split on every machine.
    ///
    /// # Errors
    /// [`DataError::Option`] unless both parts hold an example.
    pub fn split(&self, test_share: f64, seed: u64) -> Result<(Self, Self), DataError> {
        let test = (self.len() as f64 * test_share + 0.5).floor();
        if !(test >= 1.0 && test < self.len() as f64) {
            let expected = format!("a share that leaves 1 to {} examples for the test", self.len() - 1);
            return Err(DataError::option(&self.name, "the test share", expected, test_share.to_string()));
        }
        let order = Stream::new(seed, "split", 0).permutation(self.len());
        let order: Vec<usize> = order.into_iter().map(|i| i as usize).collect();
        let (train, test) = order.split_at(self.len() - test as usize);
        Ok((self.select(train), self.select(test)))
    }

    /// SHA-256 in hexadecimal of the numbers: two datasets with the same hash train the same model.
    ///
    /// Hashed are, with all counts as 64-bit little-endian integers: a version
    /// line, N, the number of axes and the extents of one example, the inputs as
    /// little-endian f32; then `classes`, the number of classes and the labels as
    /// u32, or `sequence`, the numbers of classes and of positions and the labels, or
    /// `values`, the width and the values as f32. Names do not count.
    pub fn content_hash(&self) -> String {
        let mut hash = Sha256::new();
        let count = |hash: &mut Sha256, n: usize| hash.update((n as u64).to_le_bytes());
        hash.update(b"thalweg dataset 1\n");
        count(&mut hash, self.len());
        count(&mut hash, self.input_shape.len());
        self.input_shape.iter().for_each(|&n| count(&mut hash, n));
        let single = |hash: &mut Sha256, values: &[f32]| {
            for part in values.chunks(4096) {
                hash.update(part.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>());
            }
        };
        single(&mut hash, &self.inputs);
        match &self.targets {
            Targets::Classes { labels, count: classes } => {
                hash.update(b"classes");
                count(&mut hash, *classes);
                hash.update(labels.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>());
            }
            Targets::Sequence { labels, count: classes, positions } => {
                hash.update(b"sequence");
                count(&mut hash, *classes);
                count(&mut hash, *positions);
                hash.update(labels.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>());
            }
            Targets::Values { values, width } => {
                hash.update(b"values");
                count(&mut hash, *width);
                single(&mut hash, values);
            }
        }
        hex(&hash.finalize())
    }

    fn check(&self) -> Result<(), DataError> {
        let wrong = |place: &str, expected: String, found: usize| {
            Err(DataError::mismatch(&self.name, place, expected, found.to_string()))
        };
        let examples = self.targets.len();
        let per_example = self.features();
        if examples == 0 {
            return wrong("the targets", "at least one example".into(), 0);
        }
        if per_example == 0 {
            return wrong("the shape of an example", "at least one number".into(), 0);
        }
        if self.inputs.len() != examples * per_example {
            let expected = format!("{examples} × {per_example} numbers, one row a target");
            return wrong("the inputs", expected, self.inputs.len());
        }
        finite(&self.inputs, per_example, &self.name, "inputs")?;
        match &self.targets {
            Targets::Classes { labels, count } | Targets::Sequence { labels, count, .. } => {
                let ignorable = matches!(self.targets, Targets::Sequence { .. });
                let wrong = |&label: &u32| label as usize >= *count && !(ignorable && label == IGNORED);
                match labels.iter().position(wrong) {
                    None => Ok(()),
                    Some(row) => Err(DataError::Label {
                        file: self.name.clone(),
                        place: format!("row {row} of the labels"),
                        last: count.saturating_sub(1) as u64,
                        found: labels[row].to_string(),
                    }),
                }
            }
            Targets::Values { values, width } if values.len() != examples * width => {
                wrong("the targets", format!("a multiple of {width} numbers"), values.len())
            }
            Targets::Values { values, width } => finite(values, *width, &self.name, "targets"),
        }
    }
}

impl Targets {
    /// Number of examples.
    pub fn len(&self) -> usize {
        match self {
            Targets::Classes { labels, .. } => labels.len(),
            Targets::Sequence { labels, positions, .. } => labels.len().checked_div(*positions).unwrap_or(0),
            Targets::Values { values, width } => values.len().checked_div(*width).unwrap_or(0),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn select(&self, indices: &[usize]) -> Self {
        match self {
            Targets::Classes { labels, count } => {
                Targets::Classes { labels: indices.iter().map(|&i| labels[i]).collect(), count: *count }
            }
            Targets::Sequence { labels, count, positions } => Targets::Sequence {
                labels: indices
                    .iter()
                    .flat_map(|&i| &labels[i * positions..][..*positions])
                    .copied()
                    .collect(),
                count: *count,
                positions: *positions,
            },
            Targets::Values { values, width } => Targets::Values {
                values: indices.iter().flat_map(|&i| &values[i * width..][..*width]).copied().collect(),
                width: *width,
            },
        }
    }
}

fn finite(values: &[f32], width: usize, file: &str, what: &str) -> Result<(), DataError> {
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(i) => Err(DataError::NonFinite {
            file: file.to_owned(),
            place: format!("row {}, column {} of the {what} (counted from 0)", i / width, i % width),
            found: values[i].to_string(),
        }),
    }
}

#[cfg(test)]
mod tests;
