//! Grids that are fine only where straight pieces would misrepresent the function.

mod line;

use serde::{Deserialize, Serialize};

use super::evaluate::values_along;
use super::grid::{Axis, GridError};
use super::plane::{Plane, PlaneSpec};
use crate::{Oracle, Scalar, Stop};

pub use line::refined_slice;

/// How far a grid is refined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefineOptions {
    /// The error of interpolation that is allowed, in units of f.
    pub tolerance: f64,
    /// How often a cell of the first grid is halved at most.
    pub levels: u32,
}

/// The finished part of a refinement: written with serde and read back, it goes on to the same bits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RefineProgress {
    /// Values in the order in which they were asked for.
    #[serde(with = "crate::exact")]
    pub values: Vec<f64>,
}

/// A square of the refined grid between four evaluated corners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// Column of its lower left corner in the finest grid.
    pub column: usize,
    /// Row of its lower left corner.
    pub row: usize,
    /// Cells of the finest grid along its side.
    pub size: usize,
}

/// What was evaluated of a plane on the finest grid, and how far the rest may be trusted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Refinement {
    /// The error that was allowed.
    pub tolerance: f64,
    /// The largest error that interpolation made at a point that was then evaluated, among the cells that
    /// were not halved further for being within the tolerance.
    pub error: f64,
    /// Squares of the finest size whose parents were beyond the tolerance.
    pub unresolved: usize,
    /// The largest error of interpolation over these parents.
    pub unresolved_error: f64,
    /// Values taken.
    pub evaluated: usize,
    /// Whether the value of each cell of the finest grid was evaluated; the others are interpolated.
    #[serde(skip)]
    pub known: Vec<bool>,
    /// The squares between evaluated corners, which tile the plane.
    #[serde(skip)]
    pub leaves: Vec<Leaf>,
}

impl RefineOptions {
    /// The finest axis of one whose points are all evaluated: each interval is halved `levels` times.
    ///
    /// # Errors
    /// If there is no such axis.
    pub fn finest(&self, axis: Axis) -> Result<Axis, GridError> {
        Axis::new(axis.min(), axis.max(), ((axis.count() - 1) << self.levels) + 1)
    }
}

impl<T: Scalar> PlaneSpec<'_, T> {
    /// The plane on its finest grid, evaluated only where it has to be.
    ///
    /// The spec has the [finest](RefineOptions::finest) axes of a grid with odd counts. That grid is
    /// evaluated whole. From squares of two by two of its cells on, the bilinear interpolation of a square's corners is
    /// compared with f at its middle and at the middles of its edges; where the largest difference (the
    /// hierarchical surplus) is beyond the tolerance, the four quarters are looked at in the same way, down
    /// to the finest grid. Points without a value are then interpolated in the square that they lie
    /// in, between evaluated corners; evaluated values are kept as they are.
    ///
    /// The estimate is of the interpolation *before* the last halving. For a smooth f the error left is about a
    /// quarter of it, since it falls with the square of the spacing; but a feature that falls between all
    /// points looked at is not seen: choose the first grid fine enough for what you look for. A square
    /// with some corners finite and some not is always halved.
    ///
    /// Cost: a value for each cell that is evaluated, and one for the centre.
    ///
    /// # Errors
    /// [`Stop`] from the oracle or from `observe`; `progress` then holds what was evaluated.
    ///
    /// # Panics
    /// If the counts of the axes are not 1 more than a multiple of 2^(levels + 1).
    pub fn refine(
        &self,
        oracle: &Oracle<'_, T>,
        options: &RefineOptions,
        progress: &mut RefineProgress,
        observe: &mut dyn FnMut(&RefineProgress) -> Result<(), Stop>,
    ) -> Result<(Plane, Refinement), Stop> {
        let [columns, rows] = self.axes().map(|axis| axis.count());
        let coarse = 1usize << (options.levels + 1);
        assert!((columns - 1) % coarse == 0 && (rows - 1) % coarse == 0, "axes made by `finest`");
        let mut grid =
            Grid { columns, values: vec![f64::NAN; self.cells()], known: vec![false; self.cells()] };
        let mut source = Source { spec: self, oracle, progress, observe, used: 0 };
        let first: Vec<usize> = (0..rows)
            .step_by(coarse / 2)
            .flat_map(|row| (0..columns).step_by(coarse / 2).map(move |column| row * columns + column))
            .collect();
        source.fill(&mut grid, &first)?;
        let mut active: Vec<Leaf> = (0..rows - 1)
            .step_by(coarse)
            .flat_map(|row| {
                (0..columns - 1).step_by(coarse).map(move |column| Leaf { column, row, size: coarse })
            })
            .collect();
        let mut found = Refinement {
            tolerance: options.tolerance,
            error: 0.0,
            unresolved: 0,
            unresolved_error: 0.0,
            evaluated: 0,
            known: Vec::new(),
            leaves: Vec::new(),
        };
        while let Some(size) = active.first().map(|leaf| leaf.size) {
            let mut wanted: Vec<usize> = active.iter().flat_map(|leaf| grid.middles(leaf)).collect();
            wanted.retain(|&at| !grid.known[at]);
            wanted.sort_unstable();
            wanted.dedup();
            source.fill(&mut grid, &wanted)?;
            let mut next = Vec::new();
            for leaf in active {
                let surplus = grid.surplus(&leaf);
                let half = size / 2;
                let quarters = [[0, 0], [half, 0], [0, half], [half, half]].map(|[c, r]| Leaf {
                    column: leaf.column + c,
                    row: leaf.row + r,
                    size: half,
                });
                if surplus > options.tolerance && half > 1 {
                    next.extend(quarters);
                    continue;
                }
                found.leaves.extend(quarters);
                if surplus > options.tolerance {
                    found.unresolved += 4;
                    found.unresolved_error = found.unresolved_error.max(surplus);
                } else {
                    found.error = found.error.max(surplus);
                }
            }
            active = next;
        }
        found.evaluated = grid.known.iter().filter(|&&known| known).count();
        // From large to small, so that edges shared with smaller squares are theirs.
        found.leaves.sort_by_key(|leaf| (std::cmp::Reverse(leaf.size), leaf.row, leaf.column));
        found.leaves.iter().for_each(|leaf| grid.interpolate(leaf));
        found.known = grid.known;
        let centre =
            values_along(oracle, self.origin(), self.directions().map(|d| &d.vector[..]), &[[0.0; 2]])?[0];
        Ok((self.plane(grid.values, centre), found))
    }
}

