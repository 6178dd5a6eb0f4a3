//! The saddle-free Newton method.

use super::follow::{follow, reach};
use super::lowest::{CurvatureSearch, GRADIENT, SEARCH, TOLERANCE};
use crate::krylov::{Eigen, lanczos};
use crate::optim::method::Memory;
use crate::optim::minimize::{Iteration, Point};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::optim::smooth::trial::{attempt, whole, widened};
use crate::vector::{displaced, dot, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// The dampings that are tried, relative to 1 as in the paper: 10⁰ to 10⁻⁶.
const DAMPINGS: [f64; 7] = [1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

/// Steps −(|H| + λI)⁻¹∇f(x), where |H| has the Hessian's eigenvectors and the sizes of its eigenvalues.
///
/// Newton's method is drawn to saddles along directions of negative curvature; with |H| it is driven
/// away from them at Newton's speed. λ is the one of 10⁰, 10⁻¹, …, 10⁻⁶ whose step leads lowest, and is
/// raised beyond 1 if none lowers f.
///
/// **Dense**, up to `dense` coordinates: the whole Hessian, n products. **Krylov**, above (Algorithm 1
/// of the paper): H and ∇f in the basis of `subspace` Lanczos steps; they begin at the gradient, so
/// that all of it is in the basis.
///
/// On a saddle's stable manifold the gradient has no part along the negative curvature, and the
/// published step goes to the saddle. Beyond the paper, where ‖∇f‖ ≤ ε_g and λ_min < −ε_H a search
/// along the leftmost eigenvector follows.
///
/// Source: Dauphin, Pascanu, Gulcehre, Cho, Ganguli & Bengio, *Identifying and attacking the saddle
/// point problem in high-dimensional non-convex optimization* (2014).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SaddleFreeNewton {
    /// Up to this dimension the Hessian is built whole.
    pub dense: usize,
    /// Dimension of the Krylov subspace above it.
    pub subspace: usize,
    /// ε_g.
    pub gradient: f64,
    /// How negative curvature is looked for at a small gradient.
    pub search: CurvatureSearch,
}

impl<T: Scalar> Iteration<T> for SaddleFreeNewton {
    fn name(&self) -> &'static str {
        "saddle-free-newton"
    }

    fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        next: &mut Point<T>,
    ) -> Result<Option<f64>, Stop> {
        memory.step += 1;
        if norm(&at.gradient) <= self.gradient
            && let Some(lowest) = self.search.negative(oracle, &at.x)?
            && let Some(length) = follow(oracle, at, &lowest.direction, lowest.curvature, reach(&at.x), next)?
        {
            return Ok(Some(length.abs()));
        }
        let model = if at.x.len() <= self.dense {
            Model::whole(oracle, at)?
        } else {
            Model::krylov(oracle, at, self.subspace)?
        };
        model.best(oracle, at, next)
    }

    fn settled(&self, oracle: &Oracle<'_, T>, _: &Memory<T>, at: &Point<T>) -> Result<bool, Stop> {
        Ok(self.search.negative(oracle, &at.x)?.is_none())
    }
}

/// The Hessian's eigenpairs in an orthonormal basis, and the gradient along them.
struct Model<T> {
    eigen: Eigen,
    /// qᵢᵀ∇f.
    along: Vec<f64>,
    /// The basis (m × n); the unit vectors if there is none.
    basis: Option<Vec<T>>,
}

impl<T: Scalar> Model<T> {
    fn whole(oracle: &Oracle<'_, T>, at: &Point<T>) -> Result<Self, Stop> {
        let eigen = whole(oracle, &at.x, Curvature::Hessian)?.eigen();
        let gradient = widened(&at.gradient);
        let along = (0..eigen.values.len()).map(|i| dot(eigen.vector(i), &gradient)).collect();
        Ok(Self { eigen, along, basis: None })
    }

    fn krylov(oracle: &Oracle<'_, T>, at: &Point<T>, steps: usize) -> Result<Self, Stop> {
        let process = lanczos(&mut oracle.linearize(&at.x, Curvature::Hessian)?, &at.gradient, steps)?;
        let eigen = process.eigen();
        let length = norm(&at.gradient);
        let along = (0..eigen.values.len()).map(|i| length * eigen.vector(i)[0]).collect();
        Ok(Self { eigen, along, basis: Some(process.basis) })
    }

