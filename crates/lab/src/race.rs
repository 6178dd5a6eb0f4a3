//! Optimizers side by side: equal budgets, timed targets, obstacles named and proved.
//!
//! [`run()`] runs one optimizer on one [`Course`] from one start under [`Conditions`]
//! that are the same for all, and [`ledger()`] says what held it up.

mod conditions;
mod ledger;
mod trial;

pub use conditions::{Conditions, Course};
pub use ledger::{Counterfactual, Evidence, Lines, Obstacle, Phase, Remedy, ledger};
pub use trial::{Curve, Finished, Kept, RaceError, Trial, run};
