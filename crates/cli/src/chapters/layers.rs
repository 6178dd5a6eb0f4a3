//! Curvature layer by layer.

use thalweg_lab::curvature::{Grouping, LayerOptions, layers as find};
use thalweg_lab::krylov::{ExtremalOptions, TraceOptions};
use thalweg_lab::{Counts, Layout, Scalar};

use crate::chapter::Chapter;
use crate::config::LayersPlan;
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;

/// What the table takes.
pub fn cost(plan: &LayersPlan, layout: &Layout) -> Cost {
    let products = (plan.products.min(186) + plan.trace) * Grouping::Layer.ranges(layout).len() as u64;
    Cost::of(Counts { gradients: 1, products, values: 0 })
}

/// The table of layers at x.
pub fn layers<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &LayersPlan,
    x: &[T],
    seed: u64,
) -> Result<Chapter, Error> {
    let mut gradient = vec![T::zero(); x.len()];
    desk.oracle.value_grad(x, &mut gradient)?;
    let defaults = LayerOptions::default();
    let options = LayerOptions {
        ends: ExtremalOptions { seed, max_products: plan.products, ..defaults.ends },
        trace: TraceOptions { seed, products: plan.trace, ..defaults.trace },
        ..defaults
    };
    let rows = find(desk.oracle, x, &gradient, &options)?;
    let mut chapter = Chapter::new("layers");
    chapter.result("layers", &rows)?;
    chapter.sections.push(figures::layers::section(&rows));
    Ok(chapter)
}
