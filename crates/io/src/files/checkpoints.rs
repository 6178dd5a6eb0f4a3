//! A folder of checkpoints, in the order in which they were made.

use std::cmp::Ordering;
use std::path::Path;

use super::{folder, read_weights};
use crate::arrays::NamedArrays;
use crate::error::DataError;

/// The weights at one moment of a training.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// The file's name, without the folder.
    pub file: String,
    /// The last number in the name, if these numbers grow along the order; else the place in it, from 0.
    pub step: u64,
    /// What the file holds.
    pub arrays: NamedArrays,
}

/// Reads the `.safetensors` and `.npz` files of a folder, in the natural order of their names.
///
/// Names are compared piece by piece, runs of digits as numbers and the rest as text, so that
/// `step-9.npz` is before `step-10.npz`. Other files, hidden ones and folders in it are passed over.
///
/// # Errors
/// If the folder holds no such file, or one of them cannot be read.
pub fn read_checkpoints(folder: impl AsRef<Path>) -> Result<Vec<Checkpoint>, DataError> {
    let path = folder.as_ref();
    let all = folder::names(path)?;
    let is_checkpoint =
        |name: &&String| !name.starts_with('.') && (name.ends_with(".safetensors") || name.ends_with(".npz"));
    let mut names: Vec<String> =
        all.iter().filter(is_checkpoint).filter(|name| path.join(name).is_file()).cloned().collect();
    if names.is_empty() {
        let found = match all.as_slice() {
            [] => "an empty folder".to_owned(),
            some => some[..some.len().min(8)].join(", "),
        };
        let file = path.display().to_string();
        return Err(DataError::Missing { file, what: "checkpoint (.safetensors or .npz)".into(), found });
    }
    names.sort_by(|a, b| natural(a, b));
    let steps = steps(&names);
    let read = |(file, step): (String, u64)| {
        let arrays = read_weights(path.join(&file))?;
        Ok(Checkpoint { file, step, arrays })
    };
    names.into_iter().zip(steps).map(read).collect()
}

/// Runs of digits as numbers, the rest as text; equal names by their bytes.
fn natural(a: &str, b: &str) -> Ordering {
    let (first, second) = (pieces(a), pieces(b));
    for (a, b) in first.iter().zip(&second) {
        let order = match (number(a), number(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.cmp(b),
        };
        if order.is_ne() {
            return order;
        }
    }
    first.len().cmp(&second.len()).then_with(|| a.cmp(b))
}

/// Runs of digits and what is between them.
fn pieces(name: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        all.push(piece);
        rest = after;
    }
    all
}

/// Numbers too large for any counter are compared as text, which is as good.
fn number(piece: &str) -> Option<u64> {
    piece.parse().ok()
}

fn steps(names: &[String]) -> Vec<u64> {
    let stem = |name: &str| name.rsplit_once('.').map_or(name.len(), |(stem, _)| stem.len());
    let last = |name: &String| pieces(&name[..stem(name)]).into_iter().rev().find_map(number);
    match names.iter().map(last).collect::<Option<Vec<u64>>>() {
        Some(steps) if steps.is_sorted_by(|a, b| a < b) => steps,
        _ => (0..names.len() as u64).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_their_numbers() {
        let mut names: Vec<String> =
            ["step-10.npz", "step-9.npz", "step-100.npz", "step-9b.npz", "init.npz", "step-09.npz"]
                .map(String::from)
                .into();
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(
            names,
            ["init.npz", "step-09.npz", "step-9.npz", "step-9b.npz", "step-10.npz", "step-100.npz"]
        );
    }

    #[test]
    fn steps_are_the_last_numbers_where_these_grow() {
        let steps = |names: &[&str]| steps(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
        assert_eq!(steps(&["resnet20-5.npz", "resnet20-70.safetensors"]), [5, 70]);
        assert_eq!(steps(&["epoch1-step9.npz", "epoch2-step3.npz"]), [0, 1]);
        assert_eq!(steps(&["first.npz", "step2.npz"]), [0, 1]);
        // The digit of a file's ending is none of the name's.
        assert_eq!(steps(&["a1.npz", "b1.npz", "c.npz"]), [0, 1, 2]);
    }

    #[test]
    fn a_folder_without_checkpoints_says_what_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let message = || read_checkpoints(folder.path()).unwrap_err().to_string();
        assert!(message().contains("empty folder"), "{}", message());
        std::fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        assert!(message().contains("checkpoint") && message().contains("notes.txt"), "{}", message());
        let mut arrays = NamedArrays::new("w");
        arrays.push("w", [2], vec![1.0f64, 2.0]).unwrap();
        for name in ["w-10.npz", "w-2.npz", ".hidden.npz"] {
            super::super::write_weights(folder.path().join(name), &arrays).unwrap_or_else(|e| panic!("{e}"));
        }
        let found = read_checkpoints(folder.path()).unwrap();
        let names: Vec<(&str, u64)> = found.iter().map(|c| (c.file.as_str(), c.step)).collect();
        assert_eq!(names, [("w-2.npz", 2), ("w-10.npz", 10)]);
        std::fs::write(folder.path().join("w-11.npz"), "broken").unwrap();
        assert!(message().contains("w-11.npz"), "{}", message());
    }
}
