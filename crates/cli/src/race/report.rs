//! The report of a race, its headings, and what all problems amount to together.

use serde_json::Value;
use thalweg_lab::Counts;
use thalweg_report::model::{Provenance, Report, Section};

use super::config::RaceConfig;
use super::figures;
use crate::chapter::Chapter;
use crate::config::SubjectConfig;
use crate::session::Session;
use crate::subject::{Prepared, describe};
use crate::words::{counted, grouped, short};

/// All problems together: profiles over every problem, seed and target.
pub fn together(config: &RaceConfig, chapters: &[Chapter]) -> Chapter {
    let races: Vec<&Value> = chapters
        .iter()
        .flat_map(|chapter| chapter.results["races"].as_array().into_iter().flatten())
        .collect();
    let times: Vec<&Value> = chapters.iter().filter_map(|chapter| chapter.timings.get("race")).collect();
    let mut chapter = Chapter::new("profiles");
    let labels: Vec<String> = config.entrants.iter().map(|entrant| entrant.spec.to_string()).collect();
    let [costs, seconds] = [&races, &times]
        .map(|races| labels.iter().map(|label| passages(races, label, config)).collect::<Vec<_>>());
    chapter.sections.push(figures::profiles(&labels, &costs, &seconds));
    chapter
}

/// What every passage of an optimizer cost or took: problems × seeds × targets; where one run stands for all seeds, it counts
/// for each.
fn passages(races: &[&Value], label: &str, config: &RaceConfig) -> Vec<f64> {
    let mut spent = Vec::new();
    for race in races {
        let entrants = race["entrants"].as_array().into_iter().flatten();
        let runs: Vec<&Value> = entrants
            .filter(|entrant| entrant["label"] == *label)
            .flat_map(|entrant| entrant["runs"].as_array().into_iter().flatten())
            .collect();
        for seed in 0..config.seeds as usize {
            let Some(run) = runs.get(seed.min(runs.len().saturating_sub(1))) else { continue };
            let reached = run["reached"].as_array().into_iter().flatten();
            spent.extend(reached.map(|spent| spent.as_f64().unwrap_or(f64::INFINITY)));
        }
    }
    spent
}

/// The first lines on the terminal.
pub fn heading(config: &RaceConfig) -> String {
    format!(
        "Race of {} on {}\n{} gradients a run, {}",
        counted(config.entrants.len() as u64, "optimizer"),
        subjects(config),
        short(config.budget),
        counted(config.seeds, "seed")
    )
}

fn subjects(config: &RaceConfig) -> String {
    match config.subjects.as_slice() {
        [only] => describe(only),
        all => counted(all.len() as u64, "problem"),
    }
}

/// What the report is called by.
fn title(config: &RaceConfig) -> String {
    match config.subjects.as_slice() {
        [SubjectConfig::Network(network)] => format!("{} on {}", network.model, network.data.source),
        [SubjectConfig::Learning { problem, data: Some(data) }] => format!("{problem} on {}", data.source),
        _ => subjects(config),
    }
}

/// The report.
pub fn report(config: &RaceConfig, prepared: &[Prepared], session: &Session, chapters: &[Chapter]) -> Report {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Counts { values, gradients, products } = session.counts();
    let mut provenance = Provenance::new(format!("thalweg {}", arguments.join(" ")))
        .fact("Thalweg", config.version)
        .fact("seeds", format!("{} to {}", config.seed, config.seed + config.seeds - 1))
        .fact("precision", config.dtype.name())
        .fact("budget of a run", format!("{} gradients", short(config.budget)))
        .fact("cost of a value", format!("{} gradients", short(config.weights.value)))
        .fact("cost of a product", format!("{} gradients", short(config.weights.product)));
    if config.trials > 1 {
        let first = config.seed + config.seeds;
        let last = first + config.tuning_seeds - 1;
        provenance = provenance
            .fact("settings tried for each optimizer", config.trials)
            .fact("seeds of these trials", format!("{first} to {last}"));
    }
    for input in prepared.iter().flat_map(|prepared| &prepared.inputs) {
        provenance = provenance.fact(&input.role, format!("{}, SHA-256 {}", input.name, input.sha256));
    }
    provenance = provenance
        .fact("values", grouped(values))
        .fact("gradients", grouped(gradients))
        .fact("curvature products", grouped(products));
    let notes = chapters.iter().flat_map(|chapter| chapter.notes.clone());
    let sums = config.subjects.iter().any(SubjectConfig::is_a_sum);
    let stage = if sums { " Curves are of the full-batch loss, whatever the batch." } else { "" };
    let mut report = Report::new(format!("Race on {}", title(config)))
        .subtitle(format!(
            "{} under equal budgets of {} gradients.{stage}",
            counted(config.entrants.len() as u64, "optimizer"),
            short(config.budget)
        ))
        .provenance(notes.fold(provenance, Provenance::note));
    report.headline = chapters.iter().flat_map(|chapter| chapter.headline.iter().cloned()).collect();
    // Profiles over all problems come first.
    let (whole, single): (Vec<&Chapter>, Vec<&Chapter>) =
        chapters.iter().partition(|chapter| !chapter.results.contains_key("races"));
    let sections: Vec<Section> =
        whole.into_iter().chain(single).flat_map(|chapter| chapter.sections.clone()).collect();
    report.sections = sections;
    report
}
