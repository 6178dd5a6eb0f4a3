use super::super::{logistic, noisy_quadratic, two_clouds};
use super::*;
use crate::krylov::dense;
use crate::random::Stream;
use crate::vector::{dot, norm};

fn random(n: usize, index: u64) -> Vec<f64> {
    let mut x = vec![0.0; n];
    Stream::new(4, "theta", index).fill_normal(&mut x);
    x
}

fn planted<T: Scalar>(features: &[f64], labels: &[f64], n: usize, alpha: f64) -> ExampleSum<T> {
    logistic(Layout::flat(n), features, labels, alpha, n)
}

#[test]
fn logistic_regression_is_what_its_formula_says() {
    let (n, alpha) = (5, 0.1);
    let (features, labels) = two_clouds(60, n, 1.0, 3);
    let objective = planted(&features, &labels, n, alpha).with_limits(Threads::new(2), usize::MAX);
    let theta = random(n, 0);
    // By hand: the margin m, the share s = 1/(1 + eᵐ), ∇ℓ = −s y a, ∇²ℓ = s(1 − s) a aᵀ.
    let (mut loss, mut slope, mut bend, mut moment) = (0.0, vec![0.0; n], vec![0.0; n * n], 0.0);
    for (a, y) in features.chunks(n).zip(&labels) {
        let margin = y * dot(a, &theta);
        let share = 1.0 / (1.0 + margin.exp());
        loss += (-margin).exp().ln_1p() / 60.0;
        moment += share * share * dot(a, a) / 60.0;
        for i in 0..n {
            slope[i] -= share * y * a[i] / 60.0;
            for j in 0..n {
                bend[i * n + j] += share * (1.0 - share) * a[i] * a[j] / 60.0;
            }
        }
    }
    let data_slope = slope.clone();
    let mut penalty = 0.0;
    for (i, t) in theta.iter().enumerate() {
        let q = 1.0 + t * t;
        penalty += alpha * t * t / q;
        slope[i] += alpha * 2.0 * t / (q * q);
        bend[i * n + i] += alpha * (2.0 - 6.0 * t * t) / (q * q * q);
    }
    let terms = objective.terms(&theta);
    let right = features.chunks(n).zip(&labels).filter(|(a, y)| *y * dot(a, &theta) > 0.0).count();
    assert_eq!(terms.accuracy, Some(right as f64 / 60.0));
    assert!((terms.data - loss).abs() < 1e-14 && (terms.penalty - penalty).abs() < 1e-14, "{terms:?}");
    let mut gradient = vec![0.0; n];
    let value = objective.value_grad(&theta, &mut gradient);
    assert!((value - loss - penalty).abs() < 1e-14);
    let matrix = dense(&mut *objective.linearize(&theta, Curvature::Hessian).unwrap(), 8).unwrap();
    for i in 0..n {
        assert!((gradient[i] - slope[i]).abs() < 1e-14);
        for j in 0..n {
            assert!((matrix.entries[i * n + j] - bend[i * n + j]).abs() < 1e-14);
        }
    }
    let sum = objective.finite_sum().unwrap();
    let found = sum.gradient_moments(&theta, &mut gradient);
    assert!((found - moment).abs() < 1e-14 && sum.examples() == 60);
    assert!(gradient.iter().zip(&data_slope).all(|(a, b)| (a - b).abs() < 1e-14));
    // Minibatches that cover all examples once have the objective as their mean.
    let mut mean = vec![0.0; n];
    let mut batch = sum.minibatch(20);
    for part in Stream::new(1, "order", 0).permutation(60).chunks(20) {
        let mut gradient = vec![0.0; n];
        batch.value_grad(&theta, part, &mut gradient);
        mean.iter_mut().zip(&gradient).for_each(|(m, g)| *m += g / 3.0);
    }
    assert!(mean.iter().zip(&slope).all(|(a, b)| (a - b).abs() < 1e-14));
    let single = planted(&features, &labels, n, alpha);
    assert_eq!(single.value(&theta), objective.value(&theta));
}

#[test]
fn the_noise_has_the_covariance_that_is_said() {
    let (spectrum, noise) = ([3.0, 1.0, -0.5], [0.2, 1.0, 0.5]);
    let objective = noisy_quadratic::<f64>(&spectrum, &noise, 4, 7);
    let theta = random(3, 1);
    let expected: f64 = (0..3).map(|i| 0.5 * spectrum[i] * theta[i] * theta[i]).sum();
    let mut gradient = vec![0.0; 3];
    assert!((objective.value_grad(&theta, &mut gradient) - expected).abs() < 1e-14);
    assert!((0..3).all(|i| (gradient[i] - spectrum[i] * theta[i]).abs() < 1e-14));
    let sum = objective.finite_sum().unwrap();
    assert_eq!(sum.examples(), 24);
    // Each example's gradient by itself, and the covariance of all of them.
    let mut covariance = [0.0; 9];
    let mut one = sum.minibatch(1);
    for i in 0..24 {
        let mut own = vec![0.0; 3];
        one.value_grad(&theta, &[i], &mut own);
        for k in 0..9 {
            covariance[k] += (own[k / 3] - gradient[k / 3]) * (own[k % 3] - gradient[k % 3]) / 24.0;
        }
    }
    for k in 0..9 {
        let expected = if k / 3 == k % 3 { noise[k / 3] * noise[k / 3] } else { 0.0 };
        assert!((covariance[k] - expected).abs() < 1e-13, "{covariance:?}");
    }
    let trace: f64 = noise.iter().map(|s| s * s).sum();
    let moments = sum.gradient_moments(&theta, &mut gradient);
    assert!((moments - norm(&gradient).powi(2) - trace).abs() < 1e-13, "{moments}");
}

