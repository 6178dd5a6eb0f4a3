//! Philox4x32-10 (Salmon et al. 2011), the counter-based generator.

use pulp::NullaryFnOnce;

use super::Real;
use super::dispatch::run;

const MULTIPLIERS: [u32; 2] = [0xd251_1f53, 0xcd9e_8d57];
/// What is added to the key after each round: φ and √3 − 1.
const WEYL: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];
const ROUNDS: usize = 10;

/// The four words of a counter under a key.
#[inline(always)]
fn block(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..ROUNDS {
        let product = |i: usize| u64::from(MULTIPLIERS[i]) * u64::from(counter[2 * i]);
        let (first, second) = (product(0), product(1));
        counter = [
            (second >> 32) as u32 ^ counter[1] ^ key[0],
            second as u32,
            (first >> 32) as u32 ^ counter[3] ^ key[1],
            first as u32,
        ];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    counter
}

/// Numbers in [0, 1): of element i the leading bits of the words that
/// Philox4x32-10 makes of the counter (`counters[i]`, 0, 0, 0) under the key `seed`.
///
/// # Panics
///
/// If the slices differ in length.
pub fn uniform<T: Real>(seed: u64, counters: &[i32], out: &mut [T]) {
    assert_eq!(counters.len(), out.len(), "counters and result differ in length");
    run(Fill { key: [seed as u32, (seed >> 32) as u32], counters, out });
}

struct Fill<'a, T> {
    key: [u32; 2],
    counters: &'a [i32],
    out: &'a mut [T],
}

impl<T: Real> NullaryFnOnce for Fill<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (&i, o) in self.counters.iter().zip(self.out) {
            let words = block([i as u32, 0, 0, 0], self.key);
            *o = T::unit(words[0], words[1]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of `kat_vectors` in the Random123 library, D. E. Shaw Research.
    #[test]
    fn known_answers() {
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        for (counter, key, answer) in [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (pi, [0xa409_3822, 0x299f_31d0], [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
        ] {
            assert_eq!(block(counter, key), answer);
        }
    }
}
