//! Runs side by side.

use super::{Item, Needs, Plan, TooLittle, fewer, plan};
use crate::krylov::BasisKind;

/// A plan for runs side by side within `budget` bytes: as many at a time as fit, `runs` at most.
///
/// What `shared` lists is held once, from beginning to end: data, what is kept of finished runs. Each run has all that
/// `needs` says for itself, on one thread: evaluations, phases, and the values that products need again. Krylov bases stay in
/// memory. `after` is what is held when the runs are over, instead of them. In the plan `threads` is the number of runs at a
/// time and `kept` is that of each.
///
/// # Errors
/// If not even one run fits: the error says what it needs.
///
/// ```
/// use thalweg_lab::memory::{Item, Needs, Phase, side_by_side};
///
/// let needs = Needs { parameters: 1_000_000, scalar: 8, vectors: 20, ..Needs::default() };
/// let data = Item { what: "data".into(), bytes: 10 << 20, cost: String::new() };
/// let plan = side_by_side(400 << 20, vec![data], None, &needs, 4).unwrap();
/// assert_eq!((plan.threads, plan.peak), (2, (10 << 20) + 2 * 160_000_000));
/// ```
pub fn side_by_side(
    budget: usize,
    shared: Vec<Item>,
    after: Option<Item>,
    needs: &Needs,
    runs: usize,
) -> Result<Plan, TooLittle> {
    let runs = runs.max(1);
    let needs = Needs { threads: 1, ..needs.clone() };
    let held: usize = shared.iter().map(|item| item.bytes).sum();
    let free = budget.saturating_sub(held);
    let listed = |own: Vec<Item>, count: usize| -> Vec<Item> {
        let own = own.into_iter().filter(|item| item.bytes > 0).map(|item| Item {
            bytes: count * item.bytes,
            cost: match (count, item.cost.is_empty()) {
                (1, _) => item.cost,
                (_, true) => format!("{count} runs at a time"),
                (_, false) => format!("{count} runs at a time: {}", item.cost),
            },
            ..item
        });
        shared.iter().cloned().chain(own).chain(after.clone()).collect()
    };
    let too_little =
        |needed: usize, own: Vec<Item>| TooLittle { budget, needed, items: listed(own, 1), asked: None };
    let later = held + after.as_ref().map_or(0, |item| item.bytes);
    if later > budget {
        return Err(too_little(later, Vec::new()));
    }
    let mut best: Option<Plan> = None;
    for count in fewer(runs) {
        let Ok(own) = plan(free / count, &needs, Some(BasisKind::Memory)) else { continue };
        let found = Plan {
            budget,
            peak: (held + count * own.peak).max(later),
            threads: count,
            items: listed(own.items, count),
            slowdown: own.slowdown * runs as f64 / count as f64,
            ..own
        };
        if best.as_ref().is_none_or(|best| found.slowdown < best.slowdown) {
            best = Some(found);
        }
    }
    match (best, plan(free, &needs, Some(BasisKind::Memory))) {
        (Some(best), _) => Ok(best),
        (None, Err(least)) => Err(too_little(held + least.needed, least.items)),
        (None, Ok(_)) => unreachable!("one run fits"),
    }
}
