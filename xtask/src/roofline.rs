//! `cargo xtask roofline`: what fraction of this machine's arithmetic and memory Thalweg reaches, and where the rest goes.
//!
//! The example `roofline` of `thalweg-lab` measures; this draws the table.

mod line;

use std::path::Path;
use std::process::Stdio;

use crate::peers::machine::Machine;
use crate::peers::table::time;
use crate::peers::{example, pinned};
use line::{Limits, Line, Measured, parse};

const HELP: &str = "\
What fraction of this machine's arithmetic and memory Thalweg reaches, and where the rest goes.

Usage: cargo xtask roofline [OPTIONS]

Options:
  --network NAME      Only this network of bench/peers/README.md; may be repeated
  --threads LIST      Numbers of threads [default: 1,2]
  --budget SECONDS    How long each quantity is measured [default: 1]
";

/// What the columns mean.
const LEGEND: &str = "\
time      fastest run, a vector's share where a block is multiplied; kept primal values are not part of it
GFLOP     multiplications and additions of matrix products and convolutions, without those with padding
GFLOP/s   and its share of the rate of a product of 1024 × 1024 matrices on as many threads
M elem.   millions of results of elementwise operations
MB        estimated traffic: products, reductions and the like read their arguments and write their result once,
          an elementwise chain reads what enters it and writes what leaves it; caches are not considered
GB/s      and its share of the triad's rate
floor     the larger of GFLOP and MB at those rates, and its share of the time
On one thread, where the time goes, in shares of it:
peak      the products, had they the rate of the large one
shape     what they take beyond that when each runs alone at its own shape
other     the rest: elementwise chains, reductions, packing shared with nobody, memory
";

/// Measures, and prints the table.
pub fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let Some(options) = Options::parse(arguments)? else {
        print!("{HELP}");
        return Ok(());
    };
    let program = example(root, "roofline")?;
    let (mut limits, mut lines) = (Vec::new(), Vec::new());
    for &threads in &options.threads {
        let mut command = pinned(&program, threads);
        command.args(["--threads", &threads.to_string(), "--budget", &options.budget]);
        command.args(options.networks.iter().flat_map(|network| ["--network", network]));
        let output = command.stderr(Stdio::inherit()).output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("the example ended with {}", output.status));
        }
        for text in String::from_utf8_lossy(&output.stdout).lines() {
            match parse(text)? {
                Line::Limits(found) => limits.push(found),
                Line::Measured(found) => lines.push(found),
            }
        }
    }
    let machine = Machine::here(root);
    println!("{}, {} cores, {}, commit {}", machine.processor, machine.cores, machine.date, machine.commit);
    print!("{}\n{LEGEND}", table(&limits, &lines));
    Ok(())
}

/// Options with their defaults.
struct Options {
    threads: Vec<usize>,
    budget: String,
    networks: Vec<String>,
}

impl Options {
    /// Reads the arguments; `None` when help is asked for. The example judges budget and networks.
    fn parse(arguments: &[String]) -> Result<Option<Self>, String> {
        let mut options = Self { threads: vec![1, 2], budget: "1".to_owned(), networks: Vec::new() };
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            if matches!(name.as_str(), "--help" | "-h") {
                return Ok(None);
            }
            if !HELP.contains(&format!("  {name} ")) {
                return Err(format!("unknown option {name:?}; `--help` lists them"));
            }
            let value = rest.next().ok_or_else(|| format!("{name} lacks its value"))?;
            match name.as_str() {
                "--network" => options.networks.push(value.clone()),
                "--budget" => options.budget.clone_from(value),
                _ => {
                    let counts = value.split(',').map(|count| count.parse().ok().filter(|&count| count > 0));
                    let wrong = || format!("{name} is a list of numbers from 1, found {value:?}");
                    options.threads = counts.collect::<Option<_>>().ok_or_else(wrong)?;
                }
            }
        }
        Ok(Some(options))
    }
}

