//! The minima and saddles of a picture: marks, a table, the merge tree and the persistence diagram.

use thalweg_lab::landscape::VertexKind;
use thalweg_report::model::{
    Axis, Cell, Column, Figure, Glyph, Lines, Series, Shade, Stroke, Surface, Table,
};

use crate::chapters::planes::shape::{PointSeen, Shape};
use crate::words::{many, short, with_error};

/// Points that are marked and listed, at most.
const LISTED: usize = 24;
/// Branches that are drawn, at most.
const DRAWN: usize = 16;
/// Pairs in the persistence diagram, at most.
const PAIRS: usize = 1500;

/// The surface with its minima and saddles marked, by their numbers in the table where there is one.
pub fn marked(surface: Surface, shape: &Shape, numbered: bool) -> Surface {
    shape.points.iter().enumerate().take(LISTED).fold(surface, |surface, (i, point)| {
        let [u, v] = point.stationary.map_or([point.u, point.v], |found| [found.u, found.v]);
        let label = if numbered { (i + 1).to_string() } else { String::new() };
        surface.mark(glyph(point.kind), label, u, v)
    })
}

/// What the caption says of them.
pub fn words(shape: &Shape) -> String {
    let kept = |kind| shape.points.iter().filter(|point| point.kind == kind).count();
    let (minima, saddles) = (kept(VertexKind::Minimum), kept(VertexKind::Saddle));
    let below = shape.minima - minima.min(shape.minima);
    format!(
        " Discs: {} of this slice, crosses: {}, from a persistence of {} ({}); {} below that.",
        many(minima, "minimum", "minima"),
        many(saddles, "saddle", "saddles"),
        short(shape.persistence),
        shape.rule,
        many(below, "minimum is", "minima are")
    )
}

/// The table, and where there is more than one basin the tree and the diagram.
pub fn figures(name: &str, what: &str, shape: &Shape, shade: Shade) -> Vec<Figure> {
    let mut figures = vec![table(name, shape)];
    if shape.branches.len() > 1 {
        figures.push(tree(name, what, shape, shade).half());
    }
    if shape.pairs().iter().any(|pair| pair[1].is_finite()) {
        figures.push(diagram(name, what, shape, shade).half());
    }
    figures
}

fn table(name: &str, shape: &Shape) -> Figure {
    let columns = [
        Column::number("#"),
        Column::text("of the slice"),
        Column::text("at"),
        Column::number("value"),
        Column::text("persistence").note(
            "Height of the saddle above the minimum; of a saddle that closes a ring, of the maximum above it",
        ),
        Column::text("in the full space"),
    ];
    let row = |(i, point): (usize, &PointSeen)| {
        let kind = match (point.kind, point.multiplicity) {
            (VertexKind::Saddle, m @ 2..) => format!("saddle of multiplicity {m}"),
            (VertexKind::Minimum, _) => "minimum".to_owned(),
            (VertexKind::Saddle, _) => "saddle".to_owned(),
            (VertexKind::Maximum, _) => "maximum".to_owned(),
        };
        let edge = if point.edge { " (edge)" } else { "" };
        let [u, v] = point.stationary.map_or([point.u, point.v], |found| [found.u, found.v]);
        let value = point.stationary.map_or(point.value, |found| found.value);
        let error = shape.branches.iter().find(|b| b.minimum == i).and_then(|b| b.persistence_stderr);
        let height = match (point.persistence, error) {
            (None, _) => "the lowest".to_owned(),
            (Some(height), Some(error)) => with_error(height, error),
            (Some(height), None) => short(height),
        };
        [
            Cell::from((i + 1) as f64),
            (kind + edge).as_str().into(),
            format!("({}, {})", short(u), short(v)).as_str().into(),
            value.into(),
            height.as_str().into(),
            point.words().as_str().into(),
        ]
    };
    let table = shape.points.iter().enumerate().take(LISTED).map(row).fold(Table::new(columns), Table::row);
    let more = shape.points.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(" {more} more are in results.json.") } else { String::new() };
    Figure::new(format!("{name}-points"), "Minima and saddles of the slice", table).caption(format!(
        "What is a minimum here is one among two directions of many. It is a critical point of the function only \
         if the whole gradient vanishes, and a minimum only if no eigenvalue of the whole Hessian is negative.{more}"
    ))
}

