//! A network and its data as an [`Objective`].

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use thalweg_graph::{Bound, Element, Graph, Linearized, Program, Sharded, Threads};

use super::data::DataMismatch;
use super::initialization::copy;
use super::minibatch::Batches;
use super::model::Statistics;
use super::operator::Operator;
use super::programs::Programs;
use super::settings::{BatchNorm, Settings};
use super::{Data, Model, Targets, along, kronecker, shards};
use crate::krylov::SymmetricOperator;
use crate::objective::values_at;
use crate::{
    Curvature, FiniteSum, KroneckerFisher, Layout, Minibatch, NoFactors, Objective, Scalar, Terms,
    Unsupported,
};

/// Per-example gradients that are held at a time, in numbers.
const GRADIENTS: usize = 1 << 22;

/// The regularized mean loss of a network over a data set.
pub struct Network<T: Scalar> {
    pub(super) programs: Programs,
    pub(super) data: Data<T>,
    pub(super) settings: Settings,
    pub(super) layout: Layout,
    /// Values of the model's buffers.
    pub(super) buffers: Vec<Vec<T>>,
    /// Whether statistics among them come from data.
    pub(super) informed: bool,
    index: Vec<i32>,
    pub(super) shard: usize,
    /// Vectors that are multiplied at a time.
    pub(super) width: usize,
    pub(super) estimates: OnceLock<Sharded>,
    /// Programs of the examples' losses, for a shard and for the last one.
    pub(super) losses: [OnceLock<Program>; 2],
    value: OnceLock<Sharded>,
    terms: OnceLock<Sharded>,
    gradient: OnceLock<Sharded>,
    products: [OnceLock<Linearized>; 4],
    kronecker: OnceLock<Sharded>,
    pub(super) lines: [OnceLock<Linearized>; along::DIRECTIONS],
}

impl<T: Scalar> Network<T> {
    /// The objective of a model on data.
    pub fn new(
        model: impl Into<Arc<dyn Model>>,
        data: Data<T>,
        settings: Settings,
    ) -> Result<Self, DataMismatch> {
        let model = model.into();
        data.check(&*model, &settings.loss)?;
        let layout = model.layout();
        let buffers = model.buffers();
        let values = buffers.iter().map(|buffer| {
            let mut values = vec![T::zero(); buffer.value.ty().size()];
            copy(&buffer.value, &mut values);
            values
        });
        let classes = matches!(data.targets, Targets::Classes { .. });
        let statistics = match settings.batch_norm {
            BatchNorm::Batch { .. } => Statistics::Batch,
            BatchNorm::Frozen | BatchNorm::Reestimated { .. } => Statistics::Fixed,
        };
        let mut network = Self {
            buffers: values.collect(),
            informed: model.has_statistics(),
            index: (0..data.examples() as i32).collect(),
            shard: shards::size(&*model),
            width: crate::memory::WIDTH,
            programs: Programs {
                target: data.target_shape(&*model, &settings.loss),
                model,
                layout: layout.clone(),
                buffers: buffers.into(),
                loss: settings.loss.clone(),
                dtype: <T as Element>::DTYPE,
                classes,
                statistics,
            },
            data,
            settings: settings.clone(),
            layout,
            estimates: OnceLock::new(),
            losses: Default::default(),
            value: OnceLock::new(),
            terms: OnceLock::new(),
            gradient: OnceLock::new(),
            products: Default::default(),
            kronecker: OnceLock::new(),
            lines: Default::default(),
        };
        if let (BatchNorm::Batch { size }, true) = (settings.batch_norm, network.has_statistics()) {
            network.shard = size.max(1);
        }
        Ok(network)
    }

    /// The model.
    pub fn model(&self) -> &dyn Model {
        &*self.programs.model
    }

