//! `problems`: the functions in closed form.

use std::fmt::Write as _;
use std::io::Write as _;

use serde::Serialize;
use thalweg_lab::problem::analytic::{Function, registry};
use thalweg_report::json;

use crate::args::ProblemsArgs;
use crate::error::Error;
use crate::words::counted;

/// Runs the command.
pub fn run(options: &ProblemsArgs) -> Result<(), Error> {
    let rows = rows()?;
    let text = if options.json { json::pretty(&rows)? } else { text(&rows) };
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

/// What is said of a function, some of it of its first example.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    usage: &'static str,
    summary: &'static str,
    source: &'static str,
    examples: &'static [&'static str],
    /// Whether it is a sum of squares.
    least_squares: bool,
    /// Of the first example.
    dimension: usize,
    known_points: usize,
    /// The lowest value.
    minimum: Option<f64>,
}

fn rows() -> Result<Vec<Row>, Error> {
    let row = |entry: &&'static thalweg_lab::problem::analytic::Entry| {
        let function: Function = entry.examples[0].parse()?;
        Ok(Row {
            name: entry.name,
            usage: entry.usage,
            summary: entry.summary,
            source: entry.source,
            examples: entry.examples,
            least_squares: function.is_sum_of_squares(),
            dimension: function.dimension(),
            known_points: function.known().len(),
            minimum: function.minimum(),
        })
    };
    registry().iter().collect::<Vec<_>>().iter().map(row).collect()
}

fn text(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}\n    {}", row.usage, row.summary);
        let known = match row.known_points {
            0 => "no known critical point".to_owned(),
            count => counted(count as u64, "known critical point"),
        };
        let squares = if row.least_squares { ", sum of squares" } else { "" };
        let dimension = counted(row.dimension as u64, "coordinate");
        let _ = writeln!(text, "    {}: {dimension}, {known}{squares}", row.examples[0]);
        if !row.source.is_empty() {
            let _ = writeln!(text, "    {}", row.source);
        }
    }
    text.push_str(
        "\n`,shift=SEED` and `,rotate=SEED` after any of them move it: ackley:10,shift=1,rotate=2.\n",
    );
    text
}
