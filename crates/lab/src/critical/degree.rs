//! How many critical points a box of the plane must hold.

use crate::{Oracle, Scalar, Stop};

/// Pieces of each edge at first.
const PIECES: usize = 256;
/// The largest turn that is believed, and how often a piece is halved to get below it.
const TURN: f64 = std::f64::consts::FRAC_PI_8;
const HALVINGS: u32 = 24;

/// How often ∇f turns around itself along the edge of a box [a, b] × [c, d] in the plane: the sum of (−1)^index over its
/// critical points, if none is degenerate (Poincaré-Hopf).
///
/// A list of points with another sum is not complete. One with the same sum may lack a minimum and a saddle.
/// `None` if ∇f is 0, not finite or turns too fast somewhere on the edge. About a thousand gradients.
///
/// # Panics
/// If f has other than two coordinates.
///
/// # Errors
/// If the oracle stops.
pub fn degree<T: Scalar>(oracle: &Oracle<'_, T>, bounds: [(f64, f64); 2]) -> Result<Option<i64>, Stop> {
    assert_eq!(oracle.objective().dimension(), 2, "the degree is counted in the plane");
    let [(a, b), (c, d)] = bounds;
    let corners = [[a, c], [b, c], [b, d], [a, d], [a, c]];
    let angle = |[x, y]: [f64; 2]| -> Result<Option<f64>, Stop> {
        let mut gradient = [T::zero(); 2];
        oracle.trial(&[T::of(x), T::of(y)], &mut gradient)?;
        let [u, v] = gradient.map(|g| g.wide());
        Ok((u.is_finite() && v.is_finite() && (u != 0.0 || v != 0.0)).then(|| v.atan2(u)))
    };
    let mut turned = 0.0;
    for edge in corners.windows(2) {
        let [from, to] = [edge[0], edge[1]];
        let at = |t: f64| [from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])];
        let mut t = 0.0;
        let Some(mut before) = angle(at(0.0))? else { return Ok(None) };
        let mut piece = 1.0 / PIECES as f64;
        while t < 1.0 {
            let next = (t + piece).min(1.0);
            let Some(after) = angle(at(next))? else { return Ok(None) };
            let turn = (after - before + std::f64::consts::PI).rem_euclid(std::f64::consts::TAU)
                - std::f64::consts::PI;
            if turn.abs() > TURN {
                piece *= 0.5;
                if piece < 1.0 / PIECES as f64 * 0.5f64.powi(HALVINGS as i32) {
                    return Ok(None);
                }
                continue;
            }
            turned += turn;
            (t, before) = (next, after);
            piece = (2.0 * piece).min(1.0 / PIECES as f64);
        }
    }
    Ok(Some((turned / std::f64::consts::TAU).round() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, function};

    #[test]
    fn bowls_saddles_and_stranger_points_are_counted() {
        let square = [(-1.0, 1.5), (-1.2, 1.0)];
        let of = |f: &samples::Function, bounds| degree::<f64>(&Oracle::new(f), bounds).unwrap();
        assert_eq!(of(&samples::diagonal(&[1.0, 3.0]), square), Some(1));
        assert_eq!(of(&samples::diagonal(&[-1.0, -3.0]), square), Some(1));
        assert_eq!(of(&samples::diagonal(&[-1.0, 1e3]), square), Some(-1));
        assert_eq!(of(&samples::diagonal(&[1.0, 3.0]), [(2.0, 3.0), (-1.0, 1.0)]), Some(0));
        // Re z³, the monkey saddle: ∇f = 3 conj(z²) turns twice backwards.
        let monkey = function(
            2,
            |x| x[0].powi(3) - 3.0 * x[0] * x[1] * x[1],
            |x, g| g.copy_from_slice(&[3.0 * (x[0] * x[0] - x[1] * x[1]), -6.0 * x[0] * x[1]]),
            |_, _| (),
        );
        assert_eq!(of(&monkey, square), Some(-2));
        // A saddle and two minima.
        assert_eq!(of(&samples::walled_saddle(), [(-1.0, 1.0), (-2.0, 2.0)]), Some(1));
        // A critical point on the edge.
        assert_eq!(of(&samples::diagonal(&[1.0, 1.0]), [(0.0, 1.0), (-1.0, 1.0)]), None);
    }
}
