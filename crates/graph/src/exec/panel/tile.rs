//! The innermost loops: tiles of a product that stay in registers, and the moves that bring operands into panels.

use std::ptr::NonNull;

use super::vector::Vector;

/// A tile of a product: some lines of the left operand and one or two vectors of lines of the right one.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Tile {
    /// Terms of the sums.
    pub depth: usize,
    /// First number of the left operand.
    pub lhs: NonNull<()>,
    /// Distance between the left operand's lines, and between the terms of one.
    pub lhs_steps: (isize, isize),
    /// First number of the right operand, of which neighbours lie side by side.
    pub rhs: NonNull<()>,
    /// Distance between the terms of the right operand.
    pub rhs_step: isize,
    /// First number of the result.
    pub out: NonNull<()>,
    /// Distance between the result's rows.
    pub row: usize,
    /// Columns of the result that are written.
    pub columns: usize,
    /// Whether the result is added to what is there.
    pub accumulate: bool,
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

/// Computes `R` × `V` vectors of a product. With `PANEL` the left operand is a panel: its lines lie side by side,
/// and its terms at a distance of `R`.
///
/// # Safety
/// The machine has the vectors, both operands can be read and the result can be written.
#[inline(always)]
pub(super) unsafe fn tile<X: Vector, const R: usize, const V: usize, const PANEL: bool>(tile: &Tile) {
    // SAFETY: as the caller vouches.
    unsafe {
        let out = tile.out.cast::<X::Scalar>();
        each!(I < R { each!(J < V { X::expect(out.add(I.wrapping_mul(tile.row)).add(J * X::LANES)) }) });
        let mut sums = [[X::zero(); V]; R];
        let (lhs, rhs) = (tile.lhs.cast::<X::Scalar>(), tile.rhs.cast::<X::Scalar>());
        let (line, step) = if PANEL { (1, R as isize) } else { tile.lhs_steps };
        for p in 0..tile.depth as isize {
            let (lhs, rhs) = (lhs.offset(p.wrapping_mul(step)), rhs.offset(p.wrapping_mul(tile.rhs_step)));
            let mut right = [X::zero(); V];
            each!(J < V { right[J] = X::load(rhs.add(J * X::LANES)) });
            each!(I < R {
                let left = X::splat(lhs.offset((I as isize).wrapping_mul(line)));
                each!(J < V { sums[I][J] = left.multiply_add(right[J], sums[I][J]) });
            });
        }
        if tile.columns == V * X::LANES {
            each!(I < R { each!(J < V {
                let to = out.add(I.wrapping_mul(tile.row)).add(J * X::LANES);
                let sum = if tile.accumulate { sums[I][J].plus(X::load(to)) } else { sums[I][J] };
                sum.store(to);
            }) });
        } else {
            each!(I < R { each!(J < V {
                let to = out.add(I.wrapping_mul(tile.row)).add(J * X::LANES);
                let count = tile.columns.saturating_sub(J * X::LANES).min(X::LANES);
                let mut sum = sums[I][J];
                if tile.accumulate {
                    sum = sum.plus(X::load_first(to, count));
                }
                sum.store_first(to, count);
            }) });
        }
    }
}

/// Lines of numbers that are brought into panels of `width` of them, one panel after the other: number p of line i
/// goes to p · `width` + i.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Lines {
    /// First number of the first line.
    pub from: NonNull<()>,
    /// Distance between lines.
    pub line: isize,
    /// Distance between the numbers of a line.
    pub step: isize,
    /// Number of lines.
    pub count: usize,
    /// Numbers of a line.
    pub depth: usize,
    /// The first panel.
    pub to: NonNull<()>,
    /// Width of a panel.
    pub width: usize,
}

