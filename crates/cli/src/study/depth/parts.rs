//! The parts of a plan with what they take at each depth, and the plan that a choice of depths makes.

use thalweg_lab::curvature::Grouping;
use thalweg_lab::optim::{Length, Marks};
use thalweg_lab::{Counts, Scalar};

use super::fill::{Part, Rung};
use super::ladders::{self, CYCLE};
use crate::chapters::{connect, descent, line, planes, slices, spectrum, training};
use crate::config::{
    ConnectPlan, DescentPlan, EndsPlan, LayersPlan, Plan, PlanePlan, SlicesPlan, SpectrumPlan, Way,
};
use crate::rates::{Cost, Rates};
use crate::subject::Subject;

/// What a part puts into the plan; `None` leaves it out.
#[derive(Clone, Debug)]
pub enum Piece {
    Length(Length),
    /// Of the trainings of several solutions.
    Lengths(Length),
    Measurements(Marks, u64),
    Iterations(u64),
    Connect(Box<ConnectPlan>),
    Point(SpectrumPlan),
    Spectrum(SpectrumPlan),
    Eigenvectors(EndsPlan),
    Layers(Option<LayersPlan>),
    /// With the marks of the trajectory that it is laid through.
    Plane(Option<(PlanePlan, Option<Marks>)>),
    Slices(Option<SlicesPlan>),
    Line(Option<usize>),
}

/// The parts of a plan, with what each depth takes at most.
pub fn parts<T: Scalar>(asked: &Plan, subject: &Subject<T>, rates: &Rates) -> Vec<Part> {
    let rung = |piece: Piece, cost: Cost| Rung { seconds: rates.seconds(&cost), piece };
    let mut parts = way(asked, subject, &rung);
    parts.extend(curvature(asked, subject, &rung));
    parts.extend(pictures(asked, subject, &rung));
    parts
}

/// Training and measurements, or a descent.
fn way<T: Scalar>(asked: &Plan, subject: &Subject<T>, rung: &impl Fn(Piece, Cost) -> Rung) -> Vec<Part> {
    match &asked.way {
        Some(Way::Training(plan)) => {
            let examples = subject.examples();
            let lengths = ladders::lengths(plan, examples).into_iter();
            let lengths =
                lengths.map(|(length, steps)| rung(Piece::Length(length), Cost { steps, ..Cost::default() }));
            // The test set is evaluated beside, as a part of the examples.
            let tested = subject.test.as_ref().map_or(0, |test| test.data().examples());
            let share = tested.div_ceil(examples.max(1)) as u64;
            let last = training::steps(&plan.training, examples);
            let followed = ladders::followed(plan, last).into_iter().map(|(marks, products)| {
                let count = marks.steps(last).len() as u64;
                let counts = Counts {
                    values: count * (1 + share),
                    gradients: count * (1 + products.div_ceil(CYCLE)),
                    products: count * products,
                };
                rung(Piece::Measurements(marks, products), Cost::of(counts))
            });
            vec![Part::new("training", 8.0, lengths), Part::new("measurements", 2.0, followed)]
        }
        Some(Way::Descent(DescentPlan { iterations, .. })) => {
            let rungs = ladders::counts(*iterations).into_iter();
            let rungs = rungs.map(|count| rung(Piece::Iterations(count), descent::cost(count)));
            vec![Part::new("descent", 8.0, rungs)]
        }
        Some(Way::Checkpoints {}) | None => several(asked, subject, rung),
    }
}

/// The trainings of several solutions, all of one length.
fn several<T: Scalar>(asked: &Plan, subject: &Subject<T>, rung: &impl Fn(Piece, Cost) -> Rung) -> Vec<Part> {
    let Some(solutions) = &asked.solutions else { return Vec::new() };
    let Some(first) = solutions.trained.first() else {
        return connections(asked, subject, rung).into_iter().collect();
    };
    let count = solutions.trained.len() as u64;
    let lengths = ladders::lengths(first, subject.examples()).into_iter();
    let lengths = lengths.map(|(length, steps)| {
        let measurements = count * first.training.measurements.steps(steps).len() as u64;
        let counts = Counts { values: measurements, gradients: measurements, products: 0 };
        rung(Piece::Lengths(length), Cost { steps: count * steps, ..Cost::of(counts) })
    });
    let mut parts = vec![Part::new("trainings", 8.0, lengths)];
    parts.extend(connections(asked, subject, rung));
    parts
}

fn connections<T: Scalar>(
    asked: &Plan,
    subject: &Subject<T>,
    rung: &impl Fn(Piece, Cost) -> Rung,
) -> Option<Part> {
    let plan = asked.connect.as_ref()?;
    let rungs = ladders::connections(plan).into_iter().map(|plan| {
        let cost = connect::cost(&plan, subject);
        rung(Piece::Connect(Box::new(plan)), cost)
    });
    Some(Part::new("paths", 8.0, rungs))
}

