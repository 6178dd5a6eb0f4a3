//! Lanczos in two passes: values first, vectors from the same recurrence again.

use crate::krylov::extremal::{Found, Plan, size};
use crate::krylov::lanczos::Recurrence;
use crate::krylov::null_threshold;
use crate::krylov::products::Products;
use crate::krylov::symmetric::{Eigen, eigenvalues_of_tridiagonal, tridiagonal};
use crate::krylov::vectors::{scale, subtract};
use crate::random::Stream;
use crate::vector::norm;
use crate::{Scalar, Stop};

/// Steps before the first look at the tridiagonal matrix.
const FIRST: usize = 24;

/// An eigenvalue that the recurrence knows of.
#[derive(Clone, Debug)]
struct Good {
    value: f64,
    /// βₘ|sₘ|.
    bound: f64,
    /// s, the eigenvector of the tridiagonal matrix in which the value first converged.
    weights: Vec<f64>,
}

/// What one look at the tridiagonal matrix shows.
struct Look {
    /// Distinct values, ascending, spurious ones left out.
    good: Vec<Good>,
    /// Copies and spurious values.
    repeated: usize,
    norm: f64,
}

/// The wanted ends by the Lanczos recurrence without reorthogonalization, from one random vector.
///
/// Copies of converged values appear as orthogonality is lost (Paige 1972): values within
/// rounding of each other are one. A value that is alone in T and also an eigenvalue of T without its first row and
/// column is spurious (Cullum & Willoughby 1985, §4.5). Vectors are
/// formed from the size of T at which their value first converged, since later
/// ones mix copies (ibid., §4.6).
pub fn search<T: Scalar>(products: &mut Products<'_, T>, plan: &Plan) -> Result<Found<T>, Stop> {
    let (ends, look) = values(products, plan)?;
    let vectors = vectors(products, plan, &ends)?;
    let negative = look.good.iter().filter(|g| g.value + g.bound < -null_threshold::<T>(look.norm));
    let mut last = f64::NEG_INFINITY;
    let negative = negative.filter(|g| {
        // Intervals that do not meet hold different eigenvalues.
        let apart = g.value - g.bound > last;
        last = last.max(g.value + g.bound);
        apart
    });
    Ok(Found {
        negative: negative.count(),
        vectors,
        top: plan.top.min(look.good.len()),
        norm: look.norm,
        confirmed: false,
        restarts: 0,
        repeated: look.repeated,
    })
}

fn begin<T: Scalar>(plan: &Plan) -> Result<Recurrence<T>, Stop> {
    let mut start = vec![T::zero(); plan.n];
    Stream::new(plan.seed, "extremal", 0).fill_normal(&mut start);
    Recurrence::new(start, None)
}

/// The first pass: the wanted values, those of the top, descending, then those of the bottom.
fn values<T: Scalar>(products: &mut Products<'_, T>, plan: &Plan) -> Result<(Vec<Good>, Look), Stop> {
    let most = (plan.max_products.saturating_sub(plan.reserve) / 2).max(1) as usize;
    let mut recurrence = begin(plan)?;
    let mut product = vec![T::zero(); plan.n];
    let mut next = FIRST.max(2 * (plan.top + plan.bottom));
    let mut known: Vec<Good> = Vec::new();
    loop {
        products.apply(recurrence.last(), &mut product)?;
        recurrence.advance(products, &mut product)?;
        let m = recurrence.steps();
        let over = m >= most || !recurrence.alive();
        if m < next && !over {
            continue;
        }
        next = m + m / 4;
        let look = look(&recurrence.alphas, &recurrence.betas, plan.epsilon);
        let tolerance = 0.5 * plan.tolerance * look.norm;
        let wanted = wanted(&look.good, plan, tolerance, &mut known);
        if over || wanted.iter().all(|good| good.bound <= tolerance) {
            return Ok((wanted, look));
        }
    }
}

/// The second pass: the Ritz vectors, of length 1.
fn vectors<T: Scalar>(
    products: &mut Products<'_, T>,
    plan: &Plan,
    ends: &[Good],
) -> Result<Vec<Vec<T>>, Stop> {
    let n = plan.n;
    let mut out: Vec<Vec<T>> = ends.iter().map(|_| vec![T::zero(); n]).collect();
    let steps = ends.iter().map(|good| good.weights.len()).max().unwrap_or(0);
    let mut recurrence = begin(plan)?;
    let mut product = vec![T::zero(); n];
    for j in 0..steps {
        for (good, y) in ends.iter().zip(&mut out) {
            if let Some(weight) = good.weights.get(j) {
                subtract(y, recurrence.last(), &[-weight], n);
            }
        }
        if j + 1 < steps {
            products.apply(recurrence.last(), &mut product)?;
            recurrence.advance(products, &mut product)?;
        }
    }
    for y in &mut out {
        let length = norm(y);
        scale(y, 1.0 / length);
    }
    Ok(out)
}

/// The ends among distinct values; what converged at an earlier look is taken from there.
fn wanted(good: &[Good], plan: &Plan, tolerance: f64, known: &mut Vec<Good>) -> Vec<Good> {
    let (top, bottom) = (plan.top.min(good.len()), plan.bottom.min(good.len()));
    let chosen = good.iter().rev().take(top).chain(good.iter().take(bottom));
    chosen
        .map(|good| {
            let near = |old: &&Good| (old.value - good.value).abs() <= tolerance;
            match known.iter().find(near) {
                Some(old) => old.clone(),
                None => {
                    if good.bound <= tolerance {
                        known.push(good.clone());
                    }
                    good.clone()
                }
            }
        })
        .collect()
}

/// Tells the tridiagonal matrix's values apart.
fn look(alphas: &[f64], betas: &[f64], epsilon: f64) -> Look {
    let m = alphas.len();
    let eigen = tridiagonal(alphas, betas);
    let norm = size(&eigen.values);
    let same = 16.0 * (m as f64).sqrt() * epsilon * norm;
    let without = eigenvalues_of_tridiagonal(&alphas[1..], betas.get(1..).unwrap_or_default());
    let mut good = Vec::new();
    let mut i = 0;
    while i < m {
        let end = (i + 1..m).find(|&j| eigen.values[j] - eigen.values[j - 1] > same).unwrap_or(m);
        let at = without.partition_point(|v| *v < eigen.values[i] - same);
        let spurious = end - i == 1 && without.get(at).is_some_and(|v| *v <= eigen.values[i] + same);
        if !spurious {
            good.push(best(&eigen, i..end, betas[m - 1]));
        }
        i = end;
    }
    Look { repeated: m - good.len(), good, norm }
}

/// Of several copies the one that has converged and has most of the start vector in it.
fn best(eigen: &Eigen, copies: std::ops::Range<usize>, beta: f64) -> Good {
    let m = eigen.values.len();
    let bound = |i: usize| beta * eigen.vector(i)[m - 1].abs();
    let least = copies.clone().map(bound).fold(f64::INFINITY, f64::min);
    let first = |i: &usize| eigen.vector(*i)[0].abs();
    let settled = copies.filter(|&i| bound(i) <= 2.0 * least);
    let i = settled.max_by(|a, b| first(a).total_cmp(&first(b))).expect("one of them has the least bound");
    Good { value: eigen.values[i], bound: bound(i), weights: eigen.vector(i).to_vec() }
}

#[cfg(test)]
mod tests;
