//! Gradients of minibatches.

use thalweg_graph::{Program, Threads};

use super::Data;
use super::model::Statistics;
use super::objective::{Network, split_blocks};
use super::programs::Programs;
use super::settings::BatchNorm;
use crate::{Minibatch, Scalar};

/// A compiled gradient for minibatches of one size, and a place to gather them.
pub(super) struct Batches<'a, T: Scalar> {
    network: &'a Network<T>,
    program: Program,
    index: Vec<i32>,
    data: Data<T>,
}

impl<'a, T: Scalar> Batches<'a, T> {
    pub fn new(network: &'a Network<T>, size: usize) -> Self {
        let data = &network.data;
        // Estimating statistics over all the data for each minibatch would defeat its purpose.
        let statistics = match network.settings.batch_norm {
            BatchNorm::Batch { .. } | BatchNorm::Reestimated { .. } => Statistics::Batch,
            BatchNorm::Frozen => Statistics::Fixed,
        };
        let programs = Programs { statistics, ..network.programs.clone() };
        Self {
            network,
            program: Program::compile(&programs.gradient(size)),
            index: vec![0; size],
            data: data.select(&vec![0; size]),
        }
    }

    fn gather(&mut self, indices: &[u32]) {
        self.index.iter_mut().zip(indices).for_each(|(to, &i)| *to = i as i32);
        self.network.data.gather(indices, &mut self.data);
    }
}

impl<T: Scalar> Minibatch<T> for Batches<'_, T> {
    fn value_grad(&mut self, x: &[T], indices: &[u32], gradient: &mut [T]) -> f64 {
        self.gather(indices);
        let network = self.network;
        let weight = [T::of(1.0 / indices.len() as f64)];
        let blocks = network.layout.blocks();
        let mut inputs: Vec<&[u8]> = Vec::with_capacity(blocks.len() + network.buffers.len() + 4);
        inputs.extend(blocks.iter().map(|block| bytemuck::cast_slice::<T, u8>(&x[block.range.clone()])));
        inputs.extend(network.buffers.iter().map(|buffer| bytemuck::cast_slice::<T, u8>(buffer)));
        inputs.push(bytemuck::cast_slice(&self.index));
        inputs.extend(self.data.bytes());
        inputs.push(bytemuck::cast_slice(&weight));
        let mut sum = [0.0f64];
        let mut outputs: Vec<&mut [u8]> = Vec::with_capacity(blocks.len() + 1);
        outputs.push(bytemuck::cast_slice_mut(&mut sum));
        outputs.extend(split_blocks(&network.layout, gradient));
        // A minibatch is too small to share out.
        self.program.run(&inputs, &mut outputs, &Threads::default());
        drop(outputs);
        network.add_decay(x, gradient);
        sum[0] / indices.len() as f64 + network.penalty(x)
    }
}
