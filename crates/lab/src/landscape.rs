//! The shape of an objective around points and between them.
//!
//! Everything here sees values and the layout alone. Points of a picture are
//! evaluated many at a time, in blocks whose size depends on the problem and
//! never on the machine; cells that are not finite are kept and counted.

mod direction;
mod evaluate;
mod grid;
mod interpolation;
mod plane;
mod slice;
mod trajectory;
mod tree;

pub use direction::{Direction, DirectionError, Normalization, orthogonalize};
pub use evaluate::{BLOCK_BYTES, NonFinite};
pub use grid::{Axis, GridError};
pub use interpolation::{Interpolation, interpolate};
pub use plane::{Plane, PlaneProgress, PlaneSpec};
pub use slice::{Slice, slice};
pub use trajectory::{Centering, TrajectoryError, TrajectoryPlane, TrajectoryPoint, random_walk_share};
pub use tree::{Merge, Tree};
