//! `cargo xtask bench-peers`: the same workloads in Thalweg, PyTorch and JAX, as ratios of one run.
//!
//! Every measurement is a process of its own, so that no peer's idle threads
//! disturb another, and the peers take turns within each round. What a peer
//! must print is described in `bench/peers/README.md`.

mod line;
mod options;
mod table;
mod workload;

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::process::{cargo, run as execute};
use line::Line;
use options::{HELP, Options};
use workload::{FIRST_PRODUCT, WORKLOADS, Workload};

/// The package and example that run the workloads in Thalweg.
const PACKAGE: &str = "thalweg-lab";
const EXAMPLE: &str = "bench_workloads";

/// Someone who runs the workloads: a name and a command without its options.
struct Peer {
    name: &'static str,
    program: PathBuf,
    script: Option<PathBuf>,
}

/// Measures every workload with every peer and prints the table.
pub fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let Some(options) = Options::parse(arguments)? else {
        print!("{HELP}");
        return Ok(());
    };
    let peers = peers(root, &options)?;
    let workloads: Vec<&Workload> =
        WORKLOADS.iter().filter(|workload| options.wants(workload.name)).collect();
    let mut lines: Vec<Line> = Vec::new();
    for round in 1..=options.rounds {
        for workload in &workloads {
            for peer in &peers {
                eprintln!("round {round}/{}: {} {}", options.rounds, peer.name, workload.name);
                line::keep_best(&mut lines, measure(peer, workload, &options)?);
            }
        }
    }
    print!("{}", table::render(&workloads, &lines));
    for line in &lines {
        println!("{}", line.json());
    }
    match table::disagreements(&workloads, &lines) {
        differing if differing.is_empty() => Ok(()),
        differing => Err(format!("the peers did not compute the same: {}", differing.join("; "))),
    }
}

fn peers(root: &Path, options: &Options) -> Result<Vec<Peer>, String> {
    let mut peers = Vec::new();
    if options.has_peer("thalweg") {
        execute(&mut cargo(root, &["build", "--release", "--package", PACKAGE, "--example", EXAMPLE]))?;
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let program =
            target.join("release/examples").join(EXAMPLE).with_extension(env::consts::EXE_EXTENSION);
        peers.push(Peer { name: "thalweg", program, script: None });
    }
    for name in ["torch", "jax"] {
        if options.has_peer(name) {
            let mut import = Command::new(&options.python);
            import.args(["-c", &format!("import {name}")]).stderr(Stdio::null());
            if import.status().is_ok_and(|status| status.success()) {
                let script = root.join("bench/peers").join(format!("{name}_peer.py"));
                peers.push(Peer { name, program: options.python.clone(), script: Some(script) });
            } else {
                eprintln!("{name} is left out: {} cannot import it", options.python.display());
            }
        }
    }
    if peers.is_empty() { Err("there is no one to measure".to_owned()) } else { Ok(peers) }
}

/// Runs one peer on one workload.
fn measure(peer: &Peer, workload: &Workload, options: &Options) -> Result<Line, String> {
    let failed = |what: String| format!("{} on {}: {what}", peer.name, workload.name);
    let mut command = Command::new(&peer.program);
    command
        .args(&peer.script)
        .args(["--workload", workload.name, "--threads", &workload.threads.to_string()])
        .args(["--budget", &options.budget.to_string()])
        .stdout(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn().map_err(|error| failed(format!("cannot be started: {error}")))?;
    let mut text = String::new();
    if let Some(output) = child.stdout.take() {
        BufReader::new(output).read_line(&mut text).map_err(|error| failed(error.to_string()))?;
    }
    let arrived = start.elapsed().as_secs_f64();
    let status = child.wait().map_err(|error| failed(error.to_string()))?;
    if !status.success() {
        return Err(failed(format!("ended with {status}")));
    }
    let mut line = Line::parse(&text).map_err(failed)?;
    if (line.peer.as_str(), line.workload.as_str()) != (peer.name, workload.name) {
        return Err(failed(format!("answered for {} on {}", line.peer, line.workload)));
    }
    if workload.name == FIRST_PRODUCT {
        (line.seconds, line.median) = (arrived, arrived);
    }
    Ok(line)
}
