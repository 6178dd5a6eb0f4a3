//! Long work on a plane that is saved now and then.

use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thalweg_lab::{Counts, Scalar, Stop};

use crate::error::Error;
use crate::session::Desk;

/// How often finished work is saved.
const SAVE_EVERY: Duration = Duration::from_secs(1);

/// What was done, and what it took.
#[derive(Default, Serialize, Deserialize)]
struct Saved<P> {
    progress: P,
    spent: Counts,
}

/// Called after each piece of work with what is done.
type Observe<'o, P> = dyn FnMut(&P) -> Result<(), Stop> + 'o;

/// Does some work from where an earlier process left it; beside the outcome, what earlier processes
/// spent on it.
pub fn resumable<T: Scalar, P, R>(
    desk: &Desk<'_, '_, T>,
    part: &str,
    work: impl FnOnce(&mut P, &mut Observe<'_, P>) -> Result<R, Stop>,
) -> Result<(R, Counts), Error>
where
    P: Default + Serialize + DeserializeOwned,
{
    let unreadable = |error| desk.unreadable(part, error);
    let Saved { mut progress, spent: earlier } = match desk.part(part)? {
        Some(bytes) => serde_json::from_slice(&bytes).map_err(unreadable)?,
        None => Saved::default(),
    };
    let before = desk.oracle.counts();
    let save = |progress: &P| {
        let now = desk.oracle.counts();
        let spent = Counts {
            values: earlier.values + now.values - before.values,
            gradients: earlier.gradients + now.gradients - before.gradients,
            products: earlier.products + now.products - before.products,
        };
        let text = serde_json::to_vec(&Saved { progress, spent }).map_err(unreadable);
        text.and_then(|text| desk.save_part(part, &text))
    };
    let mut failure = None;
    let mut saved = Instant::now();
    let outcome = work(&mut progress, &mut |progress| {
        if saved.elapsed() > SAVE_EVERY {
            saved = Instant::now();
            if let Err(error) = save(progress) {
                failure = Some(error);
                return Err(Stop::Cancelled);
            }
        }
        Ok(())
    });
    if let Some(error) = failure {
        return Err(error);
    }
    // What is done need not be done again when a later part is interrupted.
    if !matches!(outcome, Err(ref stop) if *stop != Stop::Cancelled) {
        save(&progress)?;
    }
    Ok((outcome?, earlier))
}

/// The sum of two counts.
pub fn plus(a: Counts, b: Counts) -> Counts {
    Counts {
        values: a.values + b.values,
        gradients: a.gradients + b.gradients,
        products: a.products + b.products,
    }
}
