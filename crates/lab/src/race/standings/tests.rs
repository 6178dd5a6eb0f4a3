use super::*;
use crate::Counts;
use crate::optim::Ending;
use crate::race::Curve;

/// A run with these points on its curve, from seed `seed`.
fn trial(seed: u64, curve: &[(f64, f64)]) -> Trial {
    let mut best = f64::INFINITY;
    let bests = curve.iter().map(|(_, value)| {
        best = best.min(*value);
        best
    });
    let curve_of = Curve {
        best: bests.collect(),
        cost: curve.iter().map(|(cost, _)| *cost).collect(),
        // A tenth of a second a gradient, from the second seed on twice as long.
        seconds: curve.iter().map(|(cost, _)| 0.1 * (1 + seed) as f64 * cost).collect(),
        value: curve.iter().map(|(_, value)| *value).collect(),
    };
    let (cost, value) = *curve.last().unwrap();
    Trial {
        seed,
        curve: curve_of,
        targets: Vec::new(),
        reached: Vec::new(),
        reached_after: Vec::new(),
        ending: Ending::Iterations { limit: 1, gradient_norm: 1.0 },
        steps: 1,
        counts: Counts::default(),
        cost,
        value,
        best,
        gradient_norm: 1.0,
        seconds: 0.1 * (1 + seed) as f64 * cost,
        memory: None,
    }
}

/// From 10 down towards the known 0, targets 1 and 0.1: passages are read off the curve, a run that never gets
/// there pays all that it spent, a value that rises again does not undo a passage.
#[test]
fn passages_and_their_expected_costs() {
    let first = trial(0, &[(0.0, 10.0), (4.0, 0.5), (8.0, 2.0), (20.0, 0.05)]);
    let second = trial(1, &[(0.0, 10.0), (30.0, 0.7)]);
    let trials = [&first, &second];
    let runs = [Runs { label: "one", trials: &trials, constant: false }];
    let found = standings(&runs, 10.0, Some(0.0), &[0.1, 0.01], 0);
    assert_eq!((found.least, found.least_is_known, &found.targets[..]), (0.0, true, &[1.0, 0.1][..]));
    let [loose, tight] = &found.rows[0].targets[..] else { panic!() };
    assert_eq!((loose.successes, loose.expected.cost), (2, (4.0 + 30.0) / 2.0));
    assert_eq!((tight.successes, tight.expected.cost), (1, 20.0 + 30.0));
    assert_eq!(tight.cost.upper, f64::INFINITY);
    assert_eq!(
        (first.best_after(Expense::Gradients, 3.9), first.best_after(Expense::Gradients, 10.0)),
        (Some(10.0), Some(0.5))
    );
    assert_eq!(band(&trials, Expense::Gradients, &[5.0])[0].median, (0.5 + 10.0) / 2.0);
}

/// Without a known minimum the least value that was found stands for it; a run that blew up counts as infinite.
#[test]
fn the_least_value_found_stands_for_an_unknown_minimum() {
    let (good, bad) = (trial(0, &[(0.0, 4.0), (5.0, -1.0)]), trial(0, &[(0.0, 4.0), (5.0, f64::NAN)]));
    let (first, second) = ([&good], [&bad]);
    let runs = [
        Runs { label: "good", trials: &first, constant: false },
        Runs { label: "bad", trials: &second, constant: false },
    ];
    let found = standings(&runs, 4.0, None, &[0.5], 0);
    assert_eq!((found.least, found.least_is_known), (-1.0, false));
    assert_eq!(found.rows[1].value.median, f64::INFINITY);
    // One seed is no basis for a test.
    assert!(found.comparisons.is_empty());
    assert_eq!((found.wins.cases[0][1], found.wins.lower[0][1]), (1, 1));
}

