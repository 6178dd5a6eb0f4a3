//! What the caller may say about how data is read.

use serde::{Deserialize, Serialize};

use crate::dataset::Scaling;
use crate::dataset::assemble::MOST_CLASSES;
use crate::error::DataError;
use crate::format::DECODED_LIMIT;

/// How to read a dataset. The default suits most files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoadOptions {
    /// Which part of data that comes in parts; none means the training part.
    pub part: Option<Part>,
    /// What to do to the inputs.
    pub scaling: Scaling,
    /// Whether targets are classes or numbers.
    pub target: TargetKind,
    /// The number of classes; none means the largest label plus one, and 10 for CIFAR-10.
    pub classes: Option<usize>,
    /// Only the first so many examples.
    pub limit: Option<usize>,
    /// Read plain text, in sequences of so many characters; none means that the file is no text.
    pub context: Option<usize>,
    /// CSV: the column of targets, by name, or by index from 0, or from the end with a
    /// minus sign; none means the last.
    pub label_column: Option<String>,
    /// CSV: whether the first line names the columns; none means to find out.
    pub header: Option<bool>,
    /// CSV: the character between cells; none means to find out (comma, semicolon or tab).
    pub delimiter: Option<char>,
    /// The largest number of bytes to decode from compressed content, 4 GiB by default.
    pub max_bytes: u64,
}

/// A part of data that comes in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// MNIST's `train-…` files, CIFAR-10's `data_batch_…`.
    Train,
    /// MNIST's `t10k-…` files, CIFAR-10's `test_batch`.
    Test,
}

/// Whether targets are classes or numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// Classes if there is one target an example and all are whole numbers from 0 to
    /// 999 (in `.npz`: of an integer type) or, in CSV, words; else numbers.
    #[default]
    Auto,
    /// Classes: whole numbers from 0, or in CSV any text.
    Classes,
    /// Numbers.
    Values,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            part: None,
            scaling: Scaling::default(),
            target: TargetKind::default(),
            classes: None,
            limit: None,
            context: None,
            label_column: None,
            header: None,
            delimiter: None,
            max_bytes: DECODED_LIMIT,
        }
    }
}

impl LoadOptions {
    /// How many of `stored` rows to take.
    pub(crate) fn rows(&self, stored: usize, file: &str) -> Result<usize, DataError> {
        match self.limit {
            None => Ok(stored),
            Some(n) if (1..=stored).contains(&n) => Ok(n),
            Some(n) => Err(DataError::option(
                file,
                "the number of examples",
                format!("1 to {stored}"),
                n.to_string(),
            )),
        }
    }

    /// The stated number of classes, if it is a sensible one.
    pub(crate) fn stated_classes(&self, file: &str) -> Result<Option<usize>, DataError> {
        match self.classes {
            Some(n) if !(1..=MOST_CLASSES as usize).contains(&n) => {
                let expected = format!("1 to {MOST_CLASSES}");
                Err(DataError::option(file, "the number of classes", expected, n.to_string()))
            }
            classes => Ok(classes),
        }
    }

    /// Refuses what only CSV has a use for.
    pub(crate) fn without_columns(&self, file: &str) -> Result<(), DataError> {
        let option = if self.label_column.is_some() {
            "the label column"
        } else if self.header.is_some() {
            "the header"
        } else if self.delimiter.is_some() {
            "the delimiter"
        } else {
            return Ok(());
        };
        Err(DataError::option(file, option, "left out, as the data is not CSV", "one"))
    }

    /// Refuses a part of data that is one whole.
    pub(crate) fn without_parts(&self, file: &str) -> Result<(), DataError> {
        match self.part {
            None => Ok(()),
            Some(part) => Err(DataError::Missing {
                file: file.to_owned(),
                what: format!("{} part", part.name()),
                found: "one undivided whole".into(),
            }),
        }
    }
}

impl Part {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Part::Train => "train",
            Part::Test => "test",
        }
    }
}
