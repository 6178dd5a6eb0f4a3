//! The highest point of a region around x.

use crate::vector::displaced;
use crate::{Oracle, Scalar, Stop};

/// How often a step is halved before none is taken.
const HALVINGS: u32 = 6;

/// A convex region around 0, known by the place where a linear function is largest.
pub(super) trait Region<T: Scalar> {
    /// Writes the y of the region where ⟨gradient, y⟩ is largest; where the gradient says nothing of a coordinate, any
    /// place of it will do.
    fn corner(&self, gradient: &[T], y: &mut [T]);
}

/// Climbs from x + y within the region by conditional gradients (Frank & Wolfe 1956): towards the corner
/// that the gradient points at, all the way where that is higher, else a half, a quarter … of it. For a convex f every
/// step goes the whole way and the climb is that of the power method.
///
/// Returns the value at its end, a lower bound of the maximum; infinity where a value was not finite.
pub(super) fn climb<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    region: &dyn Region<T>,
    mut y: Vec<T>,
    steps: u64,
) -> Result<f64, Stop> {
    let n = x.len();
    let (mut gradient, mut next) = (vec![T::zero(); n], vec![T::zero(); n]);
    let (mut corner, mut point, mut trial) = (vec![T::zero(); n], vec![T::zero(); n], vec![T::zero(); n]);
    displaced(x, &[(1.0, &y)], &mut point);
    let mut value = oracle.trial(&point, &mut gradient)?;
    for _ in 0..steps {
        if !value.is_finite() {
            break;
        }
        region.corner(&gradient, &mut corner);
        let risen = (0..=HALVINGS).find_map(|k| {
            let share = 0.5f64.powi(k as i32);
            displaced(&y, &[(share, &corner), (-share, &y)], &mut trial);
            displaced(x, &[(1.0, &trial)], &mut point);
            match oracle.trial(&point, &mut next) {
                Ok(found) if found > value || !found.is_finite() => Some(Ok(found)),
                Ok(_) => None,
                Err(stop) => Some(Err(stop)),
            }
        });
        let Some(found) = risen else { break };
        value = found?;
        std::mem::swap(&mut gradient, &mut next);
        std::mem::swap(&mut y, &mut trial);
    }
    Ok(if value.is_finite() { value } else { f64::INFINITY })
}
