//! Conjugate gradients within a ball.

use crate::krylov::SymmetricOperator;
use crate::krylov::products::Products;
use crate::krylov::vectors::subtract;
use crate::vector::{dot, norm};
use crate::{Scalar, Stop};

/// An approximate minimizer of a quadratic in a ball.
#[derive(Clone, Debug, PartialEq)]
pub struct BallStep<T> {
    /// s (n).
    pub step: Vec<T>,
    /// −(gᵀs + ½ sᵀHs): how much lower the quadratic is there.
    pub decrease: f64,
    /// Whether s lies on the sphere.
    pub on_boundary: bool,
    /// The curvature pᵀHp / ‖p‖² ≤ 0 of the direction that led to the sphere, if that is why.
    pub curvature: Option<f64>,
    /// Products spent.
    pub products: u64,
}

/// Minimizes gᵀs + ½ sᵀHs over ‖s‖ ≤ radius by conjugate gradients from s = 0, and ends at the
/// sphere where an iterate would leave it or a search direction has no positive curvature.
///
/// Steihaug, *The conjugate gradient method and trust regions in large scale optimization* (1983), and
/// Toint (1981), as Algorithm 7.2 of Nocedal & Wright (2006). Ends inside when the residual is
/// within `tolerance` · ‖g‖. The decrease is at least that of the best step along −g. Cost: one
/// product an iteration; memory 5n numbers.
///
/// # Panics
/// If g does not have length n.
///
/// ```
/// use thalweg_lab::krylov::{from_fn, steihaug_toint};
///
/// let mut bowl = from_fn(2, |v: &[f64], out| out.copy_from_slice(&[v[0], 4.0 * v[1]]));
/// let inside = steihaug_toint(&mut bowl, &[1.0, 4.0], 10.0, 1e-12, 10).unwrap();
/// assert!(!inside.on_boundary && (inside.step[0] + 1.0).abs() < 1e-12);
/// ```
pub fn steihaug_toint<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    g: &[T],
    radius: f64,
    tolerance: f64,
    max_products: u64,
) -> Result<BallStep<T>, Stop> {
    let mut products = Products::new(operator);
    let n = products.dimension();
    assert_eq!(g.len(), n, "the gradient has the operator's dimension");
    let mut s = vec![T::zero(); n];
    let mut r = g.to_vec();
    let mut p: Vec<T> = g.iter().map(|&g| -g).collect();
    let mut product = vec![T::zero(); n];
    let mut square = dot(g, g);
    let target = tolerance * norm(g);
    let mut decrease = 0.0;
    loop {
        if square.sqrt() <= target || products.count() >= max_products {
            let products = products.count();
            return Ok(BallStep { step: s, decrease, on_boundary: false, curvature: None, products });
        }
        products.apply(&p, &mut product)?;
        let (along, length) = (dot(&s, &p), dot(&p, &p));
        let curvature = products.finite(dot(&p, &product))?;
        let inside = square / curvature;
        let leaves = dot(&s, &s) + inside * (2.0 * along + inside * length) >= radius * radius;
        if curvature <= 0.0 || leaves {
            let room = (radius * radius - dot(&s, &s)).max(0.0);
            // The positive root of ‖s + t p‖ = radius, without cancellation, since sᵀp ≥ 0.
            let root = (along * along + length * room).sqrt();
            let t = if along + root > 0.0 { room / (along + root) } else { 0.0 };
            subtract(&mut s, &p, &[-t], n);
            // The residual is orthogonal to all directions but its own: rᵀp = −‖r‖².
            decrease += t * square - 0.5 * t * t * curvature;
            let curvature = (curvature <= 0.0).then_some(curvature / length);
            let products = products.count();
            return Ok(BallStep { step: s, decrease, on_boundary: true, curvature, products });
        }
        subtract(&mut s, &p, &[-inside], n);
        subtract(&mut r, &product, &[-inside], n);
        decrease += 0.5 * inside * square;
        let before = std::mem::replace(&mut square, dot(&r, &r));
        let turn = square / before;
        for (p, r) in p.iter_mut().zip(&r) {
            *p = T::of(turn * p.wide() - r.wide());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krylov::testing::{Reflected, Whole};
    use crate::random::Stream;

    fn side(n: usize) -> Vec<f64> {
        let mut g = vec![0.0; n];
        Stream::new(4, "g", 0).fill_normal(&mut g);
        g
    }

    fn model(operator: &mut dyn SymmetricOperator<f64>, g: &[f64], s: &[f64]) -> f64 {
        let mut out = vec![0.0; s.len()];
        operator.apply(s, &mut out).unwrap();
        dot(g, s) + 0.5 * dot(s, &out)
    }

    #[test]
    fn a_wide_ball_holds_newtons_step() {
        let mut operator = Reflected::new((1..=40).map(f64::from).collect(), 1);
        let g = side(40);
        let found = steihaug_toint(&mut operator, &g, 1e3, 1e-13, 200).unwrap();
        let mut out = vec![0.0; 40];
        operator.apply(&found.step, &mut out).unwrap();
        assert!(!found.on_boundary && out.iter().zip(&g).all(|(h, g)| (h + g).abs() < 1e-10));
        assert!((found.decrease + model(&mut operator, &g, &found.step)).abs() < 1e-11);
    }

    #[test]
    fn the_sphere_is_met_exactly_and_the_decrease_is_true() {
        for radius in [1e-3, 0.1, 0.5] {
            let mut definite = Reflected::new((1..=40).map(f64::from).collect(), 1);
            let mut indefinite = Whole::wigner(40, 2);
            let operators: [&mut dyn SymmetricOperator<f64>; 2] = [&mut definite, &mut indefinite];
            for operator in operators {
                let g = side(40);
                let found = steihaug_toint(operator, &g, radius, 1e-10, 200).unwrap();
                assert!(found.on_boundary && (norm(&found.step) - radius).abs() < 1e-12);
                assert!((found.decrease + model(operator, &g, &found.step)).abs() < 1e-12);
                // Cauchy's point: the best along −g.
                let cauchy: Vec<f64> = g.iter().map(|g| -g * radius / norm(&side(40))).collect();
                assert!(-found.decrease <= model(operator, &g, &cauchy) + 1e-12);
            }
        }
    }
}
