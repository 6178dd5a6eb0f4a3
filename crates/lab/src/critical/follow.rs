//! Following eigenvectors to a point of a chosen index.

use super::ending::Ending;
use super::newton::{Place, Terrain, Way, orthonormal, project};
use crate::krylov::{self, Dense};
use crate::vector::{dot, norm};
use crate::{Curvature, Scalar, Stop};

/// What the model's gradient may be wrong by at a step's end, as a share of the gradients there.
const ERROR: f64 = 0.4;
/// The first step, as a share of max(1, ‖x‖), and the shortest.
const FIRST: f64 = 0.05;
const LEAST: f64 = 1e-12;

impl<T: Scalar> Terrain<'_, '_, T> {
    /// Up along the eigenvectors of the `index` smallest eigenvalues and down along the others, each by |gᵢ/λᵢ|: Newton steps
    /// with signs that attract to points of this index alone (eigenvector-following: Cerjan & Miller 1981; Wales,
    /// *Energy Landscapes*, §6.2), no longer than a radius within which the local quadratic model gives the gradient
    /// at the step's end to 40%. Newton-MR adds the last digits.
    ///
    /// The whole Hessian is built at each step, so this is for few coordinates. Directions along an orbit are left out.
    pub fn follow(&self, mut place: Place<T>, index: usize) -> Result<Way<T>, Stop> {
        let mut radius = FIRST * norm(&place.x).max(1.0);
        let (mut iterations, mut size) = (0, 0.0f64);
        let ending = loop {
            if self.is_critical(&place) {
                place = self.polished(place)?;
                break Ending::Converged;
            }
            if iterations >= self.options.iterations {
                break Ending::Exhausted;
            }
            iterations += 1;
            let matrix = match krylov::dense(&mut self.oracle.linearize(&place.x, Curvature::Hessian)?, 8) {
                Err(Stop::NonFinite { .. }) => break Ending::NonFinite,
                matrix => matrix?,
            };
            let model =
                Model::new(&matrix, &place.gradient, &orthonormal(&self.symmetry.tangents(&place.x), &[]));
            size = size.max(model.values.iter().fold(0.0, |m, v| v.abs().max(m)));
            let whole = model.step(index);
            let length = norm(&whole);
            let next = loop {
                let factor = (radius.min(self.options.reach) / length).min(1.0);
                if factor * length < LEAST * norm(&place.x).max(1.0) {
                    break None;
                }
                let weights: Vec<f64> = whole.iter().map(|w| factor * w).collect();
                let step: Vec<T> = model.combined(&weights);
                if let Some(next) = self.place(self.moved(&place.x, &step, 1.0))? {
                    let expected = model.gradient(&weights);
                    let gap: f64 = expected
                        .iter()
                        .zip(&next.gradient)
                        .map(|(e, g)| (e - g.wide()).powi(2))
                        .sum::<f64>()
                        .sqrt();
                    let wrong = gap / place.norm.max(next.norm);
                    if wrong <= ERROR {
                        if wrong <= 0.3 * ERROR {
                            radius *= 1.6;
                        }
                        break Some(next);
                    }
                }
                radius = 0.5 * (factor * length);
            };
            match next {
                Some(next) => place = next,
                None => break Ending::Stalled,
            }
            if self.has_left(&place.x) {
                break Ending::Left;
            }
        };
        Ok(Way { place, ending, iterations, size })
    }
}

/// The quadratic model across an orbit's tangents, by eigenvectors.
struct Model {
    values: Vec<f64>,
    /// The gradient along each.
    along: Vec<f64>,
    vectors: Vec<Vec<f64>>,
}

impl Model {
    fn new<T: Scalar>(matrix: &Dense, gradient: &[T], tangents: &[Vec<T>]) -> Self {
        let n = matrix.dimension;
        let tangents: Vec<Vec<f64>> = tangents.iter().map(|t| t.iter().map(|v| v.wide()).collect()).collect();
        let mut across = matrix.clone();
        across.entries.chunks_exact_mut(n).for_each(|row| project(row, &tangents));
        let mut columns: Vec<f64> = (0..n * n).map(|k| across.entries[k % n * n + k / n]).collect();
        columns.chunks_exact_mut(n).for_each(|row| project(row, &tangents));
        across.entries = columns;
        let eigen = across.eigen();
        let gradient: Vec<f64> = gradient.iter().map(|g| g.wide()).collect();
        let mut model = Self { values: Vec::new(), along: Vec::new(), vectors: Vec::new() };
        for i in 0..n {
            let vector = eigen.vector(i);
            if tangents.iter().map(|t| dot(t, vector).powi(2)).sum::<f64>() < 0.5 {
                model.values.push(eigen.values[i]);
                model.along.push(dot(vector, &gradient));
                model.vectors.push(vector.to_vec());
            }
        }
        model
    }

    /// By eigenvectors.
    fn step(&self, index: usize) -> Vec<f64> {
        let size = self.values.iter().fold(f64::MIN_POSITIVE, |m, v| v.abs().max(m));
        (0..self.values.len())
            .map(|i| {
                let up = if i < index { 1.0 } else { -1.0 };
                up * self.along[i] / self.values[i].abs().max(krylov::NULL * size)
            })
            .collect()
    }

    fn combined<T: Scalar>(&self, weights: &[f64]) -> Vec<T> {
        self.summed(weights).into_iter().map(T::of).collect()
    }

    /// The model's gradient at the end of a step.
    fn gradient(&self, weights: &[f64]) -> Vec<f64> {
        let slopes: Vec<f64> =
            (0..weights.len()).map(|i| self.along[i] + self.values[i] * weights[i]).collect();
        self.summed(&slopes)
    }

    fn summed(&self, weights: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; self.vectors.first().map_or(0, Vec::len)];
        for (weight, vector) in weights.iter().zip(&self.vectors) {
            sum.iter_mut().zip(vector).for_each(|(s, v)| *s += weight * v);
        }
        sum
    }
}
