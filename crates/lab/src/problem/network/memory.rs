//! What a network's evaluations hold in memory, and how they are held to less.

use thalweg_graph::{Program, Sharded, Threads};

use super::Network;
use crate::memory::Work;
use crate::{Curvature, Scalar};

/// Which evaluations a study makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evaluations {
    /// Products with this matrix.
    pub products: Option<Curvature>,
    /// Full gradients.
    pub gradients: bool,
    /// Gradients of minibatches of this many examples.
    pub minibatch: Option<usize>,
    /// The spread of the examples' gradients.
    pub noise: bool,
}

impl<T: Scalar> Network<T> {
    /// What these evaluations work with, upper bounds all; compiles them.
    pub fn work(&self, evaluations: &Evaluations) -> Work {
        let mut work = Work { shards: self.data.examples().div_ceil(self.shard), ..Work::default() };
        let mut other = |program: &Sharded| {
            let (thread, sums) = parts(|threads| program.working_bytes(threads), work.shards);
            work.other_per_thread += thread;
            work.other_sums += sums;
        };
        other(self.value_program());
        other(self.terms_program());
        if evaluations.gradients {
            other(self.gradient_program());
        }
        if evaluations.noise && !self.is_coupled() {
            other(&self.noise_program());
        }
        if let Some(size) = evaluations.minibatch {
            work.other_sums += Program::compile(&self.programs.gradient(size)).arena_bytes();
        }
        if let Some(curvature) = evaluations.products {
            let product = self.product(curvature);
            work.kept = product.kept_bytes();
            (work.per_thread, work.sums) = parts(|threads| product.working_bytes(threads), work.shards);
        }
        work
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

/// What each thread adds to a program's working memory, and the rest.
fn parts(working: impl Fn(usize) -> usize, shards: usize) -> (usize, usize) {
    match shards {
        1 => (working(1), 0),
        _ => (working(2) - working(1), 2 * working(1) - working(2)),
    }
}
