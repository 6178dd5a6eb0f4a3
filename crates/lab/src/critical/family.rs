//! Whether a critical point stands alone.

use serde::{Deserialize, Serialize};

use super::certificate::Certificate;
use super::ending::Ending;
use super::newton::{Terrain, orthonormal};
use super::options::{SearchMethod, SearchOptions};
use super::symmetry::{Symmetry, apart};
use crate::vector::displaced;
use crate::{Oracle, Scalar, Stop};

/// Iterations that lead back to the critical set.
const CORRECTIONS: u64 = 30;

/// How families are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FamilyOptions {
    /// How far off along null directions other critical points are looked for, and the longest step of a walk.
    pub length: f64,
    /// Null directions that are tried at most.
    pub directions: usize,
    /// Steps of a walk at most.
    pub steps: usize,
    /// Values that differ by no more than this · max(1, |f|) are the same.
    pub value: f64,
}

impl Default for FamilyOptions {
    /// A tenth, 16 directions, 100 steps, values to 1e-8.
    fn default() -> Self {
        Self { length: 0.1, directions: 16, steps: 100, value: 1e-8 }
    }
}

/// Whether a critical point stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "isolation")]
pub enum Isolation {
    /// No eigenvalue is null: there is no other one near it.
    Isolated,
    /// Only its copies under the symmetries are near it.
    Orbit,
    /// Eigenvalues are null, and along their directions no other critical point of its value was found.
    Degenerate,
    /// It belongs to a connected set of critical points of one value.
    Family {
        /// Null directions along which others were found: the set has this dimension at least where it is smooth.
        dimension: u64,
        /// Null directions that were tried.
        tried: u64,
    },
    /// Not all eigenvalues are known.
    Unknown,
}

/// Looks along null directions: for each, x ± ℓv is led back to the critical set by shortest Newton steps. Where that ends
/// between ℓ/2 and 2ℓ from x, at the same value and at no copy of x, the set goes on there.
pub(super) fn isolation<T: Scalar>(
    oracle: &Oracle<'_, T>,
    x: &[T],
    certificate: &Certificate<T>,
    symmetry: &dyn Symmetry<T>,
    search: &SearchOptions,
    options: &FamilyOptions,
) -> Result<Isolation, Stop> {
    match certificate.null {
        None => return Ok(Isolation::Unknown),
        Some(0) => return Ok(Isolation::Isolated),
        Some(_) => {}
    }
    let directions = orthonormal(&certificate.null_vectors, &orthonormal(&symmetry.tangents(x), &[]));
    if directions.is_empty() {
        return Ok(Isolation::Orbit);
    }
    let search = correction(search);
    let back = Terrain { oracle, options: &search, known: Vec::new(), symmetry, bounds: None };
    let (mut dimension, mut tried) = (0, 0);
    let length = options.length;
    for direction in directions.iter().take(options.directions) {
        tried += 1;
        for t in [length, -length] {
            let Some(y) = led_back(&back, back.moved(x, direction, t), certificate.verdict.value, options)?
            else {
                continue;
            };
            let gone = apart(&y, x);
            if (0.5 * length..=2.0 * length).contains(&gone) && symmetry.distance(x, &y) > 0.25 * length {
                dimension += 1;
                break;
            }
        }
    }
    Ok(if dimension > 0 { Isolation::Family { dimension, tried } } else { Isolation::Degenerate })
}

/// Whether a walk along critical points of one value leads from `from` to one of the points `to`.
///
/// Each step goes straight towards the goal and is led back to the critical set by shortest Newton steps; it counts if it comes
/// nearer to the goal by a tenth of its length, else half the length is tried. What it finds joined is joined up to
/// that length; what it does not find joined may be so by a detour.
pub(super) fn joined<T: Scalar>(
    oracle: &Oracle<'_, T>,
    from: &[T],
    to: &[&[T]],
    value: f64,
    symmetry: &dyn Symmetry<T>,
    search: &SearchOptions,
    options: &FamilyOptions,
) -> Result<bool, Stop> {
    let search = correction(search);
    let back = Terrain { oracle, options: &search, known: Vec::new(), symmetry, bounds: None };
    let Some(goal) = to
        .iter()
        .map(|point| symmetry.nearest(point, from))
        .min_by(|a, b| apart(a, from).total_cmp(&apart(b, from)))
    else {
        return Ok(false);
    };
    let mut at = from.to_vec();
    let mut length = options.length;
    for _ in 0..options.steps {
        let far = apart(&at, &goal);
        if far <= 1e-3 * options.length {
            return Ok(true);
        }
        let step = length.min(far);
        let mut gap = goal.clone();
        displaced(&goal, &[(-1.0, &at)], &mut gap);
        let tried = back.moved(&at, &gap, step / far);
        match led_back(&back, tried, value, options)? {
            Some(y) if apart(&y, &goal) <= far - 0.1 * step && apart(&y, &at) <= 2.0 * step => {
                at = y;
                length = (1.5 * length).min(options.length);
            }
            _ => length *= 0.5,
        }
        if length < 1e-3 * options.length {
            break;
        }
    }
    Ok(false)
}

fn correction(search: &SearchOptions) -> SearchOptions {
    SearchOptions {
        method: SearchMethod::NewtonMr,
        iterations: search.iterations.min(CORRECTIONS),
        reach: f64::INFINITY,
        ..*search
    }
}

/// The critical point of this value that Newton steps from x lead to.
fn led_back<T: Scalar>(
    back: &Terrain<'_, '_, T>,
    x: Vec<T>,
    value: f64,
    options: &FamilyOptions,
) -> Result<Option<Vec<T>>, Stop> {
    let Some(place) = back.place(x)? else { return Ok(None) };
    // What is critical already may be so because f is flat there to high order: the last digits tell.
    let way = back.newton(place, 0)?;
    let same = (way.place.value - value).abs() <= options.value * value.abs().max(1.0);
    Ok((way.ending == Ending::Converged && same).then_some(way.place.x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::norm;

    #[test]
    fn what_is_beside_the_tangents() {
        let null = vec![vec![1.0f64, 0.0, 0.0], vec![0.0, 1.0, 0.0]];
        let along = orthonormal(&[vec![3.0, 3.0, 0.0]], &[]);
        let free = orthonormal(&null, &along);
        assert_eq!(free.len(), 1);
        assert!((free[0][0] + free[0][1]).abs() < 1e-14 && (norm(&free[0]) - 1.0).abs() < 1e-14);
        assert_eq!(orthonormal(&null, &[]).len(), 2);
        assert!(orthonormal(&null, &null).is_empty());
    }
}
