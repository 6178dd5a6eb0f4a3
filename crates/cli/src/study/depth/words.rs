//! What a budget took away, in words.

use thalweg_lab::optim::{Length, Training};

use crate::config::{ConnectPlan, Plan, PlanePlan, SpectrumPlan, Way};
use crate::words::{counted, grouped};

/// What a plan has less of than was asked for, a line each.
pub fn shallower(plan: &Plan, asked: &Plan) -> Vec<String> {
    let mut lines = way(plan, asked);
    for (plan, asked) in [(&plan.point, &asked.point), (&plan.spectrum, &asked.spectrum)] {
        if let (Some(plan), Some(asked)) = (plan, asked)
            && plan != asked
        {
            lines.push(format!("spectrum: {}", spectrum(plan, asked).join(", ")));
        }
    }
    if let (Some(plan), Some(asked)) = (&plan.eigenvectors, &asked.eigenvectors)
        && plan != asked
    {
        lines.push(format!("eigenvectors: from at most {} of {} products", plan.products, asked.products));
    }
    match (&plan.layers, &asked.layers) {
        (None, Some(_)) => lines.push("table of layers: left out".into()),
        (Some(plan), Some(asked)) if plan != asked => lines.push(format!(
            "table of layers: at most {} + {} of {} + {} products a layer for ends and trace",
            plan.products, plan.trace, asked.products, asked.trace
        )),
        _ => {}
    }
    lines.extend(asked.planes.iter().filter_map(|asked| plane(plan, asked)));
    let points = |plan: &Plan| plan.slices.as_ref().map(|slices| slices.points);
    lines.extend(line("slices", points(plan), points(asked)));
    lines.extend(line("straight line", plan.interpolation, asked.interpolation));
    lines
}

fn way(plan: &Plan, asked: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    let first = |plan: &Plan| plan.solutions.iter().flat_map(|plan| &plan.trained).next().cloned();
    if let (Some(less), Some(all)) = (first(plan), first(asked))
        && less.training.length != all.training.length
    {
        lines.push(format!("each training: {} of {}", length(&less.training), length(&all.training)));
    }
    if let (Some(less), Some(all)) = (&plan.connect, &asked.connect) {
        lines.extend(paths(less, all));
    }
    match (&plan.way, &asked.way) {
        (Some(Way::Training(plan)), Some(Way::Training(asked))) => {
            let (less, all) = (&plan.training, &asked.training);
            if less.length != all.length {
                lines.push(format!("training: {} of {}", length(less), length(all)));
            }
            if (&less.measurements, plan.sharpness) != (&all.measurements, asked.sharpness) {
                let sharpness = match (plan.sharpness, asked.sharpness) {
                    (0, 1..) => ", without the sharpness".into(),
                    (less, all) if less < all => {
                        format!(", the sharpness from at most {less} of {all} products")
                    }
                    _ => String::new(),
                };
                let marks = (&less.measurements, &all.measurements);
                lines.push(format!("measurements on the way: {} of {}{sharpness}", marks.0, marks.1));
            }
            if less.checkpoints != all.checkpoints {
                lines.push(format!("points of the trajectory: {} of {}", less.checkpoints, all.checkpoints));
            }
        }
        (Some(Way::Descent(less)), Some(Way::Descent(all))) if less.iterations < all.iterations => {
            let (less, all) = (less.iterations, all.iterations);
            lines.push(format!("descent: {} of {} iterations", grouped(less), grouped(all)));
        }
        _ => {}
    }
    lines
}

fn paths(less: &ConnectPlan, all: &ConnectPlan) -> Option<String> {
    let mut parts = Vec::new();
    if let (Some(less), Some(all)) = (&less.curve, &all.curve)
        && less.length != all.length
    {
        parts.push(format!("{} of {} a curve", length(less), length(all)));
    }
    if less.band.steps != all.band.steps {
        parts.push(format!("{} of {} a cycle of a band", less.band.steps, counted(all.band.steps, "step")));
    }
    if less.grid != all.grid {
        let size = |plan: &ConnectPlan| format!("{} × {}", plan.grid.columns, plan.grid.rows);
        parts.push(format!("{} of {} points of the plane", size(less), size(all)));
    }
    (!parts.is_empty()).then(|| format!("paths: {}", parts.join(", ")))
}

fn length(training: &Training) -> String {
    match training.length {
        Length::Steps(steps) => counted(steps, "step"),
        Length::Epochs(epochs) => counted(epochs, "epoch"),
    }
}

fn spectrum(plan: &SpectrumPlan, asked: &SpectrumPlan) -> Vec<String> {
    let mut parts = Vec::new();
    let exact = plan.exact_up_to == asked.exact_up_to;
    if !exact {
        parts.push("its ends instead of all eigenvalues".into());
    }
    if (plan.top, plan.bottom) != (asked.top, asked.bottom) {
        let [less, all] = [plan, asked].map(|plan| format!("{} + {}", plan.top, plan.bottom));
        parts.push(format!("{less} of {all} eigenpairs"));
    }
    if !exact || plan.products != asked.products {
        parts.push(format!("at most {} of {} products for them", plan.products, grouped(asked.products)));
    }
    if (plan.probes, plan.steps) != (asked.probes, asked.steps) {
        let [less, all] = [plan, asked].map(|plan| format!("{} × {}", plan.probes, plan.steps));
        parts.push(format!("{less} of {all} steps for the density"));
    }
    if plan.trace != asked.trace {
        parts.push(format!("{} of {} products for the trace", plan.trace, asked.trace));
    }
    parts
}

fn plane(plan: &Plan, asked: &PlanePlan) -> Option<String> {
    let name = format!("plane {}", asked.directions.join(" × "));
    let found = plan.planes.iter().find(|plane| plane.directions == asked.directions);
    let size = |plane: &PlanePlan| format!("{} × {}", plane.grid.columns, plane.grid.rows);
    match found {
        None => Some(format!("{name}: left out")),
        Some(plane) if plane.grid != asked.grid => {
            Some(format!("{name}: {} of {} points", size(plane), size(asked)))
        }
        Some(_) => None,
    }
}

fn line(name: &str, points: Option<usize>, asked: Option<usize>) -> Option<String> {
    match (points, asked?) {
        (None, _) => Some(format!("{name}: left out")),
        (Some(points), asked) if points < asked => Some(format!("{name}: {points} of {asked} points")),
        _ => None,
    }
}
