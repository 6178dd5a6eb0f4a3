//! Kills, interruptions, and going on to the same bytes.

use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::run::{Bench, names};

/// Long enough to be hit in the middle, short enough to wait for.
const LONG: &str =
    "survey --model mlp:64-16-10 --subset 600 --epochs 150 --measure even:40 --grid 25 --quiet";
const FILES: [&str; 5] =
    ["results.json", "training.npz", "point.npz", "plane-trajectory.npz", "weights.safetensors"];

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
}

fn start(bench: &Bench, line: &str) -> Child {
    bench.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let bench = Bench::new();
    let began = Instant::now();
    bench.succeed(&format!("{LONG} --out whole"));
    let whole = began.elapsed();
    let (mut kills, mut finished) = (0, false);
    // Killed again and again, each time a little later in what is left.
    for share in [0.1, 0.25, 0.4, 0.4, 0.5, 0.6] {
        let mut child = start(&bench, &format!("{LONG} --out killed --resume"));
        sleep(whole.mul_f64(share));
        finished = child.try_wait().unwrap().is_some();
        if finished {
            break;
        }
        signal(&child, "-KILL");
        child.wait().unwrap();
        kills += 1;
        assert!(!bench.path("killed/manifest.json").exists());
    }
    assert!(kills >= 2, "only {kills} kills hit");
    if !finished {
        bench.succeed(&format!("{LONG} --out killed --resume"));
    }
    for file in FILES {
        let [a, b] = ["whole", "killed"].map(|run| bench.read(&format!("{run}/{file}")));
        assert!(a == b, "{file} differs after {kills} kills");
    }
    assert_eq!(names(&bench.path("whole")), names(&bench.path("killed")));
}

#[test]
fn ctrl_c_ends_cleanly_and_says_how_to_go_on() {
    let bench = Bench::new();
    let child = start(&bench, &format!("{LONG} --out run"));
    let began = Instant::now();
    while !bench.path("run/.thalweg").exists() && began.elapsed() < Duration::from_secs(20) {
        sleep(Duration::from_millis(5));
    }
    sleep(Duration::from_millis(150));
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(
        stderr.contains("go on with: thalweg survey") && stderr.contains("--out run --resume"),
        "{stderr}"
    );
    assert!(output.stdout.is_empty());

    // Without a word about it the run is left alone; other options are refused.
    let message = bench.fail(&format!("{LONG} --out run"), 1);
    assert!(message.contains("--resume"), "{message}");
    let message = bench.fail(&format!("{LONG} --out run --resume --seed 5"), 1);
    assert!(message.contains("seed was 0, now 5"), "{message}");
    bench.succeed(&format!("{LONG} --out run --resume --threads 1"));
    bench.succeed(&format!("{LONG} --out whole --threads 2"));
    for file in FILES {
        assert!(bench.read(&format!("run/{file}")) == bench.read(&format!("whole/{file}")), "{file} differs");
    }
}

#[test]
fn without_a_name_the_last_run_is_resumed() {
    let bench = Bench::new();
    let line = "train --subset 200 --steps 400000 --measure ends --checkpoints ends --quiet";
    let mut child = start(&bench, line);
    let began = Instant::now();
    let state = bench.path("thalweg-runs/train/.thalweg/training.state.stage");
    while !state.exists() && began.elapsed() < Duration::from_secs(30) {
        sleep(Duration::from_millis(20));
    }
    assert!(state.exists(), "the state is saved every few seconds");
    signal(&child, "-KILL");
    child.wait().unwrap();
    let mut child = start(&bench, &format!("{line} --resume"));
    sleep(Duration::from_millis(200));
    signal(&child, "-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(names(&bench.path("thalweg-runs")), ["train"]);
}
