//! Symmetries of the network, and what aligning solutions by them does to the straight way between them.

mod invariant;

use serde::Serialize;
use thalweg_lab::landscape::symmetry::{
    Moved, Nearness, activation_matching, moved, straight_through_matching, weight_matching,
};
use thalweg_lab::landscape::{Curve, Profile, profile};
use thalweg_lab::problem::network::Network;
use thalweg_lab::symmetry::{Activity, Element, Symmetries};
use thalweg_lab::{Counts, Objective, Scalar};
use thalweg_report::model::Headline;
use thalweg_report::real;

use super::way::values;
use crate::args::MatchName;
use crate::chapter::Chapter;
use crate::config::AlignPlan;
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::subject::{Problem, Solution, Subject};
use crate::words::{short, with_error};

/// Random elements that the loss is checked with.
const CHECKS: u64 = 3;

/// The network's symmetries, as `results.json` has them.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    pub groups: Vec<Unit>,
    /// ln of the number of exact permutations and changes of sign.
    pub ln_count: f64,
    /// The number, in digits, where it is below 2¹²⁸.
    pub count: Option<String>,
    /// Independent scalings that are exact, and all.
    pub scales_exact: usize,
    pub scales: usize,
    /// |Δf|/|f| under random elements, the largest.
    #[serde(with = "real")]
    pub check: f64,
}

impl Found {
    /// The number of copies as a power of ten.
    pub fn power_of_ten(&self) -> String {
        format!("10^{:.1}", self.ln_count / std::f64::consts::LN_10)
    }
}

/// A group of interchangeable units.
#[derive(Clone, Debug, Serialize)]
pub struct Unit {
    pub name: String,
    pub parent: Option<usize>,
    pub fiber: usize,
    pub units: usize,
    pub signs: usize,
    pub scales: usize,
    pub places: usize,
}

/// One solution beside the first, as it is or aligned.
#[derive(Clone, Debug, Serialize)]
pub struct Way {
    pub ends: [String; 2],
    /// How it was aligned; `null` is not at all.
    pub method: Option<MatchName>,
    #[serde(flatten)]
    pub nearness: Nearness,
    /// f at both ends.
    #[serde(with = "real::vec")]
    pub ends_values: Vec<f64>,
    #[serde(flatten)]
    pub profile: Profile,
    /// What was moved, by group.
    pub moved: Vec<Moved>,
    /// Whether it is the one whose weights are written.
    pub best: bool,
}

/// What it takes.
pub fn cost<T: Scalar>(plan: &AlignPlan, subject: &Subject<T>) -> Cost {
    // Those that are yet to be trained count as one.
    let solutions = subject.solutions.len().max(2);
    let others = solutions as u64 - 1;
    let ways = others * (plan.methods.len() as u64 + 1);
    let steps =
        if plan.methods.contains(&MatchName::StraightThrough) { plan.straight_through.steps } else { 0 };
    Cost::of(Counts {
        values: ways * (plan.profile.points as u64 + 8) + CHECKS + 1 + solutions as u64,
        gradients: others * steps as u64 + invariant::COPIES as u64 + 1,
        products: invariant::PRODUCTS,
    })
}

/// Derives the symmetries, aligns all solutions with the first, and measures what that changes.
pub fn chapter<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &AlignPlan,
    subject: &Subject<T>,
    solutions: &[Solution<T>],
    seed: u64,
) -> Result<Chapter, Error> {
    let Problem::Network(network) = &subject.problem else { unreachable!("networks alone are aligned") };
    let symmetries = network.symmetries();
    let mut chapter = Chapter::new("alignment");
    let (first, others) = solutions.split_first().expect("two solutions or more");
    let found = found(desk, network, &symmetries, &first.x, seed)?;
    let own =
        plan.methods.contains(&MatchName::Activation).then(|| network.activities(&first.x, plan.examples));
    let (mut ways, mut aligned): (Vec<Way>, Vec<Vec<T>>) = (Vec::new(), Vec::new());
    for (i, other) in others.iter().enumerate() {
        let begin = ways.len();
        let identity = Element::identity(&symmetries);
        ways.push(way(desk, plan, &symmetries, first, other, &identity, None)?);
        let mut best: Option<(f64, usize, Element)> = None;
        for &method in &plan.methods {
            let element = matched(desk, plan, network, &symmetries, first, other, (method, own.as_deref()))?;
            let next = way(desk, plan, &symmetries, first, other, &element, Some(method))?;
            let height = next.profile.barrier.map_or(f64::INFINITY, |peak| peak.height);
            if best.as_ref().is_none_or(|(lowest, ..)| height < *lowest) {
                best = Some((height, ways.len(), element.clone()));
            }
            let sources = element.moves.iter().flat_map(|m| m.sources.iter().map(|&s| f64::from(s)));
            let name = format!("{}_{}", method.name().replace('-', "_"), i + 2);
            let list: Vec<f64> = sources.collect();
            chapter.arrays.push(format!("sources_{name}"), [list.len()], list)?;
            ways.push(next);
        }
        if let Some((_, at, element)) = best {
            ways[at].best = true;
            let x = element.apply(&symmetries, network.layout(), &other.x);
            aligned.push(x);
        }
        say(&mut chapter, &ways[begin..]);
    }
    let (n, rows) = (first.x.len(), aligned.len());
    chapter.arrays.push("aligned", [rows, n], values(aligned.iter().flatten()))?;
    let invariants = invariant::measured(desk, network, &symmetries, &first.x, plan.rescale, seed)?;
    chapter.result("symmetries", &found)?;
    chapter.result("alignments", &ways)?;
    chapter.result("invariance", &invariants)?;
    let count = found.count.clone().unwrap_or_else(|| found.power_of_ten());
    chapter.summary.insert(0, ["symmetries".into(), format!("{count} copies of each solution")]);
    headlines(&mut chapter, &ways, desk.what(), &count);
    if network.settings().weight_decay != 0.0 {
        let note = "Scalings leave the data loss as it is, and change the weight decay's penalty.";
        chapter.notes.push(note.into());
    }
    chapter.sections.extend(figures::align::sections(&found, &ways, &invariants, desk.what()));
    Ok(chapter)
}

