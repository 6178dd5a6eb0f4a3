//! The measurements side by side.

use std::fmt::Write as _;

use super::line::Line;
use super::workload::{Aim, Workload};
use super::{OURS, PEERS};

/// One workload on one number of threads.
pub struct Row<'a> {
    /// The workload.
    pub workload: Workload,
    /// How many threads a program could use.
    pub threads: usize,
    /// The best line of each of [`PEERS`].
    pub lines: [Option<&'a Line>; PEERS.len()],
}

/// The rows of workloads that somebody measured.
pub fn rows<'a>(workloads: &[Workload], threads: &[usize], lines: &'a [Line]) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for workload in workloads {
        for &threads in threads.iter().filter(|&&threads| workload.takes(threads)) {
            let row = Row::new(*workload, threads, lines);
            if row.lines.iter().any(Option::is_some) {
                rows.push(row);
            }
        }
    }
    rows
}

impl<'a> Row<'a> {
    /// Who may use more threads may also use fewer, where that is faster.
    fn new(workload: Workload, threads: usize, lines: &'a [Line]) -> Self {
        let name = workload.name();
        let best = |peer: &str| {
            lines
                .iter()
                .filter(|line| line.peer == peer && line.workload == name && line.threads <= threads)
                .min_by(|a, b| cost(a, threads).total_cmp(&cost(b, threads)))
        };
        Self { workload, threads, lines: PEERS.map(best) }
    }

    /// What a peer's best line costs here, in seconds a unit.
    pub fn cost(&self, peer: usize) -> Option<f64> {
        self.lines[peer].map(|line| cost(line, self.threads))
    }

    /// The fastest of the others.
    pub fn fastest_peer(&self) -> Option<&'a Line> {
        let others = PEERS.iter().zip(self.lines).filter(|(name, _)| **name != OURS);
        others
            .filter_map(|(_, line)| line)
            .min_by(|a, b| cost(a, self.threads).total_cmp(&cost(b, self.threads)))
    }

    /// How many times as fast as the fastest of the others Thalweg is.
    pub fn ratio(&self) -> Option<f64> {
        let ours = PEERS.iter().position(|&name| name == OURS)?;
        Some(cost(self.fastest_peer()?, self.threads) / self.cost(ours)?)
    }

    /// Whether the workload's aim is met, where that can be told.
    pub fn met(&self) -> Option<bool> {
        let ours = PEERS.iter().position(|&name| name == OURS)?;
        match self.workload.aim()? {
            Aim::Times(times) => Some(self.ratio()? >= times),
            Aim::Seconds(seconds) => Some(self.cost(ours)? <= seconds),
        }
    }

    /// Time of a unit, or units in a second where that says more.
    pub fn shown(&self, seconds: Option<f64>) -> String {
        match seconds {
            None => "–".to_owned(),
            Some(seconds) if self.workload.quantity.name == "plane" => rate(1.0 / seconds),
            Some(seconds) => time(seconds),
        }
    }

    /// The ratio, the aim and whether it is met.
    pub fn judged(&self) -> [String; 3] {
        let ratio = self.ratio().map_or("–".to_owned(), |ratio| format!("{ratio:.2}"));
        let aim = self.workload.aim().map_or(String::new(), |aim| match aim {
            Aim::Times(times) => format!("≥ {times}"),
            Aim::Seconds(seconds) => format!("≤ {seconds} s"),
        });
        let met = self.met().map_or("", |met| if met { "yes" } else { "no" });
        [ratio, aim, met.to_owned()]
    }
}

/// A table for the terminal.
pub fn render(rows: &[Row]) -> String {
    let mut cells = vec![["workload", "threads"].map(String::from).to_vec()];
    cells[0].extend(PEERS.map(String::from));
    cells[0].extend(["ratio", "aim", "met", "fastest peer"].map(String::from));
    for row in rows {
        let mut line = vec![row.workload.name(), row.threads.to_string()];
        line.extend((0..PEERS.len()).map(|peer| row.shown(row.cost(peer))));
        line.extend(row.judged());
        line.push(
            row.fastest_peer().map_or(String::new(), |line| format!("{}: {}", line.peer, line.variant)),
        );
        cells.push(line);
    }
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..cells[0].len()).map(width).collect();
    let mut text = String::new();
    for row in &cells {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = match column {
                0 => write!(line, "{cell:<width$}"),
                _ if column + 1 == row.len() => write!(line, "  {cell}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// A time in a unit that suits it.
pub fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => format!("{:.0} µs", s * 1e6),
        s if s < 1.0 => format!("{:.2} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

fn rate(rate: f64) -> String {
    let digits = if rate < 10.0 { 2 } else { 0 };
    format!("{rate:.digits$} /s")
}

/// On one thread, processor time; on more, time by the clock.
fn cost(line: &Line, threads: usize) -> f64 {
    if threads == 1 { line.cost() } else { line.seconds }
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::line;
    use super::super::workload::tests::find;
    use super::*;

    fn gradient() -> Workload {
        find("digits/gradient").unwrap()
    }

    #[test]
    fn ratios_and_aims_are_shown() {
        let row = |ours: f64| {
            let lines = [line(OURS, ours), line("torch", 8e-4), line("jax", 4e-4)];
            let table = render(&rows(&[gradient()], &[2], &lines));
            table.lines().nth(1).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(row(1e-4), "digits/gradient 2 100 µs 800 µs 400 µs – – 4.00 ≥ 3 yes jax: jax's way");
        assert!(row(2e-4).ends_with("2.00 ≥ 3 no jax: jax's way"));
    }

    #[test]
    fn what_nobody_or_only_a_peer_measured_is_left_open() {
        assert!(rows(&[gradient()], &[1, 2], &[]).is_empty());
        let lines = [line("jax", 2.0)];
        let rows = rows(&[gradient()], &[1, 2], &lines);
        assert_eq!((rows.len(), rows[0].ratio(), rows[0].met()), (1, None, None));
        assert_eq!(rows[0].judged(), ["–", "≥ 3", ""]);
    }

    #[test]
    fn fewer_threads_count_where_they_are_faster() {
        let one = Line { threads: 1, ..line("torch", 1e-4) };
        let lines = [line(OURS, 1e-4), line("torch", 8e-4), one];
        let rows = rows(&[gradient()], &[1, 2], &lines);
        let costs: Vec<_> = rows.iter().map(|row| row.cost(1).unwrap()).collect();
        assert_eq!((costs[0], costs[1]), (0.5 * 1e-4, 1e-4));
        assert_eq!((rows[0].ratio(), rows[1].ratio()), (None, Some(1.0)));
    }

    #[test]
    fn planes_are_rates_and_first_products_have_a_limit() {
        let plane = find("lenet5/plane").unwrap();
        let lines = [Line { workload: plane.name(), ..line(OURS, 0.3) }];
        assert_eq!(rows(&[plane], &[2], &lines)[0].shown(Some(0.3)), "3.33 /s");
        let first = find("gpt/first-product").unwrap();
        let lines = [Line { workload: first.name(), ..line(OURS, 0.3) }];
        assert_eq!(rows(&[first], &[2], &lines)[0].judged(), ["–", "≤ 0.2 s", "no"]);
    }
}
