//! Protocol buffers' wire format: messages are numbered fields, one after the other.
//!
//! <https://protobuf.dev/programming-guides/encoding/>. The reader hands out slices
//! of the file and counts messages and their depth, so that no length in a file
//! makes it allocate or recurse; the crates that were tried allocate before they
//! look how much is there, or turn two bytes into hundreds.

use super::error::Fault;
use super::limits::{DEPTH, MESSAGES};
use crate::error::excerpt;

/// A piece of the file that knows where it stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part<'a> {
    pub bytes: &'a [u8],
    /// Position of the first byte in the file.
    pub offset: usize,
}

/// The value of a field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field<'a> {
    Varint(u64, usize),
    Fixed64([u8; 8], usize),
    Fixed32([u8; 4], usize),
    Bytes(Part<'a>),
}

/// What is left of the messages that a file may have, and of their depth.
pub(super) struct Budget {
    messages: usize,
    depth: usize,
}

impl Budget {
    pub fn new() -> Self {
        Self { messages: MESSAGES, depth: DEPTH }
    }

    /// Decodes a message inside the one at hand.
    pub fn message<T>(
        &mut self,
        part: Part,
        decode: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let beyond = |expected: String, found: &str| Err(Fault::new(place(part.offset), expected, found));
        if self.messages == 0 {
            return beyond(format!("at most {MESSAGES} nodes, attributes and tensors"), "more");
        }
        if self.depth == 0 {
            return beyond("graphs within graphs to a lesser depth".to_owned(), "another one");
        }
        self.messages -= 1;
        self.depth -= 1;
        let message = decode(self);
        self.depth += 1;
        message
    }
}

/// The fields of a message in their order.
pub(super) struct Fields<'a> {
    part: Part<'a>,
    at: usize,
}

impl<'a> Fields<'a> {
    pub fn new(part: Part<'a>) -> Self {
        Self { part, at: 0 }
    }

    /// Number and value of the next field.
    pub fn next(&mut self) -> Result<Option<(u64, Field<'a>)>, Fault> {
        if self.at == self.part.bytes.len() {
            return Ok(None);
        }
        let start = self.part.offset + self.at;
        let key = self.varint()?;
        let at = self.part.offset + self.at;
        let field = match key & 7 {
            0 => Field::Varint(self.varint()?, at),
            1 => Field::Fixed64(self.fixed()?, at),
            2 => {
                let length = self.varint()?;
                let left = self.part.bytes.len() - self.at;
                let length = usize::try_from(length).ok().filter(|&n| n <= left).ok_or_else(|| {
                    Fault::new(place(at), format!("a field of at most {left} bytes"), format!("{length}"))
                })?;
                let offset = self.part.offset + self.at;
                Field::Bytes(Part { bytes: self.take(length), offset })
            }
            5 => Field::Fixed32(self.fixed()?, at),
            other => {
                let expected = "a protocol buffer's field (wire type 0, 1, 2 or 5)";
                return Err(Fault::new(place(start), expected, format!("wire type {other}")));
            }
        };
        match key >> 3 {
            0 => Err(Fault::new(place(start), "a field number from 1", "0")),
            number => Ok(Some((number, field))),
        }
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let taken = &self.part.bytes[self.at..self.at + length];
        self.at += length;
        taken
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        match self.part.bytes[self.at..].first_chunk::<N>() {
            Some(bytes) => {
                self.at += N;
                Ok(*bytes)
            }
            None => Err(self.cut_short(N)),
        }
    }

    fn varint(&mut self) -> Result<u64, Fault> {
        let mut value = 0u64;
        for (i, &byte) in self.part.bytes[self.at..].iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte < 0x80 {
                self.at += i + 1;
                return Ok(value);
            }
        }
        Err(self.cut_short(10))
    }

    fn cut_short(&self, wanted: usize) -> Fault {
        let left = self.part.bytes.len() - self.at;
        let found = if left < wanted { format!("{left} bytes") } else { "a longer number".to_owned() };
        Fault::new(place(self.part.offset + self.at), format!("a number of up to {wanted} bytes"), found)
    }
}

