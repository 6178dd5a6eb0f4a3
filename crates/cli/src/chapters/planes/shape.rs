//! Minima and saddles of a picture, and what they are in the full space.

use serde::Serialize;
use thalweg_lab::krylov::ExtremalOptions;
use thalweg_lab::landscape::{
    Branch, ErrorsProgress, Plane, PlaneSpec, Ring, Stationary, StationaryOptions, Topology, VertexKind,
    errors,
};
use thalweg_lab::optim::{Doubt, Kind, Verdict, VerdictOptions, verdict};
use thalweg_lab::{Scalar, Stop};

use crate::chapter::Chapter;
use crate::config::PlanePlan;
use crate::error::Error;
use crate::session::Desk;
use crate::words::short;

/// The share of the median height above which a feature counts, unless something else is asked for.
const SHARE: f64 = 0.01;
/// Features below so many rounding errors never count.
const ROUNDINGS: f64 = 64.0;
/// Products of the search for the Hessian's ends at a followed point.
pub const PRODUCTS: u64 = 100;
/// Newton steps to a stationary point.
pub const STEPS: usize = 12;

/// The sublevel sets of a picture.
#[derive(Serialize)]
pub struct Shape {
    /// Features count from this persistence on.
    pub persistence: f64,
    /// Where that number comes from.
    pub rule: String,
    /// Minima of the sampled surface, those of small persistence included.
    pub minima: usize,
    /// Saddles, counted with their multiplicities.
    pub saddles: usize,
    /// Maxima.
    pub maxima: usize,
    /// Cells whose value is not finite, which are left out.
    pub excluded: usize,
    /// The branches of the merge tree that count, the most persistent first.
    pub branches: Vec<BranchSeen>,
    /// The minima and saddles that count, in the order of the branches.
    pub points: Vec<PointSeen>,
    #[serde(skip)]
    all: Topology,
}

/// A branch of the merge tree.
#[derive(Serialize)]
pub struct BranchSeen {
    /// Which point is its minimum.
    pub minimum: usize,
    /// Which point is the saddle where it meets a lower branch.
    pub saddle: Option<usize>,
    /// The branch that it meets.
    pub parent: Option<usize>,
    /// Height of the saddle above the minimum.
    pub persistence: Option<f64>,
    /// Its standard error over the examples.
    pub persistence_stderr: Option<f64>,
    /// Share of the picture that its basin takes below the saddle.
    pub share: f64,
}

/// A minimum or a saddle of the picture.
#[derive(Serialize)]
pub struct PointSeen {
    pub kind: VertexKind,
    pub multiplicity: usize,
    pub u: f64,
    pub v: f64,
    pub value: f64,
    /// The largest among the pairs that it belongs to; none for the lowest minimum.
    pub persistence: Option<f64>,
    /// Whether it lies on the edge of the picture or beside a hole.
    pub edge: bool,
    /// The stationary point of the plane beside it, if one was looked for and found.
    pub stationary: Option<Stationary>,
    /// What the function is there, over all coordinates; if it was looked at.
    pub full: Option<Full>,
    #[serde(skip)]
    vertex: usize,
}

/// A point in the full space.
#[derive(Serialize)]
pub struct Full {
    /// The kind, as a verdict names it.
    pub kind: String,
    pub gradient_norm: f64,
    pub eigenvalue_min: Option<f64>,
    pub eigenvalue_min_residual: Option<f64>,
    pub eigenvalue_max: Option<f64>,
    pub eigenvalue_max_residual: Option<f64>,
    /// The verdict in words.
    pub words: String,
}

