//! The nudged elastic band: a chain of points that relaxes to a path of least energy.

mod force;

use serde::{Deserialize, Serialize};

use super::curve::{Curve, CurveKind, distance};
use super::profile::{Profile, ProfileOptions, profile};
use crate::optim::{Memory, Method, Optimizer, OptimizerSpec, Rates, TrainError};
use crate::random::Stream;
use crate::{Minibatch, Oracle, Scalar, Stop};
use force::{lengths, perpendicular, redistributed};

/// How a band is relaxed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BandOptions {
    /// Pivots between the ends to begin with.
    pub pivots: usize,
    /// The rule of every pivot's steps.
    pub optimizer: OptimizerSpec,
    /// Its learning rate η in the first cycles.
    pub learning_rate: f64,
    /// Cycles; after each but the last, pivots are inserted. The first half of them have the rate η, the next
    /// quarter η/10, the rest η/100.
    pub cycles: usize,
    /// Steps of a cycle.
    pub steps: u64,
    /// Examples of a step's gradients, the same for all pivots; `None` for all examples.
    pub batch: Option<usize>,
    /// Points of each gap between pivots at which f is compared with the straight line between its values at
    /// the pivots.
    pub between: usize,
    /// A pivot is inserted where f is above that line by more than this share of the range of f on the band.
    pub insert: f64,
    /// Pivots between the ends at most.
    pub most: usize,
    /// Seed of the minibatches.
    pub seed: u64,
}

impl BandOptions {
    /// 5 pivots, 8 cycles of 100 steps on all examples; insertion by a fifth of the range at one of 9 points,
    /// as in the source, of at most 30 pivots.
    pub fn new(optimizer: OptimizerSpec, learning_rate: f64) -> Self {
        let (pivots, cycles, steps, between, insert, most) = (5, 8, 100, 9, 0.2, 30);
        let (batch, seed) = (None, 0);
        Self { pivots, optimizer, learning_rate, cycles, steps, batch, between, insert, most, seed }
    }

    /// η of a cycle, from 0.
    fn rate(&self, cycle: usize) -> f64 {
        let share = match (4 * cycle) / self.cycles.max(1) {
            0 | 1 => 1.0,
            2 => 0.1,
            _ => 0.01,
        };
        self.learning_rate * share
    }

    fn method<T: Scalar>(&self, oracle: &Oracle<'_, T>) -> Result<Box<dyn Method<T>>, TrainError> {
        if !(self.learning_rate.is_finite() && self.learning_rate > 0.0) {
            return Err(TrainError::LearningRate(self.learning_rate));
        }
        let examples = oracle.objective().finite_sum().map(|sum| sum.examples());
        match (self.batch, examples) {
            (Some(0), _) => return Err(TrainError::EmptyBatch),
            (Some(size), None) => return Err(TrainError::NoExamples { size }),
            (Some(size), Some(examples)) if size > examples => {
                return Err(TrainError::Batch { size, examples });
            }
            _ => {}
        }
        match self.optimizer.build::<T>(oracle.objective().layout()) {
            Optimizer::Method(method) => Ok(method),
            other => Err(TrainError::NoTraining { optimizer: other.name() }),
        }
    }
}

/// An elastic band between two points, as far as it is relaxed; written with serde and read back, it goes on
/// to the same bits.
///
/// Every pivot pᵢ moves against the part of ∇f(pᵢ) that is perpendicular to the band,
/// F = −(∇f − (∇f·τ)τ), with τ along the gap to the neighbour of the higher value (Henkelman & Jónsson, *J. Chem.
/// Phys.* 113, 9978 (2000), eq. 8 without their blending at extrema). There are no springs: before each step the
/// pivots are put back on the polygon through them so that their distances keep the proportions that they
/// began with, which is the limit of infinitely stiff springs. After a cycle f is followed between the
/// pivots, and a pivot is inserted in the gap where f rises most above the line, if it rises enough.
///
/// What it finds is a path of *locally* least energy: another band between the same ends may be lower.
///
/// Cost: a gradient for each pivot and step, or its share of a minibatch; and the values of the profile.
///
/// Source: Draxler, Veschgini, Salmhofer & Hamprecht, *Essentially no barriers in neural network energy landscape*
/// (ICML 2018), algorithms 1 and 2. Theirs takes SGD with momentum and 14 cycles of its own schedule; here the
/// rule is any [`Method`], whose memory begins anew with each cycle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct Band<T: Scalar> {
    /// Cycles that are done.
    pub cycle: usize,
    /// The points of the band, the ends among them.
    #[serde(with = "crate::exact::rows")]
    pub pivots: Vec<Vec<T>>,
    /// Shares of the band's length in each gap.
    #[serde(with = "crate::exact")]
    pub shares: Vec<f64>,
    /// The largest perpendicular force at the last step's pivots, ‖F‖ / √n.
    #[serde(with = "crate::exact::one")]
    pub force: f64,
}

