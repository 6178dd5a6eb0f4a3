//! Which evaluations of an objective a study makes, for what they hold in memory.

use thalweg_graph::Sharded;

use crate::Curvature;

/// Which evaluations a study makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evaluations {
    /// Products with this matrix.
    pub products: Option<Curvature>,
    /// Full gradients.
    pub gradients: bool,
    /// Gradients of minibatches of this many examples.
    pub minibatch: Option<usize>,
    /// Products of these minibatches' Hessians.
    pub minibatch_products: bool,
    /// Kronecker factors of the Fisher matrix, of minibatches if there are any, else of all examples.
    pub kronecker: bool,
    /// The spread of the examples' gradients.
    pub noise: bool,
}

/// What each thread adds to a program's working memory.
pub(super) fn each(program: &Sharded, shards: usize) -> usize {
    match shards {
        1 => program.working_bytes(1),
        _ => program.working_bytes(2) - program.working_bytes(1),
    }
}
