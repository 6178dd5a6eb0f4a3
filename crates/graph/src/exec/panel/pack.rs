//! Moves that bring operands into panels, and arrays into buffers.

use std::ptr::NonNull;

use super::machine::Machine;
use super::vector::Vector;
use crate::Float;

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

/// Brings `count` lines at distances of `line`, of `depth` numbers at distances of `step`, which begin at `start` of
/// `from`, into panels of `width` of them: number p of line i goes to p · `width` + i of its panel. Surplus columns of
/// the last panel become copies or zeros.
///
/// # Panics
/// If the lines leave their slice, or the panels theirs.
pub(in crate::exec) fn pack_lines<T: Float>(
    machine: &Machine,
    (from, start): (&[T], isize),
    ((count, line), (depth, step)): ((usize, isize), (usize, isize)),
    to: &mut [T],
    width: usize,
) {
    if count == 0 || depth == 0 {
        return;
    }
    let from = corner(from, start, &[(count, line), (depth, step)]);
    let needed = count.next_multiple_of(width) * depth;
    assert!(to.len() >= needed, "{needed} numbers in panels of {}", to.len());
    let lines = Lines { from: from.cast(), line, step, count, depth, to: NonNull::from(to).cast(), width };
    // SAFETY: the lines lie in the slice and the panels have room for them, as was just checked.
    unsafe { machine.pack(&lines) };
}

/// Where a box of numbers begins in a slice, of which it must not be empty.
///
/// # Panics
/// If it leaves the slice.
fn corner<T>(data: &[T], start: isize, axes: &[(usize, isize)]) -> NonNull<T> {
    let ends = axes.iter().map(|&(size, step)| (size as isize - 1) * step);
    let low = start + ends.clone().map(|e| e.min(0)).sum::<isize>();
    let high = start + ends.map(|e| e.max(0)).sum::<isize>();
    assert!(low >= 0 && (high as usize) < data.len(), "numbers outside of their array");
    // SAFETY: inside the slice, as was just checked.
    unsafe { NonNull::from(data).cast::<T>().offset(start) }
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

/// Rows of a block of numbers that are copied elsewhere.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Block {
    /// First number.
    pub from: NonNull<()>,
    /// Sizes: planes, rows, numbers of a row.
    pub sizes: [usize; 3],
    /// Distances between planes, rows and numbers.
    pub steps: [isize; 3],
    /// Where the first number goes.
    pub to: NonNull<()>,
    /// Distances between planes and rows there; the numbers of a row become neighbours.
    pub gaps: [usize; 2],
}

/// Copies a block of numbers: as many planes, rows and numbers of a row as `sizes` says, which begin at `start` of
/// `from` and are `steps` apart, to the beginning of `to`, where planes and rows are `gaps` apart.
///
/// # Panics
/// If the block, or its copy, leaves its slice.
pub(in crate::exec) fn copy_block<T: Float>(
    machine: &Machine,
    (from, start): (&[T], isize),
    (sizes, steps): ([usize; 3], [isize; 3]),
    to: &mut [T],
    gaps: [usize; 2],
) {
    if sizes.contains(&0) {
        return;
    }
    let from = corner(from, start, &[0, 1, 2].map(|i| (sizes[i], steps[i]))).cast();
    let last = (sizes[0] - 1) * gaps[0] + (sizes[1] - 1) * gaps[1] + sizes[2];
    assert!(last <= to.len(), "a block leaves its buffer");
    let block = Block { from, sizes, steps, to: NonNull::from(to).cast(), gaps };
    // SAFETY: the corners lie in the slices, as was just checked, and the slices do not overlap.
    unsafe { machine.transfer(&block) };
}

/// Copies a block.
///
/// # Safety
/// The machine has the vectors, the block can be read and its copy can be written.
#[inline(always)]
pub(super) unsafe fn transfer<X: Vector>(block: &Block) {
    let &Block { sizes: [planes, rows, count], steps, gaps, .. } = block;
    // SAFETY: as the caller vouches.
    unsafe {
        let (from, to) = (block.from.cast::<X::Scalar>(), block.to.cast::<X::Scalar>());
        for plane in 0..planes {
            let from = from.offset((plane as isize).wrapping_mul(steps[0]));
            let to = to.add(plane.wrapping_mul(gaps[0]));
            for row in 0..rows {
                let from = from.offset((row as isize).wrapping_mul(steps[1]));
                let to = to.add(row.wrapping_mul(gaps[1]));
                if steps[2] != 1 {
                    for i in 0..count {
                        *to.add(i).as_mut() = *from.offset((i as isize).wrapping_mul(steps[2])).as_ref();
                    }
                    continue;
                }
                let mut done = 0;
                while done + X::LANES <= count {
                    X::load(from.add(done)).store(to.add(done));
                    done += X::LANES;
                }
                if done < count {
                    X::load_first(from.add(done), count - done).store_first(to.add(done), count - done);
                }
            }
        }
    }
}
