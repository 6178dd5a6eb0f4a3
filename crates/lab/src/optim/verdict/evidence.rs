//! What a verdict says.

use serde::Serialize;

use super::probe::Probe;
use crate::krylov::Count;
use crate::{Layout, Stop};

/// The kind of a point, and everything that supports it.
///
/// In JSON the kind's own fields stand beside the evidence: `{"kind": "saddle",
/// "index": 1, "index_exact": true, "value": …}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// The kind.
    #[serde(flatten)]
    pub kind: Kind,
    /// f(x).
    pub value: f64,
    /// ‖∇f(x)‖.
    pub gradient_norm: f64,
    /// What it had to be within to count as 0.
    pub gradient_threshold: f64,
    /// The evidence of the Hessian, if it could be had.
    pub curvature: Option<Curvatures>,
    /// A direction in which f falls although x may be critical.
    pub escape: Option<Escape>,
    /// What was looked for where the Hessian says nothing.
    pub probes: Vec<Probe>,
}

/// The kinds of points.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Kind {
    /// All eigenvalues are positive: a strict local minimum.
    Minimum,
    /// There are negative and positive eigenvalues.
    Saddle {
        /// The number of negative eigenvalues, or a lower bound.
        index: u64,
        /// Whether it is the number.
        index_exact: bool,
    },
    /// All eigenvalues are negative: a strict local maximum.
    Maximum,
    /// Critical, and the signs of the eigenvalues do not settle the kind.
    Degenerate {
        /// The lowest order of a derivative, 3 to 6, that was found to be other than 0 along a null direction.
        order: Option<u32>,
        /// What the probes say.
        character: Character,
    },
    /// Critical, the Hessian is null, and no derivative up to order 6 was found.
    Plateau,
    /// The gradient is not small.
    NotCritical,
    /// It cannot be said.
    Undecided {
        /// Why not.
        doubt: Doubt,
    },
}

/// What is known of a degenerate point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Character {
    /// f rises along one way and falls along another.
    Saddle,
    /// f rises along some way and was not found to fall along any: perhaps a minimum.
    NoDescentFound,
    /// f falls along some way and was not found to rise along any: perhaps a maximum.
    NoAscentFound,
}

/// Why a kind cannot be said.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// An eigenvalue may be negative, null or positive within its residual.
    Residual,
    /// The ends of the spectrum were not confirmed by a second search.
    Unconfirmed,
    /// The objective has no Hessian products.
    NoHessian,
    /// There are no coordinates.
    Empty,
    /// The computation was stopped.
    Stopped(Stop),
}

/// A number with a bound on its error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bounded {
    /// The number.
    pub value: f64,
    /// For Lanczos ‖Hv − λv‖, within which an eigenvalue lies; for exact spectra the rounding error.
    pub residual: f64,
}

/// What the Hessian says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curvatures {
    /// λ_min.
    pub smallest: Bounded,
    /// λ_max.
    pub largest: Bounded,
    /// h: eigenvalues within it count as 0.
    pub threshold: f64,
    /// The number of negative eigenvalues, or a lower bound: those that are known.
    pub negative: u64,
    /// The number of null eigenvalues; only if all are known.
    pub null: Option<u64>,
    /// The number of positive eigenvalues; only if all are known.
    pub positive: Option<u64>,
    /// How many of the known eigenvalues have no clear sign.
    pub unclear: u64,
    /// An estimate of the number of negative eigenvalues, from Lanczos quadrature for instance; put
    /// here by a caller who has one, the kind does not depend on it.
    pub negative_estimate: Option<Count>,
    /// Whether all eigenvalues are known.
    pub exact: bool,
    /// Whether a second search found nothing beyond the ends; true if exact.
    pub confirmed: bool,
}

/// A way down from a point that is no minimum.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Escape {
    /// vᵀHv along the direction.
    pub curvature: f64,
    /// How far along the direction the lowest value was found.
    pub distance: f64,
    /// f(x) less that value; 0 if none of the distances tried led below f(x).
    pub decrease: f64,
    /// The largest components of the direction by size, up to eight, none of them 0.
    pub leading: Vec<Component>,
    /// The direction, of length 1; not written if it has more than 64 components.
    #[serde(skip_serializing_if = "long")]
    pub direction: Vec<f64>,
}

/// One component of a direction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Component {
    /// Index in the flat vector.
    pub position: usize,
    /// Block and indices within it: `fc0.weight[3, 17]`.
    pub name: String,
    /// The component.
    pub value: f64,
}

impl Verdict {
    pub(super) fn undecided(doubt: Doubt, value: f64, gradient_norm: f64, gradient_threshold: f64) -> Self {
        Self {
            kind: Kind::Undecided { doubt },
            value,
            gradient_norm,
            gradient_threshold,
            curvature: None,
            escape: None,
            probes: Vec::new(),
        }
    }

    /// Whether the evidence shows that f falls from x in some direction, to whatever order.
    pub fn can_descend(&self) -> bool {
        let saddle = matches!(self.kind, Kind::Degenerate { character: Character::Saddle, .. });
        saddle || matches!(self.kind, Kind::NotCritical) || self.escape.is_some()
    }
}

impl Escape {
    pub(super) fn new(
        layout: &Layout,
        direction: Vec<f64>,
        curvature: f64,
        distance: f64,
        decrease: f64,
    ) -> Self {
        let mut order: Vec<usize> = (0..direction.len()).filter(|&i| direction[i] != 0.0).collect();
        order.sort_by(|&a, &b| direction[b].abs().total_cmp(&direction[a].abs()).then(a.cmp(&b)));
        let component = |&position: &usize| Component {
            position,
            name: name(layout, position),
            value: direction[position],
        };
        let leading = order.iter().take(8).map(component).collect();
        Self { curvature, distance, decrease, leading, direction }
    }
}

/// The block that a coordinate lies in, and its indices there.
fn name(layout: &Layout, position: usize) -> String {
    let Some(block) = layout.blocks().iter().find(|block| block.range.contains(&position)) else {
        return format!("[{position}]");
    };
    let mut rest = position - block.range.start;
    let mut indices: Vec<String> = Vec::new();
    for &extent in block.shape.iter().rev() {
        indices.push((rest % extent).to_string());
        rest /= extent;
    }
    indices.reverse();
    if indices.is_empty() { block.name.clone() } else { format!("{}[{}]", block.name, indices.join(", ")) }
}

fn long(direction: &[f64]) -> bool {
    direction.len() > 64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_named_by_block_and_index() {
        let layout = Layout::new([("fc.weight", vec![2, 3]), ("scale", vec![]), ("fc.bias", vec![2])]);
        let found = Escape::new(&layout, vec![0.0, 0.0, 0.0, 0.0, 0.1, -0.9, 0.4, 0.0, 0.1], -1.0, 0.0, 0.0);
        let names: Vec<_> = found.leading.iter().map(|c| (c.position, c.name.as_str(), c.value)).collect();
        let expected = [
            (5, "fc.weight[1, 2]", -0.9),
            (6, "scale", 0.4),
            (4, "fc.weight[1, 1]", 0.1),
            (8, "fc.bias[1]", 0.1),
        ];
        assert_eq!(names, expected);
    }
}
