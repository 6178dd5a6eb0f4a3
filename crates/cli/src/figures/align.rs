//! Symmetries and alignment.

use thalweg_lab::landscape::symmetry::Invariance;
use thalweg_report::model::{Axis, Cell, Column, Figure, Lines, Section, Series, Table};

use crate::chapters::align::{Found, Way};
use crate::words::{counted, short, with_error};

/// Solutions whose lines are drawn.
const DRAWN: usize = 6;
/// Groups that are listed.
const LISTED: usize = 40;

/// The chapters on alignment and on symmetries.
pub fn sections(found: &Found, ways: &[Way], invariants: &[Invariance], what: &str) -> Vec<Section> {
    let mut section = Section::new("alignment", "Aligned by symmetry").lead(lead(ways, what));
    let mut others: Vec<&String> = Vec::new();
    for way in ways {
        if !others.contains(&&way.ends[1]) {
            others.push(&way.ends[1]);
        }
    }
    for (i, other) in others.into_iter().take(DRAWN).enumerate() {
        let ways: Vec<&Way> = ways.iter().filter(|w| w.ends[1] == *other).collect();
        section = section.figure(along(&ways, i + 1, what));
    }
    section = section.figure(table(ways, what));
    let mut symmetries =
        Section::new("symmetries", "Symmetries of the network").lead(counted_in_words(found));
    symmetries = symmetries.figure(groups(found));
    if !invariants.is_empty() {
        symmetries = symmetries.figure(invariance(invariants));
    }
    vec![section, symmetries]
}

fn lead(ways: &[Way], what: &str) -> String {
    let highest = |pick: &dyn Fn(&&Way) -> bool| {
        ways.iter().filter(|w| pick(w)).filter_map(|w| w.profile.barrier).map(|p| p.height).reduce(f64::max)
    };
    match (highest(&|w| w.method.is_none()), highest(&|w| w.best)) {
        (Some(before), Some(after)) => format!(
            "Highest barrier of the {what} on straight lines from {}: {} as the solutions were found, {} once their \
             units are brought into the order of the first.",
            ways[0].ends[0],
            short(before),
            short(after)
        ),
        _ => format!("The {what} is not finite everywhere between the solutions."),
    }
}

fn counted_in_words(found: &Found) -> String {
    let copies = match &found.count {
        Some(count) => count.clone(),
        None => format!("about {}", found.power_of_ten()),
    };
    let scales = match (found.scales_exact, found.scales) {
        (_, 0) => "No scaling leaves the function as it is.".to_owned(),
        (exact, all) if exact == all => format!("{all} independent scalings leave the function as it is."),
        (exact, all) => format!(
            "{all} independent scalings leave the function as it is, {} of them but for the small constant of \
             normalization.",
            all - exact
        ),
    };
    format!(
        "Permutations of units and changes of sign make {copies} copies of a solution that compute the same; under random \
         ones the value changed by at most {} of itself. {scales}",
        short(found.check)
    )
}

fn along(ways: &[&Way], number: usize, what: &str) -> Figure {
    let mut lines = Lines::new(Axis::linear("t"), Axis::linear(what));
    for way in ways {
        let samples = &way.profile.samples;
        let t = samples.iter().map(|s| s.t).collect();
        let name = way.method.map_or("as found", |m| m.words());
        let mut series = Series::line(name, t, samples.iter().map(|s| s.value).collect());
        if samples.iter().any(|s| s.stderr.is_some()) {
            let end = |sign: f64| samples.iter().map(|s| s.value + sign * s.stderr.unwrap_or(0.0)).collect();
            series = series.spread(end(-1.0), end(1.0));
        }
        lines = lines.with(series);
    }
    let [a, b] = &ways[0].ends;
    let caption = format!(
        "The {what} on the straight line from {a} (t = 0) to {b} (t = 1), as it was found and with its units in the order that \
         each method finds. In every order it computes the same at t = 1. Bands: one standard error over the examples. Bumps \
         narrower than the distance of two places are not seen."
    );
    Figure::new(format!("aligned-{number}"), format!("From {a} to {b}"), lines).caption(caption)
}

fn table(ways: &[Way], what: &str) -> Figure {
    let mut table = Table::new([
        Column::text("to"),
        Column::text("matching"),
        Column::text("barrier").note("with one standard error over the examples"),
        Column::number(format!("highest {what}")),
        Column::number("distance"),
        Column::number("cosine"),
        Column::text("units moved"),
    ]);
    for way in ways {
        let peak = way.profile.barrier;
        let height = peak.map(|p| p.stderr.map_or(short(p.height), |e| with_error(p.height, e)));
        let units: usize = way.moved.iter().map(|m| m.units).sum();
        let moved: usize = way.moved.iter().map(|m| m.moved).sum();
        table = table.row([
            Cell::from(way.ends[1].as_str()),
            Cell::from(way.method.map_or("none", |m| m.words())),
            height.map_or(Cell::Missing, Cell::from),
            way.profile.highest.map_or(Cell::Missing, |p| Cell::from(p.height)),
            Cell::from(way.nearness.distance),
            Cell::from(way.nearness.cosine),
            Cell::from(format!("{moved} of {units}")),
        ]);
    }
    let caption = "Barrier: the highest rise above the straight line between the ends' values. A matching finds a good order of \
                   units, not always the best.";
    Figure::new("alignments", "What each matching achieves", table).caption(caption)
}

fn groups(found: &Found) -> Figure {
    let mut table = Table::new([
        Column::text("units of"),
        Column::number("units"),
        Column::number("exchangeable").note("below each unit that they are parts of"),
        Column::number("signs").note("independent changes of sign of each unit"),
        Column::number("scales").note("independent scalings of each unit"),
        Column::number("places").note("axes of blocks, and runs of them, that hold a unit's weights"),
    ]);
    for unit in found.groups.iter().take(LISTED) {
        let part = if unit.parent.is_some() { "↳ " } else { "" };
        table = table.row([
            Cell::from(format!("{part}{}", unit.name)),
            Cell::from(unit.units as f64),
            Cell::from(unit.fiber as f64),
            Cell::from(unit.signs as f64),
            Cell::from(unit.scales as f64),
            Cell::from(unit.places as f64),
        ]);
    }
    let more = match found.groups.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" {} more are in the results.", counted(more as u64, "group")),
    };
    let caption = format!(
        "Groups of units that the program does not tell apart, derived from its operations. ↳: parts of the units above, \
         with which they move.{more}"
    );
    Figure::new("symmetry-groups", "Interchangeable units", table).caption(caption)
}

fn invariance(found: &[Invariance]) -> Figure {
    let mut table = Table::new([
        Column::text("measure"),
        Column::number("at the point"),
        Column::text("at rescaled copies"),
        Column::number("largest change").note("relative"),
        Column::text("invariant"),
    ]);
    for row in found {
        let after: Vec<String> = row.after.iter().map(|&v| short(v)).collect();
        table = table.row([
            Cell::from(row.measure.as_str()),
            Cell::from(row.before),
            Cell::from(after.join(", ")),
            Cell::from(row.change),
            Cell::from(if row.unchanged { "within 1 %" } else { "no" }),
        ]);
    }
    let caption = "Each unit was rescaled by a random number in a way that the network does not feel (Dinh et al. 2017). A measure \
                   that changes says something about the parametrization, not about the function alone.";
    Figure::new("invariance", "What feels a rescaling", table).caption(caption)
}
