use super::*;
use crate::optim::{Length, Limits, Trainer, Training, begin, minimize};
use crate::{Oracle, samples};

/// ½(w₁w₂ − 1)².
fn product() -> samples::Function {
    samples::function(
        2,
        |w| 0.5 * (w[0] * w[1] - 1.0).powi(2),
        |w, g| {
            let error = w[0] * w[1] - 1.0;
            g.copy_from_slice(&[error * w[1], error * w[0]]);
        },
        |w, h| {
            let off = 2.0 * w[0] * w[1] - 1.0;
            h.copy_from_slice(&[w[1] * w[1], off, off, w[0] * w[0]]);
        },
    )
}

fn bent(kind: CurveKind, a: f64, c: f64) -> Curve<f64> {
    Curve::new(kind, vec![vec![a, 1.0 / a], vec![c, c], vec![1.0 / a, a]]).unwrap()
}

/// The mean loss of each curve with its bend at (c, c), and the best c: bisection on the derivative of the mean, a
/// polynomial in c, integrated exactly.
const BEST: [(CurveKind, f64, f64, f64, f64); 3] = [
    (CurveKind::Bezier, 2.0, 0.758_978_007_0, 2.640_303e-5, 1e-11),
    (CurveKind::Chain, 2.0, 0.937_261_663_4, 1.354_433e-3, 1e-9),
    (CurveKind::Bezier, 4.0, 0.046_644_580_6, 8.625_172_4e-3, 1e-10),
];

#[test]
fn means_over_curves_are_those_of_closed_forms() {
    let f = product();
    for (kind, a, c, mean, digits) in BEST {
        let curve = bent(kind, a, c);
        let loss = CurveLoss::new(&f, &curve, 5, 0);
        let found = loss.value(&CurveLoss::bends(&curve));
        assert!((found - mean).abs() < digits, "{kind:?} {a}: {found}");
    }
}

#[test]
fn training_finds_the_best_bend() {
    let f = product();
    for (kind, a, c, mean, digits) in BEST {
        let straight = Curve::straight(kind, &[a, 1.0 / a], &[1.0 / a, a], 1).unwrap();
        let loss = CurveLoss::new(&f, &straight, 5, 0);
        let oracle = Oracle::new(&loss);
        let lbfgs: crate::optim::OptimizerSpec = "lbfgs".parse().unwrap();
        let iteration = lbfgs.build::<f64>(loss.layout()).into_iteration(1.0);
        let mut state = begin(&oracle, &*iteration, CurveLoss::bends(&straight)).unwrap();
        let limits =
            Limits { gradient_absolute: 1e-13, gradient_relative: 0.0, iterations: 200, ..Limits::default() };
        minimize(&oracle, &*iteration, &limits, &mut state, &mut |_| ());
        assert!((state.point.x[0] - c).abs() < 1e-7, "{kind:?} {a}: {:?}", state.point.x);
        assert!((state.point.x[1] - c).abs() < 1e-7, "{kind:?} {a}: {:?}", state.point.x);
        assert!((state.point.value - mean).abs() < digits);
    }
}

/// Gradient and Hessian products against central differences of the value and of the gradient.
#[test]
fn derivatives_agree_with_differences() {
    let f = samples::rosenbrock(3);
    for kind in [CurveKind::Bezier, CurveKind::Chain] {
        let curve = Curve::straight(kind, &[0.5, -0.3, 0.2], &[-0.4, 0.8, 0.1], 2).unwrap();
        let loss = CurveLoss::new(&f, &curve, 4, 0);
        let mut theta = CurveLoss::bends(&curve);
        theta.iter_mut().enumerate().for_each(|(i, v)| *v += 0.1 * (i as f64).sin());
        let mut gradient = [0.0; 6];
        loss.value_grad(&theta, &mut gradient);
        let mut product = [0.0; 6];
        let direction = [0.3, -1.0, 0.4, 0.9, 0.0, -0.5];
        loss.linearize(&theta, Curvature::Hessian).unwrap().apply(&direction, &mut product).unwrap();
        let moved = |t: f64| -> Vec<f64> { theta.iter().zip(&direction).map(|(x, d)| x + t * d).collect() };
        let slope: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
        let h = 1e-5;
        let difference = (loss.value(&moved(h)) - loss.value(&moved(-h))) / (2.0 * h);
        assert!((slope - difference).abs() < 1e-6 * slope.abs().max(1.0), "{slope} {difference}");
        let (mut up, mut down) = ([0.0; 6], [0.0; 6]);
        loss.value_grad(&moved(h), &mut up);
        loss.value_grad(&moved(-h), &mut down);
        for i in 0..6 {
            let difference = (up[i] - down[i]) / (2.0 * h);
            assert!((product[i] - difference).abs() < 1e-5 * product[i].abs().max(1.0));
        }
    }
}

