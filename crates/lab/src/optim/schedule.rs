//! Learning-rate schedules.

mod text;

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

pub use text::ScheduleError;

/// How the learning rate (and for one-cycle the momentum) changes over a run.
///
/// Periods are counted in epochs, a schedule is evaluated at every step: with
/// e steps an epoch, step s = 0, 1, … is at time t = s/e. A run without a
/// minibatch has one step an epoch, so that periods are then steps. The end of
/// the run is at S steps, T = S/e.
///
/// With a warm-up of w epochs, W = ⌊w e + ½⌋ ≤ S: at step s < W the multiplier
/// is (s + 1)/W times that of the shape's own first step (Goyal et al. 2017,
/// *Accurate, large minibatch SGD*, §2.2, starting from the first rate above
/// zero), and afterwards the shape runs as if it had begun at step W and had
/// S − W steps.
///
/// As text: `[warmup:w+]shape`, with the shapes written as in [`Shape`].
///
/// ```
/// use thalweg_lab::optim::{Clock, Schedule};
/// let schedule: Schedule = "warmup:2+step:30:0.1".parse()?;
/// let clock = Clock { steps: 100, steps_per_epoch: 1 };
/// assert_eq!(schedule.at(0, clock, 0).learning_rate, 0.5);
/// assert_eq!(schedule.at(31, clock, 0).learning_rate, 1.0);
/// assert_eq!(schedule.at(32, clock, 0).learning_rate, 0.1);
/// # Ok::<(), thalweg_lab::optim::ScheduleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Schedule {
    /// w, in epochs; 0 for none.
    pub warmup: f64,
    /// What follows.
    pub shape: Shape,
}

/// The shape of a schedule: the multiplier m of the configured learning rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// `constant`: m = 1.
    Constant,
    /// `step:every:factor`: m = factor^⌊t/every⌋ (PyTorch's `StepLR`).
    Step {
        /// Epochs between two drops.
        every: f64,
        /// What each drop multiplies by.
        factor: f64,
    },
    /// `exponential:factor`: m = factorᵗ (PyTorch's `ExponentialLR`, there in whole epochs).
    Exponential {
        /// What an epoch multiplies by.
        factor: f64,
    },
    /// `polynomial[:power[:floor]]`: m = floor + (1 − floor)(1 − t/T)^power; linear if nothing is
    /// said (PyTorch's `PolynomialLR`, total_iters = T).
    Polynomial {
        /// The exponent, above 0.
        power: f64,
        /// The least multiplier.
        floor: f64,
    },
    /// `inverse-sqrt:scale`: m = √(scale/(scale + t)). After a warm-up as long as `scale`
    /// this is the Transformer's schedule, one step late (Vaswani et al., *Attention is all
    /// you need*, NeurIPS 2017, eq. 3), of which the configured learning rate is the peak.
    InverseSqrt {
        /// The epochs after which m = 1/√2.
        scale: f64,
    },
    /// `wsd[:share[:floor]]`, warm-up, stable, decay: m = 1, then over the last share of the steps
    /// linearly towards the floor. Hu et al., *MiniCPM* (2024), with the linear cooldown and
    /// the share of 0.2 of Hägele et al., *Scaling laws and compute-optimal training beyond fixed
    /// training durations*, NeurIPS 2024; the warm-up is written before it.
    Wsd {
        /// Share of the steps, after the warm-up, that are spent on the decay.
        share: f64,
        /// The least multiplier.
        floor: f64,
    },
    /// `cosine[:floor]`: m = floor + (1 − floor)(1 + cos(π t/T))/2. The first
    /// half period of SGDR, eq. 5; PyTorch's `CosineAnnealingLR`, T_max = T. The
    /// last step of a run is at T − 1/e, so the floor itself is not reached.
    Cosine {
        /// The least multiplier.
        floor: f64,
    },
    /// `restarts:first[:growth[:floor]]`: cosine with warm restarts, m = floor +
    /// (1 − floor)(1 + cos(π t_cur/T_i))/2 with t_cur epochs since the last
    /// restart and T_i = first·growthⁱ (Loshchilov & Hutter, *SGDR*, ICLR 2017,
    /// eq. 5; PyTorch's `CosineAnnealingWarmRestarts`, there with a whole growth).
    Restarts {
        /// T₀ in epochs.
        first: f64,
        /// T_mult ≥ 1; 1 if not given.
        growth: f64,
        /// The least multiplier; 0 if not given.
        floor: f64,
    },
    /// `plateau[:factor[:patience]]`: m = factorᵏ after k drops, one whenever an epoch is the
    /// (patience + 1)-th in a row whose mean minibatch loss is not below the best one by 10⁻⁴ of it
    /// (PyTorch's `ReduceLROnPlateau` on that mean, with its defaults of 0.1 and 10).
    Plateau {
        /// What each drop multiplies by.
        factor: f64,
        /// Epochs without progress that are borne.
        patience: f64,
    },
    /// `one-cycle[:rise[:start[:end[:high:low]]]]`: see [`OneCycle`].
    OneCycle(OneCycle),
}

/// One cycle up and down, of which the configured learning rate is the peak.
///
/// Two phases of cosines, m = b + (a − b)(1 + cos π p)/2: from a = 1/start to
/// b = 1 at step rise·S − 1, then from 1 to 1/(start·end) at the last step, S − 1.
/// The momentum goes the other way, high → low → high.
///
/// Source: Smith & Topin, *Super-convergence* (2018), in the variant of
/// PyTorch's `OneCycleLR` with its defaults (`three_phase=False`,
/// `anneal_strategy="cos"`, rise 0.3, start 25, end 10⁴, momentum 0.95 and
/// 0.85), not the three linear phases of the paper. If rise·S ≤ 1 there is no
/// room to rise and the first phase is left out. Steps beyond the last keep its rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    /// Share of the steps spent rising, in [0, 1].
    pub rise: f64,
    /// The peak over the first learning rate.
    pub start: f64,
    /// The first learning rate over the last.
    pub end: f64,
    /// Highest and lowest momentum, or `None` (written `fixed`) to leave it alone.
    pub momentum: Option<[f64; 2]>,
}

