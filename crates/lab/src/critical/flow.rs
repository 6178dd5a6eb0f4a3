//! Down the gradient flow.

use crate::krylov::{Lanczos, lanczos};
use crate::vector::{displaced, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// How to go down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowOptions {
    /// At the foot when ‖∇f‖ ≤ this · max(1, |f|).
    pub gradient: f64,
    /// Steps at most.
    pub steps: usize,
    /// Lanczos steps of each.
    pub krylov: usize,
    /// The first step's length.
    pub first: f64,
    /// The longest step.
    pub reach: f64,
    /// What the local model's gradient may be wrong by at a step's end, as a share of the gradients there.
    pub error: f64,
}

impl Default for FlowOptions {
    /// To 1e-8 within 2,000 steps of 16 products, from 1e-3 up to 0.2 long, gradients right to a fifth.
    fn default() -> Self {
        Self { gradient: 1e-8, steps: 2000, krylov: 16, first: 1e-3, reach: 0.2, error: 0.2 }
    }
}

/// A way down.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow<T> {
    /// Its points, the start and the end among them (n each).
    pub path: Vec<Vec<T>>,
    /// f at each.
    pub values: Vec<f64>,
    /// ‖∇f‖ at the end.
    pub gradient_norm: f64,
    /// Whether that counts as small.
    pub arrived: bool,
}

impl<T> Flow<T> {
    /// Where it ends.
    pub fn end(&self) -> &[T] {
        &self.path[self.path.len() - 1]
    }
}

/// Follows ẋ = −∇f(x) from `start` to where the gradient is small.
///
/// Each step is exact for the local quadratic model, x + (e^{−tH} − I)H⁻¹∇f(x), in the Krylov space of the gradient: the
/// exponential Rosenbrock-Euler method (Hochbruck, Ostermann & Schweitzer 2009; with all eigenvalues it is the local
/// quadratic approximation of Page & McIver 1988). t is as large as the length of the step allows, and near a
/// minimum infinite, which makes it Newton's step. Lengths shrink where the model's gradient at the end of a step is wrong
/// by more than `error`, so that the way stays in the basin of attraction in which it began; that it does is
/// evidence as strong as that tolerance, and no proof.
///
/// Cost: a gradient and `krylov` products a step.
///
/// # Errors
/// If the oracle stops.
pub fn descend<T: Scalar>(
    oracle: &Oracle<'_, T>,
    start: Vec<T>,
    options: &FlowOptions,
) -> Result<Flow<T>, Stop> {
    let mut gradient = vec![T::zero(); start.len()];
    let mut value = oracle.value_grad(&start, &mut gradient)?;
    let mut flow =
        Flow { path: vec![start], values: vec![value], gradient_norm: norm(&gradient), arrived: false };
    let mut length = options.first.min(options.reach);
    let mut next_gradient = gradient.clone();
    for _ in 0..options.steps {
        flow.gradient_norm = norm(&gradient);
        if flow.gradient_norm <= options.gradient * value.abs().max(1.0) {
            flow.arrived = true;
            break;
        }
        let x = flow.end().to_vec();
        let mut hessian = oracle.linearize(&x, Curvature::Hessian)?;
        let process = lanczos(&mut hessian, &gradient, options.krylov.min(x.len()))?;
        let model = Model::new(&process, flow.gradient_norm);
        let mut next = x.clone();
        let accepted = loop {
            let weights = model.step(length);
            let step = combine(&process, &weights, x.len());
            displaced(&x, &[(1.0, &step)], &mut next);
            if next == x {
                break None;
            }
            let found = oracle.trial(&next, &mut next_gradient)?;
            let size = norm(&next_gradient);
            let expected = combine(&process, &model.gradient(&weights), x.len());
            let mut gap = expected.clone();
            displaced(&next_gradient, &[(-1.0, &expected)], &mut gap);
            let wrong = norm(&gap) / flow.gradient_norm.max(size);
            let rounding = 10.0 * T::epsilon().wide() * value.abs().max(1.0);
            if wrong <= options.error && found <= value + rounding {
                if wrong <= 0.3 * options.error {
                    length = (1.6 * length).min(options.reach);
                }
                break Some(found);
            }
            length *= 0.5;
        };
        let Some(found) = accepted else { break };
        value = found;
        std::mem::swap(&mut gradient, &mut next_gradient);
        flow.path.push(next);
        flow.values.push(value);
    }
    flow.gradient_norm = norm(&gradient);
    Ok(flow)
}

/// The local model in the basis of Lanczos vectors: Ritz values, and the gradient along the Ritz vectors.
struct Model {
    values: Vec<f64>,
    along: Vec<f64>,
}

