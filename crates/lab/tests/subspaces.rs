//! Random subspaces: the planted intrinsic dimension, closest approaches to wedges, a network.

use std::sync::atomic::AtomicBool;

use thalweg_lab::problem::analytic::Analytic;
use thalweg_lab::race::{Conditions, Course, Watch, run};
use thalweg_lab::random::Stream;
use thalweg_lab::subspace::{
    Criterion, Ladder, Projection, ProjectionKind, Restriction, Wedges, foot, search,
};
use thalweg_lab::{Objective, Scalar};

const KINDS: [ProjectionKind; 3] = [ProjectionKind::Dense, ProjectionKind::Sparse, ProjectionKind::Fastfood];

/// The least value that an optimizer reaches from z = 0.
fn lowest<T: Scalar>(cut: &Restriction<'_, T>, optimizer: &str, gradients: f64) -> f64 {
    let course = Course { name: "cut", objective: cut };
    let conditions = Conditions { gradient: 1e-13, ..Conditions::new(gradients) };
    let start = vec![T::zero(); cut.projection().columns()];
    let spec = optimizer.parse().unwrap();
    run(&course, &spec, 0, start, &conditions, &Watch::timeless(&AtomicBool::new(false))).unwrap().trial.best
}

fn objective(text: &str) -> Analytic<f64> {
    Analytic::new(text.parse().unwrap(), Default::default())
}

/// The toy problem of Li et al. 2018, §2: D = 1000 with ten constraints has intrinsic dimension 10 exactly,
/// whatever the projection, at 90 % and at 100 % of the performance exp(−loss).
#[test]
fn ten_constraints_have_intrinsic_dimension_ten() {
    let whole = objective("groups:1000,10");
    for kind in KINDS {
        let mut losses = Vec::new();
        let mut measure = |d: usize| {
            let loss = |seed: u64| {
                let p = Projection::new(kind, 1000, d, seed, usize::MAX);
                lowest(&Restriction::new(&whole, vec![0.0; 1000], p), "lbfgs", 400.0)
            };
            let found: Vec<f64> = (0..5).map(loss).collect();
            losses.push((d, found.clone()));
            Ok::<_, ()>(found.iter().map(|loss| (-loss).exp()).collect())
        };
        let mut ladder = Ladder::new();
        for share in [0.9, 1.0] {
            let found = search(&Criterion::new(share, 1, 1000), &mut ladder, &mut measure).unwrap();
            assert_eq!((found.dimension, found.bracket), (Some(10), [9, 10]), "{kind:?} at {share}");
            // At nine dimensions a run in twenty-five comes to 90 % by luck.
            assert_eq!(found.beyond_doubt[1], Some(10), "{kind:?} at {share}");
        }
        let (_, at_ten) = losses.iter().find(|(d, _)| *d == 10).unwrap();
        assert!(at_ten.iter().all(|loss| *loss < 1e-20), "{kind:?}: {at_ten:?}");
    }
}

/// E min loss = 385 (10 − d)/10 with variance 385² · 2d(10 − d)/1200, where P's image of the ten constraints is an
/// isotropic random subspace of R¹⁰: the squared sine of its angle with (1, …, 10) is Beta((10 − d)/2, d/2).
#[test]
fn below_it_the_loss_is_that_of_a_random_subspace() {
    let whole = objective("groups:1000,10");
    let count = 200;
    for d in [3, 9] {
        let losses: Vec<f64> = (0..count)
            .map(|seed| {
                let p = Projection::new(ProjectionKind::Dense, 1000, d, seed, usize::MAX);
                lowest(&Restriction::new(&whole, vec![0.0; 1000], p), "levenberg-marquardt", 100.0)
            })
            .collect();
        let mean = losses.iter().sum::<f64>() / count as f64;
        let (rest, d) = (10.0 - d as f64, d as f64);
        let (expected, deviation) = (38.5 * rest, 385.0 * (2.0 * d * rest / 1200.0).sqrt());
        let error = deviation / (count as f64).sqrt();
        assert!((mean - expected).abs() < 4.0 * error, "{d}: {mean} and {expected} ± {error}");
    }
}