    /// The data.
    pub fn data(&self) -> &Data<T> {
        &self.data
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The same objective on other data, for instance a test set.
    pub fn with_data(&self, data: Data<T>) -> Result<Self, DataMismatch> {
        let mut network = Self::new(self.programs.model.clone(), data, self.settings.clone())?;
        network.buffers = self.buffers.clone();
        network.informed = self.informed;
        Ok(network)
    }

    /// (1/N) Σ ‖gᵢ‖², the mean squared norm of the examples' own gradients of the data loss.
    ///
    /// # Panics
    /// If the examples [are coupled](Self::is_coupled).
    pub fn mean_squared_gradient(&self, x: &[T]) -> f64 {
        assert!(!self.is_coupled(), "an example of a normalized batch has no loss of its own");
        let program = self.noise_program();
        let mut total = [0.0f64];
        self.run(&program, x, &mut [bytemuck::cast_slice_mut(&mut total)], &self.settings.threads);
        total[0] / self.data.examples() as f64
    }

    pub(super) fn noise_program(&self) -> Sharded {
        let shard = (GRADIENTS / self.layout.dimension().max(1)).clamp(1, self.shard);
        let roles = self.programs.roles();
        Sharded::new(|n| self.programs.gradient_squares(n), &roles, self.data.examples(), shard)
    }

    pub(super) fn value_program(&self) -> &Sharded {
        self.sharded(&self.value, |n| self.programs.value(n))
    }

    pub(super) fn terms_program(&self) -> &Sharded {
        self.sharded(&self.terms, |n| self.programs.terms(n))
    }

    pub(super) fn gradient_program(&self) -> &Sharded {
        self.sharded(&self.gradient, |n| self.programs.gradient(n))
    }

    /// The inputs that every program takes, at x.
    pub(super) fn inputs<'a>(
        &'a self,
        x: &'a [T],
        buffers: &'a [Vec<T>],
        weight: &'a [T; 1],
    ) -> Vec<&'a [u8]> {
        let mut inputs: Vec<&[u8]> =
            self.layout.blocks().iter().map(|block| bytemuck::cast_slice(&x[block.range.clone()])).collect();
        inputs.extend(buffers.iter().map(|buffer| bytemuck::cast_slice::<T, u8>(buffer)));
        inputs.push(bytemuck::cast_slice(&self.index));
        inputs.extend(self.data.bytes());
        inputs.push(bytemuck::cast_slice(weight));
        inputs
    }

    /// What a linearization at x takes between the parameters and the weight.
    pub(super) fn constants(&self, x: &[T]) -> Vec<Bound<'_>> {
        let mut constants: Vec<Bound> = match self.buffers_at(x, &self.settings.threads) {
            Cow::Owned(buffers) => buffers.iter().map(|v| Bound::copy(bytemuck::cast_slice(v))).collect(),
            Cow::Borrowed(buffers) => {
                buffers.iter().map(|v| Bound::Borrowed(bytemuck::cast_slice(v))).collect()
            }
        };
        constants.push(Bound::Borrowed(bytemuck::cast_slice(&self.index)));
        constants.extend(self.data.bytes().map(Bound::Borrowed));
        constants
    }

    /// 1/N.
    pub(super) fn weight(&self) -> [T; 1] {
        [T::of(1.0 / self.data.examples() as f64)]
    }

    fn run(&self, program: &Sharded, x: &[T], outputs: &mut [&mut [u8]], threads: &Threads) {
        assert_eq!(x.len(), self.layout.dimension(), "length of the parameter vector");
        let weight = self.weight();
        let buffers = self.buffers_at(x, threads);
        program.run(&self.inputs(x, &buffers, &weight), outputs, threads);
    }

    fn sharded<'a>(&self, cell: &'a OnceLock<Sharded>, build: impl Fn(usize) -> Graph) -> &'a Sharded {
        cell.get_or_init(|| Sharded::new(build, &self.programs.roles(), self.data.examples(), self.shard))
    }

    pub(super) fn product(&self, curvature: Curvature) -> &Linearized {
        self.products[curvature as usize].get_or_init(|| {
            let mut roles = self.programs.roles();
            let first = roles.len();
            roles.extend(vec![thalweg_graph::Role::Shared; self.programs.blocks()]);
            let tangents: Vec<usize> = (first..roles.len()).collect();
            let build = |n| self.programs.product(curvature, n);
            Linearized::new(build, &roles, &tangents, self.data.examples(), self.shard)
                .with_together(shards::together(self.model()))
        })
    }

    /// Why there is no such matrix.
    pub(super) fn lacks(&self, curvature: Curvature) -> Option<&'static str> {
        let coupled = self.is_coupled() && curvature == Curvature::EmpiricalFisher;
        let coupled =
            coupled.then_some("an example of a batch that is normalized has no gradient of its own");
        self.settings.loss.lacks(curvature).or(coupled)
    }

    fn data_loss(&self, x: &[T], threads: &Threads) -> f64 {
        let program = self.value_program();
        let mut sum = [0.0f64];
        self.run(program, x, &mut [bytemuck::cast_slice_mut(&mut sum)], threads);
        sum[0] / self.data.examples() as f64
    }

    /// Data loss and its gradient.
    fn data_gradient(&self, x: &[T], gradient: &mut [T]) -> f64 {
        let program = self.gradient_program();
        let mut sum = [0.0f64];
        let mut outputs: Vec<&mut [u8]> = vec![bytemuck::cast_slice_mut(&mut sum)];
        outputs.extend(split_blocks(&self.layout, gradient));
        self.run(program, x, &mut outputs, &self.settings.threads);
        sum[0] / self.data.examples() as f64
    }

    /// (λ/2) ‖x‖².
    pub(super) fn penalty(&self, x: &[T]) -> f64 {
        if self.settings.weight_decay == 0.0 {
            return 0.0;
        }
        0.5 * self.settings.weight_decay * x.iter().map(|v| v.wide() * v.wide()).sum::<f64>()
    }

    /// Adds λ v.
    pub(super) fn add_decay(&self, v: &[T], out: &mut [T]) {
        if self.settings.weight_decay != 0.0 {
            let decay = T::of(self.settings.weight_decay);
            out.iter_mut().zip(v).for_each(|(o, &v)| *o = *o + decay * v);
        }
    }
}

