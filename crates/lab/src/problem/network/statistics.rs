//! Buffers of a model: statistics of the activations, and constants.

use std::borrow::Cow;

use thalweg_graph::{Sharded, Threads};

use super::model::{Buffer, Statistics};
use super::objective::Network;
use super::programs::Programs;
use super::settings::BatchNorm;
use crate::Scalar;

impl<T: Scalar> Network<T> {
    /// Whether some layer normalizes by statistics of the activations.
    pub fn has_statistics(&self) -> bool {
        self.programs.buffers.iter().any(|buffer| buffer.statistic)
    }

    /// Whether the loss of an example depends on the others of its batch.
    pub fn is_coupled(&self) -> bool {
        self.has_statistics() && self.programs.statistics == Statistics::Batch
    }

    /// The buffers' names and values: statistics as of the last
    /// [`freeze`](Self::freeze), and constants.
    pub fn buffers(&self) -> impl Iterator<Item = (&Buffer, &[T])> {
        self.programs.buffers.iter().zip(self.buffers.iter().map(Vec::as_slice))
    }

    /// Whether statistics are still those of a model that has seen no data: neither given nor frozen.
    pub fn lacks_statistics(&self) -> bool {
        self.has_statistics() && !self.informed
    }

    /// Replaces the value of a buffer.
    ///
    /// # Panics
    /// If there is no such buffer, or its size is another.
    pub fn set_buffer(&mut self, name: &str, values: &[T]) {
        let at = self.programs.buffers.iter().position(|buffer| buffer.name == name);
        let at = at.unwrap_or_else(|| panic!("no buffer is named {name:?}"));
        self.buffers[at].copy_from_slice(values);
        self.informed |= self.programs.buffers[at].statistic;
    }

    /// Sets the statistics among the buffers to the average over the batches at x, the
    /// last of which may be smaller and counts less.
    pub fn freeze(&mut self, x: &[T]) {
        self.buffers = self.estimate_buffers(x);
        self.informed = true;
    }

    /// The buffers' values with the statistics among them averaged over the batches at x.
    pub fn estimate_buffers(&self, x: &[T]) -> Vec<Vec<T>> {
        self.estimated(x, &self.settings.threads)
    }

    fn estimated(&self, x: &[T], threads: &Threads) -> Vec<Vec<T>> {
        if !self.has_statistics() {
            return self.buffers.clone();
        }
        let programs = Programs { statistics: Statistics::Batch, ..self.programs.clone() };
        let size = match self.settings.batch_norm {
            BatchNorm::Batch { size } | BatchNorm::Reestimated { size } => size.max(1),
            BatchNorm::Frozen => 128,
        };
        let program = self.estimates.get_or_init(|| {
            Sharded::new(|n| programs.estimates(n), &programs.roles(), self.data.examples(), size)
        });
        let mut found: Vec<Vec<f64>> = program.outputs().iter().map(|t| vec![0.0; t.size()]).collect();
        let weight = self.weight();
        let mut outputs: Vec<&mut [u8]> = found.iter_mut().map(|v| bytemuck::cast_slice_mut(v)).collect();
        program.run(&self.inputs(x, &self.buffers, &weight), &mut outputs, threads);
        let mut found = found.into_iter();
        let mut buffers = self.buffers.clone();
        for (buffer, values) in self.programs.buffers.iter().zip(&mut buffers) {
            if buffer.statistic {
                let estimate = found.next().expect("an estimate for each statistic");
                values.iter_mut().zip(estimate).for_each(|(v, e)| *v = T::of(e));
            }
        }
        buffers
    }

    /// The buffers that the loss at x depends on.
    pub(super) fn buffers_at(&self, x: &[T], threads: &Threads) -> Cow<'_, [Vec<T>]> {
        match self.settings.batch_norm {
            BatchNorm::Reestimated { .. } if self.has_statistics() => Cow::Owned(self.estimated(x, threads)),
            _ => Cow::Borrowed(&self.buffers),
        }
    }
}
