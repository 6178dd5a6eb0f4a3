//! What a file holds, without refusing anything that can be read.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::dataset::assemble::AUTO_CLASSES;
use crate::error::DataError;
use crate::format::table::Table;
use crate::format::{DECODED_LIMIT, Format, cifar, gzip, idx, npz, recognize, safetensors};
use crate::load::base_name;
use crate::options::LoadOptions;
use crate::stored::StoredArray;

/// What a file or folder of data or weights holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Description {
    /// The path, or `digits`.
    pub file: String,
    /// Its format.
    pub format: Option<Format>,
    /// Bytes on the disk; 0 for what is built in.
    pub bytes: u64,
    /// Its arrays, or the columns of a table, in order.
    pub arrays: Vec<ArraySummary>,
    /// Numbers in all arrays together.
    pub elements: usize,
    /// Examples of each class, where there are labels.
    pub classes: Vec<ClassCount>,
}

/// One array in numbers. `min`, `max` and `mean` are taken over its finite elements.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArraySummary {
    /// Its name.
    pub name: String,
    /// Element type as stored (`u8`, `f32`, …), or `number` or `text` for a column.
    pub dtype: String,
    /// Its extents.
    pub shape: Vec<usize>,
    /// Smallest element; none if no element is finite.
    pub min: Option<f64>,
    /// Largest element.
    pub max: Option<f64>,
    /// Mean of the elements.
    pub mean: Option<f64>,
    /// Elements that are NaN or infinite.
    pub non_finite: usize,
    /// Cells of a column that hold nothing.
    pub empty: usize,
}

/// How many examples a class has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClassCount {
    /// Its number or name.
    pub class: String,
    /// Its examples.
    pub examples: usize,
}

/// What the bytes of one file hold; `file` is its name.
pub fn describe_bytes(bytes: &[u8], file: &str) -> Result<Description, DataError> {
    let content = gzip::unwrap(bytes, file, DECODED_LIMIT)?;
    let format = recognize(&content, file)?;
    let mut description = Description::new(file, Some(format), bytes.len() as u64);
    match format {
        Format::Idx => {
            let name = if base_name(file).contains("label") { "labels" } else { "images" };
            let array = idx::parse(&content, file, name)?;
            if array.shape.len() == 1 {
                description.classes = count_classes(&array, "");
            }
            description.push(&array, "");
        }
        Format::Cifar10 => {
            let [images, labels] = cifar::parse(&[(&content, file)])?;
            description.classes = count_classes(&labels, "");
            description.push(&images, "");
            description.push(&labels, "");
        }
        Format::Npz => {
            for array in npz::parse(&content, file, DECODED_LIMIT.max(content.len() as u64))? {
                if array.name == "y" && array.row_len() == 1 {
                    description.classes = count_classes(&array, "");
                }
                description.push(&array, "");
            }
        }
        Format::Safetensors => {
            safetensors::parse(&content, file)?.iter().for_each(|array| description.push(array, ""));
        }
        Format::Csv => {
            describe_table(&Table::open(&content, file, &LoadOptions::default())?, &mut description)?
        }
    }
    Ok(description)
}

/// Adds inputs, targets and classes, with `prefix` before their names.
#[cfg(feature = "files")]
pub(crate) fn describe_examples(
    examples: &crate::dataset::assemble::Examples<'_>,
    prefix: &str,
    description: &mut Description,
) {
    description.push(&examples.inputs, prefix);
    description.push(&examples.targets, prefix);
    description.classes.extend(count_classes(&examples.targets, prefix));
}

impl Description {
    pub(crate) fn new(file: &str, format: Option<Format>, bytes: u64) -> Self {
        Self { file: file.to_owned(), format, bytes, arrays: Vec::new(), elements: 0, classes: Vec::new() }
    }

    fn push(&mut self, array: &StoredArray<'_>, prefix: &str) {
        let mut summary = Moments::default();
        array.doubles().for_each(|v| summary.add(v));
        let name = format!("{prefix}{}", array.name);
        self.arrays.push(summary.into_summary(name, array.dtype.to_string(), array.shape.clone(), 0));
        self.elements += array.len();
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        self.format.iter().try_for_each(|format| write!(f, ": {format}"))?;
        if self.bytes > 0 {
            write!(f, ", {} bytes", self.bytes)?;
        }
        writeln!(f, ", {} numbers", self.elements)?;
        let width = self.arrays.iter().map(|a| a.name.chars().count()).max().unwrap_or(0);
        for array in &self.arrays {
            let shape = format!("{:?}", array.shape);
            write!(f, "  {:width$}  {:6} {shape:18}", array.name, array.dtype)?;
            if let (Some(min), Some(max), Some(mean)) = (array.min, array.max, array.mean) {
                write!(f, "  {} to {}, mean {}", short(min), short(max), short(mean))?;
            }
            if array.non_finite > 0 {
                write!(f, "  {} not finite", array.non_finite)?;
            }
            if array.empty > 0 {
                write!(f, "  {} empty", array.empty)?;
            }
            writeln!(f)?;
        }
        if !self.classes.is_empty() {
            let counts: Vec<_> =
                self.classes.iter().map(|c| format!("{}: {}", c.class, c.examples)).collect();
            writeln!(f, "  examples of each class: {}", counts.join(", "))?;
        }
        Ok(())
    }
}

