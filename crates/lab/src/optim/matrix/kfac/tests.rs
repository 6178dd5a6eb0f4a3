use super::*;
use crate::{Curvature, DenseLayer, KroneckerFisher, Oracle, samples};

/// Two layers and three parameters beside them, with factors and gradients that are given.
struct Given {
    fisher: KroneckerFisher<f64>,
    gradient: Vec<f64>,
}

const N: usize = 8 + 2 + 3 + 6;

fn number(i: usize) -> f64 {
    f64::sin(1.0 + 1.7 * i as f64)
}

/// M Mᵀ for a d × (d − 1) matrix M, so that it is singular.
fn gram(d: usize, seed: usize) -> Vec<f64> {
    let entry = |i: usize, k: usize| number(seed + 7 * i + k);
    (0..d * d).map(|at| (0..d - 1).map(|k| entry(at / d, k) * entry(at % d, k)).sum()).collect()
}

impl Given {
    fn new() -> Self {
        let first = DenseLayer { widths: [4, 2], weight: 0..8, bias: Some(8..10), transposed: false };
        let second = DenseLayer { widths: [2, 3], weight: 13..19, bias: None, transposed: true };
        let layers = [(first, 3), (second, 50)].map(|(layer, seed)| {
            let [rows, columns] = layer.shape();
            DenseFactors { layer, inputs: gram(columns, seed), outputs: gram(rows, seed + 20) }
        });
        Self {
            fisher: KroneckerFisher { layers: layers.to_vec(), passes: 3 },
            gradient: (0..N).map(|i| number(i + 100)).collect(),
        }
    }
}

impl Sample<f64> for Given {
    fn value_grad(&mut self, _: &[f64], gradient: &mut [f64]) -> Result<f64, Stop> {
        gradient.copy_from_slice(&self.gradient);
        Ok(1.5)
    }

    fn product(&mut self, _: &[f64], _: Curvature, _: &[f64], _: &mut [f64]) -> Result<(), Stop> {
        unreachable!("K-FAC needs no products")
    }

    fn kronecker_fisher(&mut self, _: &[f64]) -> Result<KroneckerFisher<f64>, Stop> {
        Ok(self.fisher.clone())
    }

    fn whole(&mut self, _: &[f64], _: &mut [f64]) -> Result<f64, Stop> {
        unreachable!("K-FAC needs no gradient of all examples")
    }
}

/// Gaussian elimination with the largest pivots.
fn solve(mut matrix: Vec<f64>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for k in 0..n {
        let pivot =
            (k..n).max_by(|&i, &j| matrix[i * n + k].abs().total_cmp(&matrix[j * n + k].abs())).unwrap();
        (0..n).for_each(|j| matrix.swap(k * n + j, pivot * n + j));
        right.swap(k, pivot);
        for i in k + 1..n {
            let share = matrix[i * n + k] / matrix[k * n + k];
            (k..n).for_each(|j| matrix[i * n + j] -= share * matrix[k * n + j]);
            right[i] -= share * right[k];
        }
    }
    for k in (0..n).rev() {
        let rest: f64 = (k + 1..n).map(|j| matrix[k * n + j] * right[j]).sum();
        right[k] = (right[k] - rest) / matrix[k * n + k];
    }
    right
}

/// The direction by the whole matrix of every layer: ((A + π√λ I) ⊗ (G + (√λ/π) I))⁻¹ vec ∇W̄.
fn dense_direction(given: &Given, damping: f64) -> Vec<f64> {
    let mut direction = given.gradient.clone();
    for DenseFactors { layer, inputs, outputs } in &given.fisher.layers {
        let [c, d] = layer.shape();
        let trace = |m: &[f64], d: usize| (0..d).map(|i| m[i * d + i]).sum::<f64>();
        let pi = ((trace(inputs, d) / d as f64) / (trace(outputs, c) / c as f64)).sqrt();
        let entry =
            |m: &[f64], d: usize, i: usize, j: usize, add: f64| m[i * d + j] + if i == j { add } else { 0.0 };
        let n = c * d;
        // Columns of W̄ one below the other.
        let matrix = (0..n * n).map(|at| {
            let (i, j) = (at / n, at % n);
            entry(inputs, d, i / c, j / c, pi * damping.sqrt())
                * entry(outputs, c, i % c, j % c, damping.sqrt() / pi)
        });
        let places: Vec<usize> = (0..n).map(|i| layer.place(i % c, i / c)).collect();
        let right = places.iter().map(|&p| given.gradient[p]).collect();
        let found = solve(matrix.collect(), right);
        places.into_iter().zip(found).for_each(|(p, v)| direction[p] = v);
    }
    direction
}

const PLAIN: Kfac = Kfac { momentum: 0.0, damping: 0.01, decay: 0.95, every: 20, clip: 1e9 };

fn advance(rule: &Kfac, given: &mut Given, memory: &mut Memory<f64>, x: &mut [f64], rate: f64) {
    let value = rule.step(given, memory, x, &mut [0.0; N], Rates::new(rate)).unwrap();
    assert_eq!(value, 1.5);
}

