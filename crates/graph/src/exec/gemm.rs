//! Matrix products: the one place that calls the `gemm` crate, and a kernel for what is narrow or small.

mod narrow;

use super::Threads;
use crate::Float;

/// A matrix inside a slice: position of its first element, and its strides.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    /// The buffer.
    pub data: &'a [T],
    /// Position of element (0, 0).
    pub offset: isize,
    /// Distance between rows.
    pub row: isize,
    /// Distance between columns.
    pub column: isize,
}

impl<T> Matrix<'_, T> {
    fn check(&self, rows: usize, columns: usize) {
        let ends = [0, (rows as isize - 1) * self.row]
            .map(|r| [0, (columns as isize - 1) * self.column].map(|c| r + c));
        for end in ends.as_flattened() {
            let at = self.offset + end;
            assert!(at >= 0 && (at as usize) < self.data.len(), "matrix leaves its buffer");
        }
    }
}

/// `out` (+)= lhs · rhs for an m × k and a k × n matrix; `out` has its rows at
/// distance `row` and is added to where `accumulate` is set. Each element is summed
/// in the same order whatever the number of threads.
pub fn gemm<T: Float>(
    (m, n, k): (usize, usize, usize),
    out: &mut [T],
    row: usize,
    lhs: Matrix<T>,
    rhs: Matrix<T>,
    accumulate: bool,
    threads: &Threads,
) {
    if m == 0 || n == 0 {
        return;
    }
    assert!(row >= n && (m - 1) * row + n <= out.len(), "product leaves its buffer");
    if k == 0 {
        if !accumulate {
            (0..m).for_each(|i| out[i * row..i * row + n].fill(T::zero()));
        }
        return;
    }
    lhs.check(m, k);
    rhs.check(k, n);
    if narrow::suits((m, n, k), &lhs, &rhs) {
        // SAFETY: every element that the strides reach lies inside the slices, as checked above.
        return unsafe { narrow::product((m, n, k), out, row, lhs, rhs, accumulate, threads) };
    }
    general((m, n, k), out, row, lhs, rhs, accumulate, threads);
}

/// By the `gemm` crate; the operands have been checked.
fn general<T: Float>(
    (m, n, k): (usize, usize, usize),
    out: &mut [T],
    row: usize,
    lhs: Matrix<T>,
    rhs: Matrix<T>,
    accumulate: bool,
    threads: &Threads,
) {
    let parallelism = match threads.count() {
        1 => gemm::Parallelism::None,
        count => gemm::Parallelism::Rayon(count),
    };
    // SAFETY: every element that the strides reach lies inside the three slices,
    // as checked above; `out` is a unique borrow.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            row as isize,
            accumulate,
            lhs.data.as_ptr().offset(lhs.offset),
            lhs.column,
            lhs.row,
            rhs.data.as_ptr().offset(rhs.offset),
            rhs.column,
            rhs.row,
            T::one(),
            T::one(),
            false,
            false,
            false,
            parallelism,
        );
    }
}

#[cfg(test)]
mod tests;
