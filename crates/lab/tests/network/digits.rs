//! The network of the default survey, `mlp:64-32-10` with tanh, in f64: 2,410 parameters.

use std::sync::OnceLock;

use thalweg_lab::krylov::{SlqOptions, slq};
use thalweg_lab::problem::network::{Data, Loss, ModelSpec, Network, Settings};
use thalweg_lab::{Curvature, Objective};

use crate::reference::Reference;
use crate::support::*;

const EXAMPLES: usize = 300;

fn model() -> ModelSpec {
    "mlp:64-32-10".parse().unwrap()
}

fn data(examples: usize) -> Data<f64> {
    classes(examples, 64, 10)
}

fn objective(examples: usize) -> Network<f64> {
    network(&model(), data(examples), &Settings::default())
}

/// Parameters on the way down: 150 steps of gradient descent with rate 0.5.
fn trained() -> &'static [f64] {
    static POINT: OnceLock<Vec<f64>> = OnceLock::new();
    POINT.get_or_init(|| {
        let objective = objective(EXAMPLES);
        let mut x: Vec<f64> = model().initialization().draw(&model(), 3);
        let before = objective.value(&x);
        for _ in 0..150 {
            let gradient = gradient(&objective, &x);
            x.iter_mut().zip(gradient).for_each(|(x, g)| *x -= 0.5 * g);
        }
        assert!(objective.value(&x) < 0.7 * before);
        x
    })
}

#[test]
fn the_gradient_is_the_one_by_hand() {
    let (model, data) = (model(), data(EXAMPLES));
    let reference = Reference { model: &model, data: &data, loss: Loss::CROSS_ENTROPY, decay: 0.0 };
    let objective = objective(EXAMPLES);
    assert!((objective.value(trained()) / reference.value(trained()) - 1.0).abs() < 1e-13);
    assert_close(&gradient(&objective, trained()), &reference.gradient(trained()), 1e-12, "gradient");
    for seed in 0..5 {
        let v: Vec<f64> = uniform(2410, 1.0, "direction", seed);
        let slope: f64 = gradient(&objective, trained()).iter().zip(&v).map(|(g, v)| g * v).sum();
        let found = difference(|x| vec![objective.value(x)], trained(), &v)[0];
        assert!((found - slope).abs() < 1e-7 * slope.abs(), "{found} and {slope}");
    }
}

#[test]
fn the_hessian_agrees_with_differences_and_its_spectrum_with_its_trace() {
    let objective = objective(EXAMPLES);
    let found = matrix(&objective, trained(), Curvature::Hessian);
    assert!(found.asymmetry < 1e-12, "{}", found.asymmetry);
    let differences = jacobian(|x| gradient(&objective, x), trained());
    assert_close(&found.entries, &differences, 1e-7, "Hessian");
    let eigenvalues = found.eigenvalues();
    let (sum, trace) = (eigenvalues.iter().sum::<f64>(), found.trace());
    assert!((sum - trace).abs() <= 1e-10 * trace.abs(), "{sum} and {trace}");
    let mut hessian = objective.linearize(trained(), Curvature::Hessian).unwrap();
    let spectrum = slq(&mut *hessian, &SlqOptions { seed: 4, ..Default::default() }).unwrap();
    density_integrates_to_one(&spectrum);
    distribution_is_within_its_error(&spectrum, &eigenvalues);
}

fn density_integrates_to_one(spectrum: &thalweg_lab::krylov::Slq) {
    let sigma = spectrum.resolution();
    let density = spectrum.density(&spectrum.grid(2000, sigma), sigma);
    let steps = density.grid.windows(2).zip(density.mean.windows(2));
    let integral: f64 = steps.map(|(t, f)| 0.5 * (t[1] - t[0]) * (f[0] + f[1])).sum();
    assert!((integral - 1.0).abs() < 1e-3, "{integral}");
    let weights = spectrum.quadratures.iter().map(|q| q.weights.iter().sum::<f64>());
    weights.for_each(|total| assert!((total - 1.0).abs() < 1e-12));
}

fn distribution_is_within_its_error(spectrum: &thalweg_lab::krylov::Slq, eigenvalues: &[f64]) {
    let n = eigenvalues.len();
    // Between neighbouring eigenvalues, where the distribution is flat.
    let places: Vec<f64> = (0..n - 1)
        .step_by(7)
        .filter(|&i| eigenvalues[i + 1] - eigenvalues[i] > 1e-12)
        .map(|i| 0.5 * (eigenvalues[i] + eigenvalues[i + 1]))
        .collect();
    assert!(places.len() > 250);
    let found = spectrum.cumulative(&places);
    let mut beyond_two = 0;
    for (i, t) in places.iter().enumerate() {
        let exact = eigenvalues.iter().filter(|v| *v <= t).count() as f64 / n as f64;
        let off = (found.lower[i] - exact).max(exact - found.upper[i]).max(0.0);
        assert!(off <= 5.0 * found.stderr[i] + 1e-12, "{exact} at {t}, {off} beyond the bounds");
        beyond_two += usize::from(off > 2.0 * found.stderr[i] + 1e-12);
    }
    assert!(beyond_two * 10 <= places.len(), "{beyond_two} of {} beyond two errors", places.len());
}

#[test]
fn gauss_newton_and_fisher_agree_with_explicit_jacobians() {
    let (model, data) = (model(), data(140));
    let reference = Reference { model: &model, data: &data, loss: Loss::CROSS_ENTROPY, decay: 0.0 };
    let objective = objective(140);
    let expected = reference.gauss_newton(trained());
    for curvature in [Curvature::GaussNewton, Curvature::Fisher] {
        let found = matrix(&objective, trained(), curvature);
        assert!(found.asymmetry < 1e-12, "{}", found.asymmetry);
        assert_close(&found.entries, &expected, 1e-12, "matrix");
    }
    let found = matrix(&objective, trained(), Curvature::EmpiricalFisher);
    assert!(found.asymmetry < 1e-12);
    assert_close(&found.entries, &reference.empirical_fisher(trained()), 1e-12, "empirical Fisher matrix");
}
