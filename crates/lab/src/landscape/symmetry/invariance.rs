//! Whether a measure of a point feels a reparametrization that the function does not feel.

use serde::Serialize;

/// A measure at a point and at copies of it that compute the same function.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Invariance {
    /// What was measured.
    pub measure: String,
    /// At the point itself.
    pub before: f64,
    /// At each copy.
    pub after: Vec<f64>,
    /// max |after − before| / |before|.
    pub change: f64,
    /// Whether that stays within the tolerance.
    pub unchanged: bool,
}

/// Tells whether a measure is invariant: evaluates it at a point and at copies that symmetries made of it.
///
/// Dinh, Pascanu, Bengio & Bengio, *Sharp minima can generalize for deep nets* (ICML 2017), §4: by (α θ₁,
/// θ₂/α) a rectifier network becomes as sharp as one likes, so that a measure that feels it says nothing of
/// the function alone. That a measure stays within the tolerance at these copies is evidence, no proof; one
/// that leaves it is not invariant. The tolerance covers the measure's own error.
///
/// # Errors
/// What the measure returns.
pub fn invariance<P: ?Sized, E>(
    name: impl Into<String>,
    point: &P,
    copies: &[&P],
    tolerance: f64,
    mut measure: impl FnMut(&P) -> Result<f64, E>,
) -> Result<Invariance, E> {
    let before = measure(point)?;
    let after = copies.iter().map(|copy| measure(copy)).collect::<Result<Vec<f64>, E>>()?;
    let size = if before == 0.0 { 1.0 } else { before.abs() };
    let change = after
        .iter()
        .map(|v| (v - before).abs() / size)
        .fold(0.0, |m: f64, c| if c > m || c.is_nan() { c } else { m });
    Ok(Invariance { measure: name.into(), before, after, change, unchanged: change <= tolerance })
}
