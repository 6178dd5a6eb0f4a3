//! Objectives: analytic functions, small learning problems, and networks with their data.

pub mod analytic;
pub mod learning;
pub mod network;
