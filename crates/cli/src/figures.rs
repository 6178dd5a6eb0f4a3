//! One file a chapter: results become figures of the report, each with the line
//! that says what it shows and how far to trust it.

pub mod critical;
pub mod descent;
pub mod layers;
pub mod line;
pub mod planes;
pub mod point;
pub mod slices;
pub mod spectrum;
pub mod training;
