//! Tensors of a file become arrays.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::array::{Array, Data};
use super::error::Fault;
use super::external::ExternalData;
use super::limits;
use super::message::Tensor;
use crate::error::excerpt;
use crate::stored::{ElementType, StoredArray};

/// All tensors of a file share one budget of external bytes: so many times may each byte be asked for.
const OVERLAP: u64 = 4;

/// Reads tensors, wherever their elements are.
pub(super) struct Loader<'e> {
    external: &'e dyn ExternalData,
    /// For each location its size, and the bytes that were taken from it.
    taken: HashMap<String, (u64, u64)>,
}

impl<'e> Loader<'e> {
    pub fn new(external: &'e dyn ExternalData) -> Self {
        Self { external, taken: HashMap::new() }
    }

    /// The array that a tensor stands for; `place` names it in errors.
    pub fn array(&mut self, tensor: &Tensor, place: &str) -> Result<Array, Fault> {
        let fault = |expected: &str, found: String| Fault::new(place, expected, found);
        let Some(element) = element_type(tensor.element) else {
            let expected = "floats of 16 to 64 bits, integers of 8 to 64 bits, or booleans";
            return Err(fault(expected, element_name(tensor.element)));
        };
        if tensor.strange {
            return Err(fault("a whole tensor of numbers", "strings or a segment".to_owned()));
        }
        let shape = shape(&tensor.dims).map_err(|found| fault("a shape", found))?;
        let count = limits::elements(&shape).map_err(|found| fault("a shape", found))?;
        if tensor.external {
            let bytes = self.outside(tensor, count * element.size(), place)?;
            return raw(element, shape, bytes.into(), place);
        }
        if let Some(part) = tensor.raw {
            let expected = count * element.size();
            if part.bytes.len() != expected {
                let found = format!("{} bytes", part.bytes.len());
                return Err(fault(&format!("{expected} bytes for shape {shape:?}"), found));
            }
            return raw(element, shape, part.bytes.into(), place);
        }
        list(tensor, element, shape, count, place)
    }

    fn outside(&mut self, tensor: &Tensor, expected: usize, place: &str) -> Result<Vec<u8>, Fault> {
        let place = format!("{place}, in the file {}", excerpt(tensor.location));
        let number = |text: &str, default: u64| match text {
            "" => Ok(default),
            text => text.parse::<u64>().map_err(|_| Fault::new(&place, "a number of bytes", excerpt(text))),
        };
        let offset = number(tensor.offset, 0)?;
        let length = number(tensor.length, expected as u64)?;
        if length != expected as u64 {
            return Err(Fault::new(&place, format!("{expected} bytes"), format!("a length of {length}")));
        }
        let unread = |found| Fault::new(&place, "a file beside the model", found);
        let (size, taken) = match self.taken.get(tensor.location) {
            Some(&known) => known,
            None => (self.external.size(tensor.location).map_err(unread)?, 0),
        };
        if offset.checked_add(length).is_none_or(|end| end > size) {
            let expected = format!("{length} bytes from byte {offset} on");
            return Err(Fault::new(&place, expected, format!("a file of {size} bytes")));
        }
        let taken = taken + length;
        if taken > OVERLAP.saturating_mul(size) {
            return Err(Fault::new(&place, "tensors that do not overlap", "the same bytes many times over"));
        }
        self.taken.insert(tensor.location.to_owned(), (size, taken));
        let bytes = self.external.read(tensor.location, offset, expected).map_err(unread)?;
        match bytes.len() == expected {
            true => Ok(bytes),
            false => Err(Fault::new(&place, format!("{expected} bytes"), format!("{}", bytes.len()))),
        }
    }
}

/// The element type of this number, if it is understood.
pub(super) fn element_type(number: i32) -> Option<ElementType> {
    Some(match number {
        1 => ElementType::F32,
        2 => ElementType::U8,
        3 => ElementType::I8,
        4 => ElementType::U16,
        5 => ElementType::I16,
        6 => ElementType::I32,
        7 => ElementType::I64,
        9 => ElementType::Bool,
        10 => ElementType::F16,
        11 => ElementType::F64,
        12 => ElementType::U32,
        13 => ElementType::U64,
        16 => ElementType::BF16,
        _ => return None,
    })
}

/// The element type of this number in words.
pub(super) fn element_name(number: i32) -> String {
    match (element_type(number), number) {
        (Some(element), _) => element.to_string(),
        (None, 0) => "no element type".to_owned(),
        (None, 8) => "strings".to_owned(),
        (None, 14 | 15) => "complex numbers".to_owned(),
        (None, 17..=20 | 24) => "8-bit floats".to_owned(),
        (None, 21 | 22) => "4-bit integers".to_owned(),
        (None, 23) => "4-bit floats".to_owned(),
        (None, 25 | 26) => "2-bit integers".to_owned(),
        (None, 27 | 28) => "6-bit floats".to_owned(),
        (None, other) => format!("element type {other}"),
    }
}

fn shape(dims: &[i64]) -> Result<Vec<usize>, String> {
    dims.iter().map(|&d| usize::try_from(d).map_err(|_| format!("an extent of {d}"))).collect()
}

/// The array of little-endian bytes, as many as its shape asks for.
fn raw(element: ElementType, shape: Vec<usize>, bytes: Cow<[u8]>, place: &str) -> Result<Array, Fault> {
    let stored = StoredArray { name: String::new(), dtype: element, shape: Vec::new(), bytes };
    let data = match element {
        ElementType::F32 => Data::Single(stored.singles().collect()),
        ElementType::F16 | ElementType::BF16 => Data::Single(stored.doubles().map(|x| x as f32).collect()),
        ElementType::F64 => Data::Float(stored.doubles().collect()),
        ElementType::Bool => Data::Bool(stored.bytes.iter().map(|&b| b != 0).collect()),
        _ => {
            let all: Option<Arc<[i64]>> = stored.integers().collect();
            Data::Int(all.ok_or_else(|| Fault::new(place, "integers below 2^63", "a larger one"))?)
        }
    };
    Ok(Array { shape, data })
}

/// The array of elements in one of the typed lists.
fn list(
    tensor: &Tensor,
    element: ElementType,
    shape: Vec<usize>,
    count: usize,
    place: &str,
) -> Result<Array, Fault> {
    let found = match element {
        ElementType::F32 => tensor.floats.len(),
        ElementType::F64 => tensor.doubles.len(),
        _ => tensor.ints.len(),
    };
    if found != count {
        let expected = format!("{count} elements for shape {shape:?}");
        return Err(Fault::new(place, expected, format!("{found} elements")));
    }
    let ints = &tensor.ints;
    let halves = |widen: fn(u16) -> f32| ints.iter().map(|&bits| widen(bits as u16)).collect();
    let data = match element {
        ElementType::F32 => Data::Single(tensor.floats.as_slice().into()),
        ElementType::F64 => Data::Float(tensor.doubles.as_slice().into()),
        ElementType::F16 => Data::Single(halves(|bits| half::f16::from_bits(bits).to_f32())),
        ElementType::BF16 => Data::Single(halves(|bits| half::bf16::from_bits(bits).to_f32())),
        ElementType::Bool => Data::Bool(ints.iter().map(|&x| x != 0).collect()),
        ElementType::U64 if ints.iter().any(|&x| x < 0) => {
            return Err(Fault::new(place, "integers below 2^63", "a larger one"));
        }
        _ => Data::Int(ints.as_slice().into()),
    };
    Ok(Array { shape, data })
}