#[test]
fn products_of_minibatches_average_to_those_of_the_whole() {
    let n = 4;
    let (features, labels) = two_clouds(30, n, 1.0, 3);
    let objective = planted(&features, &labels, n, 0.1);
    let (theta, v) = (random(n, 1), random(n, 2));
    let mut whole = vec![0.0; n];
    objective.linearize(&theta, Curvature::Hessian).unwrap().apply(&v, &mut whole).unwrap();
    let mut batch = objective.finite_sum().unwrap().minibatch(10);
    let (mut mean, mut product) = (vec![0.0; n], vec![0.0; n]);
    for part in Stream::new(1, "order", 0).permutation(30).chunks(10) {
        batch.product(&theta, part, Curvature::Hessian, &v, &mut product).unwrap();
        mean.iter_mut().zip(&product).for_each(|(mean, part)| *mean += part / 3.0);
    }
    assert!(mean.iter().zip(&whole).all(|(a, b)| (a - b).abs() < 1e-14), "{mean:?} {whole:?}");
    assert!(batch.product(&theta, &[0; 10], Curvature::Fisher, &v, &mut product).is_err());
}

/// Many shards, cut by the number of examples, and the same bits on any number of threads and with nothing kept.
#[test]
fn shards_add_up_to_the_same_bits_on_any_threads() {
    let (n, count) = (64, 3000);
    let (features, labels) = two_clouds(count, n, 0.5, 1);
    let single = planted::<f64>(&features, &labels, n, 0.1);
    assert!(count > 4 * single.formulas.shard());
    let theta = random(n, 3);
    let margins: Vec<f64> = features.chunks(n).zip(&labels).map(|(a, y)| y * dot(a, &theta)).collect();
    let losses: Vec<f64> = margins.iter().map(|m| (-m).max(0.0) + (-m.abs()).exp().ln_1p()).collect();
    let mean = losses.iter().sum::<f64>() / count as f64;
    let variance = losses.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / (count - 1) as f64;
    let terms = single.terms(&theta);
    assert!((terms.data - mean).abs() < 1e-13);
    assert!((terms.data_stderr.unwrap() / (variance / count as f64).sqrt() - 1.0).abs() < 1e-10);
    let moment =
        features.chunks(n).zip(&margins).map(|(a, m)| (1.0 + m.exp()).powi(-2) * dot(a, a)).sum::<f64>();
    let mut gradient = vec![0.0; n];
    let found = single.gradient_moments(&theta, &mut gradient);
    assert!((found / (moment / count as f64) - 1.0).abs() < 1e-12);

    let vectors: Vec<f64> = (0..11).flat_map(|k| random(n, 10 + k)).collect();
    let all = |sum: &ExampleSum<f64>| {
        let mut gradient = vec![0.0; n];
        let value = sum.value_grad(&theta, &mut gradient);
        let mut products = vec![0.0; vectors.len()];
        sum.linearize(&theta, Curvature::Hessian).unwrap().apply(&vectors, &mut products).unwrap();
        let mut values = vec![0.0; 11];
        sum.values(&vectors, &mut values);
        let mut slope = vec![0.0; n];
        let moments = sum.gradient_moments(&theta, &mut slope);
        (value, gradient, products, values, moments, slope, sum.terms(&theta))
    };
    let expected = all(&single);
    for (threads, kept) in [(2, usize::MAX), (3, 0), (1, 5000)] {
        let sum = planted::<f64>(&features, &labels, n, 0.1).with_limits(Threads::new(threads), kept);
        assert!(all(&sum) == expected, "{threads} threads, {kept} bytes");
    }
}

/// In f32 only coordinates and results are rounded, not sums.
#[test]
fn single_precision_rounds_coordinates_alone() {
    let (n, count) = (5, 4000);
    let (features, labels) = two_clouds(count, n, 1.0, 3);
    let features: Vec<f64> = features.iter().map(|v| f64::from(*v as f32)).collect();
    let wide = planted::<f64>(&features, &labels, n, 0.1);
    let narrow = planted::<f32>(&features, &labels, n, 0.1);
    let theta: Vec<f32> = random(n, 0).iter().map(|v| *v as f32).collect();
    let widened: Vec<f64> = theta.iter().map(|v| f64::from(*v)).collect();
    assert!((narrow.value(&theta) - wide.value(&widened)).abs() < 1e-14);
    let (mut g, mut expected) = (vec![0.0f32; n], vec![0.0f64; n]);
    narrow.value_grad(&theta, &mut g);
    wide.value_grad(&widened, &mut expected);
    assert!(g.iter().zip(&expected).all(|(a, b)| *a == *b as f32));
}

/// What a plan counts on is not below what evaluations allocate for kept values and examples.
#[test]
fn memory_is_counted() {
    use crate::problem::Evaluations;
    let (features, labels) = two_clouds(3000, 64, 0.5, 1);
    let sum = planted::<f64>(&features, &labels, 64, 0.1);
    assert_eq!(sum.data_bytes(), 3000 * 64 * 8);
    let plain = sum.work(&Evaluations { gradients: true, ..Evaluations::default() });
    let all = sum.work(&Evaluations {
        gradients: true,
        products: Some(Curvature::Hessian),
        minibatch: Some(32),
        minibatch_products: true,
        noise: true,
        ..Evaluations::default()
    });
    assert_eq!((plain.shards, plain.kept), (6, 0));
    // At least one number an example: the second derivative of its loss.
    assert!(all.kept >= 3000 * 8 && all.products[0] > 0);
    assert!(all.other > plain.other && all.other_per_thread > plain.other_per_thread);
}
