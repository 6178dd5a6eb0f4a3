//! How far the low-loss region reaches.

use serde::Serialize;
use thalweg_lab::krylov::SymmetricOperator as _;
use thalweg_lab::landscape::{Crossing, Direction, Extent, ExtentOptions, extent, quadratic_extent};
use thalweg_lab::{Counts, Curvature, Scalar};

use super::super::direction::{self, Makings};
use crate::args::DirectionName;
use crate::chapter::Chapter;
use crate::config::ExtentsPlan;
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::words::{grouped, short};

/// The first step, in lengths of the point.
const FIRST: f64 = 1e-5;
/// Ends are found to this part of their distance.
const TOLERANCE: f64 = 1e-3;
/// Share of the way up to the first point's value that counts as low where nothing was said.
const SHARE: f64 = 0.1;
/// What counts as low above a point to which no way led.
const RISE: f64 = 0.1;

/// What `results.json` says.
#[derive(Serialize)]
pub struct Extents {
    /// The value at the point, and the one up to which the region goes.
    pub value: f64,
    pub level: f64,
    /// Where the search ended.
    pub reach: f64,
    pub directions: Vec<Line>,
}

/// One direction.
#[derive(Serialize)]
pub struct Line {
    pub direction: String,
    /// vᵀHv of the unit direction: λ of an eigenvector.
    pub curvature: f64,
    pub forward: Crossing,
    pub backward: Crossing,
    /// √(2ε/λ), with ε the rise; `null` where the curvature is not positive.
    pub quadratic: Option<f64>,
}

/// What it takes.
pub fn cost(plan: &ExtentsPlan) -> Cost {
    let lines = (plan.top + plan.bottom + plan.random) as u64;
    Cost { along: 100 * lines, ..Cost::of(Counts { products: plan.random as u64, ..Counts::default() }) }
}

/// Measures it along eigenvectors and random directions. `began` is where the way to the point began, if one led there.
pub fn extents<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &ExtentsPlan,
    makings: &Makings<'_, T>,
    began: Option<&[T]>,
) -> Result<Chapter, Error> {
    let x = makings.x;
    let value = desk.oracle.value(x)?;
    let rise = match (plan.rise, began) {
        (Some(rise), _) => rise,
        (None, Some(start)) => SHARE * (desk.oracle.value(start)? - value),
        (None, None) => RISE,
    };
    let level = plan.level.unwrap_or(value + rise);
    if level.is_nan() || level <= value {
        return Err(Error::Usage(format!(
            "the low region ends at {}, which is not above the value {} at the point: give --rise or --level",
            short(level),
            short(value)
        )));
    }
    let length = x.iter().map(|v| v.wide() * v.wide()).sum::<f64>().sqrt().max(1.0);
    let options =
        ExtentOptions { level, first: FIRST * length, reach: plan.reach * length, tolerance: TOLERANCE };
    let names = (1..=plan.top)
        .map(DirectionName::Top)
        .chain((1..=plan.bottom).rev().map(DirectionName::Bottom))
        .chain((0..plan.random as u64).map(DirectionName::Random));
    let mut made: Vec<(Direction<T>, Option<f64>)> = Vec::new();
    for name in names {
        let found = direction::make(desk, name, makings)?;
        made.push((found.direction, found.eigenvalue));
    }
    let curvatures = curvatures(desk, x, &made)?;
    let mut directions = Vec::new();
    for ((direction, _), curvature) in made.iter().zip(curvatures) {
        let Extent { direction, forward, backward, .. } = extent(desk.oracle, x, direction, &options)?;
        let quadratic = quadratic_extent(level - value, curvature);
        directions.push(Line { direction, curvature, forward, backward, quadratic });
    }
    let summary = Extents { value, level, reach: options.reach, directions };
    let mut chapter = Chapter::new("extents");
    chapter.result("extents", &summary)?;
    say(&mut chapter, &summary, desk.what());
    chapter.sections.push(figures::subspace::extents(&summary, desk.what()));
    Ok(chapter)
}

/// vᵀHv of each: known of eigenvectors, a product for the others.
fn curvatures<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    x: &[T],
    made: &[(Direction<T>, Option<f64>)],
) -> Result<Vec<f64>, Error> {
    let unknown: Vec<&Direction<T>> =
        made.iter().filter(|(_, known)| known.is_none()).map(|(d, _)| d).collect();
    let vectors: Vec<T> = unknown.iter().flat_map(|direction| direction.vector.iter().copied()).collect();
    let mut products = vec![T::zero(); vectors.len()];
    if !vectors.is_empty() {
        desk.oracle.linearize(x, Curvature::Hessian)?.apply(&vectors, &mut products)?;
    }
    let mut found = vectors.chunks(x.len()).zip(products.chunks(x.len())).map(|(v, product)| {
        let inner = |a: &[T], b: &[T]| a.iter().zip(b).map(|(a, b)| a.wide() * b.wide()).sum::<f64>();
        inner(v, product) / inner(v, v)
    });
    Ok(made.iter().map(|(_, known)| known.or_else(|| found.next()).unwrap_or(f64::NAN)).collect())
}

fn say(chapter: &mut Chapter, summary: &Extents, what: &str) {
    chapter.say(
        format!("reach of {what} ≤ {}", short(summary.level)),
        format!("from {} at the point", short(summary.value)),
    );
    let mean = |line: &Line| 0.5 * (line.forward.inside + line.backward.inside);
    let groups = ["top", "bottom", "random"];
    for group in groups {
        let of: Vec<&Line> =
            summary.directions.iter().filter(|line| line.direction.starts_with(group)).collect();
        let Some(first) = of.first() else { continue };
        let lengths = of.iter().map(|line| mean(line));
        let (low, high) = lengths.fold((f64::INFINITY, 0.0f64), |(l, h), v| (l.min(v), h.max(v)));
        let beyond =
            of.iter().filter(|line| line.forward.outside.is_none() || line.backward.outside.is_none());
        let beyond = match beyond.count() {
            0 => String::new(),
            count => format!(", {} beyond the reach of {}", grouped(count as u64), short(summary.reach)),
        };
        let words = match of.len() {
            1 => short(mean(first)),
            _ => format!("{} to {}", short(low), short(high)),
        };
        let label =
            if group == "random" { "random directions".to_owned() } else { format!("{group} eigenvectors") };
        chapter.say(format!("  along {label}"), words + &beyond);
    }
}
