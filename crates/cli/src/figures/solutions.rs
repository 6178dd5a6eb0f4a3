//! Several solutions beside each other.

use thalweg_report::model::{Axis, Cell, Column, Figure, Lines, Section, Series, Table};

use crate::chapters::solutions::{Course, Placed};
use crate::words::{counted, short, with_error};

/// Solutions whose distances are listed in full at most.
const LISTED: usize = 12;

/// The chapter on the solutions.
pub fn section(placed: &[Placed], distances: &[Vec<f64>], courses: &[Course], what: &str) -> Section {
    let losses = placed.iter().map(|found| found.loss);
    let (low, high) = losses.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let count = counted(placed.len() as u64, "solution");
    let lead = format!("{count}, with a {what} from {} to {}.", short(low), short(high));
    let mut section = Section::new("solutions", "The solutions").lead(lead).figure(table(placed, what));
    if courses.iter().any(|course| course.measured.len() > 1) {
        section = section.figure(training(courses));
    }
    if (3..=LISTED).contains(&placed.len()) {
        section = section.figure(far(placed, distances));
    }
    section
}

fn table(placed: &[Placed], what: &str) -> Figure {
    let accuracy = placed.iter().any(|found| found.accuracy.is_some());
    let test = placed.iter().any(|found| found.test_loss.is_some());
    let mut columns = vec![Column::text("solution"), Column::text("origin"), Column::number(what)];
    let named = |label: &str| Column::number(label.to_owned());
    if placed.iter().any(|found| found.data_loss_stderr.is_some()) {
        columns.push(Column::text("data loss").note("with one standard error over the examples"));
    }
    columns.extend(accuracy.then(|| named("accuracy")));
    columns.extend(test.then(|| named("test loss")));
    columns.extend((test && accuracy).then(|| named("test accuracy")));
    columns.push(Column::number("‖g‖").note("norm of the gradient"));
    columns.push(Column::number("‖x‖").note("norm of the point"));
    let optional = |value: Option<f64>| value.map_or(Cell::Missing, Cell::from);
    let row = |found: &Placed| {
        let mut cells =
            vec![Cell::from(found.label.as_str()), Cell::from(found.origin.as_str()), Cell::from(found.loss)];
        cells.extend(found.data_loss_stderr.map(|error| Cell::from(with_error(found.data_loss, error))));
        cells.extend(accuracy.then(|| optional(found.accuracy)));
        cells.extend(test.then(|| optional(found.test_loss)));
        cells.extend((test && accuracy).then(|| optional(found.test_accuracy)));
        cells.extend([Cell::from(found.grad_norm), Cell::from(found.norm)]);
        cells
    };
    let table = placed.iter().map(row).fold(Table::new(columns), Table::row);
    let caption = "All values belong to one objective: the same data, the same loss.";
    Figure::new("solution-table", "What each is worth", table).caption(caption)
}

fn training(courses: &[Course]) -> Figure {
    let axes = Lines::new(Axis::linear("step"), Axis::log("loss"));
    let lines = courses.iter().fold(axes, |lines, course| {
        let steps = course.measured.iter().map(|m| m.step as f64).collect();
        let losses = course.measured.iter().map(|m| m.loss).collect();
        lines.with(Series::line(course.label.clone(), steps, losses))
    });
    let caption = "The loss over all examples along each training. The seed decides the initial weights and \
                   the order of the examples.";
    Figure::new("solution-training", "How they were trained", lines).caption(caption)
}

fn far(placed: &[Placed], distances: &[Vec<f64>]) -> Figure {
    let columns = placed.iter().map(|found| Column::number(found.label.clone()));
    let mut table = Table::new([Column::text("from")].into_iter().chain(columns));
    for (found, row) in placed.iter().zip(distances) {
        let cells = row.iter().map(|&distance| Cell::from(distance));
        table = table.row([Cell::from(found.label.as_str())].into_iter().chain(cells));
    }
    let caption = "‖xᵢ − xⱼ‖ in the space of all parameters.";
    Figure::new("solution-distances", "How far apart they are", table).caption(caption)
}
