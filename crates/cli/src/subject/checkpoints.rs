//! The checkpoints of a folder as points of parameter space.

use std::path::Path;

use thalweg_io::{Checkpoint, match_layout, read_checkpoints};
use thalweg_lab::problem::network::Network;
use thalweg_lab::{Layout, Scalar};
use thalweg_report::run::{Input, sha256};

use super::{Prepared, Source, buffers};
use crate::config::PointConfig;
use crate::error::Error;

impl Prepared {
    /// The same subject, at the last checkpoint of a folder and with all of them as the way to it.
    pub fn with_checkpoints(self, folder: &Path) -> Result<Self, Error> {
        let source = folder.display().to_string();
        let clash = |what: &str| Err(Error::Usage(format!("--checkpoints {source}: {what}")));
        if let Source::Function(_) = &self.source {
            return clash("a folder holds weights of a network; this is a function");
        }
        if self.weights.is_some() {
            return clash("the last checkpoint is the point; --weights names another one");
        }
        let checkpoints = read_checkpoints(folder)?;
        let hashes: String = checkpoints.iter().map(|checkpoint| checkpoint.arrays.content_hash()).collect();
        let sha256 = sha256(hashes.as_bytes());
        let files = checkpoints.iter().map(|checkpoint| checkpoint.file.clone()).collect();
        let mut inputs = self.inputs;
        inputs.push(Input { role: "checkpoints".into(), name: source.clone(), sha256: sha256.clone() });
        let point = PointConfig::Checkpoints { source, files, sha256 };
        Ok(Self { point, checkpoints, inputs, ..self })
    }
}

/// Steps and points of what has no buffers.
pub fn plain<T: Scalar>(layout: &Layout, checkpoints: Vec<Checkpoint>) -> Result<Vec<(u64, Vec<T>)>, Error> {
    let point = |Checkpoint { step, arrays, .. }| Ok((step, match_layout(&arrays, layout)?));
    checkpoints.into_iter().map(point).collect()
}

/// Steps and points. The network gets the buffers of each in turn and keeps those of the last.
pub fn points<T: Scalar>(
    network: &mut Network<T>,
    checkpoints: Vec<Checkpoint>,
) -> Result<Vec<(u64, Vec<T>)>, Error> {
    let layout = network.model().layout();
    let mut points = Vec::new();
    for Checkpoint { step, arrays, .. } in checkpoints {
        let rest = buffers::restore(network, &arrays)?;
        points.push((step, match_layout(&rest, &layout)?));
    }
    Ok(points)
}
