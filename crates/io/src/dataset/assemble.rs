//! From stored arrays to a dataset.

use crate::dataset::{Dataset, Targets};
use crate::error::DataError;
use crate::options::{LoadOptions, TargetKind};
use crate::stored::StoredArray;

/// Labels from here on are taken for numbers or for a mistake, not for classes.
pub(crate) const MOST_CLASSES: u64 = 65_536;
/// Whole numbers up to here are classes unless the caller says otherwise.
pub(crate) const AUTO_CLASSES: u64 = 1_000;

/// Inputs and targets as a file holds them.
#[derive(Clone, Debug)]
pub(crate) struct Examples<'a> {
    pub name: String,
    /// The files of inputs and targets, for errors; often the same.
    pub input_file: String,
    pub target_file: String,
    pub inputs: StoredArray<'a>,
    pub targets: StoredArray<'a>,
    /// What native scaling divides by.
    pub divisor: Option<f32>,
    /// The number of classes, where the format fixes it.
    pub classes: Option<usize>,
    /// Whether `[n, height, width]` are images of one channel.
    pub one_channel: bool,
}

impl Examples<'_> {
    /// Checks and converts everything.
    pub(crate) fn into_dataset(mut self, options: &LoadOptions) -> Result<Dataset, DataError> {
        self.check_counts()?;
        let stored = self.inputs.shape[0];
        let rows = options.rows(stored, &self.input_file)?;
        self.inputs.take_rows(rows);
        self.targets.take_rows(rows);
        let targets = self.convert_targets(options)?;
        let mut inputs = single_precision(&self.inputs, &self.input_file)?;
        let mut input_shape = self.inputs.shape[1..].to_vec();
        if input_shape.is_empty() || (self.one_channel && input_shape.len() == 2) {
            input_shape.insert(0, 1);
        }
        let features = input_shape.iter().product();
        let scaling = options.scaling.apply(&mut inputs, features, self.divisor);
        Ok(Dataset {
            name: self.name,
            inputs,
            input_shape,
            vocabulary: None,
            targets,
            class_names: Vec::new(),
            scaling,
        })
    }

    fn check_counts(&self) -> Result<(), DataError> {
        let (inputs, targets) = (&self.inputs, &self.targets);
        let (Some(&n), Some(&m)) = (inputs.shape.first(), targets.shape.first()) else {
            let lone = if inputs.shape.is_empty() { inputs } else { targets };
            let place = format!("{} as a whole", lone.name);
            return Err(DataError::mismatch(
                &self.input_file,
                place,
                "one row an example",
                "a single number",
            ));
        };
        if n != m {
            let expected = format!("{n} rows, one for each of {} in {}", inputs.name, self.input_file);
            let place = format!("{} of shape {:?}", targets.name, targets.shape);
            return Err(DataError::mismatch(&self.target_file, place, expected, m.to_string()));
        }
        if inputs.len() == 0 || targets.len() == 0 {
            let lone = if inputs.len() == 0 { inputs } else { targets };
            let found = format!("the shape {:?}", lone.shape);
            return Err(DataError::mismatch(&self.input_file, &lone.name, "at least one number", found));
        }
        Ok(())
    }

    fn convert_targets(&self, options: &LoadOptions) -> Result<Targets, DataError> {
        let targets = &self.targets;
        let stated = options.stated_classes(&self.target_file)?.or(self.classes);
        let one_each = targets.row_len() == 1;
        let whole = targets.dtype.is_integer();
        let small = || targets.doubles().all(|v| (0.0..AUTO_CLASSES as f64).contains(&v));
        let classes = match options.target {
            TargetKind::Classes => true,
            TargetKind::Values => false,
            TargetKind::Auto => one_each && whole && (stated.is_some() || small()),
        };
        if !classes {
            let values = single_precision(targets, &self.target_file)?;
            return Ok(Targets::Values { values, width: targets.row_len() });
        }
        if !one_each {
            let expected = "one class a row; one-hot rows load as values";
            let found = format!("the shape {:?}", targets.shape);
            return Err(DataError::mismatch(&self.target_file, &targets.name, expected, found));
        }
        let place = |i| targets.place(i);
        let (labels, count) = class_labels(targets.doubles(), stated, &self.target_file, place)?;
        Ok(Targets::Classes { labels, count })
    }
}

/// Whole numbers as labels. Without a `fixed` number of classes it is the largest label plus one.
pub(crate) fn class_labels(
    values: impl Iterator<Item = f64>,
    fixed: Option<usize>,
    file: &str,
    place: impl Fn(usize) -> String,
) -> Result<(Vec<u32>, usize), DataError> {
    let limit = fixed.map_or(MOST_CLASSES, |count| count as u64);
    let mut labels = Vec::with_capacity(values.size_hint().0);
    for (i, value) in values.enumerate() {
        if !(value >= 0.0 && value < limit as f64 && value.fract() == 0.0) {
            return Err(DataError::Label {
                file: file.to_owned(),
                place: place(i),
                last: limit.saturating_sub(1),
                found: value.to_string(),
            });
        }
        labels.push(value as u32);
    }
    let largest = labels.iter().max().map_or(0, |&label| label as usize + 1);
    Ok((labels, fixed.unwrap_or(largest)))
}

fn single_precision(array: &StoredArray<'_>, file: &str) -> Result<Vec<f32>, DataError> {
    let mut values = Vec::with_capacity(array.len());
    for (i, double) in array.doubles().enumerate() {
        let single = double as f32;
        if !single.is_finite() {
            return Err(non_finite(file, format!("{} (indices from 0)", array.place(i)), double));
        }
        values.push(single);
    }
    Ok(values)
}

/// The error for a number that single precision does not hold.
pub(crate) fn non_finite(file: &str, place: String, value: f64) -> DataError {
    let found = if value.is_finite() { format!("{value:e}, too large for f32") } else { value.to_string() };
    DataError::NonFinite { file: file.to_owned(), place, found }
}