impl<T: Scalar> Band<T> {
    /// Pivots evenly spread over the straight line from a to b.
    ///
    /// # Panics
    /// If a and b differ in length.
    pub fn straight(a: &[T], b: &[T], options: &BandOptions) -> Self {
        let curve = Curve::straight(CurveKind::Chain, a, b, options.pivots);
        Self::along(&curve.expect("both ends have one length"))
    }

    /// The corners of a chain as pivots, or as many points of another curve as it has control points.
    pub fn along(curve: &Curve<T>) -> Self {
        let last = curve.points().len() - 1;
        let pivots: Vec<Vec<T>> = (0..=last).map(|i| curve.at(i as f64 / last as f64)).collect();
        let lengths = lengths(&pivots);
        let total: f64 = lengths.iter().sum();
        let shares = match total > 0.0 {
            true => lengths.iter().map(|length| length / total).collect(),
            false => vec![1.0 / last as f64; last],
        };
        Self { cycle: 0, pivots, shares, force: f64::NAN }
    }

    /// The polygon through the pivots.
    pub fn curve(&self) -> Curve<T> {
        Curve::new(CurveKind::Chain, self.pivots.clone()).expect("a band has two ends of one length")
    }

    /// Whether no cycle is left.
    pub fn is_done(&self, options: &BandOptions) -> bool {
        self.cycle >= options.cycles
    }

    /// Relaxes the band for one cycle, and inserts pivots if it is not the last.
    ///
    /// # Errors
    /// Options that fit no training; or, inside, a [`Stop`] of the oracle: the band is then as it was before
    /// the cycle.
    pub fn advance(
        &mut self,
        oracle: &Oracle<'_, T>,
        options: &BandOptions,
    ) -> Result<Result<(), Stop>, TrainError> {
        let method = options.method(oracle)?;
        let mut next = self.clone();
        let relaxed = next.relax(oracle, options, &*method).and_then(|()| {
            next.cycle += 1;
            if next.is_done(options) { Ok(()) } else { next.insert(oracle, options) }
        });
        Ok(relaxed.map(|()| *self = next))
    }

    fn relax(
        &mut self,
        oracle: &Oracle<'_, T>,
        options: &BandOptions,
        method: &dyn Method<T>,
    ) -> Result<(), Stop> {
        let count = self.pivots.len();
        let n = self.pivots[0].len();
        let mut memories: Vec<Memory<T>> = vec![method.init(n); count - 2];
        let mut gradients = vec![vec![T::zero(); n]; count - 2];
        let mut values = vec![0.0; count];
        let mut source = Source::new(oracle, options);
        let rates = Rates::new(options.rate(self.cycle));
        for step in 0..options.steps {
            redistributed(&mut self.pivots, &self.shares);
            let indices = source.draw(self.cycle as u64 * options.steps + step);
            for (i, gradient) in gradients.iter_mut().enumerate() {
                values[i + 1] = source.value_grad(&indices, &self.pivots[i + 1], gradient)?;
            }
            // The ends do not move; their values on these examples say which way is up.
            let mut unused = vec![T::zero(); n];
            if step == 0 || options.batch.is_some() {
                for end in [0, count - 1] {
                    values[end] = source.value_grad(&indices, &self.pivots[end], &mut unused)?;
                }
            }
            let before = self.pivots.clone();
            self.force = 0.0;
            for i in 1..count - 1 {
                let force = &mut gradients[i - 1];
                perpendicular(&before, &values, i, force);
                let square: f64 = force.iter().map(|f| f.wide() * f.wide()).sum();
                self.force = self.force.max((square / n as f64).sqrt());
                method.step(&mut memories[i - 1], &mut self.pivots[i], force, rates);
            }
        }
        for (pivot, memory) in self.pivots[1..count - 1].iter_mut().zip(&memories) {
            *pivot = method.answer(memory, pivot).to_vec();
        }
        redistributed(&mut self.pivots, &self.shares);
        Ok(())
    }

