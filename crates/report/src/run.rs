//! A run directory: everything that one run left behind, written atomically.
//!
//! ```text
//! run/
//!   manifest.json   what was asked and how it went: see `Manifest`; written last
//!   results.json    the results; the same bytes for the same question
//!   *.npz           named arrays
//!   report.html     the page
//!   .thalweg/       only while the run goes on: lock, configuration, stages
//! ```
//!
//! A file appears whole or not at all: it is written under another name in the
//! same folder, flushed to the disk, then renamed. Times and thread counts go
//! into the manifest alone, so that `results.json` can be compared byte by byte.
//!
//! A run saves each finished *stage* of its work. If it is killed, the same
//! command finds them again with [`Existing::Resume`]; a command with another
//! configuration is refused and told what differs. [`RunDir::finish`] removes
//! them.
//!
//! ```
//! use thalweg_report::run::{Existing, Manifest, Record, RunDir};
//!
//! # let scratch = tempfile::tempdir()?;
//! # let path = scratch.path().join("run");
//! let config = serde_json::json!({ "model": "mlp:64-32-10", "seed": 1 });
//! let mut run = RunDir::create(&path, &config, Existing::Refuse)?;
//! let weights = match run.stage("training")? {
//!     Some(bytes) => bytes,
//!     None => {
//!         let bytes = vec![1, 2, 3]; // long work
//!         run.save_stage("training", &bytes)?;
//!         bytes
//!     }
//! };
//! run.write_results(&serde_json::json!({ "bytes": weights.len() }))?;
//! run.finish(Manifest { seed: 1, ..Manifest::default() })?;
//!
//! assert_eq!(Record::open(&path)?.results["bytes"], 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod atomic;
mod dir;
mod error;
mod manifest;
mod record;
mod stage;

pub use atomic::write_atomically;
pub use dir::{Existing, RunDir};
pub use error::{Difference, RunError};
pub use manifest::{FileEntry, Input, Manifest, OracleCounts, Stage};
pub use record::{Record, configuration};

/// The SHA-256 of some bytes, as 64 hexadecimal digits.
///
/// ```
/// assert!(thalweg_report::run::sha256(b"abc").starts_with("ba7816bf8f01cfea"));
/// ```
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
