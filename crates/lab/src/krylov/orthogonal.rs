//! Orthogonalization to working accuracy, and a rank-revealing QR of thin blocks.

use crate::krylov::basis::Rows;
use crate::krylov::vectors::{rows, scale, subtract};
use crate::random::Stream;
use crate::vector::{dot, norm};
use crate::{Scalar, Stop};

/// A norm that fell below this share of itself asks for another pass
/// (Daniel, Gragg, Kaufman & Stewart 1976; Parlett, The Symmetric Eigenvalue
/// Problem, §6.9: "twice is enough").
const KEPT: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// Passes after which a vector without a component outside the basis is given up.
const PASSES: usize = 4;

/// wⱼ ← (I − VᵀV) wⱼ for orthonormal rows V: classical Gram-Schmidt, repeated
/// while a norm falls. Returns the norms, and adds Vwⱼ to `coefficients`
/// (rows of V × rows of w).
pub fn project_out<T: Scalar, V: Rows<T> + ?Sized>(
    w: &mut [T],
    v: &V,
    n: usize,
    coefficients: &mut [f64],
) -> Result<Vec<f64>, Stop> {
    let norms = |w: &[T]| w.chunks_exact(n.max(1)).map(norm).collect::<Vec<_>>();
    let mut before = norms(w);
    if v.count(n) == 0 {
        return Ok(before);
    }
    let mut pass = vec![0.0; coefficients.len()];
    for _ in 0..PASSES {
        v.gram(w, n, &mut pass)?;
        v.subtract(w, n, &pass)?;
        for (sum, part) in coefficients.iter_mut().zip(&pass) {
            *sum += part;
        }
        let after = norms(w);
        let settled = after.iter().zip(&before).all(|(a, b)| *a >= KEPT * b);
        before = after;
        if settled {
            break;
        }
    }
    Ok(before)
}

/// W = CᵀV + BᵀQ: what became of the rows of W.
pub struct Factors<T> {
    /// Orthonormal rows Q (r × n), orthogonal to V; r ≤ k.
    pub rows: Vec<T>,
    /// C (rows of V × k).
    pub inside: Vec<f64>,
    /// B (r × k): columns in the order of W's rows, triangular up to `order`.
    pub outside: Vec<f64>,
    /// W's rows in the order in which they were taken; those after the r-th were dropped.
    pub order: Vec<usize>,
}

/// Splits the rows of `w` into their parts inside and outside the span of the
/// orthonormal rows `v`, and factors the outside by modified Gram-Schmidt with
/// pivoting on the largest remaining norm. Rows whose remainder is at most
/// `negligible` are dropped, so r is the numerical rank of the outside.
pub fn factor<T: Scalar, V: Rows<T> + ?Sized>(
    mut w: Vec<T>,
    v: &V,
    n: usize,
    negligible: f64,
) -> Result<Factors<T>, Stop> {
    let (m, k) = (v.count(n), rows(&w, n));
    let mut inside = vec![0.0; m * k];
    let first = project_out(&mut w, v, n, &mut inside)?;
    let mut norms = first.clone();
    let mut order: Vec<usize> = (0..k).collect();
    let mut q: Vec<T> = Vec::with_capacity(k * n);
    let mut outside = vec![0.0; k * k];
    let mut rank = 0;
    while rank < k {
        let pivot =
            (rank..k).fold(rank, |best, i| if norms[order[i]] > norms[order[best]] { i } else { best });
        order.swap(rank, pivot);
        let j = order[rank];
        let row = &mut w[j * n..][..n];
        if norms[j] < KEPT * first[j] {
            // Cancellation within the block let rounding along V and Q grow in proportion.
            let mut along = vec![0.0; m];
            project_out(row, v, n, &mut along)?;
            along.iter().enumerate().for_each(|(i, c)| inside[i * k + j] += c);
            let mut along = vec![0.0; rank];
            norms[j] = *project_out(row, &q[..], n, &mut along)?.first().expect("one row");
            along.iter().enumerate().for_each(|(i, c)| outside[i * k + j] += c);
        }
        if norms[j] <= negligible {
            break;
        }
        outside[rank * k + j] = norms[j];
        scale(row, 1.0 / norms[j]);
        let length = norm(row);
        scale(row, 1.0 / length);
        q.extend_from_slice(row);
        let unit = &q[rank * n..];
        for &other in &order[rank + 1..] {
            let rest = &mut w[other * n..][..n];
            let along = dot(unit, rest);
            outside[rank * k + other] = along;
            subtract(rest, unit, &[along], n);
            norms[other] = norm(rest);
        }
        rank += 1;
    }
    outside.truncate(rank * k);
    Ok(Factors { rows: q, inside, outside, order })
}

