//! Files that appear whole or not at all.

use super::RunError;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// Writes a file so that a reader, or a crash, sees the old content or the new, never a part.
///
/// The bytes go to a hidden file in the same folder, are flushed to the disk,
/// and the file takes its name by renaming. What was there under that name is
/// replaced. On failure the hidden file is removed.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    write_parts_atomically(path, &[bytes])
}

/// The same for bytes that come in parts.
pub(super) fn write_parts_atomically(path: &Path, parts: &[&[u8]]) -> Result<(), RunError> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Err(RunError::Name(path.display().to_string()));
    };
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let hidden = folder.join(format!(".{name}.{}.part", std::process::id()));
    let written = (|| {
        let mut file = File::create(&hidden)?;
        parts.iter().try_for_each(|part| file.write_all(part))?;
        file.sync_all()?;
        fs::rename(&hidden, path)
    })();
    if let Err(source) = written {
        // The first failure is the one to report.
        let _ = fs::remove_file(&hidden);
        return Err(RunError::io(path, "write")(source));
    }
    flush(folder)
}

/// Whether a name is that of a hidden file which [`write_atomically`] renames in the end.
pub(super) fn is_part(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let inner = name.and_then(|name| name.strip_prefix('.')?.strip_suffix(".part"));
    let process = inner.and_then(|inner| inner.rsplit_once('.')).map(|(_, process)| process);
    process.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The rename itself is on the disk only once the folder is.
#[cfg(unix)]
fn flush(folder: &Path) -> Result<(), RunError> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(RunError::io(folder, "flush the folder"))
}

#[cfg(not(unix))]
fn flush(_: &Path) -> Result<(), RunError> {
    Ok(())
}