#[test]
fn places_cover_the_layers() {
    let layers = Given::new().fisher.layers;
    let mut places: Vec<usize> = layers
        .iter()
        .flat_map(|DenseFactors { layer, .. }| {
            let [rows, columns] = layer.shape();
            (0..rows * columns).map(move |i| layer.place(i / columns, i % columns))
        })
        .collect();
    assert_eq!(places[..5], [0, 1, 2, 3, 8]);
    assert_eq!(places[10..14], [13, 16, 14, 17]);
    places.sort_unstable();
    assert_eq!(places, (0..10).chain(13..19).collect::<Vec<_>>());
}

#[test]
fn a_step_solves_with_the_whole_matrix() {
    let mut given = Given::new();
    let (mut memory, mut x) = (PLAIN.init(N), [0.0; N]);
    advance(&PLAIN, &mut given, &mut memory, &mut x, 1.0);
    let expected = dense_direction(&given, 0.01);
    for (x, d) in x.iter().zip(&expected) {
        assert!((x + d).abs() < 1e-9 * (1.0 + d.abs()), "{x} against {}", -d);
    }
    assert_eq!(x[10..13], given.gradient[10..13].iter().map(|g| -g).collect::<Vec<_>>());
}

#[test]
fn the_step_is_clipped_and_has_momentum() {
    let mut given = Given::new();
    let rule = Kfac { clip: 1e-3, momentum: 0.5, ..PLAIN };
    let (mut memory, mut x) = (rule.init(N), [0.0; N]);
    advance(&rule, &mut given, &mut memory, &mut x, 0.1);
    let direction = dense_direction(&given, 0.01);
    let layers = || (0..10).chain(13..19);
    let slope: f64 = layers().map(|i| direction[i] * given.gradient[i]).sum();
    let scale = (1e-3 / (0.01 * slope)).sqrt();
    assert!(scale < 1.0);
    let length: f64 = layers().map(|i| x[i] * x[i] / direction[i] * given.gradient[i]).sum();
    assert!((length / 1e-3 - 1.0).abs() < 1e-9, "η² ν² ⟨V, ∇⟩ = {length}");
    let first = x;
    advance(&rule, &mut given, &mut memory, &mut x, 0.1);
    for i in 0..N {
        let wanted = if layers().any(|l| l == i) { scale * direction[i] } else { given.gradient[i] };
        assert!((first[i] + 0.1 * wanted).abs() < 1e-9 * (1.0 + wanted.abs()));
        assert!((x[i] + 0.25 * wanted).abs() < 1e-9 * (1.0 + wanted.abs()));
    }
}

#[test]
fn factors_are_averaged_and_inverses_renewed_as_the_paper_says() {
    let mut given = Given::new();
    let rule = Kfac { every: 5, decay: 0.75, ..PLAIN };
    let (mut memory, mut x) = (rule.init(N), [0.0; N]);
    let first = given.fisher.layers[0].inputs[0];
    let (mut mean, mut changes) = (0.0, Vec::new());
    for k in 1..=11u64 {
        given.fisher.layers[0].inputs[0] = first + k as f64;
        let before = memory.vectors[2].clone();
        advance(&rule, &mut given, &mut memory, &mut x, 0.1);
        let kept = [0.0, 0.5, 2.0 / 3.0, 0.75].get(k as usize - 1).copied().unwrap_or(0.75);
        mean = kept * mean + (1.0 - kept) * (first + k as f64);
        assert!((memory.vectors[1][0] - mean).abs() < 1e-12);
        if memory.vectors[2] != before {
            changes.push(k);
        }
    }
    assert_eq!(changes, [1, 2, 3, 5, 10]);
}

#[test]
fn what_has_no_factors_is_told_so_at_the_first_step() {
    let f = samples::rosenbrock(2);
    let oracle: Oracle<'_, f64> = Oracle::new(&f);
    let (mut memory, mut x) = (PLAIN.init(2), [0.5, 0.5]);
    let mut all = crate::optim::Everything::new(&oracle);
    let stop = PLAIN.step(&mut all, &mut memory, &mut x, &mut [0.0; 2], Rates::new(0.1)).unwrap_err();
    assert!(matches!(stop, Stop::NoFactors { .. }));
    assert_eq!(
        stop.to_string(),
        "this objective has no Kronecker factors, which the method needs: it is no network with dense layers"
    );
    // A memory of other layers is refused too.
    let mut given = Given::new();
    let (mut memory, mut x) = (PLAIN.init(N), [0.0; N]);
    assert!(PLAIN.accepts(&memory, N));
    advance(&PLAIN, &mut given, &mut memory, &mut x, 0.1);
    assert!(PLAIN.accepts(&memory, N) && !PLAIN.accepts(&memory, N + 1));
    given.fisher.layers.pop();
    let stop = PLAIN.step(&mut given, &mut memory, &mut x, &mut [0.0; N], Rates::new(0.1)).unwrap_err();
    assert!(stop.to_string().contains("other layers"), "{stop}");
}
