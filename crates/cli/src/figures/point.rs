//! The point card.

use thalweg_lab::curvature::PointCard;
use thalweg_lab::optim::{Character, Kind, Verdict as Found};
use thalweg_report::model::{Card, Figure, Headline, Row, Section, Tone, Uncertainty, Verdict};

use crate::words::{estimated, grouped, percent, short};

/// The numbers at the top of the page.
pub fn headline(card: &PointCard) -> Vec<Headline> {
    let verdict = verdict(&card.verdict);
    let mut all = vec![Headline::new("verdict", verdict.title).note(verdict.badge)];
    let stderr = card.data_loss_stderr.map(|e| format!("± {} over examples", short(e))).unwrap_or_default();
    all.push(Headline::new(if card.examples.is_some() { "loss" } else { "value" }, card.loss).note(stderr));
    if let Some(accuracy) = card.accuracy {
        all.push(Headline::new("accuracy", percent(accuracy)).note("on the examples of the objective"));
    }
    if let Some(top) = card.eigenvalues.first() {
        all.push(Headline::new("sharpness λ_max", top.value).note(residual(top.residual)));
    }
    let bound = if card.negative_count_exact { "exact" } else { "lower bound" };
    all.push(
        Headline::new("negative eigenvalues", card.negative_count)
            .note(format!("{bound}, of {}", grouped(card.dimension as u64))),
    );
    all.push(Headline::new("gradient norm", card.grad_norm));
    all
}

/// The chapter on the point.
pub fn section(card: &PointCard) -> Section {
    let rows = rows(card);
    let content = rows.into_iter().fold(Card::new(verdict(&card.verdict)), Card::row);
    let figure = Figure::new("point-card", "Point card", content).caption(
        "Everything is of the full-batch objective at one point. Eigenvalues come with the residual \
         ‖Hv − λv‖, within which a true eigenvalue lies; estimates with one standard error; what is \
         marked exact is so up to rounding.",
    );
    Section::new("point", "Where this is").figure(figure)
}

fn rows(card: &PointCard) -> Vec<Row> {
    let mut rows = vec![loss(card)];
    if card.penalty != 0.0 {
        let note = "weight decay; a part of the objective and of its Hessian";
        rows.push(Row::new("penalty", card.penalty).uncertainty(Uncertainty::Exact).note(note));
    }
    if let Some(accuracy) = card.accuracy {
        rows.push(Row::new("accuracy", percent(accuracy)).uncertainty(Uncertainty::Exact));
    }
    rows.push(
        Row::new("gradient norm ‖∇f‖", card.grad_norm)
            .uncertainty(Uncertainty::Exact)
            .note(format!("within {} it counts as 0", short(card.verdict.gradient_threshold))),
    );
    rows.push(Row::new("parameter norm ‖θ‖", card.parameter_norm).uncertainty(Uncertainty::Exact));
    if let Some(top) = card.eigenvalues.first() {
        rows.push(
            Row::new("sharpness λ_max", top.value)
                .uncertainty(Uncertainty::Residual { value: top.residual })
                .note("the largest eigenvalue of the Hessian"),
        );
    }
    if let Some(bottom) = card.eigenvalues_bottom.first() {
        rows.push(
            Row::new("least eigenvalue λ_min", bottom.value)
                .uncertainty(Uncertainty::Residual { value: bottom.residual }),
        );
    }
    rows.push(negative(card));
    rows.push(
        Row::new("trace tr H", card.trace.mean)
            .uncertainty(error(card.trace.stderr))
            .note("the sum of all eigenvalues"),
    );
    rows.push(
        Row::new("Frobenius norm ‖H‖_{F}", card.frobenius.mean).uncertainty(error(card.frobenius.stderr)),
    );
    if let Some(condition) = &card.condition {
        let null = match condition.null {
            0 => String::new(),
            null => format!("; {} null eigenvalues left out", grouped(null)),
        };
        let note = format!("max |λ| / min |λ|{null}");
        rows.push(Row::new("condition number", condition.value).note(note));
    }
    if let Some(noise) = &card.noise {
        let note = "minibatches of this size have as much noise as signal (McCandlish et al. 2018)";
        let row = Row::new("gradient-noise scale", noise.simple).unit("examples").note(note);
        rows.push(row.uncertainty(Uncertainty::Exact));
    }
    rows
}

fn loss(card: &PointCard) -> Row {
    let row = Row::new(if card.examples.is_some() { "data loss" } else { "value" }, card.data_loss);
    match (card.data_loss_stderr, card.examples) {
        (Some(value), Some(examples)) => row
            .uncertainty(Uncertainty::StandardError { value })
            .note(format!("mean over {} examples; the error is over examples", grouped(examples as u64))),
        _ => row.uncertainty(Uncertainty::Exact),
    }
}

fn negative(card: &PointCard) -> Row {
    let row = Row::new("negative eigenvalues", card.negative_count);
    match (card.negative_count_exact, &card.negative_count_estimate) {
        (true, _) => row.uncertainty(Uncertainty::Exact).note(format!(
            "below −{:.0e}, which is rounding; of {}",
            card.negative_threshold,
            grouped(card.dimension as u64)
        )),
        (false, Some(estimate)) => row.uncertainty(Uncertainty::AtLeast).note(format!(
            "by the density {}, of {}",
            estimated(estimate),
            grouped(card.dimension as u64)
        )),
        (false, None) => row.uncertainty(Uncertainty::AtLeast),
    }
}

fn residual(residual: f64) -> String {
    if residual == 0.0 { "exact".into() } else { format!("residual {residual:.0e}") }
}

fn error(stderr: f64) -> Uncertainty {
    match stderr == 0.0 {
        true => Uncertainty::Exact,
        false => Uncertainty::StandardError { value: stderr },
    }
}

/// A verdict as the card shows it.
fn verdict(found: &Found) -> Verdict {
    let (title, badge, tone) = match &found.kind {
        Kind::Minimum => ("Minimum", String::new(), Tone::Minimum),
        Kind::Saddle { index, index_exact: true } => {
            ("Saddle point", format!("index {}", grouped(*index)), Tone::Saddle)
        }
        Kind::Saddle { index, index_exact: false } => {
            ("Saddle point", format!("index {} or more", grouped(*index)), Tone::Saddle)
        }
        Kind::Maximum => ("Maximum", String::new(), Tone::Maximum),
        Kind::Degenerate { order, character } => {
            let badge = order.map(|order| format!("order {order}")).unwrap_or_default();
            match character {
                Character::Saddle => ("Degenerate saddle", badge, Tone::Saddle),
                Character::NoDescentFound => ("Degenerate, no descent found", badge, Tone::Undecided),
                Character::NoAscentFound => ("Degenerate, no ascent found", badge, Tone::Undecided),
            }
        }
        Kind::Plateau => ("Plateau", String::new(), Tone::Plateau),
        Kind::NotCritical => ("Not critical", String::new(), Tone::Moving),
        Kind::Undecided { .. } => ("Undecided", String::new(), Tone::Undecided),
    };
    Verdict { title: title.to_owned(), badge, evidence: found.words(), tone }
}
