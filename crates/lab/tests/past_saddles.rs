//! From the stable manifold of a saddle: who ends at it, who goes past it, and the verdict on each.

use thalweg_lab::krylov::SymmetricOperator;
use thalweg_lab::optim::{
    Ending, Family, Kind, Limits, Optimizer, OptimizerSpec, Outcome, Verdict, VerdictOptions, begin,
    minimize, minimize_past_saddles, registry, verdict,
};
use thalweg_lab::problem::analytic::{Analytic, Function};
use thalweg_lab::{Curvature, Layout, Objective, Oracle, Stop, Unsupported};

/// Texts that choose every optimizer made to leave saddles, with the learning rates that this problem allows.
const SADDLE_AWARE: &[&str] = &[
    "saddle-free-newton",
    "saddle-free-newton:dense=1",
    "arc",
    "perturbed-gd:rate=0.05",
    "perturbed-gd:rule=published,epsilon=0.1,smoothness=10,lipschitz=9,gap=2",
    "perturbed-agd",
    "noisy-sgd:rate=0.02",
    "negative-curvature-descent",
    "negative-curvature-descent:steps=two,rate=0.05",
    "neon2:rate=0.05",
    "newton-mr",
    "capped-cg-newton",
    "trust-region:model=exact",
];

fn run(f: &dyn Objective<f64>, text: &str, start: &[f64]) -> (Vec<f64>, Outcome, Verdict) {
    let oracle = Oracle::new(f);
    let spec: OptimizerSpec = text.parse().unwrap();
    let optimizer = spec.build::<f64>(f.layout());
    let noisy = matches!(optimizer, Optimizer::Method(_));
    let iteration = optimizer.into_iteration(spec.learning_rate().unwrap_or(f64::NAN));
    let mut state = begin(&oracle, &*iteration, start.to_vec()).unwrap();
    let limits = Limits { iterations: if noisy { 3000 } else { 20_000 }, ..Limits::default() };
    let mut outcome = minimize(&oracle, &*iteration, &limits, &mut state, &mut |_| ());
    let mut x = state.point.x;
    if noisy {
        // Its noise never ends: plain steps show which valley it reached.
        let (spec, layout): (OptimizerSpec, _) = ("sgd".parse().unwrap(), f.layout());
        let plain = spec.build::<f64>(layout).into_iteration(0.05);
        let mut state = begin(&oracle, &*plain, x).unwrap();
        outcome = minimize(&oracle, &*plain, &Limits::default(), &mut state, &mut |_| ());
        x = state.point.x;
    }
    let judged = verdict(&oracle, &x, &VerdictOptions::default());
    (x, outcome, judged)
}

#[test]
fn every_saddle_aware_optimizer_leaves_the_walled_saddle() {
    let f = Analytic::<f64>::new("walled-saddle".parse::<Function>().unwrap(), Default::default());
    for entry in registry::<f64>().iter().filter(|entry| entry.family == Family::SaddleAware) {
        let named = |text: &&str| text.split(':').next() == Some(entry.name);
        assert!(SADDLE_AWARE.iter().any(named), "{} is not tested here", entry.name);
    }
    for text in SADDLE_AWARE {
        let (x, outcome, judged) = run(&f, text, &[1.0, 0.0]);
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{text}: {}", outcome.ending);
        assert_eq!(judged.kind, Kind::Minimum, "{text} ended at {x:?}");
        assert!((x[1].abs() - 2f64.sqrt()).abs() < 1e-6, "{text} ended at {x:?}");
    }
}

#[test]
fn the_others_end_at_the_saddle_and_are_told() {
    let f = Analytic::<f64>::new("walled-saddle".parse::<Function>().unwrap(), Default::default());
    for text in [
        "sgd:rate=0.05",
        "momentum:rate=0.01",
        "newton",
        "newton:modification=eigenvalues",
        "newton-cg",
        "trust-region",
    ] {
        let oracle = Oracle::new(&f as &dyn Objective<f64>);
        let spec: OptimizerSpec = text.parse().unwrap();
        let rate = spec.learning_rate().unwrap_or(f64::NAN);
        let iteration = spec.build::<f64>(Objective::<f64>::layout(&f)).into_iteration(rate);
        let mut state = begin(&oracle, &*iteration, vec![1.0, 0.0]).unwrap();
        let mut past = state.clone();
        let outcome = minimize(&oracle, &*iteration, &Limits::default(), &mut state, &mut |_| ());
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{text}: {}", outcome.ending);
        let judged = verdict(&oracle, &state.point.x, &VerdictOptions::default());
        assert_eq!(judged.kind, Kind::Saddle { index: 1, index_exact: true }, "{text}");

        let options = VerdictOptions::default();
        let passage = minimize_past_saddles(
            &oracle,
            &*iteration,
            &Limits::default(),
            &options,
            3,
            &mut past,
            &mut |_| (),
        );
        let kinds: Vec<_> = passage.verdicts.iter().map(|v| v.kind.clone()).collect();
        assert_eq!(kinds, [Kind::Saddle { index: 1, index_exact: true }, Kind::Minimum], "{text}");
    }
}

