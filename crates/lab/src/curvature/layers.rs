//! Curvature layer by layer.

use std::ops::Range;

use serde::Serialize;

use crate::curvature::{CurvatureError, restrict};
use crate::krylov::{Estimate, ExtremalOptions, TraceOptions, extremal_eigenpairs, xtrace};
use crate::optim::Bounded;
use crate::vector::norm;
use crate::{Curvature, Layout, Oracle, Scalar};

/// What counts as a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grouping {
    /// Neighbouring blocks whose names agree up to the last dot: `fc0.weight` and `fc0.bias` are `fc0`.
    Layer,
    /// Every block by itself.
    Block,
}

impl Grouping {
    /// Names and ranges of the layers.
    pub fn ranges(self, layout: &Layout) -> Vec<(String, Range<usize>)> {
        let mut ranges: Vec<(String, Range<usize>)> = Vec::new();
        for block in layout.blocks() {
            let name = match self {
                Grouping::Layer => block.name.rsplit_once('.').map_or(&block.name[..], |(layer, _)| layer),
                Grouping::Block => &block.name,
            };
            match ranges.last_mut().filter(|(last, _)| last == name) {
                Some((_, range)) => range.end = block.range.end,
                None => ranges.push((name.to_owned(), block.range.clone())),
            }
        }
        ranges
    }
}

/// What to find of each layer, and how hard to try.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LayerOptions {
    /// Which matrix.
    pub curvature: Curvature,
    /// What counts as a layer.
    pub grouping: Grouping,
    /// The search for the ends; one pair at each end is used.
    pub ends: ExtremalOptions,
    /// The estimate of the trace.
    pub trace: TraceOptions,
}

impl Default for LayerOptions {
    /// The Hessian by layers; ends to 1e-4 within 500 products, traces with 64.
    fn default() -> Self {
        Self {
            curvature: Curvature::Hessian,
            grouping: Grouping::Layer,
            ends: ExtremalOptions { tolerance: 1e-4, max_products: 500, ..Default::default() },
            trace: TraceOptions::default(),
        }
    }
}

/// One row of the table of layers. H is the layer's diagonal block of the curvature
/// matrix, w its parameters, g their gradient.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layer {
    /// The layer's name.
    pub name: String,
    /// Number of parameters.
    pub parameters: usize,
    /// λ_max(H) with its residual.
    pub eigenvalue_max: Bounded,
    /// λ_min(H) with its residual.
    pub eigenvalue_min: Bounded,
    /// Whether a second search found nothing beyond these two.
    pub confirmed: bool,
    /// tr H.
    pub trace: Estimate,
    /// ‖w‖.
    pub weight_norm: f64,
    /// ‖g‖.
    pub gradient_norm: f64,
    /// λ_max ‖w‖².
    pub scaled_sharpness: f64,
    /// tr H · ‖w‖².
    pub scaled_trace: Estimate,
}

/// The table of layers.
///
/// The scaled measures multiply by ‖w‖². In a network of rectifiers without biases, scaling
/// one layer by a and another by 1/a changes H but neither the function nor
/// λ_max ‖w‖² and tr H ‖w‖², which makes them comparable where plain sharpness
/// is not (Dinh et al. 2017). They are the plainest of their kind; Tsuzuku et al. (2020)
/// and Petzka et al. (2021) weigh rows of a matrix singly.
///
/// Costs at most `ends.max_products` + `trace.products` products a layer, each
/// with the whole matrix. A layer whose parameters are no more than
/// `trace.products` has its trace exactly.
///
/// `gradient` is ∇f(x) (n).
///
/// # Panics
/// If `x` or `gradient` is shorter than the layout.
pub fn layers<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    gradient: &[T],
    options: &LayerOptions,
) -> Result<Vec<Layer>, CurvatureError> {
    let mut operator = oracle.linearize(x, options.curvature)?;
    let ends = ExtremalOptions { top: 1, bottom: 1, ..options.ends };
    let mut rows = Vec::new();
    for (name, range) in options.grouping.ranges(oracle.objective().layout()) {
        if range.is_empty() {
            continue;
        }
        let mut block = restrict(&mut operator, range.clone());
        let found = extremal_eigenpairs(&mut block, &ends)?;
        let trace = xtrace(&mut block, &options.trace)?.trace;
        let bounded =
            |pair: &crate::krylov::Eigenpair<T>| Bounded { value: pair.value, residual: pair.residual };
        let (high, low) = (bounded(&found.top[0]), bounded(&found.bottom[0]));
        let weight_norm = norm(&x[range.clone()]);
        rows.push(Layer {
            name,
            parameters: range.len(),
            eigenvalue_max: high,
            eigenvalue_min: low,
            confirmed: found.confirmed,
            trace,
            weight_norm,
            gradient_norm: norm(&gradient[range]),
            scaled_sharpness: high.value * weight_norm.powi(2),
            scaled_trace: trace.scaled(weight_norm.powi(2)),
        });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::analytic::{Analytic, quadratic};

    #[test]
    fn blocks_are_grouped_by_the_names_before_the_last_dot() {
        let layout = Layout::new(
            ["a.b.weight", "a.b.bias", "a.c.weight", "scale", "a.c.bias"].map(|name| (name, vec![2])),
        );
        let found = Grouping::Layer.ranges(&layout);
        let expected = [("a.b", 0..4), ("a.c", 4..6), ("scale", 6..8), ("a.c", 8..10)];
        assert_eq!(found, expected.map(|(name, range)| (name.to_owned(), range)));
        assert_eq!(Grouping::Block.ranges(&layout).len(), 5);
    }

    #[test]
    fn a_single_block_is_the_whole() {
        let objective = Analytic::<f64>::new(quadratic(&[3.0, -1.0, 2.0]), Default::default());
        let oracle = Oracle::new(&objective);
        let rows = layers(&oracle, &[1.0, 2.0, 2.0], &[3.0, -2.0, 4.0], &LayerOptions::default()).unwrap();
        assert_eq!(rows.len(), 1);
        let row = &rows[0];
        assert_eq!((&row.name[..], row.parameters, row.weight_norm), ("x", 3, 3.0));
        assert!(
            (row.eigenvalue_max.value - 3.0).abs() < 1e-12 && (row.eigenvalue_min.value + 1.0).abs() < 1e-12
        );
        assert_eq!(row.trace, Estimate::exact(4.0));
        assert!((row.scaled_sharpness - 27.0).abs() < 1e-10 && row.scaled_trace.mean == 36.0);
        assert!((row.gradient_norm - 29f64.sqrt()).abs() < 1e-15);
    }
}
