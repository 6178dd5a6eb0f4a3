//! CIFAR-10's binary records: one label byte, then 3 × 32 × 32 pixel bytes.
//!
//! The planes are red, green, blue, each row by row (Krizhevsky 2009,
//! <https://www.cs.toronto.edu/~kriz/cifar.html>, "binary version").

use crate::error::DataError;
use crate::stored::{ElementType, StoredArray};

const PIXELS: usize = 3 * 32 * 32;
const RECORD: usize = 1 + PIXELS;
pub(crate) const CLASSES: usize = 10;

/// Images `[n, 3, 32, 32]` and labels `[n]` of one or several files, in order.
pub(crate) fn parse(files: &[(&[u8], &str)]) -> Result<[StoredArray<'static>; 2], DataError> {
    let mut pixels = Vec::new();
    let mut labels = Vec::new();
    for &(bytes, file) in files {
        check(bytes, file)?;
        for record in bytes.chunks_exact(RECORD) {
            labels.push(record[0]);
            pixels.extend_from_slice(&record[1..]);
        }
    }
    let n = labels.len();
    let array = |name: &str, shape: Vec<usize>, bytes: Vec<u8>| StoredArray {
        name: name.to_owned(),
        dtype: ElementType::U8,
        shape,
        bytes: bytes.into(),
    };
    Ok([array("images", vec![n, 3, 32, 32], pixels), array("labels", vec![n], labels)])
}

/// Whether the bytes are whole records with labels 0 to 9.
pub(crate) fn looks_like(bytes: &[u8]) -> bool {
    !bytes.is_empty()
        && bytes.len().is_multiple_of(RECORD)
        && bytes.chunks_exact(RECORD).all(|r| usize::from(r[0]) < CLASSES)
}

fn check(bytes: &[u8], file: &str) -> Result<(), DataError> {
    if bytes.is_empty() {
        return Err(DataError::Empty { file: file.to_owned() });
    }
    let whole = bytes.len() / RECORD;
    if !bytes.len().is_multiple_of(RECORD) {
        return Err(DataError::Truncated {
            file: file.to_owned(),
            place: format!("record {whole} (a label and {PIXELS} pixels)"),
            expected: ((whole + 1) * RECORD) as u64,
            found: bytes.len() as u64,
        });
    }
    match bytes.chunks_exact(RECORD).position(|r| usize::from(r[0]) >= CLASSES) {
        Some(record) => Err(DataError::Label {
            file: file.to_owned(),
            place: format!("record {record} (byte {})", record * RECORD),
            last: CLASSES as u64 - 1,
            found: bytes[record * RECORD].to_string(),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(label: u8, pixel: u8) -> Vec<u8> {
        let mut bytes = vec![pixel; RECORD];
        bytes[0] = label;
        bytes
    }

    #[test]
    fn records_of_several_files_are_joined_in_order() {
        let (one, two) = ([record(3, 10), record(9, 20)].concat(), record(0, 30));
        let [images, labels] = parse(&[(&one, "1"), (&two, "2")]).unwrap();
        assert_eq!(images.shape, [3, 3, 32, 32]);
        assert_eq!(&*labels.bytes, [3, 9, 0]);
        assert_eq!(images.bytes[2 * PIXELS], 30);
    }

    #[test]
    fn a_cut_record_and_a_strange_label_are_named() {
        let bytes = [record(1, 0), record(10, 0)].concat();
        let error = parse(&[(&bytes, "f")]).unwrap_err().to_string();
        assert_eq!(error, "f, record 1 (byte 3073): expected a class from 0 to 9, found 10");
        let error = parse(&[(&bytes[..4000], "f")]).unwrap_err().to_string();
        assert!(error.contains("record 1") && error.contains("expected 6146 bytes, found 4000"), "{error}");
        assert!(!looks_like(&bytes) && looks_like(&bytes[..RECORD]));
    }
}
