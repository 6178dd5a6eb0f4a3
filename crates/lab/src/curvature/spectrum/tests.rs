use super::*;
use crate::problem::analytic::{Analytic, Function, quadratic, rotated_quadratic};
use crate::{Curvature, Objective};

const NEVER: SpectrumOptions = SpectrumOptions {
    exact: Exact::Never,
    ends: ExtremalOptions {
        top: 4,
        bottom: 4,
        block: 8,
        basis: None,
        max_products: 2000,
        tolerance: 1e-6,
        confirm: true,
        seed: 1,
    },
    slq: None,
    trace: TraceOptions { products: 64, block: 8, seed: 2 },
};

/// Spread evenly over (0, 1), with outliers at both ends.
fn outliers(n: usize) -> Vec<f64> {
    let mut values = vec![-3.0, -2.5, 7.0, 9.0];
    values.extend((4..n).map(|i| (i as f64 - 3.5) / n as f64 - 0.1));
    values.sort_by(f64::total_cmp);
    values
}

fn look<T: Scalar>(function: Function, options: &SpectrumOptions) -> Spectrum<T> {
    let objective = Analytic::<T>::new(function, Default::default());
    let x = objective.function().start::<T>();
    spectrum(&mut *objective.linearize(&x, Curvature::Hessian).unwrap(), options).unwrap()
}

#[test]
fn exact_and_iterative_agree_with_the_truth() {
    let values = outliers(600);
    let negative = values.iter().filter(|v| **v < 0.0).count() as u64;
    let with_density = SpectrumOptions { slq: Some(SlqOptions::default()), ..NEVER };
    for (exact, options) in [
        (true, SpectrumOptions { exact: Exact::Auto, ..with_density }),
        (true, SpectrumOptions { exact: Exact::Always, ..with_density }),
        (false, with_density),
    ] {
        let found = look::<f64>(rotated_quadratic(&values, 4), &options);
        assert_eq!((found.exact, found.dimension), (exact, 600));
        assert!(found.confirmed && (found.norm - 9.0).abs() < 1e-8);
        for (pair, value) in found.top.iter().zip(values.iter().rev()).chain(found.bottom.iter().zip(&values))
        {
            assert!((pair.value - value).abs() <= pair.residual + 1e-12, "{} {value}", pair.value);
        }
        assert_eq!((found.top.len(), found.bottom.len()), (4, 4));
        let trace: f64 = values.iter().sum();
        assert!((found.trace.mean - trace).abs() <= 5.0 * found.trace.stderr + 1e-9);
        let frobenius = values.iter().map(|v| v * v).sum::<f64>().sqrt();
        assert!((found.frobenius.mean - frobenius).abs() <= 5.0 * found.frobenius.stderr + 1e-9);
        assert_eq!(found.trace.stderr == 0.0, exact);
        assert_eq!(found.negative.exact, exact);
        let estimate = found.negative.estimate.unwrap();
        assert!(found.negative.count >= 2 && found.negative.count <= negative);
        assert!(
            estimate.lower - 5.0 * estimate.stderr <= negative as f64
                && negative as f64 <= estimate.upper + 5.0 * estimate.stderr
        );
        assert!(found.moments.unwrap().passes(5.0), "{:?}", found.moments);
        assert!(found.products <= options.products(600));
        if exact {
            assert_eq!(found.negative.count, negative);
            for (found, value) in found.eigenvalues().unwrap().iter().zip(&values) {
                assert!((found - value).abs() < 1e-12);
            }
        } else {
            assert!(found.eigenvalues().is_none() && found.condition.is_none());
        }
    }
}

#[test]
fn null_eigenvalues_have_no_sign() {
    let mut values = vec![0.0; 50];
    values.extend([1e-3, 2.0, -1.0]);
    let wide = look::<f64>(rotated_quadratic(&values, 9), &SpectrumOptions::default());
    assert_eq!((wide.negative.count, wide.negative.exact), (1, true));
    let condition = wide.condition.unwrap();
    assert!((condition.value - 2000.0).abs() < 1e-6 && condition.null == 50 && !condition.definite);
    let narrow = look::<f32>(rotated_quadratic(&values, 9), &SpectrumOptions::default());
    assert_eq!(narrow.negative.count, 1);
    assert!(narrow.negative.threshold > 1e-7 && narrow.condition.unwrap().null == 50);
    let zero = look::<f64>(quadratic(&[0.0, 0.0]), &SpectrumOptions::default());
    assert_eq!((zero.condition, zero.negative.count, zero.norm), (None, 0, 0.0));
    assert!(zero.moments.unwrap().passes(1.0));
}

#[test]
fn the_condition_of_a_definite_matrix_needs_its_ends_alone() {
    let mut values: Vec<f64> = (0..800).map(|i| 1.0 + f64::from(i) / 200.0).collect();
    values.extend([0.5, 0.6, 0.7, 0.8, 10.0, 9.0, 8.0, 7.0]);
    for options in [SpectrumOptions { exact: Exact::Always, ..NEVER }, NEVER] {
        let found = look::<f64>(rotated_quadratic(&values, 2), &options);
        let condition = found.condition.unwrap();
        assert!(condition.definite && (condition.value - 20.0).abs() < 1e-3, "{condition:?}");
        assert_eq!((found.negative.count, condition.null), (0, 0));
    }
}

#[test]
fn it_is_written_without_its_vectors() {
    let found = look::<f32>(quadratic(&[2.0, -1.0]), &SpectrumOptions::default());
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["top"][0]["value"], 2.0);
    assert_eq!(json["negative"]["count"], 1);
    assert!(json["top"][0].get("vector").is_none() && json.get("slq").is_none());
}
