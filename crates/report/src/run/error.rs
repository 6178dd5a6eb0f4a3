//! What can go wrong with a run directory.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a run directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The operating system refused.
    #[error("{path}: cannot {action}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried: `write`, `create the folder`, …
        action: &'static str,
        /// The reason it gave.
        source: io::Error,
    },
    /// A run needs a folder, and there is a file of that name.
    #[error("{path}: expected a folder for the run, found a file", path = .0.display())]
    IsFile(PathBuf),
    /// The folder holds something that no run wrote.
    #[error("{path}: expected an empty or new folder, found {found:?} and no run; choose another folder", path = path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// One of the names in it.
        found: String,
    },
    /// The folder holds a run that ended well.
    #[error("{path}: holds a finished run; choose another folder or replace the run", path = .0.display())]
    Finished(PathBuf),
    /// The folder holds a run that was cut short.
    #[error("{path}: holds an interrupted run; resume it, replace it or choose another folder", path = .0.display())]
    Interrupted(PathBuf),
    /// Another process writes to the folder at this moment.
    #[error("{path}: another process is writing this run", path = .0.display())]
    Busy(PathBuf),
    /// A run to be resumed was asked for with other options.
    #[error("{path}: cannot resume with other options: {}", list(differences), path = path.display())]
    OtherConfiguration {
        /// The folder.
        path: PathBuf,
        /// What differs.
        differences: Vec<Difference>,
    },
    /// There is no run in the folder.
    #[error("{path}: expected a run directory, found no manifest.json", path = .0.display())]
    NotARun(PathBuf),
    /// A file of the run does not hold what it should.
    #[error("{path}: damaged: expected {expected}, found {found}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: String,
        /// What it holds.
        found: String,
    },
    /// A name that cannot be that of a file in a run directory.
    #[error(
        "{0:?} cannot name a file of a run: expected letters, digits, '.', '-' and '_', not starting with '.'"
    )]
    Name(String),
    /// A value that has no JSON form.
    #[error("{name}: {source}")]
    Json {
        /// The file that it was meant for.
        name: String,
        /// The reason.
        source: crate::json::JsonError,
    },
    /// A report that cannot be drawn.
    #[error("report.html: {0}")]
    Report(#[from] crate::ReportError),
}

/// One option that differs between a run and an attempt to resume it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The option, with dots between its levels.
    pub option: String,
    /// Its value in the run, as JSON; `none` if it was not given.
    pub stored: String,
    /// Its value in the attempt.
    pub asked: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was {}, now {}", self.option, self.stored, self.asked)
    }
}

impl RunError {
    pub(super) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> RunError {
        let path = path.to_owned();
        move |source| RunError::Io { path, action, source }
    }
}

fn list(differences: &[Difference]) -> String {
    let texts: Vec<String> = differences.iter().map(Difference::to_string).collect();
    texts.join("; ")
}
