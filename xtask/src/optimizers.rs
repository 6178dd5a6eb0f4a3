//! `cargo xtask bench-optimizers`: the same problems solved by Thalweg, the crate basin and SciPy, as ratios of one run.
//!
//! The example `bench_optimizers` of `thalweg-lab` runs our methods and, by our adapters, basin's;
//! `bench/peers/scipy_optimizers.py` runs SciPy's. `bench/peers/README.md` says what is measured.

mod line;
mod table;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::peers::machine::Machine;
use crate::peers::{example, pinned};
use line::{Answer, keep_best};

const HELP: &str = "\
The same problems solved by Thalweg, the crate basin and SciPy, as ratios of one run.

Usage: cargo xtask bench-optimizers [OPTIONS]

Options:
  --python PATH       A Python that has SciPy; without one SciPy is left out [default: python3]
  --rounds N          Rounds in which the programs take turns; the fastest counts [default: 3]
  --budget SECONDS    How long each method is measured on each problem [default: 1]
  --markdown FILE     Write the table there too, with date, machine and versions
";

/// A kind of method, the problems that it is tried on, and its names: ours, basin's, and SciPy's.
struct Kind {
    title: &'static str,
    problems: &'static [&'static str],
    ours: &'static str,
    basin: Option<&'static str>,
    scipy: &'static [&'static str],
}

const KINDS: [Kind; 3] = [
    Kind {
        title: "L-BFGS, ten pairs",
        problems: &["rosenbrock:100", "rosenbrock:1000"],
        ours: "lbfgs",
        basin: Some("basin-lbfgs"),
        scipy: &["L-BFGS-B"],
    },
    Kind {
        title: "Trust-region Newton",
        problems: &["rosenbrock:100", "rosenbrock:1000"],
        ours: "trust-region",
        basin: Some("basin-trust-region"),
        scipy: &["trust-krylov", "trust-ncg"],
    },
    Kind {
        title: "Newton-CG with a line search",
        problems: &["rosenbrock:100", "rosenbrock:1000"],
        ours: "newton-cg",
        basin: None,
        scipy: &["Newton-CG"],
    },
];

/// Measures every method on every problem and prints the table.
pub fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let Some(options) = Options::parse(arguments)? else {
        print!("{HELP}");
        return Ok(());
    };
    let ours = example(root, "bench_optimizers")?;
    let script = root.join("bench/peers/scipy_optimizers.py");
    let scipy = imports_scipy(&options.python);
    if !scipy {
        eprintln!("scipy is left out: {} cannot import it", options.python.display());
    }
    let (mut lines, mut missing) = (Vec::new(), Vec::new());
    for round in 1..=options.rounds {
        for kind in &KINDS {
            for problem in kind.problems {
                for (method, foreign) in kind.methods().filter(|(_, foreign)| scipy || !foreign) {
                    eprintln!("round {round}/{}: {method} on {problem}", options.rounds);
                    let mut command = if foreign {
                        let mut command = pinned(&options.python, 1);
                        command.arg(&script);
                        command
                    } else {
                        pinned(&ours, 1)
                    };
                    command.args(["--problem", problem, "--method", method]);
                    command.args(["--budget", &options.budget]);
                    match measure(&mut command).map_err(|what| format!("{method} on {problem}: {what}"))? {
                        Answer::Measured(mut line) => {
                            if kind.basin == Some(method) {
                                line.version = format!("basin {}", locked(root, "basin")?);
                            }
                            keep_best(&mut lines, line)?;
                        }
                        Answer::Missing(reason) => missing.push(format!("{method} on {problem}: {reason}")),
                    }
                }
            }
        }
    }
    missing.sort();
    missing.dedup();
    let text = table::tables(&lines, &missing);
    print!("{text}");
    if let Some(path) = &options.markdown {
        let page = format!("{}{text}", table::head(&lines, &Machine::here(root)));
        std::fs::write(path, page).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

impl Kind {
    /// All methods, ours first, and whether SciPy has it.
    fn methods(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let here = [Some(self.ours), self.basin].into_iter().flatten();
        here.map(|method| (method, false)).chain(self.scipy.iter().map(|method| (*method, true)))
    }
}

/// The version of a dependency.
fn locked(root: &Path, name: &str) -> Result<String, String> {
    let path = root.join("Cargo.lock");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let entry = text.split_once(&format!("\nname = \"{name}\"\nversion = \"")).map(|(_, rest)| rest);
    let version = entry.and_then(|rest| rest.split('"').next());
    version.map(String::from).ok_or_else(|| format!("{} does not name {name}", path.display()))
}

fn imports_scipy(python: &Path) -> bool {
    let mut import = Command::new(python);
    import.args(["-c", "import scipy.optimize"]).stderr(Stdio::null());
    import.status().is_ok_and(|status| status.success())
}

fn measure(command: &mut Command) -> Result<Answer, String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("ended with {}", output.status));
    }
    Answer::parse(&String::from_utf8_lossy(&output.stdout))
}

