//! The mean of an objective over a curve, as an objective of the curve's bends.

use super::curve::{Curve, CurveError, CurveKind};
use crate::krylov::SymmetricOperator;
use crate::random::Stream;
use crate::{Curvature, FiniteSum, Layout, Minibatch, Objective, Scalar, Stop, Unsupported};

/// F(θ) = ∫₀¹ f(x_θ(t)) dt, where x_θ is a curve with fixed ends and θ are its k bends, one after the other.
///
/// Its gradient by bend j is ∫ bⱼ(t) ∇f(x(t)) dt. The integral is a Gauss-Legendre sum over each piece of a
/// chain, or over the whole of a Bézier curve: with q nodes exact where f along the curve is a polynomial of
/// degree 2q − 1. A value costs q values of f a piece, a gradient as many gradients.
///
/// Where f is a mean over examples, so is F in the sense of Garipov et al.'s training: a minibatch is evaluated
/// at a single t, drawn uniformly from [0, 1], and its gradient is an unbiased estimate of ∇F. The t of a
/// minibatch is a pseudo-random function of which examples it holds, so that a run can be resumed; a
/// minibatch of the same examples has the same t. A penalty of f is that of the points on the curve, not of
/// the bends.
///
/// Source: Garipov, Izmailov, Podoprikhin, Vetrov & Wilson, *Loss surfaces, mode connectivity, and fast
/// ensembling of DNNs* (NeurIPS 2018), eq. 2, which is uniform in t rather than in length, as there.
pub struct CurveLoss<'o, T: Scalar> {
    objective: &'o dyn Objective<T>,
    kind: CurveKind,
    ends: [Vec<T>; 2],
    bends: usize,
    layout: Layout,
    /// t and weight of each node.
    nodes: Vec<(f64, f64)>,
    seed: u64,
}

impl<'o, T: Scalar> CurveLoss<'o, T> {
    /// The mean over curves of the kind and the number of bends of `curve`, between its ends, by `nodes`
    /// nodes a piece.
    ///
    /// # Panics
    /// If the curve has no bend or does not belong to the objective, or there are no nodes.
    pub fn new(objective: &'o dyn Objective<T>, curve: &Curve<T>, nodes: usize, seed: u64) -> Self {
        let bends = curve.points().len() - 2;
        assert!(bends > 0, "a straight line has nothing to train");
        assert_eq!(curve.dimension(), objective.dimension(), "dimension of the curve");
        let inner = objective.layout();
        let blocks = (1..=bends).flat_map(|bend| {
            let blocks = inner.blocks().iter();
            blocks.map(move |block| (format!("bend{bend}.{}", block.name), block.shape.clone()))
        });
        let pieces = match curve.kind() {
            CurveKind::Chain => bends + 1,
            CurveKind::Bezier => 1,
        };
        let rule = gauss_legendre(nodes);
        let nodes = (0..pieces).flat_map(|piece| {
            let rule = rule.iter();
            rule.map(move |(t, w)| ((piece as f64 + t) / pieces as f64, w / pieces as f64))
        });
        let ends = [curve.points()[0].clone(), curve.points()[bends + 1].clone()];
        Self {
            kind: curve.kind(),
            ends,
            bends,
            layout: Layout::new(blocks),
            nodes: nodes.collect(),
            objective,
            seed,
        }
    }

    /// The bends of a curve as the vector θ (k n).
    pub fn bends(curve: &Curve<T>) -> Vec<T> {
        let points = curve.points();
        points[1..points.len() - 1].concat()
    }

    /// The curve of the bends θ (k n).
    pub fn curve(&self, theta: &[T]) -> Result<Curve<T>, CurveError> {
        let bends = theta.chunks_exact(self.ends[0].len().max(1)).map(<[T]>::to_vec);
        let points = std::iter::once(self.ends[0].clone()).chain(bends).chain([self.ends[1].clone()]);
        Curve::new(self.kind, points.collect())
    }

