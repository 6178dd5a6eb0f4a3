//! Sums over vectors, accumulated in f64 in an order that never changes.

use crate::Scalar;

const LANES: usize = 8;

/// Σ aᵢ bᵢ.
pub(crate) fn dot<T: Scalar>(a: &[T], b: &[T]) -> f64 {
    debug_assert_eq!(a.len(), b.len());
    let mut lanes = [0.0f64; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let tail: f64 = a.remainder().iter().zip(b.remainder()).map(|(x, y)| x.wide() * y.wide()).sum();
    for (a, b) in a.zip(b) {
        for i in 0..LANES {
            lanes[i] += a[i].wide() * b[i].wide();
        }
    }
    lanes.iter().sum::<f64>() + tail
}

/// ‖a‖₂.
pub(crate) fn norm<T: Scalar>(a: &[T]) -> f64 {
    dot(a, a).sqrt()
}

/// origin + Σⱼ tⱼ dⱼ into `out`, computed in f64 and rounded once.
pub(crate) fn displaced<T: Scalar>(origin: &[T], terms: &[(f64, &[T])], out: &mut [T]) {
    for i in 0..out.len() {
        let moved = terms.iter().map(|(t, d)| t * d[i].wide()).sum::<f64>();
        out[i] = T::of(origin[i].wide() + moved);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_agree_with_closed_forms() {
        let a: Vec<f64> = (1..=21).map(f64::from).collect();
        let ones = vec![1.0; 21];
        assert_eq!(dot(&a, &ones), 231.0);
        assert_eq!(norm(&[3.0f32, 4.0]), 5.0);
        let mut out = [0.0f32; 2];
        displaced(&[1.0, 2.0], &[(2.0, &[0.5, 0.0]), (-1.0, &[0.0, 3.0])], &mut out);
        assert_eq!(out, [2.0, -1.0]);
    }
}