/// Twelve seeds in which one always ends lower are told apart; differences below the resolution are none, and
/// then the cheaper one is the one to compare with.
#[test]
fn rows_are_compared_with_the_best_one() {
    let make = |value: fn(u64) -> f64, cost: f64| -> Vec<Trial> {
        (0..12).map(|seed| trial(seed, &[(0.0, 1.0), (cost, value(seed))])).collect()
    };
    let all = [
        make(|seed| 1e-20 * (seed + 1) as f64, 50.0),
        make(|seed| 1e-25 * (seed + 1) as f64, 90.0),
        make(|seed| 0.1 + 1e-3 * seed as f64, 10.0),
    ];
    let refs: Vec<Vec<&Trial>> = all.iter().map(|trials| trials.iter().collect()).collect();
    let names = ["cheap", "exact", "poor"];
    let runs: Vec<Runs<'_>> =
        names.iter().zip(&refs).map(|(label, trials)| Runs { label, trials, constant: false }).collect();
    let found = standings(&runs, 1.0, Some(0.0), &[0.1, 1e-6], 0);
    let [exact, poor] = &found.comparisons[..] else { panic!() };
    assert_eq!(
        (&exact.first[..], &exact.second[..], exact.verdict),
        ("cheap", "exact", PairVerdict::NoDifferenceDetected)
    );
    assert_eq!((&poor.second[..], poor.verdict), ("poor", PairVerdict::First));
    // All twelve signs alike: p = 2/2¹², doubled by Holm for the smaller of two.
    assert_eq!((poor.p, poor.adjusted), (2.0 / 4096.0, 4.0 / 4096.0));
    assert_eq!(found.wins.equal[0][1], 12);
}

/// Rows that share only some seeds are compared on those; a run that stands for every seed is compared on all.
#[test]
fn rows_are_compared_on_the_seeds_that_they_share() {
    let make = |seeds: std::ops::Range<u64>, value: f64| -> Vec<Trial> {
        seeds.map(|seed| trial(seed, &[(0.0, 1.0), (10.0, value + 1e-3 * seed as f64)])).collect()
    };
    let all = [make(0..8, 0.1), make(5..11, 0.2), make(0..1, 0.3), make(20..22, 0.4)];
    let refs: Vec<Vec<&Trial>> = all.iter().map(|trials| trials.iter().collect()).collect();
    let runs: Vec<Runs<'_>> = ["best", "some", "constant", "none"]
        .iter()
        .zip(&refs)
        .map(|(label, trials)| Runs { label, trials, constant: *label == "constant" })
        .collect();
    let found = standings(&runs, 1.0, Some(0.0), &[0.1], 0);
    assert_eq!(found.wins.cases, [[8, 3, 8, 0], [3, 6, 6, 0], [8, 6, 13, 2], [0, 0, 2, 2]]);
    let compared: Vec<(&str, usize)> = found.comparisons.iter().map(|c| (&c.second[..], c.seeds)).collect();
    assert_eq!(compared, [("some", 3), ("constant", 8)]);
    assert_eq!((found.wins.lower[0][1], found.wins.lower[0][2], found.wins.lower[2][0]), (3, 8, 0));
    // All eight signs alike, with two tests: p = 2 · 2/2⁸.
    assert_eq!(found.comparisons[1].adjusted, 4.0 / 256.0);
}

/// By the clock the second seed is twice as slow; costs do not know that.
#[test]
fn passages_are_timed_by_either_expense() {
    let trials = [trial(0, &[(0.0, 10.0), (4.0, 0.5)]), trial(1, &[(0.0, 10.0), (4.0, 0.5)])];
    for (trial, seconds) in trials.iter().zip([0.4, 0.8]) {
        assert_eq!(trial.spent_on(Expense::Gradients, 1.0), Some(4.0));
        assert!((trial.spent_on(Expense::Seconds, 1.0).unwrap() - seconds).abs() < 1e-15);
        assert_eq!(trial.spent_on(Expense::Seconds, 0.1), None);
    }
    let both = [&trials[0], &trials[1]];
    assert_eq!(band(&both, Expense::Seconds, &[0.5])[0].median, (0.5 + 10.0) / 2.0);
    assert_eq!(band(&both, Expense::Seconds, &[0.9])[0].median, 0.5);
}
