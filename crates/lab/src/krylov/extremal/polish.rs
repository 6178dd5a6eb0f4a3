//! Taking the noise of a rounded basis out of Ritz vectors.

use super::{Found, Plan};
use crate::krylov::products::Products;
use crate::krylov::symmetric::eigen;
use crate::krylov::vectors::{combine_in_place, gram, residual};
use crate::vector::{dot, norm};
use crate::{Scalar, Stop};

/// Rounds at most.
const ROUNDS: usize = 8;

/// Improves the Ritz vectors Y until their residuals are within half the tolerance, or rounds or products run out.
///
/// Noise along each other's eigenvectors goes by the Rayleigh-Ritz method in the span
/// of Y. What is left is reduced round by round: a vector whose residual is too large becomes the Ritz
/// vector of span{y, Ay} that is closest to it, and then all are made Ritz vectors
/// of their span again. Noise along the bulk of a spectrum, which lies close together and
/// far from the wanted values, is gone after one round.
///
/// Costs a product for each vector and one for each that is improved, in each round: the images
/// of new vectors follow from the old ones. Memory: 2 (top + bottom) + 2 block vectors.
pub fn polish<T: Scalar>(
    products: &mut Products<'_, T>,
    plan: &Plan,
    mut found: Found<T>,
) -> Result<Found<T>, Stop> {
    let (n, count) = (plan.n, found.vectors.len());
    let left = |products: &Products<'_, T>, more: usize| {
        products.count() + (more + count) as u64 <= plan.max_products
    };
    if count == 0 || !left(products, count) {
        return Ok(found);
    }
    let mut y: Vec<T> = Vec::with_capacity(count * n);
    found.vectors.drain(..).for_each(|row| y.extend(row));
    let mut images = vec![T::zero(); count * n];
    let piece = plan.block * n;
    for (rows, images) in y.chunks(piece).zip(images.chunks_mut(piece)) {
        products.apply(rows, images)?;
    }
    let tolerance = 0.5 * plan.tolerance * found.norm;
    for _ in 0..ROUNDS {
        let values = rayleigh_ritz(&mut y, &mut images, n);
        let error = |i: usize| residual(&images[i * n..][..n], values[i], &y[i * n..][..n]);
        let open: Vec<usize> = (0..count).filter(|&i| error(i) > tolerance).collect();
        if open.is_empty() || !left(products, open.len()) {
            break;
        }
        for open in open.chunks(plan.block) {
            let chosen: Vec<T> = open.iter().flat_map(|&i| &images[i * n..][..n]).copied().collect();
            let mut second = vec![T::zero(); chosen.len()];
            products.apply(&chosen, &mut second)?;
            for (&i, second) in open.iter().zip(second.chunks_exact(n)) {
                let (y, image) = (&mut y[i * n..][..n], &mut images[i * n..][..n]);
                if let Some([a, b]) = closest(y, image, second) {
                    mix(y, image, a, b);
                    mix(image, second, a, b);
                }
            }
        }
    }
    // Ascending by now: the top is wanted first, descending.
    let row = |i: usize| y[i * n..][..n].to_vec();
    let bottom = count - found.top;
    let order = (bottom..count).rev().chain(0..bottom);
    drop(images);
    found.vectors = order.map(row).collect();
    Ok(found)
}

/// Replaces the rows of `y` by the Ritz vectors of their span, ascending, and `images` by theirs; returns the values.
fn rayleigh_ritz<T: Scalar>(y: &mut Vec<T>, images: &mut Vec<T>, n: usize) -> Vec<f64> {
    let k = y.len() / n;
    let (mut g, mut h) = (vec![0.0; k * k], vec![0.0; k * k]);
    gram(y, y, n, &mut g);
    gram(y, images, n, &mut h);
    // With G = YYᵀ = U diag(γ) Uᵀ, the rows of γ^(−1/2) Uᵀ Y are orthonormal.
    let parts = eigen(&g, k);
    let scaled: Vec<f64> =
        (0..k * k).map(|t| parts.vectors[t] / parts.values[t / k].max(f64::MIN_POSITIVE).sqrt()).collect();
    let row = |i: usize| &scaled[i * k..][..k];
    let form = |a: &[f64], b: &[f64]| -> f64 {
        let image = |r: usize| (0..k).map(|c| 0.5 * (h[r * k + c] + h[c * k + r]) * b[c]).sum::<f64>();
        (0..k).map(|r| a[r] * image(r)).sum()
    };
    let projected: Vec<f64> = (0..k * k).map(|t| form(row(t / k), row(t % k))).collect();
    let ritz = eigen(&projected, k);
    let rotation: Vec<f64> =
        (0..k * k).map(|t| (0..k).map(|r| ritz.vector(t / k)[r] * scaled[r * k + t % k]).sum()).collect();
    combine_in_place(&rotation, y, n);
    combine_in_place(&rotation, images, n);
    ritz.values
}

/// The coefficients of y and Ay in the unit Ritz vector of their span that is closest
/// to y; `None` if Ay is parallel to y.
fn closest<T: Scalar>(y: &[T], image: &[T], second: &[T]) -> Option<[f64; 2]> {
    let length = norm(y);
    let value = dot(y, image) / (length * length);
    // The orthonormal basis y/‖y‖, p = (Ay − λy)/r.
    let r = residual(image, value, y) * length;
    if r <= 16.0 * T::epsilon().wide() * norm(image) {
        return None;
    }
    // pᵀAp, from the products at hand.
    let other =
        (dot(image, second) - 2.0 * value * dot(image, image) + value * value * dot(y, image)) / (r * r);
    let off = r / length;
    let found = eigen(&[value, off, off, other], 2);
    let best = if found.vector(0)[0].abs() > found.vector(1)[0].abs() { 0 } else { 1 };
    let [c, s] = [found.vector(best)[0], found.vector(best)[1]];
    Some([c / length - s * value / r, s / r])
}

/// y ← a y + b x.
fn mix<T: Scalar>(y: &mut [T], x: &[T], a: f64, b: f64) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = T::of(a * y.wide() + b * x.wide());
    }
}
