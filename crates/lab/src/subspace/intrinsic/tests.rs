use super::*;

/// Seeds succeed from thresholds of their own on.
fn runs(thresholds: &[usize], asked: &mut Vec<usize>) -> impl FnMut(usize) -> Result<Vec<f64>, ()> {
    move |d| {
        asked.push(d);
        Ok(thresholds.iter().map(|t| if d >= *t { 1.0 } else { 0.0 }).collect())
    }
}

#[test]
fn every_threshold_is_found_to_the_last_digit() {
    for threshold in 1..=70 {
        for first in [1, 3, 16, 64] {
            let mut asked = Vec::new();
            let criterion = Criterion::new(0.9, first, 64);
            let found =
                search(&criterion, &mut Ladder::new(), &mut runs(&[threshold; 2], &mut asked)).unwrap();
            let expected = (threshold <= 64).then_some(threshold);
            assert_eq!(found.dimension, expected, "{threshold} from {first}");
            let bracket = expected.map_or([64, 64], |found| [found - 1, found]);
            assert_eq!(found.bracket, bracket, "{threshold} from {first}");
            let mut once = asked.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), asked.len(), "asked twice: {asked:?}");
        }
    }
}

#[test]
fn the_required_share_decides_between_seeds() {
    let thresholds = [10, 20, 30, 40];
    for (required, expected) in [(0.25, 10), (0.5, 20), (0.75, 30), (1.0, 40)] {
        let criterion = Criterion { required, ..Criterion::new(0.9, 1, 100) };
        let found = search(&criterion, &mut Ladder::new(), &mut runs(&thresholds, &mut Vec::new())).unwrap();
        assert_eq!(found.dimension, Some(expected));
        let level = found.levels.iter().find(|level| level.dimension == expected).unwrap();
        assert_eq!(level.interval, wilson(level.successes, 4, 0.95));
    }
}

#[test]
fn intervals_say_how_far_the_seeds_carry() {
    // Five of five: Wilson's interval begins at 0.566, that of none of five ends at 0.434.
    let found =
        search(&Criterion::new(0.9, 1, 100), &mut Ladder::new(), &mut runs(&[37; 5], &mut Vec::new()))
            .unwrap();
    assert_eq!(found.beyond_doubt, [Some(36), Some(37)]);
    // Three seeds leave no dimension beyond doubt.
    let found =
        search(&Criterion::new(0.9, 1, 100), &mut Ladder::new(), &mut runs(&[37; 3], &mut Vec::new()))
            .unwrap();
    assert_eq!((found.dimension, found.beyond_doubt), (Some(37), [None, None]));
}

#[test]
fn a_coarse_search_ends_early_and_a_ladder_is_shared() {
    let mut asked = Vec::new();
    let mut ladder = Ladder::new();
    let coarse = Criterion { precision: 0.1, ..Criterion::new(0.9, 1, 1000) };
    let found = search(&coarse, &mut ladder, &mut runs(&[700], &mut asked)).unwrap();
    let [low, high] = found.bracket;
    assert!(low < 700 && 700 <= high && (high - low) as f64 <= 0.1 * high as f64 && high - low > 1);
    let before = asked.len();
    let fine = search(&Criterion::new(0.9, 1, 1000), &mut ladder, &mut runs(&[700], &mut asked)).unwrap();
    assert_eq!(fine.dimension, Some(700));
    assert!(asked[before..].iter().all(|d| (low..high).contains(d)), "{asked:?}");
}

#[test]
fn what_is_not_a_number_is_no_success() {
    let criterion = Criterion::new(0.5, 1, 8);
    let mut blown = |d: usize| Ok::<_, ()>(vec![if d < 4 { f64::NAN } else { 0.6 }]);
    assert_eq!(search(&criterion, &mut Ladder::new(), &mut blown).unwrap().dimension, Some(4));
    let mut error = |d: usize| if d < 4 { Ok(vec![0.0]) } else { Err("stop") };
    assert_eq!(search(&criterion, &mut Ladder::new(), &mut error), Err("stop"));
}
