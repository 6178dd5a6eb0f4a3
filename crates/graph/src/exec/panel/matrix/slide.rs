//! Tiles of filters, slid over images.

use std::arch::asm;
use std::ptr::NonNull;

use super::block::STEP;
use super::unit::Tiles;

/// Filters, tile by tile, and where an image has what each of their steps meets.
#[derive(Clone, Copy)]
pub(super) struct Slide {
    /// The first steps of one or two tiles of filters.
    pub left: [NonNull<u8>; 2],
    /// How many bytes each step lies behind the first position.
    pub terms: NonNull<u32>,
    pub steps: usize,
    /// The first position's pair of numbers of the first plane.
    pub right: NonNull<u8>,
    /// Bytes between planes of pairs, and between the parts of the numbers.
    pub line: usize,
    pub part: usize,
    /// First sum, and the distance between the sums of two filters.
    pub out: NonNull<f32>,
    pub row: usize,
}

/// A kernel: the sums' tiles, what each step does, and what is stored.
macro_rules! slide {
    ($name:ident, [$($zero:literal)*], [$($step:expr),* $(,)?], [$($store:expr),* $(,)?]) => {
        /// # Safety
        /// Filters and image can be read, and the sums can be written by nobody else.
        unsafe fn $name(of: &Slide) {
            // SAFETY: as the caller vouches; the unit is configured, for there is a `Tiles`.
            unsafe {
                asm!(
                    // Not every kernel has filters below.
                    "# {below}",
                    $(concat!("tilezero tmm", $zero),)*
                    "2:",
                    "mov {at:e}, dword ptr [{terms}]",
                    "add {at}, {right}",
                    $($step,)*
                    "add {left}, {step}",
                    "add {below}, {step}",
                    "add {terms}, 4",
                    "dec {steps}",
                    "jnz 2b",
                    $($store,)*
                    left = inout(reg) of.left[0].as_ptr() => _,
                    below = inout(reg) of.left[1].as_ptr() => _,
                    terms = inout(reg) of.terms.as_ptr() => _,
                    steps = inout(reg) of.steps => _,
                    right = in(reg) of.right.as_ptr(),
                    line = in(reg) of.line,
                    part = in(reg) of.part,
                    out = inout(reg) of.out.as_ptr() => _,
                    row = inout(reg) 4 * of.row => _,
                    width = in(reg) 64usize,
                    at = out(reg) _,
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
}

/// Two tiles of filters from byte `$part` of a step on, two of positions, and their products.
macro_rules! two {
    (left $part:literal) => {
        concat!("tileloadd tmm4, [{left} + {width}*1 + ", $part, "]\ntileloadd tmm5, [{below} + {width}*1 + ", $part, "]")
    };
    (right) => {
        "tileloadd tmm6, [{at} + {line}*1]\ntileloadd tmm7, [{at} + {line}*1 + 64]"
    };
    (products) => {
        "tdpbf16ps tmm0, tmm4, tmm6\ntdpbf16ps tmm1, tmm4, tmm7\ntdpbf16ps tmm2, tmm5, tmm6\ntdpbf16ps tmm3, tmm5, tmm7"
    };
}

/// A tile of filters in tile `$a`, three of positions, and their products.
macro_rules! three {
    (left $a:literal $part:literal) => {
        concat!("tileloadd tmm", $a, ", [{left} + {width}*1 + ", $part, "]")
    };
    (right) => {
        "tileloadd tmm5, [{at} + {line}*1]\ntileloadd tmm6, [{at} + {line}*1 + 64]\ntileloadd tmm7, [{at} + {line}*1 + 128]"
    };
    (products $a:literal) => {
        concat!("tdpbf16ps tmm0, tmm", $a, ", tmm5\ntdpbf16ps tmm1, tmm", $a, ", tmm6\ntdpbf16ps tmm2, tmm", $a, ", tmm7")
    };
}

// Tiles of an image seldom begin at a cache line: each is loaded once.
slide!(
    two_by_two,
    [0 1 2 3],
    [
        two!(right),
        two!(left 0),
        two!(products),
        two!(left 2048),
        two!(products),
        two!(left 1024),
        two!(products),
        "add {at}, {part}",
        two!(right),
        two!(products),
        two!(left 0),
        two!(products),
        "add {at}, {part}",
        two!(right),
        two!(products),
    ],
    [
        "tilestored [{out} + {row}*1], tmm0",
        "tilestored [{out} + {row}*1 + 64], tmm1",
        "mov {at}, {row}",
        "shl {at}, 4",
        "add {out}, {at}",
        "tilestored [{out} + {row}*1], tmm2",
        "tilestored [{out} + {row}*1 + 64], tmm3",
    ]
);

slide!(
    one_by_three,
    [0 1 2],
    [
        three!(right),
        three!(left 3 2048),
        three!(products 3),
        three!(left 4 1024),
        three!(products 4),
        three!(left 3 0),
        three!(products 3),
        "add {at}, {part}",
        three!(right),
        three!(products 4),
        three!(products 3),
        "add {at}, {part}",
        three!(right),
        three!(products 3),
    ],
    [
        "tilestored [{out} + {row}*1], tmm0",
        "tilestored [{out} + {row}*1 + 64], tmm1",
        "tilestored [{out} + {row}*1 + 128], tmm2",
    ]
);

/// Computes the sums of two tiles of filters with two of positions, or of one with three.
///
/// # Safety
/// Filters and image can be read, and the sums of whole tiles can be written by nobody else.
pub(super) unsafe fn slide(_: &Tiles, filters: usize, of: &Slide) {
    debug_assert!(of.steps > 0);
    // SAFETY: as the caller vouches.
    unsafe {
        match filters {
            2 => two_by_two(of),
            _ => one_by_three(of),
        }
    }
}
