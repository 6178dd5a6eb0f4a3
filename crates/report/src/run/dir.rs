//! A run directory while its run goes on.

use super::stage::Stages;
use super::{FileEntry, Manifest, RunError, sha256, write_atomically};
use crate::{Report, html, json};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What to do with a run that the folder holds already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Fail, and leave it as it is.
    Refuse,
    /// Go on with an interrupted run of the same configuration; start a new one if there is none.
    Resume,
    /// Remove the run's own files and start anew. Files that no run wrote stay.
    Replace,
}

/// A run directory that this process writes.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
    stages: Stages,
    files: BTreeMap<String, FileEntry>,
}

impl RunDir {
    /// Opens a folder for a run, creating it where there is none.
    ///
    /// `config` is everything that the results depend on, and nothing else: not
    /// the number of threads, not the folder. A run is resumed only with an
    /// equal one.
    ///
    /// # Errors
    ///
    /// When the folder cannot be created or written, is a file, holds anything
    /// that no run wrote, is being written by another process, or holds a run
    /// that `existing` does not allow.
    pub fn create<C: Serialize + ?Sized>(
        path: impl AsRef<Path>,
        config: &C,
        existing: Existing,
    ) -> Result<Self, RunError> {
        let path = path.as_ref().to_owned();
        if path.is_file() {
            return Err(RunError::IsFile(path));
        }
        fs::create_dir_all(&path).map_err(RunError::io(&path, "create the folder"))?;
        let state = State::of(&path)?;
        match (&state, existing) {
            (State::Foreign(found), _) => return Err(RunError::Foreign { path, found: found.clone() }),
            (State::Finished, Existing::Refuse | Existing::Resume) => return Err(RunError::Finished(path)),
            (State::Interrupted, Existing::Refuse) => return Err(RunError::Interrupted(path)),
            _ => {}
        }
        let config = json::tree(config)
            .map_err(|source| RunError::Json { name: "the run's configuration".into(), source })?;
        let stages = match (state, existing) {
            (State::Interrupted, Existing::Resume) => Stages::resume(&path, &config)?,
            (State::Empty, _) => Stages::start(&path, &config)?,
            _ => Stages::replace(&path, &config)?,
        };
        Ok(Self { path, stages, files: BTreeMap::new() })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this goes on with an interrupted run.
    pub fn is_resumed(&self) -> bool {
        self.stages.resumed
    }

    /// What an earlier process, or this one, saved as that stage.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or its checksum is not that of its bytes.
    pub fn stage(&self, name: &str) -> Result<Option<Vec<u8>>, RunError> {
        self.stages.read(name)
    }

    /// Saves a finished stage. A later one of the same name replaces it.
    pub fn save_stage(&self, name: &str, bytes: &[u8]) -> Result<(), RunError> {
        self.stages.save(name, bytes)
    }

    /// Writes a file of the run.
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), RunError> {
        check_name(name)?;
        let names: Vec<&str> = self.files.keys().map(String::as_str).chain([name]).collect();
        // First the journal: a file that is not in it could never be replaced.
        self.stages.journal(&names)?;
        write_atomically(&self.path.join(name), bytes)?;
        let entry = FileEntry { bytes: bytes.len() as u64, sha256: sha256(bytes) };
        self.files.insert(name.to_owned(), entry);
        Ok(())
    }

    /// Writes `results.json`, canonically (see [`crate::json`]).
    ///
    /// Whatever may differ between two runs of the same question, such as times
    /// and thread counts, belongs into the [`Manifest`] instead.
    pub fn write_results<T: Serialize + ?Sized>(&mut self, results: &T) -> Result<(), RunError> {
        self.write_json("results.json", results)
    }

    /// Writes any value as a canonical JSON file.
    pub fn write_json<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), RunError> {
        let text = json::pretty(value).map_err(|source| RunError::Json { name: name.to_owned(), source })?;
        self.write(name, text.as_bytes())
    }

    /// Writes `report.html` and returns where it is.
    pub fn write_report(&mut self, report: &Report) -> Result<PathBuf, RunError> {
        self.write("report.html", html(report)?.as_bytes())?;
        Ok(self.path.join("report.html"))
    }

    /// Gives the run up: removes everything that it wrote, and the folder if nothing else is in it.
    pub fn abandon(self) -> Result<(), RunError> {
        for name in self.files.keys() {
            let path = self.path.join(name);
            fs::remove_file(&path).map_err(RunError::io(&path, "remove"))?;
        }
        self.stages.remove()?;
        match fs::remove_dir(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::DirectoryNotEmpty => {
                Err(RunError::io(&self.path, "remove the folder")(error))
            }
            _ => Ok(()),
        }
    }

    /// Ends the run: writes `manifest.json` with the list of files, then removes the stages.
    pub fn finish(self, manifest: Manifest) -> Result<(), RunError> {
        let manifest = Manifest { files: self.files, ..manifest };
        let text = json::pretty(&manifest)
            .map_err(|source| RunError::Json { name: "manifest.json".into(), source })?;
        write_atomically(&self.path.join("manifest.json"), text.as_bytes())?;
        self.stages.remove()
    }
}

enum State {
    Empty,
    Finished,
    Interrupted,
    Foreign(String),
}

impl State {
    fn of(path: &Path) -> Result<State, RunError> {
        let entries: Result<Vec<_>, io::Error> = fs::read_dir(path).and_then(Iterator::collect);
        let mut names: Vec<String> = entries
            .map_err(RunError::io(path, "list the folder"))?
            .iter()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        let has = |name: &str| names.iter().any(|n| n == name);
        Ok(match names.first() {
            None => State::Empty,
            // Killed between its manifest and the removal of its stages, a run is finished.
            _ if has("manifest.json") => State::Finished,
            _ if has(super::stage::FOLDER) => State::Interrupted,
            Some(first) => State::Foreign(first.clone()),
        })
    }
}

fn check_name(name: &str) -> Result<(), RunError> {
    let usable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    match !name.is_empty() && !name.starts_with('.') && name.chars().all(usable) {
        true => Ok(()),
        false => Err(RunError::Name(name.to_owned())),
    }
}