    /// Evaluations of f in one of F.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    fn along(&self, theta: &[T]) -> Curve<T> {
        assert_eq!(theta.len(), self.layout.dimension(), "length of the bends");
        self.curve(theta).expect("the bends have the dimension of the ends")
    }

    /// b₁(t), …, b_k(t).
    fn weights(&self, t: f64) -> Vec<f64> {
        let mut weights = self.kind.weights(t, self.bends + 2);
        weights.pop();
        weights.remove(0);
        weights
    }

    /// The t of a minibatch.
    fn place(&self, indices: &[u32]) -> f64 {
        // FNV-1a over the examples' numbers.
        let hash =
            indices.iter().flat_map(|i| i.to_le_bytes()).fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        let mut t = [0.0f64];
        Stream::new(self.seed, "curve", hash).fill_uniform(0.0, 1.0, &mut t);
        t[0]
    }
}

impl<T: Scalar> Objective<T> for CurveLoss<'_, T> {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn value(&self, theta: &[T]) -> f64 {
        let curve = self.along(theta);
        let mut x = vec![T::zero(); curve.dimension()];
        let term = |(t, weight): &(f64, f64)| {
            curve.write(*t, &mut x);
            weight * self.objective.value(&x)
        };
        self.nodes.iter().map(term).sum()
    }

    fn value_grad(&self, theta: &[T], gradient: &mut [T]) -> f64 {
        let curve = self.along(theta);
        let n = curve.dimension();
        let (mut x, mut slope) = (vec![T::zero(); n], vec![T::zero(); n]);
        let mut sums = vec![0.0f64; gradient.len()];
        let mut value = 0.0;
        for &(t, weight) in &self.nodes {
            curve.write(t, &mut x);
            value += weight * self.objective.value_grad(&x, &mut slope);
            for (share, sums) in self.weights(t).iter().zip(sums.chunks_exact_mut(n.max(1))) {
                sums.iter_mut().zip(&slope).for_each(|(sum, g)| *sum += weight * share * g.wide());
            }
        }
        gradient.iter_mut().zip(&sums).for_each(|(g, sum)| *g = T::of(*sum));
        value
    }

    fn linearize<'a>(
        &'a self,
        theta: &[T],
        curvature: Curvature,
    ) -> Result<Box<dyn SymmetricOperator<T> + 'a>, Unsupported> {
        let curve = self.along(theta);
        let at = |&(t, weight): &(f64, f64)| {
            let operator = self.objective.linearize(&curve.at(t), curvature)?;
            Ok((weight, self.weights(t), operator))
        };
        let parts = self.nodes.iter().map(at).collect::<Result<_, Unsupported>>()?;
        Ok(Box::new(Along { n: curve.dimension(), dimension: theta.len(), parts }))
    }

    fn finite_sum(&self) -> Option<&dyn FiniteSum<T>> {
        self.objective.finite_sum().map(|_| self as &dyn FiniteSum<T>)
    }
}

impl<T: Scalar> CurveLoss<'_, T> {
    fn sum(&self) -> &dyn FiniteSum<T> {
        self.objective.finite_sum().expect("only a curve over a mean over examples is one")
    }
}

impl<T: Scalar> FiniteSum<T> for CurveLoss<'_, T> {
    fn examples(&self) -> usize {
        self.sum().examples()
    }

    fn gradient_moments(&self, _: &[T], _: &mut [T]) -> f64 {
        unreachable!("an example of a curve has no loss of its own: its place depends on its minibatch")
    }

    fn is_separable(&self) -> bool {
        false
    }

    fn minibatch<'a>(&'a self, size: usize) -> Box<dyn Minibatch<T> + 'a> {
        let n = self.objective.dimension();
        let (point, slope) = (vec![T::zero(); n], vec![T::zero(); n]);
        Box::new(Placed { curve: self, inner: self.sum().minibatch(size), point, slope })
    }
}

