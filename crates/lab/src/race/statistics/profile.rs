//! Which share of problems is solved within which cost: profiles as step functions.

use serde::{Deserialize, Serialize};

use super::valid;

/// A step function that is 0 to the left of its first step.
///
/// At x it has the value `y[i]` for the last i with `x[i]` ≤ x: each step includes
/// its left end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Steps {
    /// Where the steps are, strictly ascending and finite.
    pub x: Vec<f64>,
    /// The value from each step on, up to the next.
    pub y: Vec<f64>,
}

impl Steps {
    /// The empirical distribution function of values that may be infinite.
    ///
    /// F(x) = |{v ≤ x}| / |values|: the share of runs that have reached their
    /// target at cost x, if the values are the costs of (problem, seed, target)
    /// triples, +∞ where the target was not reached. The function then ends
    /// below 1. No restarts of failed runs are simulated. Without values F = 0.
    ///
    /// # Panics
    /// If a value is NaN or −∞.
    ///
    /// Source: Hansen, Auger, Brockhoff, Tušar and Tušar 2016, "COCO:
    /// performance assessment", arXiv 1605.03560, section "Empirical Distribution Functions".
    pub fn ecdf(values: &[f64]) -> Self {
        let mut sorted = valid(values).to_vec();
        sorted.sort_by(f64::total_cmp);
        let mut steps = Self { x: Vec::new(), y: Vec::new() };
        let mut reached = 0;
        for equal in sorted.chunk_by(|a, b| a == b).filter(|equal| equal[0].is_finite()) {
            reached += equal.len();
            steps.x.push(equal[0]);
            steps.y.push(reached as f64 / values.len() as f64);
        }
        steps
    }

    /// The value at x, which may be infinite.
    pub fn at(&self, x: f64) -> f64 {
        match self.x.partition_point(|&step| step <= x) {
            0 => 0.0,
            steps => self.y[steps - 1],
        }
    }
}

/// Dolan and Moré's performance profile of each solver.
///
/// With t(p, s) the cost of solver s on problem p, +∞ if it failed, and the
/// ratio r(p, s) = t(p, s) / min over solvers of t(p, ·), it is
/// ρₛ(τ) = |{p: r(p, s) ≤ τ}| / |problems|, for τ ≥ 1. ρₛ(1) is the share of
/// problems on which s is the cheapest (several may be), the limit for large τ
/// the share that it solves. Problems that nobody solves count in the
/// denominator. Where the cheapest costs nothing, its ratio is 1 and that of
/// any dearer solver +∞.
///
/// `costs[solver][problem]`. The ratios depend on who takes part: adding a
/// solver may change the order of two others (Gould and Scott 2016), so compare
/// two solvers by a profile of these two.
///
/// # Panics
/// If solvers have different numbers of problems, or a cost is negative or NaN.
///
/// Source: Dolan and Moré 2002, "Benchmarking optimization software with
/// performance profiles", Mathematical Programming 91, §2.
///
/// ```
/// use thalweg_lab::race::statistics::performance_profiles;
///
/// let failed = f64::INFINITY;
/// let profiles = performance_profiles(&[vec![10.0, 30.0], vec![20.0, failed]]);
/// assert_eq!((profiles[0].at(1.0), profiles[1].at(1.0), profiles[1].at(2.0)), (1.0, 0.0, 0.5));
/// ```
pub fn performance_profiles(costs: &[Vec<f64>]) -> Vec<Steps> {
    let problems = problems(costs);
    let least: Vec<f64> =
        (0..problems).map(|p| costs.iter().map(|row| row[p]).fold(f64::INFINITY, f64::min)).collect();
    let ratio = |(&cost, &least): (&f64, &f64)| match cost {
        f64::INFINITY => f64::INFINITY,
        // Also where both are 0.
        _ if cost == least => 1.0,
        _ => cost / least,
    };
    costs.iter().map(|row| Steps::ecdf(&row.iter().zip(&least).map(ratio).collect::<Vec<_>>())).collect()
}

