//! Weights in files beside the model.

#[cfg(feature = "files")]
use std::path::{Component, Path, PathBuf};

/// Where the bytes are that a model keeps in other files.
pub trait ExternalData {
    /// Size in bytes of the file with this name, or why there is none.
    fn size(&self, location: &str) -> Result<u64, String>;

    /// Bytes `offset..offset + length` of that file, which is at least so long.
    fn read(&self, location: &str, offset: u64, length: usize) -> Result<Vec<u8>, String>;
}

/// No other files: for models that hold all their weights themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoExternalData;

impl ExternalData for NoExternalData {
    fn size(&self, _: &str) -> Result<u64, String> {
        Err("no other files are given".to_owned())
    }

    fn read(&self, location: &str, _: u64, _: usize) -> Result<Vec<u8>, String> {
        self.size(location).map(|_| Vec::new())
    }
}

/// The files of one folder and those below it, but nothing outside.
///
/// A location must be a relative path without `..`, and must still lie within the
/// folder once all symbolic links are followed.
#[cfg(feature = "files")]
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

#[cfg(feature = "files")]
impl Folder {
    /// The folder that a model's file is in.
    pub fn of(file: &Path) -> Self {
        match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => Self(parent.to_owned()),
            _ => Self(PathBuf::from(".")),
        }
    }

    fn find(&self, location: &str) -> Result<PathBuf, String> {
        let relative = Path::new(location);
        let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
        if location.is_empty() || location.contains('\0') || !plain {
            return Err("only names of files in the model's own folder are followed".to_owned());
        }
        let [folder, file] = [self.0.canonicalize(), self.0.join(relative).canonicalize()];
        let (folder, file) = (folder.map_err(|e| e.to_string())?, file.map_err(|e| e.to_string())?);
        if !file.starts_with(&folder) {
            return Err("a symbolic link leads out of the model's folder".to_owned());
        }
        match file.is_file() {
            true => Ok(file),
            false => Err("it is no regular file".to_owned()),
        }
    }
}

#[cfg(feature = "files")]
impl ExternalData for Folder {
    fn size(&self, location: &str) -> Result<u64, String> {
        let file = self.find(location)?;
        std::fs::metadata(file).map(|data| data.len()).map_err(|e| e.to_string())
    }

    fn read(&self, location: &str, offset: u64, length: usize) -> Result<Vec<u8>, String> {
        use std::io::{Read, Seek, SeekFrom};
        let read = || -> std::io::Result<Vec<u8>> {
            let mut file = std::fs::File::open(self.find(location).map_err(std::io::Error::other)?)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut bytes = Vec::new();
            file.take(length as u64).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(|e| e.to_string())?;
        match bytes.len() == length {
            true => Ok(bytes),
            false => Err(format!("it ended after {} of {length} bytes", bytes.len())),
        }
    }
}
