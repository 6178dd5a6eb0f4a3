//! Values on a plane.

use serde::{Deserialize, Serialize};

use super::direction::{Direction, DirectionError, Normalization};
use super::evaluate::{NonFinite, block_size, non_finite, values_along};
use super::grid::Axis;
use crate::vector::displaced;
use crate::{Oracle, Scalar, Stop};

/// The plane x + u d₁ + v d₂ and the grid on it.
#[derive(Clone, Copy, Debug)]
pub struct PlaneSpec<'p, T: Scalar> {
    origin: &'p [T],
    directions: [&'p Direction<T>; 2],
    axes: [Axis; 2],
}

/// The finished part of a plane: written with serde and read back, it goes on to the same bits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlaneProgress {
    /// Values of the cells that are done, row-major.
    #[serde(with = "crate::exact")]
    pub values: Vec<f64>,
}

/// f(x + u d₁ + v d₂) on a grid.
///
/// Serialized values that are not finite become `null` in JSON; `non_finite` says what they are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plane {
    /// The directions' names.
    pub directions: [String; 2],
    /// How the directions were scaled.
    pub normalizations: [Normalization; 2],
    /// ‖d₁‖ and ‖d₂‖.
    pub norms: [f64; 2],
    /// The cosine of the angle between them; 0 is a right angle.
    pub cosine: f64,
    /// The values of u, one a column.
    pub u: Vec<f64>,
    /// The values of v, one a row.
    pub v: Vec<f64>,
    /// f, row-major: `values[row * u.len() + column]`.
    pub values: Vec<f64>,
    /// f(x).
    pub centre: f64,
    /// Values that are not finite.
    pub non_finite: Vec<NonFinite>,
}

impl<'p, T: Scalar> PlaneSpec<'p, T> {
    /// Checks that the directions belong to the point and span a plane.
    pub fn new(
        origin: &'p [T],
        directions: [&'p Direction<T>; 2],
        axes: [Axis; 2],
    ) -> Result<Self, DirectionError> {
        for direction in directions {
            direction.check(origin.len())?;
        }
        let [first, second] = directions;
        if 1.0 - first.cosine(second).abs() <= 4.0 * T::epsilon().wide() {
            let (name, other) = (second.name.clone(), first.name.clone());
            return Err(DirectionError::Parallel { name, other });
        }
        Ok(Self { origin, directions, axes })
    }

    /// x.
    pub fn origin(&self) -> &'p [T] {
        self.origin
    }

    /// d₁ and d₂.
    pub fn directions(&self) -> [&'p Direction<T>; 2] {
        self.directions
    }

    /// The values of u and v.
    pub fn axes(&self) -> [Axis; 2] {
        self.axes
    }

    /// x + u d₁ + v d₂.
    pub fn point(&self, [u, v]: [f64; 2]) -> Vec<T> {
        let mut point = vec![T::zero(); self.origin.len()];
        let [first, second] = self.directions;
        displaced(self.origin, &[(u, &first.vector), (v, &second.vector)], &mut point);
        point
    }

    /// Number of cells.
    pub fn cells(&self) -> usize {
        self.axes[0].count() * self.axes[1].count()
    }

    /// Cells that are evaluated at once: whole rows, as many as
    /// [`BLOCK_BYTES`](super::BLOCK_BYTES) hold, but at least one.
    pub fn block(&self) -> usize {
        let row = self.axes[0].count();
        (block_size::<T>(self.origin.len()) / row).max(1) * row
    }

    /// Evaluates what `progress` lacks, block by block; `observe` is called after each.
    ///
    /// Cost: one value a cell, and one for the origin.
    ///
    /// # Errors
    /// [`Stop`] from the oracle or from `observe`; `progress` then holds the
    /// finished blocks, and a further call goes on from there.
    pub fn advance(
        &self,
        oracle: &Oracle<'_, T>,
        progress: &mut PlaneProgress,
        observe: &mut dyn FnMut(&PlaneProgress) -> Result<(), Stop>,
    ) -> Result<Plane, Stop> {
        let vectors = self.directions.map(|d| &d.vector[..]);
        let block = self.block();
        if progress.values.len() != self.cells() {
            // Only whole blocks of this plane count as done.
            progress.values.truncate(self.cells() / block * block);
            progress.values.truncate(progress.values.len() / block * block);
        }
        while progress.values.len() < self.cells() {
            let start = progress.values.len();
            let coordinates: Vec<_> =
                (start..self.cells().min(start + block)).map(|i| self.cell(i)).collect();
            progress.values.extend(values_along(oracle, self.origin, vectors, &coordinates)?);
            observe(progress)?;
        }
        let centre = values_along(oracle, self.origin, vectors, &[[0.0, 0.0]])?[0];
        Ok(self.plane(progress.values.clone(), centre))
    }

    /// The values with what the spec knows.
    pub(super) fn plane(&self, values: Vec<f64>, centre: f64) -> Plane {
        let [first, second] = self.directions;
        Plane {
            directions: [first.name.clone(), second.name.clone()],
            normalizations: [first.normalization, second.normalization],
            norms: [first.norm(), second.norm()],
            cosine: first.cosine(second),
            u: self.axes[0].points(),
            v: self.axes[1].points(),
            non_finite: non_finite(&values),
            values,
            centre,
        }
    }