/// Finds what counts, follows some of it, and judges that in the full space.
pub fn shape<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &PlanePlan,
    spec: &PlaneSpec<'_, T>,
    plane: &Plane,
) -> Result<Shape, Error> {
    let all = Topology::new(plane.u.len(), &plane.values);
    let (persistence, rule) = match plan.study.persistence {
        Some(asked) => (asked, "as asked for".to_owned()),
        None => (threshold::<T>(&plane.values), "1 % of the median height above the lowest value".to_owned()),
    };
    let count = |kind| all.critical.iter().filter(|c| c.kind == kind).map(|c| c.multiplicity).sum();
    let mut points: Vec<PointSeen> = Vec::new();
    let branches: Vec<Branch> = all.branches_above(persistence).copied().collect();
    let rings: Vec<Ring> = all.rings_above(persistence).copied().collect();
    let mut seen = Vec::new();
    for branch in &branches {
        let height = branch.death.map(|_| branch.persistence());
        let minimum = place(&mut points, &all, plane, branch.minimum, height);
        let saddle = branch.saddle.map(|vertex| place(&mut points, &all, plane, vertex, height));
        seen.push(BranchSeen {
            minimum,
            saddle,
            parent: branch.parent,
            persistence: height,
            persistence_stderr: None,
            share: branch.vertices as f64 / plane.values.len() as f64,
        });
    }
    for ring in &rings {
        place(&mut points, &all, plane, ring.saddle, Some(ring.persistence()));
    }
    if plan.study.errors {
        for branch in &mut seen {
            branch.persistence_stderr = height_error(desk, spec, &points, branch)?;
        }
    }
    let within = points.iter().enumerate().filter(|(_, point)| !point.edge).map(|(i, _)| i);
    let followed: Vec<usize> = within.take(plan.study.follow).collect();
    for at in followed {
        follow(desk, spec, plane, &mut points[at])?;
    }
    Ok(Shape {
        persistence,
        rule,
        minima: count(VertexKind::Minimum),
        saddles: count(VertexKind::Saddle),
        maxima: count(VertexKind::Maximum),
        excluded: all.excluded,
        branches: seen,
        points,
        all,
    })
}

/// 1 % of the median height above the lowest value, and more than rounding.
fn threshold<T: Scalar>(values: &[f64]) -> f64 {
    let mut finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    finite.sort_by(f64::total_cmp);
    let Some(&low) = finite.first() else { return 0.0 };
    let size = low.abs().max(finite[finite.len() - 1].abs());
    // Rounding counts where the features are: at the median, not at the highest corner.
    let median = finite[finite.len() / 2];
    let rounding = ROUNDINGS * T::epsilon().wide() * median.abs().min(size);
    (SHARE * (median - low)).max(rounding)
}

/// The number of a vertex among the points, of which it becomes one if it is not.
fn place(
    points: &mut Vec<PointSeen>,
    all: &Topology,
    plane: &Plane,
    vertex: usize,
    persistence: Option<f64>,
) -> usize {
    if let Some(at) = points.iter().position(|point| point.vertex == vertex) {
        return at;
    }
    let critical = all.critical.iter().find(|critical| critical.vertex == vertex);
    let critical = critical.expect("births and deaths are critical");
    let columns = plane.u.len();
    points.push(PointSeen {
        kind: critical.kind,
        multiplicity: critical.multiplicity,
        u: plane.u[vertex % columns],
        v: plane.v[vertex / columns],
        value: plane.values[vertex],
        persistence,
        edge: critical.edge,
        stationary: None,
        full: None,
        vertex,
    });
    points.len() - 1
}

/// The standard error of a branch's height, paired over the examples.
fn height_error<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    spec: &PlaneSpec<'_, T>,
    points: &[PointSeen],
    branch: &BranchSeen,
) -> Result<Option<f64>, Error> {
    let Some(saddle) = branch.saddle else { return Ok(None) };
    let [low, high] = [&points[branch.minimum], &points[saddle]];
    let origin = spec.point([low.u, low.v]);
    let vectors = spec.directions().map(|d| &d.vector[..]);
    let step = [[high.u - low.u, high.v - low.v]];
    let found =
        errors(desk.oracle, &origin, vectors, &step, &mut ErrorsProgress::default(), &mut |_| Ok(()))?;
    Ok(found.map(|found| found.paired[0]))
}

