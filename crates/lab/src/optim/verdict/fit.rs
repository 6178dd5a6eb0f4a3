//! Coefficients of a function of one variable from its values at ±h, ±2h, ±4h.

/// f(±R 2⁻ʲ) for j = 0, 1, …, and f(0).
pub(super) struct Ladder {
    /// R.
    pub radius: f64,
    /// f(0).
    pub centre: f64,
    /// [f(R 2⁻ʲ), f(−R 2⁻ʲ)].
    pub rungs: Vec<[f64; 2]>,
    /// What a value near 0 may be wrong by, apart from its own rounding.
    pub noise: f64,
    /// The relative rounding error of a value.
    pub epsilon: f64,
    /// Bounds |c₁| and |c₂| for what is within the tolerances of a critical point with a null direction.
    pub slack: [f64; 2],
}

/// An estimate of c_p in f(t) = f(0) + Σ c_p tᵖ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Coefficient {
    pub order: u32,
    pub value: f64,
    /// What the estimate may be wrong by.
    pub error: f64,
    /// The index of the outermost node, and its distance 4h.
    pub rung: usize,
    pub radius: f64,
}

impl Coefficient {
    /// Which of two has the smaller error in proportion to it, cross-multiplied so that zeros compare.
    pub fn closer(a: &Self, b: &Self) -> std::cmp::Ordering {
        (a.error * b.value.abs()).total_cmp(&(b.error * a.value.abs()))
    }
}

/// A coefficient counts when it is this many times its error.
const CLEAR: f64 = 4.0;

/// Row k gives the coefficient of sᵏ of the parabola through values at s = 1, 4, 16.
const PARABOLA: [[f64; 3]; 3] = [
    [64.0 / 45.0, -4.0 / 9.0, 1.0 / 45.0],
    [-4.0 / 9.0, 17.0 / 36.0, -1.0 / 36.0],
    [1.0 / 45.0, -1.0 / 36.0, 1.0 / 180.0],
];

impl Ladder {
    /// The lowest order p of 3 to 6 whose coefficient is clearly not 0 and is seen in the values themselves.
    pub fn leading(&self) -> Option<Coefficient> {
        (3..=6).find_map(|order| {
            let clear = |c: &Coefficient| c.value.abs() > CLEAR * c.error && self.seen(c);
            self.coefficients(order).into_iter().filter(clear).min_by(Coefficient::closer)
        })
    }

    /// The estimates of c_p, p = 1 to 6, one for each outermost node but the first.
    ///
    /// The odd part f(t) − f(−t) over 2t is c₁ + c₃s + c₅s² in s = t², the even
    /// part over t² likewise c₂ + c₄s + c₆s²: parabolas through three nodes. The
    /// truncation error falls at least by 4 when h is halved, so the change from
    /// the estimate at 2h is at least three times the error at h; it is taken
    /// whole. To it comes the rounding error, carried through the weights.
    pub fn coefficients(&self, order: u32) -> Vec<Coefficient> {
        let estimates: Vec<(f64, f64)> =
            (0..self.rungs.len().saturating_sub(2)).map(|j| self.estimate(order, j)).collect();
        let read = |(j, pair): (usize, &[(f64, f64)])| {
            let (value, rounding) = pair[1];
            let error = (value - pair[0].0).abs() + rounding;
            let finite = value.is_finite() && error.is_finite();
            finite.then(|| Coefficient { order, value, error, rung: j + 1, radius: self.distance(j + 1) })
        };
        estimates.windows(2).enumerate().filter_map(read).collect()
    }

    /// Whether at one of the nodes f differs from f(0), on both sides and in the sense of the
    /// coefficient, by more than slope and curvature within the tolerances can account for.
    ///
    /// Without this, x⁴ seen from the nearly critical x = 10⁻³ would be taken for a cubic.
    fn seen(&self, c: &Coefficient) -> bool {
        (c.rung..c.rung + 3).any(|j| {
            let t = self.distance(j);
            let [plus, minus] = self.rungs[j].map(|value| (value - self.centre) * c.value.signum());
            let minus = if c.order % 2 == 1 { -minus } else { minus };
            let size = plus.abs().max(minus.abs()).max(self.centre.abs());
            let explained = t * (self.slack[0] + t * self.slack[1]) + self.noise + self.epsilon * size;
            plus.min(minus) > CLEAR * explained
        })
    }

    fn distance(&self, j: usize) -> f64 {
        self.radius * 0.5f64.powi(j as i32)
    }

    /// c_p from the nodes 4h = R 2⁻ʲ, 2h and h, and its rounding error.
    fn estimate(&self, order: u32, j: usize) -> (f64, f64) {
        let odd = order % 2 == 1;
        let k = (order as usize - 1) / 2;
        let h = self.distance(j + 2);
        let (mut value, mut rounding) = (0.0, 0.0);
        for (node, weight) in PARABOLA[k].iter().enumerate() {
            let [plus, minus] = self.rungs[j + 2 - node];
            let t = h * f64::from(1 << node);
            let size = plus.abs().max(minus.abs()).max(self.centre.abs());
            let wrong = self.noise + self.epsilon * size;
            let (part, wrong) = if odd {
                ((plus - minus) / (2.0 * t), wrong / t)
            } else {
                (((plus - self.centre) + (minus - self.centre)) / (2.0 * t * t), 2.0 * wrong / (t * t))
            };
            value += weight * part;
            rounding += weight.abs() * wrong;
        }
        let scale = h.powi(2 * k as i32);
        (value / scale, rounding / scale)
    }
}

