//! The table of optimizers, and their choice by name.

mod parameter;
mod spec;

pub use parameter::Parameter;
pub use spec::{OptimizerSpec, SpecError};

use super::method::Rule;
use super::method::{Method, Stochastic};
use super::minimize::{FixedRate, Iteration};
use super::whole::{Solver, Whole};
use super::{flat, matrix, rule, saddle, smooth, whole};
use crate::{Layout, Scalar};

/// One row of the table of optimizers.
pub struct Entry<T: Scalar> {
    /// What users type.
    pub name: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// Where it was published.
    pub source: &'static str,
    /// What it needs.
    pub family: Family,
    /// What a step costs, in words.
    pub cost: &'static str,
    /// The learning rate if nothing is said; `None` if the optimizer finds its own step lengths.
    pub rate: Option<f64>,
    /// Its other parameters, with their defaults.
    pub parameters: &'static [Parameter],
    /// Makes the optimizer from one value for each of `parameters`, for vectors of a layout.
    pub build: fn(&[f64], &Layout) -> Optimizer<T>,
}

/// The kinds of optimizers, by what they need and what they are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Gradients, of minibatches or not, and one learning rate for all coordinates.
    FirstOrder,
    /// The same with a learning rate for each coordinate.
    Adaptive,
    /// Gradients as matrices, or estimates of their curvature.
    MatrixAware,
    /// Exact gradients and line searches.
    QuasiNewton,
    /// Exact gradients and Hessian or Gauss-Newton products.
    Newton,
    /// Made to leave saddles.
    SaddleAware,
    /// Made to end in flat regions.
    FlatnessAware,
    /// Values alone.
    DerivativeFree,
}

/// An optimizer, ready to run.
pub enum Optimizer<T: Scalar> {
    /// A rule of training.
    Method(Box<dyn Method<T>>),
    /// A rule of training that asks more of a step's examples than one gradient.
    Stochastic(Box<dyn Stochastic<T>>),
    /// An iteration on exact values and gradients.
    Iteration(Box<dyn Iteration<T>>),
    /// A method that runs as a whole.
    Solver(Box<dyn Solver<T>>),
}

impl<T: Scalar> Optimizer<T> {
    /// The optimizer as an iteration on exact values and gradients, with a fixed
    /// learning rate where it has one. Of a [`Solver`], an iteration is a whole run.
    pub fn into_iteration(self, learning_rate: f64) -> Box<dyn Iteration<T>> {
        match self {
            Optimizer::Method(method) => Box::new(FixedRate { rule: Rule::Method(method), learning_rate }),
            Optimizer::Stochastic(method) => {
                Box::new(FixedRate { rule: Rule::Stochastic(method), learning_rate })
            }
            Optimizer::Iteration(iteration) => iteration,
            Optimizer::Solver(solver) => Box::new(Whole(solver)),
        }
    }

    /// Its name in the [registry].
    pub fn name(&self) -> &'static str {
        match self {
            Optimizer::Method(method) => method.name(),
            Optimizer::Stochastic(method) => method.name(),
            Optimizer::Iteration(iteration) => iteration.name(),
            Optimizer::Solver(solver) => solver.name(),
        }
    }
}

/// All optimizers. To add one, write its file and add its row here.
pub fn registry<T: Scalar>() -> &'static [Entry<T>] {
    Table::<T>::ENTRIES
}

struct Table<T>(std::marker::PhantomData<T>);

impl<T: Scalar> Table<T> {
    const ENTRIES: &'static [Entry<T>] = &[
        rule::sgd::sgd(),
        rule::sgd::heavy_ball(),
        rule::sgd::nesterov(),
        rule::polyak::polyak(),
        rule::averaged::asgd(),
        rule::svrg::svrg(),
        rule::sign::signsgd(),
        rule::dog::dog(),
        rule::dog::layerwise(),
        rule::schedule_free::schedule_free_sgd(),
        rule::lookahead::lookahead(),
        rule::adagrad::adagrad(),
        rule::rmsprop::rmsprop(),
        rule::adadelta::adadelta(),
        rule::adam::adam(),
        rule::adamw::adamw(),
        rule::amsgrad::amsgrad(),
        rule::nadam::nadam(),
        rule::adamax::adamax(),
        rule::radam::radam(),
        rule::adabelief::adabelief(),
        rule::yogi::yogi(),
        rule::lion::lion(),
        rule::lamb::lamb(),
        rule::adafactor::adafactor(),
        rule::schedule_free::schedule_free_adamw(),
        rule::prodigy::prodigy(),
        matrix::muon::muon(),
        matrix::shampoo::shampoo(),
        matrix::soap::soap(),
        matrix::kfac::kfac(),
        matrix::adahessian::adahessian(),
        matrix::sophia::sophia(),
        flat::sam::sam(),
        flat::sam::asam(),
        flat::entropy::entropy_sgd(),
        flat::swa::swa(),
        flat::noise::gradient_noise(),
        smooth::gradient_descent::gd(),
        smooth::accelerated::accelerated(),
        smooth::barzilai_borwein::bb(),
        smooth::conjugate_gradients::cg(),
        smooth::bfgs::bfgs(),
        smooth::lbfgs::lbfgs(),
        smooth::newton::newton(),
        smooth::newton_cg::newton_cg(),
        smooth::trust_region::trust_region(),
        smooth::gauss_newton::gauss_newton(),
        smooth::levenberg_marquardt::levenberg_marquardt(),
        smooth::natural_gradient::natural_gradient(),
        saddle::saddle_free::saddle_free_newton(),
        saddle::cubic::arc(),
        saddle::perturbed::perturbed_gd(),
        saddle::perturbed_accelerated::perturbed_agd(),
        saddle::noisy::noisy_sgd(),
        saddle::negative_curvature::negative_curvature_descent(),
        saddle::neon2::neon2(),
        saddle::newton_mr::newton_mr(),
        saddle::capped_newton::capped_newton(),
        whole::lbfgs::basin_lbfgs(),
        whole::trust_region::basin_trust_region(),
        whole::nelder_mead::nelder_mead(),
        whole::cma_es::cma_es(),
        whole::differential_evolution::differential_evolution(),
        whole::basin_hopping::basin_hopping(),
    ];
}

#[cfg(test)]
mod tests;
