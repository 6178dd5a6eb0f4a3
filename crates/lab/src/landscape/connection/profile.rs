//! An objective followed along a curve: its highest point and its barrier.

use serde::{Deserialize, Serialize};

use super::curve::Curve;
use crate::landscape::evaluate::{NonFinite, non_finite};
use crate::{Oracle, Scalar, Stop, Terms};

/// How finely a curve is followed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileOptions {
    /// Evenly spaced values of t to begin with, both ends among them; at least 3. A bump that is narrower than
    /// their distance can be missed.
    pub points: usize,
    /// The search about a peak ends when a parabola through its three highest points promises less than this,
    /// in shares of the range of f along the curve.
    pub tolerance: f64,
    /// Rounds of that search at most, each of up to two points for each peak.
    pub rounds: usize,
}

impl Default for ProfileOptions {
    /// 31 points, a tolerance of 10⁻⁴, 20 rounds.
    fn default() -> Self {
        Self { points: 31, tolerance: 1e-4, rounds: 20 }
    }
}

/// f at a place of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampled {
    /// Where.
    pub t: f64,
    /// f(x(t)).
    pub value: f64,
    /// Standard error of the data loss over the examples.
    pub stderr: Option<f64>,
    /// Share of examples classified correctly.
    pub accuracy: Option<f64>,
}

/// The highest point of something along a curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// Where.
    pub t: f64,
    /// How high.
    pub height: f64,
    /// Its standard error over the examples, at this t; `None` where there are no examples.
    pub stderr: Option<f64>,
    /// Whether that is the error of differences taken example by example. Otherwise the errors of the three
    /// losses were added as if they were independent, which is too large.
    pub paired: bool,
}

/// f along a curve.
///
/// Serialized values that are not finite become `null` in JSON; `non_finite` says what they are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Profile {
    /// f at the values of t, in order; 0 and 1 are the first and the last.
    pub samples: Vec<Sampled>,
    /// f at both ends, which are the first and the last of the samples.
    #[serde(skip)]
    pub ends: [f64; 2],
    /// max f(x(t)); its place may be an end. `None` if some value is not finite.
    pub highest: Option<Peak>,
    /// max f(x(t)) − [(1 − t) f(x(0)) + t f(x(1))], at least 0 since the ends count. `None` if some value is not
    /// finite.
    ///
    /// Sources: Frankle, Dziugaite, Roy & Carbin, *Linear mode connectivity and the lottery ticket hypothesis*
    /// (ICML 2020), §2, who take the mean of the ends instead; this form is that of Entezari, Sedghi, Saukh &
    /// Neyshabur, *The role of permutation invariance in linear mode connectivity* (ICLR 2022), eq. 1.
    pub barrier: Option<Peak>,
    /// Values that are not finite.
    pub non_finite: Vec<NonFinite>,
}

/// Follows f along a curve: evenly first, then ever more closely about the highest point and about the barrier.
///
/// The error of the barrier is that of the mean over examples of ℓᵢ(t) − (1 − t) ℓᵢ(0) − t ℓᵢ(1) at the t that
/// was found. That t was chosen because it is highest, so the barrier is biased upwards where it is of the size
/// of its error.
///
/// Cost: one value a point, and three for the error.
///
/// # Errors
/// [`Stop`] from the oracle. Values that are not finite are kept.
///
/// # Panics
/// If fewer than 3 points are asked for.
pub fn profile<T: Scalar>(
    oracle: &Oracle<'_, T>,
    curve: &Curve<T>,
    options: &ProfileOptions,
) -> Result<Profile, Stop> {
    assert!(options.points >= 3, "a profile needs three points or more");
    let mut x = vec![T::zero(); curve.dimension()];
    let mut sample = |t: f64| -> Result<(Sampled, Terms), Stop> {
        curve.write(t, &mut x);
        let terms = oracle.seen(&x)?;
        let (value, stderr, accuracy) = (terms.total(), terms.data_stderr, terms.accuracy);
        Ok((Sampled { t, value, stderr, accuracy }, terms))
    };
    let last = options.points - 1;
    let mut samples = Vec::with_capacity(options.points);
    for i in 0..=last {
        samples.push(sample(i as f64 / last as f64)?.0);
    }
    let ends = [samples[0].value, samples[last].value];
    let over = |s: &Sampled| s.value - ((1.0 - s.t) * ends[0] + s.t * ends[1]);
    if samples.iter().all(|s| s.value.is_finite()) {
        for _ in 0..options.rounds {
            let mut wanted = promising(&samples, |s| s.value, options.tolerance);
            wanted.extend(promising(&samples, over, options.tolerance));
            wanted.sort_by(f64::total_cmp);
            wanted.dedup();
            if wanted.is_empty() {
                break;
            }
            for t in wanted {
                let found = sample(t)?.0;
                let place = samples.partition_point(|s| s.t < t);
                samples.insert(place, found);
            }
        }
    }
    let values: Vec<f64> = samples.iter().map(|s| s.value).collect();
    let non_finite = non_finite(&values);
    let (mut highest, mut barrier) = (None, None);
    if non_finite.is_empty() {
        let top = best(&samples, |s| s.value);
        let peak = &samples[top];
        highest = Some(Peak { t: peak.t, height: peak.value, stderr: peak.stderr, paired: true });
        let top = best(&samples, over);
        let (t, height) = (samples[top].t, over(&samples[top]));
        let (stderr, paired) = if height > 0.0 {
            error(oracle, curve, t, [&samples[0], &samples[top], &samples[samples.len() - 1]])?
        } else {
            (samples[0].stderr.map(|_| 0.0), true)
        };
        barrier = Some(Peak { t, height, stderr, paired });
    }
    Ok(Profile { samples, ends, highest, barrier, non_finite })
}

