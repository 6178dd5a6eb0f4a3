//! The shape of an objective around points and between them.
//!
//! Everything here sees an objective and its layout alone; paths between points are moved by optimizers. Points of a picture are
//! evaluated many at a time, in blocks whose size depends on the problem and
//! never on the machine; cells that are not finite are kept and counted.

mod connection;
mod direction;
mod eigenvalues;
mod errors;
mod evaluate;
mod extent;
mod grid;
mod interpolation;
mod null;
mod plane;
mod reach;
mod refine;
mod slice;
mod stationary;
pub mod symmetry;
mod topology;
mod trajectory;
mod tree;

pub use connection::{
    Band, BandOptions, Corners, Curve, CurveError, CurveKind, CurveLoss, Link, Links, Peak, Profile,
    ProfileOptions, Sampled, corners, profile,
};
pub use direction::{Direction, DirectionError, Normalization, orthogonalize};
pub use eigenvalues::{EigenvalueMap, EigenvalueProgress};
pub use errors::{Errors, ErrorsProgress, errors};
pub use evaluate::{BLOCK_BYTES, NonFinite};
pub use extent::{Crossing, Extent, ExtentOptions, extent, quadratic_extent};
pub use grid::{Axis, GridError};
pub use interpolation::{Interpolation, interpolate};
pub use null::{
    DescentPoint, WalkDeviation, WalkPoint, coordinate_after, log_spectrum, quadratic_descent, random_walk,
    random_walk_deviation,
};
pub use plane::{Plane, PlaneProgress, PlaneSpec};
pub use reach::reach;
pub use refine::{Leaf, RefineOptions, RefineProgress, Refinement, refined_slice};
pub use slice::{Slice, slice};
pub use stationary::{Stationary, StationaryOptions};
pub use topology::{Branch, CriticalVertex, Ring, Topology, VertexKind};
pub use trajectory::{
    Centering, Deviation, DeviationPoint, SharedPlane, SharedRun, Steps, TrajectoryError, TrajectoryPlane,
    TrajectoryPoint, deviation, random_walk_share, shared_plane, steps,
};
pub use tree::{Merge, Tree};
