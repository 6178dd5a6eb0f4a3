//! Datasets from bytes.

use std::borrow::Cow;

use crate::dataset::Dataset;
use crate::dataset::assemble::Examples;
use crate::error::DataError;
use crate::format::table::Table;
use crate::format::{Format, cifar, gzip, idx, npz, recognize, text};
use crate::options::LoadOptions;
use crate::stored::StoredArray;

/// The name that stands for the built-in digits wherever a path is expected.
pub const DIGITS: &str = "digits";

const DIGITS_IMAGES: &[u8] = include_bytes!("../data/digits-images-idx3-ubyte.gz");
const DIGITS_LABELS: &[u8] = include_bytes!("../data/digits-labels-idx1-ubyte.gz");

/// The UCI handwritten digits: 1,797 images of 8 × 8 pixels, 10 classes, scaled by 1/16 to \[0, 1\].
///
/// E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI
/// Machine Learning Repository, 1998, <https://doi.org/10.24432/C50P49>, CC BY 4.0;
/// the repository's test set, whose order is kept.
pub fn digits() -> Dataset {
    let dataset = digits_examples().and_then(|examples| examples.into_dataset(&LoadOptions::default()));
    dataset.expect("the built-in digits are whole")
}

/// A dataset from the bytes of one file; `file` is its name in errors.
///
/// Formats are told apart by content, gzip-compressed or not: CIFAR-10's binary
/// records, `.npz` with arrays `x` and `y`, and CSV. With [`LoadOptions::context`] the
/// bytes are plain text: sequences of characters, each to be predicted from those
/// before it. An idx file holds only images or
/// only labels and needs [`dataset_from_idx`].
pub fn dataset_from_bytes(bytes: &[u8], file: &str, options: &LoadOptions) -> Result<Dataset, DataError> {
    options.without_parts(file)?;
    let bytes = gzip::unwrap(bytes, file, options.max_bytes)?;
    if let Some(context) = options.context.filter(|_| !npz::has_magic(&bytes)) {
        return text::parse(&bytes, file, context, options);
    }
    let format = recognize(&bytes, file)?;
    if format == Format::Csv {
        return Table::open(&bytes, file, options)?.into_dataset(base_name(file), options);
    }
    options.without_columns(file)?;
    match format {
        Format::Npz => npz_examples(&bytes, file, options.max_bytes)?.into_dataset(options),
        Format::Cifar10 => cifar_examples(&[(&bytes, file)], file)?.into_dataset(options),
        Format::Idx => Err(DataError::Missing {
            file: file.to_owned(),
            what: "second idx file beside it".into(),
            found: "images or labels alone".into(),
        }),
        Format::Safetensors => {
            Err(DataError::malformed(file, "the file as a whole", "examples and targets", "weights"))
        }
        Format::Csv => unreachable!("handled above"),
    }
}

/// A dataset from the bytes of an idx file of images and one of labels, each with its name for errors.
pub fn dataset_from_idx(
    images: (&[u8], &str),
    labels: (&[u8], &str),
    options: &LoadOptions,
) -> Result<Dataset, DataError> {
    options.without_columns(images.1)?;
    options.without_parts(images.1)?;
    let name = base_name(images.1);
    idx_examples(images, labels, name, options.max_bytes)?.into_dataset(options)
}

pub(crate) fn digits_examples() -> Result<Examples<'static>, DataError> {
    let name = DIGITS.to_owned();
    let mut examples = idx_examples((DIGITS_IMAGES, DIGITS), (DIGITS_LABELS, DIGITS), name, 1 << 20)?;
    examples.divisor = Some(16.0);
    Ok(examples)
}

pub(crate) fn idx_examples<'a>(
    images: (&'a [u8], &str),
    labels: (&'a [u8], &str),
    name: String,
    limit: u64,
) -> Result<Examples<'a>, DataError> {
    let inputs = idx_array(images.0, images.1, "images", limit)?;
    let targets = idx_array(labels.0, labels.1, "labels", limit)?;
    if targets.shape.len() != 1 {
        let found = format!("{} axes", targets.shape.len());
        return Err(DataError::mismatch(labels.1, "labels", "one axis, a label an image", found));
    }
    let bytes = inputs.dtype.size() == 1 && inputs.dtype.is_integer();
    Ok(Examples {
        name,
        input_file: images.1.to_owned(),
        target_file: labels.1.to_owned(),
        inputs,
        targets,
        divisor: bytes.then_some(255.0),
        classes: None,
        one_channel: true,
    })
}

/// Records of several files in order; `file` stands for them all in errors.
pub(crate) fn cifar_examples(files: &[(&[u8], &str)], file: &str) -> Result<Examples<'static>, DataError> {
    let [inputs, targets] = cifar::parse(files)?;
    Ok(Examples {
        name: base_name(file),
        input_file: file.to_owned(),
        target_file: file.to_owned(),
        inputs,
        targets,
        divisor: Some(255.0),
        classes: Some(cifar::CLASSES),
        one_channel: false,
    })
}

fn npz_examples(bytes: &[u8], file: &str, limit: u64) -> Result<Examples<'static>, DataError> {
    let arrays = npz::parse(bytes, file, limit)?;
    let found = arrays.iter().map(|array| format!("{:?}", array.name)).collect::<Vec<_>>().join(", ");
    let (mut inputs, mut targets) = (None, None);
    for array in arrays {
        match array.name.as_str() {
            "x" => inputs = Some(array),
            "y" => targets = Some(array),
            _ => {}
        }
    }
    let missing = |name: &str| DataError::Missing {
        file: file.to_owned(),
        what: format!("array \"{name}\""),
        found: format!("the arrays {found}"),
    };
    Ok(Examples {
        name: base_name(file),
        input_file: file.to_owned(),
        target_file: file.to_owned(),
        inputs: inputs.ok_or_else(|| missing("x"))?,
        targets: targets.ok_or_else(|| missing("y"))?,
        divisor: None,
        classes: None,
        one_channel: false,
    })
}

fn idx_array<'a>(bytes: &'a [u8], file: &str, name: &str, limit: u64) -> Result<StoredArray<'a>, DataError> {
    if bytes.is_empty() {
        return Err(DataError::Empty { file: file.to_owned() });
    }
    match gzip::unwrap(bytes, file, limit)? {
        Cow::Borrowed(bytes) => idx::parse(bytes, file, name),
        Cow::Owned(bytes) => {
            let StoredArray { name, dtype, shape, bytes } = idx::parse(&bytes, file, name)?;
            Ok(StoredArray { name, dtype, shape, bytes: bytes.into_owned().into() })
        }
    }
}

/// The last part of a path.
pub(crate) fn base_name(file: &str) -> String {
    let trimmed = file.trim_end_matches(['/', '\\']);
    trimmed.rsplit(['/', '\\']).next().unwrap_or(trimmed).to_owned()
}
