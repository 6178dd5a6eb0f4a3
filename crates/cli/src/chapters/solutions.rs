//! Several solutions of one objective: where they come from, what they are worth, how far apart they are.

use serde::Serialize;
use serde_json::Value;
use thalweg_lab::{Counts, Scalar};
use thalweg_report::real;

use super::training::Measured;
use super::way::values;
use crate::chapter::Chapter;
use crate::config::{PointConfig, SolutionsPlan};
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::subject::{Solution, Subject};
use crate::words::{counted, percent, short};

/// A solution as it was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Placed {
    pub label: String,
    pub origin: String,
    #[serde(with = "real")]
    pub loss: f64,
    #[serde(with = "real")]
    pub data_loss: f64,
    #[serde(with = "real::option")]
    pub data_loss_stderr: Option<f64>,
    pub accuracy: Option<f64>,
    #[serde(with = "real::option")]
    pub test_loss: Option<f64>,
    pub test_accuracy: Option<f64>,
    #[serde(with = "real")]
    pub grad_norm: f64,
    #[serde(with = "real")]
    pub norm: f64,
}

/// The course of a training that made one of them.
pub struct Course {
    pub label: String,
    pub measured: Vec<Measured>,
}

/// What measuring so many solutions takes.
pub fn cost(solutions: usize) -> Cost {
    let count = solutions as u64;
    Cost::of(Counts { values: count, gradients: count, products: 0 })
}

/// A training's chapter as one of several: its summary joins a list, and its course is drawn with the others'.
pub fn trained(mut chapter: Chapter) -> Chapter {
    if let Some(summary) = chapter.results.remove("training") {
        chapter.results.insert("trainings".into(), Value::Array(vec![summary]));
    }
    chapter.sections.clear();
    chapter
}

/// The course of a chapter that [`trained`] has made.
pub fn course(chapter: &Chapter, label: &str) -> Course {
    let measured = chapter.results.get("trainings").map(|list| list[0]["measurements"].clone());
    let measured = measured.and_then(|list| serde_json::from_value(list).ok());
    Course { label: label.to_owned(), measured: measured.unwrap_or_default() }
}

/// Measures each solution and how far it lies from the others.
pub fn chapter<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &SolutionsPlan,
    subject: &Subject<T>,
    point: &PointConfig,
    solutions: &[Solution<T>],
    courses: &[Course],
) -> Result<Chapter, Error> {
    let PointConfig::Solutions { solutions: origins } = point else {
        unreachable!("several solutions are named as such")
    };
    let mut chapter = Chapter::new("solutions");
    let mut placed = Vec::new();
    let mut gradient = vec![T::zero(); subject.start.len()];
    for (solution, origin) in solutions.iter().zip(origins) {
        let terms = desk.oracle.terms(&solution.x)?;
        desk.oracle.value_grad(&solution.x, &mut gradient)?;
        let test = subject.test.as_ref().map(|test| thalweg_lab::Objective::terms(test, &solution.x));
        placed.push(Placed {
            label: solution.label.clone(),
            origin: origin.origin(),
            loss: terms.total(),
            data_loss: terms.data,
            data_loss_stderr: terms.data_stderr,
            accuracy: terms.accuracy,
            test_loss: test.map(|test| test.data),
            test_accuracy: test.and_then(|test| test.accuracy),
            grad_norm: norm(&gradient),
            norm: norm(&solution.x),
        });
    }
    let distances = distances(solutions);
    chapter.result("solutions", &placed)?;
    chapter.result("distances", &distances)?;
    let count = counted(solutions.len() as u64, "solution");
    for found in &placed {
        let accuracy = found.accuracy.map(|a| format!(", accuracy {}", percent(a))).unwrap_or_default();
        chapter.say(found.label.clone(), format!("{} {}{accuracy}", desk.what(), short(found.loss)));
    }
    chapter.say("between them", format!("{count}, distance {}", spread(&distances)));
    chapter.notes.extend(plan.differences.iter().cloned());
    let (rows, n) = (solutions.len(), subject.start.len());
    chapter.arrays.push("solutions", [rows, n], values(solutions.iter().flat_map(|s| &s.x)))?;
    chapter.sections.push(figures::solutions::section(&placed, &distances, courses, desk.what()));
    Ok(chapter)
}

/// The distances between all pairs, row by row.
fn distances<T: Scalar>(solutions: &[Solution<T>]) -> Vec<Vec<f64>> {
    let distance =
        |a: &[T], b: &[T]| a.iter().zip(b).map(|(a, b)| (a.wide() - b.wide()).powi(2)).sum::<f64>().sqrt();
    solutions.iter().map(|a| solutions.iter().map(|b| distance(&a.x, &b.x)).collect()).collect()
}

/// `12.3`, or `4.5 to 12.3`.
fn spread(distances: &[Vec<f64>]) -> String {
    let pairs = distances.iter().enumerate().flat_map(|(i, row)| row[..i].iter().copied());
    let (low, high) = pairs.fold((f64::INFINITY, 0.0f64), |(low, high), d| (low.min(d), high.max(d)));
    match short(low) == short(high) {
        true => short(low),
        false => format!("{} to {}", short(low), short(high)),
    }
}

fn norm<T: Scalar>(vector: &[T]) -> f64 {
    vector.iter().map(|v| v.wide() * v.wide()).sum::<f64>().sqrt()
}
