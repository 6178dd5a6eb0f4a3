//! Optimizers, schedules, the training and minimization loops, and the verdict.
//!
//! Two seams carry them all. A [`Method`] turns a gradient (of a minibatch or not)
//! and a learning rate into an update, or, where that is not enough, a
//! [`Stochastic`] rule asks a [`Sample`] for more; [`Trainer`] drives them. An [`Iteration`]
//! moves from one point of a deterministic objective to the next, most often as
//! a [`Descent`] direction followed by a [`StepLength`]; [`minimize()`] drives
//! it. Methods of other crates run as a whole behind [`Solver`]. Configuration is plain
//! data, everything that changes is in a state that can be cloned, saved and resumed bit
//! for bit.

mod descent;
mod line;
mod marks;
mod method;
mod minimize;
mod registry;
mod rule;
mod schedule;
mod smooth;
mod train;
mod verdict;
mod whole;

pub use descent::{Descent, LineSearch};
pub use line::{
    Backtracking, Goldstein, Guess, HagerZhang, MoreThuente, Nonmonotone, StepLength, StrongWolfe,
};
pub use marks::{Marks, MarksError};
pub use method::{Everything, Memory, Method, Rates, Sample, Stochastic};
pub use minimize::{Ending, FixedRate, Iteration, Limits, Outcome, Point, Stall, State, begin, minimize};
pub use registry::{Entry, Family, Optimizer, OptimizerSpec, Parameter, SpecError, registry};
pub use rule::adam::Adam;
pub use rule::adamw::AdamW;
pub use rule::sgd::{HeavyBall, Nesterov, Sgd};
pub use schedule::{Clock, Multiplier, OneCycle, Schedule, ScheduleError, Shape};
pub use smooth::accelerated::{AcceleratedGradient, Restart};
pub use smooth::barzilai_borwein::{BarzilaiBorwein, TwoPoint};
pub use smooth::bfgs::Bfgs;
pub use smooth::conjugate_gradients::{Beta, ConjugateGradients};
pub use smooth::gradient_descent::{SteepestDescent, gradient_descent};
pub use smooth::lbfgs::Lbfgs;
pub use train::{Checkpoint, Length, Run, TrainError, Trainer, Training};
pub use verdict::{
    Bounded, Character, Component, Curvatures, Doubt, Escape, Kind, Path, Probe, Spectrum, Verdict,
    VerdictOptions, judge, verdict,
};
pub use whole::Solver;
