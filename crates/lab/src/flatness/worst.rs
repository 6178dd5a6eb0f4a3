//! How far f rises at the worst point nearby.

use serde::Serialize;

use super::ascent::{Region, climb};
use crate::random::Stream;
use crate::vector::norm;
use crate::{Oracle, Scalar, Stop};

/// How the worst point is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WorstOptions {
    /// Climbs from random places, beside the one that begins at x.
    pub starts: u64,
    /// Steps of each climb, at most.
    pub steps: u64,
    /// Seed of the random places.
    pub seed: u64,
}

impl Default for WorstOptions {
    /// Four random starts, 20 steps each.
    fn default() -> Self {
        Self { starts: 4, steps: 20, seed: 0 }
    }
}

/// The largest rise that was found: a lower bound of the maximum.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Worst {
    /// max f(x + y) − f(x) over all climbs; infinite if f is not finite somewhere.
    pub rise: f64,
    /// The rise that each climb ended at, the one from x first: how far they agree says how far to trust the largest.
    pub climbs: Vec<f64>,
    /// f(x + y) − f(x) at the corner that the gradient at x points at.
    pub first_order: f64,
}

/// Keskar et al.'s ε-sharpness, 100 (max f(x + y) − f(x))/(1 + f(x)) over the box |yᵢ| ≤ ε(|xᵢ| + 1), and the rise.
///
/// The box is that of all coordinates (their A = I); they climb by ten iterations of L-BFGS-B, here it
/// is conditional gradients from several corners. Not invariant under changes of scale between layers. f must exceed −1.
///
/// Source: Keskar, Mudigere, Nocedal, Smelyanskiy & Tang, *On large-batch training for deep learning* (ICLR 2017),
/// Metric 2.1.
///
/// # Errors
/// [`Stop`] from the oracle.
///
/// ```
/// use thalweg_lab::Oracle;
/// use thalweg_lab::flatness::{WorstOptions, keskar};
/// use thalweg_lab::problem::analytic::{Analytic, quadratic};
///
/// let bowl = Analytic::<f64>::new(quadratic(&[1.0, 4.0, 9.0]), Default::default());
/// let found = keskar(&Oracle::new(&bowl), &[0.5, -0.2, 0.1], 1e-3, &WorstOptions::default())?;
/// assert!((found.0 - 0.216756).abs() < 1e-9);
/// # Ok::<(), thalweg_lab::Stop>(())
/// ```
pub fn keskar<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    epsilon: f64,
    options: &WorstOptions,
) -> Result<(f64, Worst), Stop> {
    let sides = x.iter().map(|x| T::of(epsilon * (x.wide().abs() + 1.0))).collect();
    let (value, worst) = worst(oracle, x, &Cuboid { sides }, options)?;
    Ok((100.0 * worst.rise / (1.0 + value), worst))
}

/// SAM's sharpness max f(x + e) − f(x) over ‖e‖ ≤ ρ, or with a floor τ ASAM's, over ‖T⁻¹e‖ ≤ ρ with T = diag(|x| + τ).
///
/// [`Worst::first_order`] is what SAM itself takes for it, at ρg/‖g‖ or ρT²g/‖Tg‖. On a quadratic the maximum is that
/// of a trust-region problem. ASAM's (τ = 0) does not change where units of a ReLU network are rescaled; SAM's does.
///
/// Source: Foret et al., *SAM* (ICLR 2021), eq. 1; Kwon et al., *ASAM* (ICML 2021), Definition 2.
///
/// # Errors
/// [`Stop`] from the oracle.
pub fn ball<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    radius: f64,
    adaptive: Option<f64>,
    options: &WorstOptions,
) -> Result<Worst, Stop> {
    let axes = x.iter().map(|x| T::of(adaptive.map_or(1.0, |floor| x.wide().abs() + floor))).collect();
    Ok(worst(oracle, x, &Ellipsoid { axes, radius }, options)?.1)
}

fn worst<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    region: &dyn Region<T>,
    options: &WorstOptions,
) -> Result<(f64, Worst), Stop> {
    let n = x.len();
    let mut gradient = vec![T::zero(); n];
    let value = oracle.value_grad(x, &mut gradient)?;
    let mut corner = vec![T::zero(); n];
    region.corner(&gradient, &mut corner);
    let first = climb(oracle, x, region, corner.clone(), 0)?;
    let mut climbs = vec![climb(oracle, x, region, corner.clone(), options.steps)?];
    for start in 0..options.starts {
        // A random direction takes the gradient's place.
        Stream::new(options.seed, "worst point", start).fill_normal(&mut gradient);
        region.corner(&gradient, &mut corner);
        climbs.push(climb(oracle, x, region, corner.clone(), options.steps)?);
    }
    let climbs: Vec<f64> = climbs.iter().map(|high| high - value).collect();
    // x itself belongs to the region.
    let rise = climbs.iter().copied().fold(0.0, f64::max);
    Ok((value, Worst { rise, climbs, first_order: first - value }))
}

/// |yᵢ| ≤ sᵢ.
struct Cuboid<T> {
    sides: Vec<T>,
}

impl<T: Scalar> Region<T> for Cuboid<T> {
    fn corner(&self, gradient: &[T], y: &mut [T]) {
        for ((y, g), side) in y.iter_mut().zip(gradient).zip(&self.sides) {
            *y = if *g < T::zero() { -*side } else { *side };
        }
    }
}