/// The mean over many minibatches of the gradient at their places is the gradient of the mean over the curve:
/// within five standard errors.
#[test]
fn minibatches_estimate_the_gradient_without_bias() {
    let sum = samples::least_squares(40, 3);
    let curve = Curve::straight(CurveKind::Bezier, &[0.0, 1.0, 2.0], &[3.0, 0.0, 1.0], 2).unwrap();
    let loss: CurveLoss<'_, f64> = CurveLoss::new(&sum, &curve, 6, 7);
    let theta: Vec<f64> = (0..6).map(|i| (1.3 * i as f64).cos()).collect();
    let mut whole = [0.0; 6];
    loss.value_grad(&theta, &mut whole);
    let mut batch = FiniteSum::minibatch(&loss, 8);
    let (mut means, mut squares, mut g) = ([0.0; 6], [0.0; 6], [0.0; 6]);
    let mut count = 0.0;
    let mut places = Vec::new();
    for epoch in 0..2000 {
        let order = Stream::new(3, "test", epoch).permutation(40);
        for indices in order.chunks_exact(8) {
            batch.value_grad(&theta, indices, &mut g);
            places.push(loss.place(indices));
            count += 1.0;
            for i in 0..6 {
                means[i] += g[i];
                squares[i] += g[i] * g[i];
            }
        }
    }
    for i in 0..6 {
        let mean = means[i] / count;
        let error = ((squares[i] / count - mean * mean) / count).sqrt();
        assert!((mean - whole[i]).abs() < 5.0 * error, "{i}: {mean} ± {error}, {}", whole[i]);
    }
    // Kolmogorov's distance from uniform: 1.95/√n is passed once in a thousand samples.
    places.sort_by(f64::total_cmp);
    let far = places.iter().enumerate().map(|(i, t)| (t - i as f64 / count).abs()).fold(0.0, f64::max);
    assert!(far < 1.95 / count.sqrt(), "{far}");
}

#[test]
fn a_minibatch_product_is_the_derivative_of_its_gradient() {
    let sum = samples::least_squares(12, 2);
    let curve = Curve::straight(CurveKind::Chain, &[0.0, 1.0], &[3.0, 0.0], 2).unwrap();
    let loss: CurveLoss<'_, f64> = CurveLoss::new(&sum, &curve, 3, 1);
    let theta = CurveLoss::bends(&curve);
    let mut batch = FiniteSum::minibatch(&loss, 4);
    let indices = [3, 1, 7, 9];
    let direction = [1.0, -2.0, 0.5, 0.25];
    let moved: Vec<f64> = theta.iter().zip(&direction).map(|(x, d)| x + d).collect();
    let (mut at, mut beyond, mut product) = ([0.0; 4], [0.0; 4], [0.0; 4]);
    batch.value_grad(&theta, &indices, &mut at);
    batch.value_grad(&moved, &indices, &mut beyond);
    batch.product(&theta, &indices, Curvature::Hessian, &direction, &mut product).unwrap();
    for i in 0..4 {
        assert!((beyond[i] - at[i] - product[i]).abs() < 1e-12, "a quadratic's gradient is linear");
    }
}

/// A curve between two solutions of least squares trains to where the straight line already is.
#[test]
fn any_optimizer_trains_a_curve_and_resumes_to_the_same_bits() {
    let sum = samples::least_squares(21, 4);
    let curve = Curve::new(CurveKind::Bezier, vec![vec![1.0; 4], vec![3.0; 4], vec![1.0; 4]]).unwrap();
    let loss = CurveLoss::new(&sum, &curve, 4, 0);
    let oracle = Oracle::new(&loss);
    let training = Training {
        length: Length::Epochs(20),
        batch: Some(7),
        ..Training::new("adam".parse().unwrap(), 0.05)
    };
    let mut trainer = Trainer::new(training, &oracle).unwrap();
    let start = CurveLoss::bends(&curve);
    let mut run = trainer.begin(start.clone()).unwrap();
    trainer.advance(&mut run, u64::MAX, &mut |_, _| Ok(())).unwrap();
    assert!(loss.value(&run.x) < 0.05 * loss.value(&start), "{}", loss.value(&run.x));
    let mut again = trainer.begin(start).unwrap();
    trainer.advance(&mut again, 17, &mut |_, _| Ok(())).unwrap();
    trainer.advance(&mut again, u64::MAX, &mut |_, _| Ok(())).unwrap();
    assert_eq!(again, run);
}

#[test]
fn the_rule_of_gauss_is_exact_for_polynomials() {
    for count in 1..12 {
        let rule = gauss_legendre(count);
        for degree in 0..2 * count {
            let sum: f64 = rule.iter().map(|(t, w)| w * t.powi(degree as i32)).sum();
            assert!((sum - 1.0 / (degree + 1) as f64).abs() < 1e-14, "{count} {degree}: {sum}");
        }
    }
}
