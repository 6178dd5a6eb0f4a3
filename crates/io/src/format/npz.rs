//! NumPy's `.npz`: a zip archive of `.npy` files.

use std::collections::HashSet;
use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter};

use crate::arrays::NamedArrays;
use crate::error::DataError;
use crate::format::gzip::read_at_most;
use crate::format::npy;
use crate::stored::StoredArray;

/// Bytes of an entry beside its values and twice its name: both headers, the array's own, and room to spare.
const ENTRY: usize = 512;

/// Whether the bytes begin as a zip archive does (the second form is an empty one).
pub(crate) fn has_magic(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// All arrays, in the archive's order. At most `limit` bytes are decoded in all.
pub(crate) fn parse(bytes: &[u8], file: &str, limit: u64) -> Result<Vec<StoredArray<'static>>, DataError> {
    let broken = |place: String, e: &dyn std::fmt::Display| {
        DataError::malformed(file, place, "a complete zip archive", e.to_string())
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken("zip directory".into(), &e))?;
    let mut arrays = Vec::new();
    let mut names = HashSet::new();
    let mut others = Vec::new();
    let mut left = limit;
    for i in 0..archive.len() {
        let place = || format!("zip entry {i}");
        let entry = archive.by_index(i).map_err(|e| broken(place(), &e))?;
        let path = entry.name().map_err(|e| broken(place(), &e))?.into_owned();
        let Some(name) = path.strip_suffix(".npy") else {
            others.push(path);
            continue;
        };
        let place = || format!("array {name:?}");
        if !names.insert(name.to_owned()) {
            return Err(DataError::malformed(file, place(), "one array of each name", "several"));
        }
        let content = read_at_most(entry, left)
            .map_err(|e| broken(place(), &e))?
            .ok_or_else(|| DataError::TooLarge { file: file.to_owned(), place: place(), limit })?;
        left -= content.len() as u64;
        arrays.push(npy::parse(content, file, name)?);
    }
    if arrays.is_empty() {
        let found = match others.iter().any(|p| p.ends_with("data.pkl")) {
            true => "PyTorch's own format; save the weights as .safetensors".to_owned(),
            false if others.is_empty() => "an empty archive".to_owned(),
            false => others[..others.len().min(5)].join(", "),
        };
        return Err(DataError::Missing { file: file.to_owned(), what: "array (.npy)".into(), found });
    }
    Ok(arrays)
}

/// The archive with the given arrays, uncompressed; the same arrays give the same bytes.
pub(crate) fn write(arrays: &NamedArrays) -> Result<Vec<u8>, DataError> {
    // In one piece, so that a large archive is not copied as it grows.
    let room: usize = arrays.iter().map(|a| a.values.byte_len() + 2 * a.name.len() + ENTRY).sum();
    let mut archive = ZipWriter::new(Cursor::new(Vec::with_capacity(room + ENTRY)));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(0o644);
    for array in arrays.iter() {
        let refused = |e: &dyn std::fmt::Display| {
            let place = format!("array {:?}", array.name);
            DataError::malformed(arrays.source(), place, "something a zip archive can hold", e.to_string())
        };
        let options = options.large_file(array.values.byte_len() >= 0xfff0_0000);
        archive.start_file(format!("{}.npy", array.name), options).map_err(|e| refused(&e))?;
        archive
            .write_all(&npy::header(array.values.element_type(), &array.shape))
            .map_err(|e| refused(&e))?;
        array.values.pieces(|bytes| archive.write_all(bytes)).map_err(|e| refused(&e))?;
    }
    let archive = archive.finish().map_err(|e| {
        DataError::malformed(
            arrays.source(),
            "zip directory",
            "something a zip archive can hold",
            e.to_string(),
        )
    })?;
    Ok(archive.into_inner())
}
