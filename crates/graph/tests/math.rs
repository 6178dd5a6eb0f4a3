//! The elementwise kernels against independent references.

#[path = "math/fixtures.rs"]
mod fixtures;
#[path = "math/identities.rs"]
mod identities;
#[path = "math/meaning.rs"]
mod meaning;
#[path = "math/position.rs"]
mod position;
#[path = "math/special.rs"]
mod special;
#[path = "math/sweep.rs"]
mod sweep;