impl<T: Scalar> Objective<T> for Network<T> {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn value(&self, x: &[T]) -> f64 {
        self.data_loss(x, &self.settings.threads) + self.penalty(x)
    }

    fn value_grad(&self, x: &[T], gradient: &mut [T]) -> f64 {
        let loss = self.data_gradient(x, gradient);
        self.add_decay(x, gradient);
        loss + self.penalty(x)
    }

    fn values(&self, points: &[T], values: &mut [f64]) {
        let n = self.layout.dimension().max(1);
        let items: Vec<(&[T], &mut f64)> = points.chunks_exact(n).zip(values).collect();
        // Points are shared between threads; within a point the order of sums is the same as in `value`.
        self.settings.threads.for_each(items, |(x, value)| {
            *value = self.data_loss(x, &Threads::default()) + self.penalty(x);
        });
    }

    fn values_along(&self, x: &[T], directions: &[&[T]], coordinates: &[f64], values: &mut [f64]) {
        if !self.move_along(x, directions, coordinates, values) {
            values_at(self, x, directions, coordinates, values);
        }
    }

    fn linearize<'a>(
        &'a self,
        x: &[T],
        curvature: Curvature,
    ) -> Result<Box<dyn SymmetricOperator<T> + 'a>, Unsupported> {
        match self.lacks(curvature) {
            Some(reason) => Err(Unsupported { curvature, reason }),
            None => Ok(Box::new(Operator::new(self, self.product(curvature), curvature, x))),
        }
    }

    fn terms(&self, x: &[T]) -> Terms {
        let program = self.terms_program();
        let mut sums = [[0.0f64; 1]; 3];
        let [sum, squares, correct] = &mut sums;
        let mut outputs: [&mut [u8]; 3] = [sum, squares, correct].map(|s| bytemuck::cast_slice_mut(s));
        self.run(program, x, &mut outputs, &self.settings.threads);
        let n = self.data.examples() as f64;
        let mean = sums[0][0] / n;
        let variance = (sums[1][0] - n * mean * mean).max(0.0) / (n - 1.0);
        Terms {
            data: mean,
            data_stderr: (n > 1.0).then(|| (variance / n).sqrt()),
            penalty: self.penalty(x),
            accuracy: self.programs.has_accuracy().then(|| sums[2][0] / n),
        }
    }

    fn kronecker_fisher(&self, x: &[T]) -> Result<KroneckerFisher<T>, NoFactors> {
        let layers = self.programs.dense_layers()?;
        let program = self.sharded(&self.kronecker, |n| self.programs.kronecker_fisher(n));
        Ok(kronecker::evaluated(layers, self.programs.passes(), |outputs| {
            self.run(program, x, outputs, &self.settings.threads);
        }))
    }

    fn finite_sum(&self) -> Option<&dyn FiniteSum<T>> {
        Some(self)
    }
}

impl<T: Scalar> FiniteSum<T> for Network<T> {
    fn examples(&self) -> usize {
        self.data.examples()
    }

    fn gradient_moments(&self, x: &[T], gradient: &mut [T]) -> f64 {
        self.data_gradient(x, gradient);
        self.mean_squared_gradient(x)
    }

    fn is_separable(&self) -> bool {
        !self.is_coupled()
    }

    fn losses(&self, x: &[T]) -> Option<Vec<f64>> {
        Some(self.example_losses(x))
    }

    fn minibatch<'a>(&'a self, size: usize) -> Box<dyn Minibatch<T> + 'a> {
        Box::new(Batches::new(self, size))
    }
}

/// A flat vector as one slice of bytes a block.
pub(super) fn split_blocks<'a, T: Scalar>(layout: &Layout, mut flat: &'a mut [T]) -> Vec<&'a mut [u8]> {
    layout
        .blocks()
        .iter()
        .map(|block| {
            let (head, tail) = std::mem::take(&mut flat).split_at_mut(block.range.len());
            flat = tail;
            bytemuck::cast_slice_mut(head)
        })
        .collect()
}
