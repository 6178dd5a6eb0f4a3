//! Directions in parameter space, and how they are scaled.

use serde::{Deserialize, Serialize};

use crate::random::Stream;
use crate::vector::{dot, norm};
use crate::{Layout, Scalar};

/// How a direction d is scaled against the point θ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalization {
    /// As it came.
    None,
    /// ‖d‖ = 1.
    Unit,
    /// Each block of two or more axes has the norm of the same block of θ; the
    /// other blocks are 0.
    Layer,
    /// Each filter has the norm of the same filter of θ, d_ij ← d_ij ‖θ_ij‖/‖d_ij‖.
    ///
    /// A filter is what feeds one output: a row of a dense layer's weight
    /// [out, in], a slice [i, …] of a block with more axes. Blocks of fewer than
    /// two axes (biases, the scales and shifts of normalization layers) are 0. A
    /// filter that is 0 in θ is 0 in d. Source: Li, Xu, Taylor, Studer &
    /// Goldstein, *Visualizing the loss landscape of neural nets* (NeurIPS 2018),
    /// §4, with `ignore = 'biasbn'` of their program; it adds 1e-10 to ‖d_ij‖,
    /// which is left out here.
    Filter,
}

/// A named direction. Serialized without its vector, which belongs beside the results as an array.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(bound = "")]
pub struct Direction<T: Scalar> {
    /// What it is, for captions.
    pub name: String,
    /// The direction itself (n).
    #[serde(skip)]
    pub vector: Vec<T>,
    /// How it was scaled.
    pub normalization: Normalization,
}

/// Why a direction cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DirectionError {
    /// It has no length.
    #[error(
        "the direction {name:?} is zero{}",
        if *.filters { ": by filters or layers only blocks of two or more axes that are not zero themselves count; use unit" } else { "" }
    )]
    Zero {
        /// The direction.
        name: String,
        /// Whether scaling against the point made it so.
        filters: bool,
    },
    /// It holds a number that is not finite.
    #[error("the direction {name:?} has the entry {found} at {index}")]
    NonFinite {
        /// The direction.
        name: String,
        /// Where.
        index: usize,
        /// What.
        found: f64,
    },
    /// It does not belong to this objective.
    #[error("the direction {name:?} has {found} entries; the point has {expected}")]
    Dimension {
        /// The direction.
        name: String,
        /// n.
        expected: usize,
        /// Its length.
        found: usize,
    },
    /// Nothing is left of it after orthogonalization.
    #[error("the direction {name:?} is parallel to {other:?}")]
    Parallel {
        /// The direction.
        name: String,
        /// What it is parallel to.
        other: String,
    },
}

impl<T: Scalar> Direction<T> {
    /// Scales a vector against the point θ of this layout.
    pub fn new(
        name: impl Into<String>,
        vector: Vec<T>,
        normalization: Normalization,
        layout: &Layout,
        point: &[T],
    ) -> Result<Self, DirectionError> {
        let mut direction = Self { name: name.into(), vector, normalization };
        direction.check(point.len())?;
        match normalization {
            Normalization::None => {}
            Normalization::Unit => rescale(&mut direction.vector, 1.0),
            Normalization::Layer | Normalization::Filter => {
                for block in layout.blocks() {
                    let part = &mut direction.vector[block.range.clone()];
                    let theta = &point[block.range.clone()];
                    let size = match (block.shape.len(), normalization) {
                        (0 | 1, _) => {
                            part.fill(T::zero());
                            continue;
                        }
                        (_, Normalization::Layer) => theta.len(),
                        _ => theta.len() / block.shape[0].max(1),
                    };
                    for (part, theta) in part.chunks_mut(size.max(1)).zip(theta.chunks(size.max(1))) {
                        rescale(part, norm(theta));
                    }
                }
            }
        }
        direction.check(point.len())?;
        Ok(direction)
    }

    /// Independent standard normal entries, then scaled. `index` tells several
    /// directions of one seed apart.
    ///
    /// ```
    /// use thalweg_lab::{Layout, landscape::{Direction, Normalization}};
    /// let layout = Layout::new([("fc.weight", vec![2, 2]), ("fc.bias", vec![2])]);
    /// let theta = [3.0f64, 4.0, 0.0, 1.0, 7.0, 7.0];
    /// let d = Direction::random(0, 0, Normalization::Filter, &layout, &theta)?;
    /// assert!((d.vector[0].hypot(d.vector[1]) - 5.0).abs() < 1e-12);
    /// assert_eq!(d.vector[4..], [0.0, 0.0]);
    /// # Ok::<(), thalweg_lab::landscape::DirectionError>(())
    /// ```
    pub fn random(
        seed: u64,
        index: u64,
        normalization: Normalization,
        layout: &Layout,
        point: &[T],
    ) -> Result<Self, DirectionError> {
        let mut vector = vec![T::zero(); point.len()];
        Stream::new(seed, "direction", index).fill_normal(&mut vector);
        Self::new(format!("random {index}"), vector, normalization, layout, point)
    }

