//! The space of the Hessian's leading eigenvectors, and how much of a gradient or a step lies in it.

use serde::Serialize;

use crate::curvature::CurvatureError;
use crate::krylov::{Eigenpair, ExtremalOptions, SymmetricOperator, extremal_eigenpairs};
use crate::vector::{dot, norm};
use crate::{Curvature, Oracle, Scalar};

/// How many eigenvectors, and how hard to try.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TopSpaceOptions {
    /// k, the dimension of the space; n at most.
    pub top: usize,
    /// Products for the eigenvectors, at most.
    pub max_products: u64,
    /// A pair has converged when ‖Hv − λv‖ ≤ tolerance · ‖H‖.
    pub tolerance: f64,
    /// Seed of the start vectors.
    pub seed: u64,
}

impl Default for TopSpaceOptions {
    /// Ten eigenvectors to 1e-4 within 400 products.
    fn default() -> Self {
        Self { top: 10, max_products: 400, tolerance: 1e-4, seed: 0 }
    }
}

/// The top space at a point, with the gradient there. Serialized without its vectors.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TopSpace<T> {
    /// The k largest eigenvalues with their residuals and vectors, descending.
    pub pairs: Vec<Eigenpair<T>>,
    /// The next eigenvalue, from which the space is told apart; `None` if there is none.
    pub next: Option<Eigenpair<T>>,
    /// A bound on sin ∠ between the space found and the true one, 1 where nothing is known:
    /// (Σᵢ rᵢ²)^½ / (λ_k − r_k − λ_{k+1} − r_{k+1}) with the residuals r (Davis & Kahan 1970), if no larger eigenvalue was
    /// missed. Every [share](TopSpace::share) is certain to within this.
    pub error: f64,
    /// f(x).
    pub value: f64,
    /// ‖∇f(x)‖.
    pub gradient_norm: f64,
    /// The share ‖Pg‖² / ‖g‖² of the gradient g in the space; `None` at g = 0.
    pub gradient_share: Option<f64>,
    /// The cosines of g with each of the eigenvectors, by their size; `None` at g = 0.
    pub gradient_cosines: Option<Vec<f64>>,
    /// gᵀHg / gᵀg, the curvature along the gradient; `None` at g = 0.
    pub gradient_curvature: Option<f64>,
    /// Products spent.
    pub products: u64,
}

/// Finds the top space at x and the gradient's share in it.
///
/// Gur-Ari, Roberts & Dyer, *Gradient descent happens in a tiny subspace* (2018): there k is the
/// number of classes, and after a short time most of the gradient lies in the space. Eigenvalues are the algebraically
/// largest. A random direction has the share k/n ([`random_share`]); a gradient that is H times
/// something is drawn to the space by its eigenvalues alone, without any learning.
///
/// Cost: one gradient, one product for [`TopSpace::gradient_curvature`], and a search for k + 1 eigenvectors
/// ([`extremal_eigenpairs`]), unconfirmed: an eigenvector that random starts do not see is missed.
///
/// # Errors
/// Where the objective has no Hessian, and from the oracle.
///
/// ```
/// use thalweg_lab::Oracle;
/// use thalweg_lab::curvature::{TopSpaceOptions, top_space};
/// use thalweg_lab::problem::analytic::{Analytic, quadratic};
///
/// let objective = Analytic::<f64>::new(quadratic(&[3.0, 2.0, 1.0, 1.0]), Default::default());
/// let options = TopSpaceOptions { top: 2, ..TopSpaceOptions::default() };
/// let found = top_space(&Oracle::new(&objective), &[1.0; 4], &options)?;
/// // g = (3, 2, 1, 1).
/// assert!((found.gradient_share.unwrap() - 13.0 / 15.0).abs() < 1e-12);
/// # Ok::<(), thalweg_lab::curvature::CurvatureError>(())
/// ```
pub fn top_space<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    options: &TopSpaceOptions,
) -> Result<TopSpace<T>, CurvatureError> {
    let mut gradient = vec![T::zero(); x.len()];
    let value = oracle.value_grad(x, &mut gradient)?;
    let mut hessian = oracle.linearize(x, Curvature::Hessian)?;
    let k = options.top.min(x.len());
    let search = ExtremalOptions {
        top: k + 1,
        bottom: 0,
        max_products: options.max_products,
        tolerance: options.tolerance,
        confirm: false,
        seed: options.seed,
        ..ExtremalOptions::default()
    };
    let found = extremal_eigenpairs(&mut hessian, &search)?;
    let mut pairs = found.top;
    let next = (pairs.len() > k).then(|| pairs.pop()).flatten();
    let gradient_norm = norm(&gradient);
    let mut space = TopSpace {
        error: error(&pairs, next.as_ref()),
        pairs,
        next,
        value,
        gradient_norm,
        gradient_share: None,
        gradient_cosines: None,
        gradient_curvature: None,
        products: found.products,
    };
    if gradient_norm > 0.0 {
        let mut product = vec![T::zero(); x.len()];
        hessian.apply(&gradient, &mut product)?;
        space.products += 1;
        space.gradient_curvature = Some(dot(&gradient, &product) / dot(&gradient, &gradient));
        space.gradient_share = space.share(&gradient);
        space.gradient_cosines = space.cosines(&gradient);
    }
    Ok(space)
}

