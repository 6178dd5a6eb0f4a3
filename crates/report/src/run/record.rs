//! A finished run, read back.

use super::{Manifest, RunError};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The manifest and the results of a finished run.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The folder.
    pub path: PathBuf,
    /// What was asked, and how it went.
    pub manifest: Manifest,
    /// The results; `null` if the run wrote none.
    pub results: Value,
}

impl Record {
    /// Reads a run directory.
    ///
    /// # Errors
    ///
    /// When it is no finished run, or one of its files is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RunError> {
        let path = path.as_ref().to_owned();
        let manifest: Option<Manifest> = parse(&path.join("manifest.json"))?;
        let Some(manifest) = manifest else {
            return Err(match path.join(super::stage::FOLDER).is_dir() {
                true => RunError::Interrupted(path),
                false => RunError::NotARun(path),
            });
        };
        let results = parse(&path.join("results.json"))?.unwrap_or(Value::Null);
        Ok(Self { path, manifest, results })
    }
}

/// The configuration of the run in a folder, finished or interrupted; `None` if there is no run.
///
/// # Errors
///
/// When one of its files is damaged.
pub fn configuration(path: impl AsRef<Path>) -> Result<Option<Value>, RunError> {
    let path = path.as_ref();
    let manifest: Option<Manifest> = parse(&path.join("manifest.json"))?;
    match manifest {
        Some(manifest) => Ok(Some(Value::Object(manifest.options.into_iter().collect()))),
        None => parse(&path.join(super::stage::FOLDER).join(super::stage::CONFIG)),
    }
}

fn parse<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, RunError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(RunError::io(path, "read")(error)),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| RunError::Damaged {
        path: path.to_owned(),
        expected: "JSON of a run".into(),
        found: error.to_string(),
    })
}
