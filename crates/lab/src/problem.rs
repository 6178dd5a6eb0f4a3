//! Objectives: analytic functions and networks with their data.

pub mod analytic;
pub mod network;