/// Appends `count` random orthonormal rows, orthogonal to the rows of `v` and
/// of `q`, to `q`; fewer where the space has no room for more.
pub fn extend_randomly<T: Scalar, V: Rows<T> + ?Sized>(
    q: &mut Vec<T>,
    v: &V,
    n: usize,
    count: usize,
    stream: &mut Stream,
) -> Result<(), Stop> {
    let free = n.saturating_sub(v.count(n) + rows(q, n));
    for _ in 0..count.min(free) {
        // A random vector lies within a small subspace's rounding with no
        // probability to speak of; near a full one a few tries may be needed.
        for _ in 0..PASSES {
            let mut row = vec![T::zero(); n];
            stream.fill_normal(&mut row);
            let length = norm(&row);
            scale(&mut row, 1.0 / length);
            let mut passes = 0;
            let mut left = 1.0;
            while passes < PASSES {
                project_out(&mut row, v, n, &mut vec![0.0; v.count(n)])?;
                left = project_out(&mut row, &q[..], n, &mut vec![0.0; rows(q, n)])?[0];
                if left == 0.0 || left >= KEPT {
                    break;
                }
                scale(&mut row, 1.0 / left);
                passes += 1;
            }
            if left >= KEPT {
                scale(&mut row, 1.0 / left);
                q.extend_from_slice(&row);
                break;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krylov::vectors::gram;

    fn random(rows: usize, n: usize, index: u64) -> Vec<f64> {
        let mut out = vec![0.0; rows * n];
        Stream::new(1, "orthogonal", index).fill_normal(&mut out);
        out
    }

    /// max |(VVᵀ − I)ᵢⱼ|.
    fn defect<T: Scalar>(v: &[T], n: usize) -> f64 {
        let m = rows(v, n);
        let mut g = vec![0.0; m * m];
        gram(v, v, n, &mut g);
        (0..m * m).map(|i| (g[i] - f64::from(u8::from(i / m == i % m))).abs()).fold(0.0, f64::max)
    }

    fn reconstruction_error(w: &[f64], v: &[f64], f: &Factors<f64>, n: usize) -> f64 {
        let mut rest = w.to_vec();
        subtract(&mut rest, v, &f.inside, n);
        subtract(&mut rest, &f.rows, &f.outside, n);
        norm(&rest) / norm(w).max(f64::MIN_POSITIVE)
    }

    #[test]
    fn factors_reconstruct_the_block_and_are_orthonormal() {
        let n = 60;
        let v = factor(random(7, n, 0), &[][..], n, 0.0).unwrap().rows;
        let w = random(5, n, 1);
        let f = factor(w.clone(), &v[..], n, 1e-12).unwrap();
        assert_eq!(f.rows.len(), 5 * n);
        assert!(reconstruction_error(&w, &v, &f, n) < 1e-14);
        assert!(defect(&[v, f.rows].concat(), n) < 1e-14);
    }

    #[test]
    fn dependent_rows_are_dropped_and_nearly_dependent_ones_stay_orthogonal() {
        let n = 40;
        let v = factor(random(6, n, 0), &[][..], n, 0.0).unwrap().rows;
        let base = random(2, n, 2);
        let mut w = Vec::new();
        w.extend_from_slice(&base[..n]);
        w.extend(base[..n].iter().zip(&base[n..]).map(|(a, b)| a + 1e-9 * b));
        w.extend(base[..n].iter().map(|a| -3.0 * a));
        w.extend(v[..n].iter().map(|a| 2.0 * a));
        let f = factor(w.clone(), &v[..], n, 1e-13 * norm(&w)).unwrap();
        assert_eq!(f.rows.len() / n, 2);
        assert!(reconstruction_error(&w, &v, &f, n) < 1e-13);
        assert!(defect(&[v, f.rows].concat(), n) < 1e-13);
    }

    #[test]
    fn nothing_is_left_of_a_zero_block() {
        let f = factor(vec![0.0; 30], &[][..], 10, 0.0).unwrap();
        assert!(f.rows.is_empty() && f.outside.is_empty());
    }

    #[test]
    fn random_rows_fill_the_whole_space_and_no_more() {
        let n = 12;
        let mut stream = Stream::new(4, "fill", 0);
        let v = factor(random(5, n, 3), &[][..], n, 0.0).unwrap().rows;
        let mut q = Vec::new();
        extend_randomly(&mut q, &v[..], n, 20, &mut stream).unwrap();
        assert_eq!(q.len(), 7 * n);
        assert!(defect(&[v, q].concat(), n) < 1e-13);
        let mut single: Vec<f32> = Vec::new();
        extend_randomly(&mut single, &[][..], n, n, &mut stream).unwrap();
        assert_eq!(single.len(), n * n);
        assert!(defect(&single, n) < 1e-5);
    }
}
