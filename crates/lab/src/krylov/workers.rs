//! Work on long vectors that several threads share.

use std::sync::{Mutex, PoisonError};

use crate::Scalar;
use crate::krylov::vectors::{Panel, add_gram, rows, subtract_panel};
use crate::vector::TILE;

/// Tiles of a block that are worth a turn, if the block has as many elements.
const SHARE: usize = 32;
const WORTH: usize = 1 << 18;

/// Whoever does pieces of work, in any order and on any thread.
pub trait Workers: Send + Sync {
    /// How many pieces are done at a time.
    fn count(&self) -> usize;

    /// Calls `work` for each number below `pieces`.
    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync));
}

/// The caller's thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Workers for Alone {
    fn count(&self) -> usize {
        1
    }

    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
        (0..pieces).for_each(work);
    }
}

/// [`add_gram`], to the bit: each worker computes the parts of some tiles, which are then added in order.
pub(super) fn add_gram_by<T: Scalar>(
    workers: &dyn Workers,
    v: Panel<'_, T>,
    w: Panel<'_, T>,
    out: &mut [f64],
) {
    if workers.count() == 1 || v.rows() * v.width() < WORTH {
        return add_gram(v, w, out);
    }
    let mut parts = vec![0.0; out.len() * v.width().div_ceil(TILE)];
    each(workers, &mut parts, SHARE * out.len(), |i, parts| {
        for (j, part) in parts.chunks_exact_mut(out.len()).enumerate() {
            let start = (i * SHARE + j) * TILE;
            let width = TILE.min(v.width() - start);
            add_gram(v.part(start, width), w.part(start, width), part);
        }
    });
    for part in parts.chunks_exact(out.len()) {
        out.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
}

/// [`subtract_panel`], to the bit: each worker does some columns.
pub(super) fn subtract_panel_by<T: Scalar>(
    workers: &dyn Workers,
    w: &mut [T],
    n: usize,
    from: usize,
    v: Panel<'_, T>,
    coefficients: &[f64],
) {
    if workers.count() == 1 || v.rows() * v.width() < WORTH || rows(w, n) != 1 {
        return subtract_panel(w, n, from, v, coefficients);
    }
    each(workers, &mut w[from..from + v.width()], SHARE * TILE, |i, w| {
        let width = w.len();
        subtract_panel(w, width, 0, v.part(i * SHARE * TILE, width), coefficients);
    });
}

/// Calls `work` for each piece of a slice, of `size` elements but for the last.
fn each<E: Send>(workers: &dyn Workers, all: &mut [E], size: usize, work: impl Fn(usize, &mut [E]) + Sync) {
    let pieces: Vec<Mutex<&mut [E]>> = all.chunks_mut(size).map(Mutex::new).collect();
    workers.each(pieces.len(), &|i| {
        let mut piece = pieces[i].lock().unwrap_or_else(PoisonError::into_inner);
        work(i, &mut piece);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krylov::vectors::subtract;
    use crate::random::Stream;

    /// Two threads that do all pieces, the last ones first.
    struct Two;

    impl Workers for Two {
        fn count(&self) -> usize {
            2
        }

        fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
            std::thread::scope(|scope| {
                for half in [pieces / 2..pieces, 0..pieces / 2] {
                    scope.spawn(move || half.rev().for_each(work));
                }
            });
        }
    }

    #[test]
    fn workers_change_no_bit() {
        let n = 2 * SHARE * TILE + 777;
        let block = |rows: usize, index: u64| {
            let mut out = vec![0.0f64; rows * n];
            Stream::new(1, "workers", index).fill_normal(&mut out);
            out
        };
        let (v, w, coefficients) = (block(5, 0), block(1, 1), [0.5, -0.25, 0.1, 0.7, -1.3]);
        let (mut alone, mut shared) = (vec![0.5; 5], vec![0.5; 5]);
        add_gram(Panel::whole(&v, n), Panel::whole(&w, n), &mut alone);
        add_gram_by(&Two, Panel::whole(&v, n), Panel::whole(&w, n), &mut shared);
        assert_eq!(alone, shared);
        let (mut alone, mut shared) = (w.clone(), w);
        subtract(&mut alone, &v, &coefficients, n);
        subtract_panel_by(&Two, &mut shared, n, 0, Panel::whole(&v, n), &coefficients);
        assert!(alone == shared);
    }
}
