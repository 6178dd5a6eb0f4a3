//! One file a chapter: results become figures of the report, each with the line
//! that says what it shows and how far to trust it.

pub mod align;
pub mod connect;
pub mod critical;
pub mod descent;
pub mod layers;
pub mod line;
pub mod planes;
pub mod point;
pub mod shape;
pub mod sharpness;
pub mod slices;
pub mod solutions;
pub mod spectrum;
pub mod spread;
pub mod subspace;
pub mod training;
pub mod trajectory;
