//! ONNX files as differentiable programs.

mod damaged;
mod documented;
mod exported;
mod graphs;
mod hostile;
mod network;
mod run;
mod sketch;
mod written;
