//! The minimizer of a quadratic in a ball, exactly.

use super::cholesky;
use crate::vector::{dot, norm};

/// Factorizations after which the best step so far is taken: a few suffice, unless rounding has it
/// otherwise.
const ROUNDS: usize = 60;

/// A step of [`minimize_in_ball`].
#[derive(Clone, Debug, PartialEq)]
pub(in crate::optim) struct Exact {
    /// s (n).
    pub step: Vec<f64>,
    /// −(gᵀs + ½ sᵀBs).
    pub decrease: f64,
    /// λ ≥ 0 with (B + λI) s = −g, up to the part along B's leftmost eigenvector in the hard case.
    pub multiplier: f64,
    /// Whether ‖s‖ is the radius, up to the tolerance.
    pub on_boundary: bool,
}

/// Minimizes gᵀs + ½ sᵀBs over ‖s‖ ≤ Δ by Cholesky factorizations of B + λI.
///
/// Algorithm 3.14 of Moré & Sorensen, *Computing a trust region step* (1983): Newton's iteration on 1/Δ
/// − 1/‖s(λ)‖, safeguarded by bounds of λ. It ends with |‖s‖ − Δ| ≤ σΔ, or with λ = 0 inside, or, in
/// the (nearly) hard case, where g is orthogonal to B's leftmost eigenvectors, with s + τz on the
/// sphere: z is a unit vector that makes ‖Lᵀz‖ small, by the technique of LINPACK's condition
/// estimator, and the step is accepted when τ²‖Lᵀz‖² ≤ σ(2 − σ)(‖Lᵀs‖² + λΔ²). The decrease is within 1
/// − (1 − σ)² of the largest. In the hard case with g = 0 this gives a step along the leftmost
/// eigenvector. A step of length 0 means that g = 0 and B is positive semidefinite.
///
/// Cost: two to four factorizations, n³/3 operations each, and more in the hard case.
pub(in crate::optim) fn minimize_in_ball(b: &[f64], n: usize, g: &[f64], radius: f64, sigma: f64) -> Exact {
    let slope = norm(g);
    let rows = b.chunks(n.max(1)).map(|row| row.iter().map(|v| v.abs()).sum::<f64>());
    let size = rows.fold(0.0f64, f64::max);
    let diagonal = (0..n).map(|i| b[i * n + i]).fold(f64::INFINITY, f64::min);
    // Below `indefinite` no B + λI is positive definite; the solution's λ is within [low, high].
    let mut indefinite = -diagonal;
    let mut low = 0f64.max(indefinite).max(slope / radius - size);
    let mut high = slope / radius + size;
    let mut lambda = low;
    let mut best: Option<Exact> = None;
    for _ in 0..ROUNDS {
        lambda = lambda.clamp(low, high);
        if lambda <= indefinite && lambda > 0.0 || lambda < indefinite {
            lambda = (1e-3 * high).max((low * high).sqrt());
        }
        let l = match cholesky::factor(b, n, lambda, &[]) {
            Ok(l) => l,
            Err(breakdown) => {
                let u = dot(&breakdown.direction, &breakdown.direction);
                indefinite = indefinite.max(lambda + breakdown.lack / u);
                low = low.max(lambda).max(indefinite);
                lambda = low;
                if high - low <= 4.0 * f64::EPSILON * high {
                    high = low * (1.0 + 64.0 * f64::EPSILON) + f64::MIN_POSITIVE;
                }
                continue;
            }
        };
        let mut step: Vec<f64> = g.iter().map(|g| -g).collect();
        cholesky::solve(&l, n, &mut step);
        let length = norm(&step);
        // ‖Lᵀs‖² = sᵀ(B + λI)s = −gᵀs.
        let energy = -dot(g, &step);
        let exact = |step: Vec<f64>, energy: f64, on_boundary| {
            let decrease = 0.5 * (energy + lambda * dot(&step, &step));
            Exact { step, decrease, multiplier: lambda, on_boundary }
        };
        if (length - radius).abs() <= sigma * radius {
            return exact(step, energy, true);
        }
        if length < radius {
            if lambda == 0.0 {
                return exact(step, energy, false);
            }
            high = high.min(lambda);
            let (z, smallest) = nearly_null(&l, n);
            indefinite = indefinite.max(lambda - smallest);
            let tau = to_sphere(&step, &z, length, radius);
            let hard: Vec<f64> = step.iter().zip(&z).map(|(s, z)| s + tau * z).collect();
            let lost = tau * tau * smallest;
            let decrease = 0.5 * (energy + lambda * radius * radius) - 0.5 * lost;
            let found = Exact { step: hard, decrease, multiplier: lambda, on_boundary: true };
            if lost <= sigma * (2.0 - sigma) * (energy + lambda * radius * radius) {
                return found;
            }
            if best.as_ref().is_none_or(|best| best.decrease < decrease) {
                best = Some(found);
            }
        } else {
            low = low.max(lambda);
            let inside: Vec<f64> = step.iter().map(|s| s * radius / length).collect();
            let t = radius / length;
            let decrease = t * energy - 0.5 * t * t * (energy - lambda * length * length);
            if best.as_ref().is_none_or(|best| best.decrease < decrease) {
                best = Some(Exact { step: inside, decrease, multiplier: lambda, on_boundary: true });
            }
        }
        low = low.max(indefinite);
        if length > 0.0 {
            let mut q = step;
            cholesky::forward(&l, n, &mut q);
            lambda += length * length / dot(&q, &q) * (length - radius) / radius;
        } else {
            lambda = low;
        }
    }
    best.unwrap_or(Exact { step: vec![0.0; n], decrease: 0.0, multiplier: lambda, on_boundary: false })
}

