//! The evidence that a point is critical, and of which index.

use serde::{Deserialize, Serialize};

use super::newton::newton_step;
use crate::krylov::{self, Count, ExtremalOptions, Slq, SlqOptions, slq};
use crate::optim::{Spectrum, Verdict, VerdictOptions, judge};
use crate::vector::{displaced, dot, norm};
use crate::{Curvature, Oracle, Scalar, Stop};

/// A Newton step of this share of ‖x‖, or of 1, is no more than rounding.
const ROUNDING: f64 = 1e-15;

/// What to find out at a point.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CertificateOptions {
    /// Where the lines are drawn, up to which dimension the whole Hessian is built, and how many eigenpairs at each end are
    /// looked for above it.
    pub verdict: VerdictOptions,
    /// Above that dimension also a density, for the number of negative eigenvalues.
    pub density: Option<SlqOptions>,
    /// Products of the Newton step, above that dimension.
    pub products: u64,
    /// Longer Newton steps mean that the point is not certified: no critical point need be there.
    pub step: f64,
}

impl Default for CertificateOptions {
    /// The verdict's own lines with 8 eigenpairs at the lower end and 4 at the upper; no density; Newton steps up to
    /// 1e-3 by at most 500 products.
    fn default() -> Self {
        let ends = ExtremalOptions { top: 4, bottom: 8, ..ExtremalOptions::default() };
        Self {
            verdict: VerdictOptions { ends, ..VerdictOptions::default() },
            density: None,
            products: 500,
            step: 1e-3,
        }
    }
}

/// The number of negative eigenvalues, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Index {
    /// No fewer: a proof, by Cauchy's interlacing or from all eigenvalues.
    pub at_least: u64,
    /// No more: proved if `exact`; otherwise the evidence of a second search that found no other small eigenvalue.
    pub at_most: u64,
    /// Whether all eigenvalues are known and have clear signs, or are clearly null.
    pub exact: bool,
    /// An estimate from the density.
    pub estimate: Option<Count>,
}

impl Index {
    /// The best guess: the number itself, the middle of the density's estimate, or the lower bound.
    pub fn guess(&self) -> f64 {
        let (low, high) = (self.at_least as f64, self.at_most as f64);
        match self.estimate {
            Some(estimate) if low < high => estimate.mean.clamp(low, high),
            _ => low,
        }
    }

    /// Whether it is this one, exactly or by both bounds.
    pub fn is(&self, index: u64) -> bool {
        self.at_least == index && self.at_most == index
    }
}

/// The evidence at a point.
#[derive(Clone, Debug)]
pub struct Certificate<T: Scalar> {
    /// Value, gradient, the ends of the spectrum with their residuals, and the kind of the point; where the Hessian is
    /// singular, the order of the first derivative that is not null.
    pub verdict: Verdict,
    /// The index.
    pub index: Index,
    /// Null eigenvalues; only where all are known.
    pub null: Option<u64>,
    /// ‖H⁺∇f‖: about the distance to the critical point, if H is not singular and the point is near.
    pub newton_step: f64,
    /// (∇fᵀ|H|⁺∇f)^½ where all eigenvalues are known, else |∇fᵀH⁺∇f|^½: twice its half square is the fall of the local model.
    pub newton_decrement: f64,
    /// ‖∇f − HH⁺∇f‖/‖∇f‖: the part of the gradient that no Newton step removes.
    pub outside: f64,
    /// Eigenvalues, ascending: all of them, or those found at both ends.
    pub eigenvalues: Vec<f64>,
    /// What each may be wrong by.
    pub errors: Vec<f64>,
    /// The unit eigenvector of the smallest eigenvalue (n).
    pub lowest: Vec<T>,
    /// Unit eigenvectors of null eigenvalues (n each); only where all are known.
    pub null_vectors: Vec<Vec<T>>,
    /// The density, where it was asked for.
    pub density: Option<Slq>,
}

