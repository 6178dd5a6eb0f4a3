//! The idx format of MNIST: a magic number, big-endian extents, big-endian data.
//!
//! Two zero bytes, an element type (0x08 unsigned byte, 0x09 signed byte, 0x0b,
//! 0x0c 16- and 32-bit integers, 0x0d, 0x0e single and double precision), the
//! number of axes, one 32-bit extent an axis, then the elements in row-major
//! order (LeCun, Cortes and Burges, "The MNIST database of handwritten digits").

use crate::error::{DataError, hex_excerpt};
use crate::stored::{ELEMENTS, ElementType, StoredArray, elements, swap_bytes};

/// Reads an array from bytes that are not compressed.
pub(crate) fn parse<'a>(bytes: &'a [u8], file: &str, name: &str) -> Result<StoredArray<'a>, DataError> {
    let header = Header::parse(bytes, file)?;
    let found = bytes.len() as u64;
    let place = || format!("the data of shape {:?} and type {}", header.shape, header.dtype);
    let Some(expected) = header.file_size() else {
        let shape = format!("{:?}", header.shape);
        return Err(DataError::malformed(file, "the header", "extents whose product can be counted", shape));
    };
    if found < expected {
        return Err(DataError::Truncated { file: file.to_owned(), place: place(), expected, found });
    }
    if found > expected {
        let more = format!("{} more bytes", found - expected);
        return Err(DataError::malformed(file, format!("byte {expected}"), "the end of the file", more));
    }
    let mut data = std::borrow::Cow::Borrowed(&bytes[header.size..]);
    if header.dtype.size() > 1 {
        swap_bytes(data.to_mut(), header.dtype.size());
    }
    Ok(StoredArray { name: name.to_owned(), dtype: header.dtype, shape: header.shape, bytes: data })
}

/// Whether the bytes begin as an idx file does.
pub(crate) fn has_magic(bytes: &[u8]) -> bool {
    matches!(bytes, [0, 0, code, axes, ..] if element_type(*code).is_some() && (1..=8).contains(axes))
}

/// Whether the header promises exactly as many bytes as there are.
pub(crate) fn fits_exactly(bytes: &[u8]) -> bool {
    let header = Header::parse(bytes, "");
    header.is_ok_and(|h| h.file_size() == Some(bytes.len() as u64))
}

struct Header {
    dtype: ElementType,
    shape: Vec<usize>,
    /// Bytes before the data.
    size: usize,
}

impl Header {
    fn parse(bytes: &[u8], file: &str) -> Result<Self, DataError> {
        let truncated = |place: &str, expected: usize| DataError::Truncated {
            file: file.to_owned(),
            place: place.to_owned(),
            expected: expected as u64,
            found: bytes.len() as u64,
        };
        let Some(magic) = bytes.get(..4) else {
            return Err(truncated("the magic number", 4));
        };
        if !has_magic(bytes) {
            let expected = "00 00, an element type (08, 09, 0b, 0c, 0d or 0e) and 1 to 8 axes";
            return Err(DataError::malformed(file, "the magic number", expected, hex_excerpt(magic)));
        }
        let dtype = element_type(magic[2]).expect("has_magic checked it");
        let size = 4 + 4 * usize::from(magic[3]);
        let extents = bytes.get(4..size).ok_or_else(|| truncated("the header", size))?;
        let shape =
            extents.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize).collect();
        Ok(Self { dtype, shape, size })
    }

    fn file_size(&self) -> Option<u64> {
        let data = (elements(&self.shape)? as u64).checked_mul(self.dtype.size() as u64)?;
        data.checked_add(self.size as u64)
    }
}

fn element_type(code: u8) -> Option<ElementType> {
    ELEMENTS.iter().find(|row| row.idx == Some(code)).map(|row| row.kind)
}

/// An idx file of unsigned bytes, for tests.
#[cfg(test)]
pub(crate) fn write(shape: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, shape.len() as u8];
    shape.iter().for_each(|n| bytes.extend(n.to_be_bytes()));
    bytes.extend(data);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn big_endian_data_of_every_type() {
        for (code, data, value) in [
            (0x08u8, vec![250u8], 250.0),
            (0x09, vec![250], -6.0),
            (0x0b, vec![0xff, 0x00], -256.0),
            (0x0c, vec![0, 1, 0, 0], 65536.0),
            (0x0d, vec![0x3f, 0xc0, 0, 0], 1.5),
            (0x0e, vec![0xc0, 0x04, 0, 0, 0, 0, 0, 0], -2.5),
        ] {
            let bytes = [&[0, 0, code, 1, 0, 0, 0, 1][..], &data].concat();
            let array = parse(&bytes, "f", "x").unwrap();
            assert_eq!((array.doubles().collect::<Vec<_>>(), &array.shape[..]), (vec![value], &[1][..]));
        }
    }

    #[test]
    fn a_wrong_magic_number_is_quoted() {
        let error = parse(&[0, 1, 8, 3, 0, 0], "train-images-idx3-ubyte", "images").unwrap_err().to_string();
        assert!(error.contains("train-images-idx3-ubyte, the magic number"), "{error}");
        assert!(error.contains("00 01 08 03"), "{error}");
        for bad in [[0, 0, 0x0a, 1], [0, 0, 8, 0], [0, 0, 8, 9]] {
            assert!(matches!(parse(&bad, "f", "x"), Err(DataError::Malformed { .. })));
        }
    }

    #[test]
    fn truncation_says_how_much_is_missing() {
        let whole = write(&[2, 3], &[1, 2, 3, 4, 5, 6]);
        assert!(parse(&whole, "f", "x").is_ok());
        for end in 0..whole.len() {
            let error = parse(&whole[..end], "f", "x").unwrap_err();
            assert!(matches!(error, DataError::Truncated { found, .. } if found == end as u64), "{error}");
        }
        let error = parse(&whole[..15], "f", "x").unwrap_err().to_string();
        assert!(error.contains("shape [2, 3]") && error.contains("expected 18 bytes, found 15"), "{error}");
        let longer = [&whole[..], &[0]].concat();
        assert!(matches!(parse(&longer, "f", "x"), Err(DataError::Malformed { .. })));
    }

    #[test]
    fn huge_extents_are_refused_before_anything_is_allocated() {
        for shape in [&[u32::MAX; 8][..], &[u32::MAX, 28, 28], &[1 << 31, 1 << 31]] {
            let error = parse(&write(shape, &[0; 100]), "f", "x").unwrap_err();
            assert!(matches!(error, DataError::Truncated { .. } | DataError::Malformed { .. }), "{error}");
        }
    }
}