impl<'a> Field<'a> {
    pub fn part(self) -> Result<Part<'a>, Fault> {
        match self {
            Field::Bytes(part) => Ok(part),
            other => Err(other.mismatch("bytes")),
        }
    }

    pub fn text(self) -> Result<&'a str, Fault> {
        text(self.part()?)
    }

    pub fn int(self) -> Result<i64, Fault> {
        match self {
            Field::Varint(value, _) => Ok(value as i64),
            other => Err(other.mismatch("an integer")),
        }
    }

    /// A 32-bit integer or the number of an enumeration.
    pub fn small(self) -> Result<i32, Fault> {
        Ok(self.int()? as i32)
    }

    pub fn float(self) -> Result<f32, Fault> {
        match self {
            Field::Fixed32(bytes, _) => Ok(f32::from_le_bytes(bytes)),
            other => Err(other.mismatch("a 32-bit number")),
        }
    }

    /// Appends one integer, or all of a packed list.
    pub fn ints(self, to: &mut Vec<i64>) -> Result<(), Fault> {
        match self {
            Field::Bytes(part) => {
                let mut packed = Fields::new(part);
                while packed.at < part.bytes.len() {
                    to.push(packed.varint()? as i64);
                }
            }
            other => to.push(other.int()?),
        }
        Ok(())
    }

    /// Appends one number, or all of a packed list.
    pub fn floats(self, to: &mut Vec<f32>) -> Result<(), Fault> {
        match self {
            Field::Bytes(part) => to.extend(chunks(part)?.map(f32::from_le_bytes)),
            other => to.push(other.float()?),
        }
        Ok(())
    }

    /// Appends one number, or all of a packed list.
    pub fn doubles(self, to: &mut Vec<f64>) -> Result<(), Fault> {
        match self {
            Field::Bytes(part) => to.extend(chunks(part)?.map(f64::from_le_bytes)),
            Field::Fixed64(bytes, _) => to.push(f64::from_le_bytes(bytes)),
            other => return Err(other.mismatch("a 64-bit number")),
        }
        Ok(())
    }

    fn mismatch(self, expected: &str) -> Fault {
        let (at, found) = match self {
            Field::Varint(_, at) => (at, "an integer"),
            Field::Fixed64(_, at) => (at, "a 64-bit number"),
            Field::Fixed32(_, at) => (at, "a 32-bit number"),
            Field::Bytes(part) => (part.offset, "bytes"),
        };
        Fault::new(place(at), expected, found)
    }
}

/// Names a position in the file.
pub(super) fn place(offset: usize) -> String {
    format!("byte {offset}")
}

pub(super) fn text(part: Part<'_>) -> Result<&str, Fault> {
    std::str::from_utf8(part.bytes).map_err(|_| {
        let found = excerpt(&String::from_utf8_lossy(&part.bytes[..part.bytes.len().min(60)]));
        Fault::new(place(part.offset), "UTF-8 text", found)
    })
}

fn chunks<'a, const N: usize>(part: Part<'a>) -> Result<impl Iterator<Item = [u8; N]> + 'a, Fault> {
    let (chunks, rest) = part.bytes.as_chunks::<N>();
    if !rest.is_empty() {
        let found = format!("{} bytes", part.bytes.len());
        return Err(Fault::new(place(part.offset), format!("numbers of {N} bytes each"), found));
    }
    Ok(chunks.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<(u64, Field<'_>)>, Fault> {
        let mut fields = Fields::new(Part { bytes, offset: 100 });
        let mut found = Vec::new();
        while let Some(field) = fields.next()? {
            found.push(field);
        }
        Ok(found)
    }

    #[test]
    fn fields_of_every_kind_are_read() {
        // The examples of the format's own guide: 150 in field 1, "testing" in field 2.
        let mut bytes = vec![0x08, 0x96, 0x01, 0x12, 0x07];
        bytes.extend(b"testing");
        bytes.extend([0x1d, 0, 0, 0x80, 0x3f]);
        bytes.extend([0x21, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
        let found = all(&bytes).unwrap();
        assert_eq!(found[0].1.int().unwrap(), 150);
        assert_eq!((found[1].0, found[1].1.text().unwrap()), (2, "testing"));
        assert_eq!(found[1].1.part().unwrap().offset, 105);
        assert_eq!(found[2].1.float().unwrap(), 1.0);
        let mut doubles = Vec::new();
        found[3].1.doubles(&mut doubles).unwrap();
        assert_eq!(doubles, [1.0]);
    }

    #[test]
    fn packed_lists_and_negative_numbers_are_read() {
        let minus_one = [0xff; 9].into_iter().chain([1]).collect::<Vec<u8>>();
        let packed = [&[0x0a, 13, 3, 0x8e, 0x02][..], &minus_one].concat();
        let mut ints = Vec::new();
        all(&packed).unwrap()[0].1.ints(&mut ints).unwrap();
        assert_eq!(ints, [3, 270, -1]);
    }

    #[test]
    fn broken_fields_are_refused_at_their_byte() {
        for (bytes, place, word) in [
            (&[0x08][..], "byte 101", "0 bytes"),
            (&[0x08, 0xff, 0xff], "byte 101", "2 bytes"),
            (&[0x0a, 5, 1, 2], "byte 101", "at most 2 bytes"),
            (&[0x0b], "byte 100", "wire type 3"),
            (&[0x00, 0x01], "byte 100", "field number"),
            (&[0x0d, 1, 2, 3], "byte 101", "3 bytes"),
            (
                &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
                "byte 101",
                "18446744073709551615",
            ),
        ] {
            let fault = all(bytes).unwrap_err();
            assert_eq!(fault.place, place, "{fault:?}");
            assert!(format!("{fault:?}").contains(word), "{fault:?}");
        }
        assert!(all(&[0x0a, 2, 0xff, 0xfe]).unwrap()[0].1.text().is_err());
        assert!(all(&[0x0a, 2, 0xff, 0xfe]).unwrap()[0].1.int().is_err());
    }
}