    /// −(|H| + λI)⁻¹∇f, and the fall of the model ∇fᵀs + ½sᵀ(|H| + λI)s.
    fn step(&self, damping: f64, n: usize) -> (Vec<T>, f64) {
        let m = self.along.len();
        let (mut inner, mut fall) = (vec![0.0; m], 0.0);
        for i in 0..m {
            let size = self.eigen.values[i].abs() + damping;
            let length = -self.along[i] / size;
            fall += 0.5 * self.along[i] * self.along[i] / size;
            inner.iter_mut().zip(self.eigen.vector(i)).for_each(|(s, q)| *s += length * q);
        }
        let mut step = vec![T::zero(); n];
        match &self.basis {
            None => step.iter_mut().zip(&inner).for_each(|(s, v)| *s = T::of(*v)),
            Some(basis) => {
                let terms: Vec<(f64, &[T])> = inner.iter().copied().zip(basis.chunks_exact(n)).collect();
                let origin = step.clone();
                displaced(&origin, &terms, &mut step);
            }
        }
        (step, fall)
    }

    /// The step of the damping that leads lowest.
    fn best(&self, oracle: &Oracle<'_, T>, at: &Point<T>, next: &mut Point<T>) -> Result<Option<f64>, Stop> {
        let n = at.x.len();
        let mut best = (f64::INFINITY, DAMPINGS[DAMPINGS.len() - 1]);
        let mut trial = at.x.clone();
        for damping in DAMPINGS {
            displaced(&at.x, &[(1.0, &self.step(damping, n).0)], &mut trial);
            let mut value = [0.0];
            oracle.values(&trial, &mut value)?;
            // The weaker damping where values are alike: near a minimum it is Newton's step.
            if value[0] <= best.0 {
                best = (value[0], damping);
            }
        }
        let mut damping = best.1;
        loop {
            let (step, fall) = self.step(damping, n);
            match attempt(oracle, at, &step, fall, next)? {
                None => return Ok(None),
                Some(ratio) if ratio > 0.0 => return Ok(Some(norm(&step))),
                Some(_) => damping = if damping < 1.0 { 1.0 } else { 10.0 * damping },
            }
        }
    }
}

const PARAMETERS: &[Parameter] = &[
    Parameter::count("dense", 300, "dimension up to which the Hessian is built whole"),
    Parameter::count("subspace", 100, "dimension of the Krylov subspace above it"),
    GRADIENT,
    TOLERANCE,
    SEARCH,
    Parameter::seed(),
];

pub(in crate::optim) const fn saddle_free_newton<T: Scalar>() -> Entry<T> {
    Entry {
        name: "saddle-free-newton",
        summary: "Newton steps with the sizes of the Hessian's eigenvalues",
        source: "Dauphin et al. 2014",
        family: Family::SaddleAware,
        cost: "n products (Krylov: as many as the subspace has dimensions), seven values, a gradient",
        rate: None,
        parameters: PARAMETERS,
        build: |values, _| {
            Optimizer::Iteration(Box::new(SaddleFreeNewton {
                dense: values[0] as usize,
                subspace: values[1] as usize,
                gradient: values[2],
                search: CurvatureSearch::of(&values[3..6]),
            }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Limits, begin, minimize};
    use crate::samples;

    const RULE: SaddleFreeNewton = SaddleFreeNewton {
        dense: 300,
        subspace: 100,
        gradient: 1e-5,
        search: CurvatureSearch { tolerance: 1e-6, products: 500, seed: 0 },
    };

    /// H = diag(4, −2) at (1, 1), g = (4, −2): |H| + λ gives −(4/(4+λ), −2/(2+λ)).
    #[test]
    fn both_forms_take_the_sizes_of_eigenvalues() {
        let f = samples::diagonal(&[4.0, -2.0]);
        let oracle = Oracle::new(&f);
        let at = Point { x: vec![1.0f64, 1.0], value: 1.0, gradient: vec![4.0, -2.0] };
        for model in [Model::whole(&oracle, &at).unwrap(), Model::krylov(&oracle, &at, 2).unwrap()] {
            let (step, fall) = model.step(0.5, 2);
            let expected = [-4.0 / 4.5, 2.0 / 2.5];
            assert!((step[0] - expected[0]).abs() < 1e-13 && (step[1] - expected[1]).abs() < 1e-13);
            assert!((fall - 0.5 * (16.0 / 4.5 + 4.0 / 2.5)).abs() < 1e-13);
        }
    }

    #[test]
    fn a_saddle_beside_the_manifold_is_passed_and_on_it_left() {
        let f = samples::walled_saddle();
        let oracle = Oracle::new(&f);
        for (y, dense) in [(1e-3, 300), (0.0, 300), (1e-3, 1), (0.0, 1)] {
            let rule = SaddleFreeNewton { dense, ..RULE };
            let mut state = begin(&oracle, &rule, vec![1.0f64, y]).unwrap();
            let outcome = minimize(&oracle, &rule, &Limits::default(), &mut state, &mut |_| ());
            assert!((state.point.value + 1.0).abs() < 1e-12, "{y} {dense}: {}", outcome.ending);
            assert!(outcome.iterations < 25, "{}", outcome.iterations);
        }
    }
}
