//! The programs of a network, to be looked at.

use thalweg_graph::Graph;

use super::Network;
use crate::{Curvature, Scalar};

impl<T: Scalar> Network<T> {
    /// Examples that go through a program together.
    pub fn shard(&self) -> usize {
        self.shard
    }

    /// The program of loss and gradient for `examples` examples.
    pub fn gradient_graph(&self, examples: usize) -> Graph {
        self.programs.gradient(examples)
    }

    /// The programs of products with a matrix for `examples` examples: what is run once at
    /// a point, and what is run for `vectors` vectors. The second takes all
    /// inputs of a product, the vectors last, and then what the first gives.
    pub fn product_graphs(&self, curvature: Curvature, examples: usize, vectors: usize) -> [Graph; 2] {
        let product = self.programs.product(curvature, examples);
        let first = self.programs.roles().len();
        let split = product.split(&(first..first + self.programs.blocks()).collect::<Vec<_>>());
        let late = |i: usize| (first..first + self.programs.blocks()).contains(&i);
        let batched: Vec<bool> = (0..split.tangent.inputs().len()).map(late).collect();
        [split.primal, split.tangent.batch(&batched, vectors)]
    }
}
