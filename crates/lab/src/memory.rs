//! How much memory a study takes, and how it is made to fit.
//!
//! [`plan`] weighs what a study [needs](Needs) against a budget before anything starts. What it may
//! choose: how many values that products need again are kept and how many are computed
//! again, where Krylov bases go, how many processes of a density run side by side, how many
//! vectors are multiplied at a time, and how many threads work. Of these only the kind of
//! basis may change results.

mod needs;
mod runs;
mod words;

use serde::Serialize;

use crate::krylov::BasisKind;
pub use needs::{Needs, Phase, Work};
pub use runs::side_by_side;
pub use words::{Size, TooLittle};

/// One line of a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// What takes the memory.
    pub what: String,
    /// How much, in bytes.
    pub bytes: usize,
    /// What it was decided, and what that costs.
    pub cost: String,
}

/// How a study fits its budget.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The budget, in bytes.
    pub budget: usize,
    /// The most that is held at a time, in bytes.
    pub peak: usize,
    /// Bytes for values that products need again.
    pub kept: usize,
    /// Where Krylov bases go.
    pub basis: BasisKind,
    /// Processes of a density that run side by side.
    pub together: usize,
    /// Vectors that are multiplied at a time.
    pub width: usize,
    /// Worker threads.
    pub threads: usize,
    /// What takes the memory.
    pub items: Vec<Item>,
    /// Estimated time, relative to a study without a limit.
    pub slowdown: f64,
}

/// Vectors that are multiplied at a time, and processes that run side by side, where there is room.
pub const WIDTH: usize = 8;

/// A plan within `budget` bytes; with a basis of the kind `asked` for, if one is.
///
/// | Chosen | From | Estimated cost |
/// |---|---|---|
/// | basis | in memory, bf16, on disk, not at all: the first kind with which anything fits | 1, 1.1, 1.5 and 3 × the time of a search |
/// | processes of a density side by side | 8, 4, 2, 1 | up to 1.5 × a density's time |
/// | vectors multiplied at a time | 8, 4, 2, 1 | up to 1.6 × a product's time |
/// | threads | as many as there are, or fewer | in proportion |
/// | values that products need again | as many as fit, by shards | if none, ¾ of a single product more, 9 % of a block of eight |
///
/// Within a kind of basis the choice with the least estimated time is taken. The figures are rough
/// averages over networks; nothing but the choice rests on them.
///
/// # Errors
/// If no choice fits: the error says what the most frugal one needs.
///
/// ```
/// use thalweg_lab::krylov::BasisKind;
/// use thalweg_lab::memory::{Needs, Phase, Work, plan};
///
/// let needs = Needs {
///     parameters: 1_000_000,
///     scalar: 8,
///     data: 50 << 20,
///     vectors: 4,
///     threads: 2,
///     work: Work { kept: 400 << 20, shards: 8, products: [4 << 20; 4], ..Work::default() },
///     phases: vec![Phase::ends(10, 4, 8, 92)],
/// };
/// let roomy = plan(4 << 30, &needs, None).unwrap();
/// assert_eq!((roomy.basis, roomy.kept), (BasisKind::Memory, 400 << 20));
/// let tight = plan(900 << 20, &needs, None).unwrap();
/// assert_eq!(tight.basis, BasisKind::Bf16);
/// assert!(tight.peak <= 900 << 20);
/// assert!(plan(1 << 20, &needs, None).is_err());
/// ```
pub fn plan(budget: usize, needs: &Needs, asked: Option<BasisKind>) -> Result<Plan, TooLittle> {
    let kinds = match asked {
        Some(kind) => vec![kind],
        None if needs.has_basis() => {
            vec![BasisKind::Memory, BasisKind::Bf16, BasisKind::Disk, BasisKind::None]
        }
        None => vec![BasisKind::Memory],
    };
    let mut least: Option<Choice> = None;
    for &basis in &kinds {
        let mut best: Option<Plan> = None;
        for choice in Choice::all(basis, needs) {
            let (bytes, _) = choice.bytes(needs);
            if bytes <= budget {
                let plan = choice.plan(budget, needs);
                if best.as_ref().is_none_or(|best| plan.slowdown < best.slowdown) {
                    best = Some(plan);
                }
            }
            if least.is_none_or(|least| bytes < least.bytes(needs).0) {
                least = Some(choice);
            }
        }
        if let Some(best) = best {
            return Ok(best);
        }
    }
    let least = least.expect("there is a choice");
    let (needed, _) = least.bytes(needs);
    Err(TooLittle { budget, needed, items: words::items(needs, &least, 0), asked })
}

