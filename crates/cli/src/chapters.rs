//! One file a chapter: the lab is asked, and its answer becomes results, figures and words.

pub mod align;
pub mod checkpoints;
pub mod connect;
pub mod critical;
pub mod descent;
pub mod direction;
pub mod layers;
pub mod line;
pub mod planes;
pub mod point;
pub mod reach;
pub mod sharpness;
pub mod slices;
pub mod solutions;
pub mod spectrum;
pub mod subspace;
pub mod training;
pub mod trajectory;
pub mod way;
