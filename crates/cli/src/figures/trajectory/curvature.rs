//! The Hessian's leading eigenvectors along the ways.

use thalweg_report::model::{Axis, Figure, Lines, Section, Series, Stroke};

use super::chapter;
use crate::chapters::trajectory::{Curved, Measured};
use crate::words::{percent, short};

/// Shares, angles, the limit of small steps, and how the space changes.
pub fn section(curved: &[Curved<'_>]) -> Section {
    let mut section = chapter().figure(shares(curved).half()).figure(angles(curved).half());
    section = section.figure(limit(curved).half());
    match curved.iter().any(|way| way.measured.iter().any(|m| m.end_overlap.is_some())) {
        true => section.figure(overlap(curved).half()),
        false => section,
    }
}

fn shares(curved: &[Curved<'_>]) -> Figure {
    let (top, random) = (curved[0].top, curved[0].random_share);
    let mut lines = Lines::new(Axis::linear("step"), Axis::linear("share in the top eigenspace"));
    for way in curved {
        let share = |of: fn(&Measured) -> Option<f64>| numbers(way, of);
        let low = |m: &Measured| m.gradient_share.map(|share| (share - m.error).max(0.0));
        let high = |m: &Measured| m.gradient_share.map(|share| (share + m.error).min(1.0));
        let gradient = Series::line(named(curved, way, "gradient"), steps(way), share(|m| m.gradient_share));
        let spread = (numbers(way, low), numbers(way, high));
        lines = lines.with(gradient.stroke(Stroke::Dotted).spread(spread.0, spread.1));
        let step = Series::line(named(curved, way, "step"), steps(way), share(|m| m.step_share));
        lines = lines.with(step.stroke(Stroke::Dashed));
    }
    let lines = lines.mark_y(random, format!("a random direction, {}", percent(random)));
    Figure::new("trajectory-shares", "How much lies in the leading eigenspace", lines).caption(format!(
        "‖Pg‖²/‖g‖² with P the projection on the {top} leading eigenvectors of the Hessian at that point (Gur-Ari et al. \
         2018), for the gradient g and, dashed, for the step to the next kept point. Bars: the bound of Davis and Kahan \
         on what the eigenvectors' residuals leave open, {} at most; 1 where no gap tells the space apart.",
        short(curved.iter().flat_map(|way| &way.measured).map(|m| m.error).fold(0.0, f64::max))
    ))
}

fn angles(curved: &[Curved<'_>]) -> Figure {
    let mut lines =
        Lines::new(Axis::linear("step"), Axis::linear("angle to the first eigenvector in degrees"));
    let angle = |cosines: &Option<Vec<f64>>| {
        cosines.as_ref().and_then(|c| c.first()).map(|c| c.clamp(0.0, 1.0).acos().to_degrees())
    };
    for way in curved {
        let gradient = numbers(way, |m| angle(&m.gradient_cosines));
        let step = numbers(way, |m| angle(&m.step_cosines));
        lines = lines
            .with(Series::line(named(curved, way, "gradient"), steps(way), gradient).stroke(Stroke::Dotted))
            .with(Series::line(named(curved, way, "step"), steps(way), step).stroke(Stroke::Dashed));
    }
    Figure::new("trajectory-angles", "Angle to the sharpest direction", lines).caption(
        "Between 0° (along the eigenvector of the largest eigenvalue, whichever its sign) and 90°; random directions of \
         many dimensions are near 90°. Where two eigenvalues are close, which of their vectors is first is open: trust \
         the share of the whole space.",
    )
}

fn limit(curved: &[Curved<'_>]) -> Figure {
    let mut lines = Lines::new(Axis::linear("step"), Axis::log("ε = 2 gᵀg / gᵀHg"));
    for way in curved {
        let critical = numbers(way, |m| m.critical_step);
        lines = lines.with(Series::line(way.name, steps(way), critical).stroke(Stroke::Dotted));
    }
    Figure::new("trajectory-limit", "How long a plain step may be", lines).caption(
        "A step −εg changes the loss by −ε gᵀg + ½ε² gᵀHg to second order: beyond this ε the second term, ill-conditioning, \
         wins and the loss rises (Goodfellow, Bengio & Courville 2016, §8.2.1). Gaps: the curvature along the gradient \
         is negative there, or the gradient vanishes, and no step is too long to second order.",
    )
}

fn overlap(curved: &[Curved<'_>]) -> Figure {
    let (top, random) = (curved[0].top, curved[0].random_share);
    let mut lines = Lines::new(Axis::linear("step"), Axis::linear("overlap with the end's eigenspace"));
    for way in curved {
        let shared = numbers(way, |m| m.end_overlap);
        lines = lines.with(Series::line(way.name, steps(way), shared).stroke(Stroke::Dotted));
    }
    let lines = lines.mark_y(random, format!("random spaces, {}", percent(random)));
    Figure::new("trajectory-overlap", "Does the leading eigenspace stay", lines).caption(format!(
        "The mean square of what the {top} leading eigenvectors at the end of each way have in the span of those at an earlier point: 1 \
         if the two spaces are one."
    ))
}

fn named(curved: &[Curved<'_>], way: &Curved<'_>, what: &str) -> String {
    if curved.len() == 1 { what.to_owned() } else { format!("{}: {what}", way.name) }
}

fn steps(way: &Curved<'_>) -> Vec<f64> {
    way.measured.iter().map(|m| m.step as f64).collect()
}

fn numbers(way: &Curved<'_>, of: impl Fn(&Measured) -> Option<f64>) -> Vec<f64> {
    way.measured.iter().map(|m| of(m).unwrap_or(f64::NAN)).collect()
}
