//! Bars, one a category.

use crate::real;
use serde::{Deserialize, Serialize};

use super::Axis;

/// Bars side by side, for example the variance that each principal component explains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bars {
    /// Label under the bars.
    pub label: String,
    /// Vertical axis.
    pub y: Axis,
    /// The bars, in order.
    pub bars: Vec<Bar>,
    /// Whether a line shows the running sum; only for a linear axis.
    pub cumulative: bool,
}

/// One of the [`Bars`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Label under the bar.
    pub label: String,
    /// Height. A height that is not finite is shown as an empty place with a mark.
    #[serde(with = "real")]
    pub value: f64,
    /// Half the length of its error bar: one standard error; `null` for none.
    #[serde(with = "real::option")]
    pub stderr: Option<f64>,
}

impl Bars {
    /// Axes without bars.
    pub fn new(label: impl Into<String>, y: Axis) -> Self {
        Self { label: label.into(), y, bars: Vec::new(), cumulative: false }
    }

    /// Adds a bar without an error.
    pub fn bar(mut self, label: impl Into<String>, value: f64) -> Self {
        self.bars.push(Bar { label: label.into(), value, stderr: None });
        self
    }

    /// Adds a bar with its standard error.
    pub fn bar_with_error(mut self, label: impl Into<String>, value: f64, stderr: f64) -> Self {
        self.bars.push(Bar { label: label.into(), value, stderr: Some(stderr) });
        self
    }

    /// Adds a line of the running sum.
    pub fn cumulative(mut self) -> Self {
        self.cumulative = true;
        self
    }
}
