//! Critical points: where ∇f = 0, found, proved, told apart and joined.
//!
//! A search leads from a start to a point of small gradient, or says why there is none ([`search`]). What it
//! found is certified: gradient, Newton step, eigenvalues with their errors, index ([`certify`]). A
//! [`Catalogue`] takes each point once, whatever symmetry moved it, and knows sets of points from points.
//! Saddles of index 1 are joined to their minima by descent ([`descend_both_sides`]), which makes a graph and its
//! [disconnectivity tree](crate::landscape::Tree).
//!
//! | Wanted | Call |
//! |---|---|
//! | starts | [`Starts`] |
//! | one search | [`search`] |
//! | all that a start leads to, points already found deflated | [`explore`] |
//! | the evidence at a point | [`certify`] |
//! | the list without copies | [`Catalogue::file`] |
//! | minima beside a saddle | [`descend_both_sides`] |
//! | whether the list may be complete, in the plane | [`degree`] |
//!
//! That a list is complete is never proved by searching: in the plane [`degree`] can refute it, elsewhere it is
//! as good as its starts.

mod catalogue;
mod certificate;
mod deflation;
mod degree;
mod ending;
mod explore;
mod family;
mod flow;
mod follow;
mod gradient_norm;
mod graph;
mod newton;
mod options;
mod starts;
mod symmetry;

#[cfg(test)]
mod tests;

pub use catalogue::{Catalogue, Filed, Found, SavedCatalogue};
pub use certificate::{Certificate, CertificateOptions, Index, certify};
pub use deflation::Deflation;
pub use degree::degree;
pub use ending::{Attempt, Ending};
pub use explore::{Explored, explore, search};
pub use family::{FamilyOptions, Isolation};
pub use flow::{Flow, FlowOptions, descend};
pub use graph::{Pass, Ways, descend_both_sides, is_transition, join, tree};
pub use options::{SearchMethod, SearchOptions};
pub use starts::{Starts, StartsError};
pub use symmetry::{Copies, NoSymmetry, Rays, Symmetry, is_constant_along_rays};
