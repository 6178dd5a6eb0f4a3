//! Sums along long lines: vectors run along the terms of a sum, and only the last step is across them.

use std::ptr::NonNull;

use super::tile::each;
use super::vector::Vector;

/// Most columns of [`Dots`].
pub(in crate::exec) const COLUMNS: usize = 6;

/// Sums of products of some rows with some columns, in segments along which the numbers of both are neighbours.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Dots {
    /// First number of the first row, and the distance between rows.
    pub rows: (NonNull<()>, isize),
    /// First number of each column.
    pub columns: [NonNull<()>; COLUMNS],
    /// Where the segments begin, in rows and in columns.
    pub segments: NonNull<[isize; 2]>,
    /// Number of segments.
    pub count: usize,
    /// Numbers of a segment.
    pub length: usize,
    /// Where the sums go, row by row: room for a vector for each.
    pub out: NonNull<()>,
}

/// Computes `R` × `V` sums.
///
/// # Safety
/// The machine has the vectors, rows and columns can be read and the sums can be written.
#[inline(always)]
pub(super) unsafe fn dots<X: Vector, const R: usize, const V: usize>(dots: &Dots) {
    // SAFETY: as the caller vouches.
    unsafe {
        let mut sums = [[X::zero(); V]; R];
        let firsts: [NonNull<X::Scalar>; V] = std::array::from_fn(|j| dots.columns[j].cast());
        let whole = dots.length - dots.length % X::LANES;
        let begin = |s: usize, offset: usize| {
            let [row, column] = *dots.segments.add(s).as_ref();
            let row = dots.rows.0.cast::<X::Scalar>().offset(row).add(offset);
            let rows: [_; R] = std::array::from_fn(|i| row.offset((i as isize).wrapping_mul(dots.rows.1)));
            let columns: [_; V] = std::array::from_fn(|j| firsts[j].offset(column).add(offset));
            (rows, columns)
        };
        // One loop over the vectors of all segments, for inside another one the sums would not stay in registers.
        let (mut s, mut at) = (0usize, 0usize);
        if whole > 0 && dots.count > 0 {
            let (mut rows, mut columns) = begin(0, 0);
            loop {
                let mut left = [X::zero(); R];
                each!(I < R { left[I] = X::load(rows[I].add(at)) });
                each!(J < V {
                    let right = X::load(columns[J].add(at));
                    each!(I < R { sums[I][J] = left[I].multiply_add(right, sums[I][J]) });
                });
                at = at.wrapping_add(X::LANES);
                if at == whole {
                    s = s.wrapping_add(1);
                    if s == dots.count {
                        break;
                    }
                    (rows, columns) = begin(s, 0);
                    at = 0;
                }
            }
        }
        let out = dots.out.cast::<X::Scalar>();
        each!(I < R { each!(J < V { sums[I][J].store(out.add((I * V + J) * X::LANES)) }) });
        let rest = dots.length - whole;
        if rest > 0 {
            for s in 0..dots.count {
                let (rows, columns) = begin(s, whole);
                each!(I < R {
                    let left = X::load_first(rows[I], rest);
                    each!(J < V {
                        let at = out.add((I * V + J) * X::LANES);
                        left.multiply_add(X::load_first(columns[J], rest), X::load(at)).store(at);
                    });
                });
            }
        }
        for i in 0..R * V {
            let sum = X::load(out.add(i * X::LANES)).sum();
            *out.add(i).as_mut() = sum;
        }
    }
}
