//! The limited-memory method of Broyden, Fletcher, Goldfarb and Shanno.

use super::pair::Products;
use crate::optim::descent::{Descent, LineSearch};
use crate::optim::line::{CHOICES, Guess, chosen};
use crate::optim::method::Memory;
use crate::optim::minimize::Point;
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::{dot, norm};
use crate::{Oracle, Scalar, Stop};

/// The direction −H ∇f(x) with BFGS's H of the last m pairs s = x − x₋, y = ∇f(x) − ∇f(x₋),
/// from H₀ = (sᵀy/yᵀy) I of the newest pair.
///
/// Without a pair the direction is −∇f(x)/max(1, ‖∇f(x)‖). Pairs with
/// sᵀy ≤ 1e-10 ‖s‖‖y‖ are left out and counted (`pairs_left_out`). A search that
/// finds nothing empties the memory.
///
/// Cost: 4mn multiplications; 2(m + 1)n numbers are remembered, and 2n more.
/// Source: Nocedal, *Updating quasi-Newton matrices with limited storage*, Math. Comp. 35
/// (1980); the scaling of H₀ is M3 of Liu & Nocedal, *On the limited memory BFGS method
/// for large scale optimization*, Math. Program. 45 (1989); the two loops are Algorithm 7.4
/// of Nocedal & Wright (2006).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lbfgs {
    /// m, from 1.
    pub pairs: usize,
}

// Scalars: how many were left out, how many pairs there are, the newest one's slot, sᵀy of
// each slot, yᵀy of the newest. Vectors: x₋, ∇f(x₋), then s and y of each of m + 1 slots,
// of which one is free for the next pair.
const LEFT_OUT: usize = 0;
const COUNT: usize = 1;
const NEWEST: usize = 2;
const YY: usize = 3;
const SY: usize = 4;
const FIRST: usize = 2;

impl<T: Scalar> Descent<T> for Lbfgs {
    fn name(&self) -> &'static str {
        "lbfgs"
    }

    fn init(&self, n: usize) -> Memory<T> {
        let mut memory = Memory::zeros(n, FIRST + 2 * (self.pairs + 1));
        memory.scalars = vec![0.0; SY + self.pairs + 1];
        memory
    }

    fn direction(
        &self,
        _: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        direction: &mut [T],
    ) -> Result<(), Stop> {
        if memory.step > 0 && memory.vectors[0] != at.x {
            self.learn(memory, at);
        }
        memory.vectors[0].copy_from_slice(&at.x);
        memory.vectors[1].copy_from_slice(&at.gradient);
        memory.step += 1;
        self.two_loops(memory, at, direction);
        Ok(())
    }

    fn forget(&self, memory: &mut Memory<T>) -> bool {
        std::mem::replace(&mut memory.scalars[COUNT], 0.0) > 0.0
    }

    fn tally(&self, memory: &Memory<T>) -> Vec<(&'static str, u64)> {
        vec![("pairs_left_out", memory.scalars[LEFT_OUT] as u64)]
    }
}

impl Lbfgs {
    /// The slot of the pair that is `back` pairs older than the newest.
    fn slot<T: Scalar>(&self, memory: &Memory<T>, back: usize) -> usize {
        (memory.scalars[NEWEST] as usize + self.pairs + 1 - back) % (self.pairs + 1)
    }

    /// Takes the last step's pair into the free slot.
    fn learn<T: Scalar>(&self, memory: &mut Memory<T>, at: &Point<T>) {
        let slot = (memory.scalars[NEWEST] as usize + 1) % (self.pairs + 1);
        let (before, pairs) = memory.vectors.split_at_mut(FIRST);
        let (s, y) = pairs[2 * slot..].split_at_mut(1);
        let products = Products::of(at, [&before[0], &before[1]], &mut s[0], &mut y[0]);
        if !products.bends() {
            memory.scalars[LEFT_OUT] += 1.0;
            return;
        }
        memory.scalars[NEWEST] = slot as f64;
        memory.scalars[COUNT] = (memory.scalars[COUNT] + 1.0).min(self.pairs as f64);
        memory.scalars[SY + slot] = products.sy;
        memory.scalars[YY] = products.yy;
    }

    fn two_loops<T: Scalar>(&self, memory: &Memory<T>, at: &Point<T>, direction: &mut [T]) {
        let count = memory.scalars[COUNT] as usize;
        if count == 0 {
            let scale = -1.0 / norm(&at.gradient).max(1.0);
            direction.iter_mut().zip(&at.gradient).for_each(|(d, &g)| *d = T::of(scale * g.wide()));
            return;
        }
        direction.iter_mut().zip(&at.gradient).for_each(|(d, &g)| *d = -g);
        let pair = |back| {
            let slot = self.slot(memory, back);
            let at = FIRST + 2 * slot;
            (&memory.vectors[at], &memory.vectors[at + 1], memory.scalars[SY + slot])
        };
        let mut shares = vec![0.0; count];
        for (back, share) in shares.iter_mut().enumerate() {
            let (s, y, sy) = pair(back);
            *share = dot(s, direction) / sy;
            add(direction, -*share, y);
        }
        let (_, _, newest) = pair(0);
        let scale = T::of(newest / memory.scalars[YY]);
        direction.iter_mut().for_each(|d| *d = scale * *d);
        for back in (0..count).rev() {
            let (s, y, sy) = pair(back);
            add(direction, shares[back] - dot(y, direction) / sy, s);
        }
    }
}

