//! From chapters to `results.json` and the report.

use serde::Serialize;
use serde_json::{Map, Value};
use thalweg_lab::Counts;
use thalweg_report::json;
use thalweg_report::model::{Provenance, Report, Section};

use super::depth;
use crate::chapter::Chapter;
use crate::config::{Config, CriticalPlan, PointConfig, StartsPlan, SubjectConfig, Way};
use crate::error::Error;
use crate::session::Session;
use crate::subject::{Prepared, describe};
use crate::words::grouped;

/// What every `results.json` begins with.
#[derive(Serialize)]
struct Common<'c> {
    command: &'c str,
    version: &'c str,
    subject: String,
    point: String,
    dimension: usize,
    dtype: &'c str,
    seed: u64,
    /// Where a time was stated: that time, and what has less depth for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<Cut>,
}

/// What a stated time took away.
#[derive(Serialize)]
struct Cut {
    seconds: u64,
    shallower: Vec<String>,
}

/// All keys of all chapters, and what they have in common.
pub fn results<'c>(
    config: &Config,
    prepared: &Prepared,
    session: &Session,
    chapters: impl Iterator<Item = &'c Chapter>,
) -> Result<Value, Error> {
    let common = Common {
        command: config.command,
        version: config.version,
        subject: describe(&config.subject),
        point: point(config),
        dimension: prepared.layout().dimension(),
        dtype: config.dtype.name(),
        seed: config.seed,
        budget: config.budget.as_ref().map(|budget| Cut {
            seconds: budget.seconds,
            shallower: depth::shallower(&config.plan, &budget.asked),
        }),
    };
    let Value::Object(mut results) = json::tree(&common)? else { unreachable!("a structure has keys") };
    for chapter in chapters {
        merge(&mut results, &chapter.results);
    }
    results.insert("oracle".into(), json::tree(&session.counts())?);
    Ok(Value::Object(results))
}

/// Lists of the same key are joined; for the rest the later one counts.
fn merge(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(Value::Array(all)), Value::Array(more)) => all.extend(more.iter().cloned()),
            _ => _ = into.insert(key.clone(), value.clone()),
        }
    }
}

/// Which point the study is about.
pub fn point(config: &Config) -> String {
    let start = match (&config.point, &config.subject) {
        (PointConfig::Initial, SubjectConfig::Network(_)) => {
            format!("initial weights (seed {})", config.seed)
        }
        (PointConfig::Initial, SubjectConfig::Function { .. }) => "the function's customary start".into(),
        (PointConfig::Initial, SubjectConfig::Learning { .. }) => "the problem's customary start".into(),
        (PointConfig::Initial, SubjectConfig::Expression { .. }) => "the origin".into(),
        (point, _) => point.describe(),
    };
    if let [first, others @ ..] = config.plan.ways.as_slice() {
        return format!("the end of {}, the first of {} ways", first.name, 1 + others.len());
    }
    let point = match &config.plan.way {
        None | Some(Way::Checkpoints {}) => start,
        Some(Way::Kept { run, .. }) => format!("the end of the way of {run}"),
        Some(Way::Training(_)) => format!("the end of training from {start}"),
        Some(Way::Descent(plan)) => format!("the end of {} from {start}", plan.words()),
    };
    match &config.plan.critical {
        None => point,
        Some(CriticalPlan { from: from @ StartsPlan::Box { .. }, .. }) => {
            format!("none: searches begin {}", from.words())
        }
        Some(plan) => format!("{point}; searches begin {}", plan.from.words()),
    }
}

/// What [`point`] names.
pub fn heading(config: &Config) -> &'static str {
    match config.point {
        PointConfig::Solutions { .. } => "The solutions",
        _ => "The point",
    }
}

/// The report: the point first, then how it was come by, then the rest.
pub fn report(config: &Config, prepared: &Prepared, session: &Session, chapters: &[Chapter]) -> Report {
    let mut sections: Vec<Section> = Vec::new();
    for section in chapters.iter().flat_map(|chapter| &chapter.sections) {
        match sections.iter_mut().find(|known| known.id == section.id) {
            Some(known) => known.figures.extend(section.figures.iter().cloned()),
            None => sections.push(section.clone()),
        }
    }
    const ORDER: [&str; 10] = [
        "critical",
        "point",
        "sharpness",
        "intrinsic",
        "cuts",
        "extents",
        "training",
        "landscape",
        "spectrum",
        "layers",
    ];
    sections.sort_by_key(|section| ORDER.iter().position(|id| *id == section.id));
    let mut report = Report::new(title(config))
        .subtitle(format!("{}. {}: {}.", describe(&config.subject), heading(config), point(config)))
        .provenance(provenance(config, prepared, session, chapters));
    report.headline = chapters.iter().flat_map(|chapter| chapter.headline.iter().cloned()).collect();
    report.sections = sections;
    report
}

fn title(config: &Config) -> String {
    let word = match config.command {
        "survey" => "Survey",
        "train" => "Training",
        "spectrum" => "Spectrum",
        "slice" => "Slices",
        "plane" => "Plane",
        "trajectory" => "Trajectory",
        "connect" => "Connections",
        "align" => "Alignment",
        "subspace" => "Subspaces",
        "sharpness" => "Sharpness",
        "critical" => "Critical points",
        _ => "Point",
    };
    match &config.subject {
        SubjectConfig::Network(network) => {
            format!("{word} of {} on {}", network.model, network.data.source)
        }
        SubjectConfig::Learning { problem, data: Some(data) } => {
            format!("{word} of {problem} on {}", data.source)
        }
        SubjectConfig::Learning { problem, data: None } => format!("{word} of {problem}"),
        SubjectConfig::Function { function } => format!("{word} of {function}"),
        SubjectConfig::Expression { expression } => format!("{word} of {expression}"),
    }
}

fn provenance(config: &Config, prepared: &Prepared, session: &Session, chapters: &[Chapter]) -> Provenance {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Counts { values, gradients, products } = session.counts();
    let mut provenance = Provenance::new(format!("thalweg {}", arguments.join(" ")))
        .fact("Thalweg", config.version)
        .fact("seed", config.seed)
        .fact("precision", config.dtype.name())
        .fact("parameters", grouped(prepared.layout().dimension() as u64));
    for input in &prepared.inputs {
        provenance = provenance.fact(&input.role, format!("{}, SHA-256 {}", input.name, input.sha256));
    }
    provenance = provenance
        .fact("values", grouped(values))
        .fact("gradients", grouped(gradients))
        .fact("curvature products", grouped(products));
    notes(config, chapters).into_iter().fold(provenance, Provenance::note)
}

/// What was not computed, or is not as asked.
pub fn notes(config: &Config, chapters: &[Chapter]) -> Vec<String> {
    let budget = config.budget.iter().filter_map(|budget| depth::note(&config.plan, budget));
    budget.chain(chapters.iter().flat_map(|chapter| chapter.notes.clone())).collect()
}