impl<T: Scalar> Certificate<T> {
    /// Whether ‖∇f‖ is small and the Newton step is no longer than allowed.
    pub fn holds(&self, options: &CertificateOptions) -> bool {
        self.verdict.gradient_norm <= self.verdict.gradient_threshold && self.newton_step <= options.step
    }
}

/// Certifies x: ‖∇f‖, Newton step and decrement, eigenvalues with residuals, index, kind.
///
/// Up to `verdict.dense_limit` coordinates all eigenvalues are computed and the index is exact, unless an eigenvalue has no
/// clear sign. Above it the index is bounded by Lanczos: from below by interlacing, from above where the last of the
/// eigenvalues found at the lower end is positive and a second search found nothing beyond; otherwise by n.
/// Cost: a gradient and n products; or the products of the search, of the density and of MINRES.
///
/// # Errors
/// If the oracle stops.
pub fn certify<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    options: &CertificateOptions,
) -> Result<Certificate<T>, Stop> {
    let mut gradient = vec![T::zero(); x.len()];
    let value = oracle.value_grad(x, &mut gradient)?;
    let lines = &options.verdict;
    let whole = x.len() <= lines.dense_limit;
    let (spectrum, density) = {
        let mut hessian = oracle.linearize(x, Curvature::Hessian)?;
        match whole {
            true => (Spectrum::<T>::of_dense(&krylov::dense(&mut hessian, lines.ends.block)?), None),
            false => {
                let ends = krylov::extremal_eigenpairs(&mut hessian, &lines.ends)?;
                let density = options.density.map(|density| slq(&mut hessian, &density)).transpose()?;
                (Spectrum::Ends(ends), density)
            }
        }
    };
    let lines =
        &VerdictOptions { curvature_absolute: uncertain(oracle, x, &gradient, &spectrum, lines)?, ..*lines };
    let mut verdict = judge(oracle, x, value, &gradient, &spectrum, lines);
    let threshold = verdict.curvature.as_ref().map_or(0.0, |c| c.threshold);
    let step = match &spectrum {
        // What is null for the verdict, since the point is not quite the critical one, may still lead far.
        Spectrum::Exact { eigen, .. } => {
            solved(eigen, &gradient, spectrum.null_threshold(options.verdict.curvature))
        }
        Spectrum::Ends(_) => {
            let step = newton_step(oracle, x, &gradient, &[], options.products)?;
            let decrement = dot(&gradient, &step.direction).abs().sqrt();
            [norm(&step.direction), decrement, step.outside]
        }
    };
    let estimate = density.as_ref().map(|density| density.count_below(-threshold));
    let index = index(&verdict, &spectrum, x.len() as u64, estimate);
    if let (Some(curvature), false) = (&mut verdict.curvature, whole) {
        curvature.negative_estimate = estimate;
    }
    let (eigenvalues, errors, lowest, null_vectors) = pairs(&spectrum, threshold);
    let null = verdict.curvature.as_ref().and_then(|c| c.null);
    let [newton_step, newton_decrement, outside] = step;
    Ok(Certificate {
        verdict,
        index,
        null,
        newton_step,
        newton_decrement,
        outside,
        eigenvalues,
        errors,
        lowest,
        null_vectors,
        density,
    })
}