impl<T: Scalar> TopSpace<T> {
    /// The share ‖Pv‖² / ‖v‖² of a vector in the space, certain to within [`error`](Self::error); `None` at v = 0.
    pub fn share(&self, v: &[T]) -> Option<f64> {
        let cosines = self.cosines(v)?;
        Some(cosines.iter().map(|c| c * c).sum::<f64>().min(1.0))
    }

    /// The cosines of a vector with each of the eigenvectors, by their size, for an eigenvector has no sign.
    pub fn cosines(&self, v: &[T]) -> Option<Vec<f64>> {
        let size = norm(v);
        let cosine = |pair: &Eigenpair<T>| (dot(v, &pair.vector) / (size * norm(&pair.vector))).abs();
        (size > 0.0).then(|| self.pairs.iter().map(|pair| cosine(pair).min(1.0)).collect())
    }

    /// (1/k) Σᵢⱼ ⟨vᵢ, v′ⱼ⟩², the overlap with the space of k other orthonormal vectors v′, such as the top space at
    /// another point: 1 where they are the same, k/n on average for random ones (Gur-Ari et al. 2018).
    pub fn overlap<'v>(&self, others: impl IntoIterator<Item = &'v [T]>) -> Option<f64>
    where
        T: 'v,
    {
        let shares: Option<Vec<f64>> = others.into_iter().map(|vector| self.share(vector)).collect();
        let shares = shares.filter(|shares| !shares.is_empty())?;
        Some(shares.iter().sum::<f64>() / shares.len() as f64)
    }

    /// The step length ε above which a small step −εg raises f to second order: f(x − εg) − f(x) =
    /// −ε gᵀg + ½ε² gᵀHg + O(ε³) is positive for ε > 2 gᵀg / gᵀHg. `None` where the gradient
    /// vanishes or the curvature along it is not positive.
    ///
    /// Source: Goodfellow, Bengio & Courville, *Deep Learning* (2016), §8.2.1, on ill-conditioning.
    pub fn critical_step(&self) -> Option<f64> {
        self.gradient_curvature.filter(|curvature| *curvature > 0.0).map(|curvature| 2.0 / curvature)
    }
}

/// Mean and standard deviation of the share of a random direction of Rⁿ in any fixed space of k dimensions:
/// the share has the Beta distribution of k/2 and (n − k)/2, mean k/n and variance 2k(n − k)/(n²(n + 2)).
pub fn random_share(k: usize, n: usize) -> (f64, f64) {
    let (k, n) = (k.min(n) as f64, n as f64);
    (k / n, (2.0 * k * (n - k) / (n * n * (n + 2.0))).sqrt())
}

