//! Planes and lines: what is planted in them must be seen.

use std::fs;

use crate::run::{Bench, number};

/// Himmelblau's function: four minima of value 0, and saddles at known levels; the plane is the whole space,
/// so that its minima are minima and its saddles saddles.
#[test]
fn the_basins_of_himmelblaus_function_are_found_and_are_what_they_seem() {
    let bench = Bench::new();
    let text = bench.succeed(
        "plane --problem himmelblau --at 0,0 --directions axis:0,axis:1 --range 5 --grid 101 --follow 8 \
         --export vtp,vtu,csv,hdf5 --out run",
    );
    assert!(text.contains("4 minima, 4 saddles"), "{text}");
    let results = bench.json("run/results.json");
    let topology = &results["planes"][0]["topology"];
    let branches = topology["branches"].as_array().unwrap();
    let deaths: Vec<f64> = branches.iter().skip(1).map(|b| number(&b["persistence"])).collect();
    for (found, expected) in deaths.iter().zip([104.015, 67.719, 13.312]) {
        assert!((found - expected).abs() < 0.5, "{found} {expected}");
    }
    let points = topology["points"].as_array().unwrap();
    assert_eq!(points.len(), 8);
    for point in points {
        let (kind, stationary) = (point["kind"].as_str(), &point["stationary"]);
        assert_eq!(point["full"]["kind"].as_str(), kind, "{point}");
        assert!(number(&stationary["gradient_norm"]) < 1e-4, "{point}");
        if kind == Some("minimum") {
            assert!(number(&stationary["value"]) < 1e-9);
        }
    }
    // The files of other programs.
    let csv = fs::read_to_string(bench.path("run/plane-axis-0-axis-1.csv")).unwrap();
    assert_eq!(csv.lines().count(), 101 * 101 + 1);
    assert!(csv.starts_with("axis 0,axis 1,value\n-5,-5,"), "{}", &csv[..60]);
    for name in ["plane-axis-0-axis-1.vtp", "plane-axis-0-axis-1-points.vtp", "plane-axis-0-axis-1.vtu"] {
        let file = fs::read_to_string(bench.path(&format!("run/{name}"))).unwrap();
        assert!(file.contains("<VTKFile type=") && file.ends_with("</VTKFile>\n"), "{name}");
    }
    assert!(fs::read(bench.path("run/plane-axis-0-axis-1.h5")).unwrap().starts_with(b"\x89HDF"));
}

/// A plane across a saddle of three coordinates that does not see the way down: its bowl is no minimum.
#[test]
fn a_minimum_of_the_slice_is_told_from_one_of_the_function() {
    let bench = Bench::new();
    let results = bench.results(
        "plane --function x^2+2*y^2-3*z^2+z --at 0,0,1 --directions axis:0,axis:1 --grid 11 --limits 0,1 --out run",
    );
    let points = results["planes"][0]["topology"]["points"].as_array().unwrap();
    assert_eq!((points.len(), points[0]["kind"].as_str()), (1, Some("minimum")));
    let full = &points[0]["full"];
    assert_eq!(full["kind"], "not_critical");
    // ∇f = (0, 0, −6 + 1), and the Hessian is diag(2, 4, −6).
    assert!((number(&full["gradient_norm"]) - 5.0).abs() < 1e-9);
    assert!((number(&full["eigenvalue_min"]) + 6.0).abs() < 1e-9);
    let again = bench.results(
        "plane --function x^2+2*y^2-3*z^2+z --at 0,0,2 --directions axis:0,axis:1 --grid 5 --like run --out like",
    );
    assert_eq!(again["planes"][0]["limits"], results["planes"][0]["limits"]);
    assert_eq!(again["planes"][0]["u"][0], -1.0);
}

/// Refined, a plane has the values of the whole grid within the error asked for, from fewer evaluations; the map, the
/// seeds and the errors are resumed and repeated to the same bytes elsewhere, here they must agree with each other.
#[test]
fn refinement_ranges_and_seeds_do_what_they_say() {
    let bench = Bench::new();
    let line = "plane --function exp(-20*(x^2+y^2))+0.1*x --at 0.3,0.2 --directions axis:0,axis:1 --range 2";
    let fine = bench.results(&format!("{line} --grid 129 --follow 0 --out fine"));
    let refined =
        bench.results(&format!("{line} --grid 17 --refine 0.05 --levels 3 --follow 0 --out refined"));
    let (a, b) = (&fine["planes"][0], &refined["planes"][0]);
    let found = &b["refinement"];
    assert!(number(&found["evaluated"]) < 129.0 * 129.0 / 4.0 && found["unresolved"] == 0, "{found}");
    assert_eq!(a["u"], b["u"]);
    let pairs = a["values"].as_array().unwrap().iter().zip(b["values"].as_array().unwrap());
    let worst = pairs.map(|(a, b)| (number(a) - number(b)).abs()).fold(0.0, f64::max);
    assert!(worst > 0.0 && worst < 0.05, "{worst}");

    // f = 1 + ½ (2 x² + 2 y²): ten times the value at the point is reached at a distance of 3.
    let auto = bench.results(
        "plane --function 1+x^2+y^2 --at 0,0 --directions axis:0,axis:1 --grid 5 --range auto --out auto",
    );
    assert_eq!(auto["planes"][0]["u"][4], 3.0);
    let seeds = bench.results("plane --problem rosenbrock:6 --grid 9 --direction-seeds 3 --out seeds");
    assert_eq!(seeds["planes"].as_array().unwrap().len(), 3);
    let value = |plane: usize, cell: usize| number(&seeds["planes"][plane]["values"][cell]);
    for cell in [0, 40, 80] {
        let mean = (0..3).map(|plane| value(plane, cell)).sum::<f64>() / 3.0;
        assert!((number(&seeds["plane_seeds"]["mean"][cell]) - mean).abs() < 1e-12 * mean.abs().max(1.0));
    }
    let apart =
        bench.results("plane --problem rosenbrock:6 --grid 9 --directions random:4,random:5 --out apart");
    assert_eq!(apart["planes"][0]["values"], seeds["planes"][2]["values"]);
}