/// Where to look next about the maximum of a measure: at the vertex of the parabola through it and its
/// neighbours, and in the middle of the wider gap beside it.
fn promising(samples: &[Sampled], measure: impl Fn(&Sampled) -> f64, tolerance: f64) -> Vec<f64> {
    let top = best(samples, &measure);
    let range = samples.iter().map(|s| s.value);
    let (low, high) = range.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let scale = tolerance * (high - low);
    if high <= low {
        return Vec::new();
    }
    let at = |i: usize| (samples[i].t, measure(&samples[i]));
    if top == 0 || top + 1 == samples.len() {
        let inner = if top == 0 { 1 } else { top - 1 };
        let gap = (samples[top].t - samples[inner].t).abs();
        // An end is a maximum unless f rises from it; the slope towards it says by how much at most.
        let rise = (measure(&samples[top]) - measure(&samples[inner])).abs();
        let middle = 0.5 * (samples[top].t + samples[inner].t);
        return if rise > scale && gap > 1e-3 { vec![middle] } else { Vec::new() };
    }
    let ((a, fa), (b, fb), (c, fc)) = (at(top - 1), at(top), at(top + 1));
    let (p, q) = ((b - a) * (fb - fc), (b - c) * (fb - fa));
    let bottom = p - q;
    let vertex = if bottom == 0.0 { b } else { b - 0.5 * ((b - a) * p - (b - c) * q) / bottom };
    // The parabola's height over the middle point.
    let slope = |x0: f64, f0: f64, x1: f64, f1: f64| (f1 - f0) / (x1 - x0);
    let second = (slope(b, fb, c, fc) - slope(a, fa, b, fb)) / (c - a);
    let gain = second * (vertex - b) * (vertex - b);
    let drop = (fb - fa).max(fb - fc);
    if gain.abs() <= scale && drop <= 8.0 * scale.max(f64::EPSILON * high.abs().max(low.abs())) {
        return Vec::new();
    }
    let mut wanted = Vec::new();
    let least = 1e-3 * (c - a);
    if vertex > a + least && vertex < c - least && (vertex - b).abs() > least {
        wanted.push(vertex);
    }
    if c - a > 1e-7 {
        wanted.push(if c - b > b - a { 0.5 * (b + c) } else { 0.5 * (a + b) });
    }
    wanted
}

/// The first sample with the largest measure.
fn best(samples: &[Sampled], measure: impl Fn(&Sampled) -> f64) -> usize {
    let mut top = 0;
    for i in 1..samples.len() {
        if measure(&samples[i]) > measure(&samples[top]) {
            top = i;
        }
    }
    top
}

/// The standard error of the height over the ends' interpolation at t, and whether it is paired.
fn error<T: Scalar>(
    oracle: &Oracle<'_, T>,
    curve: &Curve<T>,
    t: f64,
    samples: [&Sampled; 3],
) -> Result<(Option<f64>, bool), Stop> {
    let Some(peak) = oracle.losses(&curve.at(t))? else {
        let scaled = |weight: f64, s: &Sampled| s.stderr.map(|error| (weight * error).powi(2));
        let parts = [scaled(1.0 - t, samples[0]), scaled(1.0, samples[1]), scaled(t, samples[2])];
        let sum: Option<f64> = parts.into_iter().sum();
        return Ok((sum.map(f64::sqrt), false));
    };
    let (first, last) = (oracle.losses(&curve.at(0.0))?, oracle.losses(&curve.at(1.0))?);
    let (Some(first), Some(last)) = (first, last) else { return Ok((None, false)) };
    let count = peak.len() as f64;
    let over: Vec<f64> = (0..peak.len()).map(|i| peak[i] - ((1.0 - t) * first[i] + t * last[i])).collect();
    let mean = over.iter().sum::<f64>() / count;
    let variance = over.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Ok(((count > 1.0).then(|| (variance / count).sqrt()), true))
}

#[cfg(test)]
mod tests;
