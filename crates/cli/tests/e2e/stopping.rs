//! When a descent ends, and what it says of that.

use serde_json::Value;

use crate::run::{Bench, number};

fn descent(bench: &Bench, options: &str) -> Value {
    let folder = options.split_whitespace().count();
    let line = format!("point --minimize {options} --out run-{folder} --replace");
    bench.results(&line)["descent"].clone()
}

#[test]
fn tests_budgets_and_stalling_end_a_descent() {
    let bench = Bench::new();
    let valley = "--problem rosenbrock:10 --optimizer lbfgs";
    let usual = descent(&bench, valley);
    assert!(number(&usual["ending"]["converged"]["gradient_norm"]) <= 1e-8);
    let iterations = |descent: &Value| descent["iterations"].as_u64().unwrap();

    let step = descent(&bench, &format!("{valley} --until relative-step=1e-4"));
    let ending = &step["ending"]["small_step"];
    assert!(number(&ending["length"]) <= number(&ending["threshold"]), "{step}");
    assert!(iterations(&step) < iterations(&usual));

    let value = descent(&bench, &format!("{valley} --until value=1e-3"));
    assert_eq!(value["ending"]["small_change"]["threshold"], 1e-3);

    let all = descent(&bench, &format!("{valley} --until value=1e-3,gradient=1e-3 --until-all"));
    let tests = all["ending"]["all"].as_array().unwrap();
    assert!(number(&tests[0]["converged"]["gradient_norm"]) <= 1e-3);
    assert!(number(&tests[1]["small_change"]["change"]) <= 1e-3);
    assert!(iterations(&value) < iterations(&all));

    let target = descent(&bench, &format!("{valley} --until target=5 --escape"));
    assert!(number(&target["ending"]["target"]["value"]) <= 5.0);
    assert_eq!(target["escapes"], Value::Array(Vec::new()));

    let budget = descent(&bench, &format!("{valley} --within gradients=7"));
    assert_eq!(budget["ending"]["stopped"]["reason"], "budget");
    assert_eq!(budget["counts"]["gradients"], 7);

    // Steps of 2/λ: from 1 to −1 and back.
    let stalled = descent(&bench, "--problem quadratic:1 --at 1 --optimizer sgd:rate=2 --stall 20");
    assert_eq!((iterations(&stalled), stalled["ending"]["stalled"]["iterations"].as_u64()), (20, Some(20)));
}

#[test]
fn the_clock_ends_a_descent_and_says_so() {
    let bench = Bench::new();
    let line = "point --problem rosenbrock:2 --minimize --optimizer sgd:rate=1e-9 --until gradient=1e-300 \
                --iterations 1000000000000 --time-limit 1s --out run";
    let text = bench.succeed(line);
    assert!(text.contains("the time limit of 1 s is reached"), "{text}");
    let descent = &bench.json("run/results.json")["descent"];
    let stopped = &descent["ending"]["stopped"];
    assert_eq!((stopped["reason"].as_str(), number(&stopped["limit"])), (Some("time"), 1.0));
    let spent = number(&stopped["spent"]);
    assert!(spent > 1.0 && spent < 60.0 && descent["iterations"].as_u64().unwrap() > 100, "{descent}");
    assert!(bench.fail("point --problem rosenbrock:2 --time-limit 1s", 2).contains("--minimize"));
}
