//! Gradient steps with the lengths of Barzilai and Borwein.

use super::pair::Products;
use crate::optim::descent::{Descent, LineSearch};
use crate::optim::line::{CHOICES, Guess, Nonmonotone, StepLength, chosen};
use crate::optim::method::Memory;
use crate::optim::minimize::Point;
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::norm;
use crate::{Oracle, Scalar, Stop};

/// The direction −λ ∇f(x), where λ is the inverse of the curvature along the last step
/// s = x − x₋, with y = ∇f(x) − ∇f(x₋).
///
/// Where 1/λ is not within [1e-10, 1e10], as at negative curvature, λ = 1/δ with δ = 1 for
/// ‖∇f‖ > 1, 1/‖∇f‖ from 1e-5 on, else 1e5; such steps are counted (`pairs_left_out`). The first
/// λ is 1. f does not fall at every step: use it with a [nonmonotone search](Nonmonotone).
///
/// Cost: 2n numbers remembered. Source: Barzilai & Borwein, *Two-point step size gradient
/// methods*, IMA J. Numer. Anal. 8 (1988), eqs. 5 and 6; safeguards and search of Raydan, *The
/// Barzilai and Borwein gradient method for the large scale unconstrained minimization
/// problem*, SIAM J. Optim. 7 (1997), algorithm GBB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BarzilaiBorwein {
    /// Which of the two lengths.
    pub kind: TwoPoint,
}

/// The two lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwoPoint {
    /// λ = sᵀs/sᵀy (BB1).
    Long,
    /// λ = sᵀy/yᵀy (BB2), never longer where sᵀy > 0.
    Short,
}

/// ε: inverse lengths outside [ε, 1/ε] are not used.
const LEAST: f64 = 1e-10;

impl<T: Scalar> Descent<T> for BarzilaiBorwein {
    fn name(&self) -> &'static str {
        "bb"
    }

    fn init(&self, n: usize) -> Memory<T> {
        let mut memory = Memory::zeros(n, 2);
        memory.scalars = vec![0.0];
        memory
    }

    fn direction(
        &self,
        _: &Oracle<'_, T>,
        memory: &mut Memory<T>,
        at: &Point<T>,
        direction: &mut [T],
    ) -> Result<(), Stop> {
        let mut inverse = 1.0;
        if memory.step > 0 {
            let n = at.x.len();
            let (mut s, mut y) = (vec![T::zero(); n], vec![T::zero(); n]);
            let pair = Products::of(at, [&memory.vectors[0], &memory.vectors[1]], &mut s, &mut y);
            inverse = match self.kind {
                TwoPoint::Long => pair.sy / pair.ss,
                TwoPoint::Short => pair.yy / pair.sy,
            };
            if !(LEAST..=1.0 / LEAST).contains(&inverse) {
                memory.scalars[0] += 1.0;
                inverse = (1.0 / norm(&at.gradient)).clamp(1.0, 1e5);
            }
        }
        memory.vectors[0].copy_from_slice(&at.x);
        memory.vectors[1].copy_from_slice(&at.gradient);
        memory.step += 1;
        direction.iter_mut().zip(&at.gradient).for_each(|(d, &g)| *d = T::of(-g.wide() / inverse));
        Ok(())
    }

    fn tally(&self, memory: &Memory<T>) -> Vec<(&'static str, u64)> {
        vec![("pairs_left_out", memory.scalars[0] as u64)]
    }
}

pub(in crate::optim) const fn bb<T: Scalar>() -> Entry<T> {
    Entry {
        name: "bb",
        summary: "gradient steps as long as the last step's curvature says",
        source: "Barzilai & Borwein 1988; Raydan 1997",
        family: Family::QuasiNewton,
        cost: "a gradient; a value more for each trial after the first",
        rate: None,
        parameters: const {
            &[
                Parameter::choice("length", &["bb1", "bb2"], "which of the two lengths"),
                Parameter::choice("line", CHOICES, "step length").with_default(2.0),
                Parameter::count("window", 10, "values of which a nonmonotone step may reach the highest, M"),
            ]
        },
        build: |values, _| {
            let kind = if values[0] == 0.0 { TwoPoint::Long } else { TwoPoint::Short };
            let length = match chosen(values[1], Guess::Unit, 0.9) {
                StepLength::Nonmonotone(search) => {
                    StepLength::Nonmonotone(Nonmonotone { window: values[2] as u32, ..search })
                }
                other => other,
            };
            Optimizer::Iteration(Box::new(LineSearch { descent: BarzilaiBorwein { kind }, length }))
        },
    }
}
