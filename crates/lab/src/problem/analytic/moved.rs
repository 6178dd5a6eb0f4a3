//! Functions in another place and another orientation.

use std::sync::Arc;

use thalweg_graph::{DType, Literal};

use super::registry::SpecError;
use super::{Function, Known, Lowest};
use crate::random::Stream;

/// The largest dimension in which a rotation is kept as a matrix.
const LARGEST: usize = 2048;
/// The share of the domain's width by which a shift moves at most, to either side.
const SHARE: f64 = 0.1;

impl Function {
    /// f(x − s) with a random s, each coordinate uniform within a tenth of the domain's width
    /// to either side, or in [−1, 1] where there is no domain.
    ///
    /// Known points, start and domain move along. Methods that favour the origin, or
    /// minimizers on the diagonal, lose that advantage.
    #[must_use]
    pub fn shifted(self, seed: u64) -> Self {
        let n = self.dimension();
        let mut shift = vec![0.0; n];
        Stream::new(seed, "shift", 0).fill_uniform(-1.0, 1.0, &mut shift);
        if let Some(domain) = &self.domain {
            shift.iter_mut().zip(domain).for_each(|(s, (low, high))| *s *= SHARE * (high - low));
        }
        let back = shift.clone();
        let rule = self.rule.clone();
        let mut moved = self.mapped(|x| x.iter().zip(&shift).map(|(x, s)| x + s).collect());
        moved.domain = moved
            .domain
            .map(|domain| domain.iter().zip(&shift).map(|((low, high), s)| (low + s, high + s)).collect());
        moved.rule = Arc::new(move |b, x| {
            let x = b.convert(x, DType::F64);
            let shift = b.literal(Literal::new([n], &back));
            let x = b.sub(x, shift);
            rule(b, x)
        });
        moved.named("shift", seed)
    }

    /// f(Qx) with Q uniform among the orthogonal matrices: an orthonormalized matrix of
    /// independent normal numbers.
    ///
    /// Known points and the start rotate along; the domain stays as it is. A value costs n²
    /// operations more. Methods that work coordinate by coordinate lose that advantage.
    ///
    /// # Errors
    /// Beyond 2,048 coordinates.
    pub fn rotated(self, seed: u64) -> Result<Self, SpecError> {
        let n = self.dimension();
        if n > LARGEST {
            return Err(SpecError::new(format!(
                "expected at most {LARGEST} coordinates to rotate, found {n}"
            )));
        }
        let q = orthogonal(n, seed);
        let rule = self.rule.clone();
        // Qᵀ x.
        let mut moved = self.mapped(|x| (0..n).map(|j| (0..n).map(|i| q[i * n + j] * x[i]).sum()).collect());
        moved.rule = Arc::new(move |b, x| {
            let x = b.convert(x, DType::F64);
            let q = b.literal(Literal::new([n, n], &q));
            let x = b.dot(q, 1, x, 0);
            rule(b, x)
        });
        Ok(moved.named("rotate", seed))
    }

    /// The points at other places.
    fn mapped(mut self, place: impl Fn(&[f64]) -> Vec<f64>) -> Self {
        self.start = place(&self.start);
        self.known = self.known.iter().map(|k| Known { x: place(&k.x), ..k.clone() }).collect();
        self.lowest = self.lowest.map(|l| Lowest { x: place(&l.x), ..l });
        self
    }

    fn named(mut self, what: &str, seed: u64) -> Self {
        let separator = if self.name.contains(':') { ',' } else { ':' };
        self.name.push_str(&format!("{separator}{what}={seed}"));
        self
    }
}

/// An n × n orthogonal matrix, row-major: rows of normal numbers, made orthonormal one by one
/// and twice, so that rounding stays small (Giraud et al. 2005).
fn orthogonal(n: usize, seed: u64) -> Vec<f64> {
    let mut q = vec![0.0f64; n * n];
    Stream::new(seed, "rotate", 0).fill_normal(&mut q);
    for i in 0..n {
        let (before, rest) = q.split_at_mut(i * n);
        let row = &mut rest[..n];
        for _ in 0..2 {
            for other in before.chunks_exact(n) {
                let along: f64 = other.iter().zip(&*row).map(|(a, b)| a * b).sum();
                row.iter_mut().zip(other).for_each(|(r, o)| *r -= along * o);
            }
        }
        let length = row.iter().map(|v| v * v).sum::<f64>().sqrt();
        row.iter_mut().for_each(|v| *v /= length);
    }
    q
}
