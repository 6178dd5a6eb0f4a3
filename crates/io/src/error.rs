//! What can be wrong with outside bytes.

use crate::weights::LayoutMismatch;

/// Why data or weights could not be read or written.
///
/// Every variant names the file (or the name under which bytes were given), the
/// place in it, what was expected and what was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The operating system refused to read, write or list.
    #[error("cannot {action} {file}: {source}")]
    Io {
        /// What was attempted: `read`, `write`, `list`.
        action: &'static str,
        /// The path.
        file: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The file has no bytes.
    #[error("{file} is empty: it has no bytes at all")]
    Empty {
        /// The file.
        file: String,
    },
    /// The content is of no known format.
    #[error("{file} is in no format that is known here: expected {expected}; found {found}")]
    Unrecognized {
        /// The file.
        file: String,
        /// The formats that would have been read.
        expected: &'static str,
        /// What the first bytes look like.
        found: String,
    },
    /// A part of the file does not mean what it should: a wrong magic number, a
    /// broken header, a ragged row, a cell that is not a number.
    #[error("{file}, {place}: expected {expected}, found {found}")]
    Malformed {
        /// The file.
        file: String,
        /// Where in it: a byte, a line and column, an array.
        place: String,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The file ends too early.
    #[error("{file}, {place}: expected {expected} bytes, found {found}; the file is cut short")]
    Truncated {
        /// The file.
        file: String,
        /// What is cut.
        place: String,
        /// How many bytes its header promises.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// The content is larger than the limit on decoded bytes.
    #[error(
        "{file}, {place}: expected at most {limit} bytes once decoded, found more; raise `max_bytes` if that is meant"
    )]
    TooLarge {
        /// The file.
        file: String,
        /// What is too large.
        place: String,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A number is NaN or infinite, or would be in 32-bit floating point.
    #[error("{file}, {place}: expected a finite number, found {found}")]
    NonFinite {
        /// The file.
        file: String,
        /// Row and column, or array and index.
        place: String,
        /// What is there.
        found: String,
    },
    /// A label is not one of the classes.
    #[error("{file}, {place}: expected a class from 0 to {last}, found {found}")]
    Label {
        /// The file.
        file: String,
        /// Which label.
        place: String,
        /// The largest class there may be.
        last: u64,
        /// The label.
        found: String,
    },
    /// Two parts that belong together differ in number or shape.
    #[error("{file}, {place}: expected {expected}, found {found}")]
    Mismatch {
        /// The file.
        file: String,
        /// Which part.
        place: String,
        /// What the other part asks for.
        expected: String,
        /// What is there.
        found: String,
    },
    /// An array, a column, a partner file or a part is not there.
    #[error("{file} has no {what}; found {found}")]
    Missing {
        /// The file or folder.
        file: String,
        /// What was looked for.
        what: String,
        /// What there is instead.
        found: String,
    },
    /// An option does not suit the data.
    #[error("{file}: {option} must be {expected}, found {found}")]
    Option {
        /// The data it was used with.
        file: String,
        /// Name of the option.
        option: &'static str,
        /// What it may be.
        expected: String,
        /// What it was.
        found: String,
    },
    /// Weights do not fit a model.
    #[error(transparent)]
    Layout(#[from] LayoutMismatch),
}

impl DataError {
    /// A [`DataError::Malformed`].
    pub(crate) fn malformed(
        file: &str,
        place: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Malformed {
            file: file.to_owned(),
            place: place.into(),
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// A [`DataError::Mismatch`].
    pub(crate) fn mismatch(
        file: &str,
        place: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Mismatch {
            file: file.to_owned(),
            place: place.into(),
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// A [`DataError::Option`].
    pub(crate) fn option(
        file: &str,
        option: &'static str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Option { file: file.to_owned(), option, expected: expected.into(), found: found.into() }
    }
}

/// A short quotation of foreign text for an error message.
pub(crate) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start:?}… ({} bytes)", text.len())
}

/// The first bytes in hexadecimal for an error message.
pub(crate) fn hex_excerpt(bytes: &[u8]) -> String {
    let shown: Vec<String> = bytes.iter().take(8).map(|b| format!("{b:02x}")).collect();
    format!("bytes {}{}", shown.join(" "), if bytes.len() > 8 { " …" } else { "" })
}
