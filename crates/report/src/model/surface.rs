//! A function over a plane, and the ways that cross it.

use super::Axis;
use crate::real;
use serde::{Deserialize, Serialize};

/// Values on a rectangular grid, shown as a 3-D surface and as contours.
///
/// A value that is not finite leaves a hole in the surface and a hatched patch
/// among the contours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Surface {
    /// Horizontal axis: the first direction, with its unit. Its scale is linear.
    pub x: Axis,
    /// Vertical axis: the second direction, with its unit. Its scale is linear.
    pub y: Axis,
    /// What the values are: `data loss`.
    pub label: String,
    /// How values become height and colour at first; the reader can switch it.
    pub shade: Shade,
    /// Abscissae of the grid's columns, finite and ascending, at least two.
    #[serde(with = "real::vec")]
    pub xs: Vec<f64>,
    /// Ordinates of the grid's rows, finite and ascending, at least two.
    #[serde(with = "real::vec")]
    pub ys: Vec<f64>,
    /// Row-major values: the one at (`xs[i]`, `ys[j]`) is `z[j * xs.len() + i]`.
    #[serde(with = "real::vec")]
    pub z: Vec<f64>,
    /// The paths drawn on it.
    pub trajectories: Vec<Trajectory>,
    /// Named points, for example the centre.
    pub landmarks: Vec<Landmark>,
    /// The ends of the scale of heights and colours, so that several surfaces can be compared; values
    /// beyond them are drawn as the nearer end, and the page says how many. `None` for the
    /// surface's own range.
    pub limits: Option<Limits>,
    /// Whether the contours are shown alone, without the 3-D view.
    pub flat: bool,
    /// Where values were evaluated, if the other cells are interpolated; drawn as dots.
    pub evaluated: Option<Places>,
}

/// The ends of a scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// The lower end.
    #[serde(with = "real")]
    pub low: f64,
    /// The upper end, above it.
    #[serde(with = "real")]
    pub high: f64,
}

/// Points of a plane.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Places {
    /// First coordinates.
    #[serde(with = "real::vec")]
    pub x: Vec<f64>,
    /// Second coordinates.
    #[serde(with = "real::vec")]
    pub y: Vec<f64>,
}

/// How a value becomes height and colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shade {
    /// In proportion to the value.
    #[default]
    Linear,
    /// In proportion to its logarithm; where values are not all positive, to the
    /// logarithm of the height above the lowest one, which the page says.
    Log,
    /// By rank: the share of cells that lie below it.
    Rank,
}

/// A path through parameter space, projected onto the plane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trajectory {
    /// Name in the legend; unique in its figure.
    pub name: String,
    /// Its points, in order. The first and the last are marked as start and end.
    pub points: Vec<TrajectoryPoint>,
}

/// One point of a [`Trajectory`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrajectoryPoint {
    /// Step of the run, or another running number.
    #[serde(with = "real")]
    pub step: f64,
    /// First coordinate of the projection.
    #[serde(with = "real")]
    pub x: f64,
    /// Second coordinate of the projection.
    #[serde(with = "real")]
    pub y: f64,
    /// The true value at the point itself, off the plane.
    #[serde(with = "real")]
    pub loss: f64,
    /// The value at its projection onto the plane.
    #[serde(with = "real")]
    pub plane_loss: f64,
    /// Distance between the point and its projection.
    #[serde(with = "real")]
    pub distance: f64,
}

/// A named point on a [`Surface`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Landmark {
    /// Name beside it; may be empty.
    pub label: String,
    /// How it is marked.
    pub kind: Glyph,
    /// First coordinate.
    #[serde(with = "real")]
    pub x: f64,
    /// Second coordinate.
    #[serde(with = "real")]
    pub y: f64,
}

/// How a [`Landmark`] is marked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Glyph {
    /// A diamond.
    #[default]
    Place,
    /// A disc; in 3-D a white ball.
    Minimum,
    /// A cross; in 3-D a black ball.
    Saddle,
    /// A triangle; in 3-D a grey ball.
    Maximum,
}

impl Surface {
    /// A surface without paths.
    ///
    /// It is shaded by the logarithm where all finite values are positive and
    /// span a factor of 20 or more, else linearly.
    pub fn new(
        label: impl Into<String>,
        x: impl Into<String>,
        y: impl Into<String>,
        xs: Vec<f64>,
        ys: Vec<f64>,
        z: Vec<f64>,
    ) -> Self {
        let (x, y, label) = (Axis::linear(x), Axis::linear(y), label.into());
        let (trajectories, landmarks) = (Vec::new(), Vec::new());
        let finite = || z.iter().copied().filter(|v| v.is_finite());
        let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(0.0, f64::max));
        let shade = if low > 0.0 && high >= 20.0 * low { Shade::Log } else { Shade::Linear };
        let (limits, flat, evaluated) = (None, false, None);
        Self { x, y, label, shade, xs, ys, z, trajectories, landmarks, limits, flat, evaluated }
    }

    /// Shades it another way at first.
    pub fn shade(mut self, shade: Shade) -> Self {
        self.shade = shade;
        self
    }

    /// Draws a path on it.
    pub fn trajectory(mut self, name: impl Into<String>, points: Vec<TrajectoryPoint>) -> Self {
        self.trajectories.push(Trajectory { name: name.into(), points });
        self
    }

    /// Names a point of it.
    pub fn landmark(self, label: impl Into<String>, x: f64, y: f64) -> Self {
        self.mark(Glyph::Place, label, x, y)
    }

    /// Marks a point of it.
    pub fn mark(mut self, kind: Glyph, label: impl Into<String>, x: f64, y: f64) -> Self {
        self.landmarks.push(Landmark { label: label.into(), kind, x, y });
        self
    }

    /// Fixes the ends of the scale.
    pub fn limits(mut self, low: f64, high: f64) -> Self {
        self.limits = Some(Limits { low, high });
        self
    }

    /// Shows the contours alone.
    pub fn flat(mut self) -> Self {
        self.flat = true;
        self
    }

    /// Says where values were evaluated.
    pub fn evaluated(mut self, x: Vec<f64>, y: Vec<f64>) -> Self {
        self.evaluated = Some(Places { x, y });
        self
    }
}
