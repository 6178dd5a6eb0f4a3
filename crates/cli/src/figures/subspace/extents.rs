//! How far the low-loss region reaches.

use thalweg_report::model::{Axis, Cell, Column, Figure, Lines, Section, Series, Stroke, Table};

use crate::chapters::subspace::extents::{Extents, Line};
use crate::words::short;

/// The chapter on long and short directions.
pub fn extents(summary: &Extents, what: &str) -> Section {
    let mut section = Section::new("extents", "Long and short directions").lead(format!(
        "How far one can go along a straight line before the {what} passes {}, from {} at the point.",
        short(summary.level),
        short(summary.value)
    ));
    if summary.directions.iter().any(|line| line.curvature > 0.0) {
        section = section.figure(against_curvature(summary));
    }
    section.figure(table(summary))
}

fn against_curvature(summary: &Extents) -> Figure {
    let mut content = Lines::new(Axis::log("curvature vᵀHv"), Axis::log("distance"));
    let drawn = |random: bool| {
        let mut lines: Vec<&Line> = summary
            .directions
            .iter()
            .filter(|line| line.curvature > 0.0 && line.direction.starts_with("random") == random)
            .collect();
        lines.sort_by(|a, b| a.curvature.total_cmp(&b.curvature));
        lines
    };
    for (random, name) in [(false, "eigenvectors"), (true, "random directions")] {
        let lines = drawn(random);
        if lines.is_empty() {
            continue;
        }
        let at = lines.iter().flat_map(|line| [line.curvature; 2]).collect();
        let ends = lines.iter().flat_map(|line| [line.forward.inside, line.backward.inside]).collect();
        content = content.with(Series::points(name, at, ends));
    }
    let mut all = drawn(false);
    all.extend(drawn(true));
    let low = all.iter().map(|line| line.curvature).fold(f64::INFINITY, f64::min);
    let high = all.iter().map(|line| line.curvature).fold(0.0, f64::max);
    let (low, high) = (0.5 * low, 2.0 * high);
    let predicted = |curvature: f64| (2.0 * (summary.level - summary.value) / curvature).sqrt();
    let model = Series::line("√(2ε/λ)", vec![low, high], vec![predicted(low), predicted(high)]);
    Figure::new("extents-curvature", "Reach against curvature", content.with(model.stroke(Stroke::Dashed))).caption(
        "Each direction twice, to both sides. Dashed: where a quadratic of that curvature ends. Dots above it: the \
         region is longer than the curvature says; below it: walls that the curvature does not see. Directions of \
         negative curvature are in the table alone.",
    )
}

fn table(summary: &Extents) -> Figure {
    let mut content = Table::new([
        Column::text("direction"),
        Column::number("curvature"),
        Column::number("forward"),
        Column::number("backward"),
        Column::number("quadratic").note("√(2ε/λ)"),
    ]);
    for line in &summary.directions {
        let quadratic = line.quadratic.map_or_else(|| Cell::from("–"), Cell::from);
        content = content.row([
            Cell::from(line.direction.as_str()),
            Cell::from(line.curvature),
            Cell::from(line.forward.inside),
            Cell::from(line.backward.inside),
            quadratic,
        ]);
    }
    Figure::new("extents-table", "Reach of the low region", content).caption(format!(
        "Distances are Euclidean, along unit directions; a search ends at {}, and a distance as large as that is a lower bound.",
        short(summary.reach)
    ))
}
