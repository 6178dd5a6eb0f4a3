use super::*;
use crate::samples::{self, Function};

mod conditions;
mod published;

/// The search from 0 along +1 on a function of one variable: the length, the point left
/// behind, and the values and gradients that it took.
fn search(f: &Function, length: StepLength) -> (Option<f64>, Point<f64>, [u64; 2]) {
    search_after(f, length, &mut length.begin())
}

fn search_after(f: &Function, length: StepLength, past: &mut [f64]) -> (Option<f64>, Point<f64>, [u64; 2]) {
    let oracle = Oracle::new(f);
    let mut at = Point { x: vec![0.0], value: 0.0, gradient: vec![0.0] };
    at.value = oracle.value_grad(&at.x.clone(), &mut at.gradient).unwrap();
    let mut next = at.clone();
    let found = length.find(&oracle, &at, &[1.0], past, &mut next).unwrap();
    let counts = oracle.counts();
    (found, next, [counts.values, counts.gradients - 1])
}

fn one(
    value: impl Fn(f64) -> f64 + Send + Sync + 'static,
    slope: impl Fn(f64) -> f64 + Send + Sync + 'static,
) -> Function {
    samples::function(1, move |x| value(x[0]), move |x, g| g[0] = slope(x[0]), |_, h| h[0] = f64::NAN)
}