impl Model {
    fn new<T: Scalar>(process: &Lanczos<T>, slope: f64) -> Self {
        let eigen = process.eigen();
        let m = eigen.values.len();
        let along = (0..m).map(|i| slope * eigen.vector(i)[0]).collect();
        Self { values: eigen.values, along }
    }

    /// The step of length `length` along the model's flow, or its end if that is nearer, by Ritz vectors.
    fn step(&self, length: f64) -> Vec<f64> {
        let end = self.at(f64::INFINITY);
        if norm(&end) <= length {
            return end;
        }
        // The length grows with t: bisection over its logarithm.
        let size = self.values.iter().fold(f64::MIN_POSITIVE, |m, v| m.max(v.abs()));
        let (mut low, mut high) = ((1e-30 / size).ln(), (1e30 / size).ln());
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if norm(&self.at(middle.exp())) > length { high = middle } else { low = middle }
        }
        self.at(low.exp())
    }

    /// (e^{−tθ} − 1)/θ times the gradient, for each Ritz value θ.
    fn at(&self, t: f64) -> Vec<f64> {
        let weight = |theta: f64| match theta * t {
            _ if t == f64::INFINITY && theta <= 0.0 => f64::NEG_INFINITY,
            z if z.abs() < 1e-300 => -t,
            z if theta != 0.0 => (-z).exp_m1() / theta,
            _ => -t,
        };
        self.values
            .iter()
            .zip(&self.along)
            .map(|(v, g)| if *g == 0.0 { 0.0 } else { weight(*v) * g })
            .collect()
    }

    /// The model's gradient at a step's end, by Ritz vectors.
    fn gradient(&self, step: &[f64]) -> Vec<f64> {
        (0..step.len()).map(|i| self.along[i] + self.values[i] * step[i]).collect()
    }
}

/// Σᵢ wᵢ yᵢ over the Ritz vectors.
fn combine<T: Scalar>(process: &Lanczos<T>, weights: &[f64], n: usize) -> Vec<T> {
    let eigen = process.eigen();
    let m = weights.len();
    let mut inner = vec![0.0; m];
    for i in 0..m {
        inner.iter_mut().zip(eigen.vector(i)).for_each(|(s, q)| *s += weights[i] * q);
    }
    let origin = vec![T::zero(); n];
    let mut out = origin.clone();
    let terms: Vec<(f64, &[T])> = inner.iter().copied().zip(process.basis.chunks_exact(n.max(1))).collect();
    displaced(&origin, &terms, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    /// On a quadratic the flow is known: xᵢ(t) = xᵢ(0) e^{−λᵢt}, so (x₁/x₁⁰)^{λ₀} = (x₀/x₀⁰)^{λ₁} all along.
    #[test]
    fn a_quadratic_is_followed_exactly() {
        let f = samples::diagonal(&[1.0, 5.0]);
        let options = FlowOptions { reach: 0.05, first: 0.05, ..FlowOptions::default() };
        let flow = descend(&Oracle::new(&f), vec![1.0f64, 2.0], &options).unwrap();
        assert!(flow.arrived && norm(flow.end()) < 1e-8);
        for x in flow.path.iter().filter(|x| x[0] > 0.3) {
            assert!((x[1] / 2.0 - x[0].powi(5)).abs() < 1e-12, "{x:?}");
        }
        assert!(flow.values.is_sorted_by(|a, b| a >= b));
    }

    /// Beside a saddle, and against a fine Euler integration of ẋ = −∇f in a function that is not quadratic.
    #[test]
    fn the_way_is_that_of_the_gradient_flow() {
        let f = samples::walled_saddle();
        let options = FlowOptions { reach: 0.05, error: 0.02, ..FlowOptions::default() };
        let flow = descend(&Oracle::new(&f), vec![0.4f64, 1e-3], &options).unwrap();
        assert!(flow.arrived && (flow.end()[1] - 2.0f64.sqrt()).abs() < 1e-8, "{:?}", flow.end());
        let (mut x, mut fine) = ([0.4, 1e-3], Vec::new());
        for _ in 0..1_000_000 {
            x = [x[0] - 1e-5 * 10.0 * x[0], x[1] - 1e-5 * (-2.0 * x[1] + f64::powi(x[1], 3))];
            fine.push(x);
        }
        for point in &flow.path[1..flow.path.len() - 1] {
            let gap = |p: &[f64; 2]| ((p[0] - point[0]).powi(2) + (p[1] - point[1]).powi(2)).sqrt();
            let near = fine.iter().map(gap).fold(f64::INFINITY, f64::min);
            assert!(near < 2e-3, "{near} at {point:?}");
        }
    }
}
