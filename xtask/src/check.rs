//! `cargo xtask test`: everything that must hold, in order.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::process::{cargo, on_path, run as execute, search_path, stream};
use crate::totals::Totals;
use crate::{browser, tidy};

/// The steps in order: the cheap ones first.
const STEPS: [(&str, fn(&mut Check) -> Result<(), String>); 9] = [
    ("Format", format),
    ("Tidy", tidy),
    ("Clippy", clippy),
    ("Documentation", documentation),
    ("Front end", front_end),
    ("WebAssembly", web_assembly),
    ("Browser", find_browser),
    ("Tests", tests),
    ("Documentation tests", documentation_tests),
];

/// What a run of the steps carries along.
struct Check<'a> {
    root: &'a Path,
    browser: Option<PathBuf>,
    totals: Totals,
    skipped: Vec<String>,
}

/// Runs every step, stops at the first that fails, and ends with the test counts.
pub fn run(root: &Path) -> ExitCode {
    let mut check = Check { root, browser: None, totals: Totals::default(), skipped: Vec::new() };
    let mut failure = None;
    for (name, step) in STEPS {
        println!("\n== {name}");
        if let Err(message) = step(&mut check) {
            check.totals.failed = check.totals.failed.max(1);
            failure = Some(format!("{name}: {message}"));
            break;
        }
    }
    println!();
    for skipped in &check.skipped {
        println!("Skipped: {skipped}");
    }
    if let Some(message) = &failure {
        println!("Stopped at {message}");
    }
    println!("{}", check.totals);
    if failure.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn format(check: &mut Check) -> Result<(), String> {
    execute(&mut cargo(check.root, &["fmt", "--all", "--check"]))
}

fn tidy(check: &mut Check) -> Result<(), String> {
    tidy::run(check.root).map(|summary| println!("{summary}"))
}

fn clippy(check: &mut Check) -> Result<(), String> {
    execute(&mut cargo(check.root, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn documentation(check: &mut Check) -> Result<(), String> {
    execute(cargo(check.root, &["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Checks the front end's types, tests and committed bundle. Building Thalweg
/// does without npm, so its absence skips this step.
fn front_end(check: &mut Check) -> Result<(), String> {
    if on_path("npm", &search_path()).is_none() {
        return check.skip("the front end's own check: npm is not installed");
    }
    let folder = check.root.join("web");
    let npm = |arguments: &[&str]| {
        let mut command = Command::new("npm");
        command.current_dir(&folder).args(arguments);
        command
    };
    if let Err(message) = execute(&mut npm(&["ci", "--no-audit", "--no-fund"])) {
        return match execute(&mut npm(&["ping"])) {
            Ok(()) => Err(message),
            Err(_) => check.skip("the front end's own check: npm cannot reach its registry"),
        };
    }
    stream(&mut npm(&["run", "check"]), |line| check.totals.read(line))
}

/// Checks that the crates of the browser's engine compile for it, where the target is installed.
fn web_assembly(check: &mut Check) -> Result<(), String> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let listed = Command::new("rustup").args(["target", "list", "--installed"]).output();
    let installed =
        listed.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).lines().any(|t| t == TARGET));
    if !installed {
        return check
            .skip(&format!("the build for {TARGET}: `rustup target add {TARGET}` makes it possible"));
    }
    let crates = ["-p", "thalweg-graph", "-p", "thalweg-lab", "-p", "thalweg-io"];
    execute(cargo(check.root, &["check", "--lib", "--no-default-features", "--target", TARGET]).args(crates))
}

fn find_browser(check: &mut Check) -> Result<(), String> {
    let found = browser::ensure()?;
    println!("{}", found.display());
    check.browser = Some(found);
    Ok(())
}

/// Unit, property, integration and end-to-end tests.
fn tests(check: &mut Check) -> Result<(), String> {
    check.cargo_test("--tests")
}

fn documentation_tests(check: &mut Check) -> Result<(), String> {
    check.cargo_test("--doc")
}

impl Check<'_> {
    fn cargo_test(&mut self, kind: &str) -> Result<(), String> {
        let mut command = cargo(self.root, &["test", "--workspace", "--no-fail-fast", kind]);
        if let Some(browser) = &self.browser {
            command.env(browser::VARIABLE, browser);
        }
        stream(&mut command, |line| self.totals.read(line))
    }

    fn skip(&mut self, what: &str) -> Result<(), String> {
        println!("Skipped: {what}");
        self.skipped.push(what.to_owned());
        Ok(())
    }
}
