//! Gradients and curvature products of minibatches.

use thalweg_graph::{Program, Threads};

use super::model::Statistics;
use super::objective::{Network, split_blocks};
use super::programs::Programs;
use super::settings::BatchNorm;
use super::{Data, kronecker};
use crate::{Curvature, DenseLayer, KroneckerFisher, Minibatch, NoFactors, Scalar, Unsupported};

/// Programs compiled for minibatches of one size, and a place to gather them.
pub(super) struct Batches<'a, T: Scalar> {
    network: &'a Network<T>,
    programs: Programs,
    gradient: Program,
    products: [Option<Program>; 4],
    kronecker: Option<(Vec<DenseLayer>, Program)>,
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
            gradient: Program::compile(&programs.gradient(size)),
            programs,
            products: [const { None }; 4],
            kronecker: None,
            index: vec![0; size],
            data: data.select(&vec![0; size]),
        }
    }

    fn gather(&mut self, indices: &[u32]) {
        self.index.iter_mut().zip(indices).for_each(|(to, &i)| *to = i as i32);
        self.network.data.gather(indices, &mut self.data);
    }

    /// The inputs that every program begins with, at x and the gathered examples.
    fn inputs<'i>(&'i self, x: &'i [T], weight: &'i [T; 1]) -> Vec<&'i [u8]> {
        let network = self.network;
        let mut inputs = blocks(network, x);
        inputs.extend(network.buffers.iter().map(|buffer| bytemuck::cast_slice::<T, u8>(buffer)));
        inputs.push(bytemuck::cast_slice(&self.index));
        inputs.extend(self.data.bytes());
        inputs.push(bytemuck::cast_slice(weight));
        inputs
    }
}

impl<T: Scalar> Minibatch<T> for Batches<'_, T> {
    fn value_grad(&mut self, x: &[T], indices: &[u32], gradient: &mut [T]) -> f64 {
        self.gather(indices);
        let network = self.network;
        let weight = [T::of(1.0 / indices.len() as f64)];
        let mut sum = [0.0f64];
        let mut outputs: Vec<&mut [u8]> = vec![bytemuck::cast_slice_mut(&mut sum)];
        outputs.extend(split_blocks(&network.layout, gradient));
        // A minibatch is too small to share out.
        self.gradient.run(&self.inputs(x, &weight), &mut outputs, &Threads::default());
        drop(outputs);
        network.add_decay(x, gradient);
        sum[0] / indices.len() as f64 + network.penalty(x)
    }

    fn product(
        &mut self,
        x: &[T],
        indices: &[u32],
        curvature: Curvature,
        vector: &[T],
        product: &mut [T],
    ) -> Result<(), Unsupported> {
        if let Some(reason) = self.network.lacks(curvature) {
            return Err(Unsupported { curvature, reason });
        }
        self.gather(indices);
        let (programs, size) = (&self.programs, self.index.len());
        let compile = || Program::compile(&programs.product(curvature, size));
        let _ = self.products[curvature as usize].get_or_insert_with(compile);
        let program = self.products[curvature as usize].as_ref().expect("it was just compiled");
        let weight = [T::of(1.0 / indices.len() as f64)];
        let mut inputs = self.inputs(x, &weight);
        inputs.extend(blocks(self.network, vector));
        let mut outputs = split_blocks(&self.network.layout, product);
        program.run(&inputs, &mut outputs, &Threads::default());
        if matches!(curvature, Curvature::Hessian | Curvature::GaussNewton) {
            self.network.add_decay(vector, product);
        }
        Ok(())
    }

    fn kronecker_fisher(&mut self, x: &[T], indices: &[u32]) -> Result<KroneckerFisher<T>, NoFactors> {
        self.gather(indices);
        if self.kronecker.is_none() {
            let layers = self.programs.dense_layers()?;
            let program = Program::compile(&self.programs.kronecker_fisher(self.index.len()));
            self.kronecker = Some((layers, program));
        }
        let (layers, program) = self.kronecker.as_ref().expect("it was just compiled");
        let weight = [T::of(1.0 / indices.len() as f64)];
        let inputs = self.inputs(x, &weight);
        Ok(kronecker::evaluated(layers.clone(), self.programs.passes(), |outputs| {
            program.run(&inputs, outputs, &Threads::default());
        }))
    }
}

/// A flat vector as one slice a block.
fn blocks<'x, T: Scalar>(network: &Network<T>, x: &'x [T]) -> Vec<&'x [u8]> {
    network.layout.blocks().iter().map(|block| bytemuck::cast_slice(&x[block.range.clone()])).collect()
}
