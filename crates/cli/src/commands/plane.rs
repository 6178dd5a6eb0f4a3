//! `plane`: a plane through the point.

use std::path::Path;

use thalweg_lab::landscape::TrajectoryError;
use thalweg_report::run::Record;

use crate::args::{DirectionName, Grid, PlaneArgs, PlaneName};
use crate::commands::slice::{drawn_anew, normalization, refine};
use crate::config::{EndsPlan, MapPlan, Plan, PlanePlan, Reach, SurfacePlan, Way};
use crate::error::Error;
use crate::study;
use crate::subject::resolve;

/// Runs the command.
pub fn run(options: &PlaneArgs) -> Result<(), Error> {
    let mut subject = resolve(&options.subject, options.run.machine.seed)?;
    let plane = &options.plane;
    if let Some(folder) = &plane.checkpoints {
        subject = subject.with_checkpoints(folder)?;
    }
    let way = plane.checkpoints.as_ref().map(|_| Way::Checkpoints {});
    let default = if way.is_some() { PlaneName::Trajectory } else { PlaneName::RANDOM };
    let (directions, eigenvectors) = match plane.directions.unwrap_or(default) {
        PlaneName::Pair(pair) => (pair.iter().map(ToString::to_string).collect(), ends(&pair)),
        PlaneName::Trajectory if way.is_some() => {
            // Said before anything is done: a plane by itself needs three points.
            match subject.checkpoints.len() {
                few @ ..3 => return Err(TrajectoryError::Points(few).into()),
                _ => (vec!["trajectory".to_owned()], None),
            }
        }
        PlaneName::Trajectory => {
            return Err(Error::Usage("--directions trajectory needs --checkpoints FOLDER".into()));
        }
    };
    let Grid { columns, rows } = plane.grid;
    let common = &plane.common;
    let [range, limits] = match &plane.like {
        Some(run) => like(run)?,
        None => [None, plane.limits.map(|ends| ends.0)],
    };
    let first = PlanePlan {
        directions,
        range: range.map_or(common.range, |[_, reach]| Reach::Fixed(reach)),
        grid: plane.grid,
        normalization: normalization(common.normalize, &subject),
        study: SurfacePlan {
            replicate: 0,
            errors: common.errors,
            persistence: plane.persistence,
            basins: true,
            follow: plane.follow,
            map: plane.curvature_map.map(|grid| MapPlan { grid, products: plane.map_products.0 as u64 }),
            refine: refine(common, &[columns, rows])?,
            limits,
            export: common.export.clone(),
        },
    };
    let plan =
        Plan { way, eigenvectors, planes: replicates(first, plane.direction_seeds.0)?, ..Plan::default() };
    study::run("plane", &options.run, subject, plan)
}

/// The plane, and others like it whose random directions are drawn anew; only their values are looked at.
fn replicates(first: PlanePlan, seeds: usize) -> Result<Vec<PlanePlan>, Error> {
    let names: Result<Vec<DirectionName>, String> =
        first.directions.iter().map(|name| name.parse()).collect();
    let Ok(names) = names else { return Ok(vec![first]) };
    let all = drawn_anew(&names, seeds)?;
    let is_random = |name: &DirectionName| matches!(name, DirectionName::Random(_));
    let mut anew = all[names.len()..].iter();
    let mut planes = vec![first.clone()];
    for replicate in 1..seeds {
        let mut next = |name: &DirectionName| match is_random(name) {
            true => anew.next().expect("each random direction was drawn anew").to_string(),
            false => name.to_string(),
        };
        planes.push(PlanePlan {
            directions: names.iter().map(&mut next).collect(),
            study: SurfacePlan { replicate, refine: first.study.refine, ..SurfacePlan::default() },
            ..first.clone()
        });
    }
    Ok(planes)
}

/// How far the first plane of another run reaches, and the ends of its colour scale.
fn like(run: &Path) -> Result<[Option<[f64; 2]>; 2], Error> {
    let record = Record::open(run).map_err(Error::Run)?;
    let plane = &record.results["planes"][0];
    let numbers = |key: &str| -> Vec<f64> {
        let values = plane[key].as_array().into_iter().flatten();
        values.filter_map(serde_json::Value::as_f64).collect()
    };
    let ends = |values: Vec<f64>| {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (low < high).then_some([low, high])
    };
    let limits = ends(numbers("limits")).or_else(|| ends(numbers("values")));
    match (ends(numbers("u")), limits) {
        (Some(range), Some(limits)) => Ok([Some(range), Some(limits)]),
        _ => Err(Error::Usage(format!("--like {}: expected a run with a plane", run.display()))),
    }
}

/// The eigenpairs that directions ask for.
pub fn ends(directions: &[DirectionName]) -> Option<EndsPlan> {
    let (mut top, mut bottom) = (0, 0);
    for direction in directions {
        match *direction {
            DirectionName::Top(k) => top = top.max(k),
            DirectionName::Bottom(k) => bottom = bottom.max(k),
            _ => {}
        }
    }
    (top + bottom > 0).then_some(EndsPlan { top, bottom, products: 2000 })
}
