//! Learning problems by name: trained, studied, raced, on planted data and on given data.

use crate::run::{Bench, number};

/// Two classes that a line tells apart, with noise beside it.
fn table(bench: &Bench) {
    let number = |i: usize| ((i * i) as f64 * 0.7).sin();
    let rows = (0..90).map(|i| {
        let (a, b) = (number(i), number(i + 500));
        format!("{a},{b},{}\n", u8::from(a + 0.2 * b > 0.1))
    });
    bench.write("table.csv", format!("a,b,class\n{}", rows.collect::<String>()));
}

#[test]
fn regressions_are_trained_by_minibatches_to_the_same_bytes_on_any_threads() {
    let bench = Bench::new();
    let line = "train --problem logistic:3000,40 --optimizer svrg --epochs 3 --measure even:3 --quiet";
    bench.succeed(&format!("{line} --threads 1 --out one"));
    bench.succeed(&format!("{line} --threads 3 --memory 40MiB --out three"));
    assert!(bench.read("one/results.json") == bench.read("three/results.json"));
    let results = bench.json("one/results.json");
    let measured = results["training"]["measurements"].as_array().unwrap();
    let loss = |k: usize| number(&measured[k]["data_loss"]);
    assert!((loss(0) - 2f64.ln()).abs() < 1e-13);
    assert!(loss(measured.len() - 1) < 0.6 && number(&measured.last().unwrap()["accuracy"]) > 0.75);
    assert!(number(&measured[0]["sharpness"]["value"]) > 0.0);
    assert_eq!(results["training"]["steps_per_epoch"], 47);
    // The run knows its problem, and the point is its end.
    let point = bench.results("point --weights one --out point");
    assert_eq!(point["subject"], "logistic:3000,40");
    let last = number(&measured.last().unwrap()["loss"]);
    assert!((number(&point["loss"]) - last).abs() < 1e-14);
    assert!(number(&point["noise"]["simple"]) > 0.0);
}

#[test]
fn given_data_have_a_weight_for_each_feature_and_a_bias() {
    let bench = Bench::new();
    table(&bench);
    let line = "point --problem logistic:alpha=0 --data table.csv --minimize --optimizer newton-cg";
    let results = bench.results(&format!("{line} --test-share 0.2 --out run"));
    assert_eq!((results["dimension"].as_u64(), results["examples"].as_u64()), (Some(3), Some(72)));
    assert_eq!(results["subject"], "logistic:alpha=0 on table.csv: 72 examples");
    assert!(number(&results["accuracy"]) > 0.9);
    // The run knows its data.
    let again = bench.results("spectrum --weights run --top 1 --bottom 1 --out again");
    assert_eq!(again["eigenvalues"][0]["value"], results["eigenvalues"][0]["value"]);
    let arrays = bench.succeed("inspect run/weights.safetensors");
    assert!(arrays.contains("weight") && arrays.contains("bias"), "{arrays}");
    // Ten classes: one against the rest, and the words say which.
    let digits =
        bench.results("survey --problem logistic --subset 200 --epochs 1 --grid 3 --top 1 --out digits");
    assert_eq!((digits["dimension"].as_u64(), digits["examples"].as_u64()), (Some(65), Some(200)));
    assert_eq!(digits["subject"], "logistic:class=9 on digits: 200 examples");
    assert!(number(&digits["accuracy"]) > 0.8);
}

/// The Hessian is diag(1/i) and the gradients' covariance has the trace Σ 1/i, wherever one looks.
#[test]
fn the_noisy_quadratic_has_the_noise_that_is_said() {
    let bench = Bench::new();
    let results = bench.results("point --problem noisy-quadratic:4 --at 3,-1,0,2 --out run");
    let harmonic: f64 = (1..=4).map(|i| 1.0 / f64::from(i)).sum();
    assert!((number(&results["noise"]["covariance_trace"]) - harmonic).abs() < 1e-12);
    assert!((number(&results["loss"]) - 0.5 * (9.0 + 0.5 + 1.0)).abs() < 1e-12);
    assert!((number(&results["eigenvalue_min"]) - 0.25).abs() < 1e-12);
    let plane = bench.results(
        "plane --problem noisy-quadratic:2 --at 0,0 --directions axis:0,axis:1 --grid 3 --range 2 --out plane",
    );
    assert!((number(&plane["planes"][0]["values"][0]) - 0.5 * (4.0 + 2.0)).abs() < 1e-12);
}

/// Rules of training are as random as their minibatches; one run of L-BFGS stands for all seeds, and is compared on all.
#[test]
fn races_on_means_over_examples_take_minibatches() {
    let bench = Bench::new();
    let line = "race --problem noisy-quadratic:6 --optimizers sgd:rate=0.1,lbfgs --seeds 6 --budget 30 --trials 1 --batch 4";
    let results = bench.results(&format!("{line} --out race"));
    let race = &results["races"][0];
    assert_eq!((number(&race["least"]), race["least_is_known"].as_bool()), (0.0, Some(true)));
    let runs = |k: usize| race["entrants"][k]["runs"].as_array().unwrap();
    assert_eq!((runs(0).len(), runs(1).len()), (6, 1));
    assert_ne!(runs(0)[0]["value"], runs(0)[1]["value"]);
    let found: Vec<&str> = runs(0)
        .iter()
        .flat_map(|run| run["phases"].as_array().unwrap())
        .filter_map(|phase| phase["obstacle"].as_str())
        .collect();
    assert!(found.contains(&"noise-floor"), "{found:?}");
    assert_eq!(runs(1)[0]["verdict"]["kind"], "minimum");
    let comparison = &race["comparisons"][0];
    assert_eq!((comparison["first"].as_str(), comparison["seeds"].as_u64()), (Some("lbfgs"), Some(6)));
    assert_eq!(race["wins"]["lower"][1][0], 6);
    // Times are in a file of their own, one for each run, and nowhere in the results.
    let timings = bench.json("race/timings.json");
    let timed = timings["races"][0]["entrants"][0]["runs"].as_array().unwrap();
    assert_eq!(timed.len(), 6);
    let curve = timed[0]["curve"].as_array().unwrap();
    assert!(
        number(&timed[0]["seconds"]) > 0.0 && number(&timed[0]["seconds"]) >= number(curve.last().unwrap())
    );
    assert!(curve.windows(2).all(|pair| number(&pair[0]) <= number(&pair[1])));
    let text = String::from_utf8(bench.read("race/results.json")).unwrap();
    assert!(!text.contains("seconds"));
    assert!(bench.json("race/manifest.json")["files"]["timings.json"].is_object());
    // Both kinds of problems in one race.
    let several = bench.results("race --problems rosenbrock:2 logistic:60,3 --optimizers gd,lbfgs --budget 40 --trials 1 --seeds 2 --out several");
    assert_eq!(several["races"].as_array().unwrap().len(), 2);
}
