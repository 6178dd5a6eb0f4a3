//! Newton's method on ∇f = 0 by least-squares steps.

use super::deflation::Factor;
use super::ending::{Attempt, Ending};
use super::options::SearchOptions;
use super::symmetry::Symmetry;
use crate::krylov::{SolveOptions, SolveOutcome, SymmetricOperator, lanczos, minres};
use crate::random::Stream;
use crate::vector::{displaced, dot, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// The share of the first-order fall of ‖M∇f‖² that a step must make good.
const SHARE: f64 = 1e-4;
/// Halvings of a step.
const HALVINGS: u32 = 40;
/// No ‖∇f‖ lower by this factor within so many iterations is a standstill.
const WINDOW: u64 = 60;
const PROGRESS: f64 = 0.99;
/// A Newton step of this share of ‖x‖, or of 1, is rounding.
const SETTLED: f64 = 1e-14;
/// The longest that deflation makes a step.
const LONGEST: f64 = 100.0;

/// Where a search is made, and what it keeps away from.
pub(super) struct Terrain<'t, 'o, T: Scalar> {
    pub oracle: &'t Oracle<'o, T>,
    pub options: &'t SearchOptions,
    /// Points that are deflated.
    pub known: Vec<&'t [T]>,
    pub symmetry: &'t dyn Symmetry<T>,
    /// The box; a search ends where it is farther outside than the box is wide.
    pub bounds: Option<&'t [(f64, f64)]>,
}

/// A point of a search.
#[derive(Clone)]
pub(super) struct Place<T> {
    pub x: Vec<T>,
    pub value: f64,
    pub gradient: Vec<T>,
    pub norm: f64,
    pub factor: Factor,
}

/// A least-squares solution of Hs = −∇f.
pub(super) struct Step<T> {
    pub direction: Vec<T>,
    /// ‖∇f + Hs‖/‖∇f‖.
    pub outside: f64,
    /// ‖Hs‖/‖s‖.
    pub size: f64,
}

/// A way as it ended.
pub(super) struct Way<T> {
    pub place: Place<T>,
    pub ending: Ending,
    pub iterations: u64,
    /// The largest ‖Hv‖/‖v‖ seen.
    pub size: f64,
}

impl<T: Scalar> Terrain<'_, '_, T> {
    /// The place at x; `None` if f or ∇f is not finite there.
    pub fn place(&self, x: Vec<T>) -> Result<Option<Place<T>>, Stop> {
        let x = self.symmetry.normal(x);
        let mut gradient = vec![T::zero(); x.len()];
        let value = self.oracle.trial(&x, &mut gradient)?;
        let norm = norm(&gradient);
        let factor = self.options.deflation.factor(&x, &self.known, self.symmetry);
        let finite = value.is_finite() && norm.is_finite();
        Ok(finite.then_some(Place { x, value, gradient, norm, factor }))
    }

    /// Whether the gradient counts as small.
    pub fn is_critical(&self, place: &Place<T>) -> bool {
        place.norm <= self.options.gradient * place.value.abs().max(1.0)
    }

    pub fn has_left(&self, x: &[T]) -> bool {
        self.bounds.is_some_and(|bounds| {
            bounds.iter().zip(x).any(|(&(low, high), v)| {
                let width = high - low;
                !(low - width..=high + width).contains(&v.wide())
            })
        })
    }

    fn step(&self, place: &Place<T>) -> Result<Step<T>, Stop> {
        let tangents = orthonormal(&self.symmetry.tangents(&place.x), &[]);
        newton_step(self.oracle, &place.x, &place.gradient, &tangents, self.options.products)
    }

    /// x + t d.
    pub fn moved(&self, x: &[T], direction: &[T], t: f64) -> Vec<T> {
        let mut out = x.to_vec();
        displaced(x, &[(t, direction)], &mut out);
        out
    }

    /// Newton-MR from a place: s minimizes ‖H s + ∇f‖ by MINRES, is lengthened as [`Deflation`](super::Deflation) says,
    /// and halved until ‖M∇f‖² falls by 10⁻⁴ of its first-order fall.
    pub fn newton(&self, mut place: Place<T>, done: u64) -> Result<Way<T>, Stop> {
        let (mut iterations, mut size) = (done, 0.0f64);
        let (mut best, mut since) = (f64::INFINITY, 0);
        let ending = loop {
            if self.is_critical(&place) {
                place = self.polished(place)?;
                break Ending::Converged;
            }
            let merit = place.factor.log + place.norm.ln();
            if merit < best + PROGRESS.ln() {
                (best, since) = (merit, iterations);
            }
            if iterations >= self.options.iterations {
                break Ending::Exhausted;
            }
            if iterations - since >= WINDOW {
                break Ending::Stalled;
            }
            iterations += 1;
            let step = match self.step(&place) {
                Err(Stop::NonFinite { .. }) => break Ending::NonFinite,
                step => step?,
            };
            size = size.max(step.size);
            match self.damped(&place, &step)? {
                Some(next) => place = next,
                None => break Ending::Stalled,
            }
            if self.has_left(&place.x) {
                break Ending::Left;
            }
        };
        Ok(Way { place, ending, iterations, size })
    }

    /// The first of the halved steps that lessens ‖M∇f‖ enough.
    fn damped(&self, place: &Place<T>, step: &Step<T>) -> Result<Option<Place<T>>, Stop> {
        let towards = place.factor.along(&step.direction);
        let stretch = 1.0 / (1.0 - towards);
        let stretch = if stretch.is_finite() { stretch.clamp(-LONGEST, LONGEST) } else { 1.0 };
        // d ln ‖M∇f‖² along the step, halved.
        let slope = stretch * (towards - 1.0 + step.outside * step.outside);
        if slope.is_nan() || slope >= 0.0 {
            return Ok(None);
        }
        let longest = self.options.reach / norm(&step.direction);
        let mut length = if stretch.abs() > longest { longest * stretch.signum() } else { stretch };
        for _ in 0..HALVINGS {
            if let Some(next) = self.place(self.moved(&place.x, &step.direction, length))? {
                let ratio = 2.0 * (next.factor.log - place.factor.log + (next.norm / place.norm).ln());
                let share = SHARE * 2.0 * (length / stretch) * slope;
                if ratio <= share.max(-0.999).ln_1p() {
                    return Ok(Some(next));
                }
            }
            length *= 0.5;
        }
        Ok(None)
    }

    /// Whole Newton steps, without deflation, while they lessen the gradient.
    pub fn polished(&self, mut place: Place<T>) -> Result<Place<T>, Stop> {
        for _ in 0..self.options.polish {
            if place.norm == 0.0 {
                break;
            }
            let step = match self.step(&place) {
                Err(Stop::NonFinite { .. }) => break,
                step => step?,
            };
            let x = self.moved(&place.x, &step.direction, 1.0);
            let length = norm(&step.direction);
            if length <= SETTLED * norm(&place.x).max(1.0) || length > self.options.reach {
                break;
            }
            match self.place(x)? {
                Some(next) if next.norm < 0.9 * place.norm => place = next,
                _ => break,
            }
        }
        Ok(place)
    }

    /// The attempt, with failures told apart.
    pub fn conclude(&self, way: Way<T>) -> Result<Attempt<T>, Stop> {
        let Way { place, mut ending, iterations, size } = way;
        let mut flatness = f64::NAN;
        if matches!(ending, Ending::Stalled | Ending::Exhausted) {
            flatness = match self.flatness(&place, size) {
                Err(Stop::NonFinite { .. }) => f64::NAN,
                flatness => flatness?,
            };
            if flatness <= self.options.flat {
                ending = Ending::GradientFlat;
            }
        }
        let deflated = self.known.len() as u64;
        let Place { x, value, norm: gradient_norm, .. } = place;
        Ok(Attempt { x, value, gradient_norm, ending, flatness, iterations, deflated })
    }

    /// ‖H∇f‖/(‖H‖‖∇f‖), with ‖H‖ the larger of `size` and what a few Lanczos steps see here.
    fn flatness(&self, place: &Place<T>, size: f64) -> Result<f64, Stop> {
        let mut hessian = self.oracle.linearize(&place.x, Curvature::Hessian)?;
        let mut image = place.gradient.clone();
        hessian.apply(&place.gradient, &mut image)?;
        let mut random = vec![T::zero(); place.x.len()];
        Stream::new(0, "critical-norm", 0).fill_normal(&mut random);
        let values = lanczos(&mut hessian, &random, 12)?.eigen().values;
        let size = values.iter().fold(size, |size, v| size.max(v.abs()));
        Ok(if size > 0.0 { norm(&image) / (size * place.norm) } else { 0.0 })
    }
}

/// s that minimizes ‖Hs + g‖, the shortest of all where there are many, by MINRES.
///
/// MINRES from 0 gives a minimizer of the residual r; where r ≠ 0, that is where g is not in the range, subtracting
/// its part along r leaves the pseudo-inverse solution −H⁺g (Liu, Milzarek & Roosta 2023, *Obtaining pseudo-inverse
/// solutions with MINRES*). Eigenvalues below 10⁻¹⁰ of the largest count as null. With orthonormal `tangents` of an orbit all
/// this is done in their orthogonal complement, as Riemannian Newton steps on a sphere are.
pub(super) fn newton_step<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    gradient: &[T],
    tangents: &[Vec<T>],
    products: u64,
) -> Result<Step<T>, Stop> {
    let mut hessian = Across { operator: oracle.linearize(x, Curvature::Hessian)?, tangents };
    let minus: Vec<T> = gradient.iter().map(|&g| -g).collect();
    let options = SolveOptions {
        tolerance: (8.0 * T::epsilon().wide()).max(1e-10),
        max_products: products.min(4 * x.len() as u64 + 8),
        ..SolveOptions::default()
    };
    let found = minres(&mut hessian, &minus, &options)?;
    let mut image = found.x.clone();
    hessian.apply(&found.x, &mut image)?;
    let mut residual = minus.clone();
    displaced(&minus, &[(-1.0, &image)], &mut residual);
    let (slope, left) = (norm(gradient), norm(&residual));
    let length = norm(&found.x);
    let mut direction = found.x;
    if matches!(found.outcome, SolveOutcome::LeastSquares) && left > 1e-8 * slope {
        let along = dot(&residual, &direction) / (left * left);
        let whole = direction.clone();
        displaced(&whole, &[(-along, &residual)], &mut direction);
    }
    let outside = if slope > 0.0 { (left / slope).min(1.0) } else { 0.0 };
    let size = if length > 0.0 { norm(&image) / length } else { 0.0 };
    Ok(Step { direction, outside, size })
}