fn found<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    network: &Network<T>,
    symmetries: &Symmetries,
    x: &[T],
    seed: u64,
) -> Result<Found, Error> {
    let before = desk.oracle.value(x)?;
    let mut check = 0.0f64;
    for index in 0..CHECKS {
        let copy = Element::random(symmetries, seed, index).apply(symmetries, network.layout(), x);
        check = check.max((desk.oracle.value(&copy)? - before).abs() / before.abs().max(f64::MIN_POSITIVE));
    }
    let groups = symmetries.groups.iter().map(|g| Unit {
        name: g.name.clone(),
        parent: g.parent,
        fiber: g.fiber,
        units: g.units,
        signs: g.signs,
        scales: g.scales.len(),
        places: g.occurrences.len(),
    });
    let [scales_exact, scales] = symmetries.scale_dimensions();
    Ok(Found {
        groups: groups.collect(),
        ln_count: symmetries.ln_count(),
        count: symmetries.count().map(|count| count.to_string()),
        scales_exact,
        scales,
        check,
    })
}

fn matched<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &AlignPlan,
    network: &Network<T>,
    symmetries: &Symmetries,
    first: &Solution<T>,
    other: &Solution<T>,
    (method, own): (MatchName, Option<&[Activity]>),
) -> Result<Element, Error> {
    let layout = network.layout();
    Ok(match (method, own) {
        (MatchName::Activation, Some(own)) => {
            activation_matching(symmetries, own, &network.activities(&other.x, plan.examples))
        }
        (MatchName::StraightThrough, _) => {
            let options = &plan.straight_through;
            straight_through_matching(desk.oracle, symmetries, &first.x, &other.x, options)?.element
        }
        _ => {
            let start = Element::identity(symmetries);
            weight_matching(symmetries, layout, &first.x, &other.x, &start, &plan.matching).element
        }
    })
}

fn way<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &AlignPlan,
    symmetries: &Symmetries,
    first: &Solution<T>,
    other: &Solution<T>,
    element: &Element,
    method: Option<MatchName>,
) -> Result<Way, Error> {
    let x = element.apply(symmetries, desk.oracle.objective().layout(), &other.x);
    let line = Curve::line(&first.x, &x).expect("both are points of the objective");
    let profile = profile(desk.oracle, &line, &plan.profile)?;
    Ok(Way {
        ends: [first.label.clone(), other.label.clone()],
        method,
        nearness: Nearness::of(&first.x, &x),
        ends_values: profile.ends.to_vec(),
        profile,
        moved: moved(symmetries, element),
        best: false,
    })
}

fn height(way: &Way) -> String {
    way.profile.barrier.map_or("not finite everywhere".into(), |p| {
        p.stderr.map_or(short(p.height), |e| with_error(p.height, e))
    })
}

fn say(chapter: &mut Chapter, ways: &[Way]) {
    for way in ways {
        let words = format!("barrier {}, distance {}", height(way), short(way.nearness.distance));
        match way.method {
            None => chapter.say(format!("{} to {}", way.ends[0], way.ends[1]), words),
            Some(method) => chapter.say(format!("  {}", method.words()), words),
        }
    }
}

fn headlines(chapter: &mut Chapter, ways: &[Way], what: &str, count: &str) {
    let highest = |pick: &dyn Fn(&&Way) -> bool| {
        let peaks = ways.iter().filter(|w| pick(w)).filter_map(|w| w.profile.barrier);
        peaks.map(|p| p.height).reduce(f64::max)
    };
    if let Some(before) = highest(&|w| w.method.is_none()) {
        chapter.headline.push(Headline::new(format!("{what} barrier as found"), before));
    }
    if let Some(after) = highest(&|w| w.best) {
        chapter.headline.push(Headline::new(format!("{what} barrier aligned"), after));
    }
    chapter.headline.push(Headline::new("copies by symmetry", count));
}
