//! How much planes of random directions differ.

use serde::Serialize;
use thalweg_io::NamedArrays;
use thalweg_lab::landscape::Topology;

use crate::chapter::Chapter;
use crate::chapters::way::numbers;
use crate::config::PlanePlan;
use crate::error::Error;
use crate::figures;
use crate::words::short;

/// Planes of directions drawn anew, all of the same reach, and their statistics cell by cell.
#[derive(Serialize)]
pub struct Spread {
    pub u: Vec<f64>,
    pub v: Vec<f64>,
    /// Mean over the planes.
    pub mean: Vec<f64>,
    /// Standard deviation over the planes.
    pub standard_deviation: Vec<f64>,
    /// Each plane in brief.
    pub planes: Vec<Member>,
    #[serde(skip)]
    pub values: Vec<Vec<f64>>,
}

/// One of the planes.
#[derive(Serialize)]
pub struct Member {
    pub directions: String,
    pub lowest: f64,
    pub median: f64,
    pub highest: f64,
    /// Minima from a persistence of 1 % of the median height of all planes together.
    pub minima: usize,
    /// Whether its lowest value is that at the centre or a neighbour of it.
    pub lowest_at_centre: bool,
    pub non_finite: usize,
}

/// The statistics of planes that were evaluated before.
pub fn spread(plans: &[PlanePlan], planes: &[NamedArrays], what: &str) -> Result<Chapter, Error> {
    let [u, v]: [Vec<f64>; 2] = ["u", "v"].map(|name| numbers(&planes[0], name));
    let values: Vec<Vec<f64>> = planes.iter().map(|arrays| numbers(arrays, "values")).collect();
    let mut all: Vec<f64> = values.iter().flatten().copied().filter(|v| v.is_finite()).collect();
    all.sort_by(f64::total_cmp);
    let height = all.get(all.len() / 2).map_or(0.0, |median| 0.01 * (median - all[0]));
    let count = values.len() as f64;
    let over = |at: usize| values.iter().map(move |plane| plane[at]);
    let mean: Vec<f64> = (0..values[0].len()).map(|at| over(at).sum::<f64>() / count).collect();
    let deviation =
        |at: usize| (over(at).map(|value| (value - mean[at]).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    let standard_deviation = (0..mean.len()).map(deviation).collect();
    let members = plans.iter().zip(&values).map(|(plan, values)| member(plan, values, &u, height)).collect();
    let spread = Spread { standard_deviation, mean, planes: members, values, u, v };
    let mut chapter = Chapter::new(NAME);
    chapter.result("plane_seeds", &spread)?;
    let lowest = spread.planes.iter().map(|plane| plane.lowest);
    let ends = [lowest.clone().fold(f64::INFINITY, f64::min), lowest.fold(f64::NEG_INFINITY, f64::max)];
    chapter.say(
        format!("over {} pairs of directions", plans.len()),
        format!("lowest {what} {} to {}", short(ends[0]), short(ends[1])),
    );
    let shape = [spread.v.len(), spread.u.len()];
    chapter.arrays.push("u", [spread.u.len()], spread.u.clone())?;
    chapter.arrays.push("v", [spread.v.len()], spread.v.clone())?;
    chapter.arrays.push("mean", shape, spread.mean.clone())?;
    chapter.arrays.push("standard_deviation", shape, spread.standard_deviation.clone())?;
    chapter.sections.push(figures::planes::section(figures::spread::figures(&spread, what)));
    Ok(chapter)
}

/// The name of its stage and arrays.
pub const NAME: &str = "plane-seeds";

fn member(plan: &PlanePlan, values: &[f64], u: &[f64], height: f64) -> Member {
    let mut finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    finite.sort_by(f64::total_cmp);
    let at = |share: f64| match finite.len() {
        0 => f64::NAN,
        n => finite[(share * (n - 1) as f64).round() as usize],
    };
    let columns = u.len();
    let topology = Topology::new(columns, values);
    let lowest = topology.branches.first().map(|branch| branch.minimum);
    let near = |at: usize, count: usize| (2 * at).abs_diff(count - 1) <= 2;
    Member {
        directions: plan.directions.join(" × "),
        lowest: at(0.0),
        median: at(0.5),
        highest: at(1.0),
        minima: topology.branches_above(height).count(),
        lowest_at_centre: lowest
            .is_some_and(|v| near(v % columns, columns) && near(v / columns, values.len() / columns)),
        non_finite: values.len() - finite.len(),
    }
}