/// Fills panels, whichever way the lines run; surplus columns of the last become copies or zeros.
///
/// # Safety
/// The machine has the vectors, the lines can be read and the panels can be written.
#[inline(always)]
pub(super) unsafe fn pack<X: Vector>(lines: &Lines) {
    let &Lines { line, step, count, width, .. } = lines;
    // SAFETY: as the caller vouches.
    unsafe {
        let (from, to) = (lines.from.cast::<X::Scalar>(), lines.to.cast::<X::Scalar>());
        let whole = if line == 1 && width == 2 * X::LANES { count / width } else { 0 };
        copy::<X>(lines, whole);
        for first in (whole * width..count).step_by(width) {
            let end = (first + width).min(count);
            for start in (first..first + width).step_by(X::LANES) {
                let room = (first + width - start).min(X::LANES);
                let from = from.offset((start.min(end - 1) as isize).wrapping_mul(line));
                let to = to.add(first.wrapping_mul(lines.depth) + start - first);
                let some = end.saturating_sub(start).clamp(1, room);
                if line == 1 {
                    for p in 0..lines.depth {
                        let x = X::load_first(from.offset((p as isize).wrapping_mul(step)), some);
                        x.store_first(to.add(p.wrapping_mul(width)), room);
                    }
                } else if step == 1 {
                    turn::<X>(lines, from, to, some, room);
                } else {
                    pick(lines, 0, from, to, some, room);
                }
            }
        }
    }
}

/// Fills `panels` panels of two vectors from lines that lie side by side: across the panels, for a row of all of
/// them shares cache lines and pages.
///
/// # Safety
/// As [`pack`].
#[inline(always)]
unsafe fn copy<X: Vector>(lines: &Lines, panels: usize) {
    // SAFETY: as the caller vouches.
    unsafe {
        let (from, to) = (lines.from.cast::<X::Scalar>(), lines.to.cast::<X::Scalar>());
        let panel = lines.depth.wrapping_mul(lines.width);
        for p in 0..lines.depth {
            let from = from.offset((p as isize).wrapping_mul(lines.step));
            let to = to.add(p.wrapping_mul(lines.width));
            for i in 0..panels {
                let (from, to) = (from.add(i * 2 * X::LANES), to.add(i.wrapping_mul(panel)));
                X::load(from).store(to);
                X::load(from.add(X::LANES)).store(to.add(X::LANES));
            }
        }
    }
}

/// Fills `room` columns of a panel from `count` lines, at most a vector's, of neighbouring numbers.
///
/// # Safety
/// As [`pack`], and there is a line.
#[inline(always)]
unsafe fn turn<X: Vector>(
    lines: &Lines,
    from: NonNull<X::Scalar>,
    to: NonNull<X::Scalar>,
    count: usize,
    room: usize,
) {
    // SAFETY: as the caller vouches.
    unsafe {
        let whole = lines.depth - lines.depth % X::TURNED;
        let mut at = [0; 16];
        (0..16).for_each(|l| at[l] = (l.min(count - 1) as isize).wrapping_mul(lines.line));
        for p in (0..whole).step_by(X::TURNED) {
            let (from, to) = (from.add(p), to.add(p.wrapping_mul(lines.width)));
            let turned = X::turn(from, at);
            for (i, &turned) in turned[..X::TURNED].iter().enumerate() {
                let to = to.add(i.wrapping_mul(lines.width));
                match room == X::LANES {
                    true => turned.store(to),
                    false => turned.store_first(to, room),
                }
            }
        }
        pick(lines, whole, from, to, count, room);
    }
}

/// Fills `room` columns of a panel from `count` lines, one number at a time, from number `start` of each on.
///
/// # Safety
/// As [`pack`], and there is a line.
#[inline(always)]
unsafe fn pick<T: Copy>(
    lines: &Lines,
    start: usize,
    from: NonNull<T>,
    to: NonNull<T>,
    count: usize,
    room: usize,
) {
    for p in start..lines.depth {
        for i in 0..room {
            let line = (i.min(count - 1) as isize).wrapping_mul(lines.line);
            // SAFETY: as the caller vouches.
            unsafe {
                let from = from.offset(line).offset((p as isize).wrapping_mul(lines.step));
                *to.add(p.wrapping_mul(lines.width) + i).as_mut() = *from.as_ref();
            }
        }
    }
}
