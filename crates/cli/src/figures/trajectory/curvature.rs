//! The Hessian's leading eigenvectors along the ways.

use thalweg_report::model::{Axis, Figure, Lines, Section, Series, Stroke};

use super::chapter;
use crate::chapters::trajectory::{Curved, Measured};
use crate::words::{counted, percent, short};

/// Shares, angles, the limit of small steps, and how the space changes.
pub fn section(curved: &[Curved<'_>]) -> Section {
    let mut section = chapter().figure(shares(curved).half());
    // Several ways with both of gradient and step would be too many curves for one picture.
    if curved.len() > 1 {
        section = section.figure(moves(curved).half());
    }
    section = section.figure(angles(curved).half()).figure(limit(curved).half());
    match curved.iter().any(|way| way.measured.iter().any(|m| m.end_overlap.is_some())) {
        true => section.figure(overlap(curved).half()),
        false => section,
    }
}

fn shares(curved: &[Curved<'_>]) -> Figure {
    let top = curved[0].top;
    let mut lines = Lines::new(Axis::linear("step"), Axis::linear("share in the top eigenspace"));
    for way in curved {
        let gradient = series(name(curved, way, "gradient"), way, |m| m.gradient_share);
        let measured = || way.measured.iter().filter_map(|m| Some((m.gradient_share?, m.error)));
        let low = measured().map(|(share, error)| (share - error).max(0.0)).collect();
        let high = measured().map(|(share, error)| (share + error).min(1.0)).collect();
        lines = lines.with(gradient.stroke(Stroke::Dotted).spread(low, high));
    }
    let mut caption = format!(
        "‖Pg‖²/‖g‖² with P the projection on the {top} leading eigenvectors of the Hessian at that point, for the \
         gradient g (Gur-Ari et al. 2018)."
    );
    if let [way] = curved {
        lines = lines.with(series("step".into(), way, |m| m.step_share).stroke(Stroke::Dashed));
        caption.push_str(" Dashed: the same for the step to the next kept point.");
    }
    caption.push_str(&format!(
        " Bars: the bound of Davis and Kahan on what the eigenvectors' residuals leave open, {} at most; where no gap \
         tells the space apart it is 1.",
        short(curved.iter().flat_map(|way| &way.measured).map(|m| m.error).fold(0.0, f64::max))
    ));
    Figure::new("trajectory-shares", "The gradient in the leading eigenspace", null(lines, curved))
        .caption(caption)
}

fn moves(curved: &[Curved<'_>]) -> Figure {
    let lines = Lines::new(Axis::linear("step"), Axis::linear("share in the top eigenspace"));
    let lines = curved.iter().fold(lines, |lines, way| {
        lines.with(series(way.name.to_owned(), way, |m| m.step_share).stroke(Stroke::Dotted))
    });
    Figure::new("trajectory-moves", "The steps in the leading eigenspace", null(lines, curved)).caption(
        "The same share for the step to the next kept point. Steps that lie there less than gradients do have been \
         taken back, by bouncing, or scaled down, by the optimizer.",
    )
}

fn angles(curved: &[Curved<'_>]) -> Figure {
    let mut lines =
        Lines::new(Axis::linear("step"), Axis::linear("angle to the first eigenvector in degrees"));
    let angle = |cosines: &Option<Vec<f64>>| Some(cosines.as_ref()?.first()?.acos().to_degrees());
    for way in curved {
        let gradient = series(name(curved, way, "gradient"), way, |m| angle(&m.gradient_cosines));
        lines = lines.with(gradient.stroke(Stroke::Dotted));
    }
    if let [way] = curved {
        let step = series("step".into(), way, |m| angle(&m.step_cosines));
        lines = lines.with(step.stroke(Stroke::Dashed));
    }
    Figure::new("trajectory-angles", "Angle to the sharpest direction", lines).caption(
        "From 0°, along the eigenvector of the largest eigenvalue in either direction, to 90°; random directions of many \
         dimensions are near 90°. Where two eigenvalues are close, which of their vectors is first is open: trust the \
         share of the whole space.",
    )
}

fn limit(curved: &[Curved<'_>]) -> Figure {
    let lines = Lines::new(Axis::linear("step"), Axis::log("ε = 2 gᵀg / gᵀHg"));
    let lines = curved.iter().fold(lines, |lines, way| {
        lines.with(series(way.name.to_owned(), way, |m| m.critical_step).stroke(Stroke::Dotted))
    });
    let measured = curved.iter().flat_map(|way| &way.measured);
    let without = match measured.filter(|m| m.critical_step.is_none()).count() {
        0 => String::new(),
        count => format!(
            " {} left out: the curvature along the gradient is not positive there, or there is no gradient.",
            counted(count as u64, "point")
        ),
    };
    Figure::new("trajectory-limit", "How long a plain step may be", lines).caption(format!(
        "A step −εg changes the loss by −ε gᵀg + ½ε² gᵀHg to second order: beyond this ε the second term, \
         ill-conditioning, wins and the loss rises (Goodfellow, Bengio & Courville 2016, §8.2.1).{without}"
    ))
}

fn overlap(curved: &[Curved<'_>]) -> Figure {
    let top = curved[0].top;
    let lines = Lines::new(Axis::linear("step"), Axis::linear("overlap with the end's eigenspace"));
    let lines = curved.iter().fold(lines, |lines, way| {
        lines.with(series(way.name.to_owned(), way, |m| m.end_overlap).stroke(Stroke::Dotted))
    });
    Figure::new("trajectory-overlap", "Does the leading eigenspace stay", null(lines, curved)).caption(format!(
        "How much of the {top} leading eigenvectors at the end of a way lies in the span of those at an earlier point, \
         on average: 1 if the two spaces are one."
    ))
}

/// The mark of the null model.
fn null(lines: Lines, curved: &[Curved<'_>]) -> Lines {
    let random = curved[0].random_share;
    lines.mark_y(random, format!("at random {}", percent(random)))
}

fn name(curved: &[Curved<'_>], way: &Curved<'_>, what: &str) -> String {
    if curved.len() == 1 { what.to_owned() } else { way.name.to_owned() }
}

/// Where there is such a number, over the steps.
fn series(name: String, way: &Curved<'_>, of: impl Fn(&Measured) -> Option<f64>) -> Series {
    let (x, y) = way.measured.iter().filter_map(|m| Some((m.step as f64, of(m)?))).unzip();
    Series::line(name, x, y)
}