/// A unit vector z that makes ‖Lᵀz‖ small, and ‖Lᵀz‖² = zᵀ(B + λI)z: Lw = e is solved with signs e = ±1
/// chosen to make w large, then Lᵀv = w, and z = v/‖v‖ (Cline, Moler, Stewart & Wilkinson 1979), after
/// which one step of inverse iteration sharpens it.
fn nearly_null(l: &[f64], n: usize) -> (Vec<f64>, f64) {
    let mut z = vec![0.0; n];
    for i in 0..n {
        let sum = dot(&l[i * n..i * n + i], &z[..i]);
        z[i] = if sum > 0.0 { (-1.0 - sum) / l[i * n + i] } else { (1.0 - sum) / l[i * n + i] };
    }
    cholesky::backward(l, n, n, &mut z);
    let length = norm(&z);
    z.iter_mut().for_each(|z| *z /= length);
    cholesky::solve(l, n, &mut z);
    let length = norm(&z);
    z.iter_mut().for_each(|z| *z /= length);
    let product: Vec<f64> = (0..n).map(|j| (j..n).map(|i| l[i * n + j] * z[i]).sum()).collect();
    let square = dot(&product, &product);
    (z, square)
}

/// The τ of smaller size with ‖s + τz‖ = Δ.
fn to_sphere(step: &[f64], z: &[f64], length: f64, radius: f64) -> f64 {
    let along = dot(step, z);
    let room = (radius - length) * (radius + length);
    let root = (along * along + room).sqrt();
    if along >= 0.0 { room / (along + root) } else { room / (along - root) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krylov::{dense, from_fn};
    use crate::random::Stream;

    /// The largest decrease, from all eigenpairs: ‖s(λ)‖ = Δ by bisection on λ > max(0, −λ₁), where the
    /// components of g along the leftmost eigenvectors count as 0 if they are, and the rest of the
    /// length goes along them.
    fn brute(b: &[f64], n: usize, g: &[f64], radius: f64) -> f64 {
        let mut operator = from_fn(n, |v: &[f64], out: &mut [f64]| {
            (0..n).for_each(|i| out[i] = dot(&b[i * n..][..n], v));
        });
        let eigen = dense(&mut operator, 1).unwrap().eigen();
        let c: Vec<f64> =
            (0..n).map(|i| dot(eigen.vector(i), g)).map(|c| if c.abs() < 1e-13 { 0.0 } else { c }).collect();
        let length = |lambda: f64| {
            let sum: f64 =
                (0..n).filter(|&i| c[i] != 0.0).map(|i| (c[i] / (eigen.values[i] + lambda)).powi(2)).sum();
            sum.sqrt()
        };
        let floor = 0f64.max(-eigen.values[0]);
        let mut lambda = floor;
        if length(floor * (1.0 + 1e-15) + 1e-300) > radius {
            let (mut low, mut high) = (floor, floor + norm(g) / radius + 1.0);
            for _ in 0..200 {
                lambda = 0.5 * (low + high);
                if length(lambda) > radius { low = lambda } else { high = lambda }
            }
        }
        let along: f64 =
            (0..n).filter(|&i| c[i] != 0.0).map(|i| c[i] * c[i] / (eigen.values[i] + lambda)).sum();
        let end = if lambda > 0.0 { radius } else { length(lambda) };
        0.5 * (along + lambda * end * end)
    }

    fn matrix(n: usize, seed: u64, shift: f64) -> (Vec<f64>, Vec<f64>) {
        let (mut a, mut g) = (vec![0.0; n * n], vec![0.0; n]);
        Stream::new(seed, "matrix", 0).fill_normal(&mut a);
        Stream::new(seed, "gradient", 0).fill_normal(&mut g);
        let b = (0..n * n)
            .map(|t| a[t] + a[t % n * n + t / n] + if t / n == t % n { shift } else { 0.0 })
            .collect();
        (b, g)
    }

    fn check(b: &[f64], n: usize, g: &[f64], radius: f64) -> Exact {
        let sigma = 1e-3;
        let found = minimize_in_ball(b, n, g, radius, sigma);
        assert!(norm(&found.step) <= radius * (1.0 + sigma + 1e-12));
        let product: Vec<f64> = b.chunks(n).map(|row| dot(row, &found.step)).collect();
        let decrease = -dot(g, &found.step) - 0.5 * dot(&found.step, &product);
        assert!(
            (decrease - found.decrease).abs() <= 1e-9 * decrease.abs().max(1e-12),
            "{found:?} {decrease}"
        );
        let best = brute(b, n, g, radius);
        // Within 1 − (1 − σ)², or a little above since ‖s‖ may be up to (1 + σ)Δ.
        assert!(decrease >= (1.0 - sigma).powi(2) * best - 1e-12, "{decrease} {best}");
        assert!(decrease <= (1.0 + sigma).powi(2) * best + 1e-12, "{decrease} {best}");
        found
    }

    #[test]
    fn definite_and_indefinite_problems_agree_with_the_eigendecomposition() {
        for n in [1, 2, 5, 20] {
            for seed in 0..8 {
                for (shift, radius) in [(0.0, 0.01), (0.0, 1.0), (0.0, 100.0), (30.0, 0.05), (30.0, 10.0)] {
                    let (b, g) = matrix(n, seed, shift);
                    check(&b, n, &g, radius);
                }
            }
        }
    }

    /// B = diag(−2, 1, 4), g ⊥ e₁: s = (±τ, −g₂/3, −g₃/6), λ = 2 where Δ is large.
    #[test]
    fn the_hard_case_goes_along_the_leftmost_eigenvector() {
        let b = [-2.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 4.0];
        let found = check(&b, 3, &[0.0, 1.0, 1.0], 5.0);
        assert!((found.multiplier - 2.0).abs() < 1e-2 && found.step[0].abs() > 4.9);
        assert!((found.step[1] + 1.0 / 3.0).abs() < 1e-2 && (found.step[2] + 1.0 / 6.0).abs() < 1e-2);
        let found = check(&b, 3, &[0.0; 3], 0.7);
        assert!((found.step[0].abs() - 0.7).abs() < 1e-3);
        let found = check(&b, 3, &[1e-9, 1.0, 0.0], 5.0);
        assert!(found.step[0] < -4.9);
        // Rotated: the leftmost eigenvector is (1, 1, 1, 1)/2, with eigenvalue −3; twice, with (1, −1,
        // 1, −1)/2.
        let v = [[0.5; 4], [0.5, -0.5, 0.5, -0.5]];
        let b: Vec<f64> = (0..16)
            .map(|t| f64::from(t / 4 == t % 4) - 4.0 * v.iter().map(|v| v[t / 4] * v[t % 4]).sum::<f64>())
            .collect();
        check(&b, 4, &[1.0, 0.0, -1.0, 0.0], 3.0);
        check(&b, 4, &[0.0; 4], 3.0);
    }

    #[test]
    fn nothing_is_gained_at_a_minimum() {
        let b = [2.0, 0.0, 0.0, 1.0];
        let found = minimize_in_ball(&b, 2, &[0.0, 0.0], 1.0, 0.1);
        assert_eq!((found.step, found.decrease), (vec![0.0, 0.0], 0.0));
    }
}