/// Options with their defaults.
#[derive(Debug, PartialEq)]
struct Options {
    python: PathBuf,
    rounds: usize,
    budget: String,
    markdown: Option<PathBuf>,
}

impl Options {
    /// Reads the arguments; `None` when help is asked for.
    fn parse(arguments: &[String]) -> Result<Option<Self>, String> {
        let mut options =
            Self { python: "python3".into(), rounds: 3, budget: "1".to_owned(), markdown: None };
        let mut rest = arguments.iter().map(String::as_str);
        while let Some(name) = rest.next() {
            if matches!(name, "--help" | "-h") {
                return Ok(None);
            }
            if !HELP.contains(&format!("  {name} ")) {
                return Err(format!("unknown option {name:?}; `--help` lists them"));
            }
            let value = rest.next().ok_or_else(|| format!("{name} lacks its value"))?;
            let wrong = |expected: &str| format!("{name} is {expected}, found {value:?}");
            match name {
                "--python" => options.python = value.into(),
                "--markdown" => options.markdown = Some(value.into()),
                "--rounds" => {
                    let rounds = value.parse().ok().filter(|&rounds| rounds > 0);
                    options.rounds = rounds.ok_or_else(|| wrong("a number from 1"))?;
                }
                _ => {
                    let seconds = value.parse().ok().filter(|&s: &f64| s >= 0.0 && s.is_finite());
                    seconds.ok_or_else(|| wrong("a number of seconds"))?;
                    options.budget = value.to_owned();
                }
            }
        }
        Ok(Some(options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Options>, String> {
        Options::parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read() {
        let options =
            parse("--rounds 2 --python /usr/bin/python3 --budget 0.5 --markdown a.md").unwrap().unwrap();
        assert_eq!((options.rounds, options.budget.as_str()), (2, "0.5"));
        assert_eq!((options.python, options.markdown), ("/usr/bin/python3".into(), Some("a.md".into())));
        assert_eq!(parse("--rounds 2 --help"), Ok(None));
        for (line, expected) in [
            ("--rounds 0", "a number from 1"),
            ("--budget soon", "a number of seconds"),
            ("--budget", "lacks its value"),
            ("--fast", "unknown option"),
        ] {
            assert!(parse(line).unwrap_err().contains(expected), "{line}");
        }
    }

    #[test]
    fn versions_of_dependencies_are_known() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        assert!(locked(&root, "basin").unwrap().starts_with(|c: char| c.is_ascii_digit()));
        assert!(locked(&root, "basi").unwrap_err().contains("does not name basi"));
    }

    #[test]
    fn the_page_of_the_benchmark_and_the_script_name_every_method() {
        let read = |file: &str| {
            std::fs::read_to_string(format!("{}/../bench/peers/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
        };
        let (page, script) = (read("README.md"), read("scipy_optimizers.py"));
        for kind in &KINDS {
            for (method, foreign) in kind.methods() {
                assert!(page.contains(&format!("`{method}`")), "{method}");
                assert!(!foreign || script.contains(&format!("\"{method}\"")), "{method}");
            }
        }
    }
}
