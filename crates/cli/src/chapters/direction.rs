//! Directions by name, and the eigenvectors that some of them need.

use thalweg_io::NamedArrays;
use thalweg_lab::krylov::{Eigenpair, ExtremalOptions, extremal_eigenpairs};
use thalweg_lab::landscape::{Direction, DirectionError, Normalization};
use thalweg_lab::problem::analytic::Known;
use thalweg_lab::{Counts, Curvature, Scalar};

use super::way::{numbers, values};
use crate::args::DirectionName;
use crate::chapter::Chapter;
use crate::config::EndsPlan;
use crate::error::Error;
use crate::rates::Cost;
use crate::session::Desk;

/// What directions are made from.
pub struct Makings<'m, T: Scalar> {
    pub x: &'m [T],
    pub normalization: Normalization,
    pub seed: u64,
    /// Critical points that are known of a function.
    pub known: &'m [Known],
    /// Where eigenvectors are kept, if there are any.
    pub eigenvectors: Option<&'m NamedArrays>,
}

/// A direction, and the curvature along it where that is known.
pub struct Made<T: Scalar> {
    pub direction: Direction<T>,
    /// λ of an eigenvector.
    pub eigenvalue: Option<f64>,
}

/// Makes the direction of that name.
pub fn make<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    name: DirectionName,
    makings: &Makings<'_, T>,
) -> Result<Made<T>, Error> {
    let Makings { x, normalization, seed, .. } = *makings;
    let direction = match name {
        DirectionName::Random(index) => {
            let layout = desk.oracle.objective().layout();
            Direction::random(seed, index, normalization, layout, x)?
        }
        DirectionName::Gradient => {
            let mut gradient = vec![T::zero(); x.len()];
            desk.oracle.value_grad(x, &mut gradient)?;
            Direction::unit("gradient", &gradient)?
        }
        DirectionName::Axis(index) if index >= x.len() => {
            return Err(Error::Usage(format!("axis:{index}: there are axes 0 to {}", x.len() - 1)));
        }
        DirectionName::Axis(index) => {
            let mut axis = vec![T::zero(); x.len()];
            axis[index] = T::one();
            Direction::unit(format!("axis {index}"), &axis)?
        }
        DirectionName::Top(k) => return eigenvector(makings, "top", k, x.len()),
        DirectionName::Bottom(k) => return eigenvector(makings, "bottom", k, x.len()),
    };
    Ok(Made { direction, eigenvalue: None })
}

fn eigenvector<T: Scalar>(makings: &Makings<'_, T>, end: &str, k: usize, n: usize) -> Result<Made<T>, Error> {
    let arrays = makings.eigenvectors.expect("a plan with eigenvectors computes them first");
    let lambda: Vec<f64> = numbers(arrays, &format!("{end}_eigenvalues"));
    let vectors: Vec<T> = numbers(arrays, &format!("{end}_eigenvectors"));
    if k > lambda.len() {
        let found = lambda.len();
        return Err(Error::Usage(format!("{end}:{k}: the Hessian has {found} eigenvectors at this end")));
    }
    let name = if k == 1 { format!("{end} eigenvector") } else { format!("{end} eigenvector {k}") };
    let direction = Direction::unit(name, &vectors[(k - 1) * n..k * n])?;
    Ok(Made { direction, eigenvalue: Some(lambda[k - 1]) })
}

/// Whether a direction cannot be used for what the point is like, not for what was asked.
pub fn is_void(error: &Error) -> bool {
    matches!(error, Error::Direction(DirectionError::Zero { .. } | DirectionError::Parallel { .. }))
}

/// Puts eigenpairs among a chapter's arrays.
pub fn keep<T: Scalar>(
    chapter: &mut Chapter,
    end: &str,
    pairs: &[Eigenpair<T>],
    n: usize,
) -> Result<(), Error> {
    let lambda: Vec<f64> = pairs.iter().map(|pair| pair.value).collect();
    let residuals: Vec<f64> = pairs.iter().map(|pair| pair.residual).collect();
    chapter.arrays.push(format!("{end}_eigenvalues"), [pairs.len()], lambda)?;
    chapter.arrays.push(format!("{end}_residuals"), [pairs.len()], residuals)?;
    let vectors = values(pairs.iter().flat_map(|pair| pair.vector.iter()));
    chapter.arrays.push(format!("{end}_eigenvectors"), [pairs.len(), n], vectors)?;
    Ok(())
}

/// What the eigenvectors take.
pub fn cost(plan: &EndsPlan) -> Cost {
    let products = plan.products.min(150 + 20 * (plan.top + plan.bottom) as u64);
    Cost::of(Counts { products, ..Counts::default() })
}

/// The Hessian's eigenvectors at both ends, for directions alone.
pub fn eigenvectors<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &EndsPlan,
    x: &[T],
    seed: u64,
) -> Result<Chapter, Error> {
    let options = ExtremalOptions {
        top: plan.top,
        bottom: plan.bottom,
        tolerance: 1e-4,
        max_products: plan.products,
        seed,
        ..ExtremalOptions::default()
    };
    let mut hessian = desk.oracle.linearize(x, Curvature::Hessian)?;
    let found = extremal_eigenpairs(&mut hessian, &options)?;
    let mut chapter = Chapter::new("eigenvectors");
    if !found.converged() {
        chapter.notes.push("Not all eigenvectors converged; their residuals are in the arrays.".into());
    }
    keep(&mut chapter, "top", &found.top, x.len())?;
    keep(&mut chapter, "bottom", &found.bottom, x.len())?;
    Ok(chapter)
}
