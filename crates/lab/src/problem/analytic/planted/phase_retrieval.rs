//! A vector from the squares of linear measurements.

use super::super::registry::{Entry, SpecError, dimension, named};
use super::{Function, Known, lowest, normal, numbers};

/// The table's row.
pub(in super::super) const ENTRY: Entry = Entry {
    name: "phase-retrieval",
    usage: "phase-retrieval:N[,measurements=M,seed=S]",
    examples: &["phase-retrieval:4", "phase-retrieval:10,measurements=80,seed=5"],
    summary: "x up to its sign from M squares (aᵀx)² (6N): the origin is a maximum",
    source: "Sun, Qu & Wright 2018, in real numbers",
    build: parse,
};

/// (1/2m) Σₖ ((aₖᵀx)² − yₖ)² with normal aₖ and yₖ = (aₖᵀx*)² for a normal x* (Sun, Qu & Wright 2018, eq. 1.4, in
/// real numbers).
///
/// ±x* are global minima of value 0. At 0 the Hessian −(2/m) Σ yₖ aₖaₖᵀ is negative definite.
fn parse(text: &str) -> Result<Function, SpecError> {
    const NAMES: [&str; 2] = ["measurements", "seed"];
    let (own, given) = named(text, NAMES)?;
    let n = dimension(&own.join(","), 1)?;
    let [count, seed] = numbers(given, NAMES, [6 * n as u64, 0])?;
    let m = count as usize;
    if m < n || m.saturating_mul(n) > 1 << 24 {
        return Err(SpecError::new(format!("expected {n} to {} measurements, found {m}", (1 << 24) / n)));
    }
    let (vectors, planted) = (normal(seed, "measurements", m * n), normal(seed, "planted", n));
    let squares: Vec<f64> = vectors
        .chunks_exact(n)
        .map(|a| a.iter().zip(&planted).map(|(a, x)| a * x).sum::<f64>().powi(2))
        .collect();
    let value = squares.iter().map(|y| y * y).sum::<f64>() / (2.0 * m as f64);
    let function = Function::squares(format!("phase-retrieval:{text}"), n, move |x| {
        let along = x.array(&[m, n], &vectors).times(x);
        (along.square() - x.vector(&squares)) / (2.0 * m as f64).sqrt()
    });
    let mirror = planted.iter().map(|v| -v).collect();
    Ok(function
        .with_start(normal(seed, "start", n))
        .with_known(lowest(planted, 0.0, 0, "planted"))
        .with_known(lowest(mirror, 0.0, 0, "planted"))
        .with_known(Known {
            x: vec![0.0; n],
            value,
            index: n,
            nullity: 0,
            global: false,
            source: "the function is even",
        }))
}
