//! ONNX files as differentiable programs.

mod damaged;
mod exported;
mod graphs;
mod hostile;
mod run;
mod sketch;
