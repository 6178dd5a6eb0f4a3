//! Paths between solutions: how high they rise, and how low they can be made to lie.
//!
//! A [`Curve`] joins two points by way of bends between them. [`profile`] follows the objective along
//! one and finds its highest point and its barrier. [`CurveLoss`] is the mean of the objective over a
//! curve as an objective of the bends, which every optimizer can train. [`Band`] relaxes a chain of
//! points to a path of least energy. [`Links`] says which pairs of many solutions to connect next, and by
//! their [tree](super::Tree) at which level they are connected.

mod band;
mod curve;
mod curve_loss;
mod links;
mod plane;
mod profile;

pub use band::{Band, BandOptions};
pub use curve::{Curve, CurveError, CurveKind};
pub use curve_loss::CurveLoss;
pub use links::{Link, Links};
pub use plane::{Corners, corners};
pub use profile::{Peak, Profile, ProfileOptions, Sampled, profile};
