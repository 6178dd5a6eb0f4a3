//! The measurements side by side.

use std::fmt::Write as _;

use super::line::Line;
use super::workload::Workload;

/// By how much, relatively, the checks of two peers may differ: f32 sums in
/// another order, carried through 280 steps of Adam.
const AGREEMENT: f64 = 1e-3;

const OURS: &str = "thalweg";

/// A table with the peers' times, and how many times as fast as each Thalweg is.
pub fn render(workloads: &[&Workload], lines: &[Line]) -> String {
    let mut table = format!(
        "{:<22}{:>10}{:>12}{:>12}{:>12}{:>10}{:>10}{:>10}\n",
        "workload", "a", "thalweg", "torch", "jax", "torch/us", "jax/us", "aim"
    );
    for workload in workloads {
        let seconds = |peer: &str| seconds(lines, peer, workload.name);
        let ratio = |peer: &str| Some(seconds(peer)? / seconds(OURS)?);
        let fastest = [ratio("torch"), ratio("jax")].into_iter().flatten().reduce(f64::min);
        let aim = workload.aim.map_or(String::new(), |aim| match fastest {
            Some(fastest) if fastest >= aim => format!("≥{aim} yes"),
            Some(_) => format!("≥{aim} no"),
            None => format!("≥{aim}"),
        });
        let times = [OURS, "torch", "jax"].map(|peer| seconds(peer).map_or("-".to_owned(), time));
        let ratios =
            ["torch", "jax"].map(|peer| ratio(peer).map_or("-".to_owned(), |ratio| format!("{ratio:.2}")));
        let row = format!(
            "{:<22}{:>10}{:>12}{:>12}{:>12}{:>10}{:>10}{aim:>10}",
            workload.name, workload.unit, times[0], times[1], times[2], ratios[0], ratios[1]
        );
        let _ = writeln!(table, "{}", row.trim_end());
    }
    table
}

/// Workloads on which the peers' checks do not agree.
pub fn disagreements(workloads: &[&Workload], lines: &[Line]) -> Vec<String> {
    let mut found = Vec::new();
    for workload in workloads {
        let checks: Vec<&Line> = lines.iter().filter(|line| line.workload == workload.name).collect();
        let Some((first, rest)) = checks.split_first() else { continue };
        for other in rest {
            if (first.check - other.check).abs() > AGREEMENT * first.check.abs().max(other.check.abs()) {
                found.push(format!(
                    "{}: {} found {}, {} found {}",
                    workload.name, first.peer, first.check, other.peer, other.check
                ));
            }
        }
    }
    found
}

fn seconds(lines: &[Line], peer: &str, workload: &str) -> Option<f64> {
    lines.iter().find(|line| line.peer == peer && line.workload == workload).map(|line| line.seconds)
}

fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => format!("{:.1} µs", s * 1e6),
        s if s < 1.0 => format!("{:.2} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::workload::WORKLOADS;
    use super::*;

    fn line(peer: &str, seconds: f64, check: f64) -> Line {
        let (peer, workload) = (peer.to_owned(), "digits-gradient".to_owned());
        Line { peer, workload, seconds, median: seconds, variant: String::new(), check }
    }

    #[test]
    fn ratios_and_aims_are_shown() {
        let row = |ours: f64| {
            let lines = [line(OURS, ours, 1.0), line("torch", 8e-4, 1.0), line("jax", 4e-4, 1.0)];
            let table = render(&[&WORKLOADS[0]], &lines);
            table.lines().nth(1).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(row(1e-4), "digits-gradient gradient 100.0 µs 800.0 µs 400.0 µs 8.00 4.00 ≥3 yes");
        assert!(row(2e-4).ends_with("4.00 2.00 ≥3 no"));
        let alone = render(&[&WORKLOADS[0]], &[line("jax", 2.0, 1.0)]);
        assert!(alone.ends_with("≥3\n") && alone.contains("2.00 s"), "{alone}");
    }

    #[test]
    fn differing_checks_are_found() {
        let differing =
            |check: f64| disagreements(&[&WORKLOADS[0]], &[line("jax", 1.0, 1.0), line("torch", 1.0, check)]);
        assert!(differing(1.0005).is_empty());
        assert_eq!(differing(1.01), ["digits-gradient: jax found 1, torch found 1.01"]);
    }
}
