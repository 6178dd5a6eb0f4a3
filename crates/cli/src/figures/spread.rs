//! Planes of directions drawn anew, on one colour scale.

use thalweg_report::model::{Cell, Column, Figure, Shade, Surface, Table};

use crate::chapters::planes::spread::{Member, Spread};

/// Planes that are drawn; the table has all.
const DRAWN: usize = 8;

/// The planes, their mean and their standard deviation, and a table.
pub fn figures(spread: &Spread, what: &str) -> Vec<Figure> {
    let surface = |label: &str, values: &[f64]| {
        let axes = ["first direction", "second direction"];
        Surface::new(label, axes[0], axes[1], spread.u.clone(), spread.v.clone(), values.to_vec()).flat()
    };
    let finite = || spread.values.iter().flatten().copied().filter(|v| v.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let shade = if low > 0.0 && high >= 20.0 * low { Shade::Log } else { Shade::Linear };
    let common = |surface: Surface| match low < high {
        true => surface.limits(low, high).shade(shade),
        false => surface,
    };
    let count = spread.planes.len();
    let mut figures = Vec::new();
    for (i, (plane, values)) in spread.planes.iter().zip(&spread.values).enumerate().take(DRAWN) {
        let surface = common(surface(what, values)).landmark("here", 0.0, 0.0);
        let title = format!("Directions {}", plane.directions.replace("random:", ""));
        let caption = match i {
            0 => format!("One of {count} planes of random directions; all have the same reach and colours."),
            _ => String::new(),
        };
        figures.push(Figure::new(format!("plane-seed-{i}"), title, surface).caption(caption).half());
    }
    figures.push(
        Figure::new("plane-seeds-mean", "Their mean", common(surface(what, &spread.mean)))
            .caption(format!("Mean over the {count} planes, cell by cell, in the same colours."))
            .half(),
    );
    let label = format!("standard deviation of the {what}");
    figures.push(
        Figure::new("plane-seeds-deviation", "And how much they differ", surface(&label, &spread.standard_deviation))
            .caption("Standard deviation over the planes. What is small beside the mean does not depend on the choice of directions.")
            .half(),
    );
    figures.push(table(&spread.planes).caption(
        "Minima count from 1 % of the median height over all planes. A pit away from the centre that \
         one plane has and others have not says something of that plane, not of the function.",
    ));
    figures
}

fn table(planes: &[Member]) -> Figure {
    let columns = [
        Column::text("directions"),
        Column::number("lowest"),
        Column::number("median"),
        Column::number("highest"),
        Column::number("minima"),
        Column::text("lowest at the centre"),
        Column::number("not finite"),
    ];
    let table = planes.iter().fold(Table::new(columns), |table, plane| {
        table.row([
            Cell::from(plane.directions.as_str()),
            plane.lowest.into(),
            plane.median.into(),
            plane.highest.into(),
            (plane.minima as f64).into(),
            if plane.lowest_at_centre { "yes" } else { "no" }.into(),
            (plane.non_finite as f64).into(),
        ])
    });
    Figure::new("plane-seeds", "The planes of directions drawn anew", table)
}
