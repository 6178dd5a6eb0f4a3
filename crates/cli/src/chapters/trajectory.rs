//! The ways themselves: their course, one plane for all, straight lines, and the Hessian along them.

mod course;
mod curvature;
mod lines;
mod plane;

use thalweg_lab::{Counts, Scalar};

use super::way::Path;
use crate::chapter::Chapter;
use crate::config::TrajectoryPlan;
use crate::error::Error;
use crate::rates::Cost;
use crate::session::Desk;
use crate::subject::Subject;
use crate::words::counted;

pub use course::{Course, Models, Quadratic, mean_cosine};
pub use curvature::{Curved, Measured};
pub use lines::Line;
pub use plane::Drawn;

/// Points of a way that is still to be gone, for the estimate of what its study takes.
const POINTS: usize = 60;

/// A way with its name: the points that are finite.
pub struct Side<'s, T: Scalar> {
    pub name: &'s str,
    pub rows: Vec<(u64, &'s [T])>,
    /// Points that are not finite.
    pub dropped: usize,
}

/// One part of what is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Course,
    Plane,
    Lines,
    Curvature,
}

impl Look {
    /// The parts that a plan asks for.
    pub fn of(plan: &TrajectoryPlan) -> impl Iterator<Item = Self> + use<> {
        let curvature = (plan.top > 0).then_some(Look::Curvature);
        [Look::Plane, Look::Lines, Look::Course].into_iter().chain(curvature)
    }

    /// The name of its stage and arrays.
    pub fn name(self) -> &'static str {
        match self {
            Look::Course => "trajectory",
            Look::Plane => "trajectory-plane",
            Look::Lines => "trajectory-lines",
            Look::Curvature => "trajectory-curvature",
        }
    }

    /// What the progress bar calls it.
    pub fn words(self) -> &'static str {
        match self {
            Look::Course => "the course",
            Look::Plane => "the plane",
            Look::Lines => "straight lines",
            Look::Curvature => "leading eigenvectors",
        }
    }

    /// What it takes.
    pub fn cost<T: Scalar>(self, plan: &TrajectoryPlan, subject: &Subject<T>) -> Cost {
        let ways = plan.names.len();
        let read = subject.way.len() + subject.kept.iter().map(Vec::len).sum::<usize>();
        let points = if read > 0 { read } else { ways * POINTS };
        let n = subject.start.len() as f64;
        match self {
            Look::Course => Cost { passed: 8.0 * points as f64 * n, ..Cost::default() },
            Look::Plane => {
                let along = (plan.grid.columns * plan.grid.rows + points) as u64;
                let operations = (points * points) as f64 * n;
                let counts = Counts { values: points as u64, ..Counts::default() };
                Cost { along, operations, ..Cost::of(counts) }
            }
            Look::Lines => Cost { along: (ways * (plan.line + 2)) as u64, ..Cost::default() },
            Look::Curvature => {
                let places = (ways * plan.places) as u64;
                let products = plan.products.min(60 + 12 * plan.top as u64);
                let counts = Counts { gradients: places, products: places * products, values: 0 };
                Cost::of(counts)
            }
        }
    }

    /// Makes its chapter.
    pub fn make<T: Scalar>(
        self,
        desk: &Desk<'_, '_, T>,
        plan: &TrajectoryPlan,
        subject: &Subject<T>,
        sides: &[Side<'_, T>],
    ) -> Result<Chapter, Error> {
        match self {
            Look::Course => course::course(sides, subject.start.len()),
            Look::Plane => plane::plane(desk, plan, subject, sides),
            Look::Lines => lines::lines(desk, plan, sides),
            Look::Curvature => curvature::curvature(desk, plan, sides),
        }
    }
}

impl<'s, T: Scalar> Side<'s, T> {
    /// The finite points of a way.
    pub fn new(name: &'s str, path: &'s Path<T>) -> Self {
        let all = path.rows();
        let count = all.len();
        let rows: Vec<(u64, &[T])> =
            all.into_iter().filter(|(_, x)| x.iter().all(|v| v.is_finite())).collect();
        Self { name, dropped: count - rows.len(), rows }
    }
}

/// The way of another run.
pub fn kept<T: Scalar>(subject: &Subject<T>, run: &str, place: usize) -> Result<Chapter, Error> {
    let points = subject.kept[place].clone();
    let mut chapter = Chapter::new("checkpoints");
    let count = counted(points.len() as u64, "point");
    let last = points.last().map_or(0, |(step, _)| *step);
    chapter.say("way", format!("of {run}: {count}, to step {last}"));
    let x = points.last().map_or_else(|| subject.start.clone(), |(_, x)| x.clone());
    Path { x, points }.keep(&mut chapter)?;
    Ok(chapter)
}

/// Leaves of the chapter of one of several ways what can stand beside the others: its words and notes.
pub fn beside(chapter: &mut Chapter, name: &str) {
    chapter.results.clear();
    chapter.sections.clear();
    chapter.headline.clear();
    if let Some([what, _]) = chapter.summary.first_mut() {
        *what = name.to_owned();
    }
    chapter.notes = chapter.notes.iter().map(|note| format!("{name}: {note}")).collect();
    if let Some(reason) = chapter.halt.take() {
        chapter.notes.push(format!("{name}: {reason}; its way ends there."));
    }
}