/// The machine's limits, then a row for each line; lines belong to the limits of their number of threads.
fn table(limits: &[Limits], lines: &[Measured]) -> String {
    let mut text = String::new();
    for Limits { threads, gemm, bandwidth } in limits {
        text += &format!(
            "{threads} threads: {:.0} GFLOP/s in products of 1024 × 1024, {:.1} GB/s in the triad\n",
            gemm / 1e9,
            bandwidth / 1e9
        );
    }
    let headings = [
        ("workload", 24),
        ("threads", 8),
        ("time", 11),
        ("GFLOP", 9),
        ("GFLOP/s", 9),
        ("of it", 7),
        ("M elem.", 9),
        ("MB", 9),
        ("GB/s", 7),
        ("of it", 7),
        ("floor", 11),
        ("of it", 7),
        ("peak", 7),
        ("shape", 7),
        ("other", 7),
    ];
    let row = |cells: Vec<String>| {
        let padded = cells.iter().zip(headings).enumerate().map(|(column, (cell, (_, width)))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        format!("{}\n", padded.collect::<String>().trim_end())
    };
    text += &row(headings.iter().map(|(name, _)| (*name).to_owned()).collect());
    for line in lines {
        if let Some(limits) = limits.iter().find(|limits| limits.threads == line.threads) {
            text += &row(cells(line, limits));
        }
    }
    text
}

fn cells(line: &Measured, limits: &Limits) -> Vec<String> {
    let share = |part: f64| format!("{:.0} %", 100.0 * part);
    let peak = line.flop / limits.gemm;
    let floor = peak.max(line.bytes / limits.bandwidth);
    let mut cells = vec![
        line.workload.clone(),
        line.threads.to_string(),
        time(line.seconds),
        format!("{:.3}", line.flop / 1e9),
        format!("{:.1}", line.flop / line.seconds / 1e9),
        share(peak / line.seconds),
        format!("{:.2}", line.elements / 1e6),
        format!("{:.2}", line.bytes / 1e6),
        format!("{:.1}", line.bytes / line.seconds / 1e9),
        share(line.bytes / limits.bandwidth / line.seconds),
        time(floor),
        share(floor / line.seconds),
    ];
    if let Some(alone) = line.alone {
        let parts = [peak, alone - peak, line.seconds - alone];
        cells.extend(parts.map(|part| share(part / line.seconds)));
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_limits_for_as_many_threads() {
        let limits = [(1, 100e9, 10e9), (2, 200e9, 15e9)].map(|(threads, gemm, bandwidth)| Limits {
            threads,
            gemm,
            bandwidth,
        });
        let line = |threads, alone| Measured {
            workload: "digits/product".to_owned(),
            threads,
            seconds: 0.1,
            flop: 4e9,
            elements: 5e6,
            bytes: 3e8,
            alone,
        };
        let text = table(&limits, &[line(1, Some(0.07)), line(2, None), line(3, None)]);
        let rows: Vec<String> =
            text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(rows[1], "2 threads: 200 GFLOP/s in products of 1024 × 1024, 15.0 GB/s in the triad");
        let one =
            "digits/product 1 100.00 ms 4.000 40.0 40 % 5.00 300.00 3.0 30 % 40.00 ms 40 % 40 % 30 % 30 %";
        let two = "digits/product 2 100.00 ms 4.000 40.0 20 % 5.00 300.00 3.0 20 % 20.00 ms 20 %";
        assert_eq!((&rows[3][..], &rows[4][..], rows.len()), (one, two, 5));
    }

    #[test]
    fn options_are_read_or_mistakes_named() {
        let parse =
            |line: &str| Options::parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>());
        let options = parse("--network mlp --network gpt --threads 2 --budget 0.1").unwrap().unwrap();
        assert_eq!((&options.threads[..], &options.budget[..]), (&[2][..], "0.1"));
        assert_eq!(options.networks, ["mlp", "gpt"]);
        assert!(parse("--help").unwrap().is_none());
        for (line, named) in [("--speed 1", "--speed"), ("--threads 0", "\"0\""), ("--budget", "lacks")] {
            assert!(parse(line).err().unwrap().contains(named));
        }
    }
}
