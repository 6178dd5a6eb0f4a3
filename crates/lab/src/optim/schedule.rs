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
mod tests {
    use super::*;

    const HUNDRED: Clock = Clock { steps: 100, steps_per_epoch: 1 };

    fn rate(text: &str, step: u64, clock: Clock) -> f64 {
        text.parse::<Schedule>().unwrap().at(step, clock, 0).learning_rate
    }

    #[track_caller]
    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} against {expected}");
    }

    /// η = 0.1 to 0.001 in 100 steps; the digits come from η_min + (η_max − η_min)(1 + cos(πt/T))/2
    /// in multiple precision.
    #[test]
    fn cosine_is_pytorchs_annealing() {
        for (t, expected) in [(0, 0.1), (1, 0.099975574738), (25, 0.085501785669), (50, 0.0505)] {
            let found = 0.1 * rate("cosine:0.01", t, HUNDRED);
            assert!((found - expected).abs() < 1e-12, "{t}: {found}");
        }
    }

    #[test]
    fn cosine_counts_steps_within_epochs() {
        let clock = Clock { steps: 100, steps_per_epoch: 7 };
        close(rate("cosine", 25, clock), (1.0 + (PI / 4.0).cos()) / 2.0);
    }

    #[test]
    fn steps_drop_at_whole_epochs() {
        let clock = Clock { steps: 1000, steps_per_epoch: 10 };
        for (step, expected) in [(0, 1.0), (299, 1.0), (300, 0.1), (599, 0.1), (600, 0.01)] {
            close(rate("step:30:0.1", step, clock), expected);
        }
    }

    /// `torch.optim.lr_scheduler` 2.x, lr 0.1: `ExponentialLR(gamma=0.95)` after 10 epochs 0.1·0.95¹⁰, and
    /// `PolynomialLR(total_iters=100, power=2)` after 30 steps 0.1·0.7².
    #[test]
    fn exponential_and_polynomial_are_pytorchs() {
        assert!((0.1 * rate("exponential:0.95", 10, HUNDRED) - 0.059873693923837895).abs() < 1e-15);
        let clock = Clock { steps: 100, steps_per_epoch: 4 };
        close(rate("exponential:0.5", 6, clock), 0.5f64.powf(1.5));
        assert!((0.1 * rate("polynomial:2", 30, HUNDRED) - 0.049).abs() < 1e-15);
        close(rate("polynomial", 99, clock), 0.01);
        close(rate("polynomial:1:0.2", 50, HUNDRED), 0.6);
        close(rate("polynomial", 100, HUNDRED), 0.0);
        close(rate("polynomial:0.5", 500, HUNDRED), 0.0);
    }

    /// Vaswani's d^−½ min(k^−½, k w^−3/2) over its peak (dw)^−½, at the steps k = 1, 2, …, w = 40.
    #[test]
    fn the_inverse_root_is_the_transformers() {
        let clock = Clock { steps: 1000, steps_per_epoch: 10 };
        let paper = |k: f64| 40f64.sqrt() * k.powf(-0.5).min(k * 40f64.powf(-1.5));
        for step in 0..40 {
            close(rate("warmup:4+inverse-sqrt:4", step, clock), paper((step + 1) as f64));
        }
        for step in 40..1000 {
            close(rate("warmup:4+inverse-sqrt:4", step, clock), paper(step as f64));
        }
    }

    /// Ten steps of warm-up, ninety of which the last fifth, eighteen, goes down in a line.
    #[test]
    fn the_stable_phase_ends_in_a_linear_decay() {
        for (step, expected) in [(0, 0.1), (9, 1.0), (10, 1.0), (82, 1.0), (91, 0.5), (99, 1.0 / 18.0)] {
            close(rate("warmup:10+wsd", step, HUNDRED), expected);
        }
        close(rate("wsd:0.5:0.1", 75, HUNDRED), 0.55);
        close(rate("wsd:0", 99, HUNDRED), 1.0);
        close(rate("wsd:1", 25, HUNDRED), rate("polynomial", 25, HUNDRED));
    }

    /// With T₀ = 10 and growth 2 the rate is back at its peak at 0, 10, 30, 70, 150.
    #[test]
    fn restarts_come_where_sgdr_has_them() {
        let clock = Clock { steps: 200, steps_per_epoch: 1 };
        let peaks: Vec<u64> = (0..200).filter(|&t| rate("restarts:10:2", t, clock) == 1.0).collect();
        assert_eq!(peaks, [0, 10, 30, 70, 150]);
        close(rate("restarts:10:2:0.2", 20, clock), 0.6);
        let even: Vec<u64> = (0..200).filter(|&t| rate("restarts:50", t, clock) == 1.0).collect();
        assert_eq!(even, [0, 50, 100, 150]);
        close(rate("restarts:50", 75, clock), 0.5);
    }

    /// max_lr 0.1, 100 steps, everything else default: `OneCycleLR`'s formula in multiple precision.
    #[test]
    fn one_cycle_is_pytorchs() {
        let cases = [
            (0, 0.004),
            (1, 0.00428137805659),
            (10, 0.02951639484641),
            (29, 0.1),
            (50, 0.07938934505757),
            (99, 4e-7),
        ];
        for (t, expected) in cases {
            let found = 0.1 * rate("one-cycle", t, HUNDRED);
            assert!((found - expected).abs() < 1e-13, "{t}: {found}");
        }
        let momentum = |t| "one-cycle".parse::<Schedule>().unwrap().at(t, HUNDRED, 0).momentum.unwrap();
        assert!((momentum(10) - 0.923420422035).abs() < 1e-12);
        close(momentum(0), 0.95);
        close(momentum(29), 0.85);
        close(momentum(99), 0.95);
        assert_eq!(
            "one-cycle:0.3:25:1e4:fixed".parse::<Schedule>().unwrap().at(10, HUNDRED, 0).momentum,
            None
        );
    }

    #[test]
    fn one_cycle_stays_finite_in_very_short_runs() {
        for steps in 0..8 {
            for rise in ["0", "0.3", "1"] {
                for t in 0..=steps {
                    let text = format!("one-cycle:{rise}");
                    let m = rate(&text, t, Clock { steps, steps_per_epoch: 1 });
                    assert!((4e-6 - 1e-12..=1.0 + 1e-12).contains(&m), "{steps} {rise} {t}: {m}");
                }
            }
        }
    }

    #[test]
    fn warm_up_rises_linearly_and_shifts_the_rest() {
        let clock = Clock { steps: 120, steps_per_epoch: 10 };
        for step in 0..20 {
            close(rate("warmup:2+cosine", step, clock), (step + 1) as f64 / 20.0);
        }
        for step in 20..120 {
            close(rate("warmup:2+cosine", step, clock), rate("cosine", step - 20, HUNDRED));
        }
        close(rate("warmup:50+constant", 119, clock), 1.0);
    }

    /// By hand for PyTorch's rule: epochs of two steps with means 4, 3, 3, 3, 2.9999, 2.9, 2.9, 2.9, and a
    /// patience of 1: the second epoch in a row without progress drops the rate.
    #[test]
    fn the_rate_drops_on_a_plateau() {
        let schedule: Schedule = "plateau:0.5:1".parse().unwrap();
        let clock = Clock { steps: 100, steps_per_epoch: 2 };
        let means = [4.0, 3.0, 3.0, 3.0, 2.9999, 2.9, 2.9, 2.9];
        let losses: Vec<f64> = means.iter().flat_map(|mean| [mean - 1.0, mean + 1.0]).collect();
        let drops: Vec<u32> = (0..=8).map(|epochs| schedule.drops(&losses[..2 * epochs], clock)).collect();
        assert_eq!(drops, [0, 0, 0, 0, 1, 1, 1, 1, 2]);
        // A part of an epoch does not count yet.
        assert_eq!(schedule.drops(&losses[..7], clock), 0);
        assert_eq!(schedule.at(8, clock, 1).learning_rate, 0.5);
        assert_eq!("cosine".parse::<Schedule>().unwrap().drops(&losses, clock), 0);
        // What is not a number is no progress.
        assert_eq!(schedule.drops(&[f64::NAN; 8], clock), 2);
    }
}
