//! The method of Broyden, Fletcher, Goldfarb and Shanno, with a dense inverse.

use super::pair::Products;
use crate::optim::descent::{Descent, LineSearch};
use crate::optim::line::{CHOICES, Guess, chosen};
use crate::optim::method::Memory;
use crate::optim::minimize::Point;
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::dot;
use crate::{Oracle, Scalar, Stop};

/// The direction −H ∇f(x), H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ with ρ = 1/sᵀy,
/// s = x − x₋, y = ∇f(x) − ∇f(x₋).
///
/// H is I at first; if `scaled`, (sᵀy/yᵀy) I before the first update. A pair with
/// sᵀy ≤ 1e-10 ‖s‖‖y‖ is left out and counted (`pairs_left_out`). A search that finds
/// nothing sets H back.
///
/// In the registry a search begins at the [`Guess`] of eq. 3.60, as in SciPy's `BFGS`, which it follows
/// in not scaling H either: on Rosenbrock's function both together save gradients, each alone does not.
///
/// Cost: n² numbers remembered, 3n² multiplications. Source: Algorithm 6.1 of Nocedal &
/// Wright (2006) with the update 6.17 and the initial scaling 6.20 (Broyden 1970, Fletcher
/// 1970, Goldfarb 1970, Shanno 1970).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bfgs {
    /// Whether the first H takes the first pair's size.
    pub scaled: bool,
}

// Scalars: how many pairs were left out, how many updates H has had. Vectors: x₋, ∇f(x₋), H
// by rows.
const LEFT_OUT: usize = 0;
const UPDATES: usize = 1;
const INVERSE: usize = 2;

impl<T: Scalar> Descent<T> for Bfgs {
    fn name(&self) -> &'static str {
        "bfgs"
    }

    fn init(&self, n: usize) -> Memory<T> {
        let mut memory = Memory::zeros(n, 2);
        memory.scalars = vec![0.0; 2];
        memory.vectors.push(vec![T::zero(); n * n]);
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
            learn(memory, at, self.scaled);
        }
        memory.vectors[0].copy_from_slice(&at.x);
        memory.vectors[1].copy_from_slice(&at.gradient);
        memory.step += 1;
        if memory.scalars[UPDATES] == 0.0 {
            direction.iter_mut().zip(&at.gradient).for_each(|(d, &g)| *d = -g);
        } else {
            let rows = memory.vectors[INVERSE].chunks(at.x.len());
            direction.iter_mut().zip(rows).for_each(|(d, row)| *d = T::of(-dot(row, &at.gradient)));
        }
        Ok(())
    }

    fn forget(&self, memory: &mut Memory<T>) -> bool {
        std::mem::replace(&mut memory.scalars[UPDATES], 0.0) > 0.0
    }

    fn tally(&self, memory: &Memory<T>) -> Vec<(&'static str, u64)> {
        vec![("pairs_left_out", memory.scalars[LEFT_OUT] as u64)]
    }
}

/// Takes the last step's pair into H.
fn learn<T: Scalar>(memory: &mut Memory<T>, at: &Point<T>, scaled: bool) {
    let n = at.x.len();
    let (mut s, mut y) = (vec![T::zero(); n], vec![T::zero(); n]);
    let products = Products::of(at, [&memory.vectors[0], &memory.vectors[1]], &mut s, &mut y);
    if !products.bends() {
        memory.scalars[LEFT_OUT] += 1.0;
        return;
    }
    let inverse = &mut memory.vectors[INVERSE];
    if memory.scalars[UPDATES] == 0.0 {
        let size = T::of(if scaled { products.sy / products.yy } else { 1.0 });
        inverse.fill(T::zero());
        inverse.iter_mut().step_by(n + 1).for_each(|h| *h = size);
    }
    memory.scalars[UPDATES] += 1.0;
    // H − ρ (s (Hy)ᵀ + Hy sᵀ) + ρ (ρ yᵀHy + 1) s sᵀ, row by row: sᵢ t − ρ (Hy)ᵢ s, where
    // t = ρ (ρ yᵀHy + 1) s − ρ Hy.
    let rho = 1.0 / products.sy;
    let image: Vec<T> = inverse.chunks(n).map(|row| T::of(dot(row, &y))).collect();
    let own = rho * (rho * dot(&y, &image) + 1.0);
    let t: Vec<T> = s.iter().zip(&image).map(|(s, h)| T::of(own * s.wide() - rho * h.wide())).collect();
    for (i, row) in inverse.chunks_mut(n).enumerate() {
        let (along, across) = (s[i], T::of(-rho) * image[i]);
        row.iter_mut().zip(&t).zip(&s).for_each(|((h, &t), &s)| *h = *h + along * t + across * s);
    }
}

pub(in crate::optim) const fn bfgs<T: Scalar>() -> Entry<T> {
    Entry {
        name: "bfgs",
        summary: "curvature from all steps, as a dense matrix",
        source: "Broyden, Fletcher, Goldfarb, Shanno 1970; Nocedal & Wright 2006, Algorithm 6.1",
        family: Family::QuasiNewton,
        cost: "a gradient a trial, mostly one; 3n² multiplications, n² numbers kept",
        rate: None,
        parameters: const {
            &[
                Parameter::choice(
                    "start",
                    &["identity", "scaled"],
                    "the first H, and whether the first pair scales it",
                ),
                Parameter::choice("line", CHOICES, "step length").with_default(4.0),
            ]
        },
        build: |values, _| {
            let descent = Bfgs { scaled: values[0] == 1.0 };
            let length = chosen(values[1], Guess::Quadratic, 0.9);
            Optimizer::Iteration(Box::new(LineSearch { descent, length }))
        },
    }
}