/// Fort & Jastrzębski 2019: a plane of d dimensions at distance 1 meets a wedge of n long directions only if
/// d + n ≥ D, below that the nearest of all wedges is closer than a given one, and the distance falls with d.
/// A plane at another distance only changes the scale.
#[test]
fn planes_meet_wedges_where_dimensions_add_up() {
    let (dimension, long) = (50, 10);
    let whole = objective("wedges:50,10");
    let wedges = Wedges { dimension, long };
    let closest = |d: usize, cut: u64, radius: f64| {
        let p = Projection::<f64>::new(ProjectionKind::Dense, dimension, d, cut, usize::MAX);
        let mut direction = vec![0.0; dimension];
        Stream::new(cut, "direction", 0).fill_normal(&mut direction);
        let place = foot(&p, &vec![0.0; dimension], &direction, radius).unwrap();
        let cut = Restriction::new(&whole, place, p);
        lowest(&cut, "lbfgs", 400.0)
    };
    let mean = |d: usize| (0..20).map(|cut| closest(d, cut, 1.0)).sum::<f64>() / 20.0;
    let means: Vec<f64> = [5, 20, 30, 40].into_iter().map(mean).collect();
    assert!(means.windows(2).all(|pair| pair[0] > pair[1]), "{means:?}");
    for (d, found) in [5, 20, 30].into_iter().zip(&means) {
        assert!(*found < wedges.closest(d).0.sqrt(), "{d}: {found}");
    }
    assert!(means[3] < 1e-6, "{means:?}");
    let (near, far) = (closest(20, 3, 1.0), closest(20, 3, 8.0));
    assert!((far / near - 8.0).abs() < 1e-3, "{near} and {far}");
}

/// One given wedge, which is a plane of its own: √Σ xᵢ² over the short axes. The closest approach of random planes is
/// the Beta variate that [`Wedges::closest`] describes.
#[test]
fn a_single_wedge_is_approached_as_closely_as_beta_says() {
    let (dimension, long, d, count) = (50, 10, 20, 300);
    let squares = thalweg_lab::problem::analytic::Function::squares("wedge", dimension, move |x| {
        x.range(0..dimension - long)
    });
    let whole = Analytic::<f64>::new(squares, Default::default());
    let found: Vec<f64> = (0..count)
        .map(|cut| {
            let p = Projection::new(ProjectionKind::Dense, dimension, d, cut, usize::MAX);
            let mut direction = vec![0.0; dimension];
            Stream::new(cut, "direction", 1).fill_normal(&mut direction);
            let place = foot(&p, &vec![0.0; dimension], &direction, 2.0).unwrap();
            lowest(&Restriction::new(&whole, place, p), "levenberg-marquardt", 60.0) / 4.0
        })
        .collect();
    let (mean, deviation) = Wedges { dimension, long }.closest(d);
    let average = found.iter().sum::<f64>() / count as f64;
    let spread = (found.iter().map(|v| (v - average).powi(2)).sum::<f64>() / count as f64).sqrt();
    assert!((average - mean).abs() < 4.0 * deviation / (count as f64).sqrt(), "{average} and {mean}");
    assert!((spread / deviation - 1.0).abs() < 0.2, "{spread} and {deviation}");
}

/// Every optimizer of the table that needs no Kronecker factors runs in a subspace and comes down.
#[test]
fn optimizers_work_within_a_subspace() {
    let whole = objective("rosenbrock:30");
    let p = Projection::new(ProjectionKind::Fastfood, 30, 12, 1, 0);
    let cut = Restriction::new(&whole, vec![-0.5; 30], p);
    let start = cut.value(&[0.0; 12]);
    for optimizer in
        ["gd", "adam:rate=0.01", "lbfgs", "newton", "trust-region", "nelder-mead", "sam:rate=1e-4"]
    {
        let found = lowest(&cut, optimizer, 200.0);
        assert!(found < 0.9 * start, "{optimizer}: {found} from {start}");
    }
}
