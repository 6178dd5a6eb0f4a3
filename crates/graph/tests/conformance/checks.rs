//! What must hold of every primitive.

pub mod batching;
pub mod derivatives;
pub mod values;

use thalweg_graph::{Builder, Graph};

use crate::array::Array;

/// Two arrays of one type whose elements differ by at most `tolerance`,
/// relative to the largest element wanted, or to 1 if that is smaller.
pub fn close(got: &Array, want: &Array, tolerance: f64) -> Result<(), String> {
    let scale = want.data.iter().filter(|x| x.is_finite()).fold(1.0f64, |m, x| m.max(x.abs()));
    compare(got, want, |_| tolerance * scale)
}

/// Like [`close`], but relative to each element (and to the least normal number).
pub fn near(got: &Array, want: &Array, tolerance: f64) -> Result<(), String> {
    compare(got, want, |x| tolerance * x.abs().max(f64::MIN_POSITIVE / f64::EPSILON))
}

fn compare(got: &Array, want: &Array, allowed: impl Fn(f64) -> f64) -> Result<(), String> {
    if got.ty.shape != want.ty.shape {
        return Err(format!("{} instead of {}", got.ty, want.ty));
    }
    for (i, (&g, &w)) in got.data.iter().zip(&want.data).enumerate() {
        let agree =
            if w.is_finite() { (g - w).abs() <= allowed(w) } else { g == w || (g.is_nan() && w.is_nan()) };
        if !agree {
            return Err(format!("element {i} of {} is {g:e} instead of {w:e}", got.ty));
        }
    }
    Ok(())
}

/// The graph with one more input u of its only output's type, and the scalar ⟨u, output⟩ as output.
pub fn paired(graph: &Graph) -> Graph {
    let mut b = Builder::new();
    let args: Vec<_> = graph.input_types().into_iter().map(|t| b.input(t)).collect();
    let output = b.call(graph, &args)[0];
    let ty = b.ty(output).clone();
    let weight = b.input(ty);
    let product = b.mul(output, weight);
    let sum = b.sum_all(product);
    b.finish(&[sum])
}

/// The graph with only one of its outputs.
pub fn only(graph: &Graph, output: usize) -> Graph {
    let mut b = Builder::new();
    let args: Vec<_> = graph.input_types().into_iter().map(|t| b.input(t)).collect();
    let output = b.call(graph, &args)[output];
    b.finish(&[output])
}
