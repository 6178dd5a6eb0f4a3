//! `survey`: the way there, then the point from every side.

use crate::args::{Grid, SurveyArgs};
use crate::config::{
    DescentPlan, LayersPlan, Plan, PlanePlan, PointConfig, Reach, SlicesPlan, SpectrumPlan, SurfacePlan, Way,
};
use crate::error::Error;
use crate::study;
use crate::subject::{Prepared, Source, resolve};
use thalweg_lab::Curvature;
use thalweg_lab::landscape::Normalization;

/// Runs the command.
pub fn run(options: &SurveyArgs) -> Result<(), Error> {
    let mut subject = resolve(&options.subject, options.run.machine.seed)?;
    if let Some(folder) = options.training.folder() {
        subject = subject.with_checkpoints(folder)?;
    }
    let plan = plan(options, &subject);
    study::run("survey", &options.run, subject, plan)
}

fn plan(options: &SurveyArgs, subject: &Prepared) -> Plan {
    let n = subject.layout().dimension();
    let way = match (&subject.point, subject.source.examples()) {
        (PointConfig::Weights { .. }, _) => None,
        (PointConfig::Checkpoints { .. }, _) => Some(Way::Checkpoints {}),
        (_, Some(examples)) => {
            Some(Way::Training(options.training.plan(options.run.machine.seed, examples, n)))
        }
        (_, None) => Some(Way::Descent(DescentPlan::default())),
    };
    let is_network = matches!(subject.source, Source::Network { .. });
    let normalization = if is_network { Normalization::Filter } else { Normalization::Unit };
    let plane = |directions: &[&str], grid: Grid| PlanePlan {
        directions: directions.iter().map(|d| (*d).to_owned()).collect(),
        range: Reach::Fixed(1.0),
        grid,
        normalization,
        study: SurfacePlan::default(),
    };
    let mut planes = Vec::new();
    if way.is_some() && n >= 2 {
        planes.push(plane(&["trajectory"], options.grid));
    }
    if n > 2 {
        planes.push(plane(&["random:0", "random:1"], options.grid));
        planes.push(plane(&["top:1", "bottom:1"], options.grid));
    } else if n == 2 && way.is_none() {
        planes.push(plane(&["axis:0", "axis:1"], options.grid));
    }
    let directions: &[&str] = match n {
        1 => &["top:1"],
        2 => &["gradient", "top:1", "bottom:1"],
        _ => &["gradient", "top:1", "bottom:1", "random:0", "random:1", "random:2"],
    };
    Plan {
        interpolation: way.is_some().then_some(121),
        way,
        point: Some(hessian(options.top.0, options.exact_up_to)),
        layers: is_network.then_some(LayersPlan { products: 500, trace: 64 }),
        slices: Some(SlicesPlan {
            directions: directions.iter().map(|d| (*d).to_owned()).collect(),
            range: Reach::Fixed(1.0),
            points: 101,
            normalization,
            errors: false,
            refine: None,
            export: Vec::new(),
        }),
        planes,
        lenient: true,
        ..Plan::default()
    }
}

/// The Hessian's spectrum as a point card takes it.
pub fn hessian(top: usize, exact_up_to: usize) -> SpectrumPlan {
    SpectrumPlan {
        operator: Curvature::Hessian,
        layer: None,
        top,
        bottom: 4,
        probes: 16,
        steps: 80,
        products: 2000,
        trace: 64,
        exact_up_to,
    }
}