/// Each branch hangs from the saddle where it meets a lower one.
fn tree(name: &str, what: &str, shape: &Shape, shade: Shade) -> Figure {
    let drawn = &shape.branches[..shape.branches.len().min(DRAWN)];
    let mut order = Vec::new();
    (0..drawn.len())
        .filter(|&i| drawn[i].saddle.is_none())
        .for_each(|root| descend(shape, drawn.len(), root, &mut order));
    let place = |branch: usize| order.iter().position(|&b| b == branch).unwrap_or(0) as f64 + 1.0;
    let value = |point: usize| shape.points[point].value;
    let ends = drawn.iter().flat_map(|b| [Some(b.minimum), b.saddle]).flatten();
    let top = ends.map(value).fold(f64::NEG_INFINITY, f64::max);
    let positive = drawn.iter().all(|branch| value(branch.minimum) > 0.0);
    let axis = if shade == Shade::Log && positive { Axis::log(what) } else { Axis::linear(what) };
    let mut lines = Lines::new(Axis::linear("basins, side by side"), axis);
    // The points come with air around them, which lines have not.
    let (xs, ys) = order.iter().map(|&b| (place(b), value(drawn[b].minimum))).unzip();
    lines = lines.with(Series::points("minima", xs, ys));
    for (i, branch) in drawn.iter().enumerate() {
        let (x, low) = (place(i), value(branch.minimum));
        let points = match (branch.saddle, branch.parent) {
            (Some(saddle), Some(parent)) => {
                vec![[x, low], [x, value(saddle)], [place(parent), value(saddle)]]
            }
            _ => vec![[x, low], [x, top + 0.04 * (top - low)]],
        };
        let ordered: Vec<[f64; 2]> = match points[points.len() - 1][0] < x {
            true => points.into_iter().rev().collect(),
            false => points,
        };
        let (xs, ys) = ordered.iter().map(|p| (p[0], p[1])).unzip();
        lines = lines.with(Series::line((branch.minimum + 1).to_string(), xs, ys));
    }
    let left = shape.branches.len() - drawn.len();
    let left = if left > 0 { format!(" {left} less persistent ones are left out.") } else { String::new() };
    Figure::new(format!("{name}-tree"), "Which basins join at which level", lines).caption(format!(
        "Merge tree of the slice: each line begins at a minimum (numbers as in the table) and ends at the lowest \
         level at which a way within the picture leads to a lower one. In the full space ways may be lower, never higher.{left}"
    ))
}

/// A branch between those that hang on it, from left to right.
fn descend(shape: &Shape, count: usize, branch: usize, order: &mut Vec<usize>) {
    let children: Vec<usize> = (0..count).filter(|&i| shape.branches[i].parent == Some(branch)).collect();
    let (left, right) = children.split_at(children.len() / 2);
    left.iter().for_each(|&child| descend(shape, count, child, order));
    order.push(branch);
    right.iter().for_each(|&child| descend(shape, count, child, order));
}

fn diagram(name: &str, what: &str, shape: &Shape, shade: Shade) -> Figure {
    let mut pairs: Vec<[f64; 3]> = shape.pairs().into_iter().filter(|pair| pair[1].is_finite()).collect();
    pairs.sort_by(|a, b| (b[1] - b[0]).total_cmp(&(a[1] - a[0])));
    let left = pairs.len().saturating_sub(PAIRS);
    pairs.truncate(PAIRS);
    pairs.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let (low, high) = (
        pairs.iter().map(|pair| pair[0]).fold(f64::INFINITY, f64::min),
        pairs.iter().map(|pair| pair[1]).fold(f64::NEG_INFINITY, f64::max),
    );
    // A fixed scale may be logarithmic where not all values are positive.
    let log = shade == Shade::Log && low > 0.0;
    let axis = |label: String| if log { Axis::log(label) } else { Axis::linear(label) };
    let mut lines = Lines::new(axis(format!("{what} at birth")), axis(format!("{what} at death")));
    for (dimension, title) in [(0.0, "basins: minimum, saddle"), (1.0, "rings: saddle, maximum")] {
        let (xs, ys): (Vec<f64>, Vec<f64>) =
            pairs.iter().filter(|pair| pair[2] == dimension).map(|pair| (pair[0], pair[1])).unzip();
        if !xs.is_empty() {
            lines = lines.with(Series::points(title, xs, ys));
        }
    }
    let steps = (0..=60).map(|i| f64::from(i) / 60.0);
    let xs: Vec<f64> = match log {
        true => steps.map(|s| low * (high / low).powf(s)).collect(),
        false => steps.map(|s| low + s * (high - low)).collect(),
    };
    let above = |by: f64| xs.iter().map(|x| x + by).collect();
    lines = lines.with(Series::line("death = birth", xs.clone(), above(0.0))).with(
        Series::line("from here on it counts", xs.clone(), above(shape.persistence)).stroke(Stroke::Dashed),
    );
    let left = if left > 0 { format!(" {left} less persistent ones are left out.") } else { String::new() };
    Figure::new(format!("{name}-persistence"), "Persistence", lines).caption(format!(
        "Each feature of the sublevel sets by the levels at which it appears and disappears. Far above the \
         diagonal: part of the shape; close to it: ripples, rounding, or beads of a valley that runs across the grid.{left}"
    ))
}

fn glyph(kind: VertexKind) -> Glyph {
    match kind {
        VertexKind::Minimum => Glyph::Minimum,
        VertexKind::Saddle => Glyph::Saddle,
        VertexKind::Maximum => Glyph::Maximum,
    }
}
