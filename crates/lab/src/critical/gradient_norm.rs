//! Minimizing ½‖∇f‖².

use super::ending::Ending;
use super::newton::{Place, Terrain, Way, orthonormal, project};
use crate::krylov::SymmetricOperator;
use crate::optim::{Descent, Lbfgs, Point};
use crate::vector::{dot, norm};
use crate::{Curvature, Scalar, Stop};

/// Pairs that L-BFGS remembers.
const PAIRS: usize = 10;
/// The share of the first-order fall that a step must make good.
const SHARE: f64 = 1e-4;
const HALVINGS: u32 = 40;

impl<T: Scalar> Terrain<'_, '_, T> {
    /// L-BFGS with Armijo's rule on ψ = ½M²‖∇f‖², whose gradient M²(H∇f + ‖∇f‖²∇ln M) costs a product; Newton-MR
    /// takes over once the gradient is small by the square root of what counts as small, or ψ no longer falls.
    ///
    /// As Frye et al. (2021) minimize the gradient's norm, with L-BFGS in the place of gradient descent. It converges
    /// with the square of the Hessian's condition number, and often at points where H∇f = 0 and ∇f ≠ 0.
    pub fn gradient_norm(&self, place: Place<T>) -> Result<Way<T>, Stop> {
        let rule = Lbfgs { pairs: PAIRS };
        let mut memory = Descent::<T>::init(&rule, place.x.len());
        let near = self.options.gradient.sqrt();
        let (mut iterations, mut size) = (0, 0.0f64);
        let mut place = place;
        let mut direction = vec![T::zero(); place.x.len()];
        while iterations < self.options.iterations && place.norm > near * place.value.abs().max(1.0) {
            iterations += 1;
            let slope = match self.slope(&place, &mut size) {
                Err(Stop::NonFinite { .. }) => {
                    return Ok(Way { place, ending: Ending::NonFinite, iterations, size });
                }
                slope => slope?,
            };
            let at = Point { x: place.x.clone(), value: self.half_square(&place), gradient: slope };
            rule.direction(self.oracle, &mut memory, &at, &mut direction)?;
            let mut next = self.lower(&place, &at, &direction)?;
            if next.is_none() && Descent::<T>::forget(&rule, &mut memory) {
                rule.direction(self.oracle, &mut memory, &at, &mut direction)?;
                next = self.lower(&place, &at, &direction)?;
            }
            let Some(next) = next else {
                return Ok(Way { place, ending: Ending::Stalled, iterations, size });
            };
            place = next;
        }
        let way = self.newton(place, iterations)?;
        Ok(Way { size: way.size.max(size), ..way })
    }

    fn half_square(&self, place: &Place<T>) -> f64 {
        0.5 * (2.0 * place.factor.log).exp() * place.norm * place.norm
    }

    /// ∇ψ.
    fn slope(&self, place: &Place<T>, size: &mut f64) -> Result<Vec<T>, Stop> {
        let mut image = place.gradient.clone();
        self.oracle.linearize(&place.x, Curvature::Hessian)?.apply(&place.gradient, &mut image)?;
        *size = size.max(norm(&image) / place.norm);
        project(&mut image, &orthonormal(&self.symmetry.tangents(&place.x), &[]));
        let weight = (2.0 * place.factor.log).exp();
        let square = place.norm * place.norm;
        if place.factor.slope.is_empty() {
            return Ok(image);
        }
        let terms = image.iter().zip(&place.factor.slope);
        Ok(terms.map(|(h, m)| T::of(weight * (h.wide() + square * m))).collect())
    }

    /// The first of the halved steps that lowers ψ enough.
    fn lower(&self, place: &Place<T>, at: &Point<T>, direction: &[T]) -> Result<Option<Place<T>>, Stop> {
        let slope = dot(&at.gradient, direction);
        if slope.is_nan() || slope >= 0.0 {
            return Ok(None);
        }
        let mut length = (self.options.reach / norm(direction)).min(1.0);
        for _ in 0..HALVINGS {
            if let Some(next) = self.place(self.moved(&place.x, direction, length))?
                && self.half_square(&next) <= at.value + SHARE * length * slope
            {
                return Ok(Some(next));
            }
            length *= 0.5;
        }
        Ok(None)
    }
}
