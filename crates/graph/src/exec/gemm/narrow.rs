//! Products with few columns, or small altogether: what general kernels pad and
//! pack too much for.
//!
//! The right matrix is brought into rows of one or two vectors, once; then a
//! few rows of the left one at a time meet it, and their results stay in
//! registers. Each element is summed along k, from the first term to the last.

use std::cell::Cell;

use pulp::{Simd, WithSimd};

use super::Matrix;
use crate::exec::Threads;
use crate::exec::memory::{LINE, Line};
use crate::math::run;
use crate::{DType, Float};

/// Most columns of a product that comes here at any number of rows …
const COLUMNS: usize = 16;
/// … and of a small one, of at most so many multiplications.
const FEW: usize = 32;
const SMALL: usize = 1 << 19;
/// Elements of a left matrix that may be read across its lines.
const ACROSS: usize = 1 << 13;
/// Rows that are worth turning the right matrix for.
const ROWS: usize = 16;
/// Multiplications that one thread does at a time.
const SHARE: usize = 1 << 18;

/// Whether this kernel is the better one; measured on a machine with AVX-512.
pub(super) fn suits<T: Float>((m, n, k): (usize, usize, usize), lhs: &Matrix<T>, rhs: &Matrix<T>) -> bool {
    let narrow = (2..=COLUMNS).contains(&n) || (n <= FEW && m * n * k <= SMALL);
    let cheap = lhs.column.unsigned_abs() <= 1 || m * k <= ACROSS;
    narrow && cheap && (m >= ROWS || (m > 1 && rhs.column == 1))
}

/// As [`super::gemm`], for sizes other than zero.
///
/// # Safety
/// The matrices lie inside their buffers, and so does the result in `out`.
pub(super) unsafe fn product<T: Float>(
    size: (usize, usize, usize),
    out: &mut [T],
    row: usize,
    lhs: Matrix<T>,
    rhs: Matrix<T>,
    accumulate: bool,
    threads: &Threads,
) {
    match T::DTYPE {
        // SAFETY: as the caller vouches.
        DType::F32 => unsafe {
            typed::<f32>(size, bytemuck::cast_slice_mut(out), row, cast(lhs), cast(rhs), accumulate, threads);
        },
        // SAFETY: as the caller vouches.
        _ => unsafe {
            typed::<f64>(size, bytemuck::cast_slice_mut(out), row, cast(lhs), cast(rhs), accumulate, threads);
        },
    }
}

fn cast<T: Float, U: Float>(matrix: Matrix<T>) -> Matrix<U> {
    let Matrix { data, offset, row, column } = matrix;
    Matrix { data: bytemuck::cast_slice(data), offset, row, column }
}

/// # Safety
/// As [`product`].
unsafe fn typed<T: Float>(
    (m, n, k): (usize, usize, usize),
    out: &mut [T],
    row: usize,
    lhs: Matrix<T>,
    rhs: Matrix<T>,
    accumulate: bool,
    threads: &Threads,
) where
    for<'a> Pack<'a, T>: WithSimd<Output = Option<usize>>,
    for<'a> Part<'a, T>: WithSimd<Output = ()>,
{
    thread_local! {
        static PACKED: Cell<Vec<Line>> = const { Cell::new(Vec::new()) };
    }
    // Taken, not borrowed: while this thread waits for others, it may do another product.
    let mut lines = PACKED.take();
    let packed = run(Pack { n, k, rhs, lines: &mut lines });
    let panels = match packed {
        Some(width) => {
            Panels { data: bytemuck::cast_slice(&lines), offset: 0, row: width, next: Some(k * width) }
        }
        None => Panels { data: rhs.data, offset: rhs.offset as usize, row: rhs.row as usize, next: None },
    };
    let part = |(first, out): (usize, &mut [T])| {
        let rows = (out.len() - n) / row + 1;
        let lhs = Matrix { offset: lhs.offset + first as isize * lhs.row, ..lhs };
        run(Part { size: (rows, n, k), out, row, lhs, panels, accumulate });
    };
    let share = (SHARE / (n * k)).max(1);
    let out = &mut out[..(m - 1) * row + n];
    if threads.count() > 1 && m > share {
        let parts = out.chunks_mut(share * row).enumerate().map(|(i, out)| (i * share, out));
        threads.for_each(parts.collect(), part);
    } else {
        part((0, out));
    }
    PACKED.set(lines);
}

/// The right matrix in panels of one or two vectors' width.
#[derive(Clone, Copy)]
struct Panels<'a, T> {
    data: &'a [T],
    /// Position of the first element and distance between rows of a panel.
    offset: usize,
    row: usize,
    /// Distance between panels; `None` where they lie side by side.
    next: Option<usize>,
}

/// Brings the right matrix into panels; their width, or `None` where it can be read as it is.
struct Pack<'a, T> {
    n: usize,
    k: usize,
    rhs: Matrix<'a, T>,
    lines: &'a mut Vec<Line>,
}

