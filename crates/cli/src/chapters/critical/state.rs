//! A search that can be interrupted between starts.

use serde::{Deserialize, Serialize};
use thalweg_lab::critical::{Catalogue, Explored, SavedCatalogue, SearchOptions, Symmetry};
use thalweg_lab::{Counts, Scalar};

use crate::error::Error;
use crate::session::Desk;

/// What was done, start by start.
pub struct Progress<T: Scalar> {
    pub catalogue: Catalogue<T>,
    pub explored: Vec<Explored>,
    /// Evaluations of finished starts.
    counts: Counts,
    /// What the oracle had counted when the work of this process began.
    before: Counts,
    /// When it had last been saved.
    saved: std::time::Instant,
}

#[derive(Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
struct Saved<T: Scalar> {
    catalogue: SavedCatalogue<T>,
    explored: Vec<Explored>,
    counts: Counts,
    seconds: f64,
}

const PART: &str = "starts";
const SAVE_EVERY: std::time::Duration = std::time::Duration::from_secs(2);

impl<T: Scalar> Progress<T> {
    /// From the start, or where an earlier process was interrupted: its points are certified again.
    pub fn begin(
        desk: &Desk<'_, '_, T>,
        mut catalogue: Catalogue<T>,
        symmetry: &dyn Symmetry<T>,
        search: &SearchOptions,
    ) -> Result<Self, Error> {
        let mut counts = desk.oracle.counts();
        let mut explored = Vec::new();
        if let Some(bytes) = desk.part(PART)? {
            let saved: Saved<T> =
                serde_json::from_slice(&bytes).map_err(|error| desk.unreadable(PART, error))?;
            desk.resumed(saved.seconds);
            catalogue.restore(desk.oracle, saved.catalogue, symmetry, search)?;
            (explored, counts) = (saved.explored, saved.counts);
        }
        let (before, saved) = (desk.oracle.counts(), std::time::Instant::now());
        Ok(Self { catalogue, explored, counts, before, saved })
    }

    /// A start is finished.
    pub fn done(&mut self, desk: &Desk<'_, '_, T>, explored: Explored) -> Result<(), Error> {
        self.explored.push(explored);
        self.counts = self.counts(desk);
        self.before = desk.oracle.counts();
        if self.saved.elapsed() > SAVE_EVERY {
            self.saved = std::time::Instant::now();
            self.keep(desk, self.catalogue.save())?;
        }
        Ok(())
    }

    /// Saves what the finished starts found.
    pub fn keep(&self, desk: &Desk<'_, '_, T>, catalogue: SavedCatalogue<T>) -> Result<(), Error> {
        let (_, seconds) = desk.so_far();
        let saved = Saved { catalogue, explored: self.explored.clone(), counts: self.counts, seconds };
        let bytes = serde_json::to_vec(&saved).map_err(|error| desk.unreadable(PART, error))?;
        desk.save_part(PART, &bytes)
    }

    /// Evaluations so far, in this process and those before it.
    pub fn counts(&self, desk: &Desk<'_, '_, T>) -> Counts {
        let now = desk.oracle.counts();
        Counts {
            values: self.counts.values + now.values - self.before.values,
            gradients: self.counts.gradients + now.gradients - self.before.gradients,
            products: self.counts.products + now.products - self.before.products,
        }
    }
}
