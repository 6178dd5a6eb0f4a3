//! `optimizers`: the table of optimizers.

use std::io::Write as _;

use serde::Serialize;
use thalweg_lab::optim::{Entry, Family, registry};
use thalweg_report::json;

use crate::args::ListArgs;
use crate::error::Error;

/// A row as JSON.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    family: Family,
    summary: &'static str,
    source: &'static str,
    cost: &'static str,
    rate: Option<f64>,
    parameters: Vec<Setting>,
}

/// A parameter as JSON.
#[derive(Serialize)]
struct Setting {
    name: &'static str,
    default: String,
    takes: String,
    meaning: &'static str,
}

/// Runs the command.
pub fn run(options: &ListArgs) -> Result<(), Error> {
    let word = options.word.as_deref().unwrap_or("").to_lowercase();
    let wanted =
        |entry: &&Entry<f64>| entry.name.contains(&word) || entry.summary.to_lowercase().contains(&word);
    let rows: Vec<Row> = registry::<f64>().iter().filter(wanted).map(row).collect();
    if rows.is_empty() {
        return Err(Error::Usage(format!("no optimizer has {word:?} in its name or summary")));
    }
    let text = if options.json { json::pretty(&json::tree(&rows)?)? } else { listed(&rows) };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

fn row(entry: &Entry<f64>) -> Row {
    let setting = |p: &thalweg_lab::optim::Parameter| Setting {
        name: p.name,
        default: p.show(p.default),
        takes: p.takes(),
        meaning: p.meaning,
    };
    Row {
        name: entry.name,
        family: entry.family,
        summary: entry.summary,
        source: entry.source,
        cost: entry.cost,
        rate: entry.rate,
        parameters: entry.parameters.iter().map(setting).collect(),
    }
}

/// The rows by family, for people.
fn listed(rows: &[Row]) -> String {
    let mut text = String::new();
    let mut families: Vec<Family> = Vec::new();
    for row in rows {
        if !families.contains(&row.family) {
            families.push(row.family);
        }
    }
    for family in families {
        text.push_str(&format!("{}\n", title(family)));
        for row in rows.iter().filter(|row| row.family == family) {
            let rate = row.rate.map(|rate| format!(", rate={rate}")).unwrap_or_default();
            text.push_str(&format!("\n  {}: {}\n", row.name, row.summary));
            text.push_str(&format!("    {}{rate}; {}\n", row.cost, row.source));
            let width = row.parameters.iter().map(|p| p.name.len() + p.default.len() + 1).max().unwrap_or(0);
            for Setting { name, default, takes, meaning } in &row.parameters {
                let given = format!("{name}={default}");
                text.push_str(&format!("      {given:width$}  {meaning} ({takes})\n"));
            }
        }
        text.push('\n');
    }
    text
}

fn title(family: Family) -> &'static str {
    match family {
        Family::FirstOrder => "First order",
        Family::Adaptive => "A learning rate for each coordinate",
        Family::MatrixAware => "Gradients as matrices, curvature estimated",
        Family::QuasiNewton => "Exact gradients and line searches",
        Family::Newton => "Hessian and Gauss-Newton products",
        Family::SaddleAware => "Made to leave saddles",
        Family::FlatnessAware => "Made to end in flat regions",
        Family::DerivativeFree => "Values alone, and peers",
    }
}
