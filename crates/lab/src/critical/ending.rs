//! How a search ends.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Scalar;

/// Why a search ended where it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// ‖∇f‖ is small.
    Converged,
    /// ‖∇f‖ is not small and H∇f is: a stationary point of ‖∇f‖ that is no critical point, where the gradient
    /// lies in the Hessian's null space and f is linear along it (Frye et al. 2021).
    GradientFlat,
    /// No step along the method's direction lessens the gradient any more, and H∇f is not small.
    Stalled,
    /// The iterations are used up.
    Exhausted,
    /// It left the box.
    Left,
    /// It met a number that is not finite.
    NonFinite,
}

impl Ending {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Converged, Self::GradientFlat, Self::Stalled, Self::Exhausted, Self::Left, Self::NonFinite];
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ending::Converged => "the gradient is small",
            Ending::GradientFlat => "gradient-flat: the gradient lies in the Hessian's null space",
            Ending::Stalled => "no step lessens the gradient",
            Ending::Exhausted => "the iterations are used up",
            Ending::Left => "it left the box",
            Ending::NonFinite => "a number is not finite",
        })
    }
}

/// One search: where it ended and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct Attempt<T: Scalar> {
    /// Where it ended (n).
    #[serde(with = "crate::exact")]
    pub x: Vec<T>,
    /// f there.
    #[serde(with = "crate::exact::one")]
    pub value: f64,
    /// ‖∇f‖ there.
    #[serde(with = "crate::exact::one")]
    pub gradient_norm: f64,
    /// Why.
    pub ending: Ending,
    /// ‖H∇f‖/(‖H‖‖∇f‖) where the gradient was not small, with the largest ‖H‖ seen on the way: 0 at a
    /// gradient-flat point. NaN elsewhere.
    #[serde(with = "crate::exact::one")]
    pub flatness: f64,
    /// Iterations.
    pub iterations: u64,
    /// How many known points were deflated.
    pub deflated: u64,
}
