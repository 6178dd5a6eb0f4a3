//! Problems 28 to 31: systems of equations.

use super::super::registry::{Entry, dimension};
use super::digits::with_digits;
use super::{Function, Term};

/// Problem 28.
pub(in super::super) const BOUNDARY_VALUE: Entry = Entry {
    name: "discrete-boundary-value",
    usage: "discrete-boundary-value:N",
    examples: &["discrete-boundary-value:10"],
    summary: "u″ = (u + t + 1)³/2 by differences at N points",
    source: "Moré & Cosnard 1979; Moré, Garbow & Hillstrom 1981, problem 28",
    build: |text| Ok(boundary_value(dimension(text, 1)?)),
};

/// Problem 29.
pub(in super::super) const INTEGRAL_EQUATION: Entry = Entry {
    name: "discrete-integral-equation",
    usage: "discrete-integral-equation:N",
    examples: &["discrete-integral-equation:10"],
    summary: "the same equation in integral form: a dense Jacobian",
    source: "Moré & Cosnard 1979; Moré, Garbow & Hillstrom 1981, problem 29",
    build: |text| Ok(integral_equation(dimension(text, 1)?)),
};

/// Problem 30.
pub(in super::super) const BROYDEN_TRIDIAGONAL: Entry = Entry {
    name: "broyden-tridiagonal",
    usage: "broyden-tridiagonal:N",
    examples: &["broyden-tridiagonal:10"],
    summary: "quadratic equations between neighbours",
    source: "Broyden 1965; Moré, Garbow & Hillstrom 1981, problem 30",
    build: |text| Ok(broyden_tridiagonal(dimension(text, 1)?)),
};

/// Problem 31.
pub(in super::super) const BROYDEN_BANDED: Entry = Entry {
    name: "broyden-banded",
    usage: "broyden-banded:N",
    examples: &["broyden-banded:10"],
    summary: "cubic equations within a band of seven",
    source: "Broyden 1971; Moré, Garbow & Hillstrom 1981, problem 31",
    build: |text| Ok(broyden_banded(dimension(text, 1)?)),
};

/// rᵢ = 2xᵢ − xᵢ₋₁ − xᵢ₊₁ + h²(xᵢ + tᵢ + 1)³/2 with h = 1/(n + 1), tᵢ = ih and x₀ = xₙ₊₁ = 0
/// (Moré & Cosnard 1979).
///
/// # Panics
/// If n = 0.
pub fn boundary_value(n: usize) -> Function {
    let h = 1.0 / (n + 1) as f64;
    let function = Function::squares(format!("discrete-boundary-value:{n}"), n, move |x| {
        let force = (x + h * x.counting(n) + 1.0).powi(3);
        2.0 * x - neighbour(x, -1) - neighbour(x, 1) + (0.5 * h * h) * force
    });
    with_digits(function.with_start(parabola(n)))
}

/// rᵢ = xᵢ + (h/2)[(1 − tᵢ) Σⱼ≤ᵢ tⱼcⱼ + tᵢ Σⱼ>ᵢ (1 − tⱼ)cⱼ] with cⱼ = (xⱼ + tⱼ + 1)³ (Moré & Cosnard 1979).
///
/// Costs O(n), by running sums.
///
/// # Panics
/// If n = 0.
pub fn integral_equation(n: usize) -> Function {
    let h = 1.0 / (n + 1) as f64;
    let function = Function::squares(format!("discrete-integral-equation:{n}"), n, move |x| {
        let t = h * x.counting(n);
        let force = (x + t + 1.0).powi(3);
        let before = (1.0 - t) * (t * force).running_sum();
        let after = t * ((1.0 - t) * force).sum_after();
        x + (0.5 * h) * (before + after)
    });
    with_digits(function.with_start(parabola(n)))
}

/// rᵢ = (3 − 2xᵢ)xᵢ − xᵢ₋₁ − 2xᵢ₊₁ + 1 with x₀ = xₙ₊₁ = 0 (Broyden 1965).
///
/// # Panics
/// If n = 0.
pub fn broyden_tridiagonal(n: usize) -> Function {
    let function = Function::squares(format!("broyden-tridiagonal:{n}"), n, |x| {
        (3.0 - 2.0 * x) * x - neighbour(x, -1) - 2.0 * neighbour(x, 1) + 1.0
    });
    with_digits(function.with_start(vec![-1.0; n]))
}

/// rᵢ = xᵢ(2 + 5xᵢ²) + 1 − Σⱼ xⱼ(1 + xⱼ) over j ≠ i from i − 5 to i + 1 (Broyden 1971).
///
/// # Panics
/// If n = 0.
pub fn broyden_banded(n: usize) -> Function {
    let function = Function::squares(format!("broyden-banded:{n}"), n, |x| {
        let pull = x * (1.0 + x);
        let own = x * (2.0 + 5.0 * x.square()) + 1.0;
        [-5, -4, -3, -2, -1, 1].into_iter().fold(own, |rest, offset| rest - neighbour(pull, offset))
    });
    with_digits(function.with_start(vec![-1.0; n]))
}

/// tⱼ(tⱼ − 1).
fn parabola(n: usize) -> Vec<f64> {
    let h = 1.0 / (n + 1) as f64;
    (1..=n).map(|j| j as f64 * h * (j as f64 * h - 1.0)).collect()
}

/// Element i + offset in place i; 0 beyond the ends.
fn neighbour(x: Term<'_>, offset: isize) -> Term<'_> {
    let (n, by) = (x.len(), offset.unsigned_abs().min(x.len()));
    let zeros = x.vector(&vec![0.0; by]);
    match (by == n, offset < 0) {
        (true, _) => zeros,
        (false, true) => Term::join(&[zeros, x.range(0..n - by)]),
        (false, false) => Term::join(&[x.range(by..n), zeros]),
    }
}