/// P A P with P the projection across the tangents.
struct Across<'a, O, T> {
    operator: O,
    tangents: &'a [Vec<T>],
}

impl<T: Scalar, O: SymmetricOperator<T>> SymmetricOperator<T> for Across<'_, O, T> {
    fn dimension(&self) -> usize {
        self.operator.dimension()
    }

    /// Vectors that lie across already, as those of a Krylov space do.
    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        self.operator.apply(vectors, products)?;
        products.chunks_exact_mut(self.dimension().max(1)).for_each(|row| project(row, self.tangents));
        Ok(())
    }
}

/// Takes the parts along orthonormal vectors away.
pub(super) fn project<T: Scalar>(vector: &mut [T], tangents: &[Vec<T>]) {
    for tangent in tangents {
        let along = dot(tangent, vector);
        vector.iter_mut().zip(tangent).for_each(|(v, t)| *v = T::of(v.wide() - along * t.wide()));
    }
}

/// An orthonormal basis of what the vectors span beside the orthonormal `others`.
pub(super) fn orthonormal<T: Scalar>(vectors: &[Vec<T>], others: &[Vec<T>]) -> Vec<Vec<T>> {
    // Tangents may be off a computed null space by the errors of both.
    const LEAST: f64 = 1e-4;
    let mut basis: Vec<Vec<T>> = Vec::new();
    for vector in vectors {
        let length = norm(vector);
        let mut rest: Vec<T> = vector.iter().map(|v| T::of(v.wide() / length)).collect();
        for _ in 0..2 {
            project(&mut rest, others);
            project(&mut rest, &basis);
        }
        let left = norm(&rest);
        if left > LEAST {
            rest.iter_mut().for_each(|v| *v = T::of(v.wide() / left));
            basis.push(rest);
        }
    }
    basis
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    /// H = diag(2, −1, 0), g = (2, 3, 5): −H⁺g = (−1, 3, 0), and 5 of √38 lies outside.
    #[test]
    fn steps_are_the_shortest_least_squares_solutions() {
        let f = samples::diagonal(&[2.0, -1.0, 0.0]);
        let step = newton_step(&Oracle::new(&f), &[0.0f64; 3], &[2.0, 3.0, 5.0], &[], 100).unwrap();
        for (found, expected) in step.direction.iter().zip([-1.0, 3.0, 0.0]) {
            assert!((found - expected).abs() < 1e-12, "{:?}", step.direction);
        }
        assert!((step.outside - 5.0 / 38.0f64.sqrt()).abs() < 1e-12);
    }
}
