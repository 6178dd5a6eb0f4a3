//! The ways of finished runs.

use std::path::Path;

use thalweg_io::{NamedArrays, read_weights};
use thalweg_lab::Scalar;
use thalweg_report::run::{Input, Record};

use super::{Prepared, describe};
use crate::chapters::way::numbers;
use crate::config::{NetworkConfig, SubjectConfig};
use crate::error::Error;

/// The parts of a run that have a way, each with its arrays of the same names.
const PARTS: [&str; 3] = ["training", "checkpoints", "descent"];

/// A way as a run kept it.
pub struct Kept {
    /// The run directory, as it was named.
    pub run: String,
    /// SHA-256 of the arrays of that part.
    pub sha256: String,
    arrays: NamedArrays,
}

impl Prepared {
    /// The same subject, with the ways of finished runs of it.
    pub fn with_runs(mut self, runs: &[String]) -> Result<Self, Error> {
        let mut first: Option<(&String, SubjectConfig)> = None;
        for run in runs {
            let record = Record::open(run)?;
            let subject = record.manifest.options.get("subject").cloned();
            let subject: SubjectConfig =
                subject.and_then(|value| serde_json::from_value(value).ok()).ok_or_else(|| {
                    Error::Usage(format!(
                        "{run}: expected a run about one objective, found none in its manifest"
                    ))
                })?;
            match &first {
                None => first = Some((run, subject)),
                Some((_, known)) if same(known, &subject) => {}
                Some((name, known)) => {
                    return Err(Error::Usage(format!(
                        "{run}: expected a run of the same objective as {name} ({}), found one of {}",
                        describe(known),
                        describe(&subject)
                    )));
                }
            }
            let kept = read(run, self.layout().dimension())?;
            self.inputs.push(Input { role: "way".into(), name: run.clone(), sha256: kept.sha256.clone() });
            self.kept.push(kept);
        }
        Ok(self)
    }
}

impl Kept {
    /// Steps and points.
    pub fn points<T: Scalar>(&self) -> Vec<(u64, Vec<T>)> {
        let steps: Vec<f64> = numbers(&self.arrays, "trajectory_step");
        let rows: Vec<T> = numbers(&self.arrays, "trajectory");
        let n = rows.len() / steps.len().max(1);
        steps.iter().map(|&step| step as u64).zip(rows.chunks_exact(n.max(1)).map(<[T]>::to_vec)).collect()
    }
}

fn read(run: &str, n: usize) -> Result<Kept, Error> {
    let unusable = |what: String| Err(Error::Usage(format!("{run}: {what}")));
    for part in PARTS {
        let path = Path::new(run).join(format!("{part}.npz"));
        if !path.is_file() {
            continue;
        }
        let arrays = read_weights(&path)?;
        let (Some(steps), Some(rows)) = (arrays.get("trajectory_step"), arrays.get("trajectory")) else {
            return unusable(format!("{part}.npz: expected the arrays trajectory_step and trajectory"));
        };
        let (count, found) = (steps.values.len(), rows.values.len());
        if count < 2 {
            return unusable(format!("{part}.npz: expected 2 points of a trajectory or more, found {count}"));
        }
        if found != count * n {
            return unusable(format!(
                "{part}.npz: expected a trajectory of {count} × {n} numbers, found {found}"
            ));
        }
        return Ok(Kept { run: run.to_owned(), sha256: arrays.content_hash(), arrays });
    }
    unusable(format!(
        "expected the way of a training, of checkpoints or of a descent ({}), found none of these files",
        PARTS.map(|part| format!("{part}.npz")).join(", ")
    ))
}

/// Whether two runs have one objective, wherever they began and whatever a split that left nothing out was.
fn same(a: &SubjectConfig, b: &SubjectConfig) -> bool {
    let (SubjectConfig::Network(a), SubjectConfig::Network(b)) = (a, b) else { return a == b };
    let mut other: NetworkConfig = (**b).clone();
    other.initialization = a.initialization;
    if a.data.test_share == 0.0 {
        other.data.split_seed = a.data.split_seed;
    }
    **a == other
}
