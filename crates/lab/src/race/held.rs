//! What an optimizer holds in memory.

use crate::optim::{Family, Optimizer, OptimizerSpec};
use crate::{Layout, Scalar};

/// Numbers that an optimizer holds at a time, upper bounds all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// What it remembers between steps.
    pub remembered: usize,
    /// What it works with during a step, beside points and gradients.
    pub working: usize,
}

/// Vectors that a step works with where nothing else is known.
const WORKING: usize = 8;
/// Vectors of another crate's L-BFGS.
const FOREIGN: usize = 100;
/// Vectors of a Krylov basis, of methods that keep one and have no parameter for it.
const BASIS: usize = 64;

/// What an optimizer holds for parameters of a layout; `factors` are the numbers of the
/// [Kronecker factors](crate::KroneckerFisher) of the objective, where it has any.
///
/// Memories are counted as large as they get: 2m + 4 vectors for m pairs of L-BFGS, n² for BFGS, factors and their
/// inverses for K-FAC. Krylov bases are counted as large as the parameters of the method let them grow, matrices that are
/// built whole with what their decomposition takes. Methods of other crates do not say what they hold; 10n² numbers are
/// allowed for populations, simplices and matrices, and 100 vectors for L-BFGS.
pub fn held<T: Scalar>(spec: &OptimizerSpec, layout: &Layout, factors: usize) -> Held {
    let n = layout.dimension();
    let count = |name: &str| spec.value(name).map(|value| value as usize);
    let total = |vectors: &[Vec<T>]| vectors.iter().map(Vec::len).sum::<usize>();
    let remembered = match spec.build::<T>(layout) {
        Optimizer::Method(method) => total(&method.init(n).vectors),
        Optimizer::Stochastic(method) => {
            let inverses = if method.name() == "kfac" { 2 * factors } else { 0 };
            total(&method.init(n).vectors) + inverses
        }
        // A memory is a n + b n² numbers; those of small vectors say a and b.
        Optimizer::Iteration(method) => {
            let [one, two] = [8, 16].map(|n| total(&method.init(n).vectors));
            let quadratic = two.saturating_sub(2 * one) / 128;
            let linear = (one - 64 * quadratic) / 8;
            linear * n + quadratic * n * n
        }
        Optimizer::Solver(_) => 0,
    };
    let family = spec.entry::<T>().family;
    let krylov = matches!(family, Family::Newton | Family::SaddleAware);
    let basis = if krylov { count("subspace").unwrap_or(BASIS).min(n) } else { 0 };
    let exact = spec.name() == "trust-region" && spec.value("model") == Some(1.0);
    let whole = spec.name() == "newton" || exact || count("dense").is_some_and(|limit| n <= limit);
    // The matrix, its eigenvectors, and as much to work with.
    let matrix = if whole { 4 * n * n } else { 0 };
    let foreign = match spec.build::<T>(layout) {
        Optimizer::Solver(solver) if solver.name() == "basin-lbfgs" => FOREIGN * n,
        Optimizer::Solver(_) => 10 * n * n.max(10),
        _ => 0,
    };
    Held { remembered, working: (WORKING + basis) * n + matrix + foreign }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::registry;
    use crate::race::{Conditions, Course, Watch, run};
    use crate::{Objective, samples};
    use std::sync::atomic::AtomicBool;

    /// No optimizer remembers more at the end of a run than it is said to.
    #[test]
    fn nobody_remembers_more_than_is_said() {
        let n = 12;
        let f = samples::quadratic(&(1..=n).map(|i| i as f64).collect::<Vec<_>>());
        let objective: &dyn Objective<f64> = &f;
        let never = AtomicBool::new(false);
        for entry in registry::<f64>() {
            let spec: OptimizerSpec = entry.name.parse().unwrap();
            let said = held::<f64>(&spec, objective.layout(), n * n + 1);
            let course = Course { name: "quadratic", objective };
            let x = (0..n).map(|i| 1.0 + i as f64).collect();
            let Ok(done) = run(&course, &spec, 1, x, &Conditions::new(60.0), &Watch::timeless(&never)) else {
                continue;
            };
            if let Some(found) = done.trial.memory {
                let found = (found * n as f64).round() as usize;
                assert!(found <= said.remembered, "{}: {found} of {}", entry.name, said.remembered);
            }
        }
    }

    #[test]
    fn what_is_said_is_what_the_methods_are_known_for() {
        let layout = Layout::flat(1000);
        let remembered = |text: &str| held::<f64>(&text.parse().unwrap(), &layout, 5).remembered;
        assert_eq!(remembered("sgd"), 0);
        assert_eq!(remembered("adam"), 2000);
        assert_eq!(remembered("bfgs") / 1_000_000, 1);
        // Point and gradient of the step before, and one pair more than are used.
        assert_eq!((remembered("lbfgs"), remembered("lbfgs:memory=3")), (24_000, 10_000));
        assert_eq!(remembered("kfac"), 1000 + 10);
    }
}
