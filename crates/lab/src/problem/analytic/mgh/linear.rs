//! Problems 32 to 35: linear functions, and Chebyshev quadrature.

use super::super::registry::{Entry, SpecError, dimension, optional};
use super::digits::with_digits;
use super::{Function, Known, Term, minimum};

/// Problem 32.
pub(in super::super) const FULL_RANK: Entry = Entry {
    name: "linear-full-rank",
    usage: "linear-full-rank:N[,M]",
    examples: &["linear-full-rank:5", "linear-full-rank:5,10"],
    summary: "M linear residuals (N) with a Jacobian of full rank",
    source: "Moré, Garbow & Hillstrom 1981, problem 32",
    build: |text| sizes(text, 1).map(|(n, m)| full_rank(text, n, m)),
};

/// Problem 33.
pub(in super::super) const RANK_ONE: Entry = Entry {
    name: "linear-rank-1",
    usage: "linear-rank-1:N[,M]",
    examples: &["linear-rank-1:5", "linear-rank-1:5,10"],
    summary: "M linear residuals (N) with a Jacobian of rank 1: a plane of minimizers",
    source: "Moré, Garbow & Hillstrom 1981, problem 33",
    build: |text| sizes(text, 1).map(|(n, m)| rank_one(text, n, m)),
};

/// Problem 34.
pub(in super::super) const RANK_ONE_ZEROS: Entry = Entry {
    name: "linear-rank-1-zeros",
    usage: "linear-rank-1-zeros:N[,M]",
    examples: &["linear-rank-1-zeros:5", "linear-rank-1-zeros:5,10"],
    summary: "the same with columns and rows of zeros",
    source: "Moré, Garbow & Hillstrom 1981, problem 34",
    build: |text| sizes(text, 3).map(|(n, m)| rank_one_zeros(text, n, m)),
};

/// Problem 35.
pub(in super::super) const CHEBYQUAD: Entry = Entry {
    name: "chebyquad",
    usage: "chebyquad:N[,M]",
    examples: &["chebyquad:2", "chebyquad:8", "chebyquad:9", "chebyquad:10"],
    summary: "nodes of equal weights that integrate M Chebyshev polynomials (N)",
    source: "Fletcher 1965; Moré, Garbow & Hillstrom 1981, problem 35",
    build: |text| sizes(text, 1).map(|(n, m)| chebyquad(text, n, m)),
};

/// N[,M] with M ≥ N.
fn sizes(text: &str, least: usize) -> Result<(usize, usize), SpecError> {
    let (n, m) = text.split_once(',').unwrap_or((text, ""));
    let n = dimension(n, least)?;
    if n > 1 << 12 {
        return Err(SpecError::new(format!("expected at most 4096 coordinates, found {n}")));
    }
    Ok((n, optional(m, "residuals", n..=1 << 13, n)?))
}

/// rᵢ = xᵢ − (2/m) Σ xⱼ − 1 for i ≤ n, −(2/m) Σ xⱼ − 1 beyond; the minimum is m − n at (−1, …, −1).
fn full_rank(text: &str, n: usize, m: usize) -> Function {
    let function = Function::squares(format!("linear-full-rank:{text}"), n, move |x| {
        let common = x.sum() * (-2.0 / m as f64) - 1.0;
        match m - n {
            0 => x + common,
            more => Term::join(&[x + common, common.broadcast(&[more])]),
        }
    });
    let source = "normal equations";
    function.with_start(vec![1.0; n]).with_known(minimum(vec![-1.0; n], (m - n) as f64, source))
}

/// rᵢ = i (Σ jxⱼ) − 1; the minimum m(m − 1)/(2(2m + 1)) is taken wherever Σ jxⱼ = 3/(2m + 1).
fn rank_one(text: &str, n: usize, m: usize) -> Function {
    let function = Function::squares(format!("linear-rank-1:{text}"), n, move |x| {
        (x.counting(n) * x).sum() * x.counting(m) - 1.0
    });
    let m = m as f64;
    let weights: Vec<f64> = (1..=n).map(|j| j as f64).collect();
    let value = m * (m - 1.0) / (2.0 * (2.0 * m + 1.0));
    function.with_start(vec![1.0; n]).with_known(flat(&weights, 3.0 / (2.0 * m + 1.0), value))
}

/// r₁ = rₘ = −1, else rᵢ = (i − 1)(Σ jxⱼ over 1 < j < n) − 1; the minimum (m² + 3m − 6)/(2(2m − 3))
/// is taken wherever that sum is 3/(2m − 3).
fn rank_one_zeros(text: &str, n: usize, m: usize) -> Function {
    let function = Function::squares(format!("linear-rank-1-zeros:{text}"), n, move |x| {
        let sum = (x.counting(n) * x).range(1..n - 1).sum();
        let steps: Vec<f64> = (0..m).map(|i| if i + 1 < m { i as f64 } else { 0.0 }).collect();
        sum * x.vector(&steps) - 1.0
    });
    let m = m as f64;
    let weights: Vec<f64> = (1..=n).map(|j| if j == 1 || j == n { 0.0 } else { j as f64 }).collect();
    let value = (m * m + 3.0 * m - 6.0) / (2.0 * (2.0 * m - 3.0));
    function.with_start(vec![1.0; n]).with_known(flat(&weights, 3.0 / (2.0 * m - 3.0), value))
}

/// The shortest x with wᵀx = target: every other solution is a minimizer, too.
fn flat(weights: &[f64], target: f64, value: f64) -> Known {
    let square: f64 = weights.iter().map(|w| w * w).sum();
    let x = weights.iter().map(|w| w * target / square).collect();
    Known { nullity: weights.len() - 1, ..minimum(x, value, "normal equations") }
}

/// rᵢ = (1/n) Σⱼ Tᵢ(xⱼ) − ∫₀¹ Tᵢ with Tᵢ the Chebyshev polynomials of [0, 1], i = 1 … m (Fletcher 1965).
///
/// For m = n there is a root for n ≤ 7 and n = 9; permutations of a minimizer are minimizers.
fn chebyquad(text: &str, n: usize, m: usize) -> Function {
    let function = Function::squares(format!("chebyquad:{text}"), n, move |x| {
        let y = 2.0 * x - 1.0;
        let (mut before, mut current) = (y.number(1.0).broadcast(&[n]), y);
        let residuals: Vec<Term<'_>> = (1..=m)
            .map(|i| {
                let integral = if i % 2 == 0 { -1.0 / ((i * i) as f64 - 1.0) } else { 0.0 };
                let residual = current.mean() - integral;
                (before, current) = (current, 2.0 * y * current - before);
                residual
            })
            .collect();
        Term::join(&residuals)
    });
    let start = (1..=n).map(|j| j as f64 / (n + 1) as f64).collect();
    with_digits(function.with_start(start).with_interval(0.0, 1.0))
}
