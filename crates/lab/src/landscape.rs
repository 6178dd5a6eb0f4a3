//! The shape of an objective around points and between them.
//!
//! Everything here sees values and the layout alone, paths between points gradients and optimizers too. Points of a picture are
//! evaluated many at a time, in blocks whose size depends on the problem and
//! never on the machine; cells that are not finite are kept and counted.

mod connection;
mod direction;
mod evaluate;
mod grid;
mod interpolation;
mod null;
mod plane;
mod slice;
mod trajectory;
mod tree;

pub use connection::{
    Band, BandOptions, Corners, Curve, CurveError, CurveKind, CurveLoss, Link, Links, Peak, Profile,
    ProfileOptions, Sampled, corners, profile,
};
pub use direction::{Direction, DirectionError, Normalization, orthogonalize};
pub use evaluate::{BLOCK_BYTES, NonFinite};
pub use grid::{Axis, GridError};
pub use interpolation::{Interpolation, interpolate};
pub use null::{
    DescentPoint, WalkDeviation, WalkPoint, coordinate_after, log_spectrum, quadratic_descent, random_walk,
    random_walk_deviation,
};
pub use plane::{Plane, PlaneProgress, PlaneSpec};
pub use slice::{Slice, slice};
pub use trajectory::{
    Centering, Deviation, DeviationPoint, SharedPlane, SharedRun, Steps, TrajectoryError, TrajectoryPlane,
    TrajectoryPoint, deviation, random_walk_share, shared_plane, steps,
};
pub use tree::{Merge, Tree};
