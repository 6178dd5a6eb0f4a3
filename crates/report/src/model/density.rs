//! A spectral density with marked eigenvalues.

use crate::real;
use serde::{Deserialize, Serialize};

/// A density of eigenvalues on a logarithmic vertical axis.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Density {
    /// Label of the horizontal axis: `eigenvalue λ`.
    pub label: String,
    /// Where the density is given, finite and ascending.
    #[serde(with = "real::vec")]
    pub at: Vec<f64>,
    /// The density there; integrates to 1.
    #[serde(with = "real::vec")]
    pub density: Vec<f64>,
    /// Standard error of the density over probes, as many; empty where there is none.
    #[serde(with = "real::vec")]
    pub stderr: Vec<f64>,
    /// Lower end of the vertical axis; `null` lets the page choose seven decades below the peak.
    #[serde(with = "real::option")]
    pub floor: Option<f64>,
    /// Eigenvalues computed one by one, with their residual bounds.
    pub eigenvalues: Vec<Eigenvalue>,
    /// The exact spectrum where it was computed: drawn as a rug below the axis
    /// and as a histogram behind the density; else empty.
    #[serde(with = "real::vec")]
    pub exact: Vec<f64>,
}

/// An eigenvalue that is marked in a [`Density`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Eigenvalue {
    /// Label: `λ_1`; an empty label leaves a bare mark.
    pub label: String,
    /// The eigenvalue.
    #[serde(with = "real")]
    pub value: f64,
    /// Its residual bound ‖Hv − λv‖.
    #[serde(with = "real")]
    pub residual: f64,
}

impl Density {
    /// A density over the given places.
    pub fn new(label: impl Into<String>, at: Vec<f64>, density: Vec<f64>) -> Self {
        Self { label: label.into(), at, density, ..Self::default() }
    }

    /// Adds the standard error of the density.
    pub fn stderr(mut self, stderr: Vec<f64>) -> Self {
        self.stderr = stderr;
        self
    }

    /// Sets the lower end of the vertical axis.
    pub fn floor(mut self, floor: f64) -> Self {
        self.floor = Some(floor);
        self
    }

    /// Marks an eigenvalue.
    pub fn eigenvalue(mut self, label: impl Into<String>, value: f64, residual: f64) -> Self {
        self.eigenvalues.push(Eigenvalue { label: label.into(), value, residual });
        self
    }

    /// Adds the exact spectrum.
    pub fn exact(mut self, values: Vec<f64>) -> Self {
        self.exact = values;
        self
    }
}
