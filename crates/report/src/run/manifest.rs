//! What was asked, and how it went.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The content of `manifest.json`: everything about a run but its results.
///
/// [`RunDir::finish`](super::RunDir::finish) fills in `files`; the rest is the caller's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// The command as it was typed, argument by argument, the program first.
    pub command: Vec<String>,
    /// Every option with the value that was used, defaults included.
    pub options: BTreeMap<String, serde_json::Value>,
    /// Version of Thalweg.
    pub version: String,
    /// Seed of every random stream.
    pub seed: u64,
    /// `f32` or `f64`.
    pub dtype: String,
    /// What was read: model, data, weights.
    pub inputs: Vec<Input>,
    /// Evaluations made, in this process and in those that it resumed.
    pub oracle: OracleCounts,
    /// Worker threads; the results do not depend on them.
    pub threads: usize,
    /// How the run was made to fit its memory, and what it held; `null` if nothing was planned.
    pub memory: serde_json::Value,
    /// Wall time of the whole run in seconds, the resumed parts included.
    pub wall_seconds: f64,
    /// Wall time by stage, in order.
    pub stages: Vec<Stage>,
    /// The files of the run, by name, without the manifest itself.
    pub files: BTreeMap<String, FileEntry>,
}

/// Something that a run read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// What it served as: `data`, `weights`, `model`.
    pub role: String,
    /// Its file or built-in name.
    pub name: String,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: String,
}

/// How often an objective was evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OracleCounts {
    /// Values f(x).
    pub values: u64,
    /// Gradients, each together with its value.
    pub gradients: u64,
    /// Products of a curvature operator and one vector.
    pub products: u64,
}

/// The wall time of one stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Its wall time in seconds.
    pub seconds: f64,
}

/// One file of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256, 64 hexadecimal digits.
    pub sha256: String,
}
