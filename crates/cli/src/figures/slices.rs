//! Lines through the point.

use thalweg_lab::landscape::Normalization;
use thalweg_report::model::{Axis, Figure, Lines, Section, Series, Stroke};

use crate::chapters::slices::Line;
use crate::words::short;

/// The part on slices of the chapter on the landscape.
pub fn section(lines: &[Line], what: &str, normalization: Normalization) -> Section {
    let (random, given): (Vec<&Line>, Vec<&Line>) =
        lines.iter().partition(|line| line.slice.direction.starts_with("random"));
    let mut section = Section::new("landscape", "The landscape around it");
    let both = !random.is_empty() && !given.is_empty();
    let mut add = |figure: Figure| {
        let figure = if both { figure.half() } else { figure };
        section.figures.push(figure);
    };
    if !given.is_empty() {
        add(along_given(&given, what));
    }
    if !random.is_empty() {
        add(along_random(&random, what, normalization));
    }
    section
}

fn along_given(lines: &[&Line], what: &str) -> Figure {
    let mut content = Lines::new(Axis::linear("distance t"), Axis::linear(what));
    for line in lines {
        let slice = &line.slice;
        let name = match line.eigenvalue {
            Some(lambda) => format!("{}, λ = {}", slice.direction, short(lambda)),
            None => slice.direction.clone(),
        };
        content = content.with(Series::line(name, slice.positions.clone(), slice.values.clone()));
        if let Some(lambda) = line.eigenvalue {
            let model = slice.positions.iter().map(|t| slice.centre + 0.5 * lambda * t * t).collect();
            let name = format!("{}, ½λt² alone", slice.direction);
            content = content.with(Series::line(name, slice.positions.clone(), model).stroke(Stroke::Dashed));
        }
    }
    Figure::new("slices", "Along eigenvectors and gradient", content).caption(format!(
        "The {what} along straight lines of unit directions. Dashed: what the eigenvalue alone predicts, \
         f + ½λt². Where line and dashes part, the landscape is no longer quadratic."
    ))
}

fn along_random(lines: &[&Line], what: &str, normalization: Normalization) -> Figure {
    let mut content = Lines::new(Axis::linear(unit(normalization)), Axis::linear(what));
    for line in lines {
        let slice = &line.slice;
        content = content.with(Series::line(&slice.direction, slice.positions.clone(), slice.values.clone()));
    }
    Figure::new("slices-random", "Along random directions", content).caption(format!(
        "{} A random line is blind to rare directions: it sees one average of all curvatures, and a saddle \
         with few negative eigenvalues looks like a minimum on it.",
        scaled(normalization)
    ))
}

/// Label of an axis along a random direction.
pub fn unit(normalization: Normalization) -> &'static str {
    match normalization {
        Normalization::Filter => "t (1: as long as each filter)",
        Normalization::Layer => "t (1: as long as each layer)",
        Normalization::Unit => "distance t",
        Normalization::None => "t",
    }
}

/// How random directions were scaled, in a sentence.
pub fn scaled(normalization: Normalization) -> &'static str {
    match normalization {
        Normalization::Filter => {
            "Gaussian directions, filter-normalized (Li et al. 2018): each filter as long as the weights', biases left out."
        }
        Normalization::Layer => "Gaussian directions, each layer as long as the weights', biases left out.",
        Normalization::Unit => "Gaussian directions of length 1.",
        Normalization::None => "Gaussian directions as drawn.",
    }
}
