//! Analytic functions.
