//! A matrix from linear measurements.

use super::super::registry::{Entry, SpecError, dimension, named};
use super::{COMPUTED, Function, Known, inertia, lowest, normal, nullity, numbers};
use crate::Layout;

/// The table's row.
pub(in super::super) const ENTRY: Entry = Entry {
    name: "sensing",
    usage: "sensing:N[,rank=R,measurements=M,seed=S]",
    examples: &["sensing:6", "sensing:5,rank=2,measurements=40,seed=3"],
    summary: "UUᵀ (rank 1) from M random linear measurements (5NR): no bad minima for large M",
    source: "Bhojanapalli, Neyshabur & Srebro 2016",
    build: parse,
};

/// (1/m) Σₖ (⟨Aₖ, UUᵀ⟩ − bₖ)² with U (n × r), normal Aₖ and bₖ = ⟨Aₖ, U*U*ᵀ⟩ for a normal U*
/// (Bhojanapalli, Neyshabur & Srebro 2016).
///
/// U* is a global minimum of value 0, as is U*Q for orthogonal Q: the Hessian's null space there is computed from the
/// Jacobian. At 0 the Hessian is −(4/m) Σ bₖ Aₖ for each column.
fn parse(text: &str) -> Result<Function, SpecError> {
    const NAMES: [&str; 3] = ["rank", "measurements", "seed"];
    let (own, given) = named(text, NAMES)?;
    let n = dimension(&own.join(","), 1)?;
    let rank = numbers(given, NAMES, [1, 0, 0])?[0];
    let [rank, count, seed] = numbers(given, NAMES, [1, 5 * n as u64 * rank, 0])?;
    let (r, m) = (rank as usize, count as usize);
    if !(1..=n).contains(&r) || m == 0 || m.saturating_mul(n * n) > 1 << 24 {
        return Err(SpecError::new(format!(
            "expected a rank from 1 to {n} and at most {} measurements, found {r} and {m}",
            (1 << 24) / (n * n)
        )));
    }
    // Only the symmetric parts matter.
    let mut matrices = normal(seed, "measurements", m * n * n);
    for a in matrices.chunks_exact_mut(n * n) {
        for (i, j) in (0..n).flat_map(|i| (0..i).map(move |j| (i, j))) {
            let mean = 0.5 * (a[i * n + j] + a[j * n + i]);
            (a[i * n + j], a[j * n + i]) = (mean, mean);
        }
    }
    let planted = normal(seed, "planted", n * r);
    let product =
        |i: usize, j: usize| -> f64 { (0..r).map(|c| planted[i * r + c] * planted[j * r + c]).sum() };
    let target: Vec<f64> = (0..n * n).map(|k| product(k / n, k % n)).collect();
    let measured: Vec<f64> =
        matrices.chunks_exact(n * n).map(|a| a.iter().zip(&target).map(|(a, t)| a * t).sum()).collect();
    let known = points(&matrices, &measured, &planted, n, r);
    let function = Function::squares(format!("sensing:{text}"), n * r, move |x| {
        let u = x.reshape(&[n, r]);
        let product = u.times(u.transpose()).reshape(&[n * n]);
        (x.array(&[m, n * n], &matrices).times(product) - x.vector(&measured)) / (m as f64).sqrt()
    });
    let function =
        function.with_start(normal(seed, "start", n * r)).with_layout(Layout::new([("U", vec![n, r])]));
    Ok(known.into_iter().fold(function, Function::with_known))
}

fn points(matrices: &[f64], measured: &[f64], planted: &[f64], n: usize, r: usize) -> Vec<Known> {
    if n * r > COMPUTED {
        return Vec::new();
    }
    let m = measured.len() as f64;
    let mut jacobian = Vec::with_capacity(measured.len() * n * r);
    let mut bend = vec![0.0; n * n];
    for (a, b) in matrices.chunks_exact(n * n).zip(measured) {
        bend.iter_mut().zip(a).for_each(|(sum, a)| *sum -= a * b);
        jacobian.extend((0..n * r).map(|k| {
            let (i, c) = (k / r, k % r);
            (0..n).map(|j| a[i * n + j] * planted[j * r + c]).sum::<f64>()
        }));
    }
    let (index, null) = inertia(bend, n);
    let minimum = lowest(planted.to_vec(), 0.0, nullity(&jacobian, n * r), "planted");
    let origin = Known {
        x: vec![0.0; n * r],
        value: measured.iter().map(|b| b * b).sum::<f64>() / m,
        index: r * index,
        nullity: r * null,
        global: false,
        source: "the function is even",
    };
    vec![minimum, origin]
}
