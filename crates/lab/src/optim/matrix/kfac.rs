//! K-FAC.

use faer::MatRef;

use super::{spectral, tensor};
use crate::optim::method::{Memory, Rates, Sample, Stochastic};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::{DenseFactors, NoFactors, Scalar, Stop};

/// K-FAC: natural gradients with a Fisher matrix in Kronecker factors, one block a dense layer.
///
/// For every dense layer with gradient ∇W̄ (its bias as the last column), at step k = 1, 2, …:
///
/// - A ← ε A + (1 − ε) Aₖ and G ← ε G + (1 − ε) Gₖ with ε = min(1 − 1/k, `decay`), where Aₖ and Gₖ are
///   those of the step's examples ([`KroneckerFisher`](crate::KroneckerFisher))
/// - V = (G + (√λ/π) I)⁻¹ ∇W̄ (A + π√λ I)⁻¹ with π² = (tr A / dim A)/(tr G / dim G)
/// - D = ν V with ν = min(1, √(κ / (η² Σ ⟨V, ∇W̄⟩))), the sum over all such layers
/// - v ← μ v + D, x ← x − η v
///
/// The inverses are made for k ≤ 3 and where `every` divides k, from eigenvalues in f64: about
/// 10d³ operations for a factor of d rows, and memory of 2d². The expectation over targets in Gₖ is exact
/// and takes a pass back through the model for each of its outputs.
///
/// What is no dense layer with one row an example has D = ∇: convolutions, normalization, and
/// weights that are used at several positions, as in attention, or more than once. An
/// objective without dense layers, or whose examples are coupled by batch normalization, has no factors, and
/// the first step says so.
///
/// Source: Martens & Grosse, *Optimizing neural networks with Kronecker-factored approximate
/// curvature* (ICML 2015): the block-diagonal variant with its factored Tikhonov damping, moving averages and rule
/// for renewing the inverses. There λ adapts itself, and a quadratic model gives rate and momentum; here λ
/// is fixed, and ν bounds the step's KL divergence as in Ba, Grosse & Martens, *Distributed
/// second-order optimization using Kronecker-factored approximations* (ICLR 2017), in the form of the usual programs
/// in PyTorch, which have no π. Rate, λ, κ and `decay` are the defaults of `kfac-pytorch` (Pauloski et al.), μ is that
/// of `KFAC-Pytorch` (Wang et al.), `every` is the paper's T₃.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kfac {
    /// μ in [0, 1).
    pub momentum: f64,
    /// λ > 0.
    pub damping: f64,
    /// The most of the factors that is kept, in [0, 1).
    pub decay: f64,
    /// T₃: steps from one computation of the inverses to the next.
    pub every: u64,
    /// κ > 0.
    pub clip: f64,
}

impl<T: Scalar> Stochastic<T> for Kfac {
    fn name(&self) -> &'static str {
        "kfac"
    }

    /// The last two have A and G of one layer after the other, and are empty before the first step.
    fn vectors(&self) -> &'static [&'static str] {
        &["velocity", "factors", "inverses"]
    }

    fn init(&self, n: usize) -> Memory<T> {
        Memory { vectors: vec![vec![T::zero(); n], Vec::new(), Vec::new()], ..Memory::zeros(0, 0) }
    }

    fn accepts(&self, memory: &Memory<T>, n: usize) -> bool {
        let [velocity, factors, inverses] = &memory.vectors[..] else { return false };
        let begun = memory.step > 0;
        let fits = velocity.len() == n && factors.len() == inverses.len() && factors.is_empty() != begun;
        fits && memory.scalars.is_empty()
    }

    fn step(
        &self,
        sample: &mut dyn Sample<T>,
        memory: &mut Memory<T>,
        x: &mut [T],
        gradient: &mut [T],
        rates: Rates,
    ) -> Result<f64, Stop> {
        let (step, _, [velocity, factors, inverses]) = memory.parts();
        let value = sample.value_grad(x, gradient)?;
        let fisher = sample.kronecker_fisher(x)?;
        let fresh = || fisher.layers.iter().flat_map(|layer| layer.inputs.iter().chain(&layer.outputs));
        if factors.is_empty() {
            factors.resize(fresh().count(), T::zero());
            inverses.resize(fresh().count(), T::zero());
        } else if factors.len() != fresh().count() {
            return Err(NoFactors { reason: "those of the run so far belong to other layers" }.into());
        }
        *step += 1;
        let kept = (1.0 - 1.0 / *step as f64).min(self.decay);
        let (kept, taken) = (T::of(kept), T::of(1.0 - kept));
        factors.iter_mut().zip(fresh()).for_each(|(mean, &new)| *mean = kept * *mean + taken * new);
        let renew = *step <= 3 || *step % self.every == 0;
        let (mut directions, mut slope, mut start) = (Vec::new(), 0.0, 0);
        for factor in &fisher.layers {
            let end = start + factor.inputs.len() + factor.outputs.len();
            if renew {
                self.invert(factor, &factors[start..end], &mut inverses[start..end]);
            }
            let (direction, along) = preconditioned(factor, &inverses[start..end], gradient);
            directions.push(direction);
            (slope, start) = (slope + along, end);
        }
        let rate = rates.learning_rate;
        let clipped = (self.clip / (rate * rate * slope)).sqrt();
        let scale = if slope > 0.0 { clipped.min(1.0) } else { 1.0 };
        for (factor, direction) in fisher.layers.iter().zip(directions) {
            let columns = factor.layer.shape()[1];
            for (i, entry) in direction.into_iter().enumerate() {
                gradient[factor.layer.place(i / columns, i % columns)] = T::of(scale * entry);
            }
        }
        let (rate, momentum) = (T::of(rate), T::of(rates.momentum.unwrap_or(self.momentum)));
        for ((x, v), &d) in x.iter_mut().zip(velocity).zip(&*gradient) {
            *v = momentum * *v + d;
            *x = *x - rate * *v;
        }
        Ok(value)
    }
}

