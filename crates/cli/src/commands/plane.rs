//! `plane`: a plane through the point.

use thalweg_lab::landscape::TrajectoryError;

use crate::args::{DirectionName, PlaneArgs, PlaneName};
use crate::commands::slice::normalization;
use crate::config::{EndsPlan, Plan, PlanePlan, Way};
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
    let plan = Plan {
        way,
        eigenvectors,
        planes: vec![PlanePlan {
            directions,
            range: plane.range,
            grid: plane.grid,
            normalization: normalization(plane.normalize, &subject),
        }],
        ..Plan::default()
    };
    study::run("plane", &options.run, subject, plan)
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
