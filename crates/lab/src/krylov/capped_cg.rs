//! Conjugate gradients that solve a damped system or prove negative curvature.

use crate::krylov::SymmetricOperator;
use crate::krylov::products::Products;
use crate::krylov::vectors::subtract;
use crate::vector::{dot, norm};
use crate::{Scalar, Stop};

/// How to run [`capped_conjugate_gradients`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CappedOptions {
    /// ε: the system solved is (H + 2εI) d = −g, and curvature below −ε is negative.
    pub damping: f64,
    /// ζ in (0, 1): the accuracy of the solution.
    pub accuracy: f64,
    /// M: a bound of ‖H‖, if one is known, else 0; it grows as it is found too small.
    pub bound: f64,
    /// Products to spend at most on the way forward.
    pub max_products: u64,
}

/// What [`capped_conjugate_gradients`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct Capped<T> {
    /// d (n).
    pub direction: Vec<T>,
    /// dᵀHd / ‖d‖² < −ε, if that is what was found; `None` for a solution.
    pub curvature: Option<f64>,
    /// Whether the solution is as accurate as asked for; true for negative curvature.
    pub converged: bool,
    /// The bound M of ‖H‖ at the end.
    pub bound: f64,
    /// Products spent.
    pub products: u64,
}

/// Either solves (H + 2εI) d = −g to ‖residual‖ ≤ ζ ‖g‖ / (3κ), κ = (M + 2ε)/ε, or returns a
/// direction d with dᵀHd < −ε‖d‖².
///
/// Algorithm 1 of Royer, O'Neill & Wright, *A Newton-CG algorithm with complexity guarantees for
/// smooth unconstrained optimization* (2020). The curvature is tested along every search
/// direction and every iterate; and where the residual falls more slowly than the conditioning of a
/// matrix above εI allows, along differences of iterates, which are made again by a second pass.
/// Products with iterates and residuals come from recurrences.
///
/// Cost: one product an iteration, at most min(n, Õ(√(M/ε))) of them in exact
/// arithmetic, and as many again in the second pass. Memory: 8n numbers.
///
/// # Panics
/// If g does not have length n.
///
/// ```
/// use thalweg_lab::krylov::{CappedOptions, capped_conjugate_gradients, from_fn};
///
/// let mut saddle = from_fn(2, |v: &[f64], out| out.copy_from_slice(&[10.0 * v[0], -2.0 * v[1]]));
/// let options = CappedOptions { damping: 0.1, accuracy: 0.5, bound: 0.0, max_products: 100 };
/// let found = capped_conjugate_gradients(&mut saddle, &[1.0, 0.1], &options).unwrap();
/// assert!(found.curvature.unwrap() < -0.1);
/// ```
pub fn capped_conjugate_gradients<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    g: &[T],
    options: &CappedOptions,
) -> Result<Capped<T>, Stop> {
    let mut products = Products::new(operator);
    assert_eq!(g.len(), products.dimension(), "the gradient has the operator's dimension");
    let epsilon = options.damping;
    let mut cap = Cap::new(options);
    let mut now = Process::begin(&mut products, g)?;
    let first = norm(g);
    cap.see(&now.hp, &now.p);
    let answer = |direction: Vec<T>, curvature, converged, cap: &Cap, products: &Products<'_, T>| Capped {
        direction,
        curvature,
        converged,
        bound: cap.bound,
        products: products.count(),
    };
    if now.square == 0.0 {
        return Ok(answer(now.y, None, true, &cap, &products));
    }
    if let Some(curvature) = below(&now.hp, &now.p, epsilon) {
        return Ok(answer(now.p, Some(curvature), true, &cap, &products));
    }
    loop {
        now.advance(&mut products, epsilon)?;
        cap.see(&now.hp, &now.p);
        cap.see(&now.hy, &now.y);
        cap.see(&now.hr, &now.r);
        let residual = now.square.sqrt();
        if let Some(curvature) = below(&now.hy, &now.y, epsilon) {
            return Ok(answer(now.y, Some(curvature), true, &cap, &products));
        }
        if residual <= cap.accuracy() * first {
            return Ok(answer(now.y, None, true, &cap, &products));
        }
        if let Some(curvature) = below(&now.hp, &now.p, epsilon) {
            return Ok(answer(now.p, Some(curvature), true, &cap, &products));
        }
        if residual > cap.slowest(now.steps) * first {
            let (steps, y, hy) = (now.steps, now.y.clone(), now.hy.clone());
            now.move_iterate(epsilon);
            let mut earlier = Process::begin(&mut products, g)?;
            for i in 0..=steps {
                let (d, hd) = (difference(&now.y, &earlier.y), difference(&now.hy, &earlier.hy));
                if let Some(curvature) = below(&hd, &d, epsilon) {
                    return Ok(answer(d, Some(curvature), true, &cap, &products));
                }
                if i + 1 < steps {
                    earlier.advance(&mut products, epsilon)?;
                } else {
                    (earlier.y, earlier.hy) = (y.clone(), hy.clone());
                }
            }
            // Only rounding leads here: in exact arithmetic one of the differences is a proof.
            return Ok(answer(y, None, false, &cap, &products));
        }
        if now.steps >= options.max_products {
            return Ok(answer(now.y, None, false, &cap, &products));
        }
    }
}

