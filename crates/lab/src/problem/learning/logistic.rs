//! Logistic regression with a penalty that is not convex.

use thalweg_graph::Threads;

use super::ExampleSum;
use crate::random::Stream;
use crate::{Layout, Scalar};

/// (1/N) Σᵢ ln(1 + e^(−yᵢ aᵢᵀθ)) + α Σⱼ θⱼ²/(1 + θⱼ²) with labels y = ±1.
///
/// `features` is N × d; θ has d coordinates and there is no bias: give a column of ones for one. The
/// penalty is convex near 0 and concave beyond 1/√3, so the sum has directions of negative curvature where the data say
/// little. It is a standard test of methods for non-convex sums (Antoniadis, Gijbels & Nikolova 2011 for the
/// penalty).
///
/// # Panics
/// If there is not one label for each row of features.
pub fn logistic<T: Scalar>(features: &[f64], labels: &[f64], alpha: f64, threads: Threads) -> ExampleSum<T> {
    let d = features.len() / labels.len();
    assert_eq!(features.len(), d * labels.len(), "one label a row of features");
    // Only the product of label and features matters.
    let rows = features.chunks_exact(d).zip(labels).flat_map(|(a, y)| a.iter().map(move |a| T::of(y * a)));
    ExampleSum::new(
        Layout::new([("theta", vec![d])]),
        rows.collect(),
        d,
        |theta, rows| (-(rows.times(theta))).softplus(),
        move |theta| {
            let square = theta.square();
            alpha * (square / (1.0 + square)).sum()
        },
        threads,
    )
}

/// Two clouds of normal points around ±μ with ‖μ‖ = `distance`, as features (N × d) and labels ±1.
///
/// μ is random; half of the points, rounded up, have label 1.
pub fn two_clouds(examples: usize, d: usize, distance: f64, seed: u64) -> (Vec<f64>, Vec<f64>) {
    let mut center = vec![0.0f64; d];
    Stream::new(seed, "center", 0).fill_normal(&mut center);
    let length = center.iter().map(|v| v * v).sum::<f64>().sqrt();
    let mut features = vec![0.0; examples * d];
    Stream::new(seed, "cloud", 0).fill_normal(&mut features);
    let labels: Vec<f64> = (0..examples).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
    for (row, label) in features.chunks_exact_mut(d).zip(&labels) {
        row.iter_mut().zip(&center).for_each(|(a, c)| *a += label * distance * c / length);
    }
    (features, labels)
}
