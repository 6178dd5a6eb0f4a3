//! Objectives within random affine subspaces, and how small a subspace may be.
//!
//! A [`Projection`] P is a random matrix that is known by its products, a
//! [`Restriction`] is the objective z ↦ f(θ₀ + P z), and so everything that works on objectives
//! works there. [`search`] looks for the least dimension that suffices (Li et al. 2018), a
//! [`foot`] places a hyperplane at a distance from a point (Fort & Jastrzębski 2019).

mod foot;
mod intrinsic;
mod projection;
mod restriction;
mod wedges;

pub use foot::{FootError, foot};
pub use intrinsic::{Criterion, Found, Ladder, Level, search};
pub use projection::{Projection, ProjectionKind};
pub use restriction::Restriction;
pub use wedges::Wedges;