/// The bound of ‖H‖ and what follows from it.
struct Cap {
    damping: f64,
    accuracy: f64,
    bound: f64,
}

impl Cap {
    fn new(options: &CappedOptions) -> Self {
        Self { damping: options.damping, accuracy: options.accuracy, bound: options.bound }
    }

    fn see<T: Scalar>(&mut self, product: &[T], vector: &[T]) {
        let length = norm(vector);
        if length > 0.0 {
            self.bound = self.bound.max(norm(product) / length);
        }
    }

    /// κ.
    fn condition(&self) -> f64 {
        (self.bound + 2.0 * self.damping) / self.damping
    }

    /// ζ̂.
    fn accuracy(&self) -> f64 {
        self.accuracy / (3.0 * self.condition())
    }

    /// √T τ^(j/2), which bounds ‖rⱼ‖/‖r₀‖ where H is above −εI.
    fn slowest(&self, steps: u64) -> f64 {
        let root = self.condition().sqrt();
        let tau = root / (root + 1.0);
        let scale = 4.0 * self.condition().powi(4) / (1.0 - tau.sqrt()).powi(2);
        scale.sqrt() * tau.powf(steps as f64 / 2.0)
    }
}

/// Conjugate gradients on (H + 2εI) y = −g with the products that the tests need.
struct Process<T> {
    steps: u64,
    y: Vec<T>,
    hy: Vec<T>,
    r: Vec<T>,
    hr: Vec<T>,
    p: Vec<T>,
    hp: Vec<T>,
    square: f64,
}

impl<T: Scalar> Process<T> {
    fn begin(products: &mut Products<'_, T>, g: &[T]) -> Result<Self, Stop> {
        let zero = vec![T::zero(); g.len()];
        let p: Vec<T> = g.iter().map(|&g| -g).collect();
        let mut hp = zero.clone();
        products.apply(&p, &mut hp)?;
        let hr = hp.iter().map(|&h| -h).collect();
        Ok(Self { steps: 0, y: zero.clone(), hy: zero, r: g.to_vec(), hr, p, hp, square: dot(g, g) })
    }

    /// α, and y and Hy moved by it along p.
    fn move_iterate(&mut self, epsilon: f64) -> f64 {
        let length = self.square / (dot(&self.p, &self.hp) + 2.0 * epsilon * dot(&self.p, &self.p));
        let n = self.p.len();
        subtract(&mut self.y, &self.p, &[-length], n);
        subtract(&mut self.hy, &self.hp, &[-length], n);
        length
    }

    fn advance(&mut self, products: &mut Products<'_, T>, epsilon: f64) -> Result<(), Stop> {
        let length = self.move_iterate(epsilon);
        let n = self.p.len();
        subtract(&mut self.r, &self.hp, &[-length], n);
        subtract(&mut self.r, &self.p, &[-2.0 * epsilon * length], n);
        let before = std::mem::replace(&mut self.square, dot(&self.r, &self.r));
        let turn = self.square / before;
        for (p, r) in self.p.iter_mut().zip(&self.r) {
            *p = T::of(turn * p.wide() - r.wide());
        }
        let last = self.hp.clone();
        products.apply(&self.p, &mut self.hp)?;
        products.finite(norm(&self.hp))?;
        for (hr, (before, hp)) in self.hr.iter_mut().zip(last.iter().zip(&self.hp)) {
            *hr = T::of(turn * before.wide() - hp.wide());
        }
        self.steps += 1;
        Ok(())
    }
}

