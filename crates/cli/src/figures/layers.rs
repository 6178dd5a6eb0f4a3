//! The table of layers.

use thalweg_lab::curvature::Layer;
use thalweg_report::model::{Cell, Column, Figure, Section, Table};

use crate::words::with_error;

/// The chapter on the layers.
pub fn section(rows: &[Layer]) -> Section {
    let columns = [
        Column::text("layer"),
        Column::number("parameters"),
        Column::number("λ_max").note("largest eigenvalue of the layer's own block of the Hessian").bar(),
        Column::number("λ_min").note("smallest eigenvalue of that block"),
        Column::text("trace").note("with one standard error, if it is an estimate"),
        Column::number("‖w‖").note("norm of the layer's parameters"),
        Column::number("‖g‖").note("norm of the layer's part of the gradient").bar(),
        Column::number("λ_max ‖w‖²")
            .note("unchanged when layers of rectifiers are scaled against each other")
            .bar(),
    ];
    let row = |layer: &Layer| {
        vec![
            Cell::from(layer.name.as_str()),
            Cell::from(layer.parameters),
            Cell::from(layer.eigenvalue_max.value),
            Cell::from(layer.eigenvalue_min.value),
            Cell::from(with_error(layer.trace.mean, layer.trace.stderr)),
            Cell::from(layer.weight_norm),
            Cell::from(layer.gradient_norm),
            Cell::from(layer.scaled_sharpness),
        ]
    };
    let table = rows.iter().map(row).fold(Table::new(columns), Table::row);
    let worst = rows
        .iter()
        .flat_map(|layer| [layer.eigenvalue_max.residual, layer.eigenvalue_min.residual])
        .fold(0.0, f64::max);
    let caption = format!(
        "Each layer's diagonal block of the Hessian; what couples layers is left out. Eigenvalues have \
         residuals of at most {worst:.0e}."
    );
    Section::new("layers", "Layer by layer")
        .figure(Figure::new("layer-table", "Layers", table).caption(caption))
}