/// How far eigenvalues may be from those of the critical point: four times the change of H over a Newton step, where the
/// step is more than rounding and the matrix is known. Near a degenerate point of order p, a Newton step covers 1/(p − 1) of the way.
fn uncertain<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    gradient: &[T],
    spectrum: &Spectrum<T>,
    lines: &VerdictOptions,
) -> Result<f64, Stop> {
    let Spectrum::Exact { eigen, .. } = spectrum else { return Ok(lines.curvature_absolute) };
    let threshold = spectrum.null_threshold(lines.curvature).max(lines.curvature_absolute);
    let mut moved = x.to_vec();
    for (i, value) in eigen.values.iter().enumerate().filter(|(_, value)| value.abs() > threshold) {
        let vector = eigen.vector(i);
        let along: f64 = vector.iter().zip(gradient).map(|(v, g)| v * g.wide()).sum::<f64>() / value;
        moved.iter_mut().zip(vector).for_each(|(x, v)| *x = T::of(x.wide() - along * v));
    }
    let mut gap = moved.clone();
    displaced(&moved, &[(-1.0, x)], &mut gap);
    let step = norm(&gap);
    if step <= ROUNDING * norm(x).max(1.0) || step > 1.0 {
        return Ok(lines.curvature_absolute);
    }
    let block = lines.ends.block;
    let matrix = |at: &[T]| krylov::dense(&mut oracle.linearize(at, Curvature::Hessian)?, block);
    let (mut here, there) = (matrix(x)?.entries, matrix(&moved)?.entries);
    here.iter_mut().zip(&there).for_each(|(h, t)| *h -= t);
    Ok(lines.curvature_absolute.max(4.0 * norm(&here)))
}

/// Length and decrement of the pseudo-inverse Newton step, and what it leaves.
fn solved<T: Scalar>(eigen: &krylov::Eigen, gradient: &[T], threshold: f64) -> [f64; 3] {
    let wide: Vec<f64> = gradient.iter().map(|g| g.wide()).collect();
    let (mut length, mut decrement, mut left) = (0.0, 0.0, 0.0);
    for (i, value) in eigen.values.iter().enumerate() {
        let along = dot(eigen.vector(i), &wide);
        if value.abs() > threshold {
            length += (along / value).powi(2);
            decrement += along * along / value.abs();
        } else {
            left += along * along;
        }
    }
    let size = norm(&wide);
    [length.sqrt(), decrement.sqrt(), if size > 0.0 { left.sqrt() / size } else { 0.0 }]
}

fn index<T: Scalar>(verdict: &Verdict, spectrum: &Spectrum<T>, n: u64, estimate: Option<Count>) -> Index {
    let Some(curvature) = &verdict.curvature else {
        return Index { at_least: 0, at_most: n, exact: false, estimate };
    };
    match spectrum {
        Spectrum::Exact { .. } => Index {
            at_least: curvature.negative,
            at_most: curvature.negative + curvature.unclear,
            exact: curvature.unclear == 0,
            estimate: None,
        },
        Spectrum::Ends(ends) => {
            let clear =
                ends.bottom.last().is_some_and(|pair| pair.value - pair.residual > -curvature.threshold);
            let found =
                ends.bottom.iter().filter(|p| p.value - p.residual < -curvature.threshold).count() as u64;
            let at_least = (ends.negative_at_least as u64).max(curvature.negative);
            let at_most = if clear && ends.confirmed { found.max(at_least) } else { n };
            Index { at_least, at_most, exact: false, estimate }
        }
    }
}

type Pairs<T> = (Vec<f64>, Vec<f64>, Vec<T>, Vec<Vec<T>>);

fn pairs<T: Scalar>(spectrum: &Spectrum<T>, threshold: f64) -> Pairs<T> {
    match spectrum {
        Spectrum::Exact { eigen, error } => {
            let row = |i: usize| -> Vec<T> { eigen.vector(i).iter().map(|&v| T::of(v)).collect() };
            let null = (0..eigen.values.len()).filter(|&i| eigen.values[i].abs() <= threshold);
            let lowest = if eigen.values.is_empty() { Vec::new() } else { row(0) };
            (eigen.values.clone(), vec![*error; eigen.values.len()], lowest, null.map(row).collect())
        }
        Spectrum::Ends(ends) => {
            let all = || ends.bottom.iter().chain(ends.top.iter().rev());
            let lowest = ends.bottom.first().map_or(Vec::new(), |pair| pair.vector.to_vec());
            (all().map(|p| p.value).collect(), all().map(|p| p.residual).collect(), lowest, Vec::new())
        }
    }
}
