//! The trace by exchangeable estimators.

use crate::krylov::basis::Basis;
use crate::krylov::estimate::{Estimate, Probe};
use crate::krylov::negligible;
use crate::krylov::orthogonal::factor;
use crate::krylov::products::Products;
use crate::krylov::trace::{Moments, TraceOptions, exact_moments, hutchinson};
use crate::krylov::vectors::rows;
use crate::krylov::{BasisKind, SymmetricOperator};
use crate::vector::{dot, norm};
use crate::{Scalar, Stop};

/// The trace by XTrace (Epperly, Tropp & Webber 2024, "XTrace: making the most
/// of every sample in stochastic trace estimation", §2 and §3), symmetric A,
/// with test vectors from the sphere of radius √n and the paper's normalization
/// of their residuals; ‖A‖_F² from the same vectors by Hutchinson's estimator.
///
/// With m = products/2 test vectors Ω and Q an orthonormal basis of AΩ, each
/// vector ω in turn is left out: the trace on the range Q₍ω₎ of the others is
/// exact, and ω samples the rest of the space, u = (I − Q₍ω₎Q₍ω₎ᵀ)ω,
///
/// tr A ≈ mean over ω of tr(Q₍ω₎ᵀ A Q₍ω₎) + (n − m + 1) uᵀAu / ‖u‖².
///
/// All m estimates come from one QR factorization: with AΩ = QR, H = QᵀAQ,
/// W = QᵀΩ and s the normalized column of R⁻ᵀ, Q₍ω₎Q₍ω₎ᵀ = Q(I − ssᵀ)Qᵀ, so
/// that u = ω − Qx with x = w − (sᵀw)s, and uᵀAu = wᵀr − 2rᵀx + xᵀHx.
///
/// `stderr` is the paper's error estimate, the standard error over the m
/// estimates; they are exchangeable but not independent, and it estimates the
/// error well once m is a few tens. The error falls with the decay of the
/// spectrum; for rank A < m it is rounding.
///
/// Memory: m·n numbers for Q, kept as the operator [says](SymmetricOperator::keep) but never
/// rounded to bf16, since the formulas lean on its being orthonormal, and 4·block·n; test vectors are drawn again rather than kept. Work beside the products: about 6 m²n operations.
/// Exact, from n products with unit vectors, where `options.products` ≥ n. Where the
/// operator keeps no basis, [`hutchinson`](super::hutchinson) answers instead.
///
/// ```
/// use thalweg_lab::krylov::{TraceOptions, from_fn, xtrace};
///
/// let mut operator = from_fn(1000, |v: &[f64], out| {
///     for i in 0..1000 {
///         out[i] = v[i] * 0.7f64.powi(i as i32);
///     }
/// });
/// let found = xtrace(&mut operator, &TraceOptions { products: 80, ..Default::default() }).unwrap();
/// assert!((found.trace.mean - 1.0 / 0.3).abs() < 1e-3);
/// assert!(found.trace.stderr < 1e-3);
/// ```
pub fn xtrace<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    options: &TraceOptions,
) -> Result<Moments, Stop> {
    if operator.keep().kind() == BasisKind::None {
        return hutchinson(operator, options);
    }
    let mut products = Products::new(operator);
    if let Some(moments) = exact_moments(&mut products, options)? {
        return Ok(moments);
    }
    let n = products.dimension();
    let m = (options.products.max(4) / 2) as usize;
    let block = options.block.clamp(1, m);
    let pieces = || (0..m).step_by(block).map(|from| from..m.min(from + block));
    let mut squares = Vec::new();
    let mut lengths = Vec::new();
    let mut range =
        Range { basis: products.exact_basis(m)?, columns: Vec::new(), order: Vec::new(), largest: 0.0 };
    for piece in pieces() {
        let tests = draw(options.seed, piece, n);
        let mut images = vec![T::zero(); tests.len()];
        products.apply(&tests, &mut images)?;
        lengths.extend(tests.chunks_exact(n).map(|test| dot(test, test)));
        squares.extend(images.chunks_exact(n).map(|y| dot(y, y)));
        range.extend(images, n)?;
    }
    let r = range.close();
    let (mut h, mut w) = (vec![0.0; r * r], vec![0.0; r * m]);
    for piece in (0..r).step_by(block).map(|from| from..r.min(from + block)) {
        let mut q = vec![T::zero(); piece.len() * n];
        range.basis.read(piece.start, &mut q)?;
        let mut z = vec![T::zero(); q.len()];
        products.apply(&q, &mut z)?;
        range.inner_products(&z, piece, &mut h)?;
    }
    for piece in pieces() {
        range.inner_products(&draw(options.seed, piece.clone(), n), piece, &mut w)?;
    }
    Ok(Moments {
        trace: Estimate::from_samples(&range.estimates(n, &h, &w, &lengths)),
        frobenius_squared: Estimate::from_samples(&squares),
        exact: false,
        products: products.count(),
    })
}

