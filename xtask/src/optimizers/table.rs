//! The measurements side by side.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::line::Line;
use super::{KINDS, Kind};
use crate::peers::machine::Machine;
use crate::peers::table::time;

/// What was measured where.
pub fn head(lines: &[Line], machine: &Machine) -> String {
    let versions: BTreeSet<&str> = lines.iter().map(|line| line.version.as_str()).collect();
    let versions = versions.into_iter().collect::<Vec<_>>().join(", ");
    let Machine { date, processor, cores, compiler, commit } = machine;
    format!(
        "# Optimizers beside others\n\n\
         Measured on {date} on {processor} with {cores} cores: {versions}; {compiler}, commit {commit}.\n\n\
         `cargo xtask bench-optimizers --markdown docs/optimizers-benchmarks.md` writes this page;\n\
         [bench/peers](../bench/peers/README.md#optimizers) says what is measured. A run begins at (−1.2, 1, −1.2, 1, …)\n\
         and ends at the first gradient whose largest entry is within 10⁻⁵. Times are the least processor time of a run\n\
         on one thread. *Equivalents* are all evaluations in gradients: a value counts a third, a Hessian product two.\n\
         The ratios say how many times as much as ours a peer needs: above 1, ours is better.\n"
    )
}

/// A table for each kind of method, and what was not measured.
pub fn tables(lines: &[Line], missing: &[String]) -> String {
    let mut text = String::new();
    for kind in &KINDS {
        let _ = writeln!(
            text,
            "\n## {}\n\n| Problem | Method | Values | Gradients | Products | Equivalents | × as many | Time | × as long | f |\n|{}",
            kind.title,
            "---|".repeat(10)
        );
        for problem in kind.problems {
            rows(&mut text, kind, problem, lines);
        }
    }
    if !missing.is_empty() {
        let _ = writeln!(text, "\n## What did not end\n");
        missing.iter().for_each(|what| _ = writeln!(text, "- {what}"));
    }
    text
}

fn rows(text: &mut String, kind: &Kind, problem: &str, lines: &[Line]) {
    let find = |method: &str| lines.iter().find(|line| line.problem == problem && line.method == method);
    let ours = find(kind.ours);
    for line in kind.methods().filter_map(|(method, _)| find(method)) {
        let ratio = |of: fn(&Line) -> f64| match ours {
            Some(ours) if line.method != ours.method => format!("{:.2}", of(line) / of(ours)),
            _ => String::new(),
        };
        let program = line.version.split(' ').next().unwrap_or_default();
        let [values, gradients, products] = line.counts;
        let _ = writeln!(
            text,
            "| {problem} | {program}: `{}` | {values} | {gradients} | {products} | {:.0} | {} | {} | {} | {:.1e} |",
            line.method,
            line.equivalents(),
            ratio(Line::equivalents),
            time(line.cpu),
            ratio(|line| line.cpu),
            line.value,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::line;
    use super::*;

    #[test]
    fn peers_are_compared_with_ours_of_the_same_kind() {
        let lines = [
            line("trust-region", [0, 10, 20], 1e-3),
            line("trust-krylov", [30, 15, 25], 5e-3),
            line("newton-cg", [0, 10, 10], 1e-4),
        ];
        let text = tables(&lines, &["L-BFGS-B on rosenbrock:1000: it gave up".to_owned()]);
        for part in [
            "\n## Trust-region Newton\n",
            "| rosenbrock:1000 | trust-region: `trust-region` | 0 | 10 | 20 | 50 |  | 1.00 ms |  | 1.0e-12 |\n",
            "| rosenbrock:1000 | trust-krylov: `trust-krylov` | 30 | 15 | 25 | 75 | 1.50 | 5.00 ms | 5.00 | 1.0e-12 |\n",
            "\n- L-BFGS-B on rosenbrock:1000: it gave up\n",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        let machine = Machine {
            date: "2026-11-05".to_owned(),
            processor: "Some CPU".to_owned(),
            cores: 2,
            compiler: "rustc 1.95.0".to_owned(),
            commit: "abc".to_owned(),
        };
        assert!(
            head(&lines, &machine)
                .contains("2026-11-05 on Some CPU with 2 cores: newton-cg 1.0, trust-krylov 1.0")
        );
    }
}
