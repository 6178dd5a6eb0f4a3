//! The searches of Neon2.

use crate::optim::Point;
use crate::optim::saddle::noisy::sphere;
use crate::random::Stream;
use crate::vector::{displaced, dot, norm};
use crate::{FiniteSum, Oracle, Scalar, Stop, Unsupported};

/// A search for v with vᵀ∇²f(x)v ≤ −δ/2 by gradients alone: close to x, y ↦ ∇f(x + y) − ∇f(x) is a
/// product with the Hessian.
///
/// **det** (the paper's Neon2^det): from a random y₁ of length σ, the Chebyshev recursion
/// y_{t+1} = 2M(y_t) − y_{t−1} with M(y) = −(∇f(x + y) − ∇f(x))/L + (1 − 3δ/4L) y, for T = C² ln(n/p)
/// √(L/δ) steps. Eigenvalues within [−¾δ, L] of the Hessian keep the Chebyshev polynomials of M
/// bounded; those below −¾δ make them grow like e^{t√(δ/L)}. If ‖y_{t+1} − M(y_t)‖ ≥ r, that is the
/// direction.
///
/// **online** (Neon2^online, whose inner search is Neon2^online_weak): the same by y ← y − η(∇fᵢ(x + y) − ∇fᵢ(x)) over
/// random minibatches i, η = δ/(C²L² ln(n/p)), for T = C² ln(n/p)/(ηδ) steps; y/‖y‖ at ‖y‖ ≥ r is kept
/// if δ-negative by ¾ over a fresh sample of as many examples as L²/δ² ln(1/p), at most all, else the
/// search is repeated, ln(1/p) times. Where the objective is not a sum of examples it cannot be had.
///
/// The paper takes r/σ = (n/p)^C and σ below any f64 to prove its theorem for every L₂; here both are
/// given. σ should be small against δ/L₂ and large against the gradient's rounding errors. A direction
/// is returned only if the difference of gradients along it shows curvature ≤ −δ/2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neon2Search {
    /// Whether minibatches are used.
    pub online: bool,
    /// δ.
    pub curvature: f64,
    /// L.
    pub smoothness: f64,
    /// σ.
    pub start: f64,
    /// r/σ.
    pub growth: f64,
    /// C.
    pub constant: f64,
    /// p.
    pub failure: f64,
    /// Examples of a minibatch.
    pub batch: usize,
    /// Seed of the random vectors and minibatches.
    pub seed: u64,
}

impl Neon2Search {
    /// A unit vector of negative curvature at a point, if one is found; the index tells searches apart.
    pub(super) fn run<T: Scalar>(
        &self,
        oracle: &Oracle<'_, T>,
        at: &Point<T>,
        index: u64,
    ) -> Result<Option<Vec<T>>, Stop> {
        if self.online { self.online(oracle, at, index) } else { self.det(oracle, at, index) }
    }

    /// ln(n/p).
    fn chance(&self, n: usize) -> f64 {
        (n as f64 / self.failure).ln().max(1.0)
    }