impl<T: Float> Pack<'_, T> {
    #[inline(always)]
    fn run<S: Simd>(self) -> Option<usize>
    where
        T: Vectors<S>,
    {
        let Self { n, k, rhs, lines } = self;
        let width = if n <= T::LANES { T::LANES } else { 2 * T::LANES };
        if rhs.column == 1 && n % width == 0 && rhs.row >= 0 {
            return None;
        }
        let count = n.div_ceil(width) * k * width;
        let needed = (count * size_of::<T>()).div_ceil(LINE);
        if lines.len() < needed {
            lines.resize(needed, Line::ZERO);
        }
        pack(&mut bytemuck::cast_slice_mut(lines)[..count], width, (n, k), rhs);
        Some(width)
    }
}

/// Some rows of the product; made only in [`typed`], whose caller vouches for the sizes.
struct Part<'a, T> {
    size: (usize, usize, usize),
    out: &'a mut [T],
    row: usize,
    lhs: Matrix<'a, T>,
    panels: Panels<'a, T>,
    accumulate: bool,
}

impl<T: Float> Part<'_, T> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S)
    where
        T: Vectors<S>,
    {
        let Self { size, out, row, lhs, panels, accumulate } = self;
        // SAFETY: both matrices lie inside their buffers, as the caller vouches and `pack` made.
        unsafe {
            match size.1 <= T::LANES {
                true => rows_of::<S, T, 1>(simd, size, out, row, lhs, panels, accumulate),
                false => rows_of::<S, T, 2>(simd, size, out, row, lhs, panels, accumulate),
            }
        }
    }
}

/// Vectors of an element type.
trait Vectors<S: Simd>: Float {
    type Vector: Copy + bytemuck::Pod + Send + Sync;
    const LANES: usize;
    fn splat(simd: S, x: Self) -> Self::Vector;
    /// a b + c, rounded once where the machine can.
    fn multiply_add(simd: S, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    fn plus(simd: S, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn load(simd: S, from: &[Self]) -> Self::Vector;
    fn store(simd: S, to: &mut [Self], x: Self::Vector);
}

macro_rules! vectors {
    ($t:ty, $vector:ident, $lanes:ident, $splat:ident, $mul_add:ident, $add:ident, $load:ident, $store:ident) => {
        impl<S: Simd> Vectors<S> for $t {
            type Vector = S::$vector;
            const LANES: usize = S::$lanes;
            #[inline(always)]
            fn splat(simd: S, x: $t) -> S::$vector {
                simd.$splat(x)
            }
            #[inline(always)]
            fn multiply_add(simd: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
                simd.$mul_add(a, b, c)
            }
            #[inline(always)]
            fn plus(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$add(a, b)
            }
            #[inline(always)]
            fn load(simd: S, from: &[$t]) -> S::$vector {
                simd.$load(from)
            }
            #[inline(always)]
            fn store(simd: S, to: &mut [$t], x: S::$vector) {
                simd.$store(to, x);
            }
        }

        impl WithSimd for Pack<'_, $t> {
            type Output = Option<usize>;

            #[inline(always)]
            fn with_simd<S: Simd>(self, _: S) -> Option<usize> {
                self.run::<S>()
            }
        }

        impl WithSimd for Part<'_, $t> {
            type Output = ();

            #[inline(always)]
            fn with_simd<S: Simd>(self, simd: S) {
                self.run(simd);
            }
        }
    };
}

vectors!(f32, f32s, F32_LANES, splat_f32s, mul_add_e_f32s, add_f32s, partial_load_f32s, partial_store_f32s);
vectors!(f64, f64s, F64_LANES, splat_f64s, mul_add_e_f64s, add_f64s, partial_load_f64s, partial_store_f64s);

/// Copies the right matrix into panels of `width` columns, the last filled up with zeros.
#[inline(always)]
fn pack<T: Float>(out: &mut [T], width: usize, (n, k): (usize, usize), rhs: Matrix<T>) {
    for (panel, out) in out.chunks_exact_mut(k * width).enumerate() {
        let first = panel * width;
        let columns = width.min(n - first);
        let start = rhs.offset + first as isize * rhs.column;
        if rhs.column == 1 {
            for (p, out) in out.chunks_exact_mut(width).enumerate() {
                let from = (start + p as isize * rhs.row) as usize;
                out[..columns].copy_from_slice(&rhs.data[from..from + columns]);
                out[columns..].fill(T::zero());
            }
            continue;
        }
        let mut done = 0;
        if rhs.row == 1 {
            // Columns lie one after the other: squares are turned in registers.
            const SIDE: usize = 4;
            while done + SIDE <= columns {
                let mut from = [&rhs.data[..0]; SIDE];
                for (i, from) in from.iter_mut().enumerate() {
                    let at = (start + (done + i) as isize * rhs.column) as usize;
                    *from = &rhs.data[at..at + k];
                }
                let squares = from.map(|c| c.as_chunks::<SIDE>().0);
                let count = k / SIDE;
                for (s, rows) in out.chunks_exact_mut(SIDE * width).take(count).enumerate() {
                    let square: [[T; SIDE]; SIDE] =
                        [squares[0][s], squares[1][s], squares[2][s], squares[3][s]];
                    for (p, row) in rows.chunks_exact_mut(width).enumerate() {
                        row[done..done + SIDE].copy_from_slice(&square.map(|column| column[p]));
                    }
                }
                for p in count * SIDE..k {
                    out[p * width + done..][..SIDE].copy_from_slice(&from.map(|column| column[p]));
                }
                done += SIDE;
            }
        }
        for j in done..columns {
            let at = start + j as isize * rhs.column;
            for (p, row) in out.chunks_exact_mut(width).enumerate() {
                row[j] = rhs.data[(at + p as isize * rhs.row) as usize];
            }
        }
        if columns < width {
            out.chunks_exact_mut(width).for_each(|row| row[columns..].fill(T::zero()));
        }
    }
}

