//! A training run as it is saved.

use serde::{Deserialize, Serialize};
use thalweg_io::{NamedArrays, WeightFormat};
use thalweg_lab::optim::{Checkpoint, Run};
use thalweg_lab::{Counts, Scalar};

use super::Measured;
use crate::chapters::way::{Path, numbers, values};
use crate::error::Error;
use crate::session::Desk;

/// Everything that a training run needs to go on to the same bytes.
#[derive(Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct State<T: Scalar> {
    /// The run, without its checkpoints.
    pub run: Run<T>,
    pub measured: Vec<Measured>,
    /// The eigenvector of the last measurement.
    #[serde(skip)]
    pub sharpest: Option<Vec<T>>,
    /// The checkpoints, which are saved once each, beside the rest.
    #[serde(skip)]
    trajectory: Vec<Checkpoint<T>>,
    /// How many checkpoints each saved file holds.
    files: Vec<usize>,
    /// Which of two files holds the eigenvector, so that the one in use is never overwritten.
    slot: u8,
    /// Seconds spent.
    seconds: f64,
}

impl<T: Scalar> State<T> {
    /// Before the first step.
    pub fn new(run: Run<T>) -> Self {
        Self {
            run,
            measured: Vec::new(),
            sharpest: None,
            trajectory: Vec::new(),
            files: Vec::new(),
            slot: 0,
            seconds: 0.0,
        }
    }

    /// Takes over the checkpoints that the run has made.
    pub fn collect(&mut self) {
        self.trajectory.append(&mut self.run.checkpoints);
    }

    /// One gradient a step, and what measurements cost. Work that an
    /// interruption cut short is done again and counts once.
    pub fn counts(&self) -> Counts {
        let start = Counts { gradients: self.run.losses.len() as u64, ..Counts::default() };
        self.measured.iter().fold(start, |sum, m| Counts {
            values: sum.values + m.oracle.values,
            gradients: sum.gradients + m.oracle.gradients,
            products: sum.products + m.oracle.products,
        })
    }

    /// Saves what is new.
    pub fn save(&mut self, desk: &Desk<'_, '_, T>) -> Result<(), Error> {
        let kept: usize = self.files.iter().sum();
        let fresh = &self.trajectory[kept..];
        if !fresh.is_empty() {
            let mut arrays = NamedArrays::new("trajectory");
            let steps: Vec<i64> = fresh.iter().map(|c| c.step as i64).collect();
            arrays.push("step", [fresh.len()], steps)?;
            arrays.push("x", [fresh.len(), self.run.x.len()], values(fresh.iter().flat_map(|c| &c.x)))?;
            let part = format!("trajectory-{}", self.files.len());
            desk.save_part(&part, &arrays.to_bytes(WeightFormat::Npz)?)?;
            self.files.push(fresh.len());
        }
        self.seconds = desk.so_far().1;
        let mut vectors = NamedArrays::new("vectors");
        let sharpest = self.sharpest.as_deref().unwrap_or_default();
        vectors.push("sharpest", [sharpest.len()], values(sharpest))?;
        self.slot ^= 1;
        desk.save_part(&format!("vectors-{}", self.slot), &vectors.to_bytes(WeightFormat::Npz)?)?;
        // Last, since it says which of the others belong together.
        let state = serde_json::to_vec(self).map_err(|error| desk.unreadable("state", error))?;
        desk.save_part("state", &state)
    }

    /// What an earlier process saved.
    pub fn read(desk: &Desk<'_, '_, T>) -> Result<Option<Self>, Error> {
        let Some(bytes) = desk.part("state")? else { return Ok(None) };
        let mut state: Self =
            serde_json::from_slice(&bytes).map_err(|error| desk.unreadable("state", error))?;
        let arrays = |part: String| match desk.part(&part)? {
            Some(bytes) => Ok(NamedArrays::from_bytes(&bytes, &part)?),
            None => Err(desk.unreadable(&part, "it is missing")),
        };
        for file in 0..state.files.len() {
            let arrays = arrays(format!("trajectory-{file}"))?;
            let steps: Vec<f64> = numbers(&arrays, "step");
            let rows: Vec<T> = numbers(&arrays, "x");
            for (step, x) in steps.iter().zip(rows.chunks_exact(state.run.x.len().max(1))) {
                state.trajectory.push(Checkpoint { step: *step as u64, x: x.to_vec() });
            }
        }
        let sharpest: Vec<T> = numbers(&arrays(format!("vectors-{}", state.slot))?, "sharpest");
        state.sharpest = (!sharpest.is_empty()).then_some(sharpest);
        desk.resumed(state.seconds);
        Ok(Some(state))
    }

    /// The trajectory, with the optimizer's last answer at its end.
    pub fn into_path(self, answer: Vec<T>) -> Path<T> {
        let mut points: Vec<(u64, Vec<T>)> = self.trajectory.into_iter().map(|c| (c.step, c.x)).collect();
        if points.last().is_none_or(|(step, _)| *step != self.run.step) {
            points.push((self.run.step, answer.clone()));
        }
        Path { x: answer, points }
    }
}
