//! What a network's evaluations hold in memory, and how they are held to less.

use thalweg_graph::{Program, Sharded, Threads};

use super::{Network, shards};
use crate::memory::{WIDTH, Work};
use crate::problem::Evaluations;
use crate::problem::evaluations::each;
use crate::{Curvature, Scalar};

impl<T: Scalar> Network<T> {
    /// What these evaluations work with, upper bounds all; compiles them.
    pub fn work(&self, evaluations: &Evaluations) -> Work {
        let shards = self.data.examples().div_ceil(self.shard);
        let mut work = Work { shards, gradients: evaluations.gradients, ..Work::default() };
        let mut other = |program: &Sharded| work.other_per_thread += each(program, shards);
        other(self.value_program());
        other(self.terms_program());
        if evaluations.gradients {
            other(self.gradient_program());
        }
        if evaluations.noise && !self.is_coupled() {
            other(&self.noise_program());
        }
        if let Some(size) = evaluations.minibatch {
            let mut arena = |graph| work.other += Program::compile(&graph).arena_bytes();
            arena(self.programs.gradient(size));
            if evaluations.minibatch_products {
                arena(self.programs.product(Curvature::Hessian, size));
            }
            if evaluations.kronecker && self.programs.dense_layers().is_ok() {
                arena(self.programs.kronecker_fisher(size));
            }
        } else if evaluations.kronecker && self.programs.dense_layers().is_ok() {
            let program = self.kronecker_program();
            work.other_per_thread += each(program, shards);
        }
        if let Some(curvature) = evaluations.products {
            self.add_products(curvature, &mut work);
        }
        work
    }

    fn add_products(&self, curvature: Curvature, work: &mut Work) {
        let examples = self.shard.min(self.data.examples());
        let graph = self.programs.product(curvature, examples);
        let inputs = graph.inputs().len();
        let blocks = self.programs.blocks();
        let split = graph.split(&(inputs - blocks..inputs).collect::<Vec<_>>());
        let primal = Program::compile(&split.primal);
        let shard: usize = primal.outputs().iter().map(|t| t.bytes().next_multiple_of(64)).sum();
        work.again = primal.arena_bytes() + shard;
        work.kept = self.product(curvature).kept_bytes();
        let all = split.tangent.inputs().len();
        let batched: Vec<bool> = (0..all).map(|i| (inputs - blocks..inputs).contains(&i)).collect();
        let together = shards::together(self.model());
        work.products = [1, 2, 4, WIDTH]
            .map(|w| Program::compile(&split.tangent.batch(&batched, w.min(together))).arena_bytes());
    }

    /// Numbers of the Kronecker factors of its dense layers; 0 where it has none.
    pub fn factor_numbers(&self) -> usize {
        let layers = self.programs.dense_layers().unwrap_or_default();
        layers.iter().map(|layer| layer.shape().iter().map(|width| width * width).sum::<usize>()).sum()
    }

    /// Bytes of examples, targets and their numbers.
    pub fn data_bytes(&self) -> usize {
        self.data.bytes().iter().map(|bytes| bytes.len()).sum::<usize>() + 4 * self.data.examples()
    }

    /// The same objective on these threads, which keeps at most `kept` bytes for
    /// products and multiplies at most `width` vectors at a time.
    #[must_use]
    pub fn with_limits(mut self, threads: Threads, kept: usize, width: usize) -> Self {
        self.settings.threads = threads;
        self.settings.memory = Some(kept);
        self.width = width.max(1);
        self
    }
}
