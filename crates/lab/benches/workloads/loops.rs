//! What the loops cost beside the work that they drive.

use std::hint::black_box;

use thalweg_lab::krylov::SymmetricOperator;
use thalweg_lab::optim::{
    Length, Limits, Marks, Optimizer, OptimizerSpec, Rates, Trainer, Training, begin, minimize,
};
use thalweg_lab::{Curvature, Layout, Objective, Oracle, Unsupported};

use crate::Effort;
use crate::setting::take_turns;

/// f(x) = Σ xᵢ: as little work as an objective can be.
struct Slope(Layout);

impl Objective<f64> for Slope {
    fn layout(&self) -> &Layout {
        &self.0
    }

    fn value(&self, x: &[f64]) -> f64 {
        x.iter().sum()
    }

    fn value_grad(&self, x: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.fill(1.0);
        self.value(x)
    }

    fn linearize<'a>(
        &'a self,
        _: &[f64],
        curvature: Curvature,
    ) -> Result<Box<dyn SymmetricOperator<f64> + 'a>, Unsupported> {
        Err(Unsupported::not_a_sum(curvature))
    }
}

/// Both loops with two rules, in few and in many dimensions.
pub fn lines(effort: Effort) {
    for (name, rate) in [("sgd", 1e-3), ("adam", 1e-3)] {
        for (n, steps) in [(2, 10_000), (100_000, 20)] {
            line(name, rate, n, steps, effort);
        }
    }
}

/// The steps of a repetition, alone and in the loops.
fn line(name: &str, rate: f64, n: usize, steps: u64, effort: Effort) {
    let spec: OptimizerSpec = name.parse().expect("the table has this rule");
    let slope = Slope(Layout::flat(n));
    let rule = || match spec.build::<f64>(slope.layout()) {
        Optimizer::Method(method) => method,
        other => unreachable!("{} is a rule", other.name()),
    };
    let method = rule();
    let (mut x, mut gradient, mut memory) = (vec![0.0; n], vec![0.0; n], method.init(n));
    let mut bare = || {
        for _ in 0..steps {
            black_box(slope.value_grad(&x, &mut gradient));
            method.step(&mut memory, &mut x, &gradient, Rates::new(rate));
        }
    };
    let oracle = Oracle::new(&slope);
    let iteration = Optimizer::Method(rule()).into_iteration(rate);
    let mut state = begin(&oracle, &*iteration, vec![0.0; n]).expect("a sum has a value");
    let mut minimizing = || {
        let limits = Limits { iterations: state.iteration + steps, ..Limits::default() };
        minimize(&oracle, &*iteration, &limits, &mut state, &mut |_| ());
    };
    let training = Training {
        length: Length::Steps(u64::MAX),
        batch: None,
        checkpoints: Marks::None,
        measurements: Marks::None,
        ..Training::new(spec.clone(), rate)
    };
    let mut trainer = Trainer::new(training, &oracle).expect("a rule trains");
    let mut run = trainer.begin(vec![0.0; n]).expect("the start has the dimension");
    let mut trained = || {
        let until = run.step + steps;
        trainer.advance(&mut run, until, &mut |_, _| Ok(())).expect("nothing stops it");
    };
    let seconds = take_turns(effort.seconds, effort.least, &mut [&mut bare, &mut minimizing, &mut trained]);
    let [bare, minimized, trained] = [0, 1, 2].map(|work| 1e9 * seconds[work][0] / steps as f64);
    for (what, time) in [("minimize", minimized), ("train", trained)] {
        let title = format!("{name}, n = {n}: {what} / bare step");
        println!(
            "{title:<54}{:>8.2}   {time:>9.0} ns {bare:>9.0} ns   {:+.0} ns a step",
            time / bare,
            time - bare
        );
    }
}
