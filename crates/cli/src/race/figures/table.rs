//! Who fared how.

use thalweg_lab::Scalar;
use thalweg_lab::memory::Size;
use thalweg_lab::race::{Passage, Standing};
use thalweg_report::model::{Cell, Column, Figure, Table};

use super::{Scene, unbroken};
use crate::race::Variant;
use crate::race::result::{remembered, verdict_words};
use crate::words::short;

/// A column, and its cells.
type Cells<'c> = Box<dyn Fn(&Variant, &Standing) -> Cell + 'c>;

/// Who fared how. What is the same for all rows is said below instead of in a column.
pub fn table<T: Scalar>(scene: &Scene<'_, T>, id: String) -> Figure {
    let rows = &scene.standings.rows;
    let target = telling(rows);
    let precision = scene.config.precisions.get(target).copied().unwrap_or(f64::NAN);
    let passage = move |row: &Standing| row.targets.get(target).cloned();
    let same = |number: &dyn Fn(&Standing) -> f64| rows.iter().all(|row| number(row) == number(&rows[0]));
    let (runs, spent) = (|row: &Standing| row.runs as f64, |row: &Standing| row.cost.median);
    let mut columns: Vec<(Column, Cells<'_>)> = Vec::new();
    let mut add = |column: Column, cells: Cells<'static>| columns.push((column, cells));
    add(Column::text("optimizer"), Box::new(|variant, _| Cell::from(unbroken(&variant.label))));
    if !same(&runs) {
        add(Column::number("runs"), Box::new(move |_, row| Cell::from(row.runs)));
    }
    add(
        Column::number("value at the end").note("Median over the seeds"),
        Box::new(|_, row| Cell::from(row.value.median)),
    );
    add(
        Column::number("quartiles").note("Of the value at the end, over the seeds"),
        Box::new(|_, row| match row.runs {
            1 => Cell::Missing,
            _ => Cell::from(unbroken(&format!("{} … {}", short(row.value.lower), short(row.value.upper)))),
        }),
    );
    let ends: Vec<String> = scene.raced.variants.iter().map(verdict_words).collect();
    let alike = ends.iter().all(|words| *words == ends[0]) && ends.len() > 1;
    if !alike {
        add(
            Column::text("ended at").note("The second-order verdict on each end"),
            Box::new(|variant, _| Cell::from(verdict_words(variant))),
        );
    }
    add(
        Column::text(format!("reached {precision:e}")).note(
            "Runs that came within this share of the way down, and Wilson's 95 % interval of that rate: of the \
             targets, the last one that half of some row's runs reached",
        ),
        Box::new(move |_, row| passage(row).map_or(Cell::Missing, |found| Cell::from(reached(&found, row.runs)))),
    );
    let passage = move |row: &Standing| row.targets.get(target).cloned();
    add(
        Column::number("expected cost")
            .unit("gradients")
            .note("Expected cost of a success, the cost of failures included"),
        Box::new(move |_, row| passage(row).map_or(Cell::Missing, |found| Cell::from(found.expected.cost))),
    );
    let passage = move |row: &Standing| row.targets.get(target).cloned();
    add(
        Column::text("interval").note("95 % bootstrap interval of the expected cost"),
        Box::new(move |_, row| match passage(row) {
            Some(found) if row.runs > 1 && found.expected.cost.is_finite() => {
                let interval = found.expected.interval;
                Cell::from(unbroken(&format!("{} … {}", cost(interval.low), cost(interval.high))))
            }
            _ => Cell::Missing,
        }),
    );
    if !same(&spent) {
        add(
            Column::number("spent").unit("gradients").note("Median over the seeds"),
            Box::new(|_, row| Cell::from(row.cost.median)),
        );
    }
    let vector = scene.raced.subject.start.len() * size_of::<T>();
    add(
        Column::text("memory")
            .note("What it remembers between steps, in vectors of n and in bytes, beside point and gradient"),
        Box::new(move |variant, _| match remembered(variant) {
            None => Cell::Missing,
            Some(0.0) => Cell::from("none"),
            Some(vectors) => {
                let bytes = Size((vectors * vector as f64) as usize);
                Cell::from(unbroken(&format!("{} n, {bytes}", short(vectors))))
            }
        }),
    );
    let (heads, cells): (Vec<Column>, Vec<Cells<'_>>) = columns.into_iter().unzip();
    let table = scene.raced.variants.iter().zip(rows).fold(Table::new(heads), |table, (variant, row)| {
        table.row(cells.iter().map(|cell| cell(variant, row)))
    });
    let mut caption = String::new();
    if same(&runs) && rows[0].runs > 1 {
        caption.push_str(&format!("Each row has {} runs, one a seed. ", rows[0].runs));
    }
    if same(&spent) {
        caption.push_str(&format!("Each spent {} gradients (median). ", short(rows[0].cost.median)));
    }
    if alike {
        caption.push_str(&format!("The second-order verdict on the ends is the same for all: {}. ", ends[0]));
    }
    caption.push_str(
        "A run that failed counts as infinitely dear and is never dropped. Differences between rows are only as sure as \
         the comparison below says.",
    );
    Figure::new(id, "Standings", table).caption(caption)
}

/// The place of the last target that half of the runs of some row reached; the first if there is none.
fn telling(rows: &[Standing]) -> usize {
    let count = rows.first().map_or(0, |row| row.targets.len());
    let half = |row: &Standing, target: usize| 2 * row.targets[target].successes as usize >= row.runs;
    (0..count).rev().find(|&target| rows.iter().any(|row| half(row, target))).unwrap_or(0)
}

/// `9 of 10 (60 to 98 %)`.
fn reached(passage: &Passage, runs: usize) -> String {
    let share = format!("{} of {runs}", passage.successes);
    unbroken(&match runs {
        1 => share,
        _ => format!("{share} ({:.0} to {:.0} %)", 100.0 * passage.rate.low, 100.0 * passage.rate.high),
    })
}

fn cost(value: f64) -> String {
    if value.is_finite() { short(value) } else { "∞".to_owned() }
}
