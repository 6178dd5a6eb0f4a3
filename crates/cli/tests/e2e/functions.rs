//! Analytic functions: what is known of them must come out.

use crate::run::{Bench, number};

#[test]
fn gradient_descent_stops_at_the_walled_saddle_and_is_told_so() {
    let bench = Bench::new();
    let line = "point --problem walled-saddle --at 1,0 --minimize --out run";
    let text = bench.succeed(line);
    assert!(text.contains("A saddle of index 1."), "{text}");
    let results = bench.json("run/results.json");
    let verdict = &results["verdict"];
    assert_eq!((verdict["kind"].as_str(), verdict["index"].as_u64()), (Some("saddle"), Some(1)));
    assert_eq!(verdict["index_exact"], true);
    // 5x² − y² + y⁴/4 at 0: the Hessian is diag(10, −2), the way down is ±y.
    assert!((number(&results["eigenvalues"][0]["value"]) - 10.0).abs() < 1e-12);
    assert!((number(&results["eigenvalue_min"]) + 2.0).abs() < 1e-12);
    assert!((number(&results["trace"]["mean"]) - 8.0).abs() < 1e-12);
    let escape = &verdict["escape"];
    assert!(number(&escape["direction"][0]).abs() < 1e-12);
    assert!((number(&escape["direction"][1]).abs() - 1.0).abs() < 1e-12);
    // At distance 1 the function has fallen by 1 − 1/4; the minimum is at √2.
    assert!(number(&escape["decrease"]) >= 0.75 - 1e-12);
    let survey = bench.results("survey --problem walled-saddle --at 1,0 --grid 21 --out survey");
    assert_eq!(survey["verdict"]["index"], 1);
    let plane = &survey["planes"][0];
    assert_eq!(plane["trajectory"]["points"][0]["u"], 1.0);
    assert_eq!(plane["trajectory"]["points"][0]["plane_loss"], 5.0);
}

#[test]
fn a_formula_is_an_objective() {
    let bench = Bench::new();
    let results = bench.results("point --function 5*x^2-y^2+y^4/4 --at 0,0 --out formula");
    assert_eq!(
        (results["verdict"]["kind"].as_str(), results["verdict"]["index"].as_u64()),
        (Some("saddle"), Some(1))
    );
    assert!((number(&results["eigenvalues"][0]["value"]) - 10.0).abs() < 1e-12);
    assert!((number(&results["eigenvalue_min"]) + 2.0).abs() < 1e-12);
    // The run knows its formula.
    let again = bench.results("spectrum --weights formula --top 1 --bottom 1 --out again");
    assert_eq!(again["eigenvalues"][0]["value"], results["eigenvalues"][0]["value"]);
    let ggn = bench.results("spectrum --problem beale --at 3,0.5 --operator ggn --top 2 --out ggn");
    let hessian = bench.results("spectrum --problem beale --at 3,0.5 --top 2 --out hessian");
    // All residuals vanish there, so that both matrices are the same.
    for k in 0..2 {
        let [a, b] = [&ggn, &hessian].map(|r| number(&r["eigenvalues"][k]["value"]));
        assert!((a - b).abs() < 1e-10 * b, "{a} {b}");
    }
}

#[test]
fn all_problems_are_listed() {
    let bench = Bench::new();
    let text = bench.succeed("problems");
    let rows: serde_json::Value = serde_json::from_str(&bench.succeed("problems --json")).unwrap();
    let rows = rows.as_array().unwrap();
    assert!(rows.len() > 70);
    for row in rows {
        assert!(text.contains(row["usage"].as_str().unwrap()), "{row}");
        assert!(row["dimension"].as_u64().unwrap() > 0, "{row}");
    }
    let noisy = rows.iter().find(|row| row["name"] == "noisy-quadratic").unwrap();
    assert_eq!((noisy["kind"].as_str(), noisy["examples_in_mean"].as_u64()), (Some("learning"), Some(200)));
    let beale = rows.iter().find(|row| row["name"] == "beale").unwrap();
    assert_eq!((beale["least_squares"].as_bool(), beale["known_points"].as_u64()), (Some(true), Some(2)));
    assert_eq!(number(&beale["minimum"]), 0.0);
}

#[test]
fn the_verdict_follows_the_function() {
    let bench = Bench::new();
    for (line, kind, index) in [
        ("--problem rosenbrock:4 --at 1,1,1,1", "minimum", None),
        // Shang & Qiu 2006, to ten digits; the gradient there is some 1e-7.
        (
            "--problem rosenbrock:4 --at -0.6561246357,0.4431200410,0.2043122482,0.0417434948",
            "saddle",
            Some(1),
        ),
        ("--problem monkey-saddle --at 0,0", "degenerate", None),
        ("--problem rosenbrock:4 --at 0,0,0,0", "not_critical", None),
        ("--problem quadratic:1,2,-3 --at 0,0,0", "saddle", Some(1)),
    ] {
        let name = format!("run-{kind}-{}", line.len());
        let results = bench.results(&format!("point {line} --out {name}"));
        assert_eq!(results["verdict"]["kind"], kind, "{line}");
        assert_eq!(results["verdict"]["index"].as_u64(), index, "{line}");
        assert_eq!(results["accuracy"], serde_json::Value::Null);
    }
}

#[test]
fn a_plane_and_a_slice_hold_the_functions_values() {
    let bench = Bench::new();
    let plane = bench.results(
        "plane --problem walled-saddle --at 0,0 --directions axis:0,axis:1 --grid 5x3 --range 2 --out plane",
    );
    let plane = &plane["planes"][0];
    let (u, v) = (plane["u"].as_array().unwrap(), plane["v"].as_array().unwrap());
    assert_eq!((u.len(), v.len()), (5, 3));
    for (row, y) in v.iter().enumerate() {
        for (column, x) in u.iter().enumerate() {
            let (x, y) = (number(x), number(y));
            let expected = 5.0 * x * x - y * y + y.powi(4) / 4.0;
            let found = number(&plane["values"][row * 5 + column]);
            assert!((found - expected).abs() < 1e-12, "({x}, {y}): {found} {expected}");
        }
    }
    let slices = bench.results("slice --problem quadratic:3,1 --at 0,0 --direction top:1 --direction bottom:1 --points 5 --out slice");
    for (slice, lambda) in slices["slices"].as_array().unwrap().iter().zip([3.0, 1.0]) {
        for (t, value) in
            slice["positions"].as_array().unwrap().iter().zip(slice["values"].as_array().unwrap())
        {
            assert!((number(value) - 0.5 * lambda * number(t).powi(2)).abs() < 1e-12);
        }
    }
    let spectrum = bench.results("spectrum --problem quadratic:5,4,3,2,-1 --top 2 --bottom 1 --out spectrum");
    assert!((number(&spectrum["eigenvalues"][1]["value"]) - 4.0).abs() < 1e-12);
    assert_eq!(
        (spectrum["negative_count"].as_u64(), spectrum["eigenvalues"].as_array().unwrap().len()),
        (Some(1), 2)
    );
}
