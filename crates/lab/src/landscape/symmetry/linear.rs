//! The linear assignment problem.

/// For each row the column that it is assigned, so that Σ worth[row, column] is largest over all
/// assignments of `k` rows to `k` columns; `None` if an entry is not finite.
///
/// Shortest augmenting paths (Jonker & Volgenant 1987) without their initialization, as in Crouse,
/// *On implementing 2D rectangular assignment algorithms* (IEEE TAES 2016), which SciPy has, too: rows
/// are added one by one, each along a path that is shortest in reduced costs. O(k³). Of
/// equal assignments one is chosen that depends on the entries alone.
pub(super) fn linear_assignment(k: usize, worth: &[f64]) -> Option<Vec<usize>> {
    if !worth.iter().all(|w| w.is_finite()) {
        return None;
    }
    const NONE: usize = usize::MAX;
    let (mut row_price, mut column_price) = (vec![0.0f64; k], vec![0.0f64; k]);
    let (mut column_of, mut row_of) = (vec![NONE; k], vec![NONE; k]);
    for first in 0..k {
        let mut shortest = vec![f64::INFINITY; k];
        let mut before = vec![NONE; k];
        let (mut rows, mut columns) = (vec![false; k], vec![false; k]);
        let (mut row, mut length) = (first, 0.0);
        let sink = loop {
            rows[row] = true;
            let mut best = NONE;
            for column in (0..k).filter(|&c| !columns[c]) {
                let reduced = length - worth[row * k + column] - row_price[row] - column_price[column];
                if reduced < shortest[column] {
                    (shortest[column], before[column]) = (reduced, row);
                }
                // Of equally near columns a free one ends the search.
                let nearer = best == NONE || shortest[column] < shortest[best];
                let free = best != NONE && shortest[column] == shortest[best] && row_of[column] == NONE;
                if nearer || free && row_of[best] != NONE {
                    best = column;
                }
            }
            length = shortest[best];
            columns[best] = true;
            match row_of[best] {
                NONE => break best,
                next => row = next,
            }
        };
        row_price[first] += length;
        for r in (0..k).filter(|&r| rows[r] && r != first) {
            row_price[r] += length - shortest[column_of[r]];
        }
        for c in (0..k).filter(|&c| columns[c]) {
            column_price[c] -= length - shortest[c];
        }
        let mut column = sink;
        loop {
            let row = before[column];
            row_of[column] = row;
            let next = std::mem::replace(&mut column_of[row], column);
            if row == first {
                break;
            }
            column = next;
        }
    }
    Some(column_of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn best(k: usize, worth: &[f64], used: &mut Vec<bool>, row: usize) -> f64 {
        if row == k {
            return 0.0;
        }
        let mut top = f64::NEG_INFINITY;
        for column in 0..k {
            if !used[column] {
                used[column] = true;
                top = top.max(worth[row * k + column] + best(k, worth, used, row + 1));
                used[column] = false;
            }
        }
        top
    }

    /// All permutations of up to 7 columns, with ties, negative entries and entries of very different size.
    #[test]
    fn assignments_are_the_best_of_all() {
        for case in 0..200u64 {
            let k = 1 + case as usize % 7;
            let mut worth = vec![0.0f64; k * k];
            Stream::new(case, "assignment", 0).fill_normal(&mut worth);
            match case % 3 {
                0 => worth.iter_mut().for_each(|w| *w = (*w * 2.0).round()),
                1 => worth.iter_mut().enumerate().for_each(|(i, w)| *w *= 10f64.powi(i as i32 % 9 - 4)),
                _ => {}
            }
            let found = linear_assignment(k, &worth).unwrap();
            let mut sorted = found.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..k).collect::<Vec<_>>());
            let value: f64 = found.iter().enumerate().map(|(r, &c)| worth[r * k + c]).sum();
            let expected = best(k, &worth, &mut vec![false; k], 0);
            assert!((value - expected).abs() <= 1e-9 * (1.0 + expected.abs()), "{case}: {value} {expected}");
        }
    }

    #[test]
    fn what_is_not_finite_is_not_assigned() {
        assert_eq!(linear_assignment(2, &[0.0, 1.0, f64::NAN, 0.0]), None);
        assert_eq!(linear_assignment(0, &[]), Some(vec![]));
    }
}
