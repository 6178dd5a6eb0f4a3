//! One NumPy array: a header that is a Python dictionary, then the elements.
//!
//! Format versions 1.0 to 3.0 (NumPy Enhancement Proposal 1). The dictionary is
//! read by its three keys and not as Python, so that nothing nests.

use crate::error::{DataError, excerpt};
use crate::stored::{ELEMENTS, ElementType, StoredArray, elements, swap_bytes};

const MAGIC: &[u8] = b"\x93NUMPY";

/// Reads an array; `bytes` is the whole `.npy` file.
pub(crate) fn parse(mut bytes: Vec<u8>, file: &str, name: &str) -> Result<StoredArray<'static>, DataError> {
    let (header, start) = Header::parse(&bytes, file, name)?;
    let size = header.dtype.size();
    let needed = elements(&header.shape).and_then(|n| n.checked_mul(size));
    let found = bytes.len() - start;
    match needed {
        Some(needed) if needed == found => {}
        Some(needed) if needed > found => {
            return Err(DataError::Truncated {
                file: file.to_owned(),
                place: format!("array {name:?} of shape {:?} and type {}", header.shape, header.dtype),
                expected: needed as u64,
                found: found as u64,
            });
        }
        _ => {
            let expected = format!("data of shape {:?} and type {}", header.shape, header.dtype);
            let found = format!("{found} bytes");
            return Err(DataError::malformed(file, format!("array {name:?}"), expected, found));
        }
    }
    bytes.drain(..start);
    if header.big_endian {
        swap_bytes(&mut bytes, size);
    }
    if header.fortran_order {
        bytes = row_major(&bytes, &header.shape, size);
    }
    Ok(StoredArray { name: name.to_owned(), dtype: header.dtype, shape: header.shape, bytes: bytes.into() })
}

/// The bytes before the data of a row-major little-endian array, version 1.0.
pub(crate) fn header(dtype: ElementType, shape: &[usize]) -> Vec<u8> {
    let kind = dtype.names().numpy.expect("only types that NumPy has are written");
    let order = if dtype.size() == 1 { '|' } else { '<' };
    let extents: Vec<String> = shape.iter().map(|n| format!("{n},")).collect();
    let extents = extents.join(" ");
    // A one-tuple keeps its comma, longer ones drop the last as NumPy does.
    let extents = if shape.len() > 1 { extents.trim_end_matches(',') } else { &extents };
    let mut text = format!("{{'descr': '{order}{kind}', 'fortran_order': False, 'shape': ({extents}), }}");
    const PREFIX: usize = 10;
    let total = (PREFIX + text.len() + 1).next_multiple_of(64);
    text.push_str(&" ".repeat(total - PREFIX - text.len() - 1));
    text.push('\n');
    let length = u16::try_from(text.len()).expect("an array has few axes");
    [MAGIC, &[1, 0], &length.to_le_bytes(), text.as_bytes()].concat()
}

struct Header {
    dtype: ElementType,
    big_endian: bool,
    fortran_order: bool,
    shape: Vec<usize>,
}

impl Header {
    /// The header and where the data begins.
    fn parse(bytes: &[u8], file: &str, name: &str) -> Result<(Self, usize), DataError> {
        let wrong = |expected: &str, found: String| {
            DataError::malformed(file, format!("array {name:?}, its header"), expected, found)
        };
        if !bytes.starts_with(MAGIC) || bytes.len() < 12 {
            return Err(wrong("the magic number 93 'NUMPY'", crate::error::hex_excerpt(bytes)));
        }
        let (start, length): (usize, usize) = match bytes[6] {
            1 => (10, usize::from(u16::from_le_bytes([bytes[8], bytes[9]]))),
            2 | 3 => (12, u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]) as usize),
            version => return Err(wrong("format version 1, 2 or 3", version.to_string())),
        };
        let text = start.checked_add(length).and_then(|end| bytes.get(start..end));
        let text = text.ok_or_else(|| {
            wrong(&format!("{length} bytes of header"), format!("{} bytes", bytes.len() - start))
        })?;
        let text = std::str::from_utf8(text).map_err(|_| wrong("text", "bytes that are not UTF-8".into()))?;
        let header = Dictionary { rest: text }
            .parse()
            .map_err(|expected| wrong(&expected, excerpt(text.trim_end())))?;
        Ok((header, start + length))
    }
}

/// A reader of the one dictionary that NumPy writes; errors say what was expected.
struct Dictionary<'a> {
    rest: &'a str,
}

impl<'a> Dictionary<'a> {
    fn parse(mut self) -> Result<Header, String> {
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        self.token("{")?;
        while !self.skip("}") {
            let key = self.quoted()?;
            self.token(":")?;
            match key {
                "descr" => descr = Some(self.element_type()?),
                "fortran_order" => fortran_order = Some(self.truth()?),
                "shape" => shape = Some(self.tuple()?),
                _ => return Err("only the keys 'descr', 'fortran_order' and 'shape'".into()),
            }
            if !self.skip(",") {
                self.token("}")?;
                break;
            }
        }
        let (dtype, big_endian) = descr.ok_or("a key 'descr'")?;
        let fortran_order = fortran_order.ok_or("a key 'fortran_order'")?;
        Ok(Header { dtype, big_endian, fortran_order, shape: shape.ok_or("a key 'shape'")? })
    }

