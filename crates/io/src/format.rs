//! The file formats and how content tells them apart.

pub(crate) mod cifar;
pub(crate) mod gzip;
pub(crate) mod idx;
pub(crate) mod npy;
pub(crate) mod npz;
pub(crate) mod safetensors;
pub(crate) mod table;
pub(crate) mod text;

use std::fmt;

use crate::error::{DataError, hex_excerpt};

/// A format that data or weights come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The idx format of MNIST and Fashion-MNIST.
    Idx,
    /// CIFAR-10's binary records.
    Cifar10,
    /// NumPy's archive of named arrays.
    Npz,
    /// Text with one example a line.
    Csv,
    /// Named tensors behind a JSON header.
    Safetensors,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Idx => "idx",
            Format::Cifar10 => "CIFAR-10 binary",
            Format::Npz => ".npz",
            Format::Csv => "CSV",
            Format::Safetensors => ".safetensors",
        })
    }
}

/// How many bytes are decoded from compressed content unless the caller says otherwise: 4 GiB.
pub(crate) const DECODED_LIMIT: u64 = 4 << 30;

const KNOWN: &str = "idx (MNIST), CIFAR-10 binary, .npz, .safetensors or CSV text, gzip-compressed or not";

/// Recognises a format by content. The file's name decides only where the
/// content fits nothing, so that the reader of that format can say what is wrong.
pub(crate) fn recognize(bytes: &[u8], file: &str) -> Result<Format, DataError> {
    if bytes.is_empty() {
        return Err(DataError::Empty { file: file.to_owned() });
    }
    let by_content = if idx::fits_exactly(bytes) {
        Some(Format::Idx)
    } else if cifar::looks_like(bytes) {
        Some(Format::Cifar10)
    } else if idx::has_magic(bytes) {
        Some(Format::Idx)
    } else if npz::has_magic(bytes) {
        Some(Format::Npz)
    } else if safetensors::looks_like(bytes) {
        Some(Format::Safetensors)
    } else if table::looks_like(bytes) {
        Some(Format::Csv)
    } else {
        None
    };
    by_content.or_else(|| by_name(file)).ok_or_else(|| DataError::Unrecognized {
        file: file.to_owned(),
        expected: KNOWN,
        found: foreign(bytes),
    })
}

fn by_name(file: &str) -> Option<Format> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file).to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let ends = |suffixes: &[&str]| suffixes.iter().any(|s| name.ends_with(s));
    if ends(&[".npz"]) {
        Some(Format::Npz)
    } else if ends(&[".safetensors"]) {
        Some(Format::Safetensors)
    } else if ends(&[".csv", ".tsv"]) {
        Some(Format::Csv)
    } else if ends(&["-ubyte"]) || name.contains("idx1") || name.contains("idx3") {
        Some(Format::Idx)
    } else if ends(&[".bin"]) {
        Some(Format::Cifar10)
    } else {
        None
    }
}

/// What a file of another kind is, as far as its first bytes tell, and what to do about it.
fn foreign(bytes: &[u8]) -> String {
    const MAGIC: [(&[u8], &str); 7] = [
        (b"\x93NUMPY", "a lone NumPy array (.npy); save arrays with names, in one .npz"),
        (b"\x89HDF", "an HDF5 file; save its arrays as .npz"),
        (b"\x89PNG", "a PNG picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"\x80\x02", "a Python pickle; save its arrays as .npz"),
        (b"\x80\x04", "a Python pickle; save its arrays as .npz"),
        (b"PAR1", "a Parquet table; save it as CSV"),
    ];
    if bytes.get(257..262) == Some(b"ustar") {
        return "a tar archive; unpack it first".to_owned();
    }
    match MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        Some((_, what)) => (*what).to_owned(),
        None => hex_excerpt(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_goes_before_the_name() {
        let found = |bytes: &[u8], file: &str| recognize(bytes, file).unwrap();
        assert_eq!(found(&[0, 0, 8, 1, 0, 0, 0, 2, 7, 7], "a.csv"), Format::Idx);
        assert_eq!(found(&[0; 3073], "a.npz"), Format::Cifar10);
        assert_eq!(found(b"PK\x03\x04....", "a.csv"), Format::Npz);
        assert_eq!(found(b"\x02\0\0\0\0\0\0\0{}", "a.bin"), Format::Safetensors);
        assert_eq!(found(b"1,2,3\n", "a.npz"), Format::Csv);
    }

    #[test]
    fn the_name_helps_where_content_fits_nothing() {
        assert_eq!(recognize(b"\xff\xff\xff\xff", "d/train-images-idx3-ubyte.gz").unwrap(), Format::Idx);
        assert_eq!(recognize(&[200; 3072], "test_batch.bin").unwrap(), Format::Cifar10);
    }

    #[test]
    fn strangers_are_named() {
        let say = |bytes: &[u8]| recognize(bytes, "stranger").unwrap_err().to_string();
        assert!(say(b"\x93NUMPY\x01\x00\x00").contains("save arrays with names, in one .npz"));
        assert!(say(b"\xfe\xfe\x00\x01").contains("bytes fe fe 00 01"));
        assert!(matches!(recognize(b"", "nothing"), Err(DataError::Empty { .. })));
    }
}