    /// (u, v) of a cell.
    pub(super) fn cell(&self, index: usize) -> [f64; 2] {
        let columns = self.axes[0].count();
        [self.axes[0].point(index % columns), self.axes[1].point(index / columns)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Budget, Evaluation, samples};

    fn directions() -> [Direction<f64>; 2] {
        let unit = |v: &[f64]| Direction::unit("d", v).unwrap();
        [unit(&[3.0, 0.0, 4.0]), unit(&[0.0, 1.0, 0.0])]
    }

    #[test]
    fn a_quadratics_plane_is_its_restriction() {
        let f = samples::diagonal(&[2.0, -3.0, 0.5]);
        let [first, second] = directions();
        let axes = [Axis::new(-1.0, 2.0, 13).unwrap(), Axis::symmetric(1.0, 7).unwrap()];
        let x = [1.0, 1.0, -2.0];
        let spec = PlaneSpec::new(&x, [&first, &second], axes).unwrap();
        let plane = spec.advance(&Oracle::new(&f), &mut PlaneProgress::default(), &mut |_| Ok(())).unwrap();
        assert_eq!((plane.u.len(), plane.v.len(), plane.values.len()), (13, 7, 91));
        for (row, v) in plane.v.iter().enumerate() {
            for (column, u) in plane.u.iter().enumerate() {
                let along = 0.4 * u + 0.5 * (2.0 * 0.36 + 0.5 * 0.64) * u * u;
                let across = -3.0 * v - 1.5 * v * v;
                let expected = 0.5 + along + across;
                assert!((plane.values[row * 13 + column] - expected).abs() < 1e-14);
            }
        }
        assert_eq!((plane.centre, plane.cosine), (0.5, 0.0));
    }

    /// A row of 300 cells is longer than the 256 points evaluated at once.
    #[test]
    fn an_interrupted_plane_goes_on_to_the_same_bits() {
        let f = samples::rosenbrock(3);
        let [first, second] = directions();
        let axes = [Axis::symmetric(1.5, 300).unwrap(), Axis::new(0.0, 0.1, 5).unwrap()];
        let x = [0.3, -0.2, 0.9];
        let spec = PlaneSpec::new(&x, [&first, &second], axes).unwrap();
        assert_eq!(spec.block(), 300);
        let whole = spec.advance(&Oracle::new(&f), &mut PlaneProgress::default(), &mut |_| Ok(())).unwrap();

        let tight = Oracle::new(&f).with_budget(Budget { values: Some(1000), ..Budget::default() });
        let mut progress = PlaneProgress::default();
        let stop = spec.advance(&tight, &mut progress, &mut |_| Ok(())).unwrap_err();
        assert_eq!(stop, Stop::Budget { evaluation: Evaluation::Value, limit: 1000 });
        assert_eq!(progress.values.len(), 900);

        let mut progress: PlaneProgress =
            serde_json::from_str(&serde_json::to_string(&progress).unwrap()).unwrap();
        progress.values.truncate(750);
        let mut blocks = 0;
        let mut observe = |_: &PlaneProgress| {
            blocks += 1;
            if blocks == 2 { Err(Stop::Cancelled) } else { Ok(()) }
        };
        assert_eq!(spec.advance(&Oracle::new(&f), &mut progress, &mut observe), Err(Stop::Cancelled));
        assert_eq!(progress.values.len(), 1200);
        let rest = Oracle::new(&f);
        assert_eq!(spec.advance(&rest, &mut progress, &mut |_| Ok(())).unwrap(), whole);
        assert_eq!(rest.counts().values, 301);
    }

    #[test]
    fn cells_that_are_not_finite_are_kept_and_named() {
        let f = samples::function(2, |x| (x[0] + x[1]).ln(), |_, _| (), |_, _| ());
        let (first, second) =
            (Direction::unit("u", &[1.0, 0.0]).unwrap(), Direction::unit("v", &[0.0, 1.0]).unwrap());
        let axis = Axis::symmetric(1.0, 3).unwrap();
        let spec = PlaneSpec::new(&[0.0, 0.0], [&first, &second], [axis, axis]).unwrap();
        let plane = spec.advance(&Oracle::new(&f), &mut PlaneProgress::default(), &mut |_| Ok(())).unwrap();
        let cells: Vec<_> = plane.non_finite.iter().map(|c| (c.index, c.found.as_str())).collect();
        assert_eq!(cells, [(0, "NaN"), (1, "NaN"), (2, "-inf"), (3, "NaN"), (4, "-inf"), (6, "-inf")]);
        assert_eq!(plane.values[8], 2f64.ln());
    }

    #[test]
    fn parallel_or_foreign_directions_are_refused() {
        let [first, second] = directions();
        let axes = [Axis::symmetric(1.0, 3).unwrap(); 2];
        let twice = Direction::between("twice", &[0.0; 3], &[-6.0, 0.0, -8.0]).unwrap();
        let refused = |x: &[f64], d: [&Direction<f64>; 2]| PlaneSpec::new(x, d, axes).err();
        assert!(matches!(refused(&[0.0; 3], [&first, &twice]), Some(DirectionError::Parallel { .. })));
        assert!(matches!(refused(&[0.0; 2], [&first, &second]), Some(DirectionError::Dimension { .. })));
    }
}
