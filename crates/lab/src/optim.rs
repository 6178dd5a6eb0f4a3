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
mod escape;
mod flat;
mod line;
mod marks;
mod matrix;
mod method;
mod minimize;
mod registry;
mod rule;
mod saddle;
mod schedule;
mod smooth;
mod train;
mod verdict;
mod whole;

pub use descent::{Descent, LineSearch};
pub use escape::{Passage, escape, minimize_past_saddles, resume};
pub use flat::entropy::EntropySgd;
pub use flat::noise::GradientNoise;
pub use flat::sam::Sam;
pub use flat::swa::Swa;
pub use line::{
    Backtracking, Goldstein, Guess, HagerZhang, MoreThuente, Nonmonotone, StepLength, StrongWolfe,
};
pub use marks::{Marks, MarksError};
pub use matrix::adahessian::AdaHessian;
pub use matrix::kfac::Kfac;
pub use matrix::muon::Muon;
pub use matrix::shampoo::Shampoo;
pub use matrix::soap::Soap;
pub use matrix::sophia::SophiaH;
pub use method::{Everything, Memory, Method, Rates, Rule, Sample, Stochastic};
pub use minimize::{
    Change, Ending, FixedRate, Iteration, Limits, Outcome, Point, Stall, State, Tests, Tolerance, begin,
    minimize,
};
pub use registry::{Entry, Family, Optimizer, OptimizerSpec, Parameter, SpecError, registry};
pub use rule::adabelief::AdaBelief;
pub use rule::adadelta::Adadelta;
pub use rule::adafactor::Adafactor;
pub use rule::adagrad::AdaGrad;
pub use rule::adam::Adam;
pub use rule::adamax::AdaMax;
pub use rule::adamw::AdamW;
pub use rule::amsgrad::AmsGrad;
pub use rule::averaged::AveragedSgd;
pub use rule::dog::Dog;
pub use rule::lamb::Lamb;
pub use rule::lion::Lion;
pub use rule::lookahead::{Fast, Lookahead};
pub use rule::nadam::NAdam;
pub use rule::polyak::Polyak;
pub use rule::prodigy::Prodigy;
pub use rule::radam::RAdam;
pub use rule::rmsprop::RmsProp;
pub use rule::schedule_free::{ScheduleFreeAdamW, ScheduleFreeSgd};
pub use rule::sgd::{HeavyBall, Nesterov, Sgd};
pub use rule::sign::SignSgd;
pub use rule::svrg::Svrg;
pub use rule::yogi::Yogi;
pub use saddle::capped_newton::CappedNewton;
pub use saddle::cubic::CubicRegularization;
pub(crate) use saddle::follow::{follow, reach};
pub use saddle::lowest::CurvatureSearch;
pub use saddle::negative_curvature::{NegativeCurvatureDescent, Steps};
pub use saddle::neon2::{Neon2, Neon2Search};
pub use saddle::newton_mr::NewtonMr;
pub use saddle::noisy::NoisySgd;
pub use saddle::perturbed::{Knowledge, PerturbedGradientDescent};
pub use saddle::perturbed_accelerated::PerturbedAcceleratedDescent;
pub use saddle::saddle_free::SaddleFreeNewton;
pub use schedule::{Clock, Multiplier, OneCycle, Schedule, ScheduleError, Shape};
pub use smooth::accelerated::{AcceleratedGradient, Restart};
pub use smooth::barzilai_borwein::{BarzilaiBorwein, TwoPoint};
pub use smooth::bfgs::Bfgs;
pub use smooth::conjugate_gradients::{Beta, ConjugateGradients};
pub use smooth::gauss_newton::GaussNewton;
pub use smooth::gradient_descent::{SteepestDescent, gradient_descent};
pub use smooth::lbfgs::Lbfgs;
pub use smooth::levenberg_marquardt::LevenbergMarquardt;
pub use smooth::natural_gradient::NaturalGradient;
pub use smooth::newton::{Modification, Newton};
pub use smooth::newton_cg::NewtonCg;
pub use smooth::trust_region::{Model, TrustRegion};
pub use train::{Checkpoint, Length, Run, TrainError, Trainer, Training};
pub use verdict::{
    Bounded, Character, Component, Curvatures, Doubt, Escape, Kind, Path, Probe, Spectrum, Verdict,
    VerdictOptions, judge, verdict,
};
pub use whole::Solver;
