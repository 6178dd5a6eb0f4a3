//! Bytes that a computation puts aside: a file without a name.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use thalweg_lab::krylov::{Shelf, ShelfError, Shelves};

/// Shelves in temporary files of a folder, for Krylov bases that are kept on disk.
///
/// A file loses its name as soon as it is open where the system allows that, as Unix
/// does, so that nothing is left behind even by a kill; elsewhere it is removed
/// when it is dropped.
///
/// ```
/// use thalweg_io::Scratch;
/// use thalweg_lab::krylov::Shelves;
///
/// let scratch = Scratch::new(std::env::temp_dir());
/// let mut shelf = scratch.open()?;
/// shelf.write(3, b"aside")?;
/// let mut back = [0; 5];
/// shelf.read(3, &mut back)?;
/// assert_eq!(&back, b"aside");
/// # Ok::<(), thalweg_lab::krylov::ShelfError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    /// Files go into this folder, which must exist when the first is opened.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }
}

impl Shelves for Scratch {
    fn open(&self) -> Result<Box<dyn Shelf>, ShelfError> {
        let path = fresh(&self.folder);
        let open = || {
            let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
            let named = fs::remove_file(&path).is_err();
            Ok(Aside { file, folder: self.folder.clone(), path: named.then(|| path.clone()) })
        };
        match open() {
            Ok(aside) => Ok(Box::new(aside)),
            Err(error) => Err(failed(&self.folder, "open a temporary file", &error)),
        }
    }
}

struct Aside {
    file: File,
    folder: PathBuf,
    /// The file's name, where it still has one.
    path: Option<PathBuf>,
}

impl Shelf for Aside {
    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), ShelfError> {
        let written = self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.write_all(bytes));
        written.map_err(|error| failed(&self.folder, "write to a temporary file", &error))
    }

    fn read(&self, at: u64, bytes: &mut [u8]) -> Result<(), ShelfError> {
        let mut file = &self.file;
        let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(bytes));
        read.map_err(|error| failed(&self.folder, "read a temporary file", &error))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // There is nobody left to tell.
            let _ = fs::remove_file(path);
        }
    }
}

/// A name that no other file of this or another process has.
fn fresh(folder: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    folder.join(format!(".thalweg-{}-{count}.aside", std::process::id()))
}

fn failed(folder: &Path, what: &str, error: &io::Error) -> ShelfError {
    ShelfError(format!("{}: cannot {what}: {error}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_and_no_file_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(folder.path());
        let (mut one, mut two) = (scratch.open().unwrap(), scratch.open().unwrap());
        one.write(0, &[1; 1000]).unwrap();
        two.write(0, &[2; 1000]).unwrap();
        one.write(500, &[3; 10]).unwrap();
        let mut bytes = [0; 20];
        one.read(495, &mut bytes).unwrap();
        assert_eq!((&bytes[..5], &bytes[5..15], &bytes[15..]), (&[1; 5][..], &[3; 10][..], &[1; 5][..]));
        two.read(495, &mut bytes).unwrap();
        assert_eq!(bytes, [2; 20]);
        if cfg!(unix) {
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        }
        drop((one, two));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn failures_name_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let error = Scratch::new(folder.path().join("missing")).open().err().unwrap().to_string();
        assert!(error.contains("missing: cannot open a temporary file"), "{error}");
        let shelf = Scratch::new(folder.path()).open().unwrap();
        let error = shelf.read(100, &mut [0; 4]).unwrap_err().to_string();
        assert!(error.contains("cannot read a temporary file"), "{error}");
    }

    /// A device without room stands for a full disk.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error() {
        let file = OpenOptions::new().read(true).write(true).open("/dev/full").unwrap();
        let mut aside = Aside { file, folder: "/scratch".into(), path: None };
        let error = aside.write(0, &[0; 64]).unwrap_err().to_string();
        assert!(error.starts_with("/scratch: cannot write to a temporary file: No space left"), "{error}");
    }
}
