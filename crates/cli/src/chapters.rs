//! One file a chapter: the lab is asked, and its answer becomes results, figures and words.

pub mod checkpoints;
pub mod critical;
pub mod descent;
pub mod direction;
pub mod layers;
pub mod line;
pub mod planes;
pub mod point;
pub mod slices;
pub mod spectrum;
pub mod training;
pub mod way;
