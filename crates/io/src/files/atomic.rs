//! Writes that happen wholly or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::DataError;

/// Writes a file so that its path holds either the old content or all of the new.
///
/// The bytes go to a new file in the same folder, are flushed to the disk, and the
/// file is then renamed. The folder must exist. Whatever goes wrong, the new file is
/// removed again and the old content stays.
pub fn write_atomic(path: impl AsRef<Path>, bytes: &[u8]) -> Result<(), DataError> {
    let path = path.as_ref();
    write_parts(path, &[bytes]).map_err(|source| DataError::Io {
        action: "write",
        file: path.display().to_string(),
        source,
    })
}

/// The same for bytes that come in parts, with the system's own error.
pub fn write_parts(path: impl AsRef<Path>, parts: &[&[u8]]) -> io::Result<()> {
    let path = path.as_ref();
    let temporary = sibling(path)?;
    let written = write_synced(&temporary, parts).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first failure is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_folder(path);
    Ok(())
}

/// Whether a name is that of a hidden file which such a write renames in the end: one is left behind where the
/// process was killed.
pub fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let inner = name.and_then(|name| name.strip_prefix('.')?.strip_suffix(ENDING));
    let numbers = inner.and_then(|inner| inner.rsplit_once('.')?.1.split_once('-'));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    numbers.is_some_and(|(process, count)| digits(process) && digits(count))
}

/// What a hidden file's name ends with.
const ENDING: &str = ".part";

/// A hidden name beside `path` that no other write of this or another process uses.
fn sibling(path: &Path) -> io::Result<PathBuf> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or_else(|| io::Error::other("the path names no file"))?;
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!(".{}.{}-{count}{ENDING}", name.to_string_lossy(), std::process::id());
    Ok(path.with_file_name(name))
}

fn write_synced(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    parts.iter().try_for_each(|part| file.write_all(part))?;
    file.sync_all()
}

/// Makes the renaming itself durable where a folder can be flushed; the content is safe without.
fn sync_folder(path: &Path) {
    if cfg!(unix) {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let _ = File::open(folder).and_then(|f| f.sync_all());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_replaced_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.json");
        write_atomic(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn hidden_names_are_known_again_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let hidden = sibling(&folder.path().join("results.json")).unwrap();
        assert!(is_unfinished(&hidden), "{}", hidden.display());
        for name in
            [".bashrc.part", "results.json.47-1.part", ".results.json.47.part", ".a.47-.part", ".a.47-1.tmp"]
        {
            assert!(!is_unfinished(Path::new(name)), "{name}");
        }
        write_parts(folder.path().join("two"), &[b"one, ", b"two"]).unwrap();
        assert_eq!(fs::read(folder.path().join("two")).unwrap(), b"one, two");
    }

    #[test]
    fn a_failed_write_names_the_path_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("missing/result.json");
        let error = write_atomic(&nowhere, b"x").unwrap_err().to_string();
        assert!(error.contains("cannot write") && error.contains("missing"), "{error}");

        let file = folder.path().join("a-file");
        fs::write(&file, b"kept").unwrap();
        assert!(write_atomic(file.join("below.npz"), b"x").is_err());
        assert_eq!(fs::read(&file).unwrap(), b"kept");

        let occupied = folder.path().join("a-folder");
        fs::create_dir(&occupied).unwrap();
        fs::write(occupied.join("inside"), b"kept").unwrap();
        assert!(write_atomic(&occupied, b"x").is_err(), "a folder is not replaced by a file");
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["a-file", "a-folder"]);
        assert!(write_atomic("/", b"x").is_err() && write_atomic("", b"x").is_err());
    }
}
