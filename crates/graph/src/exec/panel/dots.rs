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
    /// Where the sums go, row by row.
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
        for s in 0..dots.count {
            let [row, column] = *dots.segments.add(s).as_ref();
            let row = dots.rows.0.cast::<X::Scalar>().offset(row);
            let mut rows = [row; R];
            each!(I < R { rows[I] = row.offset((I as isize).wrapping_mul(dots.rows.1)) });
            let mut columns = [row; V];
            each!(J < V { columns[J] = firsts[J].offset(column) });
            let whole = dots.length - dots.length % X::LANES;
            let mut at = 0;
            while at < whole {
                let mut left = [X::zero(); R];
                each!(I < R { left[I] = X::load(rows[I].add(at)) });
                each!(J < V {
                    let right = X::load(columns[J].add(at));
                    each!(I < R { sums[I][J] = left[I].multiply_add(right, sums[I][J]) });
                });
                at = at.wrapping_add(X::LANES);
            }
            if at < dots.length {
                let rest = dots.length - at;
                let mut left = [X::zero(); R];
                each!(I < R { left[I] = X::load_first(rows[I].add(at), rest) });
                each!(J < V {
                    let right = X::load_first(columns[J].add(at), rest);
                    each!(I < R { sums[I][J] = left[I].multiply_add(right, sums[I][J]) });
                });
            }
        }
        let out = dots.out.cast::<X::Scalar>();
        each!(I < R { each!(J < V { *out.add(I * V + J).as_mut() = sums[I][J].sum() }) });
    }
}