    /// Inserts a pivot in every gap where f rises by more than the threshold above the line between its
    /// values at the gap's ends, the highest rises first.
    fn insert(&mut self, oracle: &Oracle<'_, T>, options: &BandOptions) -> Result<(), Stop> {
        let pieces = options.between + 1;
        let gaps = self.pivots.len() - 1;
        let points = ProfileOptions { points: gaps * pieces + 1, tolerance: 0.0, rounds: 0 };
        let found: Profile = profile(oracle, &self.curve(), &points)?;
        let values: Vec<f64> = found.samples.iter().map(|s| s.value).collect();
        let (low, high) =
            values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
        let rise = |gap: usize| {
            let (first, last) = (values[gap * pieces], values[(gap + 1) * pieces]);
            let over = |j: usize| {
                let share = j as f64 / pieces as f64;
                (values[gap * pieces + j] - ((1.0 - share) * first + share * last), share)
            };
            let all = (1..pieces).map(over);
            all.fold((0.0, 0.5), |best: (f64, f64), next| if next.0 > best.0 { next } else { best })
        };
        let mut wanted: Vec<(usize, f64, f64)> = (0..gaps)
            .map(|gap| (gap, rise(gap)))
            .filter(|(_, (height, _))| *height > options.insert * (high - low))
            .map(|(gap, (height, share))| (gap, share, height))
            .collect();
        wanted.sort_by(|a, b| b.2.total_cmp(&a.2));
        wanted.truncate((options.most + 2).saturating_sub(self.pivots.len()));
        wanted.sort_by_key(|(gap, ..)| std::cmp::Reverse(*gap));
        for (gap, share, _) in wanted {
            let piece =
                Curve::line(&self.pivots[gap], &self.pivots[gap + 1]).expect("pivots have one length");
            self.pivots.insert(gap + 1, piece.at(share));
            let whole = self.shares[gap];
            self.shares.splice(gap..=gap, [share * whole, (1.0 - share) * whole]);
        }
        Ok(())
    }

    /// ‖b − a‖ along the polygon.
    pub fn length(&self) -> f64 {
        self.pivots.windows(2).map(|w| distance(&w[0], &w[1])).sum()
    }
}

/// Where the gradients of a step come from.
struct Source<'s, 'o, T: Scalar> {
    oracle: &'s Oracle<'o, T>,
    batch: Option<(usize, Box<dyn Minibatch<T> + 'o>)>,
    examples: usize,
    seed: u64,
    order: Option<(u64, Vec<u32>)>,
}

impl<'s, 'o, T: Scalar> Source<'s, 'o, T> {
    fn new(oracle: &'s Oracle<'o, T>, options: &BandOptions) -> Self {
        let sum = oracle.objective().finite_sum();
        let batch = options.batch.zip(sum).map(|(size, sum)| (size, sum.minibatch(size)));
        let examples = sum.map_or(1, |sum| sum.examples());
        Self { oracle, batch, examples, seed: options.seed, order: None }
    }

    /// The examples of a step: whole batches of an order that every pass makes anew.
    fn draw(&mut self, step: u64) -> Vec<u32> {
        let Some((size, _)) = &self.batch else { return Vec::new() };
        let steps = (self.examples / size) as u64;
        let (pass, place) = (step / steps, (step % steps) as usize);
        if self.order.as_ref().is_none_or(|(known, _)| *known != pass) {
            self.order = Some((pass, Stream::new(self.seed, "band", pass).permutation(self.examples)));
        }
        let order = self.order.as_ref().map_or(&[][..], |(_, order)| order);
        order[place * size..(place + 1) * size].to_vec()
    }

    fn value_grad(&mut self, indices: &[u32], x: &[T], gradient: &mut [T]) -> Result<f64, Stop> {
        match &mut self.batch {
            None => self.oracle.value_grad(x, gradient),
            Some((size, batch)) => {
                let share = *size as f64 / self.examples as f64;
                self.oracle.stochastic(share, gradient, |gradient| batch.value_grad(x, indices, gradient))
            }
        }
    }
}

#[cfg(test)]
mod tests;
