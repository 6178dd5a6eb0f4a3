//! What one step tells of the curvature.

use crate::Scalar;
use crate::optim::minimize::Point;
use crate::vector::dot;

/// The products of s = x − x₋ and y = ∇f(x) − ∇f(x₋).
#[derive(Clone, Copy, Debug)]
pub(super) struct Products {
    /// sᵀs.
    pub ss: f64,
    /// sᵀy: the curvature along the step, times sᵀs.
    pub sy: f64,
    /// yᵀy.
    pub yy: f64,
}

/// The least cosine between s and y of a pair that is used.
const LEAST_COSINE: f64 = 1e-10;

impl Products {
    /// Writes s and y (n each) and gives their products.
    pub fn of<T: Scalar>(at: &Point<T>, before: [&[T]; 2], s: &mut [T], y: &mut [T]) -> Self {
        for (i, (s, y)) in s.iter_mut().zip(y.iter_mut()).enumerate() {
            *s = at.x[i] - before[0][i];
            *y = at.gradient[i] - before[1][i];
        }
        Self { ss: dot(s, s), sy: dot(s, y), yy: dot(y, y) }
    }

    /// Whether the gradient clearly grew along the step: sᵀy > 1e-10 ‖s‖‖y‖. Where it did
    /// not, an update would lose definiteness, or its size would be that of rounding errors.
    pub fn bends(&self) -> bool {
        self.sy > LEAST_COSINE * self.ss.sqrt() * self.yy.sqrt()
    }
}
