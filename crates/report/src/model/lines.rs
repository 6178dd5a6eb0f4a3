//! Curves over a common axis.

use crate::real;
use serde::{Deserialize, Serialize};

/// Curves over a common horizontal axis, with up to two vertical axes.
///
/// A y that is not finite leaves a gap in its curve and a mark at the edge of
/// the plot; on a logarithmic axis so does a y that is not positive. Nothing
/// is drawn across a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lines {
    /// Horizontal axis.
    pub x: Axis,
    /// Left axis.
    pub y: Axis,
    /// Right axis, for the series of [`Side::Right`].
    pub y2: Option<Axis>,
    /// The curves, in the order of the legend.
    pub series: Vec<Series>,
    /// Labelled straight lines.
    pub marks: Vec<Mark>,
}

/// An axis: its label and its scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axis {
    /// Label, with its unit where it has one.
    pub label: String,
    /// Scale at first; the reader can switch it.
    pub scale: Scale,
}

/// The scale of an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Linear.
    #[default]
    Linear,
    /// Logarithmic. Values that are not positive leave gaps.
    Log,
}

/// One curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Name in the legend; unique in its figure.
    pub name: String,
    /// The vertical axis that it is drawn against.
    pub side: Side,
    /// How it is drawn.
    pub stroke: Stroke,
    /// Abscissae, finite, and ascending unless the stroke is [`Stroke::Path`].
    #[serde(with = "real::vec")]
    pub x: Vec<f64>,
    /// Ordinates, as many; not all need be finite.
    #[serde(with = "real::vec")]
    pub y: Vec<f64>,
    /// Lower and upper ends of the uncertainty at each x.
    pub spread: Option<Spread>,
}

/// Lower and upper ends at each x of a [`Series`]: a band along a line, error bars at points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Lower ends.
    #[serde(with = "real::vec")]
    pub low: Vec<f64>,
    /// Upper ends.
    #[serde(with = "real::vec")]
    pub high: Vec<f64>,
}

/// A vertical axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The left one.
    #[default]
    Left,
    /// The right one.
    Right,
}

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stroke {
    /// A line.
    #[default]
    Solid,
    /// A dashed line, for a reference such as 2/η.
    Dashed,
    /// A line with a dot at each point.
    Dotted,
    /// Dots alone.
    Points,
    /// A staircase that changes at each x, for a schedule.
    Step,
    /// A line through the points in their order, which may run back and forth.
    Path,
}

/// A labelled straight line across the plot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Across which axis it stands.
    pub direction: Direction,
    /// Where: an x for a vertical line, a y for a horizontal one.
    #[serde(with = "real")]
    pub at: f64,
    /// Label at its end.
    pub label: String,
    /// The vertical axis that a horizontal line belongs to.
    pub side: Side,
}

/// The direction of a [`Mark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// At one x.
    Vertical,
    /// At one y.
    Horizontal,
}

impl Lines {
    /// Axes without curves.
    pub fn new(x: Axis, y: Axis) -> Self {
        Self { x, y, y2: None, series: Vec::new(), marks: Vec::new() }
    }

    /// Gives the figure a right axis.
    pub fn right(mut self, axis: Axis) -> Self {
        self.y2 = Some(axis);
        self
    }

    /// Adds a curve.
    pub fn with(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// Adds a vertical line at `x`.
    pub fn mark_x(mut self, at: f64, label: impl Into<String>) -> Self {
        let label = label.into();
        self.marks.push(Mark { direction: Direction::Vertical, at, label, side: Side::Left });
        self
    }

    /// Adds a horizontal line at `y` of the left axis.
    pub fn mark_y(mut self, at: f64, label: impl Into<String>) -> Self {
        let label = label.into();
        self.marks.push(Mark { direction: Direction::Horizontal, at, label, side: Side::Left });
        self
    }
}

impl Axis {
    /// A linear axis.
    pub fn linear(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: Scale::Linear }
    }

    /// A logarithmic axis.
    pub fn log(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: Scale::Log }
    }
}

impl Series {
    /// A solid line against the left axis.
    pub fn line(name: impl Into<String>, x: Vec<f64>, y: Vec<f64>) -> Self {
        Self { name: name.into(), side: Side::Left, stroke: Stroke::Solid, x, y, spread: None }
    }

    /// Dots against the left axis.
    pub fn points(name: impl Into<String>, x: Vec<f64>, y: Vec<f64>) -> Self {
        Self { stroke: Stroke::Points, ..Self::line(name, x, y) }
    }

    /// Draws it another way.
    pub fn stroke(mut self, stroke: Stroke) -> Self {
        self.stroke = stroke;
        self
    }

    /// Draws it against the right axis.
    pub fn right(mut self) -> Self {
        self.side = Side::Right;
        self
    }

    /// Adds the ends of the uncertainty at each x.
    pub fn spread(mut self, low: Vec<f64>, high: Vec<f64>) -> Self {
        self.spread = Some(Spread { low, high });
        self
    }
}
