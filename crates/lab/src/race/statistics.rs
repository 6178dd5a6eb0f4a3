//! Statistics of races: costs of runs, some of which never reached their target.
//!
//! | Question | Answer |
//! |---|---|
//! | how often does it succeed? | [`wilson()`] |
//! | what does a success cost, failures paid for? | [`expected_running_time`] |
//! | what does a typical run cost? | [`quantile()`], [`quartiles`] |
//! | is one of two methods better on the same problems and seeds? | [`signed_rank`], [`sign_test`] |
//! | the same for many pairs of methods at once | [`holm()`] on their p-values, then [`PairedTest::verdict`] |
//! | how often is one better than another? | [`wins()`] |
//! | which share of problems is solved at which cost? | [`performance_profiles`], [`data_profiles`], [`Steps::ecdf`] |
//! | do runs end in the same place? | [`clusters()`] |
//! | which settings are to be tried? | [`Halton`] points, placed on a [`Scale`] |
//!
//! A cost is a number above −∞, and lower is better. A failed run has an
//! infinite one: it is never dropped, and no result replaces it by a finite
//! number. NaN and −∞ are no costs; functions panic on them. Everything is a
//! function of its arguments, seeds among them. Results may hold infinities,
//! which plain JSON cannot; they are written where the writer has a name for them.

mod clusters;
mod halton;
mod holm;
mod normal;
mod paired;
mod profile;
mod quantile;
mod running_time;
mod wilson;
mod wins;

pub use clusters::{Clusters, Nearness, clusters};
pub use halton::{Halton, Scale};
pub use holm::holm;
pub(crate) use normal::exceeded_with;
pub use paired::{PairVerdict, PairedTest, sign_test, signed_rank};
pub use profile::{Steps, data_profiles, performance_profiles};
pub use quantile::{Quartiles, quantile, quartiles};
pub use running_time::{Attempt, Bootstrap, ExpectedRunningTime, expected_running_time};
pub use wilson::{Interval, wilson};
pub use wins::{Wins, wins};

/// The costs, once each of them is known to be one.
#[track_caller]
fn valid(costs: &[f64]) -> &[f64] {
    for cost in costs {
        assert!(*cost > f64::NEG_INFINITY, "{cost} is no cost: it must be a number above −∞");
    }
    costs
}
