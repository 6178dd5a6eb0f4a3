//! The spherical p-spin glass.

use super::super::registry::{Entry, SpecError, dimension, named};
use super::{Function, Known, normal, numbers, symmetric};

/// The table's row.
pub(in super::super) const ENTRY: Entry = Entry {
    name: "p-spin",
    usage: "p-spin:N[,p=P,seed=S]",
    examples: &["p-spin:10,p=2", "p-spin:8"],
    summary: "random couplings of P spins (3) on a sphere: exponentially many saddles",
    source: "Crisanti & Sommers 1992; Auffinger, Ben Arous & Černý 2013",
    build: parse,
};

/// N^(−(p−1)/2) Σ J σ ⋯ σ over all p-tuples of spins, with normal J and σ = √N x/‖x‖
/// (Auffinger, Ben Arous & Černý 2013, eq. 1.1).
///
/// The sphere comes by normalization: f is constant along rays, so every critical point has a null
/// direction, and there is no value at 0. For p = 2 the critical points are the eigenvectors of the couplings' symmetric
/// part, with value √N λᵢ and index i; for p ≥ 3 none is known in closed form, and the lowest
/// value is near −E₀N for large N, where E₀ = 1.657 for p = 3. Couplings take Nᵖ numbers.
fn parse(text: &str) -> Result<Function, SpecError> {
    const NAMES: [&str; 2] = ["p", "seed"];
    let (own, given) = named(text, NAMES)?;
    let n = dimension(&own.join(","), 2)?;
    let [p, seed] = numbers(given, NAMES, [3, 0])?;
    let count = u32::try_from(p).ok().filter(|p| (2..=8).contains(p)).and_then(|p| n.checked_pow(p));
    let Some(count) = count.filter(|count| *count <= 1 << 22) else {
        return Err(SpecError::new(format!(
            "expected p from 2 to 8 with at most 2²² couplings, found {text:?}"
        )));
    };
    let couplings = normal(seed, "couplings", count);
    let known = if p == 2 { eigenvectors(&couplings, n) } else { Vec::new() };
    let function = Function::formula(format!("p-spin:{text}"), n, move |x| {
        let spins = x * (n as f64 / x.square().sum()).sqrt();
        let mut left = x.vector(&couplings);
        for rest in (0..p as u32).rev() {
            left = left.reshape(&[n.pow(rest), n]).times(spins);
        }
        left.reshape(&[]) * (n as f64).powf(-0.5 * (p as f64 - 1.0))
    });
    let function = function.with_start(normal(seed, "start", n));
    Ok(known.into_iter().fold(function, Function::with_known))
}

fn eigenvectors(couplings: &[f64], n: usize) -> Vec<Known> {
    let entries = (0..n * n).map(|k| 0.5 * (couplings[k] + couplings[k % n * n + k / n])).collect();
    let eigen = symmetric(entries, n).eigen();
    let root = (n as f64).sqrt();
    (0..n)
        .map(|i| Known {
            x: eigen.vectors[i * n..(i + 1) * n].iter().map(|v| v * root).collect(),
            value: root * eigen.values[i],
            index: i,
            nullity: 1,
            global: i == 0,
            source: "eigenvectors of the couplings",
        })
        .collect()
}
