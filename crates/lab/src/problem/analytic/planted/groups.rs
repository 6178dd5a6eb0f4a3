//! Groups of coordinates, each with its sum prescribed: a solution set of known dimension.

use super::super::registry::{Entry, SpecError, dimension};
use super::{Function, lowest};

/// The table's row.
pub(in super::super) const ENTRY: Entry = Entry {
    name: "groups",
    usage: "groups:N,GROUPS",
    examples: &["groups:12,3", "groups:20,4"],
    summary: "each of the groups adds up to its number: minima in N − GROUPS dimensions",
    source: "Li, Farkhoor, Liu & Yosinski 2018, §2",
    build: parse,
};

/// Σ_g (Σ_{i in group g} xᵢ − g)² over g = 1 … k, where a group is n/k coordinates in a row.
///
/// The minima, of value 0, are an affine space of n − k dimensions: its intrinsic dimension is k exactly. The
/// paper's toy problem is n = 1000, k = 10.
fn parse(text: &str) -> Result<Function, SpecError> {
    let (n, k) = text.split_once(',').unwrap_or((text, "1"));
    let (n, k) = (dimension(n, 1)?, dimension(k, 1)?);
    if n % k != 0 {
        return Err(SpecError::new(format!("expected a number of groups that divides {n}, found {k}")));
    }
    let targets: Vec<f64> = (1..=k).map(|g| g as f64).collect();
    let function = Function::squares(format!("groups:{text}"), n, {
        let targets = targets.clone();
        move |x| x.reshape(&[k, n / k]).sum_over(1) - x.vector(&targets)
    });
    let even = targets.iter().flat_map(|g| vec![g * k as f64 / n as f64; n / k]).collect();
    Ok(function.with_known(lowest(even, 0.0, n - k, "each group's number in equal parts")))
}
