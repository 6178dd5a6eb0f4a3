//! What `results.json` says of critical points.

use std::collections::BTreeMap;

use serde::Serialize;
use thalweg_lab::Scalar;
use thalweg_lab::critical::{Ending, Filed, Found, Index, Isolation, Pass, SearchMethod, Symmetry, tree};
use thalweg_lab::landscape;
use thalweg_lab::optim::{Bounded, Character, Kind};

use super::Gathered;
use crate::config::StartsPlan;

/// Coordinates up to which a point is written out.
const WRITTEN: usize = 64;

#[derive(Serialize)]
pub struct Summary {
    pub starts: u64,
    pub from: &'static str,
    pub method: SearchMethod,
    /// Whether f is constant along rays.
    pub rays: bool,
    /// How searches ended.
    pub searches: BTreeMap<String, u64>,
    /// What became of those that converged.
    pub new: u64,
    pub known: u64,
    pub uncertified: u64,
    pub points: Vec<Point>,
    pub passes: Vec<Pass>,
    pub tree: Joined,
    pub degree: Option<Degree>,
}

/// One point, by its number in the order of values.
#[derive(Serialize)]
pub struct Point {
    pub value: f64,
    pub gradient_norm: f64,
    pub newton_step: f64,
    pub newton_decrement: f64,
    pub outside_range: f64,
    #[serde(skip)]
    pub kind: Kind,
    #[serde(rename = "kind")]
    pub name: &'static str,
    /// Of a degenerate point.
    pub order: Option<u32>,
    pub character: Option<Character>,
    pub index: Index,
    pub null: Option<u64>,
    pub smallest: Option<Bounded>,
    pub largest: Option<Bounded>,
    #[serde(flatten)]
    pub isolation: Isolation,
    /// Searches that ended there.
    pub seen: u64,
    /// Other members of its connected set that were met.
    pub members: usize,
    /// The point, where it is short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<Vec<f64>>,
}

/// The disconnectivity tree.
#[derive(Serialize)]
pub struct Joined {
    /// Which point each leaf is.
    pub points: Vec<usize>,
    #[serde(flatten)]
    pub tree: landscape::Tree,
}

/// The count of Poincaré and Hopf.
#[derive(Serialize)]
pub struct Degree {
    /// What Σ (−1)^index must be: how often ∇f turns along the edge of a box of the plane, or the Euler characteristic of a
    /// sphere; none where that cannot be said.
    pub expected: Option<i64>,
    /// Σ (−1)^index over the points found there; none if one of them is degenerate.
    pub sum: Option<i64>,
}

impl Summary {
    pub fn new<T: Scalar>(
        gathered: &Gathered<'_, T>,
        turns: Option<i64>,
        symmetry: &dyn Symmetry<T>,
    ) -> Self {
        let Gathered { plan, catalogue, order, explored, ways, rays, dimension } = gathered;
        let rank = |point: usize| order.iter().position(|&at| at == point);
        let mut searches: BTreeMap<String, u64> =
            Ending::ALL.iter().map(|ending| (key(*ending), 0)).collect();
        let (mut new, mut known) = (0, 0);
        for (ending, filed) in explored.iter().flat_map(|explored| &explored.searches) {
            *searches.entry(key(*ending)).or_default() += 1;
            new += u64::from(*filed == Some(Filed::New));
            known += u64::from(*filed == Some(Filed::Known));
        }
        let passes: Vec<Pass> = ways.iter().filter_map(|ways| ways.pass(catalogue, symmetry)).collect();
        let (leaves, tree) = tree(catalogue, &passes);
        let ranked = passes.iter().map(|pass| Pass {
            saddle: rank(pass.saddle).unwrap_or(pass.saddle),
            ends: pass.ends.map(|end| end.and_then(rank)),
            level: pass.level,
        });
        let found = catalogue.found();
        let degree = match &plan.from {
            _ if *rays => {
                let euler = 1 + if dimension.is_multiple_of(2) { -1 } else { 1 };
                Some(Degree { expected: Some(euler), sum: sum(found, &|_| true, 1) })
            }
            StartsPlan::Box { bounds } if *dimension == 2 => {
                let inside =
                    |x: &[T]| bounds.iter().zip(x).all(|((low, high), v)| (*low..=*high).contains(&v.wide()));
                Some(Degree { expected: turns, sum: sum(found, &inside, 0) })
            }
            _ => None,
        };
        Self {
            starts: plan.starts,
            from: match plan.from {
                StartsPlan::Box { .. } => "box",
                StartsPlan::Noise { .. } => "noise",
                StartsPlan::Trajectory { .. } => "trajectory",
            },
            method: plan.method,
            rays: *rays,
            searches,
            new,
            known,
            uncertified: catalogue.uncertified(),
            points: order.iter().map(|&at| Point::new(&found[at])).collect(),
            passes: ranked.collect(),
            tree: Joined { points: leaves.into_iter().filter_map(rank).collect(), tree },
            degree,
        }
    }