/// n, n/2, … 1.
fn fewer(most: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(most), |&n| (n > 1).then_some(n / 2))
}

/// What a plan chooses between.
#[derive(Clone, Copy)]
struct Choice {
    basis: BasisKind,
    together: usize,
    width: usize,
    threads: usize,
}

impl Choice {
    /// All choices with a kind of basis, the roomiest first.
    fn all(basis: BasisKind, needs: &Needs) -> Vec<Self> {
        let mut all = Vec::new();
        for threads in fewer(needs.threads.max(1)) {
            for width in fewer(WIDTH) {
                for together in fewer(needs.most_together()) {
                    all.push(Self { basis, together, width, threads });
                }
            }
        }
        all
    }

    /// The most that is held at a time without a single kept value, and in which phase.
    fn bytes(&self, needs: &Needs) -> (usize, Option<&'static str>) {
        let always = needs.held() + needs.work.bytes(needs.vector(), self.width, self.threads);
        let phases = needs.phases.iter().map(|p| (p.bytes(needs, self.basis, self.together), p));
        match phases.max_by_key(|(bytes, _)| *bytes) {
            Some((bytes, phase)) => (always + bytes, Some(phase.name)),
            None => (always, None),
        }
    }

    fn plan(&self, budget: usize, needs: &Needs) -> Plan {
        let (fixed, _) = self.bytes(needs);
        // Values are kept while there are products; phases without any may be the larger ones.
        let always = needs.held() + needs.work.bytes(needs.vector(), self.width, self.threads);
        let busiest = |with: bool| {
            let phases = needs.phases.iter().filter(move |p| p.products || !with);
            phases.map(|p| p.bytes(needs, self.basis, self.together)).max().unwrap_or(0)
        };
        let free = budget.saturating_sub(always + busiest(true));
        let kept = needs.work.fitting(free);
        let peak = fixed.max(always + busiest(true) + kept);
        Plan {
            budget,
            peak,
            kept,
            basis: self.basis,
            together: self.together,
            width: self.width,
            threads: self.threads,
            items: words::items(needs, self, kept),
            slowdown: self.slowdown(needs, kept),
        }
    }

    /// See [`plan`].
    fn slowdown(&self, needs: &Needs, kept: usize) -> f64 {
        let search = if !needs.has_basis() {
            1.0
        } else {
            match self.basis {
                BasisKind::Memory => 1.0,
                BasisKind::Bf16 => 1.1,
                BasisKind::Disk => 1.5,
                BasisKind::None => 3.0,
            }
        };
        let narrow = |n: usize, most: f64| 1.0 + (most - 1.0) * (1.0 - (n as f64).log2() / 3.0).max(0.0);
        let recomputed = 1.0 - needs.work.share(kept);
        let wide = narrow(self.width, 1.6);
        let side = match needs.most_together() {
            most if most > self.together => narrow(self.together, 1.5) / narrow(most, 1.5),
            _ => 1.0,
        };
        search
            * wide
            * side
            * (1.0 + 0.75 * recomputed / self.width as f64)
            * (needs.threads.max(1) as f64 / self.threads as f64)
    }
}

#[cfg(test)]
mod tests;
