//! What the evaluations of a mean over examples hold in memory.

use thalweg_graph::{Program, Sharded};

use super::ExampleSum;
use super::sums::Sums;
use crate::memory::{WIDTH, Work};
use crate::problem::Evaluations;
use crate::problem::evaluations::each;
use crate::{Curvature, Scalar};

impl<T: Scalar> ExampleSum<T> {
    /// What these evaluations work with, upper bounds all; compiles them.
    pub fn work(&self, evaluations: &Evaluations) -> Work {
        let shards = self.count().div_ceil(self.formulas.shard());
        let mut work = Work { shards, gradients: evaluations.gradients, ..Work::default() };
        let mut other = |program: &Sharded| work.other_per_thread += each(program, shards);
        other(&self.sums.terms);
        if evaluations.gradients {
            other(&self.sums.gradient);
        }
        if evaluations.noise {
            other(self.sums.squares_program(&self.formulas));
        }
        // The point, gradient and vectors in f64, and what the penalty adds to them.
        work.other += (4 + 4 * WIDTH) * self.layout.dimension() * size_of::<f64>();
        if let Some(size) = evaluations.minibatch {
            let batch = Sums::new(&self.formulas, size, size);
            work.other += batch.gradient.working_bytes(1) + size * self.formulas.width * size_of::<T>();
            if evaluations.minibatch_products {
                work.other += batch.product_program(&self.formulas).working_bytes(1);
            }
        }
        if evaluations.products == Some(Curvature::Hessian) {
            self.add_products(&mut work);
        }
        work
    }

    fn add_products(&self, work: &mut Work) {
        let split = self.formulas.product(self.formulas.shard().min(self.count())).split(&[2]);
        let primal = Program::compile(&split.primal);
        let shard: usize = primal.outputs().iter().map(|t| t.bytes().next_multiple_of(64)).sum();
        work.again = primal.arena_bytes() + shard;
        work.kept = self.sums.product_program(&self.formulas).kept_bytes();
        let batched: Vec<bool> = (0..split.tangent.inputs().len()).map(|i| i == 2).collect();
        work.products = [Program::compile(&split.tangent.batch(&batched, WIDTH)).arena_bytes(); 4];
    }

    /// Bytes of the examples.
    pub fn data_bytes(&self) -> usize {
        size_of_val(&self.rows[..])
    }
}