    fn det<T: Scalar>(
        &self,
        oracle: &Oracle<'_, T>,
        at: &Point<T>,
        index: u64,
    ) -> Result<Option<Vec<T>>, Stop> {
        let n = at.x.len();
        let (delta, l) = (self.curvature, self.smoothness);
        let steps = (self.constant.powi(2) * self.chance(n) * (l / delta).sqrt()).ceil() as u64;
        let (mut place, mut gradient) = (at.x.clone(), at.gradient.clone());
        let mut before = vec![T::zero(); n];
        let mut y: Vec<T> = sphere(&mut Stream::new(self.seed, "neon2", index), self.start, n);
        for _ in 0..steps {
            displaced(&at.x, &[(1.0, &y)], &mut place);
            oracle.value_grad(&place, &mut gradient)?;
            let shift = 1.0 - 0.75 * delta / l;
            let m: Vec<f64> = (0..n)
                .map(|i| shift * y[i].wide() - (gradient[i].wide() - at.gradient[i].wide()) / l)
                .collect();
            let next: Vec<T> = m.iter().zip(&before).map(|(m, b)| T::of(2.0 * m - b.wide())).collect();
            let gone: Vec<T> = next.iter().zip(&m).map(|(y, m)| T::of(y.wide() - m)).collect();
            if norm(&gone) >= self.growth * self.start {
                let v = unit(&gone);
                let mut shown = |t: f64, out: &mut [T]| {
                    displaced(&at.x, &[(t, &v)], &mut place);
                    oracle.value_grad(&place, out).map(|_| ())
                };
                let curvature = difference(self.start, &v, &mut shown)?;
                return Ok((curvature <= -0.5 * delta).then_some(v));
            }
            before = std::mem::replace(&mut y, next);
        }
        Ok(None)
    }

    fn online<T: Scalar>(
        &self,
        oracle: &Oracle<'_, T>,
        at: &Point<T>,
        index: u64,
    ) -> Result<Option<Vec<T>>, Stop> {
        let n = at.x.len();
        let Some(sum) = oracle.objective().finite_sum() else {
            return Err(Unsupported::not_a_sum(crate::Curvature::Hessian).into());
        };
        let (delta, l) = (self.curvature, self.smoothness);
        let chance = self.constant.powi(2) * self.chance(n);
        let rate = delta / (chance * l * l);
        let steps = (chance / (rate * delta)).ceil() as u64;
        let rounds = (1.0 / self.failure).ln().ceil().max(1.0) as u64;
        let mut stream = Stream::new(self.seed, "neon2-online", index);
        for _ in 0..rounds {
            let mut examples = Examples::new(oracle, sum, self.batch);
            let Some(v) = self.weak(&mut examples, at, &mut stream, rate, steps)? else { continue };
            let size = ((l / delta).powi(2) * (1.0 / self.failure).ln()).ceil();
            let size = size.clamp(1.0, sum.examples() as f64) as usize;
            let mut fresh = Examples::new(oracle, sum, size);
            fresh.draw(&mut stream);
            let mut place = at.x.clone();
            let mut shown = |t: f64, out: &mut [T]| {
                displaced(&at.x, &[(t, &v)], &mut place);
                fresh.gradient(&place, out)
            };
            if difference(self.start, &v, &mut shown)? <= -0.75 * delta {
                return Ok(Some(v));
            }
        }
        Ok(None)
    }

    /// Neon2^online_weak.
    fn weak<T: Scalar>(
        &self,
        examples: &mut Examples<'_, '_, T>,
        at: &Point<T>,
        stream: &mut Stream,
        rate: f64,
        steps: u64,
    ) -> Result<Option<Vec<T>>, Stop> {
        let mut y: Vec<T> = sphere(stream, self.start, at.x.len());
        let (mut place, mut here, mut there) = (at.x.clone(), y.clone(), y.clone());
        for _ in 0..steps {
            examples.draw(stream);
            displaced(&at.x, &[(1.0, &y)], &mut place);
            examples.gradient(&place, &mut there)?;
            examples.gradient(&at.x, &mut here)?;
            for ((y, &there), &here) in y.iter_mut().zip(&there).zip(&here) {
                *y = T::of(y.wide() - rate * (there.wide() - here.wide()));
            }
            if norm(&y) >= self.growth * self.start {
                return Ok(Some(unit(&y)));
            }
        }
        Ok(None)
    }
}

/// vᵀ(∇f(x + tv) − ∇f(x − tv)) / 2t.
fn difference<T: Scalar>(
    t: f64,
    v: &[T],
    gradient: &mut dyn FnMut(f64, &mut [T]) -> Result<(), Stop>,
) -> Result<f64, Stop> {
    let (mut plus, mut minus) = (v.to_vec(), v.to_vec());
    gradient(t, &mut plus)?;
    gradient(-t, &mut minus)?;
    Ok((dot(v, &plus) - dot(v, &minus)) / (2.0 * t))
}

