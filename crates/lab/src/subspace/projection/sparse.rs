//! Entries that are mostly 0.

use crate::Scalar;
use crate::random::Stream;

/// Random numbers drawn at a time.
const DRAWN: usize = 64;

/// See [`ProjectionKind::Sparse`](super::ProjectionKind::Sparse).
#[derive(Clone, Debug)]
pub(super) struct Sparse {
    /// Row of each entry and its sign: 2·row, and 1 more where it is negative.
    entries: Vec<u32>,
    /// Where each column ends.
    ends: Vec<usize>,
}

impl Sparse {
    pub fn new(rows: usize, columns: usize, seed: u64) -> Self {
        let (mut entries, mut ends) = (Vec::new(), Vec::with_capacity(columns));
        let gaps = Gaps::new(rows);
        for j in 0..columns {
            let mut stream = Stream::new(seed, "sparse projection", j as u64);
            let before = entries.len();
            while entries.len() == before {
                column(rows, &gaps, &mut stream, &mut entries);
            }
            ends.push(entries.len());
        }
        Self { entries, ends }
    }

    /// The entries of each column and their size.
    fn columns(&self) -> impl Iterator<Item = (&[u32], f64)> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| {
            let entries = &self.entries[start..end];
            (entries, 1.0 / (entries.len() as f64).sqrt())
        })
    }

    pub fn apply<T: Scalar>(&self, z: &[T], out: &mut [f64]) {
        out.fill(0.0);
        for (z, (entries, size)) in z.iter().zip(self.columns()) {
            let z = z.wide() * size;
            for &entry in entries {
                out[(entry >> 1) as usize] += if entry & 1 == 0 { z } else { -z };
            }
        }
    }

    pub fn apply_transpose<T: Scalar>(&self, v: &[T], out: &mut [T]) {
        for (out, (entries, size)) in out.iter_mut().zip(self.columns()) {
            let signed = |entry: &u32| {
                let v = v[(entry >> 1) as usize].wide();
                if entry & 1 == 0 { v } else { -v }
            };
            *out = T::of(size * entries.iter().map(signed).sum::<f64>());
        }
    }
}

/// One column: from entry to entry by a geometric gap, so that the work is that of the entries.
fn column(rows: usize, gaps: &Gaps, stream: &mut Stream, entries: &mut Vec<u32>) {
    let mut row = 0;
    loop {
        let (mut uniform, mut signs) = ([0.0; DRAWN], [0.0; DRAWN]);
        stream.fill_uniform(0.0, 1.0, &mut uniform);
        stream.fill_rademacher(&mut signs);
        for (u, sign) in uniform.iter().zip(signs) {
            row += gaps.at(*u);
            if row >= rows {
                return;
            }
            entries.push((row as u32) << 1 | u32::from(sign < 0.0));
            row += 1;
        }
    }
}

/// How many entries are left out before the next one: m or more with probability (1 − 1/√D)ᵐ.
struct Gaps {
    /// (1 − 1/√D) to the powers 1, 2, 4, … up to D.
    powers: Vec<f64>,
}

impl Gaps {
    fn new(rows: usize) -> Self {
        let mut powers = vec![1.0 - 1.0 / (rows as f64).sqrt()];
        while 1usize << powers.len() <= rows {
            powers.push(powers[powers.len() - 1].powi(2));
        }
        Self { powers }
    }

    /// The largest m with u < (1 − 1/√D)ᵐ, found digit by digit: products alone, so that the
    /// bits are those of every machine.
    fn at(&self, u: f64) -> usize {
        let (mut gap, mut chance) = (0, 1.0);
        for (k, power) in self.powers.iter().enumerate().rev() {
            if u < chance * power {
                gap += 1 << k;
                chance *= power;
            }
        }
        gap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Li, Hastie & Church 2006: the share of entries is 1/√D, signs are even.
    #[test]
    fn one_entry_in_the_root_of_all_is_not_zero() {
        let (rows, columns) = (10_000, 400);
        let matrix = Sparse::new(rows, columns, 3);
        let expected = rows as f64 * columns as f64 / 100.0;
        let found = matrix.entries.len() as f64;
        assert!((found - expected).abs() < 5.0 * (0.99 * expected).sqrt(), "{found} and {expected}");
        let negative = matrix.entries.iter().filter(|entry| **entry & 1 == 1).count() as f64;
        assert!((negative - found / 2.0).abs() < 2.5 * found.sqrt());
        // Rows have the same share each: χ² over tenths of the rows.
        let mut counts = [0.0; 10];
        matrix.entries.iter().for_each(|entry| counts[(entry >> 1) as usize / 1000] += 1.0);
        let chi: f64 = counts.iter().map(|c: &f64| (c - found / 10.0).powi(2) / (found / 10.0)).sum();
        assert!(chi < 30.0, "{chi}");
    }

    #[test]
    fn gaps_are_logarithms_of_chances() {
        let gaps = Gaps::new(900);
        for i in 1..1000 {
            let u = f64::from(i) / 1000.0 + 1e-5;
            let expected = (u.ln() / (1.0 - 1.0 / 30.0f64).ln()).floor();
            assert_eq!(gaps.at(u), expected as usize, "{u}");
        }
    }

    #[test]
    fn no_column_is_empty() {
        for seed in 0..50 {
            let matrix = Sparse::new(2, 20, seed);
            assert!(matrix.columns().all(|(entries, _)| !entries.is_empty()));
        }
    }
}
