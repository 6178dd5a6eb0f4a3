//! Steps and lengths, the distance from the straight line, and what null models have there.

use std::f64::consts::PI;

use serde::Serialize;
use thalweg_lab::Scalar;
use thalweg_lab::landscape::{
    DescentPoint, Deviation, Steps, TrajectoryError, WalkDeviation, deviation, log_spectrum,
    quadratic_descent, random_walk_deviation, steps,
};

use super::Side;
use crate::chapter::Chapter;
use crate::error::Error;
use crate::figures;
use crate::words::{counted, percent, short};

/// What `results.json` says of a way.
#[derive(Serialize)]
pub struct Course<'s> {
    pub name: &'s str,
    /// Finite points that are known of it.
    pub points: usize,
    pub first_step: u64,
    pub last_step: u64,
    /// The steps after which the points were kept.
    pub at: Vec<u64>,
    #[serde(flatten)]
    pub steps: Steps,
    pub straightness: Option<f64>,
    /// Projection on the line from the first point to the last, and what is left; `null` if they are one.
    pub deviation: Option<Deviation>,
    pub largest_aside: Option<f64>,
}

/// What there is to see where nothing is learned.
#[derive(Serialize)]
pub struct Models {
    /// The standard deviation of the cosine of two independent directions.
    pub cosine_sd: f64,
    /// A random walk seen from the line to its end; `null` in one dimension.
    pub random_walk: Option<Vec<WalkDeviation>>,
    pub quadratic: Quadratics,
}

/// Descent on quadratics.
#[derive(Serialize)]
pub struct Quadratics {
    pub dimension: usize,
    /// log₁₀ of the condition number.
    pub decades: f64,
    pub runs: Vec<Quadratic>,
}

/// Descent with one rate and momentum.
#[derive(Serialize)]
pub struct Quadratic {
    pub learning_rate: f64,
    pub momentum: f64,
    pub points: Vec<DescentPoint>,
}

/// Places of the way at which the random walk is drawn, but for one.
const SHARES: usize = 60;
/// As in figure 4 of Goodfellow et al. (2015).
const DIMENSION: usize = 100_000;
const DECADES: f64 = 3.0;
const RATES: [(f64, f64); 5] = [(0.1, 0.0), (1.0, 0.0), (1.9, 0.0), (0.1, 0.9), (1.0, 0.9)];

/// Measures each way without asking for a value.
pub fn course<T: Scalar>(sides: &[Side<'_, T>], n: usize) -> Result<Chapter, Error> {
    let mut chapter = Chapter::new("trajectory");
    let mut courses: Vec<Course<'_>> = Vec::new();
    for side in sides {
        if side.dropped > 0 {
            let count = counted(side.dropped as u64, "point");
            chapter.notes.push(format!("{}: {count} not finite, left out.", side.name));
        }
        match one(side) {
            Ok(course) => courses.push(course),
            Err(error) if sides.len() > 1 => chapter.notes.push(format!("{}: {error}.", side.name)),
            Err(error) => return Err(error.into()),
        }
    }
    if courses.is_empty() {
        return Err(TrajectoryError::Few(0).into());
    }
    let models = models(n);
    for course in &courses {
        chapter.say(format!("way of {}", course.name), words(course));
    }
    let turn = short(models.cosine_sd);
    chapter.say("  a random walk", format!("50 % aside in the mean, cosines 0 ± {turn}"));
    chapter.result("trajectories", &courses)?;
    chapter.result("null_models", &models)?;
    chapter.sections.push(figures::trajectory::course::section(&courses, &models, n));
    Ok(chapter)
}

fn one<'s, T: Scalar>(side: &Side<'s, T>) -> Result<Course<'s>, TrajectoryError> {
    let steps = steps(&side.rows)?;
    let (first, last) = (side.rows[0], side.rows[side.rows.len() - 1]);
    let deviation = match deviation(&side.rows, last.1) {
        Err(TrajectoryError::Still) => None,
        found => Some(found?),
    };
    Ok(Course {
        name: side.name,
        points: side.rows.len(),
        first_step: first.0,
        last_step: last.0,
        at: side.rows.iter().map(|(step, _)| *step).collect(),
        straightness: steps.straightness(),
        largest_aside: deviation.as_ref().map(Deviation::largest),
        deviation,
        steps,
    })
}

fn models(n: usize) -> Models {
    // Evenly along the semicircle.
    let share = |i: usize| (0.5 * PI * i as f64 / SHARES as f64).sin().powi(2).min(1.0);
    let walk = || (0..=SHARES).map(|i| random_walk_deviation(n, share(i))).collect();
    let spectrum = log_spectrum(DIMENSION, DECADES);
    // Each of the first steps, then twelve to a decade, up to 3,000.
    let late = (0..21).map(|i| (60.0 * 10f64.powf(f64::from(i) / 12.0)).round() as u64);
    let times: Vec<u64> = (0..60).chain(late.filter(|t| *t < 3000)).chain([3000]).collect();
    let runs = RATES.map(|(learning_rate, momentum)| Quadratic {
        learning_rate,
        momentum,
        points: quadratic_descent(&spectrum, learning_rate, momentum, &times),
    });
    Models {
        cosine_sd: 1.0 / (n as f64).sqrt(),
        random_walk: (n >= 2).then(walk),
        quadratic: Quadratics { dimension: DIMENSION, decades: DECADES, runs: runs.into() },
    }
}

/// The mean of the cosines that there are.
pub fn mean_cosine(steps: &Steps) -> Option<f64> {
    let known: Vec<f64> = steps.cosines.iter().flatten().copied().collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

fn words(course: &Course<'_>) -> String {
    let Steps { path_length, displacement, .. } = course.steps;
    let mut text = format!(
        "{}, path {} for a displacement of {}",
        counted(course.points as u64, "point"),
        short(path_length),
        short(displacement)
    );
    if let Some(share) = course.straightness {
        let walk = 1.0 / (course.steps.lengths.len() as f64).sqrt();
        text.push_str(&format!(" ({}; a random walk about {})", percent(share), percent(walk)));
    }
    if let Some(aside) = course.largest_aside {
        text.push_str(&format!(", at most {} of that aside", percent(aside)));
    }
    if let Some(cosine) = mean_cosine(&course.steps) {
        text.push_str(&format!(", mean cosine of successive steps {}", short(cosine)));
    }
    text
}
