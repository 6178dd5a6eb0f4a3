//! Stochastic variance-reduced gradients.

use crate::optim::method::{Memory, Rates, Sample, Stochastic};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::{Scalar, Stop};

/// SVRG: minibatch steps corrected by the whole gradient at a snapshot.
///
/// Every m steps the snapshot x̃ becomes x, and μ the gradient of all examples there. Each step is
///
/// x ← x − η (gᵢ(x) − gᵢ(x̃) + μ)
///
/// with the gradients gᵢ of one minibatch at both points. The direction is unbiased, and
/// its variance vanishes as x and x̃ approach a minimum, so that a constant η converges.
///
/// Source: Johnson & Zhang, *Accelerating stochastic gradient descent using predictive
/// variance reduction* (NeurIPS 2013), procedure SVRG with option I (the snapshot is the last
/// point). They take m of two passes over the examples for convex losses, of five for networks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Svrg {
    /// m.
    pub every: u64,
}

impl<T: Scalar> Stochastic<T> for Svrg {
    fn name(&self) -> &'static str {
        "svrg"
    }

    fn vectors(&self) -> &'static [&'static str] {
        &["snapshot", "whole_gradient"]
    }

    fn step(
        &self,
        sample: &mut dyn Sample<T>,
        memory: &mut Memory<T>,
        x: &mut [T],
        gradient: &mut [T],
        rates: Rates,
    ) -> Result<f64, Stop> {
        let (step, _, [snapshot, whole]) = memory.parts();
        if *step % self.every == 0 {
            snapshot.copy_from_slice(x);
            sample.whole(snapshot, whole)?;
        }
        *step += 1;
        let rate = T::of(rates.learning_rate);
        let value = sample.value_grad(x, gradient)?;
        for ((x, &g), &w) in x.iter_mut().zip(&*gradient).zip(&*whole) {
            *x = *x - rate * (g + w);
        }
        sample.value_grad(snapshot, gradient)?;
        for (x, &g) in x.iter_mut().zip(&*gradient) {
            *x = *x + rate * g;
        }
        Ok(value)
    }
}

pub(in crate::optim) const fn svrg<T: Scalar>() -> Entry<T> {
    Entry {
        name: "svrg",
        summary: "minibatch steps corrected by the whole gradient at a snapshot",
        source: "Johnson & Zhang 2013, option I",
        family: Family::FirstOrder,
        cost: "2 gradients, and one of all examples a period",
        rate: Some(1e-2),
        parameters: const { &[Parameter::count("every", 100, "steps from one snapshot to the next, m")] },
        build: |values, _| Optimizer::Stochastic(Box::new(Svrg { every: values[0] as u64 })),
    }
}

#[cfg(test)]
mod tests {
    use crate::optim::{Length, Trainer, Training};
    use crate::{Oracle, samples};

    /// Where plain minibatch steps hover about the solution, these converge at a constant rate.
    #[test]
    fn minibatch_steps_converge_at_a_constant_rate() {
        let sum = samples::least_squares(40, 3);
        let slope_after = |spec: &str| {
            let oracle = Oracle::<f64>::new(&sum);
            let training = Training {
                batch: Some(4),
                length: Length::Epochs(200),
                ..Training::new(spec.parse().unwrap(), 0.05)
            };
            let mut trainer = Trainer::new(training, &oracle).unwrap();
            let mut run = trainer.begin(vec![0.0; 3]).unwrap();
            trainer.advance(&mut run, u64::MAX, &mut |_, _| Ok(())).unwrap();
            let mut gradient = [0.0; 3];
            sum.over(&run.x, 0..40, &mut gradient);
            gradient.iter().map(|g| g.abs()).fold(0.0, f64::max)
        };
        assert!(slope_after("sgd") > 1e-4);
        assert!(slope_after("svrg:every=20") < 1e-9);
    }

    /// With one sample of everything the correction cancels: gradient descent.
    #[test]
    fn over_all_examples_it_is_gradient_descent() {
        let f = samples::quadratic(&[1.0, 3.0]);
        let oracle = Oracle::<f64>::new(&f);
        let training = Training {
            batch: None,
            length: Length::Steps(30),
            ..Training::new("svrg:every=7".parse().unwrap(), 0.1)
        };
        let mut trainer = Trainer::new(training.clone(), &oracle).unwrap();
        let mut run = trainer.begin(vec![1.0, 0.5]).unwrap();
        trainer.advance(&mut run, u64::MAX, &mut |_, _| Ok(())).unwrap();
        let plain = Training { method: "sgd".parse().unwrap(), ..training };
        let mut trainer = Trainer::new(plain, &oracle).unwrap();
        let mut other = trainer.begin(vec![1.0, 0.5]).unwrap();
        trainer.advance(&mut other, u64::MAX, &mut |_, _| Ok(())).unwrap();
        assert!(run.x.iter().zip(&other.x).all(|(a, b)| (a - b).abs() < 1e-14));
    }
}
