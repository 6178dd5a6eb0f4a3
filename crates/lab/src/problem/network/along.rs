//! Values on lines and planes through parameter space.

use thalweg_graph::{Bound, Linearized, Role};

use super::objective::Network;
use super::settings::BatchNorm;
use super::shards;
use crate::Scalar;
use crate::vector::dot;

/// Most directions; with more, moving the parameters costs less than what it saves.
pub(super) const DIRECTIONS: usize = 2;
/// Bytes of the values that all points share, unless other limits are set.
const SHARED_BYTES: usize = 512 << 20;

impl<T: Scalar> Network<T> {
    /// The program for so many directions, if there is one: statistics that are estimated
    /// anew at each point are not.
    fn line(&self, directions: usize) -> Option<&Linearized> {
        let anew = matches!(self.settings.batch_norm, BatchNorm::Reestimated { .. }) && self.has_statistics();
        let cell = self.lines.get(directions.checked_sub(1)?).filter(|_| !anew)?;
        Some(cell.get_or_init(|| {
            let mut roles = self.programs.roles();
            roles.extend(vec![Role::Shared; directions * self.programs.blocks() + 1]);
            let build = |n| self.programs.value_along(directions, n);
            let late = [roles.len() - 1];
            let program = Linearized::new(build, &roles, &late, self.data.examples(), self.shard);
            program.with_block(shards::together(self.model()))
        }))
    }

    /// f at x + Σⱼ cⱼ dⱼ, where what is affine in the parameters, such as the first layer,
    /// is computed once for all points; `false` if that cannot be done.
    pub(super) fn move_along(
        &self,
        x: &[T],
        directions: &[&[T]],
        coordinates: &[f64],
        values: &mut [f64],
    ) -> bool {
        let Some(program) = self.line(directions.len()) else { return false };
        let weight = self.weight();
        let blocks = |v: &'_ [T]| -> Vec<Bound> {
            assert_eq!(v.len(), self.layout.dimension(), "length of a parameter vector");
            let blocks = self.layout.blocks().iter();
            blocks.map(|block| Bound::copy(bytemuck::cast_slice(&v[block.range.clone()]))).collect()
        };
        let mut inputs = blocks(x);
        inputs.extend(self.constants(x));
        inputs.push(Bound::Borrowed(bytemuck::cast_slice(&weight)));
        directions.iter().for_each(|d| inputs.extend(blocks(d)));
        inputs.push(Bound::Borrowed(&[]));
        let memory = self.settings.memory.unwrap_or(SHARED_BYTES);
        let point = program.at(inputs, memory, &self.settings.threads);
        let c: Vec<T> = coordinates.iter().map(|&c| T::of(c)).collect();
        point.apply(&[bytemuck::cast_slice(&c)], values.len(), &mut [bytemuck::cast_slice_mut(values)]);
        let penalty = self.penalty_along(x, directions);
        let examples = self.data.examples() as f64;
        for (value, c) in values.iter_mut().zip(coordinates.chunks_exact(directions.len())) {
            *value = *value / examples + penalty(c);
        }
        true
    }

    /// (λ/2) ‖x + Σⱼ cⱼ dⱼ‖² as a function of c.
    fn penalty_along(&self, x: &[T], directions: &[&[T]]) -> impl Fn(&[f64]) -> f64 {
        let decay = self.settings.weight_decay;
        let vectors: Vec<&[T]> = directions.iter().copied().chain([x]).collect();
        let products: Vec<Vec<f64>> = match decay {
            0.0 => Vec::new(),
            _ => vectors.iter().map(|a| vectors.iter().map(|b| dot(a, b)).collect()).collect(),
        };
        move |c| {
            let weight = |i: usize| c.get(i).copied().unwrap_or(1.0);
            let row = |(i, row): (usize, &Vec<f64>)| -> f64 {
                row.iter().enumerate().map(|(j, product)| weight(i) * weight(j) * product).sum()
            };
            0.5 * decay * products.iter().enumerate().map(row).sum::<f64>()
        }
    }
}
