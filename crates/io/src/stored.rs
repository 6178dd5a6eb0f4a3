//! Arrays as files hold them: a name, an element type, a shape and bytes.

use std::borrow::Cow;
use std::fmt;

use half::{bf16, f16};

/// The element types that are understood, whatever the file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ElementType {
    /// Truth value, one byte.
    Bool,
    /// Unsigned 8-bit integer.
    U8,
    /// Signed 8-bit integer.
    I8,
    /// Unsigned 16-bit integer.
    U16,
    /// Signed 16-bit integer.
    I16,
    /// Unsigned 32-bit integer.
    U32,
    /// Signed 32-bit integer.
    I32,
    /// Unsigned 64-bit integer.
    U64,
    /// Signed 64-bit integer.
    I64,
    /// IEEE 754 binary16.
    F16,
    /// The upper half of a binary32.
    BF16,
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
}

/// The names of one element type in each format.
pub(crate) struct ElementNames {
    pub kind: ElementType,
    pub plain: &'static str,
    pub size: usize,
    pub safetensors: &'static str,
    /// NumPy's kind and size, without the byte order.
    pub numpy: Option<&'static str>,
    pub idx: Option<u8>,
}

/// One row a type; everything that names element types reads this table.
pub(crate) const ELEMENTS: [ElementNames; 13] = {
    const fn row(
        kind: ElementType,
        plain: &'static str,
        size: usize,
        safetensors: &'static str,
        numpy: Option<&'static str>,
        idx: Option<u8>,
    ) -> ElementNames {
        ElementNames { kind, plain, size, safetensors, numpy, idx }
    }
    [
        row(ElementType::Bool, "bool", 1, "BOOL", Some("b1"), None),
        row(ElementType::U8, "u8", 1, "U8", Some("u1"), Some(0x08)),
        row(ElementType::I8, "i8", 1, "I8", Some("i1"), Some(0x09)),
        row(ElementType::U16, "u16", 2, "U16", Some("u2"), None),
        row(ElementType::I16, "i16", 2, "I16", Some("i2"), Some(0x0b)),
        row(ElementType::U32, "u32", 4, "U32", Some("u4"), None),
        row(ElementType::I32, "i32", 4, "I32", Some("i4"), Some(0x0c)),
        row(ElementType::U64, "u64", 8, "U64", Some("u8"), None),
        row(ElementType::I64, "i64", 8, "I64", Some("i8"), None),
        row(ElementType::F16, "f16", 2, "F16", Some("f2"), None),
        row(ElementType::BF16, "bf16", 2, "BF16", None, None),
        row(ElementType::F32, "f32", 4, "F32", Some("f4"), Some(0x0d)),
        row(ElementType::F64, "f64", 8, "F64", Some("f8"), Some(0x0e)),
    ]
};

impl ElementType {
    pub(crate) fn names(self) -> &'static ElementNames {
        &ELEMENTS[self as usize]
    }

    /// Size of one element in bytes.
    pub fn size(self) -> usize {
        self.names().size
    }

    /// Whether the type is a truth value or an integer.
    pub fn is_integer(self) -> bool {
        !matches!(self, ElementType::F16 | ElementType::BF16 | ElementType::F32 | ElementType::F64)
    }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.names().plain)
    }
}

/// An array whose bytes are little-endian and in row-major order.
#[derive(Clone, Debug)]
pub(crate) struct StoredArray<'a> {
    pub name: String,
    pub dtype: ElementType,
    pub shape: Vec<usize>,
    /// Exactly `elements(shape) × dtype.size()` bytes: whoever builds one sees to it.
    pub bytes: Cow<'a, [u8]>,
}

