//! The Hessian's leading eigenvectors along the ways: shares, angles, and the limits of small steps.

use serde::{Deserialize, Serialize};
use thalweg_io::{NamedArrays, WeightFormat};
use thalweg_lab::curvature::{CurvatureError, TopSpace, TopSpaceOptions, random_share, top_space};
use thalweg_lab::krylov::Eigenpair;
use thalweg_lab::{Counts, Scalar, Stop};

use super::Side;
use crate::chapter::Chapter;
use crate::chapters::way::{numbers, values};
use crate::config::TrajectoryPlan;
use crate::error::Error;
use crate::figures;
use crate::session::Desk;
use crate::words::{percent, short};

/// What `results.json` says of a way.
#[derive(Serialize)]
pub struct Curved<'s> {
    pub name: &'s str,
    /// k.
    pub top: usize,
    /// Share of a random direction in any space of as many dimensions.
    pub random_share: f64,
    pub random_share_sd: f64,
    /// In the order of the way.
    pub measured: Vec<Measured>,
}

/// What was found at a point.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measured {
    pub step: u64,
    pub loss: f64,
    pub grad_norm: f64,
    /// The k largest, descending.
    pub eigenvalues: Vec<Eigenvalue>,
    /// The one after them; `null` if there is none.
    pub next: Option<Eigenvalue>,
    /// Shares are certain to within this.
    pub error: f64,
    /// ‖Pg‖²/‖g‖²; `null` where g = 0.
    pub gradient_share: Option<f64>,
    pub gradient_cosines: Option<Vec<f64>>,
    /// The same for the difference to the next point.
    pub step_share: Option<f64>,
    pub step_cosines: Option<Vec<f64>>,
    /// With the space at the last point.
    pub end_overlap: Option<f64>,
    /// gᵀHg/gᵀg.
    pub gradient_curvature: Option<f64>,
    pub critical_step: Option<f64>,
}

/// λ with ‖Hv − λv‖.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Eigenvalue {
    pub value: f64,
    pub residual: f64,
}

/// What is saved of a way after each of its points.
#[derive(Default, Serialize, Deserialize)]
struct Saved {
    counts: Counts,
    seconds: f64,
    /// From the last point backwards.
    done: Vec<Option<Measured>>,
    notes: Vec<String>,
}

/// Finds the top space at a few points of each way.
pub fn curvature<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &TrajectoryPlan,
    sides: &[Side<'_, T>],
) -> Result<Chapter, Error> {
    let mut chapter = Chapter::new("trajectory-curvature");
    let mut curved = Vec::new();
    let mut saved = read(desk)?;
    for (i, side) in sides.iter().enumerate() {
        saved.resize_with(saved.len().max(i + 1), Saved::default);
        one(desk, plan, side, i, &mut saved)?;
        let Saved { done, notes, .. } = &saved[i];
        chapter.notes.extend(notes.iter().cloned());
        let measured: Vec<Measured> = done.iter().rev().flatten().cloned().collect();
        let n = desk.oracle.objective().dimension();
        let (random_share, random_share_sd) = random_share(plan.top, n);
        say(&mut chapter, side.name, plan.top, &measured, random_share);
        curved.push(Curved { name: side.name, top: plan.top, random_share, random_share_sd, measured });
    }
    chapter.result("trajectory_curvature", &curved)?;
    if curved.iter().any(|way| !way.measured.is_empty()) {
        chapter.sections.push(figures::trajectory::curvature::section(&curved));
    }
    Ok(chapter)
}

/// Measures a way from its end, with whose space the others are compared.
fn one<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &TrajectoryPlan,
    side: &Side<'_, T>,
    i: usize,
    saved: &mut [Saved],
) -> Result<(), Error> {
    let options =
        TopSpaceOptions { top: plan.top, max_products: plan.products, ..TopSpaceOptions::default() };
    let places = places(side.rows.len(), plan.places);
    let mut end: Option<Vec<Vec<T>>> = match saved[i].done.is_empty() {
        true => None,
        false => Some(read_end(desk, i)?),
    };
    for &place in places.iter().rev().skip(saved[i].done.len()) {
        let (step, x) = side.rows[place];
        let before = desk.oracle.counts();
        let found = match top_space(desk.oracle, x, &options) {
            Ok(found) => Some(found),
            Err(CurvatureError::Stopped(stop @ Stop::NonFinite { .. })) => {
                saved[i].notes.push(format!("{}: no eigenvectors at step {step}: {stop}.", side.name));
                None
            }
            Err(error) => return Err(error.into()),
        };
        if end.is_none() {
            let vectors: Vec<Vec<T>> =
                found.iter().flat_map(|found| &found.pairs).map(|pair| pair.vector.to_vec()).collect();
            save_end(desk, i, &vectors, x.len())?;
            end = Some(vectors);
        }
        let ahead = side.rows.get(place + 1).map(|(_, next)| ahead(x, next));
        let measured = found.map(|found| {
            let end = end.as_deref().filter(|end| !end.is_empty());
            Measured::new(step, &found, ahead.as_deref(), end)
        });
        let after = desk.oracle.counts();
        let state = &mut saved[i];
        state.done.push(measured);
        state.counts.gradients += after.gradients - before.gradients;
        state.counts.products += after.products - before.products;
        state.seconds = desk.so_far().1;
        desk.account(sum(saved));
        let text = serde_json::to_vec(&saved).map_err(|error| desk.unreadable("points", error))?;
        desk.save_part("points", &text)?;
    }
    desk.account(sum(saved));
    Ok(())
}

