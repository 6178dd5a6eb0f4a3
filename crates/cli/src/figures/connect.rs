//! Paths between solutions.

use thalweg_lab::Scalar;
use thalweg_lab::landscape::Tree as Levels;
use thalweg_report::model::{
    Axis, Cell, Column, Figure, Lines, Section, Series, Shade, Surface, Table, Tree,
};

use crate::args::PathKind;
use crate::chapters::connect::{Drawn, Picture};
use crate::subject::Solution;
use crate::words::{short, with_error};

/// Pairs whose paths are drawn.
const PAIRS: usize = 6;

/// The chapter on the paths.
pub fn section<T: Scalar>(
    drawn: &[Drawn<T>],
    solutions: &[Solution<T>],
    tree: &Levels,
    picture: Option<Picture>,
    what: &str,
    declared: Option<String>,
) -> Section {
    let mut section = Section::new("connections", "Paths between them").lead(lead(drawn, what, declared));
    let mut pairs: Vec<[usize; 2]> = Vec::new();
    for pair in drawn.iter().map(|d| d.pair) {
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    for (i, pair) in pairs.iter().take(PAIRS).enumerate() {
        let paths: Vec<&Drawn<T>> = drawn.iter().filter(|d| d.pair == *pair).collect();
        section = match accuracy(&paths, i + 1) {
            Some(figure) => section.figure(along(&paths, i + 1, what).half()).figure(figure.half()),
            None => section.figure(along(&paths, i + 1, what)),
        };
    }
    section = section.figure(table(drawn, what));
    if let Some(picture) = picture {
        section = section.figure(surface(picture, what));
    }
    // Of two solutions the tree is one level, which the table has.
    match solutions.len() {
        ..=2 => section,
        _ => section.figure(levels(solutions, tree, drawn, what)),
    }
}

fn lead<T: Scalar>(drawn: &[Drawn<T>], what: &str, declared: Option<String>) -> String {
    let highest = |kind: PathKind| {
        let barriers = drawn.iter().filter(|d| d.path.path == kind).filter_map(|d| d.path.profile.barrier);
        barriers.map(|peak| peak.height).reduce(f64::max)
    };
    let mut parts = Vec::new();
    for kind in [PathKind::Line, PathKind::Aligned, PathKind::Bezier, PathKind::Chain, PathKind::Band] {
        parts.extend(highest(kind).map(|height| format!("{} along the {}", short(height), kind.words())));
    }
    let mut text = format!("Highest barrier of the {what} over all pairs: {}.", parts.join(", "));
    if let Some(declared) = declared {
        text.push(' ');
        text.push_str(&declared);
    }
    text
}

/// A logarithmic axis where the values ask for one.
fn axis(label: &str, values: impl Iterator<Item = f64>) -> Axis {
    let finite = values.filter(|v| v.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    match low > 0.0 && high > 20.0 * low {
        true => Axis::log(label),
        false => Axis::linear(label),
    }
}

fn along<T: Scalar>(paths: &[&Drawn<T>], number: usize, what: &str) -> Figure {
    let values = paths.iter().flat_map(|d| &d.path.profile.samples).map(|s| s.value);
    let mut lines = Lines::new(Axis::linear("t"), axis(what, values));
    for Drawn { path, .. } in paths {
        let samples = &path.profile.samples;
        let t = samples.iter().map(|s| s.t).collect();
        let mut series = Series::line(path.path.words(), t, samples.iter().map(|s| s.value).collect());
        if samples.iter().any(|s| s.stderr.is_some()) {
            let end = |sign: f64| samples.iter().map(|s| s.value + sign * s.stderr.unwrap_or(0.0)).collect();
            series = series.spread(end(-1.0), end(1.0));
        }
        lines = lines.with(series);
    }
    let [a, b] = &paths[0].path.ends;
    let samples = paths.iter().map(|d| d.path.profile.samples.len()).max().unwrap_or(0);
    let examples = paths[0].path.profile.samples.iter().any(|s| s.stderr.is_some());
    let band = if examples { " Bands: one standard error over the examples." } else { "" };
    let caption = format!(
        "The {what} from {a} (t = 0) to {b} (t = 1), at up to {samples} places, closer together about the highest. \
         t is the curves' parameter, not their length.{band} Bumps narrower than the distance of two places are not \
         seen."
    );
    Figure::new(format!("paths-{number}"), format!("From {a} to {b}"), lines).caption(caption)
}

fn accuracy<T: Scalar>(paths: &[&Drawn<T>], number: usize) -> Option<Figure> {
    let known = |d: &&Drawn<T>| d.path.profile.samples.iter().all(|s| s.accuracy.is_some());
    if !paths.iter().all(known) {
        return None;
    }
    let mut lines = Lines::new(Axis::linear("t"), Axis::linear("accuracy"));
    for Drawn { path, .. } in paths {
        let samples = &path.profile.samples;
        let shares = samples.iter().map(|s| s.accuracy.unwrap_or(f64::NAN)).collect();
        lines = lines.with(Series::line(path.path.words(), samples.iter().map(|s| s.t).collect(), shares));
    }
    let [a, b] = &paths[0].path.ends;
    let figure = Figure::new(format!("accuracy-{number}"), format!("Accuracy from {a} to {b}"), lines);
    Some(figure.caption("The share of the training examples classified correctly at the same places."))
}

fn table<T: Scalar>(drawn: &[Drawn<T>], what: &str) -> Figure {
    let accuracy = drawn.iter().any(|d| d.path.lowest_accuracy.is_some());
    let heights = || drawn.iter().filter_map(|d| d.path.profile.highest).map(|peak| peak.height);
    let highest = Column::number(format!("highest {what}"));
    let highest = if heights().all(|height| height >= 0.0) { highest.bar() } else { highest };
    let mut columns = vec![
        Column::text("between"),
        Column::text("path"),
        Column::text("barrier")
            .note("above the straight line between the ends' values, with one standard error"),
        Column::number("at t"),
        highest,
    ];
    columns.extend(accuracy.then(|| Column::number("lowest accuracy")));
    columns.push(Column::number("length").unit("distances").note("in distances of the ends"));
    columns.push(Column::number("points").note("that define the path, both ends among them"));
    let row = |Drawn { path, .. }: &Drawn<T>| {
        let peak = path.profile.barrier;
        let height = peak.map(|p| p.stderr.map_or(short(p.height), |error| with_error(p.height, error)));
        let number = |value: Option<f64>| value.map_or(Cell::Missing, Cell::from);
        let mut cells = vec![
            Cell::from(format!("{} – {}", path.ends[0], path.ends[1])),
            Cell::from(path.path.words()),
            height.map_or(Cell::Missing, |text| Cell::from(text.as_str())),
            number(peak.map(|p| p.t)),
            number(path.profile.highest.map(|p| p.height)),
        ];
        cells.extend(accuracy.then(|| number(path.lowest_accuracy)));
        cells.extend([Cell::from(path.length / path.distance), Cell::from(path.points)]);
        cells
    };
    let table = drawn.iter().map(row).fold(Table::new(columns), Table::row);
    let paired = drawn.iter().filter_map(|d| d.path.profile.barrier).filter(|p| p.stderr.is_some());
    let error = match paired.clone().count() {
        0 => "",
        _ if paired.clone().all(|p| p.paired) => {
            " Errors of barriers are those of differences taken example by example, at the t that was found."
        }
        _ => {
            " Errors of barriers add up those of three losses as if they were independent, which is too much."
        }
    };
    let caption = format!(
        "Barrier: max over t of {what}(t) − [(1 − t) {what}(0) + t {what}(1)]. Every path is an upper bound of the lowest \
         one.{error}"
    );
    Figure::new("paths-table", "Barriers", table).caption(caption)
}

fn surface(picture: Picture, what: &str) -> Figure {
    let Picture { plane, title, mut caption, landmarks, paths } = picture;
    let [x, y] = &plane.directions;
    let spread = |values: &mut dyn Iterator<Item = f64>| {
        let finite = values.filter(|v| v.is_finite());
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)))
    };
    let (low, high) = spread(&mut plane.values.iter().copied());
    let (floor, top) = spread(&mut paths.iter().flat_map(|(_, points)| points).map(|point| point.loss));
    // A few high cells would leave one colour to all that the paths see.
    let rise = if low > 0.0 { f64::INFINITY } else { top - floor };
    let mut surface = Surface::new(what, x, y, plane.u.clone(), plane.v.clone(), plane.values.clone());
    surface.landmarks = landmarks;
    if high - low > 4.0 * rise {
        surface = surface.shade(Shade::Rank);
    }
    surface = paths.into_iter().fold(surface, |surface, (name, points)| surface.trajectory(name, points));
    if !plane.non_finite.is_empty() {
        caption.push_str(&format!(
            " {} of {} cells are not finite and left as holes.",
            plane.non_finite.len(),
            plane.values.len()
        ));
    }
    Figure::new("connections-plane", title, surface).caption(caption)
}

fn levels<T: Scalar>(solutions: &[Solution<T>], tree: &Levels, drawn: &[Drawn<T>], what: &str) -> Figure {
    let all = tree.leaves.iter().copied().chain(tree.merges.iter().map(|merge| merge.level));
    let mut picture = Tree::new(axis(what, all));
    for (solution, value) in solutions.iter().zip(&tree.leaves) {
        picture = picture.leaf(solution.label.clone(), *value);
    }
    for merge in &tree.merges {
        let by = drawn.iter().find(|d| d.path.profile.highest.is_some_and(|peak| peak.height == merge.level));
        let note = by.map(|d| format!("{}, {} to {}", d.path.path.words(), d.path.ends[0], d.path.ends[1]));
        picture = picture.joint(merge.level, merge.parts, note.unwrap_or_default());
    }
    let caption = format!(
        "Sublevel connectivity of the paths that were found: branches are joined at the lowest {what} below which the \
         solutions under them are connected (Becker & Karplus 1997). The levels are upper bounds: lower paths may \
         exist. A branch that goes on upwards is not connected to the others."
    );
    Figure::new("connections-tree", "At which level they are connected", picture).caption(caption)
}
