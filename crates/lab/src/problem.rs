//! Objectives: analytic functions, small learning problems, and networks with their data.

pub mod analytic;
mod evaluations;
pub mod learning;
pub mod network;

pub use evaluations::Evaluations;
