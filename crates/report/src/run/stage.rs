//! What a run keeps while it goes on: a lock, its configuration, its stages.

use super::atomic::write_parts_atomically;
use super::{Difference, Record, RunError, sha256, write_atomically};
use crate::json;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// Name of the hidden folder.
pub(super) const FOLDER: &str = ".thalweg";
/// Name of the configuration in it.
pub(super) const CONFIG: &str = "config.json";

/// The hidden folder of a run, held by this process.
#[derive(Debug)]
pub(super) struct Stages {
    folder: PathBuf,
    pub(super) resumed: bool,
    lock: File,
}

impl Stages {
    /// For a new run in an empty folder.
    pub(super) fn start(path: &Path, config: &Value) -> Result<Self, RunError> {
        let stages = Self::hold(path, false)?;
        stages.write_json(CONFIG, config)?;
        Ok(stages)
    }

    /// For a run in the place of another, whose files are removed.
    pub(super) fn replace(path: &Path, config: &Value) -> Result<Self, RunError> {
        let stages = Self::hold(path, false)?;
        let mut names: BTreeSet<String> = match read(&stages.folder.join("files.json"))? {
            Some(text) => serde_json::from_slice(&text).unwrap_or_default(),
            None => BTreeSet::new(),
        };
        // A manifest that cannot be read lists no files; they are overwritten one by one.
        names.extend(Record::open(path).map(|r| r.manifest.files.into_keys()).into_iter().flatten());
        for entry in list(&stages.folder)? {
            if entry.extension().is_some_and(|e| e == "stage") {
                remove(&entry)?;
            }
        }
        // The manifest goes last: until then the folder is recognised as a run.
        for name in names.iter().map(String::as_str).chain(["manifest.json"]) {
            remove(&path.join(name))?;
        }
        stages.write_json(CONFIG, config)?;
        Ok(stages)
    }

    /// For a run that goes on with what another process left.
    pub(super) fn resume(path: &Path, config: &Value) -> Result<Self, RunError> {
        let stages = Self::hold(path, true)?;
        let file = stages.folder.join(CONFIG);
        let Some(bytes) = read(&file)? else {
            // Killed before its first write: nothing was done, so nothing differs.
            stages.write_json(CONFIG, config)?;
            return Ok(Self { resumed: false, ..stages });
        };
        let stored: Value = serde_json::from_slice(&bytes).map_err(|error| RunError::Damaged {
            path: file,
            expected: "the run's configuration as JSON".into(),
            found: error.to_string(),
        })?;
        let mut differences = Vec::new();
        compare("", Some(&stored), Some(config), &mut differences);
        match differences.is_empty() {
            true => Ok(stages),
            false => Err(RunError::OtherConfiguration { path: path.to_owned(), differences }),
        }
    }

    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, RunError> {
        let path = self.file(name)?;
        let Some(bytes) = read(&path)? else { return Ok(None) };
        let damaged =
            |expected: String, found: String| RunError::Damaged { path: path.clone(), expected, found };
        let mut bytes = bytes;
        let Some((sum, body)) = bytes.split_first_chunk::<64>() else {
            return Err(damaged("a checksum of 64 bytes".into(), format!("{} bytes", bytes.len())));
        };
        let (stored, actual) = (String::from_utf8_lossy(sum).into_owned(), sha256(body));
        match stored == actual {
            true => {
                bytes.drain(..64);
                Ok(Some(bytes))
            }
            false => Err(damaged(format!("content with SHA-256 {stored}"), actual)),
        }
    }

    pub(super) fn save(&self, name: &str, bytes: &[u8]) -> Result<(), RunError> {
        write_parts_atomically(&self.file(name)?, &[sha256(bytes).as_bytes(), bytes])
    }

    /// Notes which files the run has written, so that it can be replaced.
    pub(super) fn journal(&self, names: &[&str]) -> Result<(), RunError> {
        self.write_json("files.json", &Value::from(names))
    }

    pub(super) fn remove(self) -> Result<(), RunError> {
        let Self { folder, lock, .. } = self;
        // Some systems remove no folder with an open file in it.
        drop(lock);
        fs::remove_dir_all(&folder).map_err(RunError::io(&folder, "remove the folder"))
    }

    fn hold(path: &Path, resumed: bool) -> Result<Self, RunError> {
        let folder = path.join(FOLDER);
        fs::create_dir_all(&folder).map_err(RunError::io(&folder, "create the folder"))?;
        let name = folder.join("lock");
        let lock = File::create(&name).map_err(RunError::io(&name, "write"))?;
        match lock.try_lock() {
            Ok(()) => {
                sweep(path)?;
                sweep(&folder)?;
                Ok(Self { folder, resumed, lock })
            }
            Err(TryLockError::WouldBlock) => Err(RunError::Busy(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(RunError::io(&name, "lock")(source)),
        }
    }

    fn file(&self, name: &str) -> Result<PathBuf, RunError> {
        let usable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        match !name.is_empty() && !name.starts_with('.') && name.chars().all(usable) {
            true => Ok(self.folder.join(format!("{name}.stage"))),
            false => Err(RunError::Name(name.to_owned())),
        }
    }

    fn write_json(&self, name: &str, value: &Value) -> Result<(), RunError> {
        let text = json::pretty(value).map_err(|source| RunError::Json { name: name.to_owned(), source })?;
        write_atomically(&self.folder.join(name), text.as_bytes())
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, RunError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(RunError::io(path, "read")(error)),
    }
}

fn remove(path: &Path) -> Result<(), RunError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(RunError::io(path, "remove")(error))
        }
        _ => Ok(()),
    }
}

/// Removes what a killed process was in the middle of writing.
fn sweep(folder: &Path) -> Result<(), RunError> {
    list(folder)?.iter().filter(|entry| thalweg_io::is_unfinished(entry)).try_for_each(|entry| remove(entry))
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, RunError> {
    let entries: std::io::Result<Vec<_>> = fs::read_dir(folder).and_then(Iterator::collect);
    let entries = entries.map_err(RunError::io(folder, "list the folder"))?;
    Ok(entries.iter().map(fs::DirEntry::path).collect())
}

/// Collects the leaves at which two configurations differ.
fn compare(option: &str, stored: Option<&Value>, asked: Option<&Value>, out: &mut Vec<Difference>) {
    if let (Some(Value::Object(a)), Some(Value::Object(b))) = (stored, asked) {
        let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for key in keys {
            let inner = if option.is_empty() { key.clone() } else { format!("{option}.{key}") };
            compare(&inner, a.get(key), b.get(key), out);
        }
    } else if stored != asked {
        let text = |value: Option<&Value>| value.map_or("none".to_owned(), Value::to_string);
        let option = if option.is_empty() { "configuration" } else { option }.to_owned();
        out.push(Difference { option, stored: text(stored), asked: text(asked) });
    }
}