/// Minibatches, each at its own place of the curve.
struct Placed<'a, T: Scalar> {
    curve: &'a CurveLoss<'a, T>,
    inner: Box<dyn Minibatch<T> + 'a>,
    point: Vec<T>,
    slope: Vec<T>,
}

impl<T: Scalar> Minibatch<T> for Placed<'_, T> {
    fn value_grad(&mut self, theta: &[T], indices: &[u32], gradient: &mut [T]) -> f64 {
        let t = self.curve.place(indices);
        self.curve.along(theta).write(t, &mut self.point);
        let value = self.inner.value_grad(&self.point, indices, &mut self.slope);
        spread(&self.curve.weights(t), &self.slope, gradient);
        value
    }

    fn product(
        &mut self,
        theta: &[T],
        indices: &[u32],
        curvature: Curvature,
        vector: &[T],
        product: &mut [T],
    ) -> Result<(), Unsupported> {
        let t = self.curve.place(indices);
        self.curve.along(theta).write(t, &mut self.point);
        let weights = self.curve.weights(t);
        let inner = gathered(&weights, vector, self.point.len());
        self.inner.product(&self.point, indices, curvature, &inner, &mut self.slope)?;
        spread(&weights, &self.slope, product);
        Ok(())
    }
}

/// The curvature matrix Σ_q w_q b(t_q) b(t_q)ᵀ ⊗ A(x(t_q)).
struct Along<'a, T: Scalar> {
    n: usize,
    dimension: usize,
    parts: Vec<(f64, Vec<f64>, Box<dyn SymmetricOperator<T> + 'a>)>,
}

impl<T: Scalar> SymmetricOperator<T> for Along<'_, T> {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        let (n, dimension) = (self.n, self.dimension.max(1));
        let mut inner = vec![T::zero(); n];
        for (vector, product) in vectors.chunks_exact(dimension).zip(products.chunks_exact_mut(dimension)) {
            let mut sums = vec![0.0f64; dimension];
            for (weight, shares, operator) in &mut self.parts {
                operator.apply(&gathered(shares, vector, n), &mut inner)?;
                for (share, sums) in shares.iter().zip(sums.chunks_exact_mut(n)) {
                    sums.iter_mut().zip(&inner).for_each(|(sum, v)| *sum += *weight * share * v.wide());
                }
            }
            product.iter_mut().zip(&sums).for_each(|(p, sum)| *p = T::of(*sum));
        }
        Ok(())
    }
}

/// b ⊗ v into `out`.
fn spread<T: Scalar>(shares: &[f64], v: &[T], out: &mut [T]) {
    for (share, out) in shares.iter().zip(out.chunks_exact_mut(v.len().max(1))) {
        out.iter_mut().zip(v).for_each(|(out, v)| *out = T::of(share * v.wide()));
    }
}

/// Σⱼ bⱼ vⱼ for k vectors of n numbers.
fn gathered<T: Scalar>(shares: &[f64], vectors: &[T], n: usize) -> Vec<T> {
    let sum = |i: usize| shares.iter().enumerate().map(|(j, s)| s * vectors[j * n + i].wide()).sum::<f64>();
    (0..n).map(|i| T::of(sum(i))).collect()
}

/// Nodes in [0, 1] and weights of the Gauss-Legendre rule, by Newton's method on the polynomials' recurrence.
fn gauss_legendre(count: usize) -> Vec<(f64, f64)> {
    assert!(count > 0, "a rule needs a node");
    let node = |i: usize| {
        let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (count as f64 + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..100 {
            let (mut before, mut p) = (1.0, x);
            for k in 2..=count {
                let k = k as f64;
                (before, p) = (p, ((2.0 * k - 1.0) * x * p - (k - 1.0) * before) / k);
            }
            slope = count as f64 * (x * p - before) / (x * x - 1.0);
            let step = p / slope;
            x -= step;
            if step.abs() < 1e-16 {
                break;
            }
        }
        (0.5 * (1.0 - x), 1.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..count).map(node).collect()
}

#[cfg(test)]
mod tests;