/// ‖T⁻¹y‖ ≤ ρ.
struct Ellipsoid<T> {
    axes: Vec<T>,
    radius: f64,
}

impl<T: Scalar> Region<T> for Ellipsoid<T> {
    fn corner(&self, gradient: &[T], y: &mut [T]) {
        y.iter_mut().zip(gradient).zip(&self.axes).for_each(|((y, g), axis)| *y = *axis * *g);
        let length = norm(y);
        let scale = if length > 0.0 { self.radius / length } else { 0.0 };
        for (y, axis) in y.iter_mut().zip(&self.axes) {
            *y = T::of(scale * y.wide() * axis.wide());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{diagonal, function};

    /// Moré & Sorensen: the maximum of ½wᵀHw over ‖w − x‖ ≤ ρ has (ν − H)e = Hx with ν above every λ and ‖e‖ = ρ.
    fn trust_region(spectrum: &[f64], x: &[f64], scale: &[f64], radius: f64) -> f64 {
        // In the coordinates u = T⁻¹e the matrix is THT and the gradient THx.
        let (a, b): (Vec<f64>, Vec<f64>) =
            (0..x.len()).map(|i| (scale[i] * spectrum[i] * scale[i], scale[i] * spectrum[i] * x[i])).unzip();
        let length = |nu: f64| (0..x.len()).map(|i| (b[i] / (nu - a[i])).powi(2)).sum::<f64>().sqrt();
        let (mut low, mut high) = (a.iter().copied().fold(0.0, f64::max), 1e6);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if length(middle) > radius { low = middle } else { high = middle }
        }
        (0..x.len())
            .map(|i| {
                let u = b[i] / (high - a[i]);
                b[i] * u + 0.5 * a[i] * u * u
            })
            .sum()
    }

    #[test]
    fn quadratics_have_the_maximum_of_the_trust_region_problem() {
        let (spectrum, x) = ([5.0, 1.0, 0.2], [1.0, -2.0, 3.0]);
        let f = diagonal(&spectrum);
        let oracle = Oracle::<f64>::new(&f);
        let options = WorstOptions { steps: 300, ..WorstOptions::default() };
        for radius in [0.05, 0.5, 3.0] {
            for adaptive in [None, Some(0.01)] {
                let scale: Vec<f64> = x.iter().map(|x: &f64| adaptive.map_or(1.0, |t| x.abs() + t)).collect();
                let expected = trust_region(&spectrum, &x, &scale, radius);
                let found = ball(&oracle, &x, radius, adaptive, &options).unwrap();
                assert!((found.rise / expected - 1.0).abs() < 1e-6, "{radius}: {found:?} and {expected}");
                assert!(found.first_order <= found.rise * (1.0 + 1e-12), "{found:?}");
            }
        }
        // At the minimum, where there is no gradient: ½ λ_max ρ².
        let found = ball(&oracle, &[0.0; 3], 0.1, None, &options).unwrap();
        assert!((found.rise - 0.025).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn boxes_of_convex_functions_are_highest_at_a_corner() {
        let f = diagonal(&[1.0, 4.0, 9.0]);
        let oracle = Oracle::<f64>::new(&f);
        let (found, worst) = keskar(&oracle, &[0.5, -0.2, 0.1], 1e-3, &WorstOptions::default()).unwrap();
        assert!((found - 0.216756).abs() < 1e-10, "{found}");
        assert!((worst.rise - 0.00270945).abs() < 1e-12 && worst.climbs.len() == 5);
        // At the centre all eight corners are alike.
        let (found, _) = keskar(&oracle, &[0.0; 3], 0.1, &WorstOptions::default()).unwrap();
        assert!((found - 100.0 * 0.5 * 14.0 * 0.01).abs() < 1e-10, "{found}");
    }

    /// Dinh et al. 2017: ½(uv − 1)² does not change under (au, v/a); nor does ASAM's sharpness, but SAM's does.
    #[test]
    fn asam_is_blind_to_scales() {
        let f = function(
            2,
            |x| 0.5 * (x[0] * x[1] - 1.0).powi(2),
            |x, g| {
                let r = x[0] * x[1] - 1.0;
                g.copy_from_slice(&[r * x[1], r * x[0]]);
            },
            |_, _| unreachable!("no Hessian is asked for"),
        );
        let oracle = Oracle::<f64>::new(&f);
        let options = WorstOptions { steps: 100, starts: 8, seed: 1 };
        let rise =
            |a: f64, adaptive| ball(&oracle, &[1.3 * a, 0.9 / a], 0.1, adaptive, &options).unwrap().rise;
        let (adaptive, plain) = (Some(0.0), None);
        assert!((rise(1.0, adaptive) / rise(8.0, adaptive) - 1.0).abs() < 1e-9);
        assert!(rise(8.0, plain) > 2.0 * rise(1.0, plain));
    }

    #[test]
    fn cliffs_rise_without_end() {
        let cliff = |x: &[f64]| if x[0] > 0.5 { f64::INFINITY } else { x[0] };
        let f = function(1, cliff, |_, g| g.fill(1.0), |_, h| h.fill(0.0));
        let found = ball(&Oracle::<f64>::new(&f), &[0.0], 1.0, None, &WorstOptions::default()).unwrap();
        assert_eq!(found.rise, f64::INFINITY);
    }
}
