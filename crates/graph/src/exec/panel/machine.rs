//! The machines that the innermost loops are compiled for, chosen when the program runs.

use super::dots::{Dots, dots};
use super::pack::{Block, Lines, pack, transfer};
use super::tile::{Tile, tile};
use super::vector::Portable;
use crate::DType;

/// Computes a tile.
type TileOf = unsafe fn(&Tile);

/// Loops for one machine and one element type.
pub(in crate::exec) struct Machine {
    /// Whether products may be left to the matrix unit.
    #[cfg_attr(
        not(all(target_arch = "x86_64", target_os = "linux")),
        allow(dead_code, reason = "the unit is reached under Linux alone")
    )]
    pub matrix: bool,
    /// Numbers of a vector.
    pub lanes: usize,
    /// Most lines of the left operand in a tile.
    pub rows: usize,
    /// Most rows and columns of [`Dots`].
    pub dots: (usize, usize),
    /// Tiles by mode, vectors and lines, less one.
    tiles: [[&'static [TileOf]; 2]; 3],
    /// Sums by rows and columns, less one.
    sums: &'static [&'static [unsafe fn(&Dots)]],
    pack: unsafe fn(&Lines),
    transfer: unsafe fn(&Block),
}

impl Machine {
    /// The best loops for the machine at hand.
    pub fn detect(dtype: DType) -> &'static Self {
        let best = match dtype {
            DType::F32 => Self::all_f32().next(),
            _ => Self::all_f64().next(),
        };
        best.expect("the portable one is always there")
    }

    /// Computes a tile of `rows` × `vectors`, found in one of the ways of [`mode`](super::tile::mode).
    ///
    /// # Safety
    /// Both operands can be read and the result can be written.
    pub unsafe fn tile(&self, rows: usize, vectors: usize, mode: usize, tile: &Tile) {
        // SAFETY: as the caller vouches; only machines that have the vectors are handed out.
        unsafe { self.tiles[mode][vectors - 1][rows - 1](tile) };
    }

    /// Computes `rows` × `columns` sums.
    ///
    /// # Safety
    /// Rows and columns can be read and the sums can be written.
    pub unsafe fn sums(&self, rows: usize, columns: usize, dots: &Dots) {
        // SAFETY: as the caller vouches; only machines that have the vectors are handed out.
        unsafe { self.sums[rows - 1][columns - 1](dots) };
    }

    /// Copies a block.
    ///
    /// # Safety
    /// The block can be read and its copy can be written.
    pub unsafe fn transfer(&self, block: &Block) {
        // SAFETY: as the caller vouches; only machines that have the vectors are handed out.
        unsafe { (self.transfer)(block) };
    }

    /// Fills a panel.
    ///
    /// # Safety
    /// The lines can be read and the panel can be written.
    pub unsafe fn pack(&self, lines: &Lines) {
        // SAFETY: as the caller vouches; only machines that have the vectors are handed out.
        unsafe { (self.pack)(lines) };
    }
}

