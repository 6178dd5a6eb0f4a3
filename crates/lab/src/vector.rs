//! Sums over vectors, accumulated in f64 in an order that never changes.
//!
//! Every sum runs over eight interleaved lanes and tiles of fixed length, so a result has the same
//! bits on every machine.

use crate::Scalar;

/// Interleaved partial sums of one inner product.
const LANES: usize = 8;

/// Columns worked on at a time, so that a tile of a block stays in cache.
pub(crate) const TILE: usize = 2048;

/// Compiles `work` for the widest vector instructions of this machine.
#[inline(always)]
pub(crate) fn wide<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// Σ aᵢ bᵢ.
pub(crate) fn dot<T: Scalar>(a: &[T], b: &[T]) -> f64 {
    debug_assert_eq!(a.len(), b.len());
    wide(
        #[inline(always)]
        || {
            let mut sum = 0.0;
            for (start, width) in tiles(a.len()) {
                sum += lanes(&a[start..][..width], [&b[start..][..width]])[0];
            }
            sum
        },
    )
}

/// ‖a‖₂, also where its square would overflow or underflow.
pub(crate) fn norm<T: Scalar>(a: &[T]) -> f64 {
    let square = dot(a, a);
    if square.is_finite() && square > 1e-280 {
        return square.sqrt();
    }
    let largest = a.iter().fold(0.0f64, |m, v| m.max(v.wide().abs()));
    if largest == 0.0 || !largest.is_finite() {
        return square.sqrt();
    }
    largest * a.iter().map(|v| (v.wide() / largest).powi(2)).sum::<f64>().sqrt()
}

/// origin + Σⱼ tⱼ dⱼ into `out`, computed in f64 and rounded once.
pub(crate) fn displaced<T: Scalar>(origin: &[T], terms: &[(f64, &[T])], out: &mut [T]) {
    for i in 0..out.len() {
        let moved = terms.iter().map(|(t, d)| t * d[i].wide()).sum::<f64>();
        out[i] = T::of(origin[i].wide() + moved);
    }
}

/// Begin and width of each tile of n columns.
pub(crate) fn tiles(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).step_by(TILE).map(move |start| (start, TILE.min(n - start)))
}

/// ⟨x, y_g⟩ for G rows of the same length.
#[inline(always)]
pub(crate) fn lanes<T: Scalar, const G: usize>(x: &[T], y: [&[T]; G]) -> [f64; G] {
    let mut sums = [[0.0; LANES]; G];
    let (xs, x_tail) = x.as_chunks::<LANES>();
    let ys = y.map(|y| y.as_chunks::<LANES>());
    for (i, x) in xs.iter().enumerate() {
        for g in 0..G {
            let y = &ys[g].0[i];
            for l in 0..LANES {
                sums[g][l] += x[l].wide() * y[l].wide();
            }
        }
    }
    let mut out = [0.0; G];
    for g in 0..G {
        for (l, (x, y)) in x_tail.iter().zip(ys[g].1).enumerate() {
            sums[g][l] += x.wide() * y.wide();
        }
        let [a, b, c, d, e, f, h, i] = sums[g];
        out[g] = ((a + b) + (c + d)) + ((e + f) + (h + i));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_agree_with_closed_forms() {
        let a: Vec<f64> = (1..=21).map(f64::from).collect();
        let ones = vec![1.0; 21];
        assert_eq!(dot(&a, &ones), 231.0);
        assert_eq!((norm(&[3.0f32, 4.0]), dot::<f64>(&[], &[])), (5.0, 0.0));
        let mut out = [0.0f32; 2];
        displaced(&[1.0, 2.0], &[(2.0, &[0.5, 0.0]), (-1.0, &[0.0, 3.0])], &mut out);
        assert_eq!(out, [2.0, -1.0]);
    }

    #[test]
    fn norms_survive_extreme_scales() {
        assert!((norm(&[3e200, 4e200]) - 5e200).abs() < 1e185);
        assert!((norm(&[3e-200, 4e-200]) - 5e-200).abs() < 1e-213);
        assert_eq!(norm(&[0.0f32; 3]), 0.0);
        assert_eq!(norm::<f32>(&[]), 0.0);
        assert!(norm(&[f64::NAN, 1.0]).is_nan());
    }
}
