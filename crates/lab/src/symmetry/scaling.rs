//! Scalings by positive numbers.

use serde::Serialize;

use super::Symmetries;
use crate::random::Stream;
use crate::{Layout, Scalar};

/// A scaling with its number α.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Factor {
    /// Of one unit: θ ↦ θ α^power at its places.
    Unit {
        /// The group.
        group: usize,
        /// Which of the group's scalings.
        scale: usize,
        /// The unit.
        unit: usize,
        /// α > 0.
        alpha: f64,
    },
    /// Of whole blocks.
    Blocks {
        /// Which scaling.
        scaling: usize,
        /// α > 0.
        alpha: f64,
    },
}

impl Symmetries {
    /// Every scaling by a number of its own between α^−1 and α, log-uniformly: of each unit, and of
    /// blocks; those alone that are exact, if so wished.
    pub fn random_factors(&self, alpha: f64, exact: bool, seed: u64) -> Vec<Factor> {
        let mut factors = Vec::new();
        for (group, g) in self.groups.iter().enumerate() {
            for scale in (0..g.scales.len()).filter(|&s| g.scales[s] || !exact) {
                let one = |unit| Factor::Unit { group, scale, unit, alpha: 1.0 };
                factors.extend((0..g.units).map(one));
            }
        }
        for (scaling, _) in self.scalings.iter().enumerate().filter(|(_, s)| s.exact || !exact) {
            factors.push(Factor::Blocks { scaling, alpha: 1.0 });
        }
        let mut logs = vec![0.0f64; factors.len()];
        Stream::new(seed, "scaling", 0).fill_uniform(-alpha.ln(), alpha.ln(), &mut logs);
        for (factor, log) in factors.iter_mut().zip(logs) {
            let (Factor::Unit { alpha, .. } | Factor::Blocks { alpha, .. }) = factor;
            *alpha = log.exp();
        }
        factors
    }

    /// The point after scalings, computed in f64 and rounded once.
    ///
    /// # Panics
    /// If a factor or the point belong to other symmetries or to another layout.
    pub fn scaled<T: Scalar>(&self, layout: &Layout, x: &[T], factors: &[Factor]) -> Vec<T> {
        assert_eq!(x.len(), layout.dimension(), "length of the parameter vector");
        let mut logs = vec![0.0f64; x.len()];
        for factor in factors {
            match *factor {
                Factor::Unit { group, scale, unit, alpha } => {
                    for o in self.groups[group].occurrences.iter().filter(|o| o.scales[scale] != 0.0) {
                        let block = &layout.blocks()[o.block];
                        let inner: usize = block.shape[o.axis + 1..].iter().product();
                        let run = inner * block.shape[o.axis];
                        for row in logs[block.range.clone()].chunks_exact_mut(run) {
                            let part = &mut row[o.positions[unit] * inner..][..inner];
                            part.iter_mut().for_each(|l| *l += o.scales[scale] * alpha.ln());
                        }
                    }
                }
                Factor::Blocks { scaling, alpha } => {
                    for (block, power) in layout.blocks().iter().zip(&self.scalings[scaling].powers) {
                        logs[block.range.clone()].iter_mut().for_each(|l| *l += power * alpha.ln());
                    }
                }
            }
        }
        x.iter().zip(logs).map(|(&x, l)| if l == 0.0 { x } else { T::of(x.wide() * l.exp()) }).collect()
    }
}