/// Moré and Wild's data profile of each solver.
///
/// dₛ(α) = |{p: t(p, s)/κ(p) ≤ α}| / |problems|: the share of problems that s
/// solves within α units of cost. The unit κ(p) is the problem's own: n + 1
/// where costs are function values and n is the dimension (the price of one
/// simplex gradient, as in the paper), 1 where they are gradients. Unlike a
/// performance profile it does not depend on who else takes part.
///
/// `costs[solver][problem]`, `units[problem]`.
///
/// # Panics
/// If there are not as many units as problems of each solver, a cost is
/// negative or NaN, or a unit is not positive and finite.
///
/// Source: Moré and Wild 2009, "Benchmarking derivative-free optimization
/// algorithms", SIAM Journal on Optimization 20, §2.
pub fn data_profiles(costs: &[Vec<f64>], units: &[f64]) -> Vec<Steps> {
    for unit in units {
        assert!(*unit > 0.0 && unit.is_finite(), "a unit of cost is positive and finite, not {unit}");
    }
    assert!(costs.is_empty() || problems(costs) == units.len(), "one unit of cost for each problem");
    let of = |row: &Vec<f64>| {
        Steps::ecdf(&row.iter().zip(units).map(|(cost, unit)| cost / unit).collect::<Vec<_>>())
    };
    costs.iter().map(of).collect()
}

/// How many problems each solver has.
#[track_caller]
fn problems(costs: &[Vec<f64>]) -> usize {
    let problems = costs.first().map_or(0, Vec::len);
    for row in costs {
        assert_eq!(row.len(), problems, "all solvers have the same problems");
        for cost in row {
            assert!(*cost >= 0.0, "a cost in a profile is at least 0, not {cost}");
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    const INF: f64 = f64::INFINITY;

    fn share(values: impl Iterator<Item = bool>) -> f64 {
        let all: Vec<bool> = values.collect();
        all.iter().filter(|hit| **hit).count() as f64 / all.len() as f64
    }

    #[test]
    fn distribution_functions_count_what_is_reached() {
        let values = [3.0, 1.0, INF, 3.0, 8.0];
        let steps = Steps::ecdf(&values);
        assert_eq!(steps, Steps { x: vec![1.0, 3.0, 8.0], y: vec![0.2, 0.6, 0.8] });
        for x in [-INF, 0.0, 1.0, 2.9, 3.0, 3.1, 8.0, 1e300, INF] {
            // At x = ∞ the failed run is still not done.
            assert_eq!(steps.at(x), share(values.iter().map(|v| v.is_finite() && *v <= x)), "{x}");
        }
        assert_eq!(Steps::ecdf(&[]).at(1.0), 0.0);
        assert_eq!(Steps::ecdf(&[INF]).at(INF), 0.0);
    }

    #[test]
    fn profiles_follow_their_definitions() {
        for index in 0..20 {
            let mut numbers = vec![0.0f64; 4 * 15];
            Stream::new(6, "profiles", index).fill_uniform(0.0, 10.0, &mut numbers);
            numbers.iter_mut().for_each(|t| *t = if *t > 7.0 { INF } else { t.ceil() });
            let costs: Vec<Vec<f64>> = numbers.chunks(15).map(<[f64]>::to_vec).collect();
            let units: Vec<f64> = (2..17).map(f64::from).collect();
            let (performance, data) = (performance_profiles(&costs), data_profiles(&costs, &units));
            for s in 0..4 {
                for level in (4..80).map(|k| f64::from(k) / 4.0) {
                    // Without divisions, by Dolan and Moré's meaning: no solver is more than τ times cheaper.
                    let within = |p: usize| {
                        costs[s][p].is_finite() && costs.iter().all(|row| costs[s][p] <= level * row[p])
                    };
                    assert_eq!(performance[s].at(level), share((0..15).map(within)), "{s} {level}");
                    let solved = |p: usize| costs[s][p] <= level / 4.0 * units[p];
                    assert_eq!(data[s].at(level / 4.0), share((0..15).map(solved)), "{s} {level}");
                }
                assert_eq!(performance[s].at(0.999), 0.0);
                assert_eq!(performance[s].at(INF), share(costs[s].iter().map(|t| t.is_finite())));
            }
        }
    }

    #[test]
    fn free_problems_have_a_winner() {
        let profiles = performance_profiles(&[vec![0.0, 2.0], vec![0.0, 1.0], vec![5.0, INF]]);
        assert_eq!([0, 1, 2].map(|s| profiles[s].at(1.0)), [0.5, 1.0, 0.0]);
        assert_eq!([0, 1, 2].map(|s| profiles[s].at(INF)), [1.0, 1.0, 0.0]);
        assert!(performance_profiles(&[]).is_empty());
    }

    #[test]
    #[should_panic(expected = "one unit of cost for each problem")]
    fn units_belong_to_problems() {
        data_profiles(&[vec![1.0, 2.0]], &[1.0]);
    }
}
