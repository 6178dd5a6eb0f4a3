//! A matrix from some of its entries.

use super::super::registry::{Entry, SpecError, dimension, named};
use super::{COMPUTED, Function, Known, inertia, lowest, normal, nullity, numbers};
use crate::Layout;
use crate::random::Stream;

/// The table's row.
pub(in super::super) const ENTRY: Entry = Entry {
    name: "completion",
    usage: "completion:N[,rank=R,observed=K,seed=S]",
    examples: &["completion:8", "completion:6,rank=2,observed=20,seed=1"],
    summary: "UUᵀ (rank 1) from K of its entries (two thirds)",
    source: "Ge, Lee & Ma 2016",
    build: parse,
};

/// Σ (⟨uᵢ, uⱼ⟩ − Mᵢⱼ)² over K random pairs i ≤ j, with U (n × r) and M = U*U*ᵀ for a normal U*
/// (Ge, Lee & Ma 2016, without their regularizer).
///
/// U* is a global minimum of value 0; the Hessian's null space there is computed from the Jacobian. It is that of
/// rotations alone where the entries determine U.
fn parse(text: &str) -> Result<Function, SpecError> {
    const NAMES: [&str; 3] = ["rank", "observed", "seed"];
    let (own, given) = named(text, NAMES)?;
    let n = dimension(&own.join(","), 1)?;
    if n > 1 << 11 {
        return Err(SpecError::new(format!("expected at most 2048 rows, found {n}")));
    }
    let pairs = n * (n + 1) / 2;
    let [rank, count, seed] = numbers(given, NAMES, [1, (2 * pairs).div_ceil(3) as u64, 0])?;
    let (r, m) = (rank as usize, count as usize);
    if !(1..=n).contains(&r) || !(1..=pairs).contains(&m) {
        return Err(SpecError::new(format!(
            "expected a rank from 1 to {n} and 1 to {pairs} observed entries, found {r} and {m}"
        )));
    }
    let all: Vec<(usize, usize)> = (0..n).flat_map(|i| (i..n).map(move |j| (i, j))).collect();
    let mut chosen = Stream::new(seed, "observed", 0).permutation(pairs);
    chosen.truncate(m);
    let places: Vec<(usize, usize)> = chosen.into_iter().map(|k| all[k as usize]).collect();
    let planted = normal(seed, "planted", n * r);
    let row = |i: usize| &planted[i * r..(i + 1) * r];
    let entry = |&(i, j): &(usize, usize)| -> f64 { row(i).iter().zip(row(j)).map(|(a, b)| a * b).sum() };
    let entries: Vec<f64> = places.iter().map(entry).collect();
    let known = points(&places, &entries, &planted, n, r);
    let function = Function::squares(format!("completion:{text}"), n * r, move |x| {
        let u = x.reshape(&[n, r]);
        let (left, right): (Vec<usize>, Vec<usize>) = places.iter().copied().unzip();
        (u.rows(&left) * u.rows(&right)).sum_over(1) - x.vector(&entries)
    });
    let function =
        function.with_start(normal(seed, "start", n * r)).with_layout(Layout::new([("U", vec![n, r])]));
    Ok(known.into_iter().fold(function, Function::with_known))
}

fn points(places: &[(usize, usize)], entries: &[f64], planted: &[f64], n: usize, r: usize) -> Vec<Known> {
    if n * r > COMPUTED {
        return Vec::new();
    }
    let mut jacobian = vec![0.0; places.len() * n * r];
    let mut bend = vec![0.0; n * n];
    for ((row, &(i, j)), entry) in jacobian.chunks_exact_mut(n * r).zip(places).zip(entries) {
        for c in 0..r {
            row[i * r + c] += planted[j * r + c];
            row[j * r + c] += planted[i * r + c];
        }
        bend[i * n + j] -= entry;
        bend[j * n + i] -= entry;
    }
    let (index, null) = inertia(bend, n);
    let minimum = lowest(planted.to_vec(), 0.0, nullity(&jacobian, n * r), "planted");
    let origin = Known {
        x: vec![0.0; n * r],
        value: entries.iter().map(|e| e * e).sum(),
        index: r * index,
        nullity: r * null,
        global: false,
        source: "the function is even",
    };
    vec![minimum, origin]
}
