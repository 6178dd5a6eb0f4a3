//! Gradient descent with momentum on a quadratic, in closed form.

use serde::Serialize;

/// A descent on a quadratic, seen from the line to its minimum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DescentPoint {
    /// t, the number of steps.
    pub step: u64,
    /// a = ⟨w₀ − w_t, w₀⟩ / ‖w₀‖².
    pub along: f64,
    /// b = ‖w_t − (1 − a) w₀‖ / ‖w₀‖.
    pub aside: f64,
    /// ½ Σᵢ λᵢ wᵢ².
    pub value: f64,
}

/// `count` eigenvalues from 1 down to 10^−`decades`, equally spaced on a logarithmic scale.
pub fn log_spectrum(count: usize, decades: f64) -> Vec<f64> {
    let last = count.saturating_sub(1).max(1) as f64;
    (0..count).map(|i| 10f64.powf(-decades * i as f64 / last)).collect()
}

/// Descent with learning rate η and momentum μ on ½ Σᵢ λᵢ wᵢ² from w₀ = (1, …, 1) to its minimum 0, after each
/// of `steps`, in closed form.
///
/// v ← μv − ηΛw, w ← w + v from v₀ = 0. What a trajectory's [deviation](crate::landscape::deviation) is to be
/// compared with: a smooth convex function without any obstacle goes far astray of the straight line, the
/// more so the larger its condition number, its rate and its momentum (figure 4 of Goodfellow,
/// Vinyals & Saxe, ICLR 2015, there in 100,000 dimensions; they name no spectrum).
///
/// Cost: one elementary function a coordinate and step asked for, whatever t.
///
/// ```
/// use thalweg_lab::landscape::quadratic_descent;
/// let found = quadratic_descent(&[1.0, 0.5], 1.0, 0.0, &[1])[0];
/// assert_eq!((found.along, found.aside, found.value), (0.75, 0.25, 0.0625));
/// ```
pub fn quadratic_descent(
    spectrum: &[f64],
    learning_rate: f64,
    momentum: f64,
    steps: &[u64],
) -> Vec<DescentPoint> {
    let n = spectrum.len() as f64;
    steps
        .iter()
        .map(|&step| {
            let w: Vec<f64> =
                spectrum.iter().map(|&l| coordinate_after(l, learning_rate, momentum, step)).collect();
            let mean = w.iter().sum::<f64>() / n;
            let aside = (w.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / n).sqrt();
            let value = 0.5 * spectrum.iter().zip(&w).map(|(l, w)| l * w * w).sum::<f64>();
            DescentPoint { step, along: 1.0 - mean, aside, value }
        })
        .collect()
}

/// w_t of that descent along an axis of curvature λ, from w₀ = 1.
///
/// w_{t+1} = p w_t − μ w_{t−1} with p = 1 + μ − ηλ and w₁ = 1 − ηλ. Without momentum w_t = (1 − ηλ)^t. With the
/// roots r, μ/r of z² − pz + μ:
///
/// - real, |r| the larger, q = μ/r²: w_t = r^t (1 + (w₁/r − 1)(1 − q^t)/(1 − q));
/// - complex, √μ e^{±iφ}: w_t = μ^{t/2} (cos tφ + (w₁/√μ − cos φ) sin tφ / sin φ),
///
/// in forms that stay exact where the roots meet.
pub fn coordinate_after(lambda: f64, learning_rate: f64, momentum: f64, step: u64) -> f64 {
    let first = 1.0 - learning_rate * lambda;
    if momentum == 0.0 {
        return power(first, step);
    }
    let t = step as f64;
    let p = momentum + first;
    let discriminant = p * p - 4.0 * momentum;
    if discriminant >= 0.0 {
        let root = discriminant.sqrt();
        let r = 0.5 * (p + root.copysign(p));
        // 1 − q, and the sum 1 + q + … + q^(t−1).
        let gap = 2.0 * root / (p.abs() + root);
        let sum = if gap == 0.0 { t } else { -(t * (-gap).ln_1p()).exp_m1() / gap };
        return power(r, step) * (1.0 + (first / r - 1.0) * sum);
    }
    let size = momentum.sqrt();
    let angle = (-discriminant).sqrt().atan2(p);
    let ratio = (t * angle).sin() / angle.sin();
    (0.5 * t * momentum.ln()).exp() * ((t * angle).cos() + (first / size - angle.cos()) * ratio)
}

/// xᵗ for any t.
fn power(x: f64, step: u64) -> f64 {
    match i32::try_from(step) {
        Ok(step) => x.powi(step),
        Err(_) => x.powf(step as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
    }

    /// 100,000 dimensions over three decades: figures computed by the recurrence in another program.
    #[test]
    fn a_hundred_thousand_dimensions() {
        let spectrum = log_spectrum(100_000, 3.0);
        let at = |rate, momentum, step| quadratic_descent(&spectrum, rate, momentum, &[step])[0];
        let found = at(1.0, 0.0, 10);
        near(found.along, 0.422_568_011, 1e-8);
        near(found.aside, 0.385_522_784, 1e-8);
        near(found.value, 337.508_714_849, 1e-8);
        let found = at(1.0, 0.0, 100);
        near(found.along, 0.736_822_065, 1e-8);
        near(found.aside, 0.327_690_754, 1e-8);
        let found = at(1.0, 0.9, 100);
        near(found.along, 0.974_108_186, 1e-8);
        near(found.aside, 0.073_852_586, 1e-8);
        // The largest distance from the line, and where: the neighbours are smaller.
        for (rate, momentum, step, largest) in [
            (1.0, 0.0, 18, 0.392_683_595_1),
            (0.1, 0.0, 192, 0.390_519_953_3),
            (1.0, 0.9, 4, 0.638_568_545_8),
            (0.1, 0.9, 13, 0.526_235_450_5),
            (1.9, 0.0, 1, 0.431_055_633_1),
        ] {
            let near_by = quadratic_descent(&spectrum, rate, momentum, &[step - 1, step, step + 1]);
            near(near_by[1].aside, largest, 1e-8);
            assert!(near_by[1].aside > near_by[0].aside && near_by[1].aside > near_by[2].aside);
        }
    }

    /// The recurrence itself, for rates and momenta on all sides of the roots' meeting.
    #[test]
    fn the_closed_form_is_the_recurrence() {
        // At η = (1 − √μ)²/λ the roots meet.
        let meeting = (1.0 - 0.9f64.sqrt()).powi(2);
        for momentum in [0.0, 0.3, 0.9, 0.99] {
            for rate in [1e-4, meeting, meeting * (1.0 + 1e-12), meeting * (1.0 - 1e-9), 0.02, 0.7, 1.0, 2.3]
            {
                let (mut w, mut v) = (1.0, 0.0);
                for step in 0..300 {
                    let found = coordinate_after(1.0, rate, momentum, step);
                    near(found, w, 1e-9 * w.abs().max(1.0));
                    v = momentum * v - rate * w;
                    w += v;
                }
            }
        }
        assert_eq!(coordinate_after(1.0, 1.0, 0.0, 5), 0.0);
        near(coordinate_after(0.5, 0.2, 0.9, 0), 1.0, 1e-15);
    }

    #[test]
    fn the_spectrum_ends_where_it_should() {
        let spectrum = log_spectrum(4, 3.0);
        for (found, expected) in spectrum.iter().zip([1.0, 0.1, 0.01, 0.001]) {
            near(*found, expected, 1e-16);
        }
        assert_eq!(log_spectrum(1, 3.0), [1.0]);
    }
}