    /// b − a, so that a + 1·d is b (to rounding).
    pub fn between(name: impl Into<String>, a: &[T], b: &[T]) -> Result<Self, DirectionError> {
        let vector = a.iter().zip(b).map(|(a, b)| T::of(b.wide() - a.wide())).collect();
        let direction = Self { name: name.into(), vector, normalization: Normalization::None };
        direction.check(a.len().max(b.len()))?;
        Ok(direction)
    }

    /// A given vector (an eigenvector, a gradient) at length 1.
    pub fn unit(name: impl Into<String>, vector: &[T]) -> Result<Self, DirectionError> {
        Self::new(name, vector.to_vec(), Normalization::Unit, &Layout::flat(vector.len()), vector)
    }

    /// ‖d‖.
    pub fn norm(&self) -> f64 {
        norm(&self.vector)
    }

    /// The cosine of the angle with another direction.
    pub fn cosine(&self, other: &Self) -> f64 {
        dot(&self.vector, &other.vector) / (self.norm() * other.norm())
    }

    /// Whether it can be used at a point of n coordinates: its length, and entries that are finite and not all 0.
    pub fn check(&self, n: usize) -> Result<(), DirectionError> {
        let name = || self.name.clone();
        if self.vector.len() != n {
            return Err(DirectionError::Dimension { name: name(), expected: n, found: self.vector.len() });
        }
        if let Some(index) = self.vector.iter().position(|v| !v.is_finite()) {
            let found = self.vector[index].wide();
            return Err(DirectionError::NonFinite { name: name(), index, found });
        }
        if self.vector.iter().all(|v| v.is_zero()) {
            let filters = matches!(self.normalization, Normalization::Layer | Normalization::Filter);
            return Err(DirectionError::Zero { name: name(), filters });
        }
        Ok(())
    }
}

/// Takes the part along `fixed` out of d (Gram-Schmidt, twice) and gives the
/// rest the norm that d had. A filter-normalized direction is then no longer
/// exactly so, and its normalization is reported as `None`, a unit one still is.
///
/// Random directions in many dimensions are nearly orthogonal as they are
/// (cosine about 1/√n), and Li et al. leave them so.
pub fn orthogonalize<T: Scalar>(d: &mut Direction<T>, fixed: &Direction<T>) -> Result<(), DirectionError> {
    let before = d.norm();
    for _ in 0..2 {
        let along = dot(&d.vector, &fixed.vector) / dot(&fixed.vector, &fixed.vector);
        for (d, f) in d.vector.iter_mut().zip(&fixed.vector) {
            *d = T::of(d.wide() - along * f.wide());
        }
    }
    if d.norm() <= 16.0 * T::epsilon().wide() * before {
        return Err(DirectionError::Parallel { name: d.name.clone(), other: fixed.name.clone() });
    }
    rescale(&mut d.vector, before);
    if d.normalization != Normalization::Unit {
        d.normalization = Normalization::None;
    }
    Ok(())
}