/// The test vectors of these numbers.
fn draw<T: Scalar>(seed: u64, numbers: std::ops::Range<usize>, n: usize) -> Vec<T> {
    let mut tests = vec![T::zero(); numbers.len() * n];
    for (i, test) in numbers.zip(tests.chunks_exact_mut(n)) {
        Probe::Sphere.fill(seed, "xtrace", i as u64, test);
    }
    tests
}

/// An orthonormal basis of the rows yᵢ and their coefficients in it, Y = RᵀQ.
struct Range<T> {
    /// Q (r × n).
    basis: Basis<T>,
    /// The columns of R, m vectors of length r.
    columns: Vec<Vec<f64>>,
    /// The columns in an order in which R is upper triangular, if r = m.
    order: Vec<usize>,
    /// The largest ‖yᵢ‖ so far.
    largest: f64,
}

impl<T: Scalar> Range<T> {
    /// Takes more rows in.
    fn extend(&mut self, images: Vec<T>, n: usize) -> Result<(), Stop> {
        self.largest = images.chunks_exact(n).map(norm).fold(self.largest, f64::max);
        let (before, k) = (self.basis.rows(), rows(&images, n));
        let parts = factor(images, &self.basis, n, negligible::<T>(self.largest))?;
        self.order.extend(parts.order.iter().map(|j| self.columns.len() + j));
        for j in 0..k {
            let inside = (0..before).map(|i| parts.inside[i * k + j]);
            let outside = parts.outside.chunks_exact(k).map(|row| row[j]);
            self.columns.push(inside.chain(outside).collect());
        }
        self.basis.push(&parts.rows)
    }

    /// No more rows will come: returns r.
    fn close(&mut self) -> usize {
        let r = self.basis.rows();
        self.columns.iter_mut().for_each(|column| column.resize(r, 0.0));
        r
    }

    /// ⟨qᵢ, xⱼ⟩ into the columns `at` of `out` (r rows).
    fn inner_products(&self, x: &[T], at: std::ops::Range<usize>, out: &mut [f64]) -> Result<(), Stop> {
        let r = self.basis.rows();
        let mut part = vec![0.0; r * at.len()];
        self.basis.gram(x, &mut part)?;
        let columns = out.len() / r.max(1);
        for (row, part) in out.chunks_exact_mut(columns.max(1)).zip(part.chunks_exact(at.len())) {
            row[at.clone()].copy_from_slice(part);
        }
        Ok(())
    }

    /// The normalized columns of R⁻ᵀ by forward substitution; zero where the
    /// range has lower dimension than there are vectors, since then leaving one
    /// out does not change it.
    fn directions(&self) -> Vec<Vec<f64>> {
        let m = self.columns.len();
        let r = self.columns.first().map_or(0, Vec::len);
        let mut out = vec![vec![0.0; r]; m];
        if r < m {
            return out;
        }
        for (b, &i) in self.order.iter().enumerate() {
            let s = &mut out[i];
            s[b] = 1.0 / self.columns[i][b];
            for a in b + 1..m {
                let column = &self.columns[self.order[a]];
                let sum: f64 = (b..a).map(|c| column[c] * s[c]).sum();
                s[a] = -sum / column[a];
            }
            let length = norm(s);
            s.iter_mut().for_each(|s| *s /= length);
        }
        out
    }

