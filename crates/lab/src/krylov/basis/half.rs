//! Rows rounded to bf16.

use std::cell::Cell;
use std::ops::Range;

use half::bf16;

use super::{Panel, TILE, combinations};
use crate::Scalar;

/// Rows in bf16, widened a tile at a time.
pub struct Halves<T> {
    values: Vec<bf16>,
    /// A tile of all rows, widened; kept from call to call.
    tile: Cell<Vec<T>>,
}

impl<T: Scalar> Halves<T> {
    pub fn new(room: usize) -> Self {
        Self { values: Vec::with_capacity(room), tile: Cell::default() }
    }

    pub fn push(&mut self, block: &[T]) {
        self.values.extend(block.iter().map(|v| halve(v.wide())));
    }

    pub fn read(&self, range: Range<usize>, out: &mut [T]) {
        widen(&self.values[range], out);
    }

    pub fn panels(&self, rows: usize, n: usize, mut work: impl FnMut(usize, Panel<'_, T>)) {
        let mut tile = self.tile.take();
        for from in (0..n).step_by(TILE) {
            let width = TILE.min(n - from);
            tile.resize(rows * width, T::zero());
            for (i, row) in tile.chunks_exact_mut(width).enumerate() {
                widen(&self.values[i * n + from..][..width], row);
            }
            work(from, Panel::whole(&tile, width));
        }
        self.tile.set(tile);
    }

    pub fn combine_in_place(&mut self, s: &[f64], n: usize) {
        let rows = self.values.len() / n.max(1);
        let count = s.len() / rows.max(1);
        let mut tile = self.tile.take();
        let mut sums = vec![0.0; count * TILE.min(n)];
        for from in (0..n).step_by(TILE) {
            let width = TILE.min(n - from);
            tile.resize(rows * width, T::zero());
            for (i, row) in tile.chunks_exact_mut(width).enumerate() {
                widen(&self.values[i * n + from..][..width], row);
            }
            combinations(s, Panel::whole(&tile, width), |row, _, part| {
                sums[row * width..][..width].copy_from_slice(part);
            });
            for (row, sums) in sums.chunks_exact(width).take(count).enumerate() {
                for (to, sum) in self.values[row * n + from..].iter_mut().zip(sums) {
                    *to = halve(*sum);
                }
            }
        }
        self.values.truncate(count * n);
        self.tile.set(tile);
    }
}

/// bf16 is the upper half of binary32.
fn widen<T: Scalar>(from: &[bf16], to: &mut [T]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = T::of(f64::from(f32::from_bits(u32::from(from.to_bits()) << 16)));
    }
}

/// To nearest, ties to even, in one rounding: by way of a single that is rounded to odd.
fn halve(value: f64) -> bf16 {
    let near = value as f32;
    let back = f64::from(near);
    let odd = match near.to_bits() {
        bits if back == value || bits & 1 == 1 => bits,
        bits if back.abs() > value.abs() => bits - 1,
        bits => bits + 1,
    };
    bf16::from_f32(f32::from_bits(odd))
}