impl Measured {
    fn new<T: Scalar>(step: u64, found: &TopSpace<T>, ahead: Option<&[T]>, end: Option<&[Vec<T>]>) -> Self {
        let eigenvalue = |pair: &Eigenpair<T>| Eigenvalue { value: pair.value, residual: pair.residual };
        Self {
            step,
            loss: found.value,
            grad_norm: found.gradient_norm,
            eigenvalues: found.pairs.iter().map(eigenvalue).collect(),
            next: found.next.as_ref().map(eigenvalue),
            error: found.error,
            gradient_share: found.gradient_share,
            gradient_cosines: found.gradient_cosines.clone(),
            step_share: ahead.and_then(|ahead| found.share(ahead)),
            step_cosines: ahead.and_then(|ahead| found.cosines(ahead)),
            end_overlap: end.and_then(|end| found.overlap(end.iter().map(|v| &v[..]))),
            gradient_curvature: found.gradient_curvature,
            critical_step: found.critical_step(),
        }
    }
}

/// Which of m points: evenly spread, the first and the last among them.
fn places(m: usize, count: usize) -> Vec<usize> {
    let last = m.saturating_sub(1);
    let mut places: Vec<usize> = match count {
        1 => vec![last],
        _ => (0..count).map(|i| (i * last + (count - 1) / 2) / (count - 1)).collect(),
    };
    places.dedup();
    places
}

fn ahead<T: Scalar>(x: &[T], next: &[T]) -> Vec<T> {
    x.iter().zip(next).map(|(x, next)| T::of(next.wide() - x.wide())).collect()
}

fn sum(saved: &[Saved]) -> Counts {
    saved.iter().fold(Counts::default(), |sum, one| Counts {
        gradients: sum.gradients + one.counts.gradients,
        products: sum.products + one.counts.products,
        ..sum
    })
}

fn read<T: Scalar>(desk: &Desk<'_, '_, T>) -> Result<Vec<Saved>, Error> {
    let Some(bytes) = desk.part("points")? else { return Ok(Vec::new()) };
    let saved: Vec<Saved> =
        serde_json::from_slice(&bytes).map_err(|error| desk.unreadable("points", error))?;
    desk.resumed(saved.iter().map(|one| one.seconds).fold(0.0, f64::max));
    Ok(saved)
}

fn save_end<T: Scalar>(desk: &Desk<'_, '_, T>, i: usize, end: &[Vec<T>], n: usize) -> Result<(), Error> {
    let mut arrays = NamedArrays::new("end");
    arrays.push("vectors", [end.len(), n], values(end.iter().flatten()))?;
    desk.save_part(&format!("end-{i}"), &arrays.to_bytes(WeightFormat::Npz)?)
}

fn read_end<T: Scalar>(desk: &Desk<'_, '_, T>, i: usize) -> Result<Vec<Vec<T>>, Error> {
    let part = format!("end-{i}");
    let bytes = desk.part(&part)?.ok_or_else(|| desk.unreadable(&part, "it is missing"))?;
    let vectors: Vec<T> = numbers(&NamedArrays::from_bytes(&bytes, &part)?, "vectors");
    let n = desk.oracle.objective().dimension().max(1);
    Ok(vectors.chunks_exact(n).map(<[T]>::to_vec).collect())
}

fn say(chapter: &mut Chapter, name: &str, top: usize, measured: &[Measured], random: f64) {
    let shares: Vec<f64> = measured.iter().filter_map(|m| m.gradient_share).collect();
    let (Some(first), Some(last)) = (shares.first(), shares.last()) else { return };
    let unsure = measured.iter().map(|m| m.error).fold(0.0, f64::max);
    chapter.say(
        format!("gradient of {name}"),
        format!(
            "{} in the top {top} eigenvectors at first, {} at the end (± {} at most; a random direction {})",
            percent(*first),
            percent(*last),
            short(unsure),
            percent(random)
        ),
    );
}
