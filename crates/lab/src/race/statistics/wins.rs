//! Who was better how often.

use serde::{Deserialize, Serialize};

use super::valid;

/// Pairwise counts over the cases that both methods of a pair have.
///
/// For each pair of methods i ≠ j,
/// `lower[i][j]` + `lower[j][i]` + `equal[i][j]` + `both_failed[i][j]` is
/// `cases[i][j]`, their number. Diagonals of `lower` are 0; the others are symmetric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wins {
    /// `lower[i][j]`: in how many cases i had the lower cost; a finite cost is lower than a failure.
    pub lower: Vec<Vec<usize>>,
    /// `equal[i][j]`: in how many cases both had the same finite cost.
    pub equal: Vec<Vec<usize>>,
    /// `both_failed[i][j]`: in how many cases both costs were infinite.
    pub both_failed: Vec<Vec<usize>>,
    /// `cases[i][j]`: how many cases both have.
    pub cases: Vec<Vec<usize>>,
}

/// Counts for each pair of methods which of them was better, case by case.
///
/// `costs[method][case]` are costs, or final values of the function: lower is
/// better, +∞ is a failure, `None` a case that the method has not. A case is a problem with a seed. Costs are equal if
/// their f64 are. Cost: methods² × cases.
///
/// # Panics
/// If rows differ in length, or a cost is NaN or −∞.
pub fn wins(costs: &[Vec<Option<f64>>]) -> Wins {
    for row in costs {
        assert_eq!(row.len(), costs[0].len(), "all rows have a place for each case");
        row.iter().flatten().for_each(|cost| _ = valid(std::slice::from_ref(cost)));
    }
    let count = |test: fn(f64, f64) -> bool| -> Vec<Vec<usize>> {
        let against = |a: &Vec<Option<f64>>, b: &Vec<Option<f64>>| {
            let both = a.iter().zip(b).filter_map(|(a, b)| (*a).zip(*b));
            both.filter(|(a, b)| test(*a, *b)).count()
        };
        costs.iter().map(|a| costs.iter().map(|b| against(a, b)).collect()).collect()
    };
    Wins {
        lower: count(|a, b| a < b),
        equal: count(|a, b| a == b && a.is_finite()),
        both_failed: count(|a, b| a == b && a.is_infinite()),
        cases: count(|_, _| true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::race::statistics::{performance_profiles, sign_test};
    use crate::random::Stream;

    const INF: f64 = f64::INFINITY;

    #[test]
    fn a_case_is_won_tied_or_failed_by_both() {
        let all = |row: [f64; 4]| row.map(Some).to_vec();
        let found = wins(&[all([1.0, 5.0, INF, 2.0]), all([1.0, INF, INF, 1.0]), all([0.5, INF, 9.0, 2.0])]);
        assert!(found.cases.iter().flatten().all(|count| *count == 4));
        assert_eq!(found.lower, [[0, 1, 1], [1, 0, 1], [2, 2, 0]]);
        assert_eq!(found.equal, [[3, 1, 1], [1, 2, 0], [1, 0, 3]]);
        assert_eq!(found.both_failed, [[1, 1, 0], [1, 2, 1], [0, 1, 1]]);
        assert_eq!(wins(&[]).lower.len(), 0);
    }

    #[test]
    fn only_common_cases_are_compared() {
        let found = wins(&[
            vec![Some(1.0), Some(5.0), Some(INF)],
            vec![Some(2.0), None, Some(INF)],
            vec![None, Some(5.0), None],
        ]);
        assert_eq!(found.cases, [[3, 2, 1], [2, 2, 0], [1, 0, 1]]);
        assert_eq!((found.lower[0][1], found.both_failed[0][1], found.equal[0][2]), (1, 1, 1));
    }

    #[test]
    fn pairs_agree_with_the_sign_test_and_the_profile_of_the_two() {
        let mut numbers = vec![0.0f64; 5 * 40];
        Stream::new(8, "wins", 0).fill_uniform(0.0, 8.0, &mut numbers);
        numbers.iter_mut().for_each(|t| *t = if *t > 6.0 { INF } else { t.ceil() });
        let costs: Vec<Vec<f64>> = numbers.chunks(40).map(<[f64]>::to_vec).collect();
        let found =
            wins(&costs.iter().map(|row| row.iter().copied().map(Some).collect()).collect::<Vec<_>>());
        for i in 0..5 {
            for j in (0..5).filter(|&j| j != i) {
                let (lower, equal) = (found.lower[i][j], found.equal[i][j]);
                let test = sign_test(&costs[i], &costs[j]);
                assert_eq!(lower as f64, test.first);
                assert_eq!(equal + found.both_failed[i][j], test.ties);
                let profile = &performance_profiles(&[costs[i].clone(), costs[j].clone()])[0];
                assert!((profile.at(1.0) * 40.0 - (lower + equal) as f64).abs() < 1e-9);
            }
        }
    }

    #[test]
    #[should_panic(expected = "a place for each case")]
    fn rows_must_be_of_one_length() {
        wins(&[vec![Some(1.0)], vec![]]);
    }
}
