//! Critical points of functions whose points are all known.

use crate::run::{Bench, number};

#[test]
fn himmelblaus_points_are_found_joined_and_drawn() {
    let bench = Bench::new();
    let line = "critical --problem himmelblau --starts 15 --grid 21";
    let results = bench.results(&format!("{line} --threads 1 --out run"));
    let critical = &results["critical"];
    let points = critical["points"].as_array().unwrap();
    let count = |index: u64| points.iter().filter(|p| p["index"]["at_least"] == index).count();
    assert_eq!([count(0), count(1), count(2)], [4, 4, 1]);
    // Himmelblau 1972: four minima of value 0; the maximum is the highest of all.
    assert!(points[..4].iter().all(|p| number(&p["value"]).abs() < 1e-9));
    assert!((number(&points[8]["value"]) - 181.6165215225827).abs() < 1e-9);
    assert!(points.iter().all(|p| p["index"]["exact"] == true && number(&p["gradient_norm"]) < 1e-8));
    assert_eq!(
        (critical["degree"]["expected"].as_i64(), critical["degree"]["sum"].as_i64()),
        (Some(1), Some(1))
    );
    // Each saddle stands between two of the minima, and all of them are joined.
    for pass in critical["passes"].as_array().unwrap() {
        let ends: Vec<u64> =
            pass["ends"].as_array().unwrap().iter().map(|end| end.as_u64().unwrap()).collect();
        assert!(ends[0] != ends[1] && ends.iter().all(|end| *end < 4), "{pass}");
    }
    let levels: Vec<f64> =
        critical["tree"]["merges"].as_array().unwrap().iter().map(|merge| number(&merge["level"])).collect();
    let expected = [13.31192627040559, 67.71915008752615, 104.0151629175581];
    assert!(
        levels.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9) && levels.len() == 3,
        "{levels:?}"
    );

    bench.succeed(&format!("{line} --threads 2 --out other --quiet"));
    for file in ["results.json", "critical.npz"] {
        let [a, b] = ["run", "other"].map(|run| bench.read(&format!("{run}/{file}")));
        assert!(a == b, "{file} depends on the threads");
    }
    let text = bench.succeed(&format!("{line} --out words"));
    assert!(text.contains("9: 4 minima, 4 saddles, 1 maximum") && text.contains("consistent"), "{text}");
    let message = bench.fail("critical --problem himmelblau --dtype f32 --out no", 1);
    assert!(message.contains("f64"), "{message}");
    let message = bench.fail("critical --problem rosenbrock:3 --from box --out no", 1);
    assert!(message.contains("--interval"), "{message}");
}
