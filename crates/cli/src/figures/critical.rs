//! Critical points: where they are, how high, of which index, and what lies between them.

mod plane;
mod tree;

use thalweg_lab::Scalar;
use thalweg_lab::critical::{Index, Isolation};
use thalweg_lab::landscape::Plane;
use thalweg_lab::optim::{Character, Kind};
use thalweg_report::model::{
    Axis, Bars, Cell, Column, Figure, Headline, Lines, Section, Series, Stroke, Table,
};

use crate::chapters::critical::{Gathered, Point, Summary};
use crate::words::{counted, grouped, short};

/// Rows of the table, and dots of the spectra.
const ROWS: usize = 200;
const DOTS: usize = 12_000;

/// The numbers at the top of the page.
pub fn headline(summary: &Summary) -> Vec<Headline> {
    let count = |is: &dyn Fn(&Point) -> bool| summary.points.iter().filter(|p| is(p)).count() as u64;
    let total: u64 = summary.searches.values().sum();
    let converged = summary.searches.get("converged").copied().unwrap_or(0);
    let flat = summary.searches.get("gradient_flat").copied().unwrap_or(0);
    vec![
        Headline::new("critical points", summary.points.len() as u64).note("each once, each certified"),
        Headline::new("minima", count(&|p| p.index.is(0))).note("no negative eigenvalue"),
        Headline::new("transition states", count(&|p| p.index.is(1))).note("one negative eigenvalue"),
        Headline::new("searches", total).note(format!("{} converged", grouped(converged))),
        Headline::new("gradient-flat", flat).note("searches that ended where H∇f = 0 and ∇f ≠ 0"),
    ]
}

/// The chapter.
pub fn section<T: Scalar>(
    what: &str,
    gathered: &Gathered<'_, T>,
    summary: &Summary,
    picture: Option<&Plane>,
) -> Section {
    let mut section = Section::new("critical", "Critical points").lead(lead(summary));
    if let Some(picture) = picture {
        section = section.figure(plane::figure(what, gathered, summary, picture));
    }
    if !summary.points.is_empty() {
        section = section.figure(index(what, gathered, summary).half());
        section = section.figure(spectra(what, gathered).half());
    }
    if !summary.tree.tree.merges.is_empty() {
        section = section.figure(tree::figure(what, summary));
    }
    section = section.figure(endings(summary));
    if !summary.points.is_empty() {
        section = section.figure(table(what, summary));
    }
    section
}

fn lead(summary: &Summary) -> String {
    let words = if summary.points.len() == 1 { " critical point: " } else { " critical points: " };
    let found = summary.counts().replacen(": ", words, 1);
    let mut text = format!("From {}: {found}.", counted(summary.starts, "start"));
    if let Some(degree) = &summary.degree {
        text.push_str(&format!(" Completeness: {}.", degree.words()));
    } else {
        text.push_str(" That there are no others is not known: a list is as good as its starts.");
    }
    text
}

/// α = index/n against the value, as Dauphin et al. (2014) draw it.
fn index<T: Scalar>(what: &str, gathered: &Gathered<'_, T>, summary: &Summary) -> Figure {
    let n = gathered.dimension as f64;
    let mut lines =
        Lines::new(Axis::linear("index / n, the share of negative eigenvalues"), Axis::linear(what));
    let mut known = false;
    for kind in ["minimum", "saddle", "maximum", "degenerate", "plateau", "undecided"] {
        let mut dots: Vec<(f64, f64)> = summary
            .points
            .iter()
            .filter(|point| point.name == kind)
            .map(|point| (point.index.guess() / n, drawn(point.value)))
            .collect();
        dots.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        if !dots.is_empty() {
            let (x, y) = dots.into_iter().unzip();
            lines = lines.with(Series::line(kind, x, y).stroke(Stroke::Points));
        }
    }
    for point in &summary.points {
        known |= point.index.at_least != point.index.at_most;
    }
    let bounded = match known {
        true => " Where Lanczos gives bounds alone, the share is that of the density's estimate.",
        false => " All indices are exact.",
    };
    Figure::new("critical-index", "Height and index", lines).caption(format!(
        "Each dot is a critical point: its {what} against the share of negative eigenvalues (Dauphin et al. 2014). \
         Which points are found depends on the starts and the method, so their density says little.{bounded}"
    ))
}

/// The eigenvalues at each point.
fn spectra<T: Scalar>(what: &str, gathered: &Gathered<'_, T>) -> Figure {
    let found = gathered.catalogue.found();
    let total: usize = found.iter().map(|found| found.certificate.eigenvalues.len()).sum();
    let every = total.div_ceil(DOTS).max(1);
    let mut parts: [(Vec<f64>, Vec<f64>); 3] = Default::default();
    for &at in &gathered.order {
        let proof = &found[at].certificate;
        let threshold = proof.verdict.curvature.as_ref().map_or(0.0, |c| c.threshold);
        let last = proof.eigenvalues.len().saturating_sub(1);
        for (i, &value) in proof.eigenvalues.iter().enumerate() {
            if i % every == 0 || i == last {
                let part = if value < -threshold { 0 } else { 1 + usize::from(value > threshold) };
                parts[part].0.push(drawn(found[at].value()));
                parts[part].1.push(value);
            }
        }
    }
    let mut lines = Lines::new(Axis::linear(what), Axis::linear("eigenvalue λ"));
    for ((x, y), name) in parts.into_iter().zip(["negative", "null", "positive"]) {
        if !x.is_empty() {
            lines = lines.with(Series::line(name, x, y).stroke(Stroke::Points));
        }
    }
    let exact = found.iter().all(|found| found.certificate.null.is_some());
    let which = match (exact, every) {
        (true, 1) => "All eigenvalues".to_owned(),
        (true, _) => format!("Every {every}th eigenvalue, the smallest and the largest"),
        (false, _) => "The eigenvalues found at both ends of the spectrum".to_owned(),
    };
    Figure::new("critical-spectra", "Spectra", lines.mark_y(0.0, ""))
        .caption(format!("{which} of the Hessian at each critical point, above its {what}."))
}

