//! Values to try things at, from a small generator of its own (SplitMix64).

use thalweg_graph::{DType, Type};

use crate::array::Array;

/// Where an argument's elements come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Domain {
    /// Floats in ±[0.2, 2.2]; no two of one application are closer than a step
    /// of finite differences, and none is near an integer.
    Real,
    /// Floats in [0.5, 2.5].
    Positive,
    /// Integers from the first number to the second, both included.
    Integers(i32, i32),
    /// Truth values.
    Bools,
}

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// An integer below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A direction: uniform in [−1, 1).
    pub fn direction(&mut self, ty: &Type) -> Array {
        Array::new(ty, (0..ty.size()).map(|_| 2.0 * self.unit() - 1.0).collect())
    }

    /// Arrays for all arguments of one application.
    pub fn arguments(&mut self, wanted: &[(Type, Domain)]) -> Vec<Array> {
        let total: usize = wanted.iter().filter(|w| w.1 == Domain::Real).map(|w| w.0.size()).sum();
        let mut ranks: Vec<usize> = (0..total).collect();
        for i in (1..total).rev() {
            ranks.swap(i, self.below(i + 1));
        }
        let mut ranks = ranks.into_iter();
        wanted
            .iter()
            .map(|(ty, domain)| {
                let data = (0..ty.size()).map(|_| match *domain {
                    Domain::Real => spread(ranks.next().expect("a rank for each"), total),
                    Domain::Positive => 0.5 + 2.0 * self.unit(),
                    Domain::Integers(low, high) => {
                        f64::from(low) + self.below((high - low + 1) as usize) as f64
                    }
                    Domain::Bools => self.below(2) as f64,
                });
                Array::new(ty, data.collect())
            })
            .collect()
    }
}

/// The `rank`-th of `total` evenly spread values in ±[0.2, 2.2], integers and their surroundings left out.
fn spread(rank: usize, total: usize) -> f64 {
    let (sign, rank, total) = match rank % 2 {
        0 => (1.0, rank / 2, total.div_ceil(2)),
        _ => (-1.0, rank / 2, total / 2),
    };
    // Off the grid of the other sign, so that |x| and −x do not meet either.
    let at = (rank as f64 + if sign > 0.0 { 0.3 } else { 0.7 }) / total as f64;
    // [0.2, 0.9], [1.1, 1.9] and [2.1, 2.2] in one line of length 1.6.
    let x = 1.6 * at;
    sign * match x {
        x if x < 0.7 => 0.2 + x,
        x if x < 1.5 => 1.1 + (x - 0.7),
        x => 2.1 + (x - 1.5),
    }
}

/// What may be tried of each element type where only meaning counts, not derivatives.
pub fn domain(dtype: DType) -> Domain {
    match dtype {
        DType::F32 | DType::F64 => Domain::Real,
        DType::I32 => Domain::Integers(-3, 3),
        DType::Bool => Domain::Bools,
    }
}
