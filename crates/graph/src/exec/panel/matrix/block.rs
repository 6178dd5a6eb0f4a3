//! Blocks of at most two by two tiles of a result.

use std::arch::asm;
use std::ptr::NonNull;

use super::TILE;
use super::unit::Tiles;

/// Bytes of a step of a tile of lines: three parts.
pub(in crate::exec) const STEP: usize = 3 * TILE;

/// What a block is computed from.
#[derive(Clone, Copy)]
pub(super) struct Block {
    /// The first steps of one or two tiles of rows, and of columns.
    pub left: [NonNull<u8>; 2],
    pub right: [NonNull<u8>; 2],
    /// Number of steps.
    pub steps: usize,
    /// First number of the result, and the distance between its rows.
    pub out: NonNull<f32>,
    pub row: usize,
    /// Whether the sums are added to what is there.
    pub accumulate: bool,
}

/// Multiplies `$rows` tiles of rows with `$columns` of columns.
///
/// Each step adds a₃b₁, a₂b₁, a₂b₂, a₁b₂, a₁b₃ and a₁b₁, in this order: all products of parts that are not below
/// 2⁻²⁴ of the whole (Henry, Tang and Heinecke 2019, section III), with every part loaded once but b₁.
macro_rules! multiply {
    ($name:ident, ($($sum:literal = $a:literal $i:literal, $b:literal $j:literal;)*), ($($l:literal $lt:literal)*), ($($r:literal $rt:literal)*)) => {
        /// # Safety
        /// The operands can be read, and the result can be written by nobody else.
        unsafe fn $name(block: &Block) {
            let [left, below] = block.left;
            let [right, beside] = block.right;
            // SAFETY: as the caller vouches; the unit is configured, for there is a `Tiles`.
            unsafe {
                asm!(
                    // Not every block has rows below.
                    "# {out1}",
                    "test {accumulate:e}, {accumulate:e}",
                    "jz 3f",
                    $(concat!("tileloadd tmm", $sum, ", [{out", $i, "} + {row}*1 + 64*", $j, "]"),)*
                    "jmp 2f",
                    "3:",
                    $(concat!("tilezero tmm", $sum),)*
                    "2:",
                    multiply!(@load $($r "right" $rt)*; 0),
                    multiply!(@load $($l "left" $lt)*; 2048),
                    $(concat!("tdpbf16ps tmm", $sum, ", tmm", $a, ", tmm", $b),)*
                    multiply!(@load $($l "left" $lt)*; 1024),
                    $(concat!("tdpbf16ps tmm", $sum, ", tmm", $a, ", tmm", $b),)*
                    multiply!(@load $($r "right" $rt)*; 1024),
                    $(concat!("tdpbf16ps tmm", $sum, ", tmm", $a, ", tmm", $b),)*
                    multiply!(@load $($l "left" $lt)*; 0),
                    $(concat!("tdpbf16ps tmm", $sum, ", tmm", $a, ", tmm", $b),)*
                    multiply!(@load $($r "right" $rt)*; 2048),
                    $(concat!("tdpbf16ps tmm", $sum, ", tmm", $a, ", tmm", $b),)*
                    multiply!(@load $($r "right" $rt)*; 0),
                    $(concat!("tdpbf16ps tmm", $sum, ", tmm", $a, ", tmm", $b),)*
                    "add {left0}, {step}",
                    "add {left1}, {step}",
                    "add {right0}, {step}",
                    "add {right1}, {step}",
                    "dec {steps}",
                    "jnz 2b",
                    $(concat!("tilestored [{out", $i, "} + {row}*1 + 64*", $j, "], tmm", $sum),)*
                    accumulate = in(reg) u32::from(block.accumulate),
                    left0 = inout(reg) left.as_ptr() => _,
                    left1 = inout(reg) below.as_ptr() => _,
                    right0 = inout(reg) right.as_ptr() => _,
                    right1 = inout(reg) beside.as_ptr() => _,
                    steps = inout(reg) block.steps => _,
                    out0 = in(reg) block.out.as_ptr(),
                    out1 = in(reg) block.out.as_ptr().wrapping_add(16 * block.row),
                    row = in(reg) 4 * block.row,
                    line = in(reg) 64usize,
                    step = const STEP,
                    out("tmm0") _,
                    out("tmm1") _,
                    out("tmm2") _,
                    out("tmm3") _,
                    out("tmm4") _,
                    out("tmm5") _,
                    out("tmm6") _,
                    out("tmm7") _,
                    options(nostack),
                );
            }
        }
    };
    (@load $($tile:literal $side:literal $at:literal)*; $offset:literal) => {
        concat!($("tileloadd tmm", $tile, ", [{", $side, $at, "} + {line}*1 + ", $offset, "]\n"),*)
    };
}

multiply!(two_by_two, (0 = 4 0, 6 0; 1 = 4 0, 7 1; 2 = 5 1, 6 0; 3 = 5 1, 7 1;), (4 0  5 1), (6 0  7 1));
multiply!(two_by_one, (0 = 4 0, 6 0; 2 = 5 1, 6 0;), (4 0  5 1), (6 0));
multiply!(one_by_two, (0 = 4 0, 6 0; 1 = 4 0, 7 1;), (4 0), (6 0  7 1));
multiply!(one_by_one, (0 = 4 0, 6 0;), (4 0), (6 0));

/// Computes a block of `rows` × `columns` tiles, one or two of each.
///
/// # Safety
/// Its operands can be read and its result, of whole tiles, can be written by nobody else.
pub(super) unsafe fn multiply(_: &Tiles, (rows, columns): (usize, usize), block: &Block) {
    debug_assert!(block.steps > 0);
    // SAFETY: as the caller vouches.
    unsafe {
        match (rows, columns) {
            (2, 2) => two_by_two(block),
            (2, _) => two_by_one(block),
            (_, 2) => one_by_two(block),
            _ => one_by_one(block),
        }
    }
}