    fn skip(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        let stripped = self.rest.strip_prefix(token);
        self.rest = stripped.unwrap_or(self.rest);
        stripped.is_some()
    }

    fn token(&mut self, token: &str) -> Result<(), String> {
        if self.skip(token) { Ok(()) } else { Err(format!("a dictionary with {token:?} in its place")) }
    }

    fn quoted(&mut self) -> Result<&'a str, String> {
        let quote = ["'", "\""].into_iter().find(|q| self.skip(q)).ok_or("a quoted name")?;
        let (text, rest) = self.rest.split_once(quote).ok_or("a closing quote")?;
        self.rest = rest;
        Ok(text)
    }

    fn element_type(&mut self) -> Result<(ElementType, bool), String> {
        const EXPECTED: &str = "an element type that is a truth value, an integer or a real number";
        let text = self.quoted().map_err(|_| EXPECTED)?;
        let (order, kind) = text.split_at_checked(1).ok_or(EXPECTED)?;
        let row = ELEMENTS.iter().find(|row| row.numpy == Some(kind)).ok_or(EXPECTED)?;
        match order {
            "<" | "|" | "=" => Ok((row.kind, false)),
            ">" => Ok((row.kind, true)),
            _ => Err(EXPECTED.into()),
        }
    }

    fn truth(&mut self) -> Result<bool, String> {
        if self.skip("True") {
            return Ok(true);
        }
        if self.skip("False") { Ok(false) } else { Err("True or False for 'fortran_order'".into()) }
    }

    fn tuple(&mut self) -> Result<Vec<usize>, String> {
        const EXPECTED: &str = "a shape of at most 32 whole numbers";
        let mut shape = Vec::new();
        self.token("(")?;
        while !self.skip(")") {
            let digits = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
            shape.push(self.rest[..digits].parse().map_err(|_| EXPECTED)?);
            self.rest = &self.rest[digits..];
            if shape.len() > 32 {
                return Err(EXPECTED.into());
            }
            if !self.skip(",") {
                self.token(")")?;
                break;
            }
        }
        Ok(shape)
    }
}

/// Reorders elements from column-major (first axis fastest) to row-major.
fn row_major(bytes: &[u8], shape: &[usize], size: usize) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let mut strides = Vec::with_capacity(shape.len());
    let mut stride = size;
    for &extent in shape {
        strides.push(stride);
        stride *= extent;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = vec![0; shape.len()];
    let mut at = 0;
    while out.len() < bytes.len() {
        out.extend_from_slice(&bytes[at..at + size]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            at += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            at -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_what_numpy_writes() {
        // numpy.lib.format.write_array_header_1_0 for float32 (3, 4), float64 (5,) and int64 ().
        for (dtype, shape, text) in [
            (ElementType::F32, vec![3, 4], "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"),
            (ElementType::F64, vec![5], "{'descr': '<f8', 'fortran_order': False, 'shape': (5,), }"),
            (ElementType::I64, vec![], "{'descr': '<i8', 'fortran_order': False, 'shape': (), }"),
            (ElementType::U8, vec![2], "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }"),
        ] {
            let bytes = header(dtype, &shape);
            assert!(bytes.len().is_multiple_of(64) && bytes.ends_with(b"\n"));
            assert_eq!(std::str::from_utf8(&bytes[10..]).unwrap().trim_end(), text);
        }
    }

    #[test]
    fn column_major_is_reordered() {
        // (i, j, k) ↦ 12 i + 4 j + k, stored with i fastest.
        let shape = [2, 3, 4];
        let mut stored = Vec::new();
        for k in 0..4 {
            for j in 0..3 {
                for i in 0..2 {
                    stored.push(12 * i + 4 * j + k);
                }
            }
        }
        assert_eq!(row_major(&stored, &shape, 1), (0..24).collect::<Vec<u8>>());
        assert_eq!(row_major(&[7, 8], &[], 2), [7, 8]);
        assert!(row_major(&[], &[usize::MAX, 0, usize::MAX], 4).is_empty());
    }

    #[test]
    fn headers_that_lie_are_refused() {
        let npy = |text: &str| {
            let mut bytes = [MAGIC, &[1, 0], &(text.len() as u16).to_le_bytes(), text.as_bytes()].concat();
            bytes.extend([0; 8]);
            parse(bytes, "f", "a").map(|_| ()).map_err(|e| e.to_string())
        };
        assert_eq!(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}"), Ok(()));
        assert_eq!(npy("{\"shape\":(2,),\"fortran_order\":True,\"descr\":\">f4\"}  \n"), Ok(()));
        for (text, said) in [
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", "expected 16 bytes, found 8"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,)}", "found 8; the file is cut"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "found 8 bytes"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (0,)}", "found 8 bytes"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", "whole numbers"),
            ("{'descr': '<f8', 'fortran_order': False}", "a key 'shape'"),
            ("{'descr': '<c16', 'fortran_order': False, 'shape': (1,)}", "an element type"),
            ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "an element type"),
            ("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "an element type"),
            ("{'descr': '<f8', 'fortran_order': 1, 'shape': (1,)}", "True or False"),
            ("((((((((((", "a dictionary with \"{\""),
            ("", "a dictionary"),
        ] {
            let error = npy(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
