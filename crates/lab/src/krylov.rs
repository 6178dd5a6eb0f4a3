//! Krylov methods: all that they see is a symmetric operator.

mod operator;

pub use operator::SymmetricOperator;
