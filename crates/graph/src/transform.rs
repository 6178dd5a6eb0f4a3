//! Transformations: from a program to another program.

mod along;
mod batch;
mod jvp;
mod regroup;
mod split;
mod transpose;

pub use split::Split;
