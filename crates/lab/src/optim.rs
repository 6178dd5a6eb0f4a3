//! Optimizers, schedules, the training and minimization loops, and the verdict.
//!
//! Two seams carry them all. A [`Method`] turns a gradient (of a minibatch or not)
//! and a learning rate into an update; [`Trainer`] drives it. An [`Iteration`]
//! moves from one point of a deterministic objective to the next, most often as
//! a [`Descent`] direction followed by a [`StepLength`]; [`minimize()`] drives
//! it. Configuration is plain data, everything that changes is in a state that
//! can be cloned, saved and resumed bit for bit.

mod adam;
mod adamw;
mod descent;
mod gradient_descent;
mod marks;
mod method;
mod minimize;
mod registry;
mod schedule;
mod sgd;
mod train;
mod verdict;

pub use adam::Adam;
pub use adamw::AdamW;
pub use descent::{Backtracking, Descent, LineSearch, StepLength};
pub use gradient_descent::{SteepestDescent, gradient_descent};
pub use marks::{Marks, MarksError};
pub use method::{Memory, Method, Rates};
pub use minimize::{Ending, FixedRate, Iteration, Limits, Outcome, Point, Stall, State, begin, minimize};
pub use registry::{Entry, MethodSpec, Parameter, SpecError, registry};
pub use schedule::{Clock, Multiplier, OneCycle, Schedule, ScheduleError, Shape};
pub use sgd::{HeavyBall, Nesterov, Sgd};
pub use train::{Checkpoint, Length, Run, TrainError, Trainer, Training};
pub use verdict::{
    Bounded, Character, Component, Curvatures, Doubt, Escape, Kind, Path, Probe, Spectrum, Verdict,
    VerdictOptions, judge, verdict,
};