    /// How many there are, of which kinds.
    pub fn counts(&self) -> String {
        if self.points.is_empty() {
            return "none".into();
        }
        let count = |is: &dyn Fn(&Point) -> bool| self.points.iter().filter(|p| is(p)).count();
        let kinds = [
            ["minimum", "minimum", "minima"],
            ["saddle", "saddle", "saddles"],
            ["maximum", "maximum", "maxima"],
            ["degenerate", "degenerate point", "degenerate points"],
            ["plateau", "plateau", "plateaus"],
            ["undecided", "undecided", "undecided"],
        ];
        let kinds: Vec<String> = kinds
            .iter()
            .map(|[name, one, many]| (count(&|p| p.name == *name), one, many))
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| format!("{count} {}", if count > 1 { many } else { one }))
            .collect();
        let families = count(&|p| matches!(p.isolation, Isolation::Family { .. }));
        let families = match families {
            0 => String::new(),
            families => format!("; {families} of them connected sets, each counted once"),
        };
        format!("{}: {}{families}", self.points.len(), kinds.join(", "))
    }

    /// How many points there are of each index, by the lower bound.
    pub fn by_index(&self) -> BTreeMap<u64, u64> {
        let mut counts = BTreeMap::new();
        self.points.iter().for_each(|point| *counts.entry(point.index.at_least).or_default() += 1);
        counts
    }

    /// The lowest and the highest value of an index.
    pub fn range(&self, index: u64) -> [f64; 2] {
        let values = self.points.iter().filter(|p| p.index.at_least == index).map(|p| p.value);
        values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], v| [low.min(v), high.max(v)])
    }
}

impl Point {
    fn new<T: Scalar>(found: &Found<T>) -> Self {
        let proof = &found.certificate;
        let curvature = proof.verdict.curvature.as_ref();
        let short = found.x.len() <= WRITTEN;
        let (order, character) = match &proof.verdict.kind {
            Kind::Degenerate { order, character } => (*order, Some(*character)),
            _ => (None, None),
        };
        Self {
            value: found.value(),
            gradient_norm: proof.verdict.gradient_norm,
            newton_step: proof.newton_step,
            newton_decrement: proof.newton_decrement,
            outside_range: proof.outside,
            name: name(found),
            order,
            character,
            kind: proof.verdict.kind.clone(),
            index: proof.index,
            null: proof.null,
            smallest: curvature.map(|c| c.smallest),
            largest: curvature.map(|c| c.largest),
            isolation: found.isolation,
            seen: found.seen,
            members: found.members.len(),
            x: short.then(|| found.x.iter().map(|v| v.wide()).collect()),
        }
    }
}

/// `minimum`, `saddle`, …; across its ray, where it is a point of a sphere.
fn name<T: Scalar>(found: &Found<T>) -> &'static str {
    let (index, n) = (found.certificate.index.at_least, found.x.len() as u64);
    match &found.certificate.verdict.kind {
        _ if found.isolation == Isolation::Orbit && index == 0 => "minimum",
        _ if found.isolation == Isolation::Orbit && Some(n - index) == found.certificate.null => "maximum",
        _ if found.isolation == Isolation::Orbit => "saddle",
        Kind::Minimum => "minimum",
        Kind::Saddle { .. } => "saddle",
        Kind::Maximum => "maximum",
        Kind::Degenerate { .. } => "degenerate",
        Kind::Plateau => "plateau",
        Kind::NotCritical | Kind::Undecided { .. } => "undecided",
    }
}

impl Degree {
    pub fn words(&self) -> String {
        match (self.expected, self.sum) {
            (Some(expected), Some(sum)) if expected == sum => {
                format!("consistent: Σ(−1)^{{index}} is {sum}, as the topology asks")
            }
            (Some(expected), Some(sum)) => {
                format!("points are missing: Σ(−1)^{{index}} is {sum}, and the topology asks for {expected}")
            }
            (None, _) => {
                "unknown: a critical point lies on the box's edge, or ∇f turns too fast there".into()
            }
            (_, None) => "unknown: a point is degenerate".into(),
        }
    }
}

fn key(ending: Ending) -> String {
    match ending {
        Ending::Converged => "converged",
        Ending::GradientFlat => "gradient_flat",
        Ending::Stalled => "stalled",
        Ending::Exhausted => "exhausted",
        Ending::Left => "left",
        Ending::NonFinite => "non_finite",
    }
    .to_owned()
}

/// Over the points that count, if none has more null eigenvalues than these.
fn sum<T: Scalar>(found: &[Found<T>], counts: &dyn Fn(&[T]) -> bool, null: u64) -> Option<i64> {
    let sign = |found: &Found<T>| {
        let index = found.certificate.index;
        let regular = index.exact && found.certificate.null == Some(null);
        regular.then(|| if index.at_least.is_multiple_of(2) { 1 } else { -1 })
    };
    found.iter().filter(|found| counts(&found.x)).map(sign).sum()
}
