//! Quadratics with a given spectrum.

use thalweg_graph::{Builder, Value};

use super::registry::{Entry, SpecError};
use super::{Function, Known};
use crate::random::Stream;

/// Reflections whose product rotates a quadratic.
const MIRRORS: u64 = 3;
/// The largest number of eigenvalues that a text may ask for.
const LARGEST: usize = 1 << 24;

/// The table's row.
pub(super) const ENTRY: Entry = Entry {
    name: "quadratic",
    usage: "quadratic:L1,L2,…[,rotation=SEED]",
    examples: &["quadratic:1,2,-3", "quadratic:5x1,0,-2,rotation=7"],
    summary: "a quadratic with these eigenvalues; 98x1,-2 is 98 times 1, then −2",
    source: "",
    build: parse,
};

/// ½ Σᵢ λᵢ xᵢ²: its Hessian is diagonal with the given eigenvalues.
///
/// The start is 1 in each coordinate.
///
/// # Panics
/// If there are no eigenvalues.
pub fn quadratic(spectrum: &[f64]) -> Function {
    build(format!("quadratic:{}", write(spectrum)), spectrum, Vec::new())
}

/// ½ Σᵢ λᵢ (Qᵀx)ᵢ² with a random orthogonal Q: the Hessian QΛQᵀ is dense, with
/// the given eigenvalues; eigenvectors are the columns of Q.
///
/// Q is a product of three Householder reflections I − 2uuᵀ with u uniform on the
/// sphere, so that a product costs O(n); it is not uniform among the orthogonal matrices.
/// The start is 1 in each coordinate.
///
/// # Panics
/// If there are no eigenvalues.
pub fn rotated_quadratic(spectrum: &[f64], seed: u64) -> Function {
    let mirrors = (0..MIRRORS).map(|index| {
        let mut u = vec![0.0f64; spectrum.len()];
        Stream::new(seed, "rotation", index).fill_normal(&mut u);
        let length = u.iter().map(|v| v * v).sum::<f64>().sqrt();
        u.iter().map(|v| v / length).collect()
    });
    let name = format!("quadratic:{},rotation={seed}", write(spectrum));
    build(name, spectrum, mirrors.collect())
}

fn build(name: String, spectrum: &[f64], mirrors: Vec<Vec<f64>>) -> Function {
    let n = spectrum.len();
    let values = spectrum.to_vec();
    let function = Function::new(name, n, move |b, x| {
        let dtype = b.ty(x).dtype;
        let mut y = x;
        for mirror in &mirrors {
            let u = Function::constant(b, dtype, mirror);
            y = reflect(b, y, u);
        }
        let values = Function::constant(b, dtype, &values);
        let square = b.square(y);
        let terms = b.mul(square, values);
        let sum = Function::total(b, terms);
        b.scale(sum, 0.5)
    });
    let index = spectrum.iter().filter(|l| **l < 0.0).count();
    function.with_start(vec![1.0; n]).with_known(Known {
        x: vec![0.0; n],
        value: 0.0,
        index,
        nullity: spectrum.iter().filter(|l| **l == 0.0).count(),
        global: index == 0,
        source: "the gradient is linear",
    })
}

/// y − 2 (uᵀy) u.
fn reflect(b: &mut Builder, y: Value, u: Value) -> Value {
    let n = b.shape(y)[0];
    let along = b.mul(y, u);
    let along = b.sum(along, &[0]);
    let along = b.scale(along, 2.0);
    let along = b.broadcast(along, &[n]);
    let change = b.mul(along, u);
    b.sub(y, change)
}

/// Reads `1,98x0.5,-2,rotation=7`.
fn parse(text: &str) -> Result<Function, SpecError> {
    let mut spectrum = Vec::new();
    let mut rotation = None;
    for item in text.split(',') {
        if let Some(seed) = item.strip_prefix("rotation=") {
            rotation = Some(seed.parse::<u64>().map_err(|_| {
                SpecError::new(format!("expected a whole number as the rotation's seed, found {seed:?}"))
            })?);
            continue;
        }
        let (count, value) = match item.split_once('x') {
            Some((count, value)) => (count.parse::<usize>().ok(), value),
            None => (Some(1), item),
        };
        let value = value.parse::<f64>().ok().filter(|v| v.is_finite());
        let (Some(count), Some(value)) = (count, value) else {
            return Err(SpecError::new(format!(
                "expected an eigenvalue or COUNTxEIGENVALUE, found {item:?}"
            )));
        };
        if count > LARGEST - spectrum.len() {
            return Err(SpecError::new(format!("expected at most {LARGEST} eigenvalues")));
        }
        spectrum.extend(std::iter::repeat_n(value, count));
    }
    match (spectrum.is_empty(), rotation) {
        (true, _) => Err(SpecError::new("expected at least one eigenvalue".into())),
        (false, None) => Ok(quadratic(&spectrum)),
        (false, Some(seed)) => Ok(rotated_quadratic(&spectrum, seed)),
    }
}

/// The text of a spectrum: equal neighbours are counted.
fn write(spectrum: &[f64]) -> String {
    let runs = spectrum.chunk_by(|a, b| a.to_bits() == b.to_bits());
    let run = |run: &[f64]| match run.len() {
        1 => run[0].to_string(),
        count => format!("{count}x{}", run[0]),
    };
    runs.map(run).collect::<Vec<_>>().join(",")
}
