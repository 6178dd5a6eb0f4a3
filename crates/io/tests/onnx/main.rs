//! ONNX files as differentiable programs.

mod exported;
mod run;
