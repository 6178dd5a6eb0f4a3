//! Gradients of minibatches.

use thalweg_graph::{Program, Threads};

use super::Targets;
use super::objective::{Network, split_blocks};
use crate::{Minibatch, Scalar};

/// A compiled gradient for minibatches of one size, and a place to gather them.
pub(super) struct Batches<'a, T: Scalar> {
    network: &'a Network<T>,
    program: Program,
    inputs: Vec<T>,
    labels: Vec<i32>,
    values: Vec<T>,
}

impl<'a, T: Scalar> Batches<'a, T> {
    pub fn new(network: &'a Network<T>, size: usize) -> Self {
        let data = &network.data;
        let (labels, values) = match &data.targets {
            Targets::Classes { .. } => (vec![0; size], Vec::new()),
            Targets::Values { width, .. } => (Vec::new(), vec![T::zero(); size * width]),
        };
        Self {
            network,
            program: Program::compile(&network.programs.gradient(size)),
            inputs: vec![T::zero(); size * data.features],
            labels,
            values,
        }
    }

    fn gather(&mut self, indices: &[u32]) {
        let data = &self.network.data;
        let row = |from: &[T], width: usize, i: u32, to: &mut [T]| {
            let start = i as usize * width;
            to.copy_from_slice(&from[start..start + width]);
        };
        for (to, &i) in self.inputs.chunks_exact_mut(data.features).zip(indices) {
            row(&data.inputs, data.features, i, to);
        }
        match &data.targets {
            Targets::Classes { labels, .. } => {
                self.labels.iter_mut().zip(indices).for_each(|(l, &i)| *l = labels[i as usize]);
            }
            Targets::Values { values, width } => {
                for (to, &i) in self.values.chunks_exact_mut(*width).zip(indices) {
                    row(values, *width, i, to);
                }
            }
        }
    }
}

impl<T: Scalar> Minibatch<T> for Batches<'_, T> {
    fn value_grad(&mut self, x: &[T], indices: &[u32], gradient: &mut [T]) -> f64 {
        self.gather(indices);
        let network = self.network;
        let weight = [T::of(1.0 / indices.len() as f64)];
        let blocks = network.layout.blocks();
        let mut inputs: Vec<&[u8]> = Vec::with_capacity(blocks.len() + 3);
        inputs.extend(blocks.iter().map(|block| bytemuck::cast_slice::<T, u8>(&x[block.range.clone()])));
        inputs.push(bytemuck::cast_slice(&self.inputs));
        inputs.push(match &network.data.targets {
            Targets::Classes { .. } => bytemuck::cast_slice(&self.labels),
            Targets::Values { .. } => bytemuck::cast_slice(&self.values),
        });
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