/// Dimension of the large saddle, above the limits up to which matrices are built whole.
const N: usize = 1000;

/// Q = I − 2uuᵀ with u along (1, 2, …, n): f = ½ Σ λᵢzᵢ² − z₀² + z₀⁴/4 in z = Qx, λᵢ from 1 to 10.
struct Large(Layout);

impl Large {
    fn turn(x: &[f64]) -> Vec<f64> {
        let square: f64 = (1..=N).map(|i| (i * i) as f64).sum();
        let along: f64 = x.iter().enumerate().map(|(i, x)| (i + 1) as f64 * x).sum();
        x.iter().enumerate().map(|(i, x)| x - 2.0 * along * (i + 1) as f64 / square).collect()
    }

    fn eigenvalue(i: usize) -> f64 {
        1.0 + 9.0 * i as f64 / N as f64
    }
}

impl Objective<f64> for Large {
    fn layout(&self) -> &Layout {
        &self.0
    }

    fn value(&self, x: &[f64]) -> f64 {
        self.value_grad(x, &mut [0.0; N])
    }

    fn value_grad(&self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let z = Self::turn(x);
        let mut slope: Vec<f64> = (0..N).map(|i| Self::eigenvalue(i) * z[i]).collect();
        slope[0] = -2.0 * z[0] + z[0].powi(3);
        gradient.copy_from_slice(&Self::turn(&slope));
        let rest: f64 = (1..N).map(|i| 0.5 * Self::eigenvalue(i) * z[i] * z[i]).sum();
        rest - z[0] * z[0] + z[0].powi(4) / 4.0
    }

    fn linearize<'a>(
        &'a self,
        x: &[f64],
        curvature: Curvature,
    ) -> Result<Box<dyn SymmetricOperator<f64> + 'a>, Unsupported> {
        if curvature != Curvature::Hessian {
            return Err(Unsupported::not_a_sum(curvature));
        }
        Ok(Box::new(Turned(-2.0 + 3.0 * Self::turn(x)[0].powi(2))))
    }
}

/// The Hessian, by its first eigenvalue.
struct Turned(f64);

impl SymmetricOperator<f64> for Turned {
    fn dimension(&self) -> usize {
        N
    }

    fn apply(&mut self, vectors: &[f64], products: &mut [f64]) -> Result<(), Stop> {
        for (v, out) in vectors.chunks_exact(N).zip(products.chunks_exact_mut(N)) {
            let mut z = Large::turn(v);
            z.iter_mut()
                .enumerate()
                .for_each(|(i, z)| *z *= if i == 0 { self.0 } else { Large::eigenvalue(i) });
            out.copy_from_slice(&Large::turn(&z));
        }
        Ok(())
    }
}

#[test]
fn a_thousand_dimensions_are_no_obstacle() {
    let f = Large(Layout::flat(N));
    // On the stable manifold, up to rounding.
    let z: Vec<f64> = (0..N).map(|i| if i == 0 { 0.0 } else { (i as f64).sin() }).collect();
    let start = Large::turn(&z);
    let depth = -1.0;
    for text in SADDLE_AWARE.iter().filter(|text| !text.ends_with("exact") && !text.contains("published")) {
        let (x, outcome, judged) = run(&f, text, &start);
        assert!(matches!(outcome.ending, Ending::Converged { .. }), "{text}: {}", outcome.ending);
        assert!((outcome.value - depth).abs() < 1e-10, "{text}: {}", outcome.value);
        assert_eq!(judged.kind, Kind::Minimum, "{text}");
        assert!((Large::turn(&x)[0].abs() - 2f64.sqrt()).abs() < 1e-5);
    }
}
