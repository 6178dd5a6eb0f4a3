//! Loss against cut dimension and radius.

use thalweg_report::model::{Axis, Figure, Lines, Section, Series, Stroke, Surface};

use crate::chapters::subspace::cuts::{Cuts, Predicted};
use crate::config::Centre;
use crate::words::{counted, short};

/// The chapter on hyperplanes at a distance; `unit` is the initial point's length.
pub fn cuts(summary: &Cuts, what: &str, unit: f64) -> Section {
    let mut section = Section::new("cuts", "Hyperplanes at a distance").lead(format!(
        "The optimizer moves within a random plane of d dimensions whose distance from {} is R (Fort & Jastrzębski 2019).",
        match summary.centre {
            Centre::Origin => "the origin",
            Centre::Start => "the initial point",
        }
    ));
    if summary.dimensions.len() > 1 && summary.radii.len() > 1 {
        section = section.figure(surface(summary, what, unit));
    }
    section = section.figure(lines(summary, what));
    if let Some(predicted) = &summary.wedges {
        section = section.figure(wedges(summary, predicted, what));
    }
    section
}

fn surface(summary: &Cuts, what: &str, unit: f64) -> Figure {
    let mut content = Surface::new(
        format!("mean best {what}"),
        "log₁₀ cut dimension d",
        "log₁₀ radius R",
        summary.dimensions.iter().map(|d| (*d as f64).log10()).collect(),
        summary.radii.iter().map(|radius| radius.log10()).collect(),
        summary.mean.concat(),
    );
    if summary.centre == Centre::Origin
        && summary.radii.iter().any(|r| *r < unit)
        && summary.radii.iter().any(|r| *r > unit)
    {
        let middle =
            0.5 * ((summary.dimensions[0] * summary.dimensions[summary.dimensions.len() - 1]) as f64).log10();
        content = content.landmark("initial length", middle, unit.log10());
    }
    Figure::new("cuts-surface", format!("Best {what} against cut dimension and radius"), content).caption(
        format!(
            "Mean over {} of the least {what} of {} gradients' worth of {}. Corners of the grid are the planes that were tried; \
             between them the picture interpolates.",
            counted(summary.seeds, "seed"),
            short(summary.gradients),
            summary.optimizer
        ),
    )
}

fn lines(summary: &Cuts, what: &str) -> Figure {
    let at: Vec<f64> = summary.dimensions.iter().map(|d| *d as f64).collect();
    let positive = summary.best.iter().flatten().all(|loss| *loss > 0.0);
    let label = format!("best {what}");
    let y = if positive { Axis::log(label) } else { Axis::linear(label) };
    let mut content = Lines::new(Axis::log("cut dimension d"), y);
    for ((radius, mean), stderr) in summary.radii.iter().zip(&summary.mean).zip(&summary.stderr) {
        let edge = |sign: f64| -> Vec<f64> {
            mean.iter().zip(stderr).map(|(mean, stderr)| mean + sign * stderr.unwrap_or(0.0)).collect()
        };
        let series = Series::line(format!("R = {}", short(*radius)), at.clone(), mean.clone());
        // A band below 0 has no place on a logarithmic axis.
        let low = edge(-1.0)
            .iter()
            .zip(mean)
            .map(|(low, mean)| if positive { low.max(0.01 * mean) } else { *low })
            .collect();
        content = content.with(series.spread(low, edge(1.0)));
    }
    Figure::new("cuts-lines", format!("Best {what} against cut dimension"), content)
        .caption("One curve a radius; bands: standard error over seeds.")
}

fn wedges(summary: &Cuts, predicted: &Predicted, what: &str) -> Figure {
    let at: Vec<f64> = summary.dimensions.iter().map(|d| *d as f64).collect();
    let mut content =
        Lines::new(Axis::log("cut dimension d"), Axis::linear(format!("best {what} / {what} at the foot")));
    for (radius, left) in summary.radii.iter().zip(&summary.left) {
        content = content.with(Series::line(format!("R = {}", short(*radius)), at.clone(), left.clone()));
    }
    // At the foot one wedge is at the distance √((D − n)/D) R of a random point.
    let foot = (predicted.meets as f64 / (predicted.meets + predicted.long) as f64).sqrt();
    let closest = predicted.closest.iter().map(|closest| closest / foot).collect();
    content = content
        .with(Series::line("one wedge", at, closest).stroke(Stroke::Dashed))
        .mark_x(predicted.meets as f64, "planes meet wedges");
    Figure::new("cuts-wedges", "Beside the wedge model", content).caption(format!(
        "Dashed: how much of its distance from one wedge of {} long directions ({}) is left to a plane that may move in d dimensions, \
         √((D − n − d)/(D − d)) beside √((D − n)/D). The model's loss is a distance and proportional to R, so its curves for all radii are one; \
         where those of the {what} part, the {what} is not a distance, or there is a preferred radius.",
        predicted.long, predicted.from
    ))
}