/// vᵀHv / ‖v‖² if it is below −ε.
fn below<T: Scalar>(product: &[T], vector: &[T], epsilon: f64) -> Option<f64> {
    let curvature = dot(vector, product) / dot(vector, vector);
    (curvature < -epsilon).then_some(curvature)
}

fn difference<T: Scalar>(a: &[T], b: &[T]) -> Vec<T> {
    a.iter().zip(b).map(|(a, b)| T::of(a.wide() - b.wide())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krylov::testing::{Reflected, Whole, true_residual};
    use crate::random::Stream;

    fn side(n: usize, index: u64) -> Vec<f64> {
        let mut g = vec![0.0; n];
        Stream::new(3, "g", index).fill_normal(&mut g);
        g
    }

    fn quotient(operator: &mut dyn SymmetricOperator<f64>, d: &[f64]) -> f64 {
        let mut out = vec![0.0; d.len()];
        operator.apply(d, &mut out).unwrap();
        dot(d, &out) / dot(d, d)
    }

    #[test]
    fn directions_on_random_indefinite_matrices_are_certificates() {
        for seed in 0..20 {
            let mut operator = Whole::wigner(60, seed);
            let options = CappedOptions { damping: 0.05, accuracy: 0.1, bound: 0.0, max_products: 1000 };
            let found = capped_conjugate_gradients(&mut operator, &side(60, seed), &options).unwrap();
            let curvature = found.curvature.expect("half of the spectrum is negative");
            let exact = quotient(&mut operator, &found.direction);
            assert!(exact <= -0.05 && (exact - curvature).abs() < 1e-9, "{seed}: {exact} {curvature}");
        }
    }

    #[test]
    fn a_definite_system_is_solved_as_accurately_as_asked() {
        let values: Vec<f64> = (0..80).map(|i| 0.5 + f64::from(i)).collect();
        let mut operator = Reflected::new(values, 5);
        let g = side(80, 1);
        let options = CappedOptions { damping: 0.1, accuracy: 0.3, bound: 0.0, max_products: 1000 };
        let found = capped_conjugate_gradients(&mut operator, &g, &options).unwrap();
        assert!(found.curvature.is_none() && found.converged);
        let minus: Vec<f64> = g.iter().map(|g| -g).collect();
        let kappa = (found.bound + 0.2) / 0.1;
        let residual = true_residual(&mut operator, &found.direction, &minus, 0.2);
        assert!(residual <= 0.3 / (3.0 * kappa) * norm(&g) * 1.0001);
        assert!(found.bound <= 79.6 && found.products <= 82);
    }

    /// One slightly negative eigenvalue far inside a wide spectrum: whatever is found must be true.
    #[test]
    fn a_hidden_negative_eigenvalue_is_never_mistaken() {
        for (index, lowest) in [-0.011, -0.02, -0.1, -1.0].into_iter().enumerate() {
            let mut values: Vec<f64> = (1..200).map(|i| f64::from(i) / 10.0).collect();
            values.push(lowest);
            let mut operator = Reflected::new(values, 6);
            let options = CappedOptions { damping: 0.01, accuracy: 0.5, bound: 0.0, max_products: 5000 };
            let g = side(200, index as u64);
            let found = capped_conjugate_gradients(&mut operator, &g, &options).unwrap();
            match found.curvature {
                Some(_) => assert!(quotient(&mut operator, &found.direction) <= -0.01),
                None => assert!(found.converged, "{lowest}"),
            }
        }
    }

    #[test]
    fn the_slowest_decay_is_that_of_the_paper() {
        let cap = Cap { damping: 0.5, accuracy: 0.5, bound: 1.0 };
        assert!((cap.condition() - 4.0).abs() < 1e-15);
        // τ = 2/3, T = 4·256/(1 − √(2/3))².
        let scale = 1024.0 / (1.0 - (2.0f64 / 3.0).sqrt()).powi(2);
        assert!((cap.slowest(4) - scale.sqrt() * 4.0 / 9.0).abs() < 1e-9);
    }
}
