//! Values by plain loops, published energies, and the octopus tube by tube.

use super::{Row, check, objective};
use crate::Objective;
use crate::random::Stream;

const ROWS: &[Row] = &[
    ("factorization:4,3,1", |u| gap(u, 3, 1, &[4.0, 3.0, 1.0])),
    ("factorization:5,3,2,0,-1,rank=2", |u| gap(u, 5, 2, &[5.0, 3.0, 2.0, 0.0, -1.0])),
    ("tensor:6", |x| {
        let length = x.iter().map(|x| x * x).sum::<f64>();
        -x.iter().map(|x| x.powi(4)).sum::<f64>() / length.powi(2)
    }),
    ("linear-network:3,2", |w| {
        let entry = |i: usize, j: usize| w[4 + 2 * i] * w[j] + w[5 + 2 * i] * w[2 + j];
        let target = [[3.0, 0.0], [0.0, 2.0]];
        0.5 * (0..4).map(|k| (entry(k / 2, k % 2) - target[k / 2][k % 2]).powi(2)).sum::<f64>()
    }),
    ("xor", |w| {
        let output = |x: f64, y: f64| {
            let one = (w[0] * x + w[1] * y + w[4]).tanh();
            let two = (w[2] * x + w[3] * y + w[5]).tanh();
            w[6] * one + w[7] * two + w[8]
        };
        output(0.0, 0.0).powi(2)
            + (1.0 - output(0.0, 1.0)).powi(2)
            + (1.0 - output(1.0, 0.0)).powi(2)
            + output(1.0, 1.0).powi(2)
    }),
    ("p-spin:8", |x| {
        let mut couplings = [0.0; 512];
        Stream::new(0, "couplings", 0).fill_normal(&mut couplings);
        let root = (8.0 / x.iter().map(|x| x * x).sum::<f64>()).sqrt();
        let spins = |k: usize| x[k / 64] * x[k / 8 % 8] * x[k % 8];
        couplings.iter().enumerate().map(|(k, j)| j * spins(k)).sum::<f64>() * root.powi(3) / 8.0
    }),
    ("groups:12,3", |x| {
        let gap = |g: usize| x[4 * g..4 * g + 4].iter().sum::<f64>() - (g + 1) as f64;
        (0..3).map(|g| gap(g).powi(2)).sum()
    }),
    // The largest two of six are left out, whichever they are.
    ("wedges:6,2", |x| {
        let without =
            |i: usize, j: usize| (0..6).filter(|k| *k != i && *k != j).map(|k| x[k] * x[k]).sum::<f64>();
        let pairs = (0..6).flat_map(|i| (0..i).map(move |j| (i, j)));
        pairs.map(|(i, j)| without(i, j).sqrt()).fold(f64::INFINITY, f64::min)
    }),
    ("lennard-jones:5", |x| {
        let distance =
            |i: usize, j: usize| (0..3).map(|a| (x[3 * i + a] - x[3 * j + a]).powi(2)).sum::<f64>().sqrt();
        let pairs = (0..5).flat_map(|i| (0..i).map(move |j| (i, j)));
        pairs.map(|(i, j)| 4.0 * (distance(i, j).powi(-12) - distance(i, j).powi(-6))).sum()
    }),
];

fn gap(u: &[f64], n: usize, r: usize, spectrum: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (i, j) in (0..n).flat_map(|i| (0..n).map(move |j| (i, j))) {
        let product: f64 = (0..r).map(|c| u[i * r + c] * u[j * r + c]).sum();
        sum += (product - if i == j { spectrum[i] } else { 0.0 }).powi(2);
    }
    0.25 * sum
}

#[test]
fn values_are_those_of_plain_loops() {
    check(ROWS);
}

/// Cambridge Cluster Database, in units of ε.
#[test]
fn clusters_have_the_published_energies() {
    for (atoms, energy) in [
        (2, -1.0),
        (3, -3.0),
        (4, -6.0),
        (5, -9.103852),
        (6, -12.712062),
        (7, -16.505384),
        (13, -44.326801),
        (38, -173.928427),
    ] {
        let function = objective::<f64>(&format!("lennard-jones:{atoms}")).function().clone();
        let found = function.minimum().unwrap();
        assert!((found - energy).abs() <= 5e-7, "{atoms} atoms: {found}");
    }
}

/// Du et al. 2017, eq. 4 to 6 with τ = L = e and γ = 1, on the tubes where the paper defines them.
fn tube(x: &[f64]) -> Option<f64> {
    let (tau, l, gamma) = (std::f64::consts::E, std::f64::consts::E, 1.0);
    let g1 = |x: f64| {
        -gamma * x * x
            + (-14.0 * l + 10.0 * gamma) / (3.0 * tau) * (x - tau).powi(3)
            + (5.0 * l - 3.0 * gamma) / (2.0 * tau * tau) * (x - tau).powi(4)
    };
    let g2 = |x: f64| {
        let t = x - 2.0 * tau;
        -gamma
            - 10.0 * (l + gamma) / tau.powi(3) * t.powi(3)
            - 15.0 * (l + gamma) / tau.powi(4) * t.powi(4)
            - 6.0 * (l + gamma) / tau.powi(5) * t.powi(5)
    };
    let nu = -g1(2.0 * tau) + 4.0 * l * tau * tau;
    let n = x.len();
    let passed = x.iter().take_while(|x| **x >= 2.0 * tau).count();
    let bowls: f64 = x[..passed].iter().map(|x| l * (x - 4.0 * tau).powi(2) - nu).sum();
    if passed == n {
        return Some(bowls);
    }
    let waits = |x: &[f64]| x.iter().all(|x| *x <= tau);
    let rest: f64 = x[passed + 1..].iter().map(|x| l * x * x).sum();
    match x[passed] {
        v if v <= tau && waits(&x[passed + 1..]) => Some(bowls - gamma * v * v + rest),
        v if v > tau && waits(&x[passed + 1..]) => {
            let next = x.get(passed + 1).map_or(0.0, |next| (g2(v) - l) * next * next);
            Some(bowls + g1(v) + next + rest)
        }
        _ => None,
    }
}

#[test]
fn the_octopus_is_the_papers_on_its_tubes() {
    let objective = objective::<f64>("octopus:5");
    let tau = std::f64::consts::E;
    let mut compared = 0;
    for index in 0..2000 {
        let mut x = [0.0; 5];
        Stream::new(9, "octopus", index).fill_uniform(0.0, 1.0, &mut x);
        // Into a tube: the first coordinates far, one anywhere up to 2τ, the rest near.
        let passed = index as usize % 6;
        for (i, x) in x.iter_mut().enumerate() {
            *x *= match i.cmp(&passed) {
                std::cmp::Ordering::Less => 4.0 * tau,
                std::cmp::Ordering::Equal => 2.0 * tau,
                std::cmp::Ordering::Greater => tau,
            };
            *x += if i < passed { 2.0 * tau } else { 0.0 };
        }
        let expected = tube(&x).expect("inside a tube");
        for mirrored in [x, x.map(|x| -x)] {
            let found = objective.value(&mirrored);
            assert!(
                (found - expected).abs() <= 1e-12 * expected.abs().max(100.0),
                "{x:?}: {found} {expected}"
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 4000);
}
