//! The obstacle ledger.

use thalweg_lab::Scalar;
use thalweg_lab::race::{Counterfactual, Evidence, Obstacle, Phase, Remedy};
use thalweg_report::model::{Cell, Column, Figure, Section, Table};

use super::{Scene, unbroken};
use crate::words::short;

/// What held the runs up.
pub fn section<T: Scalar>(scene: &Scene<'_, T>, id: String, counts: String) -> Option<Section> {
    let variants = &scene.raced.variants;
    let phases =
        || variants.iter().flat_map(|v| &v.runs).flat_map(|run| run.judged.iter().flat_map(|j| &j.phases));
    phases().next()?;
    let table = Table::new([
        Column::text("optimizer"),
        Column::text("gradients").note("From the first to the last point at which it was seen"),
        Column::text("obstacle"),
        Column::text("evidence"),
        Column::text("counterfactual").note("What was changed there, and f after the same further cost"),
        Column::text("proved").note("Whether with the change f falls at least twice as far as without it"),
    ]);
    let table = variants.iter().fold(table, |table, variant| {
        let first = variant.runs.first().and_then(|run| run.judged.as_ref());
        let named = |phase: &&Phase| phase.obstacle != Obstacle::None;
        first.iter().flat_map(|judged| &judged.phases).filter(named).fold(table, |table, phase| {
            let tried = phase.counterfactual.as_ref();
            table.row([
                Cell::from(unbroken(&variant.label)),
                Cell::from(match phase.from == phase.to {
                    true => short(phase.from),
                    false => unbroken(&format!("{} – {}", short(phase.from), short(phase.to))),
                }),
                Cell::from(phase.obstacle.words()),
                Cell::from(evidence(phase)),
                tried.map_or(Cell::Missing, |tried| Cell::from(remedy(tried))),
                tried.map_or(Cell::Missing, |tried| Cell::from(if tried.proves() { "yes" } else { "no" })),
            ])
        })
    });
    let ledger = Figure::new(format!("{id}-table"), "The obstacle ledger", table).caption(
        "The first run of each row of the standings, looked at by an observer whose work costs the run nothing; \
         `results.json` has all runs, and the parts of them in which nothing was seen. An obstacle is a claim; its counterfactual, tried from the same point at the \
         same cost as the run's own continuation, is the proof or the refutation.",
    );
    let section = Section::new(id, scene.title("What held them up")).figure(ledger);
    let many = variants.iter().any(|variant| variant.runs.len() > 1);
    Some(if many { section.figure(tally(scene, counts)) } else { section })
}

/// How many runs met which obstacle, and how often it was proved.
fn tally<T: Scalar>(scene: &Scene<'_, T>, id: String) -> Figure {
    const KINDS: [Obstacle; 8] = [
        Obstacle::Saddle,
        Obstacle::Plateau,
        Obstacle::IllConditioning,
        Obstacle::NoiseFloor,
        Obstacle::StepTooLarge,
        Obstacle::LineSearchFailure,
        Obstacle::BadCurvaturePairs,
        Obstacle::Arrived,
    ];
    let phases: Vec<Vec<&Phase>> = scene
        .raced
        .variants
        .iter()
        .map(|v| v.runs.iter().flat_map(|run| run.judged.iter().flat_map(|j| &j.phases)).collect())
        .collect();
    let met: Vec<Obstacle> = KINDS
        .into_iter()
        .filter(|kind| phases.iter().flatten().any(|phase| phase.obstacle == *kind))
        .collect();
    let columns = std::iter::once(Column::text("optimizer"))
        .chain(std::iter::once(Column::number("runs")))
        .chain(met.iter().map(|kind| Column::text(kind.words())));
    let table = scene.raced.variants.iter().fold(Table::new(columns), |table, variant| {
        let cells = met.iter().map(|kind| {
            let of = |run: &crate::race::Done| {
                let phases =
                    run.judged.iter().flat_map(|j| &j.phases).filter(|phase| phase.obstacle == *kind);
                let phases: Vec<&Phase> = phases.collect();
                let proved =
                    phases.iter().any(|p| p.counterfactual.as_ref().is_some_and(Counterfactual::proves));
                (!phases.is_empty(), proved)
            };
            let runs: Vec<(bool, bool)> = variant.runs.iter().map(of).collect();
            let met = runs.iter().filter(|(met, _)| *met).count();
            let proved = runs.iter().filter(|(_, proved)| *proved).count();
            match (met, *kind) {
                (0, _) => Cell::Missing,
                (met, Obstacle::Arrived) => Cell::from(met.to_string()),
                (met, _) => Cell::from(format!("{met} ({proved} proved)")),
            }
        });
        table
            .row([Cell::from(variant.label.clone()), Cell::from(variant.runs.len())].into_iter().chain(cells))
    });
    Figure::new(id, "How many runs met what", table).caption(
        "Runs with at least one phase under the obstacle, and those in which its counterfactual proved it.",
    )
}

fn evidence(phase: &Phase) -> String {
    let e: &Evidence = &phase.evidence;
    let mut parts = vec![format!("‖g‖ = {}", short(e.gradient_norm))];
    let eigenvalue = |name: &str, found: Option<(f64, f64)>| {
        found.map(|(value, residual)| match residual > 1e-3 * value.abs() {
            true => format!("{name} = {} (± {})", short(value), short(residual)),
            false => format!("{name} = {}", short(value)),
        })
    };
    match phase.obstacle {
        Obstacle::Saddle | Obstacle::Plateau | Obstacle::Arrived => {
            parts.extend(eigenvalue("λ_min", e.smallest));
            parts.extend(eigenvalue("λ_max", e.largest));
        }
        Obstacle::StepTooLarge => {
            parts.extend(eigenvalue("λ_max", e.largest));
            parts.extend(e.stable_below.map(|limit| format!("stable below {}", short(limit))));
        }
        Obstacle::NoiseFloor => {
            parts.extend(e.signal_to_noise.map(|ratio| format!("signal to noise {}", short(ratio))));
        }
        Obstacle::IllConditioning => {
            parts.extend(e.condition().map(|condition| format!("κ ≥ {}", short(condition))));
            parts.extend(eigenvalue("λ_max", e.largest));
            parts.extend(e.along_gradient.map(|along| format!("gᵀHg/gᵀg = {}", short(along))));
        }
        Obstacle::BadCurvaturePairs => {
            parts.extend(e.pairs_left_out.map(|count| format!("{count} left out")));
        }
        Obstacle::None | Obstacle::LineSearchFailure => {
            parts.extend(eigenvalue("λ_min", e.smallest));
        }
    }
    parts.join(", ")
}

fn remedy(tried: &Counterfactual) -> String {
    let what = match &tried.remedy {
        Remedy::Escape => "follow the escape direction".to_owned(),
        Remedy::ShorterStep => "a tenth of the learning rate".to_owned(),
        Remedy::LongerStep => "ten times the learning rate".to_owned(),
        Remedy::LargerBatch => "eight times the batch".to_owned(),
        Remedy::Precondition { optimizer } => format!("rescale by curvature ({optimizer})"),
        Remedy::Restart => "forget and begin anew here".to_owned(),
    };
    format!(
        "{what}: {} → {} for {} gradients, instead of {}",
        short(tried.from),
        short(tried.changed),
        short(tried.cost),
        short(tried.unchanged)
    )
}
