//! Functions of matrices, networks and particles whose critical points are known.

pub(super) mod completion;
pub(super) mod factorization;
pub(super) mod groups;
pub(super) mod lennard_jones;
pub(super) mod linear_network;
pub(super) mod octopus;
pub(super) mod phase_retrieval;
pub(super) mod sensing;
pub(super) mod spin;
pub(super) mod tensor;
pub(super) mod wedges;
pub(super) mod xor;

use super::registry::SpecError;
use super::{Function, Known};
use crate::krylov::Dense;

/// A global minimum.
fn lowest(x: Vec<f64>, value: f64, nullity: usize, source: &'static str) -> Known {
    Known { x, value, index: 0, nullity, global: true, source }
}

/// Standard normal numbers of a named stream.
fn normal(seed: u64, name: &str, count: usize) -> Vec<f64> {
    let mut numbers = vec![0.0; count];
    crate::random::Stream::new(seed, name, 0).fill_normal(&mut numbers);
    numbers
}

/// Whole numbers given by name, in this order, or their usual values.
fn numbers<const K: usize>(
    named: [Option<&str>; K],
    names: [&str; K],
    usual: [u64; K],
) -> Result<[u64; K], SpecError> {
    let mut numbers = usual;
    for (k, text) in named.into_iter().enumerate().filter_map(|(k, text)| Some((k, text?))) {
        numbers[k] = text.parse().map_err(|_| {
            SpecError::new(format!("expected a whole number as {}, found {text:?}", names[k]))
        })?;
    }
    Ok(numbers)
}

/// The symmetric matrix with these entries (n × n).
fn symmetric(entries: Vec<f64>, n: usize) -> Dense {
    Dense { dimension: n, entries, asymmetry: 0.0, products: 0 }
}

/// How many eigenvalues are negative, and how many are 0 beside the largest.
fn inertia(entries: Vec<f64>, n: usize) -> (usize, usize) {
    let eigenvalues = symmetric(entries, n).eigenvalues();
    let null = 1e-10 * eigenvalues.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let negative = eigenvalues.iter().filter(|v| **v < -null).count();
    (negative, eigenvalues.iter().filter(|v| v.abs() <= null).count())
}

/// The dimension of the null space of a Jacobian (m × n, row-major).
fn nullity(jacobian: &[f64], n: usize) -> usize {
    let mut normal = vec![0.0; n * n];
    for row in jacobian.chunks_exact(n) {
        for (i, a) in row.iter().enumerate().filter(|(_, a)| **a != 0.0) {
            row.iter().enumerate().for_each(|(j, b)| normal[i * n + j] += a * b);
        }
    }
    inertia(normal, n).1
}

/// The largest dimension for which a Jacobian's null space is computed.
const COMPUTED: usize = 300;