fn unit<T: Scalar>(v: &[T]) -> Vec<T> {
    let length = norm(v);
    v.iter().map(|v| T::of(v.wide() / length)).collect()
}

/// Minibatches whose gradients the oracle counts.
struct Examples<'o, 'a, T: Scalar> {
    oracle: &'o Oracle<'a, T>,
    batch: Box<dyn crate::Minibatch<T> + 'a>,
    size: usize,
    all: usize,
    chosen: Vec<u32>,
}

impl<'o, 'a, T: Scalar> Examples<'o, 'a, T> {
    fn new(oracle: &'o Oracle<'a, T>, sum: &'a dyn FiniteSum<T>, size: usize) -> Self {
        let all = sum.examples();
        let size = size.min(all);
        Self { oracle, batch: sum.minibatch(size), size, all, chosen: Vec::new() }
    }

    fn draw(&mut self, stream: &mut Stream) {
        self.chosen = stream.permutation(self.all);
        self.chosen.truncate(self.size);
    }

    fn gradient(&mut self, x: &[T], out: &mut [T]) -> Result<(), Stop> {
        let share = self.size as f64 / self.all as f64;
        self.oracle.stochastic(share, out, |out| self.batch.value_grad(x, &self.chosen, out)).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    const SEARCH: Neon2Search = Neon2Search {
        online: false,
        curvature: 0.1,
        smoothness: 4.0,
        start: 1e-4,
        growth: 100.0,
        constant: 2.0,
        failure: 0.01,
        batch: 8,
        seed: 0,
    };

    fn find(spectrum: &[f64], search: Neon2Search) -> Option<f64> {
        let f = samples::quadratic(spectrum);
        let n = spectrum.len();
        let at = Point { x: vec![0.0; n], value: 0.0, gradient: vec![0.0; n] };
        let v = search.run(&Oracle::new(&f), &at, 0).unwrap()?;
        let mut product = vec![0.0; n];
        Oracle::new(&f).value_grad(&v, &mut product).unwrap();
        Some(dot(&v, &product))
    }

    #[test]
    fn negative_curvature_is_found_where_it_is() {
        let mut spectrum: Vec<f64> = (0..60).map(|i| f64::from(i) / 15.0).collect();
        assert_eq!(find(&spectrum, SEARCH), None);
        spectrum[30] = -0.05;
        assert_eq!(find(&spectrum, SEARCH), None, "above −¾δ the polynomials stay bounded");
        spectrum[30] = -0.2;
        assert!(find(&spectrum, SEARCH).unwrap() <= -0.05);
    }

    #[test]
    fn minibatches_need_a_sum() {
        let f = samples::diagonal(&[1.0, -1.0]);
        let at = Point { x: vec![0.0; 2], value: 0.0, gradient: vec![0.0; 2] };
        let search = Neon2Search { online: true, ..SEARCH };
        let stop = search.run(&Oracle::new(&f), &at, 0).unwrap_err();
        assert!(matches!(stop, Stop::Lacks { .. }), "{stop}");
    }

    /// A least-squares sum is convex: the search ends without a direction, and its gradients are
    /// counted.
    #[test]
    fn minibatches_of_a_convex_sum_show_no_negative_curvature() {
        let f = samples::least_squares(40, 3);
        let oracle = Oracle::new(&f);
        let at = Point { x: vec![0.1; 3], value: 0.0, gradient: vec![0.0; 3] };
        let search = Neon2Search { online: true, curvature: 0.5, smoothness: 2.0, constant: 1.0, ..SEARCH };
        assert_eq!(search.run(&oracle, &at, 0).unwrap(), None);
        assert!(oracle.counts().gradients > 100);
    }
}
