//! How certain values on a line or a plane are, as means over a sample of examples.

use serde::{Deserialize, Serialize};

use crate::vector::displaced;
use crate::{Oracle, Scalar, Stop};

/// The finished part of errors: written with serde and read back, it goes on to the same bits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorsProgress {
    /// Each finished point's own standard error, then the paired one.
    #[serde(with = "crate::exact")]
    pub numbers: Vec<f64>,
}

/// Standard errors of the loss at points around a centre, over the N examples as a random sample.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Errors {
    /// N.
    pub examples: usize,
    /// Standard error of f at each point by itself.
    pub own: Vec<f64>,
    /// Standard error of f(point) − f(centre): that of the mean of ℓᵢ(point) − ℓᵢ(centre).
    pub paired: Vec<f64>,
}

/// The standard errors of f(x + Σⱼ cⱼ dⱼ) for each row c of `coordinates`, over the examples.
///
/// With ℓᵢ the loss of example i, the error of a mean of quantities qᵢ is √(Σ (qᵢ − q̄)² / (N (N − 1))):
/// `own` takes qᵢ = ℓᵢ(point), `paired` takes qᵢ = ℓᵢ(point) − ℓᵢ(x). Examples that are hard at the point
/// are mostly hard at the centre too, so that the shape of a surface is far more certain than its
/// height: paired errors belong to differences from the centre, own ones to the height.
///
/// They say how far the picture may differ on other examples *of the same distribution*, one standard deviation, point by
/// point; a band around a curve is not a band for the curve as a whole. Penalties have no error. `None`
/// where the objective is no mean over examples, an example has no loss of its own (batch normalization
/// by the batch), or there is one example only.
///
/// Cost: a value a point, and one for x.
///
/// # Errors
/// [`Stop`] from the oracle or from `observe`; `progress` then holds the finished points.
pub fn errors<T: Scalar, const D: usize>(
    oracle: &Oracle<'_, T>,
    origin: &[T],
    directions: [&[T]; D],
    coordinates: &[[f64; D]],
    progress: &mut ErrorsProgress,
    observe: &mut dyn FnMut(&ErrorsProgress) -> Result<(), Stop>,
) -> Result<Option<Errors>, Stop> {
    let Some(sum) = oracle.objective().finite_sum().filter(|sum| sum.is_separable()) else { return Ok(None) };
    let (n, examples) = (origin.len(), sum.examples());
    if examples < 2 {
        return Ok(None);
    }
    let Some(centre) = losses(oracle, origin, examples)? else { return Ok(None) };
    let numbers = &mut progress.numbers;
    numbers.truncate(numbers.len().min(2 * coordinates.len()) / 2 * 2);
    let mut point = vec![T::zero(); n];
    while progress.numbers.len() < 2 * coordinates.len() {
        let c = &coordinates[progress.numbers.len() / 2];
        let terms: Vec<(f64, &[T])> = c.iter().copied().zip(directions).collect();
        displaced(origin, &terms, &mut point);
        let Some(found) = losses(oracle, &point, examples)? else { return Ok(None) };
        let paired = found.iter().zip(&centre).map(|(a, b)| a - b);
        progress.numbers.extend([standard_error(found.iter().copied()), standard_error(paired)]);
        observe(progress)?;
    }
    let column = |k: usize| progress.numbers.chunks(2).map(|pair| pair[k]).collect();
    Ok(Some(Errors { examples, own: column(0), paired: column(1) }))
}

/// The examples' losses; all of them NaN where one is not finite.
fn losses<T: Scalar>(oracle: &Oracle<'_, T>, x: &[T], examples: usize) -> Result<Option<Vec<f64>>, Stop> {
    match oracle.losses(x) {
        Err(Stop::NonFinite { .. }) => Ok(Some(vec![f64::NAN; examples])),
        other => other,
    }
}

fn standard_error(values: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    let count = values.len() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let squares: f64 = values.map(|v| (v - mean) * (v - mean)).sum();
    (squares / (count * (count - 1.0))).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    /// By one example at a time, from the objective's other face.
    #[test]
    fn errors_are_those_of_the_examples_losses() {
        let f = samples::least_squares(23, 3);
        let (x, d) = ([0.3, -0.2, 1.1], [1.0, 0.5, -2.0]);
        let coordinates: Vec<[f64; 1]> = (0..5).map(|i| [0.4 * f64::from(i)]).collect();
        let oracle = Oracle::<f64>::new(&f);
        let mut progress = ErrorsProgress::default();
        let found = errors(&oracle, &x, [&d], &coordinates, &mut progress, &mut |_| Ok(())).unwrap().unwrap();
        assert_eq!((found.examples, oracle.counts().values), (23, 6));
        assert_eq!(found.paired[0], 0.0);
        let loss = |t: f64, i: usize| {
            let point: Vec<f64> = x.iter().zip(&d).map(|(x, d)| x + t * d).collect();
            f.over(&point, std::iter::once(i), &mut [0.0; 3])
        };
        for (k, [t]) in coordinates.iter().enumerate() {
            let spread = |q: &dyn Fn(usize) -> f64| {
                let mean = (0..23).map(q).sum::<f64>() / 23.0;
                ((0..23).map(|i| (q(i) - mean).powi(2)).sum::<f64>() / 22.0 / 23.0).sqrt()
            };
            assert!((found.own[k] - spread(&|i| loss(*t, i))).abs() < 1e-14);
            assert!((found.paired[k] - spread(&|i| loss(*t, i) - loss(0.0, i))).abs() < 1e-14);
        }
        // What is known is not asked for again.
        progress.numbers.truncate(5);
        let again = errors(&oracle, &x, [&d], &coordinates, &mut progress, &mut |_| Ok(())).unwrap();
        assert_eq!((again, oracle.counts().values), (Some(found), 6 + 4));
    }

    #[test]
    fn functions_have_none() {
        let f = samples::walled_saddle();
        let oracle = Oracle::<f64>::new(&f);
        let none =
            errors(&oracle, &[0.0; 2], [&[1.0, 0.0]], &[[1.0]], &mut ErrorsProgress::default(), &mut |_| {
                Ok(())
            });
        assert_eq!((none, oracle.counts().values), (Ok(None), 0));
    }
}