/// All panels' products with the rows of `lhs`.
///
/// # Safety
/// `lhs` lies inside its buffer and `rhs` covers k rows of each panel.
#[inline(always)]
unsafe fn rows_of<S: Simd, T: Vectors<S>, const V: usize>(
    simd: S,
    (m, n, k): (usize, usize, usize),
    out: &mut [T],
    row: usize,
    lhs: Matrix<T>,
    rhs: Panels<T>,
    accumulate: bool,
) {
    let width = V * T::LANES;
    for panel in 0..n.div_ceil(width) {
        let columns = width.min(n - panel * width);
        let mut done = 0;
        while done < m {
            let tile = Tile {
                k,
                // SAFETY: row `done` is one of the matrix, and the panel one of `rhs`.
                lhs: unsafe { lhs.data.as_ptr().offset(lhs.offset + done as isize * lhs.row) },
                steps: (lhs.row, lhs.column),
                // SAFETY: as above.
                rhs: unsafe { rhs.data.as_ptr().add(rhs.offset + panel * rhs.next.unwrap_or(width)) },
                row: rhs.row,
                columns,
                accumulate,
            };
            let out = &mut out[done * row + panel * width..];
            // SAFETY: as many rows are left as are computed.
            unsafe {
                match m - done {
                    8.. if V == 1 => done += tile.run::<S, T, 8, V>(simd, out, row),
                    6.. => done += tile.run::<S, T, 6, V>(simd, out, row),
                    5 => done += tile.run::<S, T, 5, V>(simd, out, row),
                    4 => done += tile.run::<S, T, 4, V>(simd, out, row),
                    3 => done += tile.run::<S, T, 3, V>(simd, out, row),
                    2 => done += tile.run::<S, T, 2, V>(simd, out, row),
                    _ => done += tile.run::<S, T, 1, V>(simd, out, row),
                }
            }
        }
    }
}

/// Some rows of the left matrix and a panel of the right one.
struct Tile<T> {
    k: usize,
    lhs: *const T,
    /// Distances between the left matrix's rows and columns.
    steps: (isize, isize),
    rhs: *const T,
    row: usize,
    columns: usize,
    accumulate: bool,
}

impl<T> Tile<T> {
    /// Multiplies `R` rows; returns `R`.
    ///
    /// # Safety
    /// The pointers reach `R` rows of k elements and k rows of `V` vectors.
    #[inline(always)]
    unsafe fn run<S: Simd, U, const R: usize, const V: usize>(
        self,
        simd: S,
        out: &mut [U],
        row: usize,
    ) -> usize
    where
        U: Vectors<S>,
    {
        let mut sums = [[U::splat(simd, U::zero()); V]; R];
        let (mut lhs, mut rhs) = (self.lhs.cast::<U>(), self.rhs.cast::<U>());
        for _ in 0..self.k {
            let mut right = [sums[0][0]; V];
            for (v, right) in right.iter_mut().enumerate() {
                // SAFETY: inside the panel's row, as the caller vouches.
                *right = unsafe { rhs.add(v * U::LANES).cast::<U::Vector>().read_unaligned() };
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                // SAFETY: inside the left matrix, as the caller vouches.
                let left = U::splat(simd, unsafe { *lhs.offset(r as isize * self.steps.0) });
                for v in 0..V {
                    sums[v] = U::multiply_add(simd, left, right[v], sums[v]);
                }
            }
            lhs = lhs.wrapping_offset(self.steps.1);
            rhs = rhs.wrapping_add(self.row);
        }
        for (r, sums) in sums.into_iter().enumerate() {
            let out = &mut out[r * row..][..self.columns];
            for (out, sum) in out.chunks_mut(U::LANES).zip(sums) {
                let sum = if self.accumulate { U::plus(simd, U::load(simd, out), sum) } else { sum };
                U::store(simd, out, sum);
            }
        }
        R
    }
}
