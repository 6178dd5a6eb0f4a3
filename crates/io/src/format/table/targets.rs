//! The label column: classes by number, classes by name, or numbers.

use std::collections::BTreeSet;

use super::Table;
use crate::dataset::Targets;
use crate::dataset::assemble::{AUTO_CLASSES, MOST_CLASSES, class_labels, non_finite};
use crate::error::{DataError, excerpt};
use crate::options::{LoadOptions, TargetKind};

/// Targets and the classes' names from cells with their line numbers.
pub(crate) fn convert(
    table: &Table<'_>,
    cells: &[(u64, String)],
    options: &LoadOptions,
) -> Result<(Targets, Vec<String>), DataError> {
    let stated = options.stated_classes(table.file)?;
    let place = |i: usize| format!("line {}, {}", cells[i].0, table.column(table.label));
    if let Some(i) = cells.iter().position(|(_, text)| text.is_empty()) {
        return Err(DataError::malformed(table.file, place(i), "a label", "an empty cell"));
    }
    let numbers: Vec<Option<f64>> = cells.iter().map(|(_, text)| text.parse().ok()).collect();
    let numeric = numbers.iter().flatten().count();
    let all = numeric == cells.len();
    let whole = |v: &f64| v.fract() == 0.0 && (0.0..AUTO_CLASSES as f64).contains(v);
    let classes = match options.target {
        TargetKind::Classes => true,
        TargetKind::Values => false,
        TargetKind::Auto if numeric == 0 => true,
        TargetKind::Auto if all => stated.is_some() || numbers.iter().flatten().all(whole),
        TargetKind::Auto => {
            let most_are_numbers = 2 * numeric >= cells.len();
            let odd = numbers.iter().position(|n| n.is_some() != most_are_numbers).unwrap_or(0);
            let expected = if most_are_numbers { "a number" } else { "a name" };
            let expected = format!("{expected} as in most lines (or the option that targets are classes)");
            return Err(DataError::malformed(table.file, place(odd), expected, excerpt(&cells[odd].1)));
        }
    };
    if classes && all {
        let values = numbers.into_iter().flatten();
        let (labels, count) = class_labels(values, stated, table.file, place)?;
        return Ok((Targets::Classes { labels, count }, Vec::new()));
    }
    if classes {
        return named_classes(table, cells, stated);
    }
    let mut values = Vec::with_capacity(cells.len());
    for (i, number) in numbers.into_iter().enumerate() {
        let found = || excerpt(&cells[i].1);
        let value = number.ok_or_else(|| DataError::malformed(table.file, place(i), "a number", found()))?;
        if !(value as f32).is_finite() {
            return Err(non_finite(table.file, place(i), value));
        }
        values.push(value as f32);
    }
    Ok((Targets::Values { values, width: 1 }, Vec::new()))
}

/// Distinct texts in alphabetical order are classes 0, 1, ….
fn named_classes(
    table: &Table<'_>,
    cells: &[(u64, String)],
    stated: Option<usize>,
) -> Result<(Targets, Vec<String>), DataError> {
    let names: BTreeSet<&str> = cells.iter().map(|(_, text)| text.as_str()).collect();
    let most = stated.unwrap_or(MOST_CLASSES as usize);
    if names.len() > most {
        let place = table.column(table.label);
        let found = format!("{} different names", names.len());
        return Err(DataError::mismatch(table.file, place, format!("at most {most} classes"), found));
    }
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let index = |text: &str| names.binary_search_by(|name| name.as_str().cmp(text)).unwrap_or(0) as u32;
    let labels = cells.iter().map(|(_, text)| index(text)).collect();
    Ok((Targets::Classes { labels, count: stated.unwrap_or(names.len()) }, names))
}