impl Default for OneCycle {
    fn default() -> Self {
        Self { rise: 0.3, start: 25.0, end: 1e4, momentum: Some([0.95, 0.85]) }
    }
}

/// The length of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// S, in steps.
    pub steps: u64,
    /// e; 1 where there are no epochs.
    pub steps_per_epoch: u64,
}

/// What a schedule says at one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Multiplier {
    /// m: the learning rate is m times the configured one.
    pub learning_rate: f64,
    /// Replaces the optimizer's momentum.
    pub momentum: Option<f64>,
}

/// The share of the best loss by which an epoch must be lower to count as progress on a plateau.
const PROGRESS: f64 = 1e-4;

impl Schedule {
    /// m = 1 throughout.
    pub const CONSTANT: Self = Self { warmup: 0.0, shape: Shape::Constant };

    /// The multiplier at step s = 0, 1, …, after so many [drops](Self::drops).
    pub fn at(&self, step: u64, clock: Clock, drops: u32) -> Multiplier {
        let epoch = clock.steps_per_epoch.max(1);
        let warm = ((self.warmup * epoch as f64).round() as u64).min(clock.steps);
        let clock = Clock { steps: clock.steps - warm, ..clock };
        let mut multiplier = self.shape.at(step.saturating_sub(warm), clock);
        if step < warm {
            multiplier.learning_rate *= (step + 1) as f64 / warm as f64;
        }
        if let Shape::Plateau { factor, .. } = self.shape {
            multiplier.learning_rate *= factor.powi(drops as i32);
        }
        multiplier
    }

    /// How often the rate has dropped for want of progress, by the minibatch losses of all steps so
    /// far; 0 for shapes that do not look at them.
    pub fn drops(&self, losses: &[f64], clock: Clock) -> u32 {
        let Shape::Plateau { patience, .. } = self.shape else { return 0 };
        let (mut best, mut waited, mut drops) = (f64::INFINITY, 0.0, 0);
        for epoch in losses.chunks_exact(clock.steps_per_epoch.max(1) as usize) {
            let mean = epoch.iter().sum::<f64>() / epoch.len() as f64;
            if mean < best - PROGRESS * best.abs() || (best.is_infinite() && mean.is_finite()) {
                (best, waited) = (mean, 0.0);
            } else {
                waited += 1.0;
            }
            if waited > patience {
                (drops, waited) = (drops + 1, 0.0);
            }
        }
        drops
    }
}

impl Shape {
    fn at(&self, step: u64, clock: Clock) -> Multiplier {
        let epoch = clock.steps_per_epoch.max(1) as f64;
        let t = step as f64 / epoch;
        let passed = (step as f64 / clock.steps.max(1) as f64).min(1.0);
        let learning_rate = match *self {
            Shape::Constant | Shape::Plateau { .. } => 1.0,
            Shape::Step { every, factor } => factor.powf((t / every).floor()),
            Shape::Exponential { factor } => factor.powf(t),
            Shape::Polynomial { power, floor } => floor + (1.0 - floor) * (1.0 - passed).powf(power),
            Shape::InverseSqrt { scale } => (scale / (scale + t)).sqrt(),
            Shape::Wsd { share, floor } => {
                let left = if share > 0.0 { ((1.0 - passed) / share).min(1.0) } else { 1.0 };
                floor + (1.0 - floor) * left
            }
            Shape::Cosine { floor } => cosine(1.0, floor, t / (clock.steps.max(1) as f64 / epoch)),
            Shape::Restarts { first, growth, floor } => cosine(1.0, floor, since_restart(t, first, growth)),
            Shape::OneCycle(cycle) => return cycle.at(step, clock.steps),
        };
        Multiplier { learning_rate, momentum: None }
    }
}

impl OneCycle {
    fn at(&self, step: u64, steps: u64) -> Multiplier {
        let last = steps.saturating_sub(1) as f64;
        let peak = self.rise * steps as f64 - 1.0;
        let step = (step as f64).min(last);
        let (first, end) = (1.0 / self.start, 1.0 / (self.start * self.end));
        let phase = |rate: [f64; 2], momentum: fn([f64; 2]) -> [f64; 2], share: f64| Multiplier {
            learning_rate: cosine(rate[0], rate[1], share),
            momentum: self.momentum.map(momentum).map(|[from, to]| cosine(from, to, share)),
        };
        if peak > 0.0 && step <= peak {
            phase([first, 1.0], |high_low| high_low, step / peak)
        } else {
            let peak = peak.max(0.0);
            let share = if last > peak { (step - peak) / (last - peak) } else { 1.0 };
            phase([1.0, end], |[high, low]| [low, high], share)
        }
    }
}

/// Half a cosine period, `from` at share 0 and `to` at share 1.
fn cosine(from: f64, to: f64, share: f64) -> f64 {
    to + (from - to) / 2.0 * (1.0 + (PI * share).cos())
}

/// The share of the current period that has passed at time t.
fn since_restart(t: f64, first: f64, growth: f64) -> f64 {
    if growth == 1.0 {
        return (t / first).fract();
    }
    let (mut start, mut length) = (0.0, first);
    while t >= start + length {
        start += length;
        length *= growth;
    }
    (t - start) / length
}

#[cfg(test)]
mod tests;
