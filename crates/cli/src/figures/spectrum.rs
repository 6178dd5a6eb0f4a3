//! A spectrum as a density with its eigenvalues marked, and as a table of its ends.

use thalweg_lab::Curvature;
use thalweg_lab::Scalar;
use thalweg_lab::curvature::{Negative, Spectrum};
use thalweg_lab::krylov::Eigenpair;
use thalweg_report::model::{Cell, Column, Density, Figure, Section, Table};

use crate::chapters::spectrum::Picture;
use crate::config::SpectrumPlan;
use crate::words::{negative, percent, short, with_error};

/// The chapter on a spectrum.
pub fn section<T: Scalar>(plan: &SpectrumPlan, found: &Spectrum<T>, picture: &Picture) -> Section {
    let section = Section::new("spectrum", format!("Spectrum of the {}", title(plan))).lead(lead(found));
    let section = match &picture.density {
        Some(density) => section.figure(density_figure(plan, found, density)),
        None => section,
    };
    section.figure(table(found))
}

/// Which matrix it is of: `Hessian`, `Fisher matrix, fc0 alone`.
pub fn title(plan: &SpectrumPlan) -> String {
    match &plan.layer {
        None => matrix(plan.operator).to_owned(),
        Some(layer) => format!("{}, {layer} alone", matrix(plan.operator)),
    }
}

fn matrix(operator: Curvature) -> &'static str {
    match operator {
        Curvature::Hessian => "Hessian",
        Curvature::GaussNewton => "Gauss-Newton matrix",
        Curvature::Fisher => "Fisher matrix",
        Curvature::EmpiricalFisher => "empirical Fisher matrix",
    }
}

fn lead<T: Scalar>(found: &Spectrum<T>) -> String {
    let how = if found.exact {
        "All eigenvalues were computed."
    } else {
        "Its ends and its density were computed."
    };
    let trace = found.trace.mean;
    let share: f64 = found.top.iter().map(|pair| pair.value).sum::<f64>() / trace;
    let concentrated = match trace > 0.0 && share.is_finite() && share <= 1.0 {
        true => format!(" The {} largest hold {} of the trace.", found.top.len(), percent(share)),
        false => String::new(),
    };
    let Negative { count, exact, ref estimate, .. } = found.negative;
    let negative = negative(count, exact, estimate.as_ref(), found.dimension);
    format!("{how} Negative are {negative}.{concentrated}")
}

fn density_figure<T: Scalar>(
    plan: &SpectrumPlan,
    found: &Spectrum<T>,
    density: &thalweg_lab::krylov::Density,
) -> Figure {
    let mut content = Density::new("eigenvalue λ", density.grid.clone(), density.mean.clone())
        .stderr(density.stderr.clone());
    if let Some(all) = found.eigenvalues() {
        content = content.exact(all.to_vec());
    }
    for (i, pair) in found.top.iter().enumerate() {
        let label = if i < 3 { format!("λ_{}", i + 1) } else { String::new() };
        content = content.eigenvalue(label, pair.value, pair.residual);
    }
    if let Some(pair) = found.bottom.first() {
        content = content.eigenvalue("λ_min", pair.value, pair.residual);
    }
    let mut caption = format!(
        "The density of eigenvalues by stochastic Lanczos quadrature: {} random vectors, {} steps each, \
         broadened by a Gaussian of σ = {}, so that nothing narrower is seen. The band is one standard error \
         over the vectors. Marks: eigenvalues computed one by one.",
        plan.probes,
        plan.steps,
        short(density.sigma),
    );
    if found.exact {
        caption.push_str(" Behind it, the exact spectrum as a histogram and, below the axis, line by line.");
    }
    if let Some(moments) = &found.moments {
        caption.push_str(&format!(
            " Check: its first moment gives a trace of {}, {} standard errors from the {}.",
            with_error(moments.trace.mean, moments.trace.stderr),
            short(moments.trace_score.abs()),
            if found.exact { "exact one" } else { "one estimated separately" },
        ));
    }
    Figure::new("density", "Spectral density", content).caption(caption)
}

fn table<T: Scalar>(found: &Spectrum<T>) -> Figure {
    let columns = [
        Column::text("eigenvalue"),
        Column::number("value"),
        Column::number("residual").note("‖Hv − λv‖: a true eigenvalue lies within it"),
        Column::number("share of trace").unit("%").note("value / trace").bar(),
    ];
    let n = found.dimension;
    let share = |pair: &Eigenpair<T>| -> Cell {
        match found.trace.mean > 0.0 {
            true => Cell::from(100.0 * pair.value / found.trace.mean),
            false => Cell::Missing,
        }
    };
    let row = |label: String, pair: &Eigenpair<T>| {
        vec![Cell::from(label), Cell::from(pair.value), Cell::from(pair.residual), share(pair)]
    };
    let mut table = Table::new(columns);
    for (i, pair) in found.top.iter().enumerate() {
        table = table.row(row(format!("λ_{{{}}}", i + 1), pair));
    }
    let shown = found.bottom.len().min(n - found.top.len().min(n));
    for (i, pair) in found.bottom[..shown].iter().enumerate().rev() {
        table = table.row(row(format!("λ_{{{}}}", n - i), pair));
    }
    let confirmed = match (found.exact, found.confirmed) {
        (true, _) => "From the decomposition of the whole matrix.",
        (false, true) => {
            "By block Lanczos; a second search from fresh random vectors found none beyond these."
        }
        (false, false) => "By block Lanczos; whether there are others beyond these was not confirmed.",
    };
    Figure::new("eigenvalues", "Both ends", table).caption(confirmed)
}
