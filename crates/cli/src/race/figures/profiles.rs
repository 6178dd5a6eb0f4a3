//! Profiles over all problems.

use thalweg_lab::race::statistics::{Steps, performance_profiles};
use thalweg_report::model::{Axis, Figure, Lines, Section};

use super::curves::steps;

/// Of every optimizer, what each case cost in gradients and took in seconds.
pub fn profiles(labels: &[String], costs: &[Vec<f64>], seconds: &[Vec<f64>]) -> Section {
    let ecdf: Vec<Steps> = costs.iter().map(|costs| Steps::ecdf(costs)).collect();
    let end = finite(&ecdf);
    let data =
        Lines::new(Axis::log("gradients of the whole objective"), Axis::linear("share of cases solved"));
    let data = labels.iter().zip(&ecdf).fold(data, |lines, (label, s)| lines.with(steps(label, s, 1.0, end)));
    Section::new("profiles", "All problems together")
        .lead(
            "A case is a problem with a seed and a target. Settings are those that were given; what was tuned for \
             one problem is shown there.",
        )
        .figure(
            Figure::new("performance-profile", "Performance profile", ratios(labels, costs, "cost"))
                .half()
                .caption(
                    "Dolan & Moré 2002: how often each optimizer was within a factor τ of the cheapest. The left end \
                     says how often it was the cheapest, the right end how often it got there at all; a profile \
                     depends on who takes part.",
                ),
        )
        .figure(Figure::new("data-profile", "Data profile", data).half().caption(
            "Moré & Wild 2009, with a gradient as the unit of cost: the share of cases solved within a budget.",
        ))
        .figure(
            Figure::new("time-profile", "Performance profile by the clock", ratios(labels, seconds, "time"))
                .half()
                .caption(
                    "The same by the seconds that each run took here, on one thread beside others. Seconds differ \
                     from one run of this race to the next, and so does this picture.",
                ),
        )
}

fn ratios(labels: &[String], spent: &[Vec<f64>], what: &str) -> Lines {
    let ratios = performance_profiles(spent);
    let end = finite(&ratios);
    let lines = Lines::new(
        Axis::log(format!("τ: {what} over that of the best")),
        Axis::linear("share of cases solved within τ"),
    );
    labels.iter().zip(&ratios).fold(lines, |lines, (label, s)| lines.with(steps(label, s, 1.0, end)))
}

fn finite(steps: &[Steps]) -> f64 {
    steps.iter().flat_map(|s| s.x.iter().copied()).filter(|x| x.is_finite()).fold(2.0, f64::max)
}