/// Where values come from: what was evaluated before, then the oracle.
struct Source<'s, 'p, 'o, T: Scalar> {
    spec: &'s PlaneSpec<'p, T>,
    oracle: &'s Oracle<'o, T>,
    progress: &'s mut RefineProgress,
    observe: &'s mut dyn FnMut(&RefineProgress) -> Result<(), Stop>,
    used: usize,
}

impl<T: Scalar> Source<'_, '_, '_, T> {
    fn fill(&mut self, grid: &mut Grid, cells: &[usize]) -> Result<(), Stop> {
        let vectors = self.spec.directions().map(|d| &d.vector[..]);
        for cells in cells.chunks(self.spec.block()) {
            let have = &self.progress.values[self.used..];
            // Only whole blocks of this refinement count as done.
            if have.len() < cells.len() {
                self.progress.values.truncate(self.used);
                let coordinates: Vec<[f64; 2]> = cells.iter().map(|&at| self.spec.cell(at)).collect();
                let values = values_along(self.oracle, self.spec.origin(), vectors, &coordinates)?;
                self.progress.values.extend(values);
                (self.observe)(self.progress)?;
            }
            for (&at, &value) in cells.iter().zip(&self.progress.values[self.used..]) {
                (grid.values[at], grid.known[at]) = (value, true);
            }
            self.used += cells.len();
        }
        Ok(())
    }
}

/// The finest grid, of which some cells have values.
struct Grid {
    columns: usize,
    values: Vec<f64>,
    known: Vec<bool>,
}

impl Grid {
    fn at(&self, leaf: &Leaf, column: usize, row: usize) -> usize {
        (leaf.row + row) * self.columns + leaf.column + column
    }

    /// The middle of a square and the middles of its edges.
    fn middles(&self, leaf: &Leaf) -> [usize; 5] {
        let (half, size) = (leaf.size / 2, leaf.size);
        [[half, 0], [0, half], [half, half], [size, half], [half, size]].map(|[c, r]| self.at(leaf, c, r))
    }

    fn bilinear(&self, leaf: &Leaf, column: usize, row: usize) -> f64 {
        let corner = |c, r| self.values[self.at(leaf, c * leaf.size, r * leaf.size)];
        let (s, t) = (column as f64 / leaf.size as f64, row as f64 / leaf.size as f64);
        let along = |r| (1.0 - s) * corner(0, r) + s * corner(1, r);
        match (s, t) {
            // A corner that is not finite must not spoil an edge that it has no part in.
            (_, 0.0) => along(0),
            (_, 1.0) => along(1),
            (0.0, _) => (1.0 - t) * corner(0, 0) + t * corner(0, 1),
            (1.0, _) => (1.0 - t) * corner(1, 0) + t * corner(1, 1),
            _ => (1.0 - t) * along(0) + t * along(1),
        }
    }

    /// The largest error of interpolation at the middles; infinite where finite values meet others.
    fn surplus(&self, leaf: &Leaf) -> f64 {
        let corners = [[0, 0], [1, 0], [0, 1], [1, 1]];
        let corners = corners.map(|[c, r]| self.values[self.at(leaf, c * leaf.size, r * leaf.size)]);
        let middles = self.middles(leaf);
        let all = || corners.into_iter().chain(middles.map(|at| self.values[at]));
        match all().filter(|v| v.is_finite()).count() {
            9 => {
                let error = |at: &usize| {
                    let (column, row) = (at % self.columns - leaf.column, at / self.columns - leaf.row);
                    (self.values[*at] - self.bilinear(leaf, column, row)).abs()
                };
                middles.iter().map(error).fold(0.0, f64::max)
            }
            0 => 0.0,
            _ => f64::INFINITY,
        }
    }

    /// Gives the points of a square that have no value of their own one between its corners.
    fn interpolate(&mut self, leaf: &Leaf) {
        for row in 0..=leaf.size {
            for column in 0..=leaf.size {
                let at = self.at(leaf, column, row);
                if !self.known[at] {
                    self.values[at] = self.bilinear(leaf, column, row);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
