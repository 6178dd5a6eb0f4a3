//! Races: what they name, what they prove, and that they go on to the same bytes.

use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::run::{Bench, number};

const SADDLE: &str = "race --problem walled-saddle --start 1,0 --budget 600 --seeds 3";

fn entrant<'v>(results: &'v Value, label: &str) -> &'v Value {
    let entrants = results["races"][0]["entrants"].as_array().unwrap();
    entrants
        .iter()
        .find(|entrant| entrant["label"] == label)
        .unwrap_or_else(|| panic!("{label} does not race"))
}

/// Those that go by gradients end at the saddle, which the verdict names and the escape proves; the
/// saddle-aware ones end at a minimum, −1.
#[test]
fn the_saddle_is_named_for_all_that_end_there_and_passed_by_the_others() {
    let bench = Bench::new();
    let stay = ["gd", "momentum", "bb", "cg", "bfgs", "lbfgs", "newton-cg"];
    let pass = ["saddle-free-newton", "arc", "newton-mr", "capped-cg-newton", "negative-curvature-descent"];
    let all = [&stay[..], &pass[..]].concat().join(",");
    let results = bench.results(&format!("{SADDLE} --optimizers {all} --out race"));
    assert_eq!(results["races"][0]["least"], -1.0);
    for label in stay {
        let run = &entrant(&results, label)["runs"][0];
        assert_eq!(run["verdict"]["kind"], "saddle", "{label}");
        assert_eq!(run["verdict"]["index"], 1, "{label}");
        let last = run["phases"].as_array().unwrap().last().unwrap();
        assert_eq!(last["obstacle"], "saddle", "{label}");
        assert_eq!(last["counterfactual"]["remedy"], "escape", "{label}");
        assert_eq!(last["counterfactual"]["proves"], true, "{label}");
        assert!(number(&last["counterfactual"]["changed"]) < -0.9, "{label}");
    }
    for label in pass {
        for run in entrant(&results, label)["runs"].as_array().unwrap() {
            assert_eq!(run["verdict"]["kind"], "minimum", "{label}");
            assert!((number(&run["value"]) + 1.0).abs() < 1e-9, "{label}");
        }
    }
    // All that passed reached every target; nobody else reached the last.
    let successes = |label: &str| number(&entrant(&results, label)["targets"][3]["successes"]);
    assert!(stay.iter().all(|label| successes(label) == 0.0));
    assert!(pass.iter().all(|label| successes(label) > 0.0));
    let minima = results["races"][0]["minima"].as_array().unwrap();
    assert!(
        minima.iter().any(|m| m["verdict"] == "saddle") && minima.iter().any(|m| m["verdict"] == "minimum")
    );
}

const DIGITS: &str = "race --model mlp:64-6-10 --subset 200 --optimizers sgd,adam --seeds 4 --budget 20 \
                      --trials 4 --tuning-seeds 2 --probes 4 --dtype f32";