/// Spectra, eigenvectors and layers.
fn curvature<T: Scalar>(
    asked: &Plan,
    subject: &Subject<T>,
    rung: &impl Fn(Piece, Cost) -> Rung,
) -> Vec<Part> {
    let layout = subject.problem.objective().layout();
    let mut parts = Vec::new();
    let mut spectra = |plan: &SpectrumPlan, gradients: u64, piece: fn(SpectrumPlan) -> Piece| {
        let layer = plan.layer.as_ref().and_then(|layer| layout.select(layer).ok());
        let n = layer.map_or(layout.dimension(), |range| range.len());
        let rungs = ladders::spectra(plan, n).into_iter().map(|plan| {
            let mut cost = spectrum::most(&plan, n);
            cost.counts.gradients += gradients;
            rung(piece(plan), cost)
        });
        parts.push(Part::new("spectrum", 4.0, rungs));
    };
    if let Some(plan) = &asked.point {
        // Beside the spectrum: the gradient, the terms, and the scale of its noise.
        spectra(plan, 5, Piece::Point);
    }
    if let Some(plan) = &asked.spectrum {
        spectra(plan, 0, Piece::Spectrum);
    }
    if let Some(plan) = &asked.eigenvectors {
        let rungs = ladders::ends(plan).into_iter().map(|plan| {
            let counts = Counts { products: plan.products, gradients: 1, values: 0 };
            rung(Piece::Eigenvectors(plan), Cost::of(counts))
        });
        parts.push(Part::new("eigenvectors", 3.0, rungs));
    }
    if let Some(plan) = &asked.layers {
        let count = Grouping::Layer.ranges(layout).len() as u64;
        let rungs = ladders::layers(plan, asked.lenient).into_iter().map(|plan| {
            let each = plan.as_ref().map_or(0, |plan| plan.products + plan.trace);
            let counts = Counts { products: count * each, gradients: 2 * each.min(1), values: 0 };
            rung(Piece::Layers(plan), Cost::of(counts))
        });
        parts.push(Part::new("layers", 1.5, rungs));
    }
    parts
}

/// Planes, slices and the straight line.
fn pictures<T: Scalar>(asked: &Plan, subject: &Subject<T>, rung: &impl Fn(Piece, Cost) -> Rung) -> Vec<Part> {
    let mut parts = Vec::new();
    let training = match &asked.way {
        Some(Way::Training(plan)) => Some(&plan.training),
        _ => None,
    };
    let last = training.map_or(0, |training| training::steps(training, subject.examples()));
    for (i, plan) in asked.planes.iter().enumerate() {
        let marks = training.filter(|_| plan.is_trajectory()).map(|training| &training.checkpoints);
        let optional = asked.lenient && i > 0;
        let rungs = ladders::grids(plan, marks, last, optional).into_iter().map(|plane| {
            let cost = plane.as_ref().map_or(Cost::default(), |(plan, marks)| {
                let points = marks.as_ref().map_or(subject.way.len(), |marks| marks.steps(last).len());
                planes::cost(plan, points)
            });
            rung(Piece::Plane(plane), cost)
        });
        let weight = if plan.is_trajectory() { 2.0 } else { 1.0 };
        parts.push(Part::new(format!("plane {}", plan.directions.join(" ")), weight, rungs));
    }
    if let Some(plan) = &asked.slices {
        let rungs = ladders::points(plan.points, asked.lenient).into_iter().map(|points| {
            let plan = points.map(|points| SlicesPlan { points, ..plan.clone() });
            let cost = plan.as_ref().map_or(Cost::default(), slices::cost);
            rung(Piece::Slices(plan), cost)
        });
        parts.push(Part::new("slices", 0.7, rungs));
    }
    if let Some(most) = asked.interpolation {
        let rungs = ladders::points(most, asked.lenient).into_iter();
        let rungs = rungs.map(|points| rung(Piece::Line(points), points.map_or(Cost::default(), line::cost)));
        parts.push(Part::new("straight line", 0.3, rungs));
    }
    parts
}

/// The plan with each part at the chosen depth.
pub fn plan(asked: &Plan, parts: &[Part], rungs: &[usize]) -> Plan {
    let mut plan = Plan { planes: Vec::new(), ..asked.clone() };
    for (part, &rung) in parts.iter().zip(rungs) {
        put(&mut plan, part.at(rung).piece.clone());
    }
    plan
}

/// The plan with all parts at their least.
pub fn least<T: Scalar>(asked: &Plan, subject: &Subject<T>) -> Plan {
    let parts = parts(asked, subject, &Rates::EQUAL);
    plan(asked, &parts, &vec![0; parts.len()])
}

fn put(plan: &mut Plan, piece: Piece) {
    let training = match &mut plan.way {
        Some(Way::Training(plan)) => Some(plan),
        _ => None,
    };
    match (piece, training) {
        (Piece::Length(length), Some(plan)) => plan.training.length = length,
        (Piece::Lengths(length), _) => {
            let trained = plan.solutions.iter_mut().flat_map(|plan| &mut plan.trained);
            trained.for_each(|plan| plan.training.length = length);
        }
        (Piece::Measurements(marks, products), Some(plan)) => {
            (plan.training.measurements, plan.sharpness) = (marks, products);
        }
        (Piece::Plane(Some((plane, marks))), training) => {
            if let (Some(marks), Some(training)) = (marks, training) {
                training.training.checkpoints = marks;
            }
            plan.planes.push(plane);
        }
        (Piece::Plane(None), _) => {}
        (Piece::Iterations(count), _) => {
            if let Some(Way::Descent(descent)) = &mut plan.way {
                descent.iterations = count;
            }
        }
        (Piece::Connect(connect), _) => plan.connect = Some(*connect),
        (Piece::Point(spectrum), _) => plan.point = Some(spectrum),
        (Piece::Spectrum(spectrum), _) => plan.spectrum = Some(spectrum),
        (Piece::Eigenvectors(ends), _) => plan.eigenvectors = Some(ends),
        (Piece::Layers(layers), _) => plan.layers = layers,
        (Piece::Slices(slices), _) => plan.slices = slices,
        (Piece::Line(points), _) => plan.interpolation = points,
        (Piece::Length(_) | Piece::Measurements(..), None) => unreachable!("they belong to a training"),
    }
}
