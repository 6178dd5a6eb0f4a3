//! Separable functions whose minima lie at uneven places: Schwefel and Michalewicz.

use std::f64::consts::PI;

use super::super::registry::{Entry, dimension};
use super::{Function, Known, REFINED, lowest};

/// The table's row.
pub(in super::super) const SCHWEFEL: Entry = Entry {
    name: "schwefel",
    usage: "schwefel:N",
    examples: &["schwefel:1", "schwefel:5"],
    summary: "waves that grow outwards: the second best minimum is far from the best",
    source: "Schwefel 1981, 2.26",
    build: |text| Ok(schwefel(dimension(text, 1)?)),
};

/// The table's row.
pub(in super::super) const MICHALEWICZ: Entry = Entry {
    name: "michalewicz",
    usage: "michalewicz:N",
    examples: &["michalewicz:2", "michalewicz:5", "michalewicz:10"],
    summary: "steep ravines between plains: N! minima",
    source: "Michalewicz 1992",
    build: |text| Ok(michalewicz(dimension(text, 1)?)),
};

/// −x sin √|x| has its least value in [−500, 500] here, and the next but one here.
const BEST: (f64, f64) = (420.96874635998205, -418.9828872724337);
const SECOND: (f64, f64) = (-302.52493561191176, -300.54455265799584);

/// 418.98288727243… n − Σ xᵢ sin √|xᵢ| (Schwefel 1981, function 2.26).
///
/// # Panics
/// If n = 0.
pub fn schwefel(n: usize) -> Function {
    let function =
        Function::formula(format!("schwefel:{n}"), n, |x| (-BEST.1 - x * x.abs().sqrt().sin()).sum());
    let mut second = vec![BEST.0; n];
    second[0] = SECOND.0;
    function
        .with_start(vec![-200.0; n])
        .with_interval(-500.0, 500.0)
        .with_known(lowest(vec![BEST.0; n], 0.0, REFINED))
        .with_known(Known { global: false, ..lowest(second, SECOND.1 - BEST.1, REFINED) })
}

/// −Σ sin xᵢ sin²⁰(ixᵢ²/π) (Michalewicz 1992, with m = 10).
///
/// The minimizer's coordinates are found one by one by bisection of the derivative, up to 100 of them.
///
/// # Panics
/// If n = 0.
pub fn michalewicz(n: usize) -> Function {
    let function = Function::formula(format!("michalewicz:{n}"), n, move |x| {
        -(x.sin() * (x.counting(n) * x.square() / PI).sin().powi(20)).sum()
    });
    let function = function.with_start(vec![1.5; n]).with_interval(0.0, PI);
    if n > 100 {
        return function;
    }
    let x: Vec<f64> = (1..=n).map(|i| ravine(i as f64)).collect();
    let value = x.iter().enumerate().map(|(i, &x)| depth((i + 1) as f64, x)).sum();
    function.with_known(lowest(x, value, "the deepest ravine along each coordinate, by bisection"))
}

/// A term at x.
fn depth(i: f64, x: f64) -> f64 {
    -x.sin() * (i * x * x / PI).sin().powi(20)
}

/// Where a term is least in [0, π].
fn ravine(i: f64) -> f64 {
    // Forty points to each of the ravines, of which there are i.
    let count = 40.0 * (i + 1.0);
    let best = (1..count as usize)
        .map(|k| k as f64 * PI / count)
        .min_by(|a, b| depth(i, *a).total_cmp(&depth(i, *b)))
        .unwrap_or(0.0);
    // The derivative over −sin¹⁹(ix²/π).
    let slope = |x: f64| {
        let wave = i * x * x / PI;
        -x.cos() * wave.sin() - 40.0 * i * x / PI * x.sin() * wave.cos()
    };
    let sign = (i * best * best / PI).sin().signum();
    let (mut low, mut high) = (best - PI / count, best + PI / count);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if slope(middle) * sign < 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}
