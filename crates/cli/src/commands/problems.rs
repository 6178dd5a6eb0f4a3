//! `problems`: learning problems, and functions in closed form.

use std::fmt::Write as _;
use std::io::Write as _;

use serde::Serialize;
use thalweg_lab::Layout;
use thalweg_lab::problem::analytic::{Entry, Function, registry};
use thalweg_lab::problem::learning::{self, LearningSpec};
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

/// What is said of a problem, some of it of its first example.
#[derive(Serialize)]
struct Row {
    kind: Kind,
    name: &'static str,
    usage: &'static str,
    summary: &'static str,
    source: &'static str,
    examples: &'static [&'static str],
    /// Whether it is a sum of squares.
    least_squares: bool,
    /// Of the first example.
    dimension: usize,
    /// N, of a mean over examples.
    examples_in_mean: Option<usize>,
    known_points: usize,
    /// The lowest value.
    minimum: Option<f64>,
}

/// What kind of problem it is.
#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// A mean over examples.
    Learning,
    /// A function in closed form.
    Function,
}

fn rows() -> Result<Vec<Row>, Error> {
    let learning = learning::registry().iter().map(learned);
    learning.chain(registry().iter().map(function)).collect()
}

fn function(entry: &'static Entry) -> Result<Row, Error> {
    let function: Function = entry.examples[0].parse()?;
    Ok(Row {
        kind: Kind::Function,
        name: entry.name,
        usage: entry.usage,
        summary: entry.summary,
        source: entry.source,
        examples: entry.examples,
        least_squares: function.is_sum_of_squares(),
        dimension: function.dimension(),
        examples_in_mean: None,
        known_points: function.known().len(),
        minimum: function.minimum(),
    })
}

fn learned(entry: &'static learning::Entry) -> Result<Row, Error> {
    let spec: LearningSpec = entry.examples[0].parse()?;
    let layout: Layout = spec.layout(0);
    let known = spec.known();
    Ok(Row {
        kind: Kind::Learning,
        name: entry.name,
        usage: entry.usage,
        summary: entry.summary,
        source: entry.source,
        examples: entry.examples,
        least_squares: false,
        dimension: layout.dimension(),
        examples_in_mean: spec.planted(),
        known_points: known.len(),
        minimum: known.iter().find(|known| known.global).map(|known| known.value),
    })
}

fn text(rows: &[Row]) -> String {
    let mut text = String::new();
    for (i, row) in rows.iter().enumerate() {
        if i == 0 || rows[i - 1].kind != row.kind {
            text.push_str(match row.kind {
                Kind::Learning => "Means over examples, for training, races and studies:\n\n",
                Kind::Function => "\nFunctions in closed form:\n\n",
            });
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}\n    {}", row.usage, row.summary);
        let known = match row.known_points {
            0 => "no known critical point".to_owned(),
            count => counted(count as u64, "known critical point"),
        };
        let squares = if row.least_squares { ", sum of squares" } else { "" };
        let dimension = counted(row.dimension as u64, "coordinate");
        let mean = row.examples_in_mean.map(|count| format!(", {}", counted(count as u64, "example")));
        let mean = mean.unwrap_or_default();
        let _ = writeln!(text, "    {}: {dimension}{mean}, {known}{squares}", row.examples[0]);
        if !row.source.is_empty() {
            let _ = writeln!(text, "    {}", row.source);
        }
    }
    text.push_str(
        "\n`,shift=SEED` and `,rotate=SEED` after any function move it: ackley:10,shift=1,rotate=2.\n",
    );
    text
}
