//! Optimizers side by side: equal budgets, timed targets, obstacles named and proved.
//!
//! [`run()`] runs one optimizer on one [`Course`] from one start under [`Conditions`]
//! that are the same for all, and [`ledger()`] says what held it up. A [`Space`] is
//! searched for settings under a protocol that is declared beforehand; [`statistics`] says
//! what the runs amount to.

mod conditions;
mod held;
mod ledger;
mod standings;
pub mod statistics;
mod trial;
mod tune;

pub use conditions::{Conditions, Course, Expense, Watch};
pub use held::{Held, held};
pub use ledger::{Counterfactual, Evidence, Lines, Obstacle, Phase, Remedy, ledger};
pub use standings::{Comparison, Passage, Runs, Standing, Standings, band, standings};
pub use trial::{Curve, Finished, Kept, RaceError, Trial, run};
pub use tune::{Candidate, SearchAxis, Space, SpaceError, Tuned};