impl Kfac {
    /// Writes the damped inverses of a layer's A and G.
    fn invert<T: Scalar>(&self, factor: &DenseFactors<T>, means: &[T], inverses: &mut [T]) {
        let [rows, columns] = factor.layer.shape();
        let wide: Vec<f64> = means.iter().map(|m| m.wide()).collect();
        let (a, g) = wide.split_at(columns * columns);
        let mean = |m: &[f64], d: usize| m.iter().step_by(d + 1).sum::<f64>() / d as f64;
        let square = mean(a, columns) / mean(g, rows);
        // Without inputs or slopes there is nothing to balance.
        let pi = if square.is_finite() && square > 0.0 { square.sqrt() } else { 1.0 };
        let root = self.damping.sqrt();
        let inverse = |m: &[f64], d, damping: f64| {
            // Rounding may take an eigenvalue below 0.
            spectral(m.to_vec(), d, |value| 1.0 / (value.max(0.0) + damping))
        };
        let found = [inverse(a, columns, pi * root), inverse(g, rows, root / pi)];
        inverses.iter_mut().zip(found.iter().flatten()).for_each(|(out, &v)| *out = T::of(v));
    }
}

/// V = G⁻¹ ∇W̄ A⁻¹ (row-major), and ⟨V, ∇W̄⟩.
fn preconditioned<T: Scalar>(factor: &DenseFactors<T>, inverses: &[T], gradient: &[T]) -> (Vec<f64>, f64) {
    let shape = factor.layer.shape();
    let [rows, columns] = shape;
    let inverses: Vec<f64> = inverses.iter().map(|v| v.wide()).collect();
    let (a, g) = inverses.split_at(columns * columns);
    let slope = |i: usize| gradient[factor.layer.place(i / columns, i % columns)].wide();
    let slopes: Vec<f64> = (0..rows * columns).map(slope).collect();
    let (mut half, mut whole) = (slopes.clone(), slopes.clone());
    tensor::along(&slopes, &shape, 0, MatRef::from_row_major_slice(g, rows, rows), &mut half);
    tensor::along(&half, &shape, 1, MatRef::from_row_major_slice(a, columns, columns), &mut whole);
    let along = whole.iter().zip(&slopes).map(|(v, g)| v * g).sum();
    (whole, along)
}

pub(in crate::optim) const fn kfac<T: Scalar>() -> Entry<T> {
    Entry {
        name: "kfac",
        summary: "natural gradients in Kronecker factors, for networks with dense layers",
        source: "Martens & Grosse 2015, block-diagonal, with the KL bound of Ba, Grosse & Martens 2017",
        family: Family::MatrixAware,
        cost: "a gradient, a pass back for each output of the model, and eigenvalues every 20th step",
        rate: Some(0.1),
        parameters: const {
            &[
                Parameter::fraction("momentum", 0.9, "share of the velocity that is kept, μ"),
                Parameter::positive("damping", 1e-3, "Tikhonov damping of the Fisher matrix, λ"),
                Parameter::fraction("decay", 0.95, "the most of the factors that is kept at a step"),
                Parameter::count("every", 20, "steps from one computation of the inverses to the next, T₃"),
                Parameter::positive(
                    "clip",
                    1e-3,
                    "bound of the step's squared length in the Fisher metric, κ",
                ),
            ]
        },
        build: |values, _| {
            Optimizer::Stochastic(Box::new(Kfac {
                momentum: values[0],
                damping: values[1],
                decay: values[2],
                every: values[3] as u64,
                clip: values[4],
            }))
        },
    }
}

#[cfg(test)]
mod tests;