/// The size of the noise in equally spaced values of a smooth function, from its
/// differences of order 4 and above, which smoothness makes negligible:
/// σ² = (k!)²/(2k)! · mean (Δᵏf)², the largest over k.
///
/// Source: Hamming's difference tables, as in Moré & Wild, *Estimating
/// computational noise* (2011), eq. 2.2; without their search for a fitting spacing.
pub(super) fn noise(values: &[f64]) -> f64 {
    let mut differences = values.to_vec();
    let mut factor = 1.0;
    let mut level = 0.0f64;
    for k in 1..values.len() {
        differences = differences.windows(2).map(|w| w[1] - w[0]).collect();
        // (k!)²/(2k)! from its predecessor: k² / ((2k)(2k − 1)).
        factor *= k as f64 / (2.0 * (2 * k - 1) as f64);
        if k >= 4 {
            let mean = differences.iter().map(|d| d * d).sum::<f64>() / differences.len() as f64;
            level = level.max((factor * mean).sqrt());
        }
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn ladder(f: impl Fn(f64) -> f64) -> Ladder {
        let rungs = (0..=16).map(|j| 0.5f64.powi(j)).map(|t| [f(t), f(-t)]).collect();
        Ladder {
            radius: 1.0,
            centre: f(0.0),
            rungs,
            noise: 0.0,
            epsilon: 4.0 * f64::EPSILON,
            slack: [0.0; 2],
        }
    }

    #[test]
    fn coefficients_of_a_polynomial_are_found_within_their_errors() {
        let c = [0.7, -1.5, 2.0, 0.3, -0.9, 4.0, 1.0, 3.0];
        let found = ladder(|t| c.iter().rev().fold(0.0, |sum, c| sum * t + c));
        for order in 1..=6 {
            let estimate = found.coefficients(order).into_iter().min_by(Coefficient::closer).unwrap();
            assert!((estimate.value - c[order as usize]).abs() <= estimate.error, "{estimate:?}");
            assert!(estimate.error < 1e-3 * c[order as usize].abs(), "{estimate:?}");
        }
    }

    #[test]
    fn the_leading_order_is_the_functions_own() {
        let order = |f: fn(f64) -> f64| ladder(f).leading().map(|c| (c.order, c.value.signum()));
        assert_eq!(order(|t| t.powi(3)), Some((3, 1.0)));
        assert_eq!(order(|t| 2.0 - t.powi(4) + t.powi(5)), Some((4, -1.0)));
        assert_eq!(order(|t| 5.0 - 1e-3 * t.powi(5)), Some((5, -1.0)));
        assert_eq!(order(|t| t.powi(6) * (1.0 + t)), Some((6, 1.0)));
        assert_eq!(order(|t| t.sin() - t), Some((3, -1.0)));
        assert_eq!(order(|t| (t * t).cosh()), Some((4, 1.0)));
    }

    #[test]
    fn what_the_tolerances_explain_is_passed_over() {
        let x: f64 = 1e-3;
        let mut found = ladder(|t| (x + t).powi(4));
        assert_eq!(found.leading().map(|c| c.order), Some(3));
        found.slack = [4.0 * x.powi(3), 6.0 * x.powi(2)];
        assert_eq!(found.leading().map(|c| c.order), Some(4));
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        assert_eq!(ladder(|_| 3.7).leading(), None);
        assert_eq!(ladder(|t| 1.0 + t - 2.0 * t * t).leading(), None);
        assert_eq!(ladder(|t| t.powi(8)).leading(), None);
        assert_eq!(ladder(|t| if t == 0.0 { 0.0 } else { (-1.0 / (t * t)).exp() }).leading(), None);
    }

    #[test]
    fn noise_of_a_known_size_is_measured_and_hides_what_is_below_it() {
        let mut disturbance = vec![0.0f64; 64];
        Stream::new(2, "noise", 0).fill_normal(&mut disturbance);
        let values: Vec<f64> =
            (0..7).map(|i| (1e-5 * f64::from(i)).sin() + 1e-6 * disturbance[i as usize]).collect();
        let measured = noise(&values);
        assert!((2e-7..5e-6).contains(&measured), "{measured}");
        assert!(noise(&(0..7).map(|i| (1e-5 * f64::from(i)).exp()).collect::<Vec<_>>()) < 1e-15);
        let mut hidden = ladder(|t| 1e-9 * t.powi(4));
        for (rung, d) in hidden.rungs.iter_mut().zip(disturbance.chunks(2)) {
            rung[0] += 1e-6 * d[0];
            rung[1] += 1e-6 * d[1];
        }
        hidden.noise = 4e-6;
        assert_eq!(hidden.leading(), None);
    }
}
