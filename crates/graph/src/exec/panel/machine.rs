//! The machines that the innermost loops are compiled for, chosen when the program runs.

use super::tile::{Lines, Tile, pack, tile};
use super::vector::Portable;
use crate::DType;

/// Computes a tile.
type TileOf = unsafe fn(&Tile);

/// Loops for one machine and one element type.
pub(in crate::exec) struct Machine {
    /// Numbers of a vector.
    pub lanes: usize,
    /// Most lines of the left operand in a tile.
    pub rows: usize,
    /// Tiles of a panel, by vectors and lines less one.
    panels: [&'static [TileOf]; 2],
    /// Tiles of a left operand that lies anyhow.
    scattered: [&'static [TileOf]; 2],
    pack: unsafe fn(&Lines),
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

    /// Computes a tile of `rows` × `vectors`.
    ///
    /// # Safety
    /// Both operands can be read and the result can be written.
    pub unsafe fn tile(&self, rows: usize, vectors: usize, panel: bool, tile: &Tile) {
        let tiles = if panel { &self.panels } else { &self.scattered };
        // SAFETY: as the caller vouches; only machines that have the vectors are handed out.
        unsafe { tiles[vectors - 1][rows - 1](tile) };
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
    ($(#[$features:meta])? $name:ident: $vector:ty, $lanes:literal, $($rows:literal)*) => {
        pub mod $name {
            use super::*;

            pub static MACHINE: Machine = Machine {
                lanes: $lanes,
                rows: [$($rows),*].len(),
                panels: [&[$(tile_of::<$rows, 1, true>),*], &[$(tile_of::<$rows, 2, true>),*]],
                scattered: [&[$(tile_of::<$rows, 1, false>),*], &[$(tile_of::<$rows, 2, false>),*]],
                pack: pack_of,
            };

            /// # Safety
            /// As [`tile`].
            $(#[$features])?
            unsafe fn tile_of<const R: usize, const V: usize, const PANEL: bool>(of: &Tile) {
                // SAFETY: as the caller vouches.
                unsafe { tile::<$vector, R, V, PANEL>(of) };
            }

            /// # Safety
            /// As [`pack`].
            $(#[$features])?
            unsafe fn pack_of(lines: &Lines) {
                // SAFETY: as the caller vouches.
                unsafe { pack::<$vector>(lines) };
            }
        }
    };
}

machine!(portable_f32: Portable<f32, 4>, 4, 1 2 3 4);
machine!(portable_f64: Portable<f64, 2>, 2, 1 2 3 4);

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::*;

    machine!(#[target_feature(enable = "avx512f")] avx512_f32: __m512, 16, 1 2 3 4 5 6 7 8 9 10 11 12 13 14);
    machine!(#[target_feature(enable = "avx512f")] avx512_f64: __m512d, 8, 1 2 3 4 5 6 7 8 9 10 11 12 13 14);
    machine!(#[target_feature(enable = "avx2,fma")] avx2_f32: __m256, 8, 1 2 3 4 5 6);
    machine!(#[target_feature(enable = "avx2,fma")] avx2_f64: __m256d, 4, 1 2 3 4 5 6);
}

macro_rules! machines {
    ($name:ident, $avx512:ident, $avx2:ident, $portable:ident) => {
        impl Machine {
            /// Those that run on the machine at hand, best first.
            pub fn $name() -> impl Iterator<Item = &'static Self> {
                #[cfg(target_arch = "x86_64")]
                let special = [
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

machines!(all_f32, avx512_f32, avx2_f32, portable_f32);
machines!(all_f64, avx512_f64, avx2_f64, portable_f64);
