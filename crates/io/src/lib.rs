//! Datasets, weights and arrays: the only floor that parses outside bytes.
//!
//! - [`load_dataset`] reads the built-in handwritten digits, MNIST's idx files,
//!   CIFAR-10's binary records, `.npz` and CSV into a [`Dataset`].
//! - [`read_weights`] and [`write_weights`] keep [`NamedArrays`] in `.safetensors` and
//!   `.npz`, [`read_checkpoints`] reads a folder of them in order; [`match_layout`] and [`from_flat`] go between them and the flat vector
//!   that the laboratory works on.
//! - [`describe`] says what a file holds.
//! - [`expression`] turns a formula such as `100*(y-x^2)^2+(1-x)^2` into a function.
//! - [`Scratch`] puts a computation's vectors aside on disk.
//!
//! Foreign bytes are never trusted: sizes in headers are compared with what is there
//! before anything is allocated, compressed content is decoded up to a limit, and
//! every failure is a [`DataError`] that names the file, the place, what was expected
//! and what was found.
//!
//! The feature `files` (on by default) holds all that takes a path; without it the
//! functions over bytes remain, for machines without a file system.

#![forbid(unsafe_code)]

mod arrays;
mod dataset;
mod describe;
mod error;
mod expression;
#[cfg(feature = "files")]
mod files;
mod format;
mod hash;
mod load;
mod onnx;
mod options;
mod stored;
mod weights;

pub use arrays::{NamedArray, NamedArrays, Values, WeightFormat};
pub use dataset::{Applied, Dataset, IGNORED, Scaling, Targets};
pub use describe::{ArraySummary, ClassCount, Description, describe_bytes};
pub use error::DataError;
pub use expression::{ExpressionError, expression};
#[cfg(feature = "files")]
pub use files::{
    Checkpoint, Scratch, describe, is_unfinished, load_dataset, read_checkpoints, read_weights, write_atomic,
    write_parts, write_weights,
};
pub use format::Format;
pub use load::{DIGITS, dataset_from_bytes, dataset_from_idx, digits};
#[cfg(feature = "files")]
pub use onnx::Folder;
pub use onnx::{
    ExportError, ExternalData, NoExternalData, Normalization, OnnxArray, OnnxError, OnnxInput, OnnxModel,
    OnnxOperator, Outputs, Role, export_onnx, onnx_operators,
};
pub use options::{LoadOptions, Part, TargetKind};
pub use stored::ElementType;
pub use weights::{LayoutMismatch, Problem, from_flat, match_layout};
