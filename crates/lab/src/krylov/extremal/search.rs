//! Block Lanczos with thick restart.

use std::ops::Range;

use super::plan::Plan;
use super::{Found, size};
use crate::krylov::products::Products;
use crate::krylov::subspace::Subspace;
use crate::krylov::symmetric::{Eigen, eigen};
use crate::random::Stream;
use crate::{Scalar, Stop};

/// Values that agree within this many tolerances form a cluster.
const CLUSTER: f64 = 10.0;

pub struct Search<'p, T> {
    plan: &'p Plan,
    space: Subspace<T>,
    stream: Stream,
    /// Random vectors that the search began from, all beginnings together.
    starts: usize,
    /// The wanted values when the confirming search began.
    confirming: Option<Vec<f64>>,
    restarts: usize,
}

impl<'p, T: Scalar> Search<'p, T> {
    pub fn run(products: &mut Products<'_, T>, plan: &'p Plan) -> Result<Found<T>, Stop> {
        let mut search = Self {
            plan,
            space: Subspace::new(Vec::new(), products.basis(plan.basis)?, plan.n)?,
            stream: Stream::new(plan.seed, "extremal", 0),
            starts: plan.block,
            confirming: None,
            restarts: 0,
        };
        search.space.pad(plan.block, &mut search.stream)?;
        let mut look = plan.top + plan.bottom;
        loop {
            search.space.expand(products)?;
            search.space.pad(plan.block, &mut search.stream)?;
            let rows = search.space.rows();
            let full = search.space.width() == 0 || rows + search.space.width() > plan.basis;
            let spent = search.spent(products.count());
            if !full && !spent && (rows < look || search.confirming.is_some()) {
                continue;
            }
            look = rows + rows / 4;
            let ritz = eigen(&search.space.projected(), rows);
            if let Some(confirmed) = search.judge(&ritz, full, spent)? {
                let found = Found::new(plan, &ritz, &search.space.basis)?;
                return Ok(Found { confirmed, restarts: search.restarts, ..found });
            }
            if search.space.rows() < rows {
                look = search.space.rows() + plan.block;
            }
        }
    }

    /// Whether the next block and the final check would exceed the budget.
    fn spent(&self, products: u64) -> bool {
        products + self.space.width() as u64 + self.plan.reserve > self.plan.max_products
    }

    /// Ends the search, with whether the result is confirmed, or restarts it where that is due.
    fn judge(&mut self, ritz: &Eigen, full: bool, spent: bool) -> Result<Option<bool>, Stop> {
        let tolerance = self.plan.tolerance * size(&ritz.values);
        let converged = self.converged(ritz, 0.5 * tolerance);
        let done = converged.iter().all(|&c| c);
        let values: Vec<f64> = self.wanted(ritz).map(|i| ritz.values[i]).collect();
        if let Some(before) = self.confirming.take() {
            if done && values.iter().zip(&before).all(|(a, b)| (a - b).abs() <= tolerance) {
                if self.settled(ritz, tolerance) {
                    return Ok(Some(true));
                }
                self.confirming = Some(before);
            }
        } else if done {
            if !self.plan.confirm || spent || self.space.width() == 0 {
                return Ok(Some(self.space.width() == 0));
            }
            self.confirming = Some(values);
            self.begin_again(ritz, &converged)?;
            return Ok(None);
        }
        if spent || self.space.width() == 0 {
            return Ok(Some(done && self.space.width() == 0));
        }
        if full {
            if self.exhausted(&values, &converged, tolerance) {
                self.begin_again(ritz, &converged)?;
            } else {
                let m = ritz.values.len();
                let (bottom, top) = self.plan.kept(m);
                self.keep(ritz, (0..bottom).chain(m - top..m), false)?;
            }
        }
        Ok(None)
    }

    /// Indices of the wanted pairs, each once: the bottom ascending, then the top ascending.
    fn wanted(&self, ritz: &Eigen) -> impl Iterator<Item = usize> + use<T> {
        let m = ritz.values.len();
        let bottom = self.plan.bottom.min(m);
        let top: Range<usize> = m.saturating_sub(self.plan.top).max(bottom)..m;
        (0..bottom).chain(top)
    }

    fn converged(&self, ritz: &Eigen, tolerance: f64) -> Vec<bool> {
        self.wanted(ritz).map(|i| self.space.residual(ritz.vector(i)) <= tolerance).collect()
    }

    /// Whether the pairs next to the wanted ones are known well enough to stay
    /// behind them: to their distance from these, or to the tolerance.
    fn settled(&self, ritz: &Eigen, tolerance: f64) -> bool {
        let m = ritz.values.len();
        let behind = |end: Option<usize>, next: Option<usize>| {
            let (Some(end), Some(next)) = (end, next.filter(|&i| i < m)) else { return true };
            let gap = (ritz.values[end] - ritz.values[next]).abs();
            self.space.residual(ritz.vector(next)) <= gap.max(tolerance)
        };
        let (top, bottom) = (self.plan.top, self.plan.bottom);
        (top == 0 || behind(m.checked_sub(top), m.checked_sub(top + 1)))
            && (bottom == 0 || behind(Some(bottom - 1).filter(|&i| i < m), Some(bottom)))
    }

    /// Whether as many converged values agree as there were start vectors: more
    /// copies, if there are any, cannot be reached in exact arithmetic.
    fn exhausted(&self, values: &[f64], converged: &[bool], tolerance: f64) -> bool {
        let values: Vec<f64> = values.iter().zip(converged).filter(|(_, c)| **c).map(|(v, _)| *v).collect();
        values.windows(self.starts).any(|w| w[w.len() - 1] - w[0] <= CLUSTER * tolerance)
    }

    /// Keeps the converged pairs and starts afresh beside them.
    fn begin_again(&mut self, ritz: &Eigen, converged: &[bool]) -> Result<(), Stop> {
        self.starts += self.plan.block;
        let indices: Vec<usize> =
            self.wanted(ritz).zip(converged).filter(|(_, c)| **c).map(|(i, _)| i).collect();
        self.keep(ritz, indices.into_iter(), true)
    }

    fn keep(&mut self, ritz: &Eigen, indices: impl Iterator<Item = usize>, afresh: bool) -> Result<(), Stop> {
        self.restarts += 1;
        let mut s = Vec::new();
        let mut values = Vec::new();
        for i in indices {
            s.extend_from_slice(ritz.vector(i));
            values.push(ritz.values[i]);
        }
        if afresh {
            self.space.restart_afresh(&s, &values, self.plan.block, &mut self.stream)
        } else {
            self.space.restart(&s, &values)
        }
    }
}
