//! Lengths, turns, and the distance from the straight line, beside null models.

use thalweg_lab::landscape::DeviationPoint;
use thalweg_report::model::{Axis, Cell, Column, Figure, Lines, Section, Series, Stroke, Table};

use super::chapter;
use crate::chapters::trajectory::{Course, Models, Quadratic, mean_cosine};
use crate::words::{grouped, short};

/// The table and the pictures that need no value.
pub fn section(courses: &[Course<'_>], models: &Models, n: usize) -> Section {
    let mut section = chapter().figure(table(courses, models));
    if courses.iter().any(|course| course.deviation.is_some()) {
        section = section.figure(aside(courses, models, n));
    }
    section.figure(turns(courses, models).half()).figure(lengths(courses).half())
}

fn table(courses: &[Course<'_>], models: &Models) -> Figure {
    let columns = [
        Column::text("way"),
        Column::number("points").note("finite points that are known of it"),
        Column::number("steps").note("between the first and the last of them"),
        Column::number("path")
            .note("sum of the distances between successive points; less than the true length"),
        Column::number("ends apart").note("distance between the first point and the last"),
        Column::number("ratio").note("of the two; 1 is a straight line"),
        Column::number("a walk's")
            .note("the ratio of a random walk of as many points in many dimensions, 1/√steps"),
        Column::number("aside")
            .note("greatest distance from the straight line, in units of its length; a random walk has ½"),
        Column::number("cosine").note("mean over successive steps; a random walk has 0"),
    ];
    let row = |course: &Course<'_>| {
        let maybe = |value: Option<f64>| value.map_or(Cell::Missing, Cell::from);
        vec![
            Cell::from(course.name),
            Cell::from(course.points),
            Cell::from(course.last_step - course.first_step),
            Cell::from(course.steps.path_length),
            Cell::from(course.steps.displacement),
            maybe(course.straightness),
            Cell::from(1.0 / (course.steps.lengths.len() as f64).sqrt()),
            maybe(course.largest_aside),
            maybe(mean_cosine(&course.steps)),
        ]
    };
    let table = courses.iter().map(row).fold(Table::new(columns), Table::row);
    Figure::new("trajectory-table", "The ways in numbers", table).caption(format!(
        "Between the points that are known a way may have been longer. Cosines of independent directions have a \
         standard deviation of {} here.",
        short(models.cosine_sd)
    ))
}

fn aside(courses: &[Course<'_>], models: &Models, n: usize) -> Figure {
    let axes = (Axis::linear("along the line from start to end"), Axis::linear("distance from the line"));
    let mut lines = Lines::new(axes.0, axes.1);
    for course in courses {
        if let Some(found) = &course.deviation {
            lines = lines.with(curve(course.name.to_owned(), &found.points).stroke(Stroke::Path));
        }
    }
    if let Some(walk) = &models.random_walk {
        let mean = |sign: f64| walk.iter().map(|w| w.aside + sign * 2.0 * w.sd.unwrap_or(f64::NAN)).collect();
        let x = walk.iter().map(|w| w.along).collect();
        let series = Series::line("a random walk", x, walk.iter().map(|w| w.aside).collect());
        let series = if n > 2 { series.spread(mean(-1.0), mean(1.0)) } else { series };
        lines = lines.with(series);
    }
    for run in &models.quadratic.runs {
        let points: Vec<DeviationPoint> = run
            .points
            .iter()
            .map(|p| DeviationPoint { step: p.step, along: p.along, aside: p.aside })
            .collect();
        lines = lines.with(curve(name(run), &points).stroke(Stroke::Path));
    }
    Figure::new("trajectory-aside", "How far aside of the straight line", lines).caption(format!(
        "Each point's projection on the line from the first point to the last, and its distance from that line, both in \
         units of the line's length (Goodfellow et al. 2015, figures 3 and 4). Beside them, what needs no obstacle: a \
         random walk in {} dimensions, a semicircle in the mean (band: two standard deviations), and gradient descent \
         on a quadratic of {} dimensions with eigenvalues from 1 to 10^{{−{}}}, by learning rate η and momentum μ, both \
         in closed form. A curve that looks like one of these proves nothing more.",
        grouped(n as u64),
        grouped(models.quadratic.dimension as u64),
        models.quadratic.decades
    ))
}

fn name(run: &Quadratic) -> String {
    format!("quadratic, η = {}, μ = {}", run.learning_rate, run.momentum)
}

fn curve(name: String, points: &[DeviationPoint]) -> Series {
    let along = points.iter().map(|p| p.along).collect();
    Series::line(name, along, points.iter().map(|p| p.aside).collect())
}

fn turns(courses: &[Course<'_>], models: &Models) -> Figure {
    let mut lines = Lines::new(Axis::linear("step"), Axis::linear("cosine of successive steps"));
    for course in courses.iter().filter(|course| !course.steps.cosines.is_empty()) {
        let at = course.at[1..course.at.len() - 1].iter().map(|&step| step as f64).collect();
        let cosines = course.steps.cosines.iter().map(|c| c.unwrap_or(f64::NAN)).collect();
        lines = lines.with(Series::line(course.name, at, cosines).stroke(Stroke::Dotted));
    }
    let band = 2.0 * models.cosine_sd;
    let lines = lines.mark_y(band.min(1.0), "").mark_y(-band.min(1.0), "a random walk, ± 2 sd");
    Figure::new("trajectory-turns", "Does it go on as it went", lines).caption(
        "The cosine of the angle between the steps to and from each point. Well above the marks: drift in one direction. \
         Below them: bouncing. The steps are those between kept points, and average over all that happened between them.",
    )
}

fn lengths(courses: &[Course<'_>]) -> Figure {
    let mut lines = Lines::new(Axis::linear("step"), Axis::log("length of a step"));
    for course in courses {
        let at = course.at[1..].iter().map(|&step| step as f64).collect();
        lines =
            lines.with(Series::line(course.name, at, course.steps.lengths.clone()).stroke(Stroke::Dotted));
    }
    Figure::new("trajectory-lengths", "How far between points", lines)
        .caption("The distance of each kept point from the one before it.")
}
