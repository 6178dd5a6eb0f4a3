//! The measurements as a page.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::line::Line;
use super::machine::Machine;
use super::table::{Row, time};
use super::workload::QUANTITIES;
use super::{PEERS, Refusal};

/// The page: what was measured where, a table for each quantity, and every line.
pub fn page(rows: &[Row], lines: &[Line], refusals: &[Refusal], machine: &Machine) -> String {
    let mut text = head(lines, machine);
    for quantity in QUANTITIES {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.workload.quantity == quantity).collect();
        if rows.is_empty() {
            continue;
        }
        let what = if quantity.name == "plane" {
            "evaluations a second".to_owned()
        } else {
            format!("time a {}", quantity.unit)
        };
        let _ = writeln!(text, "\n## {}\n\nIn the peers' columns: {what}.\n", quantity.title);
        let mut heading = vec!["Network", "Threads"];
        heading.extend(PEERS);
        heading.extend(["× as fast", "Aim", "Met", "Fastest peer"]);
        table(&mut text, &heading, rows.iter().map(|row| cells(row)));
    }
    let _ = writeln!(
        text,
        "\n## Every measurement\n\nSeconds a unit, of the fastest way that each program has.\n"
    );
    let heading = ["Workload", "Threads", "Program", "Fastest", "Median", "Processor", "Way"];
    table(&mut text, &heading, lines.iter().map(measurement));
    if !refusals.is_empty() {
        let _ = writeln!(text, "\n## What was not measured\n");
        for Refusal { peer, workload, reason } in refusals.iter().collect::<BTreeSet<_>>() {
            let _ = writeln!(text, "- {peer}, `{workload}`: {}", reason.replace('\n', " "));
        }
    }
    text
}

fn head(lines: &[Line], machine: &Machine) -> String {
    let versions: BTreeSet<&str> = lines.iter().map(|line| line.version.as_str()).collect();
    let versions = versions.into_iter().collect::<Vec<_>>().join(", ");
    let Machine { date, processor, cores, compiler, commit } = machine;
    format!(
        "# Benchmarks\n\n\
         Measured on {date} on {processor} with {cores} cores: {versions}; {compiler}, commit {commit}.\n\n\
         `cargo xtask bench-peers --markdown docs/benchmarks.md` writes this page. Networks, data and what counts as\n\
         a repetition are defined in [bench/peers](../bench/peers/README.md). Of each program the fastest of its ways\n\
         counts, and its fastest repetition: by the clock, but on one thread its processor time, which other programs\n\
         on the machine disturb less. Who may use two threads may also use one. `–` stands for what a program does\n\
         not do, or was not asked to do here.\n"
    )
}

fn cells(row: &Row) -> Vec<String> {
    let mut cells = vec![row.workload.network.to_owned(), row.threads.to_string()];
    cells.extend((0..PEERS.len()).map(|peer| row.shown(row.cost(peer))));
    cells.extend(row.judged());
    cells.push(row.fastest_peer().map_or(String::new(), |line| format!("{}: {}", line.peer, line.variant)));
    cells
}

fn measurement(line: &Line) -> Vec<String> {
    vec![
        format!("`{}`", line.workload),
        line.threads.to_string(),
        line.peer.clone(),
        time(line.seconds),
        time(line.median),
        time(line.cpu),
        line.variant.clone(),
    ]
}

fn table(text: &mut String, heading: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let _ = writeln!(text, "| {} |", heading.join(" | "));
    let _ = writeln!(text, "|{}", "---|".repeat(heading.len()));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::line;
    use super::super::workload::tests::find;
    use super::super::{OURS, table};
    use super::*;

    #[test]
    fn the_page_has_what_was_measured_and_what_was_not() {
        let machine = Machine {
            date: "2026-11-05".to_owned(),
            processor: "Some CPU".to_owned(),
            cores: 2,
            compiler: "rustc 1.95.0".to_owned(),
            commit: "abc".to_owned(),
        };
        let lines = [line(OURS, 1e-4), line("jax", 4e-4)];
        let refusal = |peer: &str| Refusal {
            peer: peer.to_owned(),
            workload: "gpt/ggn".to_owned(),
            reason: "not\nyet".to_owned(),
        };
        let rows = table::rows(&[find("digits/gradient").unwrap()], &[2], &lines);
        let page = page(&rows, &lines, &[refusal(OURS), refusal(OURS)], &machine);
        for part in [
            "2026-11-05 on Some CPU with 2 cores: jax 1.0, thalweg 1.0; rustc 1.95.0, commit abc",
            "\n## Gradient\n",
            "| digits | 2 | 100 µs | – | 400 µs | – | – | 4.00 | ≥ 3 | yes | jax: jax's way |\n",
            "| `digits/gradient` | 2 | jax | 400 µs | 800 µs | 200 µs | jax's way |\n",
        ] {
            assert!(page.contains(part), "{part} is not in\n{page}");
        }
        assert_eq!(page.matches("- thalweg, `gpt/ggn`: not yet\n").count(), 1);
        assert!(!page.contains("Hessian product\n"));
    }
}
