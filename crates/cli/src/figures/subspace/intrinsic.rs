//! Performance against the dimension of the subspace.

use thalweg_report::model::{Axis, Figure, Lines, Section, Series};

use crate::chapters::subspace::intrinsic::{Intrinsic, Rung};
use crate::words::{counted, percent, short};

/// The chapter on the intrinsic dimension.
pub fn intrinsic(summary: &Intrinsic, what: &str) -> Section {
    Section::new("intrinsic", "Intrinsic dimension")
        .lead(
            "How many random directions are enough? The optimizer moves in θ₀ + P z alone, with P a random matrix of d \
             columns (Li et al. 2018).",
        )
        .figure(performance(summary, what))
        .figure(success(summary).half())
        .figure(losses(summary, what).half())
}

fn performance(summary: &Intrinsic, what: &str) -> Figure {
    // A loss that counts as success is shown as the loss that it is.
    let level = summary.performance == "loss level";
    let sign = if level { -1.0 } else { 1.0 };
    let name = if level { format!("best {what}") } else { summary.performance.to_owned() };
    let of = |rung: &Rung| rung.performances.iter().map(|p| sign * p).collect::<Vec<f64>>();
    let mut content = band(Axis::log("dimension d of the subspace"), Axis::linear(&name), summary, &of);
    content = content.mark_y(sign * summary.baseline, "full space");
    for found in &summary.found {
        if level || found.threshold != summary.baseline {
            let share = found.threshold / summary.baseline;
            let label = if level { "level".to_owned() } else { format!("{} of it", percent(share)) };
            content = content.mark_y(found.threshold, label);
        }
        if let Some(dimension) = found.dimension {
            content = content.mark_x(dimension as f64, format!("{} = {dimension}", found.name));
        }
    }
    let found: Vec<String> = summary
        .found
        .iter()
        .filter(|found| found.dimension.is_some())
        .map(|found| format!("{} lies in ({}, {}]", found.name, found.bracket[0], found.bracket[1]))
        .collect();
    Figure::new("intrinsic-performance", "Performance within random subspaces", content).caption(format!(
        "Best {name} along each run ({}, {} gradients' worth of {}, {} projections). Dots: runs; line and band: \
         their mean, least and greatest. {}A dimension counts as enough if at least {} of its runs succeed; the \
         bracket is how far the search went, not a confidence interval.",
        counted(summary.seeds, "seed"),
        short(summary.gradients),
        summary.optimizer,
        format!("{:?}", summary.projection).to_lowercase(),
        if found.is_empty() { String::new() } else { format!("{}. ", found.join(", ")) },
        summary.found.first().map_or_else(|| "half".into(), |found| percent(found.required)),
    ))
}

/// Mean, least and greatest over seeds, with the runs as dots.
fn band(x: Axis, y: Axis, summary: &Intrinsic, of: &dyn Fn(&Rung) -> Vec<f64>) -> Lines {
    let at: Vec<f64> = summary.levels.iter().map(|rung| rung.dimension as f64).collect();
    let values: Vec<Vec<f64>> = summary.levels.iter().map(of).collect();
    let mean = values.iter().map(|v| v.iter().sum::<f64>() / v.len() as f64).collect();
    let low = values.iter().map(|v| v.iter().copied().fold(f64::INFINITY, f64::min)).collect();
    let high = values.iter().map(|v| v.iter().copied().fold(f64::NEG_INFINITY, f64::max)).collect();
    let dots: Vec<(f64, f64)> =
        at.iter().zip(&values).flat_map(|(d, runs)| runs.iter().map(|v| (*d, *v))).collect();
    let (dots_x, dots_y) = dots.into_iter().unzip();
    Lines::new(x, y)
        .with(Series::line("mean of the seeds", at, mean).spread(low, high))
        .with(Series::points("runs", dots_x, dots_y))
}

fn success(summary: &Intrinsic) -> Figure {
    let at: Vec<f64> = summary.levels.iter().map(|rung| rung.dimension as f64).collect();
    let mut content = Lines::new(Axis::log("dimension d"), Axis::linear("share of the seeds"));
    for (k, found) in summary.found.iter().enumerate() {
        let share = |rung: &Rung| rung.successes[k] as f64 / rung.performances.len() as f64;
        let rate = summary.levels.iter().map(share).collect();
        let low = summary.levels.iter().map(|rung| rung.intervals[k].low).collect();
        let high = summary.levels.iter().map(|rung| rung.intervals[k].high).collect();
        content = content.with(Series::line(&found.name, at.clone(), rate).spread(low, high));
    }
    if let Some(found) = summary.found.first() {
        content = content.mark_y(found.required, "required");
    }
    Figure::new("intrinsic-success", "Share of the runs that succeed", content)
        .caption("Bands: Wilson's 95 % interval for the probability of success.")
}

fn losses(summary: &Intrinsic, what: &str) -> Figure {
    let content = band(Axis::log("dimension d"), Axis::log(format!("best {what}")), summary, &|rung| {
        rung.losses.clone()
    });
    Figure::new("intrinsic-loss", format!("Best {what} within random subspaces"), content)
        .caption(format!("The least {what} that each run passed, whatever counts as performance."))
}