    /// One estimate of the trace for each test vector left out.
    fn estimates(&self, n: usize, h: &[f64], w: &[f64], lengths: &[f64]) -> Vec<f64> {
        let m = self.columns.len();
        let r = self.columns.first().map_or(0, Vec::len);
        let form = |x: &[f64]| -> f64 { (0..r).map(|i| x[i] * dot(&h[i * r..][..r], x)).sum() };
        let trace: f64 = (0..r).map(|i| h[i * r + i]).sum();
        let left = if r < m { n - r } else { n - m + 1 } as f64;
        let estimate = |(i, s): (usize, &Vec<f64>)| {
            let w: Vec<f64> = (0..r).map(|j| w[j * m + i]).collect();
            let along = dot(s, &w);
            let x: Vec<f64> = w.iter().zip(s).map(|(w, s)| w - along * s).collect();
            let image = &self.columns[i];
            let sample = dot(&w, image) - 2.0 * dot(image, &x) + form(&x);
            trace - form(s) + left * sample / (lengths[i] - dot(&x, &x))
        };
        self.directions().iter().enumerate().map(estimate).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krylov::from_fn;
    use crate::krylov::orthogonal::factor;
    use crate::krylov::testing::{Reflected, Whole, coverage};

    fn decaying(n: usize) -> Vec<f64> {
        (0..n).map(|i| if i % 7 == 3 { -1.0 } else { 1.0 } / (1.0 + i as f64).powi(2)).collect()
    }

    /// The definition, vector by vector: an orthonormal basis of the other images, and the rest sampled.
    fn naive(operator: &mut Reflected, m: usize, seed: u64) -> Vec<f64> {
        let n = operator.values.len();
        let mut product = |rows: &[f64]| {
            let mut out = vec![0.0; rows.len()];
            operator.apply(rows, &mut out).unwrap();
            out
        };
        let mut tests = vec![0.0f64; m * n];
        for (i, test) in tests.chunks_exact_mut(n).enumerate() {
            Probe::Sphere.fill(seed, "xtrace", i as u64, test);
        }
        let images = product(&tests);
        let leave_out = |i: usize| {
            let others = [&images[..i * n], &images[(i + 1) * n..]].concat();
            let q = factor(others, &[][..], n, 0.0).unwrap().rows;
            let z = product(&q);
            let inner: f64 = q.chunks_exact(n).zip(z.chunks_exact(n)).map(|(q, z)| dot(q, z)).sum();
            let mut u = tests[i * n..][..n].to_vec();
            for q in q.chunks_exact(n) {
                let along = dot(q, &u);
                u.iter_mut().zip(q).for_each(|(u, q)| *u -= along * q);
            }
            inner + (n - m + 1) as f64 * dot(&u, &product(&u)) / dot(&u, &u)
        };
        (0..m).map(leave_out).collect()
    }

    #[test]
    fn the_fast_formulas_are_the_definition() {
        let mut operator = Reflected::new(decaying(120), 1);
        let expected = Estimate::from_samples(&naive(&mut operator, 13, 5));
        let options = TraceOptions { products: 26, seed: 5, block: 4 };
        let found = xtrace::<f64>(&mut operator, &options).unwrap();
        assert!((found.trace.mean - expected.mean).abs() < 1e-13, "{found:?} {expected:?}");
        assert!((found.trace.stderr - expected.stderr).abs() < 1e-13);
        assert_eq!(found.products, 26);
    }

    #[test]
    fn far_better_than_hutchinson_on_a_decaying_spectrum() {
        let mut operator = Reflected::new(decaying(500), 2);
        let exact: f64 = operator.values.iter().sum();
        let error = |moments: Moments| (moments.trace.mean - exact).powi(2);
        let (mut ours, mut plain) = (0.0, 0.0);
        for seed in 0..20 {
            let options = TraceOptions { products: 60, seed, ..Default::default() };
            ours += error(xtrace::<f64>(&mut operator, &options).unwrap());
            plain += error(hutchinson::<f64>(&mut operator, &options).unwrap());
        }
        assert!(ours.sqrt() < 0.05 * plain.sqrt(), "{} {}", ours.sqrt(), plain.sqrt());
    }

    #[test]
    fn standard_errors_cover_the_truth() {
        let (mut flat, mut decaying) = (Whole::wigner(120, 1), Reflected::new(decaying(400), 3));
        for operator in [&mut flat as &mut dyn SymmetricOperator<f64>, &mut decaying] {
            let exact = crate::krylov::dense(operator, 8).unwrap().trace();
            let scores: Vec<f64> = (0..200)
                .map(|seed| {
                    let options = TraceOptions { products: 60, seed, ..Default::default() };
                    let found = xtrace(operator, &options).unwrap().trace;
                    (found.mean - exact) / found.stderr
                })
                .collect();

            coverage(&scores);
        }
    }

    #[test]
    fn low_rank_is_exact() {
        let mut values = vec![0.0; 300];
        values[..9].copy_from_slice(&[5.0, -3.0, 2.0, 1.0, 1.0, 0.5, 1e-3, -1e-6, 7.0]);
        let mut operator = Reflected::new(values.clone(), 4);
        let exact: f64 = values.iter().sum();
        for products in [20, 24, 60] {
            let options = TraceOptions { products, ..Default::default() };
            let found = xtrace::<f64>(&mut operator, &options).unwrap().trace;
            assert!((found.mean - exact).abs() < 1e-11 && found.stderr < 1e-11, "{products}: {found:?}");
            let found = xtrace::<f32>(&mut operator, &options).unwrap().trace;
            assert!((found.mean - exact).abs() < 1e-3, "{products}: {found:?}");
        }
    }

    #[test]
    fn zero_and_identity() {
        for value in [0.0, 3.0] {
            let mut operator = from_fn(200, |v: &[f64], out| {
                out.iter_mut().zip(v).for_each(|(out, v)| *out = value * v);
            });
            let found = xtrace(&mut operator, &TraceOptions::default()).unwrap();
            assert!((found.trace.mean - 200.0 * value).abs() < 1e-10 && found.trace.stderr < 1e-10);
            let found = xtrace(&mut operator, &TraceOptions { products: 200, ..Default::default() }).unwrap();
            assert!(found.exact && found.trace.mean == 200.0 * value && found.products == 200);
        }
    }
}
