//! The innermost loop: tiles of a product that stay in registers.

use std::ptr::NonNull;

use super::vector::Vector;

/// A tile of a product: some lines of the left operand and one or two vectors of lines of the right one.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Tile {
    /// Terms of the sums.
    pub depth: usize,
    /// First number of the left operand.
    pub lhs: NonNull<()>,
    /// Distance between the left operand's lines, and between the terms of one; where they are in a panel, its own.
    pub lhs_steps: (isize, isize),
    /// First number of each vector of the right operand.
    pub rhs: [NonNull<()>; 2],
    /// Distance between the terms of the right operand.
    pub rhs_step: isize,
    /// Distances of the terms of the right operand from the first numbers, where they are not even.
    pub terms: NonNull<u32>,
    /// First number of each vector of the result.
    pub out: [NonNull<()>; 2],
    /// Distance between the result's rows.
    pub row: usize,
    /// Numbers of each vector that are written.
    pub columns: [usize; 2],
    /// Whether the result is added to what is there.
    pub accumulate: bool,
}

/// How a tile finds its operands.
pub(in crate::exec) mod mode {
    /// The left operand is a panel, the right one's vectors are neighbours and its terms at even distances.
    pub const PANEL: usize = 0;
    /// As before, but the left operand lies anyhow.
    pub const SCATTERED: usize = 1;
    /// The left operand is a panel; the right one's terms are found in a table.
    pub const TABLE: usize = 2;
}

/// Repeats a block for each index I below a constant, at most 14: what the compiler does not unroll it keeps in memory.
macro_rules! each {
    ($i:ident < $count:ident $body:block) => {
        each!(@ $i $count $body 0 1 2 3 4 5 6 7 8 9 10 11 12 13)
    };
    (@ $i:ident $count:ident $body:block $($index:literal)*) => {{$(
        if $index < $count {
            const $i: usize = $index;
            $body
        }
    )*}};
}

pub(super) use each;

/// Computes `R` × `V` vectors of a product.
///
/// # Safety
/// The machine has the vectors, both operands can be read and the result can be written.
#[inline(always)]
pub(super) unsafe fn tile<X: Vector, const R: usize, const V: usize, const MODE: usize>(tile: &Tile) {
    // SAFETY: as the caller vouches.
    unsafe {
        let outs: [NonNull<X::Scalar>; V] = std::array::from_fn(|j| tile.out[j].cast());
        let out = |i: usize, j: usize| outs[j].add(i.wrapping_mul(tile.row));
        each!(I < R { each!(J < V { X::expect(out(I, J)) }) });
        let mut sums = [[X::zero(); V]; R];
        let lhs = tile.lhs.cast::<X::Scalar>();
        let rhs: [NonNull<X::Scalar>; V] = std::array::from_fn(|j| tile.rhs[j].cast());
        let (line, step) = if MODE == mode::SCATTERED { tile.lhs_steps } else { (1, R as isize) };
        for p in 0..tile.depth {
            let lhs = lhs.offset((p as isize).wrapping_mul(step));
            let at = match MODE {
                mode::TABLE => *tile.terms.add(p).as_ref() as isize,
                _ => (p as isize).wrapping_mul(tile.rhs_step),
            };
            let mut right = [X::zero(); V];
            each!(J < V {
                right[J] = X::load(match MODE {
                    mode::TABLE => rhs[J].offset(at),
                    _ => rhs[0].offset(at).add(J * X::LANES),
                });
            });
            each!(I < R {
                let left = X::splat(lhs.offset((I as isize).wrapping_mul(line)));
                each!(J < V { sums[I][J] = left.multiply_add(right[J], sums[I][J]) });
            });
        }
        let columns: [usize; V] = std::array::from_fn(|j| tile.columns[j]);
        if columns == [X::LANES; V] {
            each!(I < R { each!(J < V {
                let to = out(I, J);
                let sum = if tile.accumulate { sums[I][J].plus(X::load(to)) } else { sums[I][J] };
                sum.store(to);
            }) });
        } else {
            each!(I < R { each!(J < V {
                let (to, count) = (out(I, J), columns[J]);
                let mut sum = sums[I][J];
                if tile.accumulate {
                    sum = sum.plus(X::load_first(to, count));
                }
                sum.store_first(to, count);
            }) });
        }
    }
}
