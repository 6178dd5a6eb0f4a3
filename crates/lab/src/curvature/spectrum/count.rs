//! Signs of eigenvalues, counted.

use serde::{Deserialize, Serialize};

use super::Spectrum;
use crate::Scalar;
use crate::krylov::{BasisKind, Count, Extremal, Slq};

/// The number of negative eigenvalues.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Negative {
    /// The number itself if `exact`, else a lower bound: by Cauchy's interlacing no
    /// Krylov space has more negative Ritz values than the matrix has negative eigenvalues.
    pub count: u64,
    /// Whether all eigenvalues are known.
    pub exact: bool,
    /// Eigenvalues count as negative where they are below −threshold for sure, and as null within it:
    /// [the same](crate::optim::Spectrum::null_threshold) as for a verdict.
    pub threshold: f64,
    /// The density's estimate, with its standard error.
    pub estimate: Option<Count>,
}

/// How far eigenvalues differ in size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// max |λ| / min |λ| over the eigenvalues that are not null.
    pub value: f64,
    /// That min |λ|.
    pub smallest: f64,
    /// How many eigenvalues are null, that is within the [threshold](Negative::threshold), and were left out.
    pub null: u64,
    /// Whether all eigenvalues are positive, so that `value` is λ_max / λ_min.
    pub definite: bool,
}

/// The condition from all eigenvalues, each of which may be wrong by `error`; `None` if all are null.
pub(super) fn condition(eigenvalues: &[f64], error: f64, threshold: f64) -> Option<Condition> {
    let sizes = || eigenvalues.iter().map(|v| v.abs()).filter(|v| *v + error > threshold);
    let (smallest, largest) =
        sizes().fold((f64::INFINITY, 0.0f64), |(low, high), v| (low.min(v), high.max(v)));
    let null = eigenvalues.len() - sizes().count();
    (largest > 0.0).then(|| Condition {
        value: largest / smallest,
        smallest,
        null: null as u64,
        definite: eigenvalues.iter().all(|v| *v - error > threshold),
    })
}

/// The condition of a definite matrix whose ends alone are known.
pub(super) fn condition_of_ends<T>(ends: &Extremal<T>) -> Option<Condition> {
    let (low, high) = (ends.bottom.first()?, ends.top.first()?);
    let definite = ends.confirmed && low.value - low.residual > 0.0;
    definite.then(|| Condition { value: high.value / low.value, smallest: low.value, null: 0, definite })
}

/// What the density says of the signs.
pub(super) fn add_density<T: Scalar>(found: &mut Spectrum<T>, slq: &Slq) {
    let negative = &mut found.negative;
    negative.estimate = Some(slq.count_below(-negative.threshold));
    // Nodes repeat without reorthogonalization, and then bound nothing.
    if !negative.exact && slq.basis != BasisKind::None {
        let nodes = slq.quadratures.iter().map(|q| q.nodes.partition_point(|t| *t < -negative.threshold));
        negative.count = negative.count.max(nodes.max().unwrap_or(0) as u64);
    }
}
