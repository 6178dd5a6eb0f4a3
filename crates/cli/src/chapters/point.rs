//! The point card.

use thalweg_lab::curvature::{PointCard, PointOptions, point};
use thalweg_lab::optim::VerdictOptions;
use thalweg_lab::{Counts, Scalar};

use super::direction;
use super::spectrum::{self, Picture};
use crate::chapter::Chapter;
use crate::config::SpectrumPlan;
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::words::{negative, percent, short, with_error};

/// What the card takes.
pub fn cost(plan: &SpectrumPlan, n: usize) -> Cost {
    let cost = spectrum::cost(plan, n);
    Cost { counts: Counts { values: 1, gradients: 5, ..cost.counts }, ..cost }
}

/// Looks at the point x.
pub fn card<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &SpectrumPlan,
    x: &[T],
    seed: u64,
) -> Result<Chapter, Error> {
    let options = PointOptions {
        spectrum: spectrum::options(plan, x.len(), seed, desk.together),
        verdict: VerdictOptions { seed, ..VerdictOptions::default() },
    };
    let found = point(desk.oracle, x, &options)?;
    let picture = Picture::new(&found.spectrum);
    let mut chapter = Chapter::new("point");
    chapter.results_of(&found.card)?;
    chapter.result("spectrum", &spectrum::summary(plan, &found.spectrum, &picture))?;
    say(&mut chapter, &found.card);
    chapter.headline = figures::point::headline(&found.card);
    chapter.sections.push(figures::point::section(&found.card));
    chapter.sections.push(figures::spectrum::section(plan, &found.spectrum, &picture));
    direction::keep(&mut chapter, "top", &found.spectrum.top, x.len())?;
    direction::keep(&mut chapter, "bottom", &found.spectrum.bottom, x.len())?;
    spectrum::keep(&mut chapter, &found.spectrum, &picture)?;
    Ok(chapter)
}

fn say(chapter: &mut Chapter, card: &PointCard) {
    let loss = match card.data_loss_stderr {
        Some(stderr) => with_error(card.data_loss, stderr),
        None => short(card.data_loss),
    };
    let penalty = match card.penalty {
        0.0 => String::new(),
        penalty => format!(" + {} penalty", short(penalty)),
    };
    let what = if card.examples.is_some() { "loss" } else { "value" };
    chapter.say(what, format!("{loss}{penalty}"));
    if let Some(accuracy) = card.accuracy {
        chapter.say("accuracy", percent(accuracy));
    }
    chapter.say("gradient norm", short(card.grad_norm));
    spectrum::say(
        chapter,
        [card.eigenvalues.first(), card.eigenvalues_bottom.first()].map(|v| v.map(|v| (v.value, v.residual))),
        card.trace,
    );
    let estimate = card.negative_count_estimate.as_ref();
    let count = negative(card.negative_count, card.negative_count_exact, estimate, card.dimension);
    chapter.say("negative eigenvalues", count);
    if let Some(scale) = card.noise.and_then(|noise| noise.simple) {
        chapter.say("gradient-noise scale", format!("{} examples", short(scale)));
    }
    chapter.say("verdict", card.verdict.words());
}
