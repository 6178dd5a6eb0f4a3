//! What is measured at a probe.

use serde::{Deserialize, Serialize};

use crate::curvature::noise_scale;
use crate::krylov::{self, ExtremalOptions, SymmetricOperator};
use crate::race::Course;
use crate::race::trial::{Snapshot, Standing};
use crate::vector::{displaced, dot, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// What was measured at a point of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// f.
    #[serde(with = "crate::exact::one")]
    pub value: f64,
    /// ‖g‖.
    #[serde(with = "crate::exact::one")]
    pub gradient_norm: f64,
    /// λ_max and its residual; `None` where there is no Hessian, or not a finite one.
    pub largest: Option<(f64, f64)>,
    /// λ_min and its residual; looked for where the gradient is small, since no obstacle elsewhere asks for it.
    pub smallest: Option<(f64, f64)>,
    /// gᵀHg/gᵀg.
    pub along_gradient: Option<f64>,
    /// dᵀHd/dᵀd for the displacement d since the last probe.
    pub along_way: Option<f64>,
    /// The sharpness above which the rule does not contract at its learning rate, 2/η for plain steps.
    pub stable_below: Option<f64>,
    /// Pairs of steps and gradient differences that a quasi-Newton method has left out for want of
    /// positive curvature since the last probe.
    pub pairs_left_out: Option<u64>,
    /// B ‖g‖²/tr Σ for the minibatches of B examples; `None` where there is no noise.
    pub signal_to_noise: Option<f64>,
}

impl Evidence {
    /// ‖H‖, as far as its ends are known.
    pub fn size(&self) -> f64 {
        let ends = [self.largest, self.smallest];
        ends.iter().flatten().fold(0.0, |size, (value, _)| value.abs().max(size))
    }

    /// λ_max/|q| with q the smaller in size of the curvatures along the gradient and along
    /// the way: a lower bound for the spread of the eigenvalues' sizes.
    pub fn condition(&self) -> Option<f64> {
        let slow = self.along_gradient.into_iter().chain(self.along_way).map(f64::abs).reduce(f64::min)?;
        let (largest, _) = self.largest?;
        (largest > 0.0 && slow > 0.0).then(|| largest / slow)
    }
}

/// Where a run stands: x, and f and ∇f there if they are known.
pub(in crate::race) struct Place<'s, T: Scalar> {
    pub x: &'s [T],
    pub known: Option<(f64, &'s [T])>,
}

impl<T: Scalar> Snapshot<T> {
    /// Where this stands.
    pub fn place(&self) -> Place<'_, T> {
        match &self.standing {
            Standing::Minimizing(state) => {
                Place { x: &state.point.x, known: Some((state.point.value, &state.point.gradient)) }
            }
            Standing::Training(run) => Place { x: &run.x, known: None },
        }
    }
}

/// What is known of a run before a place of it is looked at.
pub(super) struct Known<'k, T: Scalar> {
    /// Where it stood at the probe before.
    pub before: Option<Place<'k, T>>,
    /// Its minibatches, if it takes any.
    pub batch: Option<usize>,
    pub stable_below: Option<f64>,
    /// A gradient within this is small; or else within so much of the largest one so far.
    pub small: f64,
    pub share: f64,
    pub steepest: f64,
}

/// Measures at a place, with an oracle of its own.
pub(super) fn measure<T: Scalar>(
    course: &Course<'_, T>,
    place: Place<'_, T>,
    known: Known<'_, T>,
) -> Result<Evidence, Stop> {
    let Known { before, batch, stable_below, small, share, steepest } = known;
    let observer = Oracle::new(course.objective);
    let x = place.x;
    let mut gradient = vec![T::zero(); x.len()];
    let value = match place.known {
        Some((value, known)) => {
            gradient.copy_from_slice(known);
            value
        }
        None => observer.trial(x, &mut gradient)?,
    };
    let mut evidence =
        Evidence { value, gradient_norm: norm(&gradient), stable_below, ..Evidence::default() };
    if !evidence.gradient_norm.is_finite() || !value.is_finite() {
        return Ok(evidence);
    }
    if let Some(batch) = batch
        && let Some(noise) = noise_scale(&observer, x)?
    {
        evidence.signal_to_noise = noise.simple.map(|simple| batch as f64 / simple);
    }
    if let Ok(mut hessian) = observer.linearize(x, Curvature::Hessian) {
        let mut along = |d: &[T]| -> Option<f64> {
            let mut product = vec![T::zero(); d.len()];
            let size = dot(d, d);
            hessian.apply(d, &mut product).ok()?;
            (size > 0.0).then(|| dot(d, &product) / size)
        };
        evidence.along_gradient = along(&gradient);
        evidence.along_way = before.and_then(|before| {
            let mut way = vec![T::zero(); x.len()];
            displaced(x, &[(-1.0, before.x)], &mut way);
            along(&way)
        });
        let norm = evidence.gradient_norm;
        let bottom = usize::from(norm <= small || norm <= share * steepest.max(norm));
        // A Hessian that is not finite is no evidence.
        if let Ok(ends) = krylov::extremal_eigenpairs(&mut hessian, &probe(bottom)) {
            evidence.largest = ends.top.first().map(|pair| (pair.value, pair.residual));
            evidence.smallest = ends.bottom.first().map(|pair| (pair.value, pair.residual));
        }
    }
    Ok(evidence)
}

/// The upper end, and perhaps the lower one, to 1e-3 in at most 200 products.
fn probe(bottom: usize) -> ExtremalOptions {
    let rest = ExtremalOptions::default();
    ExtremalOptions { bottom, tolerance: 1e-3, max_products: 200, confirm: false, block: 4, ..rest }
}
