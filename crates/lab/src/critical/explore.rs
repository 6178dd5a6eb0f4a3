//! Searches from a start, one after the other.

use serde::{Deserialize, Serialize};

use super::catalogue::{Catalogue, Filed};
use super::ending::{Attempt, Ending};
use super::newton::{Terrain, Way};
use super::options::{SearchMethod, SearchOptions};
use super::symmetry::Symmetry;
use crate::vector::norm;
use crate::{Oracle, Scalar, Stop};

/// Searches from `start` for a point where ∇f = 0, away from the `known` points.
///
/// Newton-MR ends at critical points of any index; which of them depends on the start. Cost: products of MINRES and
/// a few gradients an iteration. It may end at no critical point at all, most often where ∇f lies in the Hessian's
/// null space: the [`Ending`] says so. With `bounds` it ends once it is farther outside the box than the box is
/// wide.
///
/// Sources: Roosta, Liu, Xu & Mahoney, *Newton-MR: Newton's method without smoothness or convexity* (2018); Frye et
/// al., *Critical point-finding methods reveal gradient-flat regions of deep network losses*, Neural Comput. 33
/// (2021), who compare it with minimizing the gradient's norm.
///
/// # Errors
/// If the oracle stops for another reason than a number that is not finite.
///
/// ```
/// use thalweg_lab::Oracle;
/// use thalweg_lab::critical::{Ending, NoSymmetry, SearchOptions, search};
/// use thalweg_lab::problem::analytic::{Analytic, Function};
///
/// let f = Analytic::<f64>::new("himmelblau".parse::<Function>()?, Default::default());
/// let found = search(&Oracle::new(&f), vec![-0.5, -1.0], &[], &NoSymmetry, None, &SearchOptions::default())?;
/// assert_eq!(found.ending, Ending::Converged);
/// assert!((found.x[0] + 0.270845).abs() < 1e-6 && (found.x[1] + 0.923039).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn search<T: Scalar>(
    oracle: &Oracle<'_, T>,
    start: Vec<T>,
    known: &[&[T]],
    symmetry: &dyn Symmetry<T>,
    bounds: Option<&[(f64, f64)]>,
    options: &SearchOptions,
) -> Result<Attempt<T>, Stop> {
    let terrain = Terrain { oracle, options, known: known.to_vec(), symmetry, bounds };
    let Some(place) = terrain.place(start.clone())? else {
        let mut gradient = start.clone();
        let value = oracle.trial(&start, &mut gradient)?;
        return Ok(Attempt {
            x: start,
            value,
            gradient_norm: norm(&gradient),
            ending: Ending::NonFinite,
            flatness: f64::NAN,
            iterations: 0,
            deflated: known.len() as u64,
        });
    };
    let way: Way<T> = match options.method {
        SearchMethod::NewtonMr => terrain.newton(place, 0)?,
        SearchMethod::GradientNorm => terrain.gradient_norm(place)?,
        SearchMethod::EigenvectorFollowing { index } => terrain.follow(place, index)?,
    };
    terrain.conclude(way)
}

/// What one start led to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Explored {
    /// How each search ended, and what its point was filed as if it converged.
    pub searches: Vec<(Ending, Option<Filed>)>,
}

/// Searches from `start`; then again and again from there with all points of the catalogue deflated, as long as each
/// search finds a point that was not known, `again` times at most; then along eigenvectors to the index that
/// [`SearchOptions::follow`] names. All that is found goes to the catalogue.
///
/// # Errors
/// If the oracle stops.
pub fn explore<T: Scalar>(
    oracle: &Oracle<'_, T>,
    start: &[T],
    again: usize,
    catalogue: &mut Catalogue<T>,
    symmetry: &dyn Symmetry<T>,
    bounds: Option<&[(f64, f64)]>,
    options: &SearchOptions,
) -> Result<Explored, Stop> {
    let mut explored = Explored::default();
    for round in 0..=again {
        let known: Vec<&[T]> = match round {
            0 => Vec::new(),
            _ => catalogue.found().iter().flat_map(|found| found.points()).collect(),
        };
        let attempt = search(oracle, start.to_vec(), &known, symmetry, bounds, options)?;
        let ending = attempt.ending;
        let filed = match ending {
            Ending::Converged => Some(catalogue.file(oracle, attempt.x, symmetry, options)?),
            _ => None,
        };
        explored.searches.push((ending, filed));
        let goes_on = match filed {
            Some(Filed::New) => true,
            Some(Filed::Known) => round == 0,
            _ => false,
        };
        if !goes_on {
            break;
        }
    }
    if let Some(index) = options.follow {
        let options = SearchOptions { method: SearchMethod::EigenvectorFollowing { index }, ..*options };
        let attempt = search(oracle, start.to_vec(), &[], symmetry, bounds, &options)?;
        let filed = match attempt.ending {
            Ending::Converged => Some(catalogue.file(oracle, attempt.x, symmetry, &options)?),
            _ => None,
        };
        explored.searches.push((attempt.ending, filed));
    }
    Ok(explored)
}