/// a ← a + t b.
fn add<T: Scalar>(a: &mut [T], t: f64, b: &[T]) {
    let t = T::of(t);
    a.iter_mut().zip(b).for_each(|(a, &b)| *a = *a + t * b);
}

pub(in crate::optim) const fn lbfgs<T: Scalar>() -> Entry<T> {
    Entry {
        name: "lbfgs",
        summary: "curvature from the last few steps",
        source: "Nocedal 1980; Liu & Nocedal 1989",
        family: Family::QuasiNewton,
        cost: "a gradient a trial, mostly one; 4mn multiplications",
        rate: None,
        parameters: const {
            &[
                Parameter::count("memory", 10, "pairs of steps that are remembered, m"),
                // Nocedal & Wright's. Moré and Thuente's, L-BFGS-B's, needs a percent or two more gradients on
                // Rosenbrock's chain.
                Parameter::choice("line", CHOICES, "step length").with_default(3.0),
            ]
        },
        build: |values, _| {
            let descent = Lbfgs { pairs: values[0] as usize };
            let length = chosen(values[1], Guess::Unit, 0.9);
            Optimizer::Iteration(Box::new(LineSearch { descent, length }))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Iteration, MoreThuente, StepLength, begin};
    use crate::samples::{self, Function};

    /// Sums of squares of 10 (x₂ − x₁²) and 1 − x₁ over pairs, f and g as `sdrive.f` computes them.
    fn driver(n: usize) -> Function {
        let f = |x: &[f64]| {
            x.chunks(2).map(|p| (1.0 - p[0]).powi(2) + (10.0 * (p[1] - p[0] * p[0])).powi(2)).sum()
        };
        let g = |x: &[f64], g: &mut [f64]| {
            for (p, g) in x.chunks(2).zip(g.chunks_mut(2)) {
                g[1] = 200.0 * (p[1] - p[0] * p[0]);
                g[0] = -2.0 * (p[0] * g[1] + 1.0 - p[0]);
            }
        };
        samples::function(n, f, g, |_, _| unreachable!("nobody asks for products"))
    }

    fn powers() -> Function {
        let f = |x: &[f64]| (x[0] - 5.0).powi(2) + (x[1] - 3.0).powi(4) + (x[2] - 2.0).powi(6);
        let g = |x: &[f64], g: &mut [f64]| {
            g.copy_from_slice(&[2.0 * (x[0] - 5.0), 4.0 * (x[1] - 3.0).powi(3), 6.0 * (x[2] - 2.0).powi(5)]);
        };
        samples::function(3, f, g, |_, _| unreachable!("nobody asks for products"))
    }

    /// `tests/fixtures/smooth/lbfgs_um.json`: iteration by iteration the evaluations, values and gradient
    /// norms of Nocedal's own program, whose first step is −g/‖g‖ too, and which ends at ‖g‖ ≤ ε max(1, ‖x‖).
    #[test]
    fn nocedals_program_goes_the_same_way() {
        let text = include_str!("../../../tests/fixtures/smooth/lbfgs_um.json");
        let known: serde_json::Value = serde_json::from_str(text).unwrap();
        let number = |value: &serde_json::Value| value.as_f64().unwrap();
        let near = |a: f64, b: &serde_json::Value| {
            // Rounding errors grow on the way.
            let share = if number(b) > 0.1 { 1e-6 } else { 1e-3 };
            (a - number(b)).abs() <= share * number(b)
        };
        let starts = [[-1.2, 1.0].repeat(4), vec![0.0; 3]];
        for ((run, f), x) in known["runs"].as_array().unwrap().iter().zip([driver(8), powers()]).zip(starts) {
            let oracle = Oracle::new(&f);
            let descent = Lbfgs { pairs: run["corrections"].as_u64().unwrap() as usize };
            let method = LineSearch { descent, length: StepLength::MoreThuente(MoreThuente::default()) };
            let mut state = begin(&oracle, &method, x).unwrap();
            assert!(near(state.start_value, &run["start_value"]));
            assert!(near(state.start_gradient_norm, &run["start_gradient_norm"]));
            let rows = run["rows"].as_array().unwrap();
            for (i, row) in rows.iter().enumerate() {
                let at = state.point.clone();
                let found = method.advance(&oracle, &mut state.memory, &at, &mut state.point).unwrap();
                let (value, slope) = (state.point.value, norm(&state.point.gradient));
                let seen = format!("{row}: {value:e}, {slope:e}, {:?}", oracle.counts());
                assert!(found.is_some() && row[0].as_u64() == Some(i as u64 + 1), "{seen}");
                assert_eq!(
                    (oracle.counts().values, oracle.counts().gradients),
                    (0, row[1].as_u64().unwrap())
                );
                assert!(near(value, &row[2]) && near(slope, &row[3]), "{seen}");
                let ends = slope <= number(&run["epsilon"]) * norm(&state.point.x).max(1.0);
                assert_eq!(ends, i + 1 == rows.len(), "{seen}");
            }
        }
    }
}
