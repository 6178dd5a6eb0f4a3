//! The loss of each example.

use thalweg_graph::{Program, Role, Threads};

use super::objective::Network;
use crate::Scalar;

impl<T: Scalar> Network<T> {
    /// ℓᵢ(x) for each example i, in the precision of the network; a batch that is normalized by its own
    /// statistics keeps its examples together.
    pub(super) fn example_losses(&self, x: &[T]) -> Vec<f64> {
        let examples = self.data().examples();
        let size = self.shard.min(examples);
        let (weight, threads) = (self.weight(), &self.settings.threads);
        let buffers = self.buffers_at(x, threads);
        let inputs = self.inputs(x, &buffers, &weight);
        let roles = self.programs.roles();
        let mut losses = vec![T::zero(); examples];
        let shards: Vec<(usize, &mut [T])> = losses.chunks_mut(size).enumerate().collect();
        threads.for_each(shards, |(shard, losses)| {
            let count = losses.len();
            let program = self.losses[usize::from(count < size)]
                .get_or_init(|| Program::compile(&self.programs.losses(count)));
            let parts: Vec<&[u8]> = inputs
                .iter()
                .zip(&roles)
                .map(|(input, role)| match role {
                    Role::Shared => *input,
                    Role::Examples => {
                        let row = input.len() / examples;
                        &input[shard * size * row..(shard * size + count) * row]
                    }
                })
                .collect();
            program.run(&parts, &mut [bytemuck::cast_slice_mut(losses)], &Threads::default());
        });
        losses.into_iter().map(Scalar::wide).collect()
    }
}
