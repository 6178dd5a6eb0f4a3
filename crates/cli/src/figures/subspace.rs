//! The pictures of subspaces.

mod cuts;
mod extents;
mod intrinsic;

pub use cuts::cuts;
pub use extents::extents;
pub use intrinsic::intrinsic;
