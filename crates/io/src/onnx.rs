//! ONNX models as differentiable programs.

mod array;
mod batch;
mod call;
mod emitter;
mod error;
mod export;
mod external;
mod limits;
mod load;
mod message;
mod model;
mod operator;
mod program;
mod roles;
mod translate;
mod wire;

pub use emitter::Normalization;
pub use error::OnnxError;
pub use export::{ExportError, export_onnx};
#[cfg(feature = "files")]
pub use external::Folder;
pub use external::{ExternalData, NoExternalData};
pub use model::{OnnxArray, OnnxInput, OnnxModel, Outputs};
pub use operator::{OnnxOperator, onnx_operators};
pub use roles::Role;
