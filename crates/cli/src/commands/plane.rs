//! `plane`: a plane through the point.

use crate::args::{DirectionName, PlaneArgs};
use crate::commands::slice::normalization;
use crate::config::{EndsPlan, Plan, PlanePlan};
use crate::error::Error;
use crate::study;
use crate::subject::resolve;

/// Runs the command.
pub fn run(options: &PlaneArgs) -> Result<(), Error> {
    let subject = resolve(&options.subject, options.run.machine.seed)?;
    let plane = &options.plane;
    let directions = plane.directions.0;
    let plan = Plan {
        eigenvectors: ends(&directions),
        planes: vec![PlanePlan {
            directions: directions.iter().map(ToString::to_string).collect(),
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