/// Functions compiled with the given target features, and the machine made of them.
macro_rules! machine {
    ($(#[$features:meta])? $name:ident: $vector:ty, $lanes:literal, [$($rows:literal)*], $dots:tt $columns:tt) => {
        pub mod $name {
            use super::*;

            pub static MACHINE: Machine = Machine {
                matrix: false,
                lanes: $lanes,
                rows: [$($rows),*].len(),
                dots: (SUMS.len(), SUMS[0].len()),
                tiles: [machine!(@tiles 0 $($rows)*), machine!(@tiles 1 $($rows)*), machine!(@tiles 2 $($rows)*)],
                sums: SUMS,
                pack: pack_of,
                transfer: transfer_of,
            };

            const SUMS: &[&[unsafe fn(&Dots)]] = machine!(@sums $dots $columns);

            /// # Safety
            /// As [`tile`].
            $(#[$features])?
            unsafe fn tile_of<const R: usize, const V: usize, const MODE: usize>(of: &Tile) {
                // SAFETY: as the caller vouches.
                unsafe { tile::<$vector, R, V, MODE>(of) };
            }

            /// # Safety
            /// As [`dots`].
            $(#[$features])?
            unsafe fn dots_of<const R: usize, const V: usize>(of: &Dots) {
                // SAFETY: as the caller vouches.
                unsafe { dots::<$vector, R, V>(of) };
            }

            /// # Safety
            /// As [`pack`].
            $(#[$features])?
            unsafe fn pack_of(lines: &Lines) {
                // SAFETY: as the caller vouches.
                unsafe { pack::<$vector>(lines) };
            }

            /// # Safety
            /// As [`transfer`].
            $(#[$features])?
            unsafe fn transfer_of(block: &Block) {
                // SAFETY: as the caller vouches.
                unsafe { transfer::<$vector>(block) };
            }
        }
    };
    (@tiles $mode:literal $($rows:literal)*) => {
        [&[$(tile_of::<$rows, 1, $mode>),*], &[$(tile_of::<$rows, 2, $mode>),*]]
    };
    (@sums [$($rows:literal)*] $columns:tt) => {
        &[$(machine!(@row $rows $columns)),*]
    };
    (@row $rows:literal [$($columns:literal)*]) => {
        &[$(dots_of::<$rows, $columns>),*]
    };
}

machine!(portable_f32: Portable<f32, 4>, 4, [1 2 3 4], [1 2] [1 2]);
machine!(portable_f64: Portable<f64, 2>, 2, [1 2 3 4], [1 2] [1 2]);

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::*;

    machine!(
        #[target_feature(enable = "avx512f")]
        avx512_f32: __m512, 16, [1 2 3 4 5 6 7 8 9 10 11 12 13 14], [1 2 3 4] [1 2 3 4 5 6]
    );
    /// With a matrix unit beside the vectors.
    #[cfg(target_os = "linux")]
    pub static MATRIX_F32: Machine = Machine { matrix: true, ..avx512_f32::MACHINE };

    machine!(
        #[target_feature(enable = "avx512f")]
        avx512_f64: __m512d, 8, [1 2 3 4 5 6 7 8 9 10 11 12 13 14], [1 2 3 4] [1 2 3 4 5 6]
    );
    machine!(#[target_feature(enable = "avx2,fma")] avx2_f32: __m256, 8, [1 2 3 4 5 6], [1 2] [1 2 3 4]);
    machine!(#[target_feature(enable = "avx2,fma")] avx2_f64: __m256d, 4, [1 2 3 4 5 6], [1 2] [1 2 3 4]);
}

/// The machine with a matrix unit, if this is one.
#[cfg(target_arch = "x86_64")]
fn matrix_f32() -> Option<&'static Machine> {
    #[cfg(target_os = "linux")]
    if super::matrix::is_present() {
        return Some(&x86::MATRIX_F32);
    }
    None
}

macro_rules! machines {
    ($name:ident, $matrix:expr, $avx512:ident, $avx2:ident, $portable:ident) => {
        impl Machine {
            /// Those that run on the machine at hand, best first.
            pub fn $name() -> impl Iterator<Item = &'static Self> {
                #[cfg(target_arch = "x86_64")]
                let special = [
                    $matrix,
                    is_x86_feature_detected!("avx512f").then_some(&x86::$avx512::MACHINE),
                    (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"))
                        .then_some(&x86::$avx2::MACHINE),
                ];
                #[cfg(not(target_arch = "x86_64"))]
                let special: [Option<&'static Self>; 0] = [];
                special.into_iter().flatten().chain([&$portable::MACHINE])
            }
        }
    };
}

machines!(all_f32, matrix_f32(), avx512_f32, avx2_f32, portable_f32);
machines!(all_f64, None, avx512_f64, avx2_f64, portable_f64);
