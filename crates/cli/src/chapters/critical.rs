//! Critical points: searched from many starts, certified, listed once, joined.

mod arrays;
mod settings;
mod state;
mod summary;

use thalweg_lab::critical::{
    Catalogue, Copies, Explored, NoSymmetry, Rays, Starts, Symmetry, Ways, degree, explore,
    is_constant_along_rays, is_transition, join,
};
use thalweg_lab::landscape::{Axis, Direction, Plane};
use thalweg_lab::{Counts, Scalar, Stop};

use super::planes;
use super::way::Path;
use crate::chapter::Chapter;
use crate::config::{CriticalPlan, StartsPlan};
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::subject::{Problem, Subject};
use crate::words::{counted, short};

pub use settings::certificate;
pub use summary::{Point, Summary};

/// Iterations of a search, its products and gradients, for the estimate.
const ITERATIONS: u64 = 25;
const PRODUCTS: u64 = 60;

/// What the search takes: a guess, since nobody knows how many searches converge.
pub fn cost(plan: &CriticalPlan, n: usize) -> Cost {
    let searches = plan.starts * (1 + plan.deflations as u64).min(2);
    let steps = searches * ITERATIONS.min(plan.iterations);
    let products =
        steps * PRODUCTS.min(plan.products).min(2 * n as u64 + 2) + plan.starts * n.min(300) as u64;
    Cost::of(Counts { values: plan.starts, gradients: 3 * steps, products })
}

/// Everything that the report and the results are made of.
pub struct Gathered<'g, T: Scalar> {
    pub plan: &'g CriticalPlan,
    pub catalogue: &'g Catalogue<T>,
    /// Points in the order of their values.
    pub order: Vec<usize>,
    pub explored: &'g [Explored],
    pub ways: &'g [Ways<T>],
    pub rays: bool,
    pub dimension: usize,
}

/// Searches, certifies, joins and tells.
pub fn critical<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &CriticalPlan,
    subject: &Subject<T>,
    path: &Path<T>,
    seed: u64,
) -> Result<Chapter, Error> {
    let starts = starts(plan, path);
    starts.check().map_err(|error| Error::Usage(error.to_string()))?;
    let few = plan.starts.min(3);
    let first: Vec<Vec<T>> = (0..few).map(|k| starts.get(seed, k, plan.starts)).collect();
    let rays = is_constant_along_rays(desk.oracle, &first)?;
    let symmetries = match &subject.problem {
        Problem::Network(network) => Some(network.symmetries()),
        _ => None,
    };
    let copies = symmetries.as_ref().map(|found| Copies::new(found, desk.oracle.objective().layout()));
    let symmetry: &dyn Symmetry<T> = match &copies {
        _ if rays => &Rays,
        Some(copies) => copies,
        None => &NoSymmetry,
    };
    let settings = settings::settings(plan, &path.x, rays);
    let catalogue = Catalogue::new(certificate(plan, settings.length), settings.family, settings.merge);
    let mut progress = state::Progress::begin(desk, catalogue, symmetry, &settings.search)?;
    let bounds = match &plan.from {
        StartsPlan::Box { bounds } if !rays => Some(&bounds[..]),
        _ => None,
    };
    for k in progress.explored.len() as u64..plan.starts {
        let start = starts.get(seed, k, plan.starts);
        let search = settings.of_start(k, path.x.len());
        let known = progress.catalogue.save();
        match explore(
            desk.oracle,
            &start,
            plan.deflations,
            &mut progress.catalogue,
            symmetry,
            bounds,
            &search,
        ) {
            Ok(explored) => progress.done(desk, explored)?,
            Err(stop) => {
                progress.keep(desk, known)?;
                return Err(stop.into());
            }
        }
    }
    let ways = ways(desk, plan, &mut progress.catalogue, symmetry, &settings)?;
    let found = progress.catalogue.found();
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by(|&a, &b| found[a].value().total_cmp(&found[b].value()).then(a.cmp(&b)));
    let turns = match (bounds, path.x.len()) {
        (Some(&[x, y]), 2) => degree(desk.oracle, [x, y])?,
        _ => None,
    };
    let picture = picture(desk, plan, path.x.len(), rays)?;
    desk.account(progress.counts(desk));
    let gathered = Gathered {
        plan,
        catalogue: &progress.catalogue,
        order,
        explored: &progress.explored,
        ways: &ways,
        rays,
        dimension: path.x.len(),
    };
    tell(desk, &gathered, turns, symmetry, picture)
}

