//! `.safetensors`: a length, a JSON header, then the data of all tensors.
//!
//! The format is that of <https://huggingface.co/docs/safetensors>. The reader
//! is our own so that errors name the tensor, arrays keep the header's order and
//! offsets whose sum overflows are refused; the reference implementation is the
//! oracle of the tests.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::arrays::NamedArrays;
use crate::error::{DataError, excerpt};
use crate::stored::{ELEMENTS, StoredArray, elements};

/// The reference implementation's bound on the header.
const LONGEST_HEADER: u64 = 100_000_000;

/// All tensors, in the order of the header.
pub(crate) fn parse<'a>(bytes: &'a [u8], file: &str) -> Result<Vec<StoredArray<'a>>, DataError> {
    let (header, data) = split(bytes, file)?;
    let text = std::str::from_utf8(header)
        .map_err(|e| DataError::malformed(file, "the header", "UTF-8 text", e.to_string()))?;
    let Entries(entries) = serde_json::from_str(text).map_err(|e| {
        DataError::malformed(file, "the header", "JSON that describes tensors", e.to_string())
    })?;
    check_cover(&entries, data.len(), file)?;
    entries.into_iter().map(|(name, entry)| tensor(name, entry, data, file)).collect()
}

/// Whether the bytes begin with a length that fits them and a brace.
pub(crate) fn looks_like(bytes: &[u8]) -> bool {
    let length = bytes.first_chunk().map(|b| u64::from_le_bytes(*b));
    bytes.get(8) == Some(&b'{') && length.is_some_and(|n| n <= LONGEST_HEADER)
}

/// The file with the given arrays; the same arrays give the same bytes.
///
/// The header keeps the arrays' order. The data is laid out by falling element
/// size, so that every array is aligned.
pub(crate) fn write(arrays: &NamedArrays) -> Vec<u8> {
    let data: Vec<_> = arrays.iter().map(|array| array.values.to_bytes()).collect();
    let mut layout: Vec<usize> = (0..data.len()).collect();
    layout.sort_by_key(|&i| std::cmp::Reverse(data[i].0.size()));
    let mut offsets = vec![(0, 0); data.len()];
    let mut end = 0;
    for &i in &layout {
        offsets[i] = (end, end + data[i].1.len());
        end = offsets[i].1;
    }
    let entries: Vec<String> = arrays
        .iter()
        .zip(data.iter().zip(&offsets))
        .map(|(array, ((dtype, _), (start, end)))| {
            let name = serde_json::Value::from(array.name.as_str());
            let (dtype, shape) = (dtype.names().safetensors, &array.shape);
            let shape = shape.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
            format!(r#"{name}:{{"dtype":"{dtype}","shape":[{shape}],"data_offsets":[{start},{end}]}}"#)
        })
        .collect();
    let mut header = format!("{{{}}}", entries.join(","));
    header.push_str(&" ".repeat(header.len().next_multiple_of(8) - header.len()));
    let mut bytes = Vec::with_capacity(8 + header.len() + end);
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend(header.as_bytes());
    layout.iter().for_each(|&i| bytes.extend(&*data[i].1));
    bytes
}

fn split<'a>(bytes: &'a [u8], file: &str) -> Result<(&'a [u8], &'a [u8]), DataError> {
    let truncated = |place: &str, expected: u64| DataError::Truncated {
        file: file.to_owned(),
        place: place.to_owned(),
        expected,
        found: bytes.len() as u64,
    };
    let (length, rest) = bytes.split_first_chunk().ok_or_else(|| truncated("the header's length", 8))?;
    let length = u64::from_le_bytes(*length);
    if length > LONGEST_HEADER {
        let expected = format!("a header of at most {LONGEST_HEADER} bytes");
        return Err(DataError::malformed(file, "the header's length", expected, length.to_string()));
    }
    rest.split_at_checked(length as usize).ok_or_else(|| truncated("the header", 8 + length))
}

/// Tensors must cover the data without gaps and overlaps, as the format demands.
fn check_cover(entries: &[(String, Entry)], data: usize, file: &str) -> Result<(), DataError> {
    let mut order: Vec<_> = entries.iter().collect();
    order.sort_by_key(|(_, entry)| entry.data_offsets);
    let mut at = 0;
    for (name, entry) in order {
        let [start, end] = entry.data_offsets;
        if start != at || end < start {
            let found = format!("{start} to {end}");
            let expected = format!("offsets that begin at {at}, where the tensor before it ends");
            return Err(DataError::malformed(file, format!("tensor {name:?}"), expected, found));
        }
        if end > data {
            return Err(DataError::Truncated {
                file: file.to_owned(),
                place: format!("tensor {name:?} of shape {:?}, the data after the header", entry.shape),
                expected: end as u64,
                found: data as u64,
            });
        }
        at = end;
    }
    if at != data {
        let found = format!("{} more bytes", data - at);
        return Err(DataError::malformed(file, "after the last tensor", "the end of the file", found));
    }
    Ok(())
}

fn tensor<'a>(name: String, entry: Entry, data: &'a [u8], file: &str) -> Result<StoredArray<'a>, DataError> {
    let wrong = |expected: &str, found: String| {
        DataError::malformed(file, format!("tensor {name:?}"), expected, found)
    };
    let row = ELEMENTS.iter().find(|row| row.safetensors == entry.dtype);
    let row = row.ok_or_else(|| {
        let known: Vec<_> = ELEMENTS.iter().map(|row| row.safetensors).collect();
        wrong(&format!("one of the types {}", known.join(", ")), excerpt(&entry.dtype))
    })?;
    let [start, end] = entry.data_offsets;
    let needed = elements(&entry.shape).and_then(|n| n.checked_mul(row.size));
    if needed != Some(end - start) {
        let expected = format!("the data of shape {:?} and type {}", entry.shape, row.plain);
        return Err(wrong(&expected, format!("{} bytes", end - start)));
    }
    Ok(StoredArray { dtype: row.kind, shape: entry.shape, bytes: data[start..end].into(), name })
}

#[derive(serde::Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

/// The header's entries in order; `__metadata__` is passed over.
struct Entries(Vec<(String, Entry)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from tensor names to dtype, shape and data_offsets")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        let mut names = HashSet::new();
        let mut entries = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == "__metadata__" {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if !names.insert(name.clone()) {
                return Err(serde::de::Error::custom(format!("two tensors named {}", excerpt(&name))));
            }
            let entry = map.next_value()?;
            entries.push((name, entry));
        }
        Ok(Entries(entries))
    }
}
