//! `cargo xtask bench-peers`: the same workloads in Thalweg and its peers, as ratios of one run.
//!
//! Every measurement is a process of its own, so that no peer's idle threads
//! disturb another, and the peers take turns within each round. What a peer
//! must print is described in `bench/peers/README.md`.

mod line;
mod log;
pub(crate) mod machine;
mod markdown;
mod options;
mod reference;
pub(crate) mod table;
mod workload;

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::process::{cargo, on_path, run as execute, search_path};
use line::{Answer, keep_best};
use log::Log;
use machine::Machine;
use options::{HELP, Options};
use workload::{FIRST_PRODUCT, Workload};

/// Everybody, in the order of the table; the name of a Python peer's script begins with its name.
const PEERS: [&str; 5] = [OURS, "torch", "jax", "curvlinops", "pyhessian"];
const OURS: &str = "thalweg";

/// The package and example that run the workloads in Thalweg.
const PACKAGE: &str = "thalweg-lab";
const EXAMPLE: &str = "bench_workloads";

/// A measurement that takes so many seconds is not repeated in later rounds.
const LONG: f64 = 30.0;

/// Someone who runs the workloads: a name and a command without its options.
struct Peer {
    name: &'static str,
    program: PathBuf,
    script: Option<PathBuf>,
}

/// A workload that a peer did not do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Refusal {
    peer: String,
    workload: String,
    reason: String,
}

/// Measures every workload with every peer and prints the table.
pub fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let Some(options) = Options::parse(arguments)? else {
        print!("{HELP}");
        return Ok(());
    };
    let reference = reference::load(root)?;
    let mut log = Log::open(options.log.as_deref())?;
    let workloads: Vec<Workload> = workload::all().into_iter().filter(|w| options.wants(w)).collect();
    let (mut lines, mut refusals, mut failures) = (log.lines.clone(), Vec::new(), Vec::new());
    let peers = peers(root, &options)?;
    let mut left = turns(&peers, &workloads, &options.threads);
    left.retain(|(peer, workload, threads)| !log.has(peer.name, &workload.name(), *threads));
    for round in 1..=options.rounds {
        let mut again = Vec::new();
        for turn in left {
            let (peer, workload, threads) = turn;
            let (peer_name, workload_name) = (peer.name.to_owned(), workload.name());
            eprintln!("round {round}/{}: {peer_name} {workload_name}, {threads} threads", options.rounds);
            let start = Instant::now();
            match measure(peer, &workload_name, threads, &options) {
                Ok(Answer::Measured(line)) => {
                    log.append(&line)?;
                    keep_best(&mut lines, line);
                    if start.elapsed().as_secs_f64() < LONG {
                        again.push(turn);
                    }
                }
                Ok(Answer::Missing(reason)) => {
                    refusals.push(Refusal { peer: peer_name, workload: workload_name, reason });
                }
                Err(failure) => {
                    eprintln!("{failure}");
                    failures.push(failure.clone());
                    refusals.push(Refusal { peer: peer_name, workload: workload_name, reason: failure });
                }
            }
        }
        left = again;
    }
    lines.retain(|line| workloads.iter().any(|workload| workload.name() == line.workload));
    let rows = table::rows(&workloads, &options.threads, &lines);
    print!("{}", table::render(&rows));
    for line in &lines {
        println!("{}", line.json());
    }
    if let Some(path) = &options.markdown {
        let page = markdown::page(&rows, &lines, &refusals, &Machine::here(root));
        std::fs::write(path, page).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    failures.extend(reference::disagreements(&lines, &reference));
    if failures.is_empty() { Ok(()) } else { Err(failures.join("; ")) }
}

/// Who does what: the peers take turns.
fn turns<'a>(
    peers: &'a [Peer],
    workloads: &[Workload],
    threads: &[usize],
) -> Vec<(&'a Peer, Workload, usize)> {
    let mut turns = Vec::new();
    for &workload in workloads {
        for &threads in threads.iter().filter(|&&threads| workload.takes(threads)) {
            turns.extend(peers.iter().map(|peer| (peer, workload, threads)));
        }
    }
    turns
}

fn peers(root: &Path, options: &Options) -> Result<Vec<Peer>, String> {
    let mut peers = Vec::new();
    for name in PEERS.into_iter().filter(|name| options.has_peer(name)) {
        if name == OURS {
            peers.push(Peer { name, program: example(root, EXAMPLE)?, script: None });
            continue;
        }
        let mut import = Command::new(&options.python);
        import.args(["-c", &format!("import {name}")]).stderr(Stdio::null());
        if import.status().is_ok_and(|status| status.success()) {
            let script = root.join("bench/peers").join(format!("{name}_peer.py"));
            peers.push(Peer { name, program: options.python.clone(), script: Some(script) });
        } else {
            eprintln!("{name} is left out: {} cannot import it", options.python.display());
        }
    }
    if peers.is_empty() { Err("there is no one to measure".to_owned()) } else { Ok(peers) }
}

/// Builds an example of the lab for speed, and says where it is.
pub(crate) fn example(root: &Path, name: &str) -> Result<PathBuf, String> {
    execute(&mut cargo(root, &["build", "--release", "--package", PACKAGE, "--example", name]))?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release/examples").join(name).with_extension(env::consts::EXE_EXTENSION))
}

/// A command that may use so many processors and no others, where the system can say so.
pub(crate) fn pinned(program: &Path, threads: usize) -> Command {
    match (on_path("taskset", &search_path()), machine::first_processors(threads)) {
        (Some(taskset), Some(processors)) => {
            let mut command = Command::new(taskset);
            command.args(["-c", &processors]).arg(program);
            command
        }
        _ => Command::new(program),
    }
}

/// Runs one peer on one workload.
fn measure(peer: &Peer, workload: &str, threads: usize, options: &Options) -> Result<Answer, String> {
    let failed = |what: String| format!("{} on {workload}, {threads} threads: {what}", peer.name);
    let mut command = pinned(&peer.program, threads);
    command
        .args(&peer.script)
        .args(["--workload", workload, "--threads", &threads.to_string()])
        .args(["--budget", &options.budget.to_string()])
        .args((options.compile && peer.name == "torch").then_some("--compile"))
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
    let answer = Answer::parse(&text).map_err(failed)?;
    let Answer::Measured(mut line) = answer else { return Ok(answer) };
    if (line.peer.as_str(), line.workload.as_str(), line.threads) != (peer.name, workload, threads) {
        return Err(failed(format!("answered for {} on {}", line.peer, line.workload)));
    }
    if workload.ends_with(FIRST_PRODUCT) {
        (line.seconds, line.median) = (arrived, arrived);
    }
    Ok(Answer::Measured(line))
}
