//! What a trajectory's pictures show where there is nothing to see: random walks, and descent on quadratics.

mod quadratic;
mod walk;

pub use quadratic::{DescentPoint, coordinate_after, log_spectrum, quadratic_descent};
pub use walk::{WalkDeviation, WalkPoint, random_walk, random_walk_deviation};
