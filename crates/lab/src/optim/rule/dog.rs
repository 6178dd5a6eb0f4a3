//! Distance over gradients.

use std::ops::Range;

use super::{ranges, sum, sweep};
use crate::Scalar;
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::{dot, norm};

/// DoG and L-DoG: gradient steps as long as the way from the start over the sum of squared gradients.
///
/// For all coordinates at once (DoG) or each block (L-DoG), with r₀ = ρ (1 + ‖x₀‖):
///
/// - r̄ ← max(r̄, ‖x − x₀‖), from r̄ = r₀
/// - G ← G + ‖g‖², from G = ε
/// - x ← x − η (r̄ / √G) g
/// - x̄ ← x̄ + (1 + γ)/(t + γ) (x − x̄), t counted from 1
///
/// [`answer`](Method::answer) is x̄, without which the steps, which do not fall, leave noise. η stays 1.
///
/// Source: Ivgi, Hinder & Carmon, *DoG is SGD's best friend: a parameter-free
/// dynamic step size schedule* (ICML 2023), eq. DoG, its section on L-DoG and the polynomial
/// average of Shamir & Zhang with γ = 8, in the form of the authors' program `dog`. Where batch
/// normalization is used, they advise ρ = 10⁻⁴.
#[derive(Clone, Debug, PartialEq)]
pub struct Dog {
    /// ρ > 0.
    pub reach: f64,
    /// ε > 0.
    pub epsilon: f64,
    /// γ ≥ 0.
    pub averaging: f64,
    /// The blocks of L-DoG; `None` for DoG.
    pub blocks: Option<Vec<Range<usize>>>,
}

impl Dog {
    fn parts(&self) -> usize {
        self.blocks.as_ref().map_or(1, Vec::len)
    }
}

impl<T: Scalar> Method<T> for Dog {
    fn name(&self) -> &'static str {
        if self.blocks.is_some() { "l-dog" } else { "dog" }
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["start", "average"]
    }

    fn init(&self, n: usize) -> Memory<T> {
        // r̄ and G of each part.
        Memory { scalars: [0.0, self.epsilon].repeat(self.parts()), ..Memory::zeros(n, 2) }
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, scalars, [start, average]) = memory.parts();
        let first = *step == 0;
        if first {
            start.copy_from_slice(x);
        }
        *step += 1;
        let share = T::of((1.0 + self.averaging) / (*step as f64 + self.averaging));
        let all = 0..x.len();
        let blocks = self.blocks.as_deref().unwrap_or(std::slice::from_ref(&all));
        for (block, numbers) in blocks.iter().zip(scalars.chunks_exact_mut(2)) {
            let (x, g) = (&mut x[block.clone()], &gradient[block.clone()]);
            let (start, average) = (&start[block.clone()], &mut average[block.clone()]);
            let reach = if first {
                self.reach * (1.0 + norm(x))
            } else {
                let square = sweep(
                    #[inline(always)]
                    || sum([&*x, start], |[x, start]| (x.wide() - start.wide()).powi(2)),
                );
                square.sqrt()
            };
            numbers[0] = numbers[0].max(reach);
            numbers[1] += dot(g, g);
            let rate = T::of(rates.learning_rate * numbers[0] / numbers[1].sqrt());
            sweep(
                #[inline(always)]
                || {
                    for ((x, mean), &g) in x.iter_mut().zip(average).zip(g) {
                        *x = *x - rate * g;
                        *mean = *mean + share * (*x - *mean);
                    }
                },
            );
        }
    }

    fn answer<'m>(&self, memory: &'m Memory<T>, x: &'m [T]) -> &'m [T] {
        if memory.step == 0 { x } else { &memory.vectors[1] }
    }
}

const PARAMETERS: &[Parameter] = &[
    Parameter::positive("reach", 1e-6, "first distance relative to 1 + ‖x₀‖, ρ"),
    Parameter::positive("epsilon", 1e-8, "where the sum of squared gradients begins, ε"),
    Parameter::not_negative("averaging", 8.0, "weight of late points in the mean, γ"),
];

pub(in crate::optim) const fn dog<T: Scalar>() -> Entry<T> {
    Entry {
        name: "dog",
        summary: "gradient steps by distance over gradients",
        source: "Ivgi, Hinder & Carmon 2023",
        family: Family::FirstOrder,
        cost: "a gradient",
        rate: Some(1.0),
        parameters: PARAMETERS,
        build: |values, _| {
            Optimizer::Method(Box::new(Dog {
                reach: values[0],
                epsilon: values[1],
                averaging: values[2],
                blocks: None,
            }))
        },
    }
}

pub(in crate::optim) const fn layerwise<T: Scalar>() -> Entry<T> {
    Entry {
        name: "l-dog",
        summary: "the same, for each block on its own",
        build: |values, layout| {
            Optimizer::Method(Box::new(Dog {
                reach: values[0],
                epsilon: values[1],
                averaging: values[2],
                blocks: Some(ranges(layout)),
            }))
        },
        ..dog()
    }
}