fn error<T>(pairs: &[Eigenpair<T>], next: Option<&Eigenpair<T>>) -> f64 {
    let Some(next) = next else { return 0.0 };
    let Some(last) = pairs.last() else { return 1.0 };
    let residual = pairs.iter().map(|pair| pair.residual * pair.residual).sum::<f64>().sqrt();
    let gap = last.value - last.residual - next.value - next.residual;
    if gap > 0.0 { (residual / gap).min(1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::analytic::{Analytic, quadratic, rotated_quadratic};
    use crate::random::Stream;
    use crate::samples;

    fn options(top: usize) -> TopSpaceOptions {
        TopSpaceOptions { top, ..TopSpaceOptions::default() }
    }

    /// At x = 1 the gradient of ½ Σ λᵢxᵢ² is λ: the share in the top space is Σ_{i≤k} λᵢ² / Σ λᵢ².
    #[test]
    fn shares_of_a_quadratic_are_sums_of_its_spectrum() {
        let spectrum: Vec<f64> = (0..400).map(|i| 0.95f64.powi(i)).collect();
        let objective = Analytic::<f64>::new(quadratic(&spectrum), Default::default());
        let squares = |range: std::ops::Range<usize>| spectrum[range].iter().map(|l| l * l).sum::<f64>();
        let found = top_space(&Oracle::new(&objective), &vec![1.0; 400], &options(5)).unwrap();
        assert!(found.pairs.iter().all(|pair| pair.converged) && found.error < 0.02, "{}", found.error);
        assert!((found.gradient_share.unwrap() - squares(0..5) / squares(0..400)).abs() <= found.error);
        let cosines = found.gradient_cosines.clone().unwrap();
        for (cosine, lambda) in cosines.iter().zip(&spectrum) {
            assert!((cosine - lambda / squares(0..400).sqrt()).abs() < 1e-3);
        }
        assert!((found.next.as_ref().unwrap().value - spectrum[5]).abs() < 1e-4);
        let cubes: f64 = spectrum.iter().map(|l| l.powi(3)).sum();
        assert!((found.gradient_curvature.unwrap() - cubes / squares(0..400)).abs() < 1e-12);
        assert!((found.gradient_norm - squares(0..400).sqrt()).abs() < 1e-13);
    }

    /// Rotating the coordinates changes neither shares nor curvature.
    #[test]
    fn rotations_change_nothing() {
        let spectrum: Vec<f64> = (0..60).map(|i| 4.0 * 0.8f64.powi(i) - 0.5).collect();
        let (plain, turned) = (samples::diagonal(&spectrum), samples::quadratic(&spectrum));
        let mut x = vec![0.0f64; 60];
        Stream::new(2, "point", 0).fill_normal(&mut x);
        // The sample is turned by the reflection I − 2uuᵀ, u along (1, 2, …).
        let scale: f64 = (1..=60).map(|i| f64::from(i * i)).sum();
        let along: f64 = x.iter().zip(1..).map(|(x, i)| x * f64::from(i)).sum::<f64>() / scale;
        let mirrored: Vec<f64> = x.iter().zip(1..).map(|(x, i)| x - 2.0 * along * f64::from(i)).collect();
        let tight = TopSpaceOptions { tolerance: 1e-9, ..options(4) };
        let a = top_space(&Oracle::new(&plain), &x, &tight).unwrap();
        let b = top_space(&Oracle::new(&turned), &mirrored, &tight).unwrap();
        let close = |a: Option<f64>, b: Option<f64>| (a.unwrap() - b.unwrap()).abs() < 1e-9;
        assert!(close(a.gradient_share, b.gradient_share));
        assert!(close(a.gradient_curvature, b.gradient_curvature));
        assert!(close(a.critical_step(), b.critical_step()));
        assert!((a.value - b.value).abs() < 1e-12 * a.value.abs().max(1.0));
    }

    /// ½(1000x² + y²): the limits at two points, and that f really rises beyond.
    #[test]
    fn ill_conditioning_bounds_the_step() {
        let f = samples::diagonal(&[1000.0, 1.0]);
        let oracle = Oracle::new(&f);
        for (x, limit) in [([1.0, 1.0], 0.002_000_002), ([0.001, 10.0], 0.183_636_364)] {
            let found = top_space(&oracle, &x, &options(1)).unwrap();
            let critical = found.critical_step().unwrap();
            assert!((critical - limit).abs() < 5e-10, "{critical}");
            for (share, rises) in [(0.999, false), (1.001, true)] {
                let step = share * critical;
                let next = [x[0] * (1.0 - 1000.0 * step), x[1] * (1.0 - step)];
                assert_eq!(oracle.value(&next).unwrap() > found.value, rises);
            }
        }
        let saddle = samples::diagonal(&[1.0, -1.0]);
        let found = top_space(&Oracle::new(&saddle), &[0.0, 1.0], &options(1)).unwrap();
        assert_eq!((found.critical_step(), found.gradient_curvature), (None, Some(-1.0)));
    }

    #[test]
    fn spaces_overlap_as_they_share_vectors() {
        let spectrum: Vec<f64> = (1..=50).map(f64::from).collect();
        let a = Analytic::<f64>::new(rotated_quadratic(&spectrum, 1), Default::default());
        let b = Analytic::<f64>::new(rotated_quadratic(&spectrum, 2), Default::default());
        let x = vec![1.0; 50];
        let find = |f: &Analytic<f64>, k| top_space(&Oracle::new(f), &x, &options(k)).unwrap();
        let overlap = |a: TopSpace<f64>, b: TopSpace<f64>| {
            a.overlap(b.pairs.iter().map(|pair| &pair.vector[..])).unwrap()
        };
        assert!((overlap(find(&a, 3), find(&a, 3)) - 1.0).abs() < 1e-12);
        assert!((overlap(find(&a, 6), find(&a, 3)) - 1.0).abs() < 1e-9);
        assert!((overlap(find(&a, 3), find(&a, 6)) - 0.5).abs() < 1e-9);
        assert!((overlap(find(&a, 50), find(&b, 50)) - 1.0).abs() < 1e-9);
        // All of the space holds all of any gradient, and nothing is uncertain.
        let whole = find(&a, 50);
        assert!((whole.gradient_share.unwrap() - 1.0).abs() < 1e-12);
        assert_eq!((whole.error, whole.next.is_none()), (0.0, true));
    }

    #[test]
    fn a_critical_point_has_no_gradient_to_share() {
        let f = samples::diagonal(&[2.0, 1.0]);
        let found = top_space(&Oracle::new(&f), &[0.0, 0.0], &options(1)).unwrap();
        assert_eq!((found.gradient_share, found.critical_step()), (None, None));
        assert_eq!(found.pairs[0].value, 2.0);
    }

    /// A multiple eigenvalue on the border: no space is told apart, and that is said.
    #[test]
    fn no_gap_no_certainty() {
        let f = samples::diagonal(&[2.0, 1.0, 1.0, 0.5]);
        let found = top_space(&Oracle::new(&f), &[1.0; 4], &options(2)).unwrap();
        assert_eq!(found.error, 1.0);
    }

    #[test]
    fn a_random_direction_has_its_share() {
        let (k, n, count) = (3, 20, 4000);
        let (mean, sd) = random_share(k, n);
        assert_eq!(mean, 0.15);
        let (mut sum, mut squares) = (0.0, 0.0);
        for index in 0..count {
            let mut v = vec![0.0f64; n];
            Stream::new(1, "share", index).fill_normal(&mut v);
            let share = dot(&v[..k], &v[..k]) / dot(&v, &v);
            sum += share;
            squares += share * share;
        }
        let found = sum / count as f64;
        assert!((found - mean).abs() < 4.0 * sd / (count as f64).sqrt());
        assert!(((squares / count as f64 - found * found).sqrt() / sd - 1.0).abs() < 0.06);
    }
}
