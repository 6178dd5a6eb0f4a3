//! Tangents, forces and spacings of a chain of pivots.

use crate::Scalar;
use crate::landscape::connection::curve::distance;
use crate::vector::dot;

/// The distances between neighbours.
pub fn lengths<T: Scalar>(pivots: &[Vec<T>]) -> Vec<f64> {
    pivots.windows(2).map(|w| distance(&w[0], &w[1])).collect()
}

/// Takes out of the gradient at pivot i its part along the band: along the gap to the neighbour of the higher
/// value.
pub fn perpendicular<T: Scalar>(pivots: &[Vec<T>], values: &[f64], i: usize, gradient: &mut [T]) {
    let (from, to) = if values[i + 1] > values[i - 1] { (i, i + 1) } else { (i - 1, i) };
    let tangent: Vec<f64> = pivots[to].iter().zip(&pivots[from]).map(|(b, a)| b.wide() - a.wide()).collect();
    let square = dot(&tangent, &tangent);
    if square == 0.0 {
        return;
    }
    let along = gradient.iter().zip(&tangent).map(|(g, t)| g.wide() * t).sum::<f64>() / square;
    gradient.iter_mut().zip(&tangent).for_each(|(g, t)| *g = T::of(g.wide() - along * t));
}

/// Moves the pivots along the polygon through them until gap i has `shares[i]` of its length. The ends stay.
pub fn redistributed<T: Scalar>(pivots: &mut [Vec<T>], shares: &[f64]) {
    let lengths = lengths(pivots);
    let total: f64 = lengths.iter().sum();
    if total <= 0.0 || !total.is_finite() {
        return;
    }
    let old = pivots.to_vec();
    let last = pivots.len() - 1;
    let (mut gap, mut passed, mut goal) = (0, 0.0, 0.0);
    for i in 1..last {
        goal += shares[i - 1] * total;
        while gap + 1 < last && passed + lengths[gap] < goal {
            passed += lengths[gap];
            gap += 1;
        }
        let share = if lengths[gap] > 0.0 { ((goal - passed) / lengths[gap]).clamp(0.0, 1.0) } else { 0.0 };
        let (a, b) = (&old[gap], &old[gap + 1]);
        let between = |(a, b): (&T, &T)| T::of(a.wide() + share * (b.wide() - a.wide()));
        pivots[i] = a.iter().zip(b).map(between).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pivots_are_spaced_as_asked() {
        let mut pivots = vec![vec![0.0, 0.0], vec![0.5, 0.0], vec![3.0, 0.0], vec![3.0, 4.0]];
        redistributed(&mut pivots, &[0.25, 0.25, 0.5]);
        let expected = [[0.0, 0.0], [1.75, 0.0], [3.0, 0.5], [3.0, 4.0]];
        for (found, expected) in pivots.iter().zip(expected) {
            assert!(distance(found, &expected) < 1e-14, "{found:?} {expected:?}");
        }
    }

    #[test]
    fn what_is_left_of_a_gradient_is_perpendicular() {
        let pivots = vec![vec![0.0, 0.0], vec![1.0, 1.0], vec![1.0, 3.0]];
        let mut up = vec![2.0, 5.0];
        perpendicular(&pivots, &[0.0, 1.0, 2.0], 1, &mut up);
        assert_eq!(up, [2.0, 0.0]);
        let mut back = vec![2.0, 4.0];
        perpendicular(&pivots, &[2.0, 1.0, 0.0], 1, &mut back);
        assert_eq!(back, [-1.0, 1.0]);
    }
}