impl StoredArray<'_> {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.dtype.size()
    }

    /// Number of elements in one step along the first axis; 1 for a vector.
    pub fn row_len(&self) -> usize {
        elements(self.shape.get(1..).unwrap_or_default()).unwrap_or(0)
    }

    /// The elements as doubles, exact up to 2⁵³.
    pub fn doubles(&self) -> impl Iterator<Item = f64> + '_ {
        let dtype = self.dtype;
        self.bytes.chunks_exact(dtype.size()).map(move |bytes| double(dtype, bytes))
    }

    /// The elements bit for bit; the type is single precision.
    pub fn singles(&self) -> impl Iterator<Item = f32> + '_ {
        self.bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(fixed(bytes)))
    }

    /// The elements as integers; an integer type is expected, and `None` stands for what i64 cannot hold.
    pub fn integers(&self) -> impl Iterator<Item = Option<i64>> + '_ {
        let dtype = self.dtype;
        self.bytes.chunks_exact(dtype.size()).map(move |bytes| integer(dtype, bytes))
    }

    /// Only the first `n` rows.
    pub fn take_rows(&mut self, n: usize) {
        let bytes = n * self.row_len() * self.dtype.size();
        match &mut self.bytes {
            Cow::Borrowed(all) => *all = &all[..bytes],
            Cow::Owned(all) => all.truncate(bytes),
        }
        self.shape[0] = n;
    }

    /// Element `index` in words: `x[12, 0, 3]`, counted from 0.
    pub fn place(&self, index: usize) -> String {
        let mut rest = index;
        let mut parts: Vec<String> = Vec::new();
        for &extent in self.shape.iter().rev() {
            parts.push((rest % extent.max(1)).to_string());
            rest /= extent.max(1);
        }
        parts.reverse();
        format!("{}[{}]", self.name, parts.join(", "))
    }
}

/// The number of elements of a shape; `None` if it overflows.
pub(crate) fn elements(shape: &[usize]) -> Option<usize> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1usize, |n, &extent| n.checked_mul(extent))
}

/// Reverses the bytes of every element: big-endian to little-endian and back.
pub(crate) fn swap_bytes(bytes: &mut [u8], size: usize) {
    if size > 1 {
        bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    }
}

fn double(dtype: ElementType, b: &[u8]) -> f64 {
    match dtype {
        ElementType::Bool => f64::from(u8::from(b[0] != 0)),
        ElementType::U8 => f64::from(b[0]),
        ElementType::I8 => f64::from(b[0] as i8),
        ElementType::U16 => f64::from(u16::from_le_bytes(fixed(b))),
        ElementType::I16 => f64::from(i16::from_le_bytes(fixed(b))),
        ElementType::U32 => f64::from(u32::from_le_bytes(fixed(b))),
        ElementType::I32 => f64::from(i32::from_le_bytes(fixed(b))),
        ElementType::U64 => u64::from_le_bytes(fixed(b)) as f64,
        ElementType::I64 => i64::from_le_bytes(fixed(b)) as f64,
        ElementType::F16 => f16::from_le_bytes(fixed(b)).to_f64(),
        ElementType::BF16 => bf16::from_le_bytes(fixed(b)).to_f64(),
        ElementType::F32 => f64::from(f32::from_le_bytes(fixed(b))),
        ElementType::F64 => f64::from_le_bytes(fixed(b)),
    }
}

fn integer(dtype: ElementType, b: &[u8]) -> Option<i64> {
    match dtype {
        ElementType::U64 => i64::try_from(u64::from_le_bytes(fixed(b))).ok(),
        ElementType::I64 => Some(i64::from_le_bytes(fixed(b))),
        _ => Some(double(dtype, b) as i64),
    }
}

/// `chunks_exact` hands out slices of exactly the element's size.
fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    std::array::from_fn(|i| bytes[i])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_types() {
        for (i, row) in ELEMENTS.iter().enumerate() {
            assert_eq!(row.kind as usize, i, "{}", row.plain);
            assert_eq!(row.plain, row.safetensors.to_lowercase());
        }
    }

    #[test]
    fn elements_sees_overflow_and_zero() {
        assert_eq!(elements(&[]), Some(1));
        assert_eq!(elements(&[3, 4]), Some(12));
        assert_eq!(elements(&[usize::MAX, 2]), None);
        assert_eq!(elements(&[usize::MAX, 2, 0]), Some(0));
    }

    #[test]
    fn places_are_indices_from_zero() {
        let array = StoredArray {
            name: "x".into(),
            dtype: ElementType::U8,
            shape: vec![2, 3, 4],
            bytes: vec![0; 24].into(),
        };
        assert_eq!(array.place(0), "x[0, 0, 0]");
        assert_eq!(array.place(23), "x[1, 2, 3]");
        assert_eq!(array.row_len(), 12);
    }

    #[test]
    fn halves_widen_exactly() {
        for (dtype, bits, value) in [
            (ElementType::F16, 0x3c00u16, 1.0),
            (ElementType::F16, 0x0001, 2f64.powi(-24)),
            (ElementType::F16, 0xfbff, -65504.0),
            (ElementType::BF16, 0x3f80, 1.0),
            (ElementType::BF16, 0xc2f7, -123.5),
        ] {
            assert_eq!(double(dtype, &bits.to_le_bytes()), value);
        }
    }
}
