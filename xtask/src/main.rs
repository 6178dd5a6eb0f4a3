//! The project's own chores: `cargo xtask help` lists them.

#![forbid(unsafe_code)]

mod browser;
mod check;
mod optimizers;
mod peers;
mod process;
mod roofline;
mod tidy;
mod totals;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
The project's own chores.

Usage: cargo xtask <COMMAND>

Commands:
  test         Everything that must hold before a change lands; ends with the test counts
  tidy         The rules of the source tree alone: dependency arrows, file length, documentation, ...
  bench-peers  The same workloads in Thalweg and its peers, as ratios of one run (`--help` for options)
  bench-optimizers
               The same problems solved by Thalweg, basin and SciPy, as ratios of one run (`--help` for options)
  roofline     What fraction of this machine's arithmetic and memory Thalweg reaches (`--help` for options)
  help         This text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let root = root();
    let outcome = match arguments.first().map(String::as_str) {
        Some("test") => return check::run(&root),
        Some("tidy") => tidy::run(&root).map(|summary| println!("{summary}")),
        Some("bench-peers") => peers::run(&root, &arguments[1..]),
        Some("bench-optimizers") => optimizers::run(&root, &arguments[1..]),
        Some("roofline") => roofline::run(&root, &arguments[1..]),
        None | Some("help" | "--help" | "-h") => {
            print!("{HELP}");
            Ok(())
        }
        Some(other) => Err(format!("there is no chore named {other:?}; `cargo xtask help` lists them")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}