/// Gives a vector the norm asked for; a zero vector stays zero.
fn rescale<T: Scalar>(vector: &mut [T], to: f64) {
    let from = norm(vector);
    if from > 0.0 {
        for v in vector {
            *v = T::of(v.wide() * (to / from));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn layout() -> Layout {
        Layout::new([
            ("conv.weight", vec![3, 2, 2, 1]),
            ("conv.bias", vec![3]),
            ("fc.weight", vec![2, 5]),
            ("scale", vec![]),
        ])
    }

    fn point(n: usize) -> Vec<f64> {
        (0..n).map(|i| ((i * 7 + 3) % 11) as f64 - 4.0).collect()
    }

    proptest! {
        #[test]
        fn filters_take_the_norms_of_the_points_filters(seed: u64, index in 0..5u64) {
            let (layout, mut theta) = (layout(), point(26));
            theta[4..8].fill(0.0);
            let d = Direction::random(seed, index, Normalization::Filter, &layout, &theta).unwrap().vector;
            for filter in [0..4, 8..12, 15..20, 20..25] {
                let ratio = norm(&d[filter.clone()]) / norm(&theta[filter]);
                prop_assert!((ratio - 1.0).abs() < 1e-12);
            }
            prop_assert!(d[4..8].iter().chain(&d[12..15]).chain(&d[25..]).all(|&v| v == 0.0));
        }

        #[test]
        fn layers_take_the_norms_of_the_points_layers(seed: u64) {
            let (layout, theta) = (layout(), point(26));
            let d = Direction::random(seed, 0, Normalization::Layer, &layout, &theta).unwrap().vector;
            for block in [0..12, 15..25] {
                prop_assert!((norm(&d[block.clone()]) / norm(&theta[block]) - 1.0).abs() < 1e-12);
            }
            prop_assert!(d[12..15].iter().chain(&d[25..]).all(|&v| v == 0.0));
        }

        #[test]
        fn orthogonalized_directions_are_orthogonal_and_keep_their_norm(seed: u64) {
            let (layout, theta) = (layout(), point(26));
            let fixed = Direction::random(seed, 0, Normalization::Filter, &layout, &theta).unwrap();
            let mut d = Direction::random(seed, 1, Normalization::Filter, &layout, &theta).unwrap();
            let before = d.norm();
            orthogonalize(&mut d, &fixed).unwrap();
            prop_assert!(d.cosine(&fixed).abs() < 1e-14);
            prop_assert!((d.norm() / before - 1.0).abs() < 1e-13);
            prop_assert_eq!(d.normalization, Normalization::None);
        }
    }

    /// What filter normalization is for: f(θ + t d) of a rescaled ReLU unit, a·relu(w x) with
    /// w → s w and a → a/s, is the same curve if d is rescaled alike, and filter-normalized
    /// directions are rescaled alike by their construction.
    #[test]
    fn filter_normalization_undoes_the_rescaling_of_units() {
        let layout = Layout::new([("in", vec![2, 3]), ("out", vec![2, 1])]);
        let theta = point(8);
        let scales = [4.0, 0.25];
        let mapped = |v: &[f64]| -> Vec<f64> {
            (0..8).map(|i| if i < 6 { v[i] * scales[i / 3] } else { v[i] / scales[i - 6] }).collect()
        };
        let raw = Direction::random(3, 0, Normalization::None, &layout, &theta).unwrap().vector;
        let filter = |v: Vec<f64>, theta: &[f64]| {
            Direction::new("d", v, Normalization::Filter, &layout, theta).unwrap().vector
        };
        let before = filter(raw.clone(), &theta);
        let after = filter(mapped(&raw), &mapped(&theta));
        assert!(after.iter().zip(mapped(&before)).all(|(a, b)| (a - b).abs() < 1e-12));
    }

    #[test]
    fn random_directions_depend_on_seed_and_index_alone() {
        let theta = vec![1.0f32; 40];
        let layout = Layout::flat(40);
        let d = |seed, index| Direction::random(seed, index, Normalization::Unit, &layout, &theta).unwrap();
        assert_eq!(d(1, 2), d(1, 2));
        assert_ne!(d(1, 2).vector, d(1, 3).vector);
        assert_ne!(d(1, 2).vector, d(2, 2).vector);
        assert!((d(1, 2).norm() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_difference_leads_from_one_point_to_the_other() {
        let d = Direction::between("line", &[1.0, 2.0], &[4.0, -2.0]).unwrap();
        assert_eq!((d.vector, d.normalization), (vec![3.0, -4.0], Normalization::None));
    }

    #[test]
    fn unusable_directions_are_refused() {
        let layout = Layout::flat(3);
        let theta = [1.0, 2.0, 3.0];
        let vanished = Direction::random(0, 0, Normalization::Filter, &layout, &theta).unwrap_err();
        assert!(vanished.to_string().contains("use unit"), "{vanished}");
        let zero = Direction::unit("gradient", &[0.0, 0.0]).unwrap_err().to_string();
        assert_eq!(zero, "the direction \"gradient\" is zero");
        assert!(matches!(
            Direction::unit("v", &[0.0, f64::NAN]),
            Err(DirectionError::NonFinite { index: 1, .. })
        ));
        let short = Direction::new("v", vec![1.0; 2], Normalization::Unit, &layout, &theta);
        assert!(matches!(short, Err(DirectionError::Dimension { expected: 3, found: 2, .. })));
        let mut d = Direction::unit("d", &[2.0, 0.0]).unwrap();
        let fixed = Direction::unit("e", &[1.0, 0.0]).unwrap();
        assert!(matches!(orthogonalize(&mut d, &fixed), Err(DirectionError::Parallel { .. })));
    }
}