fn starts<T: Scalar>(plan: &CriticalPlan, path: &Path<T>) -> Starts<T> {
    match &plan.from {
        StartsPlan::Box { bounds } => Starts::Box(bounds.clone()),
        StartsPlan::Noise { deviation } => Starts::Noise { centre: path.x.clone(), deviation: *deviation },
        StartsPlan::Trajectory { deviation } => {
            let points = path.points.iter().map(|(_, x)| x.clone()).collect();
            Starts::Trajectory { points, deviation: *deviation }
        }
    }
}

/// The ways down from saddles of index 1, the lowest saddles first.
fn ways<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &CriticalPlan,
    catalogue: &mut Catalogue<T>,
    symmetry: &dyn Symmetry<T>,
    settings: &settings::Settings,
) -> Result<Vec<Ways<T>>, Stop> {
    let mut saddles: Vec<(f64, Vec<T>)> = catalogue
        .found()
        .iter()
        .filter(|found| is_transition(found))
        .map(|found| (found.value(), found.x.clone()))
        .collect();
    saddles.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut ways = Vec::new();
    for (_, x) in saddles.iter().take(plan.passes) {
        if let Some(at) = catalogue.locate(x, symmetry) {
            ways.push(join(desk.oracle, catalogue, at, symmetry, &settings.search, &settings.flow)?);
        }
    }
    Ok(ways)
}

/// The function itself, where it has two coordinates and a box.
fn picture<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &CriticalPlan,
    n: usize,
    rays: bool,
) -> Result<Option<Plane>, Error> {
    let StartsPlan::Box { bounds } = &plan.from else { return Ok(None) };
    let (&[x, y], 2, false) = (&bounds[..], n, rays) else { return Ok(None) };
    let [zero, one] = [T::zero(), T::one()];
    let first = Direction::unit("x[0]", &[one, zero])?;
    let second = Direction::unit("x[1]", &[zero, one])?;
    let axes = [Axis::new(x.0, x.1, plan.grid.columns)?, Axis::new(y.0, y.1, plan.grid.rows)?];
    planes::evaluate(desk, &[zero, zero], [&first, &second], axes).map(Some)
}

fn tell<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    gathered: &Gathered<'_, T>,
    turns: Option<i64>,
    symmetry: &dyn Symmetry<T>,
    picture: Option<Plane>,
) -> Result<Chapter, Error> {
    let summary = Summary::new(gathered, turns, symmetry);
    let mut chapter = Chapter::new("critical");
    chapter.result("critical", &summary)?;
    say(&mut chapter, &summary);
    chapter.headline = figures::critical::headline(&summary);
    chapter.sections.push(figures::critical::section(desk.what(), gathered, &summary, picture.as_ref()));
    arrays::keep(&mut chapter, gathered, &summary)?;
    Ok(chapter)
}

fn say(chapter: &mut Chapter, summary: &Summary) {
    let total: u64 = summary.searches.values().sum();
    let ends: Vec<String> = summary
        .searches
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(ending, count)| format!("{count} {}", ending.replace('_', " ")))
        .collect();
    chapter
        .say("searches", format!("{total} from {}: {}", counted(summary.starts, "start"), ends.join(", ")));
    if summary.uncertified > 0 {
        chapter.say(
            "  not certified",
            format!("{}: the gradient is small, no critical point is near", summary.uncertified),
        );
    }
    chapter.say("critical points", summary.counts());
    for (index, count) in summary.by_index() {
        let range = summary.range(index);
        chapter.say(
            format!("  index {index}"),
            format!("{count}, values {} to {}", short(range[0]), short(range[1])),
        );
    }
    if summary.rays {
        chapter.say("symmetry", "constant along rays: points of a ray count as one");
    }
    if !summary.passes.is_empty() {
        let joined = summary.passes.iter().filter(|pass| pass.ends.iter().all(Option::is_some)).count();
        chapter.say(
            "passes",
            format!(
                "{joined} of {} saddles of index 1 joined to two points; the tree has {} and {}",
                summary.passes.len(),
                counted(summary.tree.tree.leaves.len() as u64, "minimum").replace("minimums", "minima"),
                counted(summary.tree.tree.merges.len() as u64, "merge")
            ),
        );
    }
    if let Some(degree) = &summary.degree {
        chapter.say("completeness", degree.words().replace(['{', '}'], ""));
    }
}