/// Tuning and reporting on different seeds, the same bytes for any number of threads and after kills.
#[test]
fn a_tuned_race_is_the_same_for_any_threads_and_after_kills() {
    let bench = Bench::new();
    bench.succeed(&format!("{DIGITS} --threads 1 --out one --quiet"));
    bench.succeed(&format!("{DIGITS} --threads 3 --out three --quiet"));
    assert!(bench.read("one/results.json") == bench.read("three/results.json"));
    let line = format!("{DIGITS} --threads 2 --out killed --resume --quiet");
    for pause in [300, 600, 900] {
        let mut child = bench.command(&line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_millis(pause));
        // It may have ended already.
        let _ = child.kill();
        child.wait().unwrap();
    }
    bench.succeed(&line);
    assert!(bench.read("one/results.json") == bench.read("killed/results.json"));

    let results = bench.json("one/results.json");
    let race = &results["races"][0];
    for label in ["sgd", "sgd (tuned)", "adam", "adam (tuned)"] {
        let seeds: Vec<f64> = entrant(&results, label)["runs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|run| number(&run["seed"]))
            .collect();
        assert_eq!(seeds, [0.0, 1.0, 2.0, 3.0], "{label}");
    }
    let tuning = &entrant(&results, "adam (tuned)")["tuning"];
    assert_eq!(tuning["trials"].as_array().unwrap().len(), 4);
    assert!(number(&tuning["cost"]) > 0.0);
    // Three rows against the best, all from the same four seeds.
    assert_eq!(race["comparisons"].as_array().unwrap().len(), 3);
    assert!(number(&race["least"]) < number(&race["start_value"]));
}

/// A race in a file, on two problems, with a search space of its own; options count before the file.
#[test]
fn a_file_describes_a_race() {
    let bench = Bench::new();
    bench.write(
        "race.toml",
        r#"
            problems = ["rosenbrock:2", "walled-saddle"]
            optimizers = ["gd", "momentum:rate=0.001"]
            budget = 5000
            trials = 3
            precisions = [0.1, 0.001]

            [[spaces.momentum.axes]]
            parameter = "rate"
            low = 1e-4
            high = 1e-2
            scale = "log"
        "#,
    );
    let results = bench.results("race --file race.toml --budget 200 --out race");
    assert_eq!(results["run_budget"], 200.0);
    let races = results["races"].as_array().unwrap();
    assert_eq!(races.len(), 2);
    assert_eq!(races[0]["targets"].as_array().unwrap().len(), 2);
    let tuned = races[0]["entrants"].as_array().unwrap().iter().find(|e| !e["tuning"].is_null());
    for trial in tuned.unwrap()["tuning"]["trials"].as_array().unwrap() {
        let text = trial["optimizer"].as_str().unwrap();
        let rate: f64 = text.split("rate=").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
        assert!((1e-4..=1e-2).contains(&rate), "{text}");
    }
    // A problem on the command line counts before those of the file.
    let one = bench.results("race --file race.toml --problem himmelblau --trials 1 --budget 50 --out one");
    let names: Vec<&str> =
        one["races"].as_array().unwrap().iter().map(|race| race["problem"].as_str().unwrap()).collect();
    assert_eq!(names, ["himmelblau"]);
    let report = String::from_utf8(bench.read("race/report.html")).unwrap();
    assert!(report.contains("performance-profile"));
}

#[test]
fn mistakes_in_a_race_are_told_before_it_begins() {
    let bench = Bench::new();
    bench.write("typo.toml", "optimisers = [\"gd\"]\n");
    bench.write("word.toml", "optimizers = [\"gradient\"]\n");
    bench.write(
        "space.toml",
        "[[spaces.gd.axes]]\nparameter = \"gamma\"\nlow = 1\nhigh = 2\nscale = \"log\"\n",
    );
    bench.write("empty.toml", "problems = []\n");
    for (code, line, parts) in [
        (1, "race --file missing.toml", &["missing.toml"][..]),
        (1, "race --file typo.toml --problem walled-saddle", &["typo.toml", "optimisers", "line 1"]),
        (1, "race --file word.toml --problem walled-saddle", &["word.toml", "gradient"]),
        (1, "race --file empty.toml", &["problems", "found none"]),
        (1, "race --problem walled-saddle --file space.toml --optimizers gd", &["gamma"]),
        (1, "race --problem walled-saddle --file space.toml --optimizers lbfgs", &["gd", "does not race"]),
        (1, "race --problem walled-saddle --optimizers gd,gd", &["gd", "twice"]),
        (1, "race --problem walled-saddle --optimizers gd --precisions 2", &["precisions", "2"]),
        (
            1,
            "race --problem rosenbrock --dim 2 --start 1e200,1e200 --optimizers gd --budget 9",
            &["not finite"],
        ),
        (2, "race --problem walled-saddle --optimizers swim", &["swim", "lbfgs"]),
        (2, "race --problem walled-saddle --budget 0", &["--budget"]),
        (2, "race --problem walled-saddle --costs 1", &["--costs", "measured"]),
        (2, "race --problem walled-saddle --problems rosenbrock:2", &["cannot be used with"]),
    ] {
        let message = bench.fail(line, code);
        for part in parts {
            assert!(message.contains(part), "{line}: {part:?} is not in\n{message}");
        }
    }
    // Nothing was left behind.
    assert!(!bench.path("thalweg-runs").exists());
}

/// What was measured at the start is part of the question, which going on does not ask anew.
#[test]
fn measured_costs_are_kept_when_a_race_goes_on() {
    let bench = Bench::new();
    let line =
        "race --problem rosenbrock:4 --optimizers gd,newton-cg --budget 100 --costs measured --out race";
    let first = bench.results(line);
    assert_eq!(bench.results(&format!("{line} --resume")), first);
}

#[test]
fn optimizers_are_listed() {
    let bench = Bench::new();
    let text = bench.succeed("optimizers");
    for name in ["sgd", "adam", "lbfgs", "saddle-free-newton", "arc", "sam", "muon"] {
        assert!(text.contains(&format!("  {name}: ")), "{name}");
    }
    let rows: Value = serde_json::from_str(&bench.succeed("optimizers adam --json")).unwrap();
    assert!(rows.as_array().unwrap().iter().any(|row| row["name"] == "adamw" && row["rate"] == 1e-3));
    assert!(bench.fail("optimizers xyz", 1).contains("xyz"));
}

/// Past the saddle of 5x² − y² + y⁴/4, from the line that leads into it.
#[test]
fn an_escape_leads_to_the_minimum() {
    let bench = Bench::new();
    let line = "point --problem walled-saddle --at 1,0 --minimize --optimizer lbfgs";
    assert_eq!(bench.results(&format!("{line} --out stay"))["verdict"]["kind"], "saddle");
    let results = bench.results(&format!("{line} --escape --out pass"));
    assert_eq!(results["verdict"]["kind"], "minimum");
    assert!((number(&results["loss"]) + 1.0).abs() < 1e-12);
    let escapes = results["descent"]["escapes"].as_array().unwrap();
    assert_eq!((escapes.len(), escapes[0]["kind"].as_str()), (1, Some("saddle")));
    assert!((number(&escapes[0]["curvature"]) + 2.0).abs() < 1e-6);
}

/// The page holds what the command prints, word for word.
#[test]
fn the_page_of_optimizers_is_what_the_command_prints() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/optimizers.md");
    let text = std::fs::read_to_string(page).unwrap();
    let printed = Bench::new().succeed("optimizers");
    assert!(text.contains(&format!("```text\n{}\n```", printed.trim_end())), "renew docs/optimizers.md");
}
