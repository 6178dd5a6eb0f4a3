//! Sparse homogeneous linear equations with small integers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

/// Σ coefficient · unknown = 0.
pub(super) type Row<V> = Vec<(V, i64)>;

/// Where the unknowns live.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// Integers modulo 2.
    Two,
    /// Rational numbers, computed modulo 2³¹ − 1 and read back as fractions of small numbers.
    Rational,
}

impl Field {
    fn modulus(self) -> i64 {
        match self {
            Field::Two => 2,
            Field::Rational => (1 << 31) - 1,
        }
    }

    fn inverse(self, a: i64) -> i64 {
        let (p, mut base, mut power, mut result) = (self.modulus(), a, self.modulus() - 2, 1);
        while power > 0 {
            if power & 1 == 1 {
                result = result * base % p;
            }
            base = base * base % p;
            power >>= 1;
        }
        result
    }

    /// The number behind a residue.
    fn read(self, a: i64) -> f64 {
        if self == Field::Two {
            return a as f64;
        }
        let p = self.modulus();
        for denominator in 1..64 {
            let n = a * denominator % p;
            let n = if n > p / 2 { n - p } else { n };
            if n.abs() < 1 << 12 {
                return n as f64 / denominator as f64;
            }
        }
        f64::NAN
    }
}

/// A basis of the solutions, each with the unknowns that are not 0.
pub(super) fn nullspace<V: Copy + Ord + Hash>(
    unknowns: &BTreeSet<V>,
    rows: &[Row<V>],
    field: Field,
) -> Vec<HashMap<V, f64>> {
    let p = field.modulus();
    // Each pivot's row: pivot = Σ coefficient · unknown, of unknowns that are no pivots.
    let mut solved: BTreeMap<V, BTreeMap<V, i64>> = BTreeMap::new();
    let mut used: BTreeMap<V, BTreeSet<V>> = BTreeMap::new();
    for row in rows {
        let mut reduced: BTreeMap<V, i64> = BTreeMap::new();
        let mut add = |v: V, c: i64| {
            let entry = reduced.entry(v).or_default();
            *entry = (*entry + c).rem_euclid(p);
        };
        for &(v, c) in row {
            match solved.get(&v) {
                Some(terms) => terms.iter().for_each(|(&t, &k)| add(t, c.rem_euclid(p) * k % p)),
                None => add(v, c),
            }
        }
        reduced.retain(|_, c| *c != 0);
        let Some((&pivot, &lead)) = reduced.iter().next_back() else { continue };
        reduced.remove(&pivot);
        let factor = p - field.inverse(lead);
        reduced.values_mut().for_each(|c| *c = *c * factor % p);
        for holder in used.remove(&pivot).unwrap_or_default() {
            let terms = solved.get_mut(&holder).expect("a solved unknown");
            // It may have lost the term since.
            let Some(by) = terms.remove(&pivot) else { continue };
            for (&t, &k) in &reduced {
                let entry = terms.entry(t).or_default();
                *entry = (*entry + by * k) % p;
                match *entry {
                    0 => _ = terms.remove(&t),
                    _ => _ = used.entry(t).or_default().insert(holder),
                }
            }
        }
        for &t in reduced.keys() {
            used.entry(t).or_default().insert(pivot);
        }
        solved.insert(pivot, reduced);
    }
    unknowns
        .iter()
        .filter(|v| !solved.contains_key(v))
        .map(|&free| {
            let mut solution = HashMap::from([(free, 1.0)]);
            for &pivot in used.get(&free).into_iter().flatten() {
                if let Some(&c) = solved[&pivot].get(&free) {
                    solution.insert(pivot, field.read(c));
                }
            }
            solution
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solutions_solve_and_are_as_many_as_there_should_be() {
        let unknowns: BTreeSet<u32> = (0..5).collect();
        let rows =
            vec![vec![(0, 1), (1, 1)], vec![(1, 2), (2, -1)], vec![(3, 1), (3, 1)], vec![(0, 2), (2, 1)]];
        let rational = nullspace(&unknowns, &rows, Field::Rational);
        assert_eq!(rational.len(), 2);
        for solution in &rational {
            let at = |v: &u32| solution.get(v).copied().unwrap_or(0.0);
            assert!(rows.iter().all(|row| row.iter().map(|(v, c)| *c as f64 * at(v)).sum::<f64>() == 0.0));
        }
        assert!(rational.iter().any(|s| s.len() == 3));
        // Modulo 2 the second and third equations say x2 = 0 and nothing.
        let two = nullspace(&unknowns, &rows, Field::Two);
        assert_eq!(two.len(), 3);
    }

    #[test]
    fn halves_are_read_back() {
        let unknowns: BTreeSet<u32> = (0..2).collect();
        let solution = nullspace(&unknowns, &[vec![(1, 2), (0, -1)]], Field::Rational);
        assert_eq!(solution[0], HashMap::from([(0, 1.0), (1, 0.5)]));
    }
}
