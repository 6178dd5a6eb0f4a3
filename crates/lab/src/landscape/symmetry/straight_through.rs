//! Straight-through matching.

use serde::{Deserialize, Serialize};

use super::weight::{WeightOptions, weight_matching};
use crate::symmetry::{Element, Symmetries};
use crate::{Oracle, Scalar, Stop};

/// How to match through gradients.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StraightThroughOptions {
    /// Steps.
    pub steps: usize,
    /// The length of the first step, in units of ‖a‖: a step is −η ∇f with η = `length` · ‖a‖/‖∇f‖ at
    /// the first gradient, and the same η later on.
    pub length: f64,
    /// For the projections.
    pub matching: WeightOptions,
}

impl Default for StraightThroughOptions {
    /// 50 steps, the first of 0.05 ‖a‖.
    fn default() -> Self {
        Self { steps: 50, length: 0.05, matching: WeightOptions::default() }
    }
}

/// The best element seen, and the losses on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct StraightThrough {
    /// Applied to b, it makes the midpoint's loss smallest.
    pub element: Element,
    /// f(½(a + π b)) at each step.
    pub losses: Vec<f64>,
    /// The step of the best.
    pub best: usize,
}

/// An element π that makes f(½(a + π b)) small: gradient descent on a point ã whose projection on the
/// copies of b, the π b nearest to it, takes its place in f.
///
/// Algorithm 3 of Ainsworth et al. 2023 (*Git Re-Basin*): ã begins at a; each step projects by
/// weight matching, and moves ã by the gradient of f(½(a + π b)) with respect to π b, as if the
/// projection were the identity (Bengio, Léonard & Courville 2013). Steps are of gradient descent over the whole
/// objective, where theirs are of minibatches; the projection begins with the π of the step before.
/// The best midpoint of all steps is kept, so that it is never worse than weight matching.
///
/// Costs one gradient and one weight matching a step.
///
/// # Errors
/// [`Stop`] from the oracle.
pub fn straight_through_matching<T: Scalar>(
    oracle: &Oracle<'_, T>,
    symmetries: &Symmetries,
    a: &[T],
    b: &[T],
    options: &StraightThroughOptions,
) -> Result<StraightThrough, Stop> {
    let layout = oracle.objective().layout();
    let mut shadow = a.to_vec();
    let mut gradient = vec![T::zero(); a.len()];
    let mut element = Element::identity(symmetries);
    let mut rate = None;
    let mut found: Option<StraightThrough> = None;
    for step in 0..options.steps.max(1) {
        let seeded =
            WeightOptions { seed: options.matching.seed.wrapping_add(step as u64), ..options.matching };
        element = weight_matching(symmetries, layout, &shadow, b, &element, &seeded).element;
        let copy = element.apply(symmetries, layout, b);
        let middle: Vec<T> = a.iter().zip(&copy).map(|(a, b)| T::of(0.5 * (a.wide() + b.wide()))).collect();
        let loss = oracle.value_grad(&middle, &mut gradient)?;
        let best = found.get_or_insert_with(|| StraightThrough {
            element: element.clone(),
            losses: vec![],
            best: 0,
        });
        if best.losses.is_empty() || loss < best.losses[best.best] {
            (best.element, best.best) = (element.clone(), step);
        }
        best.losses.push(loss);
        let eta = *rate.get_or_insert_with(|| {
            let size = |v: &[T]| crate::vector::norm(v).max(f64::MIN_POSITIVE);
            options.length * size(a) / size(&gradient)
        });
        for (s, g) in shadow.iter_mut().zip(&gradient) {
            *s = T::of(s.wide() - eta * g.wide());
        }
    }
    Ok(found.expect("at least one step"))
}
