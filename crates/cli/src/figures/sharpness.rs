//! The panel of measures of sharpness.

use thalweg_lab::flatness::Invariance;
use thalweg_report::model::{Axis, Bars, Cell, Column, Figure, Section, Table};

use crate::chapters::sharpness::{Measure, Panel};
use crate::words::short;

/// The chapter on sharpness.
pub fn section(panel: &Panel) -> Section {
    let mut section = Section::new("sharpness", "Sharpness")
        .lead(
            "How sharp the point is, by every measure. Most of them change where the same function is written with other weights \
             (Dinh et al. 2017), and then say nothing of the function: the last column says which do not.",
        )
        .figure(table(panel));
    let eigenvalues: Vec<&Measure> =
        panel.measures.iter().filter(|measure| measure.name.starts_with('λ')).collect();
    if eigenvalues.len() > 1 {
        let bars = eigenvalues.iter().enumerate().fold(
            Bars::new("eigenvalue", Axis::linear("λ")),
            |bars, (i, measure)| {
                bars.bar_with_error((i + 1).to_string(), measure.value, measure.error.unwrap_or(0.0))
            },
        );
        section = section.figure(
            Figure::new("sharpness-eigenvalues", "Largest eigenvalues of the Hessian", bars)
                .caption("Error bars: residuals, within which a true eigenvalue lies.")
                .half(),
        );
    }
    if let Some(found) = &panel.learning_coefficient {
        let bars = found
            .chains
            .iter()
            .enumerate()
            .fold(Bars::new("chain", Axis::linear("λ̂")), |bars, (i, value)| {
                bars.bar((i + 1).to_string(), *value)
            });
        section = section.figure(
            Figure::new("sharpness-chains", "The learning coefficient, chain by chain", bars)
                .caption(format!(
                    "All chains together: R̂ = {:.3}, {:.0} independent draws' worth. Chains that disagree have not seen the same \
                     surroundings.",
                    found.r_hat, found.effective
                ))
                .half(),
        );
    }
    section
}

fn table(panel: &Panel) -> Figure {
    let mut content = Table::new([
        Column::text("measure"),
        Column::number("value"),
        Column::text("error"),
        Column::text("what it is").note("how the value is defined"),
        Column::text("what the error is"),
        Column::text("unchanged by").note("what changes the weights and leaves the measure as it is"),
    ]);
    // The other eigenvalues have a figure of their own.
    for measure in panel.measures.iter().filter(|measure| !measure.is_lesser_eigenvalue()) {
        content = content.row([
            Cell::from(measure.name.as_str()),
            Cell::from(measure.value),
            Cell::from(error(measure)),
            Cell::from(measure.definition.as_str()),
            Cell::from(measure.certainty.as_str()),
            Cell::from(invariance(measure.invariance)),
        ]);
    }
    Figure::new("sharpness-table", "Measures of sharpness", content).caption(
        "Unchanged by “nothing”: the measure changes with the scales of layers. By “rescaled units”: not where the units of a ReLU \
         network are rescaled. By “all, in the limit”: what is estimated belongs to the function, the estimate does not. A \
         minimum is sharp or flat by a measure, not by itself.",
    )
}

/// The error alone.
fn error(measure: &Measure) -> String {
    match (measure.error, measure.low.zip(measure.high)) {
        (Some(error), _) if error > 0.0 => format!("± {}", short(error)),
        (None, Some((low, high))) => format!("{} to {}", short(low), short(high)),
        _ => "–".into(),
    }
}

fn invariance(of: Invariance) -> &'static str {
    match of {
        Invariance::None => "nothing",
        Invariance::Rescaling => "rescaled units",
        Invariance::InTheLimit => "all, in the limit",
    }
}
