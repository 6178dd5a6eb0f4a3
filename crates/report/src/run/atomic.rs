//! Files that appear whole or not at all.

use super::RunError;
use std::path::Path;

/// Writes a file so that a reader, or a crash, sees the old content or the new, never a part.
///
/// See [`thalweg_io::write_atomic`]; here an error is that of a run.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    write_parts_atomically(path, &[bytes])
}

/// The same for bytes that come in parts.
pub(super) fn write_parts_atomically(path: &Path, parts: &[&[u8]]) -> Result<(), RunError> {
    thalweg_io::write_parts(path, parts).map_err(RunError::io(path, "write"))
}
