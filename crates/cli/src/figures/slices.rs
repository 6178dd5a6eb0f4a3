//! Lines through the point.

use thalweg_lab::landscape::Normalization;
use thalweg_report::model::{Axis, Figure, Lines, Section, Series, Stroke};

use crate::chapters::slices::{Line, Spread};
use crate::words::short;

/// The part on slices of the chapter on the landscape.
pub fn section(lines: &[Line], spread: Option<&Spread>, what: &str, normalization: Normalization) -> Section {
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
    match spread {
        Some(spread) => add(along_many(spread, what, normalization)),
        None if !random.is_empty() => add(along_random(&random, what, normalization)),
        None => {}
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
        content = content.with(curve(name, line));
        if let Some(lambda) = line.eigenvalue {
            let model = slice.positions.iter().map(|t| slice.centre + 0.5 * lambda * t * t).collect();
            let name = format!("{}, ½λt² alone", slice.direction);
            content = content.with(Series::line(name, slice.positions.clone(), model).stroke(Stroke::Dashed));
        }
    }
    Figure::new("slices", "Along eigenvectors and gradient", content).caption(format!(
        "The {what} along straight lines of unit directions. Dashed: what the eigenvalue alone predicts, \
         f + ½λt². Where line and dashes part, the landscape is no longer quadratic.{}",
        remarks(lines)
    ))
}

fn along_random(lines: &[&Line], what: &str, normalization: Normalization) -> Figure {
    let mut content = Lines::new(Axis::linear(unit(normalization)), Axis::linear(what));
    for line in lines {
        content = content.with(curve(line.slice.direction.clone(), line));
    }
    Figure::new("slices-random", "Along random directions", content).caption(format!(
        "{} A random line is blind to rare directions: it sees one average of all curvatures, and a saddle \
         with few negative eigenvalues looks like a minimum on it.{}",
        scaled(normalization),
        remarks(lines)
    ))
}

/// A line, with a band of one standard error of its difference from the centre where that is known.
fn curve(name: String, line: &Line) -> Series {
    let slice = &line.slice;
    let series = Series::line(name, slice.positions.clone(), slice.values.clone());
    let series = if line.refinement.is_some() { series.stroke(Stroke::Dotted) } else { series };
    let Some(errors) = &line.errors else { return series };
    let ends = |sign: f64| -> Vec<f64> {
        slice.values.iter().zip(&errors.paired).map(|(value, error)| value + sign * error).collect()
    };
    series.spread(ends(-1.0), ends(1.0))
}

/// What the caption says of errors and of added points.
fn remarks(lines: &[&Line]) -> String {
    let mut text = String::new();
    if let Some(errors) = lines.iter().find_map(|line| line.errors.as_ref()) {
        text += &format!(
            " Bands: one standard error, over the {} examples as a sample, of the difference from the centre.",
            errors.examples
        );
    }
    if let Some(refined) = lines.iter().find_map(|line| line.refinement.as_ref()) {
        let worst = lines.iter().filter_map(|line| line.refinement.as_ref()).map(|r| r.unresolved_error);
        let worst = worst.fold(0.0, f64::max);
        text += &format!(
            " Dots: what was evaluated, more densely where straight pieces would be off by more than {}.",
            short(refined.tolerance)
        );
        if worst > 0.0 {
            text += &format!(" That was not reached everywhere: they are off by up to {}.", short(worst));
        }
    }
    text
}

fn along_many(spread: &Spread, what: &str, normalization: Normalization) -> Figure {
    let positions = || spread.positions.clone();
    let ends = |sign: f64| -> Vec<f64> {
        let pairs = spread.mean.iter().zip(&spread.standard_deviation);
        pairs.map(|(mean, deviation)| mean + sign * deviation).collect()
    };
    let mean = Series::line("mean", positions(), spread.mean.clone()).spread(ends(-1.0), ends(1.0));
    let edge =
        |name: &str, values: &[f64]| Series::line(name, positions(), values.to_vec()).stroke(Stroke::Dashed);
    let content = Lines::new(Axis::linear(unit(normalization)), Axis::linear(what))
        .with(mean)
        .with(edge("lowest", &spread.lowest))
        .with(edge("highest", &spread.highest));
    Figure::new("slices-random", format!("Along {} random directions", spread.lines), content).caption(format!(
        "{} Mean over the directions, with one standard deviation, and the lowest and the highest value at each \
         distance. However many random lines agree, all of them are blind to rare directions: they see averages of \
         all curvatures.",
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
