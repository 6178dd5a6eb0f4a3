//! Which files of a folder are the data.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::format::Format;
use crate::load::base_name;
use crate::options::Part;

/// The files of one part of a dataset.
#[derive(Debug, PartialEq)]
pub(crate) enum Members {
    Idx { images: PathBuf, labels: PathBuf },
    Cifar10 { batches: Vec<PathBuf> },
}

impl Members {
    pub fn format(&self) -> Format {
        match self {
            Members::Idx { .. } => Format::Idx,
            Members::Cifar10 { .. } => Format::Cifar10,
        }
    }

    /// Size of all files on the disk.
    pub fn bytes(&self) -> u64 {
        let size = |path: &PathBuf| fs::metadata(path).map_or(0, |m| m.len());
        match self {
            Members::Idx { images, labels } => size(images) + size(labels),
            Members::Cifar10 { batches } => batches.iter().map(size).sum(),
        }
    }
}

/// Where downloaders put the files below the folder that the user knows.
const SUBFOLDERS: [&str; 4] = ["raw", "MNIST/raw", "FashionMNIST/raw", "cifar-10-batches-bin"];

/// The files of a part, in the folder itself or else in a known subfolder.
pub(crate) fn find(folder: &Path, part: Part) -> Result<Members, DataError> {
    let file = folder.display().to_string();
    let mut seen = names(folder)?;
    for below in std::iter::once(String::new()).chain(SUBFOLDERS.map(str::to_owned)) {
        let place = if below.is_empty() { folder.to_owned() } else { folder.join(below) };
        if !place.is_dir() {
            continue;
        }
        let here = names(&place)?;
        let batches = matching(&here, |name| is_batch(name, part));
        if !batches.is_empty() {
            return Ok(Members::Cifar10 { batches: batches.iter().map(|n| place.join(n)).collect() });
        }
        let images = matching(&here, |name| is_images(name, part));
        match &images[..] {
            [] => seen.extend(here),
            [one] => {
                let images = place.join(one);
                return Ok(Members::Idx { labels: partner(&images)?, images });
            }
            several => {
                return Err(DataError::Missing {
                    file: place.display().to_string(),
                    what: format!("single file of {} images; give the path of one", part.name()),
                    found: several.join(", "),
                });
            }
        }
    }
    seen.sort();
    seen.dedup();
    let what = format!(
        "{} data (MNIST's {} or CIFAR-10's {}, compressed or not)",
        part.name(),
        if part == Part::Train { "train-images-idx3-ubyte" } else { "t10k-images-idx3-ubyte" },
        if part == Part::Train { "data_batch_1.bin" } else { "test_batch.bin" },
    );
    let found =
        if seen.is_empty() { "an empty folder".to_owned() } else { seen[..seen.len().min(8)].join(", ") };
    Err(DataError::Missing { file, what, found })
}

/// The file of labels that belongs to a file of images.
pub(crate) fn partner(images: &Path) -> Result<PathBuf, DataError> {
    let file = images.display().to_string();
    let name = base_name(&file);
    if !name.contains("images") {
        return Err(DataError::Missing {
            what: "partner with the labels: a file of images has \"images\" in its name, and \"labels\" \
                   stands there in its partner's"
                .into(),
            found: format!("the name {name:?}"),
            file,
        });
    }
    let labels = name.replace("images", "labels").replace("idx3", "idx1");
    let plain = labels.strip_suffix(".gz").unwrap_or(&labels);
    let candidates = [labels.clone(), plain.to_owned(), format!("{plain}.gz")];
    let existing = candidates.iter().map(|name| images.with_file_name(name)).find(|path| path.is_file());
    existing.ok_or_else(|| DataError::Missing {
        file,
        what: format!("file of labels beside it ({plain}, compressed or not)"),
        found: "none".into(),
    })
}

/// Names that match, without compressed copies of files that are there uncompressed.
fn matching(names: &[String], wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let plain = |name: &str| name.strip_suffix(".gz").map(str::to_owned);
    let doubled = |name: &str| plain(name).is_some_and(|plain| names.contains(&plain));
    names.iter().filter(|name| wanted(&name.to_lowercase()) && !doubled(name)).cloned().collect()
}

fn is_batch(name: &str, part: Part) -> bool {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    match part {
        Part::Train => name.starts_with("data_batch") && name.ends_with(".bin"),
        Part::Test => name == "test_batch.bin",
    }
}

fn is_images(name: &str, part: Part) -> bool {
    let of_part = match part {
        Part::Train => name.contains("train"),
        Part::Test => name.contains("t10k") || name.contains("test"),
    };
    of_part && name.contains("images") && (name.contains("idx3") || name.contains("ubyte"))
}

/// What a folder holds, sorted.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>, DataError> {
    let list = || -> std::io::Result<Vec<String>> {
        let entries = fs::read_dir(folder)?;
        let mut names = entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<std::io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    };
    list().map_err(|source| DataError::Io { action: "list", file: folder.display().to_string(), source })
}