/// Goes to the stationary point of the plane, and judges the place in the full space.
fn follow<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    spec: &PlaneSpec<'_, T>,
    plane: &Plane,
    point: &mut PointSeen,
) -> Result<(), Error> {
    let options = VerdictOptions {
        dense_limit: 64,
        ends: ExtremalOptions {
            max_products: PRODUCTS,
            tolerance: 1e-3,
            confirm: false,
            ..Default::default()
        },
        ..VerdictOptions::default()
    };
    let step = |places: &[f64]| (places[places.len() - 1] - places[0]) / (places.len() - 1) as f64;
    let reach = [2.0 * step(&plane.u), 2.0 * step(&plane.v)];
    let how = StationaryOptions { tolerance: options.gradient, steps: STEPS, reach };
    point.stationary = match spec.stationary(desk.oracle, [point.u, point.v], &how) {
        // Something else, such as the saddle next to a minimum, is no answer.
        Ok(found) => found.filter(|found| found.kind == Some(point.kind)),
        Err(Stop::Lacks { .. }) => None,
        Err(stop) => return Err(stop.into()),
    };
    let at = point.stationary.map_or([point.u, point.v], |found| [found.u, found.v]);
    let found = verdict(desk.oracle, &spec.point(at), &options);
    if let Kind::Undecided { doubt: Doubt::Stopped(stop @ Stop::Cancelled) } = found.kind {
        return Err(stop.into());
    }
    point.full = Some(Full::of(&found));
    Ok(())
}

impl Full {
    fn of(found: &Verdict) -> Self {
        let ends = found.curvature.as_ref();
        Self {
            kind: kind(&found.kind).to_owned(),
            gradient_norm: found.gradient_norm,
            eigenvalue_min: ends.map(|c| c.smallest.value),
            eigenvalue_min_residual: ends.map(|c| c.smallest.residual),
            eigenvalue_max: ends.map(|c| c.largest.value),
            eigenvalue_max_residual: ends.map(|c| c.largest.residual),
            words: found.words(),
        }
    }
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Minimum => "minimum",
        Kind::Saddle { .. } => "saddle",
        Kind::Maximum => "maximum",
        Kind::Degenerate { .. } => "degenerate",
        Kind::Plateau => "plateau",
        Kind::NotCritical => "not_critical",
        Kind::Undecided { .. } => "undecided",
    }
}

impl PointSeen {
    /// `minimum of the slice; in the full space ‖∇f‖ = 0.12, λ_min = −0.3: not critical`.
    pub fn words(&self) -> String {
        let Some(full) = &self.full else {
            return match self.edge {
                true => "on the edge: it may go on outside".into(),
                false => "not looked at".into(),
            };
        };
        let mut text = format!("‖∇f‖ = {}", short(full.gradient_norm));
        if let Some(lambda) = full.eigenvalue_min {
            text += &format!(", λ_min = {}", short(lambda));
        }
        let kind = full.kind.replace('_', " ");
        match self.stationary {
            Some(_) => format!("{text}: {kind}"),
            None => format!(
                "{text}: {kind} (at the grid point; no stationary point of the plane was found beside it)"
            ),
        }
    }
}

impl Shape {
    /// The critical vertices and pairs of all persistences among a chapter's arrays.
    pub fn keep(&self, chapter: &mut Chapter) -> Result<(), Error> {
        let pairs = self.pairs();
        let column = |k: usize| -> Vec<f64> { pairs.iter().map(|pair| pair[k]).collect() };
        for (k, name) in ["births", "deaths", "dimensions"].into_iter().enumerate() {
            chapter.arrays.push(format!("persistence_{name}"), [pairs.len()], column(k))?;
        }
        Ok(())
    }

    /// Birth, death and dimension of every pair: 0 for basins, 1 for rings; the lowest minima never die.
    pub fn pairs(&self) -> Vec<[f64; 3]> {
        let basins = self.all.branches.iter().map(|b| [b.birth, b.death.unwrap_or(f64::INFINITY), 0.0]);
        basins.chain(self.all.rings.iter().map(|r| [r.birth, r.death, 1.0])).collect()
    }
}
