//! What must hold for a report to be drawn.

use super::{Bars, Card, Content, Density, Lines, Report, Scale, Series, Surface, Table, Tree};
use std::collections::HashSet;

/// Why a report cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// An id with other letters than small ones, digits and hyphens, or an empty one.
    #[error("the id {0:?} may hold small letters, digits and hyphens only, and must not be empty")]
    Id(String),
    /// Two sections or figures with the same id.
    #[error("the id {0:?} occurs twice in the report")]
    Twice(String),
    /// Data that do not fit together.
    #[error("figure {figure:?}: {what}: expected {expected}, found {found}")]
    Data {
        /// Id of the figure.
        figure: String,
        /// Which part of it.
        what: String,
        /// What was expected there.
        expected: String,
        /// What was found.
        found: String,
    },
    /// A value that could not be written as JSON.
    #[error(transparent)]
    Json(#[from] crate::json::JsonError),
}

impl Report {
    /// Checks that ids are usable and unique, and that the data of each figure fit together.
    pub fn check(&self) -> Result<(), ReportError> {
        let mut seen = HashSet::new();
        for section in &self.sections {
            id(&section.id, &mut seen)?;
            for figure in &section.figures {
                id(&figure.id, &mut seen)?;
                let checked = match &figure.content {
                    Content::Card(Card { .. }) => Ok(()),
                    Content::Lines(lines) => check_lines(lines),
                    Content::Density(density) => check_density(density),
                    Content::Surface(surface) => check_surface(surface),
                    Content::Table(table) => check_table(table),
                    Content::Bars(bars) => check_bars(bars),
                    Content::Tree(tree) => check_tree(tree),
                };
                checked.map_err(|Mismatch { what, expected, found }| ReportError::Data {
                    figure: figure.id.clone(),
                    what,
                    expected,
                    found,
                })?;
            }
        }
        Ok(())
    }
}

struct Mismatch {
    what: String,
    expected: String,
    found: String,
}

fn id<'a>(id: &'a str, seen: &mut HashSet<&'a str>) -> Result<(), ReportError> {
    let usable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || !id.chars().all(usable) {
        return Err(ReportError::Id(id.to_owned()));
    }
    if !seen.insert(id) {
        return Err(ReportError::Twice(id.to_owned()));
    }
    Ok(())
}

fn check_lines(lines: &Lines) -> Result<(), Mismatch> {
    let mut names = HashSet::new();
    for series in &lines.series {
        let Series { name, x, y, .. } = series;
        require(names.insert(name), || (format!("series {name:?}"), "a name of its own", "a second one"))?;
        ascending(&format!("x of series {name:?}"), x, 0, false)?;
        length(&format!("y of series {name:?}"), y.len(), x.len())?;
        if let Some(spread) = &series.spread {
            length(&format!("lower ends of series {name:?}"), spread.low.len(), x.len())?;
            length(&format!("upper ends of series {name:?}"), spread.high.len(), x.len())?;
        }
        let side = || (format!("series {name:?}"), "a right axis in the figure", "none");
        require(lines.y2.is_some() || series.side == super::Side::Left, side)?;
    }
    for mark in &lines.marks {
        require(mark.at.is_finite(), || (format!("mark {:?}", mark.label), "a finite place", mark.at))?;
    }
    Ok(())
}

fn check_density(density: &Density) -> Result<(), Mismatch> {
    ascending("places of the density", &density.at, 2, true)?;
    length("density", density.density.len(), density.at.len())?;
    if !density.stderr.is_empty() {
        length("standard error", density.stderr.len(), density.at.len())?;
    }
    let floor = density.floor.unwrap_or(1.0);
    require(floor > 0.0 && floor.is_finite(), || ("floor".into(), "a positive number", floor))
}

fn check_surface(surface: &Surface) -> Result<(), Mismatch> {
    ascending("xs", &surface.xs, 2, true)?;
    ascending("ys", &surface.ys, 2, true)?;
    length("z", surface.z.len(), surface.xs.len() * surface.ys.len())?;
    for (axis, name) in [(&surface.x, "x axis"), (&surface.y, "y axis")] {
        require(axis.scale == Scale::Linear, || (name.into(), "a linear scale", "a logarithmic one"))?;
    }
    let mut names = HashSet::new();
    for path in &surface.trajectories {
        let name = format!("trajectory {:?}", path.name);
        require(names.insert(&path.name), || (name.clone(), "a name of its own", "a second one"))?;
        path.points.iter().try_for_each(|point| finite_place(&name, point.x, point.y))?;
    }
    surface.landmarks.iter().try_for_each(|l| finite_place(&format!("landmark {:?}", l.label), l.x, l.y))
}

fn finite_place(what: &str, x: f64, y: f64) -> Result<(), Mismatch> {
    let found = || (what.to_owned(), "finite coordinates", format!("({x}, {y})"));
    require(x.is_finite() && y.is_finite(), found)
}

fn check_table(table: &Table) -> Result<(), Mismatch> {
    for (i, row) in table.rows.iter().enumerate() {
        length(&format!("cells of row {i}"), row.len(), table.columns.len())?;
    }
    Ok(())
}

fn check_bars(bars: &Bars) -> Result<(), Mismatch> {
    let usable = !bars.cumulative || bars.y.scale == Scale::Linear;
    require(usable, || ("running sum".into(), "a linear axis", "a logarithmic one"))
}

fn check_tree(tree: &Tree) -> Result<(), Mismatch> {
    let mut joined = HashSet::new();
    for (i, joint) in tree.joints.iter().enumerate() {
        let [a, b] = joint.parts;
        let name = format!("joint {i}");
        let before = tree.leaves.len() + i;
        require(a < before && b < before, || (name.clone(), "nodes before it", format!("{a} and {b}")))?;
        let fresh = joined.insert(a) && joined.insert(b);
        require(fresh, || (name.clone(), "nodes that nothing joins yet", format!("{a} and {b}")))?;
        require(joint.level.is_finite(), || (name, "a finite level", joint.level))?;
    }
    Ok(())
}

fn length(what: &str, found: usize, expected: usize) -> Result<(), Mismatch> {
    require(found == expected, || (what.to_owned(), format!("{expected} values"), found))
}

fn ascending(what: &str, values: &[f64], at_least: usize, strictly: bool) -> Result<(), Mismatch> {
    require(values.len() >= at_least, || {
        (what.to_owned(), format!("{at_least} values or more"), values.len())
    })?;
    if let Some(i) = values.iter().position(|v| !v.is_finite()) {
        require(false, || (format!("{what}, entry {i}"), "a finite number", values[i]))?;
    }
    let falls = |w: &[f64]| w[1] < w[0] || (strictly && w[1] == w[0]);
    match values.windows(2).position(falls) {
        None => Ok(()),
        Some(i) => {
            let expected = format!("more than {}", values[i]);
            require(false, || (format!("{what}, entry {}", i + 1), expected, values[i + 1]))
        }
    }
}

fn require<E: ToString, F: ToString>(
    holds: bool,
    mismatch: impl FnOnce() -> (String, E, F),
) -> Result<(), Mismatch> {
    if holds {
        return Ok(());
    }
    let (what, expected, found) = mismatch();
    Err(Mismatch { what, expected: expected.to_string(), found: found.to_string() })
}