/// A value without the digits that no picture shows, so that equal heights are drawn as such.
fn drawn(value: f64) -> f64 {
    format!("{value:.9e}").parse().unwrap_or(value)
}

fn endings(summary: &Summary) -> Figure {
    let mut bars = Bars::new("how searches ended", Axis::linear("searches"));
    let rows =
        [("new point", summary.new), ("known point", summary.known), ("not certified", summary.uncertified)];
    for (label, count) in rows {
        bars = bars.bar(label, count as f64);
    }
    for (ending, count) in summary.searches.iter().filter(|(ending, _)| *ending != "converged") {
        bars = bars.bar(ending.replace('_', " "), *count as f64);
    }
    Figure::new("critical-endings", "What became of the searches", bars).caption(
        "Not certified: the gradient is small, but the Newton step to the nearest critical point is long. Gradient \
         flat: the search for ∇f = 0 ended where the gradient is not small and lies in the Hessian's null space, a \
         local minimum of ‖∇f‖ and no critical point (Frye et al. 2021). Stalled: no step lessens ‖∇f‖; with known \
         points deflated this is how most last searches end.",
    )
}

fn table(what: &str, summary: &Summary) -> Figure {
    let columns = [
        Column::number("point"),
        Column::number(what),
        Column::text("kind"),
        Column::text("index").note("the number of negative eigenvalues"),
        Column::number("null").note("null eigenvalues"),
        Column::number("λ_min"),
        Column::number("λ_max"),
        Column::number("‖∇f‖"),
        Column::number("Newton step").note("about the distance to the exact critical point"),
        Column::text("stands"),
        Column::number("seen").note("searches that ended there"),
    ];
    let mut table = Table::new(columns);
    for (i, point) in summary.points.iter().enumerate().take(ROWS) {
        let end = |value: Option<f64>| value.map_or(Cell::from(""), Cell::from);
        table = table.row([
            Cell::from(i as u64),
            Cell::from(point.value),
            Cell::from(kind(point)),
            Cell::from(words(&point.index)),
            point.null.map_or(Cell::from(""), Cell::from),
            end(point.smallest.map(|b| b.value)),
            end(point.largest.map(|b| b.value)),
            Cell::from(point.gradient_norm),
            Cell::from(point.newton_step),
            Cell::from(isolation(point)),
            Cell::from(point.seen),
        ]);
    }
    let rest = match summary.points.len() {
        m @ ..=ROWS => format!("All {m} points."),
        m => format!("The {ROWS} lowest of {m} points; the others are in `results.json`."),
    };
    Figure::new("critical-points", "The points", table).caption(format!(
        "{rest} An index *k* is exact; *≥ k* is a lower bound, with the density's estimate in brackets. The Newton step \
         ‖H^{{+}}∇f‖ is what is missing to the exact point as far as the quadratic model goes. Connected sets of critical \
         points are one row: their dimension is the number of null directions along which others were found."
    ))
}

fn kind(point: &Point) -> String {
    match &point.kind {
        Kind::Degenerate { order, character } if point.name == "degenerate" => {
            let order = order.map(|order| format!(", order {order}")).unwrap_or_default();
            match character {
                Character::Saddle => format!("degenerate saddle{order}"),
                Character::NoDescentFound => format!("degenerate, no descent found{order}"),
                Character::NoAscentFound => format!("degenerate, no ascent found{order}"),
            }
        }
        _ => point.name.to_owned(),
    }
}

fn words(index: &Index) -> String {
    match (index.at_least == index.at_most, index.estimate) {
        (true, _) => index.at_least.to_string(),
        (false, Some(estimate)) => {
            format!("≥ {} ({} ± {})", index.at_least, short(estimate.mean), short(estimate.stderr))
        }
        (false, None) => format!("≥ {}", index.at_least),
    }
}

fn isolation(point: &Point) -> String {
    match point.isolation {
        Isolation::Isolated => "alone".into(),
        Isolation::Orbit => "alone but for its ray".into(),
        Isolation::Degenerate => "alone as far as was looked".into(),
        Isolation::Family { dimension, .. } if Some(dimension) == point.null => {
            format!("in a set of dimension {dimension}")
        }
        Isolation::Family { dimension, tried } if dimension == tried => {
            format!("in a set of dimension {dimension} or more")
        }
        Isolation::Family { dimension, tried } => {
            format!("in a set: {dimension} of {tried} null directions")
        }
        Isolation::Unknown => "not looked".into(),
    }
}
