//! Curvature at a point: spectra, layers, sharpness, gradient noise, the point card.
//!
//! A curvature matrix comes from [`Oracle::linearize`](crate::Oracle::linearize) as an
//! operator; [`spectrum()`] looks at one whole, [`restrict`] cuts one layer out of
//! it, [`layers()`] does so for every layer. [`sharpness()`] follows λ_max along a training
//! run, [`top_space()`] asks how much of a gradient lies along the leading eigenvectors, [`noise_scale`] compares the examples' gradients with their mean, and
//! [`point()`] puts everything that can be said of one point together.

mod layers;
mod noise;
mod point;
mod restricted;
mod sharpness;
mod spectrum;
mod top_space;

pub use layers::{Grouping, Layer, LayerOptions, layers};
pub use noise::{NoiseScale, noise_scale};
pub use point::{Point, PointCard, PointOptions, Value, point};
pub use restricted::{Restricted, restrict};
pub use sharpness::{SharpnessOptions, sharpness};
pub use spectrum::{Condition, Exact, MomentCheck, Negative, Spectrum, SpectrumOptions, spectrum};
pub use top_space::{TopSpace, TopSpaceOptions, random_share, top_space};

use crate::{Stop, Unsupported};

/// Why curvature cannot be had.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CurvatureError {
    /// The objective has no such matrix.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The computation was stopped, or a number is not finite.
    #[error(transparent)]
    Stopped(#[from] Stop),
}