/// A number in six digits.
fn short(value: f64) -> String {
    if value != 0.0 && !(1e-4..1e6).contains(&value.abs()) {
        return format!("{value:.5e}");
    }
    let decimals = 5usize.saturating_sub(value.abs().max(1.0).log10() as usize);
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

fn describe_table(table: &Table<'_>, description: &mut Description) -> Result<(), DataError> {
    let mut columns = vec![Column::default(); table.width];
    let mut labels: BTreeMap<String, usize> = BTreeMap::new();
    let rows = table.rows(|row| {
        for (index, column) in columns.iter_mut().enumerate() {
            column.add(row.text(index)?);
        }
        let label = row.text(table.label)?;
        if labels.len() <= AUTO_CLASSES as usize {
            *labels.entry(label.to_owned()).or_default() += 1;
        }
        Ok(())
    })?;
    let label = &columns[table.label];
    let whole = |text: &String| text.parse::<f64>().is_ok_and(|v| v.fract() == 0.0 && v >= 0.0);
    let classes = label.texts > 0 || labels.keys().all(whole);
    if classes && labels.len() <= AUTO_CLASSES as usize {
        let mut counts: Vec<_> = labels.into_iter().collect();
        // Numbers in their own order, then names in the alphabet's.
        counts.sort_by(|(a, _), (b, _)| {
            let number = |text: &str| text.parse().unwrap_or(f64::INFINITY);
            number(a).total_cmp(&number(b)).then_with(|| a.cmp(b))
        });
        description.classes =
            counts.into_iter().map(|(class, examples)| ClassCount { class, examples }).collect();
    }
    for (index, column) in columns.into_iter().enumerate() {
        let name = match &table.header {
            Some(names) => names[index].clone(),
            None => index.to_string(),
        };
        let dtype = if column.texts > 0 { "text" } else { "number" };
        description.elements += rows;
        let summary = column.moments.into_summary(name, dtype.to_owned(), vec![rows], column.empty);
        description.arrays.push(summary);
    }
    Ok(())
}

fn count_classes(labels: &StoredArray<'_>, prefix: &str) -> Vec<ClassCount> {
    if !labels.dtype.is_integer() || labels.doubles().any(|v| !(0.0..AUTO_CLASSES as f64).contains(&v)) {
        return Vec::new();
    }
    let mut counts: Vec<usize> = Vec::new();
    for label in labels.doubles().map(|v| v as usize) {
        counts.resize(counts.len().max(label + 1), 0);
        counts[label] += 1;
    }
    let named = |(class, examples)| ClassCount { class: format!("{prefix}{class}"), examples };
    counts.into_iter().enumerate().map(named).collect()
}

#[derive(Clone, Default)]
struct Column {
    moments: Moments,
    texts: usize,
    empty: usize,
}

impl Column {
    fn add(&mut self, text: &str) {
        match text.parse() {
            Ok(value) => self.moments.add(value),
            Err(_) if text.is_empty() => self.empty += 1,
            Err(_) => self.texts += 1,
        }
    }
}

/// Extremes and mean of the finite numbers seen so far.
#[derive(Clone, Default)]
struct Moments {
    extremes: Option<(f64, f64)>,
    mean: f64,
    count: usize,
    non_finite: usize,
}

impl Moments {
    fn add(&mut self, value: f64) {
        if !value.is_finite() {
            self.non_finite += 1;
            return;
        }
        self.count += 1;
        // Divided before subtracting, so that the difference of large numbers cannot overflow.
        let n = self.count as f64;
        self.mean += value / n - self.mean / n;
        let (min, max) = self.extremes.unwrap_or((value, value));
        self.extremes = Some((min.min(value), max.max(value)));
    }

    fn into_summary(self, name: String, dtype: String, shape: Vec<usize>, empty: usize) -> ArraySummary {
        ArraySummary {
            name,
            dtype,
            shape,
            min: self.extremes.map(|e| e.0),
            max: self.extremes.map(|e| e.1),
            mean: self.extremes.map(|_| self.mean),
            non_finite: self.non_finite,
            empty,
        }
    }
}
