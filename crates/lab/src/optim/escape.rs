//! Past saddles: minimize, judge, leave along the negative curvature, and again.

use super::minimize::{Iteration, Limits, Outcome, Point, State, minimize};
use super::saddle::follow::{follow, reach};
use super::verdict::{Verdict, VerdictOptions, verdict};
use crate::{Oracle, Scalar, Stop};

/// What [`minimize_past_saddles`] did.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Passage {
    /// How the last minimization ended; iterations and counts are of all.
    pub outcome: Outcome,
    /// The verdict at the end of each minimization; the last is that of the point where it all ended.
    pub verdicts: Vec<Verdict>,
    /// How far each escape went along its direction.
    pub escapes: Vec<f64>,
    /// Why the way ended early, if it did: a stop during a verdict or an escape.
    pub stopped: Option<Stop>,
}

/// A point lower than x along a verdict's escape direction d: x ± t d, with its value and gradient, and
/// the signed t.
///
/// The search begins at the distance at which the verdict saw f lowest, else at max(1, ‖x‖/√n), tries
/// both sides at each length, halves until f falls by a tenth of what the curvature promises, or
/// doubles while it goes on falling. `None` if the verdict has no escape or f falls on neither side.
/// Cost: a gradient for x, two values a trial, and a gradient.
///
/// # Errors
/// If the oracle stops.
pub fn escape<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    verdict: &Verdict,
) -> Result<Option<(Point<T>, f64)>, Stop> {
    let Some(way) = &verdict.escape else { return Ok(None) };
    let direction: Vec<T> = way.direction.iter().map(|&v| T::of(v)).collect();
    let mut at = Point { x: x.to_vec(), value: 0.0, gradient: vec![T::zero(); x.len()] };
    at.value = oracle.value_grad(x, &mut at.gradient)?;
    let mut next = at.clone();
    let first = if way.decrease > 0.0 && way.distance > 0.0 { way.distance } else { reach(x) };
    let found = follow(oracle, &at, &direction, way.curvature.min(0.0), first, &mut next)?;
    Ok(found.map(|length| (next, length)))
}

/// Minimizes until a limit is reached, asks for the verdict, and, where the point has a way down
/// although its gradient is small, leaves along it and goes on, `most` times at most.
///
/// Each time the iteration begins with a fresh memory; iterations are counted on, so that `limits` hold
/// for all. It ends with the verdict at the point that the iteration [answers](Iteration::answer): a
/// minimum, a point where no way down is known, or the first after the last escape. There is no escape
/// where a limit, a target or the oracle ended it, nor where the end is not critical.
pub fn minimize_past_saddles<T: Scalar>(
    oracle: &Oracle<'_, T>,
    iteration: &dyn Iteration<T>,
    limits: &Limits,
    options: &VerdictOptions,
    most: usize,
    state: &mut State<T>,
    observe: &mut dyn FnMut(&State<T>),
) -> Passage {
    let (mut verdicts, mut escapes) = (Vec::new(), Vec::new());
    loop {
        let outcome = minimize(oracle, iteration, limits, state, observe);
        let x = iteration.answer(&state.memory, &state.point.x).to_vec();
        let judged = verdict(oracle, &x, options);
        let critical = outcome.ending.is_rest() && judged.gradient_norm <= judged.gradient_threshold;
        let left = if critical && escapes.len() < most { escape(oracle, &x, &judged) } else { Ok(None) };
        verdicts.push(judged);
        let stopped = match left {
            Ok(Some((point, length))) => {
                escapes.push(length);
                resume(iteration, point, state);
                continue;
            }
            Ok(None) => None,
            Err(stop) => Some(stop),
        };
        let outcome = Outcome { counts: oracle.counts(), ..outcome };
        return Passage { outcome, verdicts, escapes, stopped };
    }
}

/// Puts the state at another point, with a fresh memory and a fresh window of stalling; iterations go
/// on.
pub fn resume<T: Scalar>(iteration: &dyn Iteration<T>, point: Point<T>, state: &mut State<T>) {
    state.memory = iteration.init(point.x.len());
    state.best_value = state.best_value.min(point.value);
    state.window_value = state.best_value;
    state.window_start = state.iteration;
    state.change = None;
    state.point = point;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Ending, Kind, LineSearch, SteepestDescent, StepLength, begin};
    use crate::{Budget, samples};

    fn descent() -> LineSearch<SteepestDescent> {
        LineSearch { descent: SteepestDescent, length: StepLength::Constant(0.05) }
    }

    #[test]
    fn descent_that_ends_at_the_saddle_is_led_to_a_minimum() {
        let f = samples::walled_saddle();
        let oracle = Oracle::new(&f);
        let mut state = begin(&oracle, &descent(), vec![1.0f64, 0.0]).unwrap();
        let mut seen = 0;
        let options = VerdictOptions::default();
        let passage = minimize_past_saddles(
            &oracle,
            &descent(),
            &Limits::default(),
            &options,
            5,
            &mut state,
            &mut |_| seen += 1,
        );
        assert_eq!(passage.verdicts.len(), 2);
        assert_eq!(passage.verdicts[0].kind, Kind::Saddle { index: 1, index_exact: true });
        assert_eq!(passage.verdicts[1].kind, Kind::Minimum);
        assert_eq!(passage.escapes.len(), 1);
        assert!((state.point.value + 1.0).abs() < 1e-12 && passage.stopped.is_none());
        // Every state was seen, the first of each minimization too.
        assert_eq!(seen, passage.outcome.iterations + 2);
    }

    #[test]
    fn the_number_of_escapes_is_kept() {
        let f = samples::walled_saddle();
        let oracle = Oracle::new(&f);
        let mut state = begin(&oracle, &descent(), vec![1.0f64, 0.0]).unwrap();
        let options = VerdictOptions::default();
        let limits = Limits::default();
        let passage =
            minimize_past_saddles(&oracle, &descent(), &limits, &options, 0, &mut state, &mut |_| ());
        assert!(passage.escapes.is_empty() && passage.verdicts.len() == 1);
        assert_eq!(state.point.x[1], 0.0);
    }

    #[test]
    fn a_used_up_budget_ends_the_way() {
        let f = samples::walled_saddle();
        let oracle = Oracle::new(&f).with_budget(Budget { values: Some(0), ..Budget::default() });
        let mut state = begin(&oracle, &descent(), vec![1.0f64, 0.0]).unwrap();
        let options = VerdictOptions::default();
        let limits = Limits { iterations: 3, ..Limits::default() };
        let passage =
            minimize_past_saddles(&oracle, &descent(), &limits, &options, 5, &mut state, &mut |_| ());
        assert!(matches!(passage.outcome.ending, Ending::Iterations { .. }));
        assert_eq!(passage.verdicts.len(), 1);
    }

    #[test]
    fn a_minimum_has_no_escape() {
        let f = samples::diagonal(&[1.0, 2.0]);
        let oracle = Oracle::new(&f);
        let judged = verdict(&oracle, &[0.0f64, 0.0], &VerdictOptions::default());
        assert_eq!(escape(&oracle, &[0.0, 0.0], &judged).unwrap(), None);
    }
}
