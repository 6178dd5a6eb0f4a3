//! What the wedge model predicts.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use crate::race::statistics::exceeded_with;

/// Wedges of n long directions among D (Fort & Jastrzębski 2019): the low-loss set is the union of all
/// spans of n of D axes, and the loss is the distance from it. As an objective: `wedges:D,n`.
///
/// All predictions are in units of the radius R; the model has no other length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wedges {
    /// D.
    pub dimension: usize,
    /// n, below D.
    pub long: usize,
}

impl Wedges {
    /// E L²/R² at a random point of the sphere of radius R, in the limit of large D:
    /// q − 2c φ(c) with q = (D − n)/D, P(|Z| < c) = q and φ the normal density.
    pub fn at_random(&self) -> f64 {
        let share = (self.dimension - self.long) as f64 / self.dimension as f64;
        let c = exceeded_with((1.0 - share) / 2.0);
        share - 2.0 * c * (-0.5 * c * c).exp() / TAU.sqrt()
    }

    /// Mean and standard deviation of L²/R² where a random plane of d dimensions at distance R from the
    /// origin comes closest to one given wedge: those of Beta((D − n − d)/2, n/2), and 0 for d ≥ D − n,
    /// where plane and wedge meet. The nearest of all wedges is closer.
    pub fn closest(&self, plane: usize) -> (f64, f64) {
        let short = self.dimension - self.long;
        if plane >= short {
            return (0.0, 0.0);
        }
        let (a, b) = ((short - plane) as f64 / 2.0, self.long as f64 / 2.0);
        let mean = a / (a + b);
        (mean, (mean * (1.0 - mean) / (a + b + 1.0)).sqrt())
    }

    /// The dimension from which on a random plane meets a wedge: D − n.
    pub fn meets(&self) -> usize {
        self.dimension - self.long
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Objective;
    use crate::problem::analytic::Analytic;
    use crate::random::Stream;
    use crate::vector::norm;

    #[test]
    fn random_points_are_as_far_as_the_closed_form_says() {
        for (share, expected) in [(0.5, 0.0713259178), (0.75, 0.276393038), (0.9, 0.560713936)] {
            let dimension = 1000;
            let long = (dimension as f64 * (1.0 - share)).round() as usize;
            let wedges = Wedges { dimension, long };
            assert!((wedges.at_random() - expected).abs() < 1e-9, "{share}: {}", wedges.at_random());
            // The function itself, at random points.
            let function = format!("wedges:{dimension},{long}").parse().unwrap();
            let objective = Analytic::<f64>::new(function, Default::default());
            let ratio = |index: u64| {
                let mut x = vec![0.0; dimension];
                Stream::new(3, "point", index).fill_normal(&mut x);
                (objective.value(&x) / norm(&x)).powi(2)
            };
            let mean = (0..200).map(ratio).sum::<f64>() / 200.0;
            assert!((mean - expected).abs() < 0.01 * expected + 5e-4, "{share}: {mean}");
        }
    }

    #[test]
    fn planes_meet_one_wedge_where_dimensions_add_up() {
        let wedges = Wedges { dimension: 50, long: 10 };
        for (plane, expected) in [(10, 0.75), (30, 0.5), (40, 0.0), (45, 0.0)] {
            assert!((wedges.closest(plane).0 - expected).abs() < 1e-15);
        }
        assert_eq!(wedges.meets(), 40);
        // Beta(10, 5): mean 2/3, variance 50/(225·16).
        let (mean, deviation) = wedges.closest(20);
        assert!((mean - 2.0 / 3.0).abs() < 1e-15 && (deviation.powi(2) - 50.0 / 3600.0).abs() < 1e-15);
    }
}
