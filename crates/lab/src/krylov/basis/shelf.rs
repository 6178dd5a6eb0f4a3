//! Rows on a shelf: a place outside memory that somebody else looks after.

use std::cell::Cell;

use super::{Panel, TILE, combinations, round};
use crate::{Scalar, Stop};

/// Bytes that are read at a time; more only where [`TILE`] columns of all rows need more.
const BUFFER: usize = 32 << 20;

/// A place for bytes outside memory, such as a file.
pub trait Shelf {
    /// Puts the bytes at this distance from the beginning.
    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), ShelfError>;
    /// Fetches bytes that were put there.
    fn read(&self, at: u64, bytes: &mut [u8]) -> Result<(), ShelfError>;
}

/// Where shelves come from. The lab opens no files: whoever runs it brings these along.
pub trait Shelves {
    /// An empty shelf, whose place is given back when it is dropped.
    fn open(&self) -> Result<Box<dyn Shelf>, ShelfError>;
}

/// Why a shelf failed, with its place: `/scratch: no space left on device`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ShelfError(pub String);

impl From<ShelfError> for Stop {
    fn from(error: ShelfError) -> Self {
        Stop::Storage { cause: error.0 }
    }
}

/// Rows of T on a shelf, one after the other.
pub struct OnShelf<T> {
    shelf: Box<dyn Shelf>,
    /// Some columns of all rows; kept from call to call.
    buffer: Cell<Vec<T>>,
}

impl<T: Scalar> OnShelf<T> {
    pub fn new(shelves: &dyn Shelves) -> Result<Self, Stop> {
        Ok(Self { shelf: shelves.open()?, buffer: Cell::default() })
    }

    pub fn write(&mut self, at: usize, values: &[T]) -> Result<(), Stop> {
        Ok(self.shelf.write(place::<T>(at), bytemuck::cast_slice(values))?)
    }

    pub fn read(&self, at: usize, out: &mut [T]) -> Result<(), Stop> {
        Ok(self.shelf.read(place::<T>(at), bytemuck::cast_slice_mut(out))?)
    }

    pub fn panels(
        &self,
        rows: usize,
        n: usize,
        mut work: impl FnMut(usize, Panel<'_, T>),
    ) -> Result<(), Stop> {
        let most = width::<T>(rows);
        let mut buffer = self.buffer.take();
        for from in (0..n).step_by(most) {
            let width = most.min(n - from);
            buffer.resize(rows * width, T::zero());
            for (i, row) in buffer.chunks_exact_mut(width).enumerate() {
                self.read(i * n + from, row)?;
            }
            work(from, Panel::whole(&buffer, width));
        }
        self.buffer.set(buffer);
        Ok(())
    }

    pub fn combine_in_place(&mut self, s: &[f64], rows: usize, n: usize) -> Result<(), Stop> {
        let count = s.len() / rows.max(1);
        let most = width::<T>(rows);
        let mut buffer = self.buffer.take();
        let mut out: Vec<T> = Vec::new();
        for from in (0..n).step_by(most) {
            let width = most.min(n - from);
            buffer.resize(rows * width, T::zero());
            for (i, row) in buffer.chunks_exact_mut(width).enumerate() {
                self.read(i * n + from, row)?;
            }
            out.resize(count * width, T::zero());
            combinations(s, Panel::whole(&buffer, width), |row, at, sums| {
                round(sums, &mut out[row * width + at..]);
            });
            for (row, values) in out.chunks_exact(width).enumerate() {
                self.write(row * n + from, values)?;
            }
        }
        self.buffer.set(buffer);
        Ok(())
    }
}

/// Columns that go through the buffer together: a matter of the rows, never of the machine.
fn width<T>(rows: usize) -> usize {
    let tiles = BUFFER / (rows.max(1) * TILE * size_of::<T>());
    tiles.max(1) * TILE
}

fn place<T>(index: usize) -> u64 {
    (index * size_of::<T>()) as u64
}
