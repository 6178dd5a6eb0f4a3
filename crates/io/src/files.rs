//! Reading and writing by path.

mod atomic;
mod checkpoints;
mod folder;
mod scratch;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub use atomic::{is_unfinished, write_atomic, write_parts};
pub use checkpoints::{Checkpoint, read_checkpoints};
pub use scratch::Scratch;

use crate::arrays::{NamedArrays, WeightFormat};
use crate::dataset::Dataset;
use crate::dataset::assemble::Examples;
use crate::describe::{Description, describe_bytes, describe_examples};
use crate::error::DataError;
use crate::format::{Format, gzip, recognize};
use crate::load::{
    DIGITS, base_name, cifar_examples, dataset_from_bytes, dataset_from_idx, digits_examples, idx_examples,
};
use crate::options::{LoadOptions, Part};
use folder::Members;

/// Loads the built-in digits (`"digits"`) or the dataset at a path.
///
/// A path is recognised by its content, compressed or not:
/// - a folder of MNIST, Fashion-MNIST or CIFAR-10 as published (or with the subfolders
///   that common downloaders make), of which [`LoadOptions::part`] names the part;
/// - an idx file of images, with its file of labels beside it (`…images…idx3…` and
///   `…labels…idx1…`);
/// - any of these with the name of its format before it, `cifar10:…` or `mnist:…`, and then
///   no other;
/// - plain text, if [`LoadOptions::context`] asks for it;
/// - a CIFAR-10 batch, an `.npz` with arrays `x` and `y`, or CSV with a label column.
///
/// ```no_run
/// use thalweg_io::{LoadOptions, Part, load_dataset};
///
/// let digits = load_dataset("digits", &LoadOptions::default())?;
/// let test = LoadOptions { part: Some(Part::Test), limit: Some(1000), ..Default::default() };
/// let mnist = load_dataset("data/mnist", &test)?;
/// assert_eq!(mnist.input_shape, [1, 28, 28]);
/// # Ok::<(), thalweg_io::DataError>(())
/// ```
pub fn load_dataset(spec: &str, options: &LoadOptions) -> Result<Dataset, DataError> {
    if spec == DIGITS {
        options.without_columns(spec)?;
        options.without_parts(spec)?;
        return digits_examples()?.into_dataset(options);
    }
    let (named, path) = named_format(spec);
    let expect = |format: Format| match named {
        Some(expected) if expected != format => {
            let found = format!("{format}");
            Err(DataError::mismatch(path, "the data as a whole", expected.to_string(), found))
        }
        _ => Ok(()),
    };
    let path = Path::new(path);
    if is_folder(path)? {
        options.without_columns(spec)?;
        let members = folder::find(path, options.part.unwrap_or(Part::Train))?;
        expect(members.format())?;
        return with_members(&members, spec, options.max_bytes, |examples| examples.into_dataset(options));
    }
    let bytes = read(path)?;
    let content = gzip::unwrap(&bytes, spec, options.max_bytes)?;
    if options.context.is_some() {
        return dataset_from_bytes(&content, spec, options);
    }
    let format = recognize(&content, spec)?;
    expect(format)?;
    if format != Format::Idx {
        return dataset_from_bytes(&content, spec, options);
    }
    options.without_parts(spec)?;
    let labels = folder::partner(path)?;
    let labels_name = labels.display().to_string();
    dataset_from_idx((&content, spec), (&read(&labels)?, &labels_name), options)
}

/// Reads named arrays from a `.safetensors` or `.npz` file, whichever its content is.
pub fn read_weights(path: impl AsRef<Path>) -> Result<NamedArrays, DataError> {
    let path = path.as_ref();
    NamedArrays::from_bytes(&read(path)?, &path.display().to_string())
}

/// Writes named arrays as `.safetensors` or `.npz`, whichever the file's name ends in.
///
/// The write is [atomic](write_atomic), and the same arrays give the same bytes.
pub fn write_weights(path: impl AsRef<Path>, arrays: &NamedArrays) -> Result<(), DataError> {
    let path = path.as_ref();
    let format = WeightFormat::of_name(&path.display().to_string())?;
    write_atomic(path, &arrays.to_bytes(format)?)
}

/// What the built-in digits, a file, or a folder of MNIST or CIFAR-10 holds.
///
/// Nothing is refused that can be read: numbers that are not finite are counted.
pub fn describe(spec: &str) -> Result<Description, DataError> {
    if spec == DIGITS {
        let mut description = Description::new(DIGITS, Some(Format::Idx), 0);
        describe_examples(&digits_examples()?, "", &mut description);
        return Ok(description);
    }
    let path = Path::new(named_format(spec).1);
    if !is_folder(path)? {
        return describe_bytes(&read(path)?, spec);
    }
    let mut description = Description::new(spec, None, 0);
    let parts = [Part::Train, Part::Test].map(|part| (part, folder::find(path, part)));
    if let [(_, Err(_)), (_, Err(_))] = &parts {
        let [(_, train), _] = parts;
        train?;
        return Ok(description);
    }
    for (part, members) in parts {
        let Ok(members) = members else {
            continue;
        };
        description.format = Some(members.format());
        description.bytes += members.bytes();
        with_members(&members, spec, LoadOptions::default().max_bytes, |examples| {
            describe_examples(&examples, &format!("{}.", part.name()), &mut description);
            Ok(())
        })?;
    }
    Ok(description)
}

/// A path with or without the name of a format before it.
fn named_format(spec: &str) -> (Option<Format>, &str) {
    const NAMES: [(&str, Format); 2] = [("cifar10:", Format::Cifar10), ("mnist:", Format::Idx)];
    let named = NAMES.iter().find_map(|&(name, format)| Some((Some(format), spec.strip_prefix(name)?)));
    named.unwrap_or((None, spec))
}

/// Reads the files of one part and hands their content on.
fn with_members<R>(
    members: &Members,
    spec: &str,
    limit: u64,
    then: impl FnOnce(Examples<'_>) -> Result<R, DataError>,
) -> Result<R, DataError> {
    let load = |path: &PathBuf| Ok::<_, DataError>((read(path)?, path.display().to_string()));
    match members {
        Members::Idx { images, labels } => {
            let (images, labels) = (load(images)?, load(labels)?);
            then(idx_examples((&images.0, &images.1), (&labels.0, &labels.1), base_name(spec), limit)?)
        }
        Members::Cifar10 { batches } => {
            let files = batches.iter().map(load).collect::<Result<Vec<_>, _>>()?;
            let content = files
                .iter()
                .map(|(bytes, file)| Ok((gzip::unwrap(bytes, file, limit)?, file.as_str())))
                .collect::<Result<Vec<_>, DataError>>()?;
            let content: Vec<_> = content.iter().map(|(bytes, file)| (&**bytes, *file)).collect();
            then(cifar_examples(&content, spec)?)
        }
    }
}

fn is_folder(path: &Path) -> Result<bool, DataError> {
    fs::metadata(path).map(|m| m.is_dir()).map_err(|source| cannot_read(path, source))
}

/// The content of a regular file; memory that is not there is an error too.
fn read(path: &Path) -> Result<Vec<u8>, DataError> {
    let attempt = || -> io::Result<Vec<u8>> {
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        let mut bytes = Vec::new();
        let length = usize::try_from(metadata.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
        bytes.try_reserve_exact(length).map_err(|_| io::ErrorKind::OutOfMemory)?;
        File::open(path)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    attempt().map_err(|source| cannot_read(path, source))
}

fn cannot_read(path: &Path, source: io::Error) -> DataError {
    DataError::Io { action: "read", file: path.display().to_string(), source }
}
