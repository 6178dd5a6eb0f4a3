//! The octopus: a chain of saddles, each of which takes gradient descent longer to leave.

use std::f64::consts::E;

use super::super::registry::{Entry, dimension};
use super::{Function, Known};

/// The table's row.
pub(in super::super) const ENTRY: Entry = Entry {
    name: "octopus",
    usage: "octopus:N",
    examples: &["octopus:2", "octopus:5"],
    summary: "N saddles in a row before the minimum: gradient descent needs exponential time",
    source: "Du, Jin, Lee, Jordan, Poczos & Singh 2017, §4",
    build: |text| Ok(octopus(dimension(text, 1)?)),
};

/// The scale τ, the curvature L along the stable directions and γ along the unstable one, as in the paper's
/// experiments.
const TAU: f64 = E;
const STABLE: f64 = E;
const UNSTABLE: f64 = 1.0;

/// The octopus of Du et al. (2017, eq. 4 to 6) with τ = L = e and γ = 1.
///
/// Along a tube coordinates 1 … k are near 4τ and the others near 0; there the function is
/// Σᵢ≤ₖ L(xᵢ − 4τ)² − γ xₖ₊₁² + Σᵢ>ₖ₊₁ L xᵢ² − kν, with splines between the tubes and mirror images in the
/// other orthants. For each k < n the point (4τ, …, 4τ, 0, …, 0) is a saddle of index 1 and value −kν, for k = n the
/// global minimum.
///
/// The paper defines f on the tubes alone and extends it by Whitney's theorem. Here the term of
/// each coordinate is s p(xᵢ) + (1 − s) L xᵢ², where p is the function of the coordinate that is being
/// left and s, which depends on the coordinate before it, goes from 0 to 1 by the paper's spline g₂: equal to the paper's
/// function on the tubes, and twice continuously differentiable everywhere.
///
/// # Panics
/// If n = 0.
pub fn octopus(n: usize) -> Function {
    let function = Function::formula(format!("octopus:{n}"), n, move |x| {
        let size = x.abs();
        let square = x.square();
        // p: downhill up to τ, then the spline g₁ up to 2τ, then the bowl around 4τ.
        let past = size - TAU;
        let spline = -UNSTABLE * square + past.powi(3) * (CUBIC + QUARTIC * past);
        let bowl = STABLE * (size - 4.0 * TAU).square() - depth();
        let leaving = size.below(2.0 * TAU, size.below(TAU, -UNSTABLE * square, spline), bowl);
        let first = leaving.at(0);
        if n == 1 {
            return first;
        }
        // s = (L − g₂)/(L + γ) with g₂ the paper's spline: a polynomial of (x − 2τ)/τ.
        let t = (size - 2.0 * TAU) / TAU;
        let step = 1.0 + t.powi(3) * (10.0 + 15.0 * t + 6.0 * t.square());
        let share = size.below(2.0 * TAU, size.below(TAU, x.number(0.0), step), x.number(1.0));
        let share = share.range(0..n - 1);
        let (leaving, waiting) = (leaving.range(1..n), STABLE * square.range(1..n));
        first + (share * leaving + (1.0 - share) * waiting).sum()
    });
    let known = (0..=n).map(|k| Known {
        x: (0..n).map(|i| if i < k { 4.0 * TAU } else { 0.0 }).collect(),
        value: -(k as f64) * depth(),
        index: usize::from(k < n),
        nullity: 0,
        global: k == n,
        source: "Du et al. 2017: the function is quadratic in the middle of each tube",
    });
    known.fold(function.with_start(vec![1.0; n]).with_interval(-6.0 * TAU, 6.0 * TAU), Function::with_known)
}

/// The coefficients of g₁(x) = −γx² + a(x − τ)³ + b(x − τ)⁴.
const CUBIC: f64 = (-14.0 * STABLE + 10.0 * UNSTABLE) / (3.0 * TAU);
const QUARTIC: f64 = (5.0 * STABLE - 3.0 * UNSTABLE) / (2.0 * TAU * TAU);

/// ν = −g₁(2τ) + 4Lτ².
fn depth() -> f64 {
    let end = -4.0 * UNSTABLE * TAU * TAU + TAU.powi(3) * (CUBIC + QUARTIC * TAU);
    4.0 * STABLE * TAU * TAU - end
}
