//! What can be wrong with a model file.

/// Why an ONNX file cannot be read as a differentiable program.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnnxError {
    /// The operating system refused to read.
    #[error("cannot read {file}: {source}")]
    Io {
        /// The path.
        file: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A part of the file does not mean what it should.
    #[error("{file}, {place}: expected {expected}, found {found}")]
    Malformed {
        /// The file.
        file: String,
        /// Where in it: a byte, an initializer, a value.
        place: String,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Operators that are not in the table, each with the first node that uses it.
    #[error(
        "{file}: {} cannot be translated: {}; docs/onnx.md lists the operators that can",
        if .operators.len() == 1 { "an operator" } else { "some operators" },
        .operators.join("; ")
    )]
    Operators {
        /// The file.
        file: String,
        /// Each operator's name, its node, and why it is refused where that is known.
        operators: Vec<String>,
    },
    /// A node cannot be translated with the arguments or attributes that it has.
    #[error("{file}, {node}: {reason}")]
    Node {
        /// The file.
        file: String,
        /// The operator and the node's name or first output.
        node: String,
        /// What was expected, and what was found.
        reason: String,
    },
    /// The inputs or weights that a model is given do not fit it.
    #[error("{file}: {what}: expected {expected}, found {found}")]
    Mismatch {
        /// The file.
        file: String,
        /// What does not fit.
        what: String,
        /// What the model takes.
        expected: String,
        /// What it was given.
        found: String,
    },
}

/// A fault in a file whose name the caller knows.
#[derive(Debug)]
pub(super) struct Fault {
    pub place: String,
    pub expected: String,
    pub found: String,
}

impl Fault {
    pub fn new(place: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { place: place.into(), expected: expected.into(), found: found.into() }
    }

    /// The error, now that the file is known.
    pub fn of(self, file: &str) -> OnnxError {
        let Self { place, expected, found } = self;
        OnnxError::Malformed { file: file.to_owned(), place, expected, found }
    }
}
