//! Named arrays in NumPy's `.npz` format, with bytes that depend on nothing but the arrays.
//!
//! An `.npz` file is a ZIP archive of `.npy` files, one an array. Here they are
//! stored uncompressed, in the given order, with the date 1980-01-01, so that
//! equal arrays give equal files. `numpy.load` reads them.
//!
//! Format: NumPy enhancement proposal 1, version 1.0 of `.npy`.

use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// A named array, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array<'a> {
    /// Name, unique in its file.
    pub name: &'a str,
    /// Shape; empty for a single number.
    pub shape: Vec<usize>,
    /// As many numbers as the shape asks for.
    pub data: Data<'a>,
}

/// The numbers of an [`Array`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Data<'a> {
    /// Double precision.
    F64(&'a [f64]),
    /// Single precision.
    F32(&'a [f32]),
    /// Signed integers.
    I64(&'a [i64]),
    /// Unsigned integers.
    U64(&'a [u64]),
}

/// Why arrays cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArrayError {
    /// The data are not as many as the shape asks for.
    #[error("array {name:?} of shape {shape:?}: expected {expected} numbers, found {found}")]
    Shape {
        /// Name of the array.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
        /// The product of the shape.
        expected: usize,
        /// The length of the data.
        found: usize,
    },
    /// Two arrays of the same name, or an array without one.
    #[error("array {0:?}: expected a name that is not empty and used once")]
    Name(String),
    /// The archive could not be built.
    #[error("array {name:?}: {reason}")]
    Zip {
        /// Name of the array.
        name: String,
        /// The reason.
        reason: String,
    },
}

impl<'a> Array<'a> {
    /// A row-major array.
    pub fn new(name: &'a str, shape: &[usize], data: impl Into<Data<'a>>) -> Self {
        Self { name, shape: shape.to_vec(), data: data.into() }
    }
}

/// The bytes of an `.npz` file with these arrays.
///
/// ```
/// use thalweg_report::arrays::{Array, npz};
/// let grid = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let bytes = npz(&[Array::new("loss", &[2, 3], &grid[..])])?;
/// assert_eq!(&bytes[..2], b"PK");
/// # Ok::<(), thalweg_report::arrays::ArrayError>(())
/// ```
pub fn npz(arrays: &[Array<'_>]) -> Result<Vec<u8>, ArrayError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (i, array) in arrays.iter().enumerate() {
        let name = array.name.to_owned();
        if name.is_empty() || arrays[..i].iter().any(|other| other.name == name) {
            return Err(ArrayError::Name(name));
        }
        let content = npy(array)?;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .large_file(content.len() > u32::MAX as usize / 2)
            .unix_permissions(0o644);
        zip.start_file(format!("{name}.npy"), options)
            .and_then(|()| Ok(zip.write_all(&content)?))
            .map_err(|error| ArrayError::Zip { name, reason: error.to_string() })?;
    }
    let finished = zip.finish().map(Cursor::into_inner);
    finished.map_err(|error| ArrayError::Zip { name: String::new(), reason: error.to_string() })
}

macro_rules! data {
    ($($variant:ident: $type:ty),+) => {
        $(impl<'a> From<&'a [$type]> for Data<'a> {
            fn from(values: &'a [$type]) -> Self {
                Data::$variant(values)
            }
        })+
    };
}

data!(F64: f64, F32: f32, I64: i64, U64: u64);

fn npy(array: &Array<'_>) -> Result<Vec<u8>, ArrayError> {
    fn bytes<T: Copy, const N: usize>(values: &[T], one: fn(T) -> [u8; N]) -> (usize, Vec<u8>) {
        (values.len(), values.iter().flat_map(|v| one(*v)).collect())
    }
    let (descriptor, (found, body)) = match array.data {
        Data::F64(values) => ("<f8", bytes(values, f64::to_le_bytes)),
        Data::F32(values) => ("<f4", bytes(values, f32::to_le_bytes)),
        Data::I64(values) => ("<i8", bytes(values, i64::to_le_bytes)),
        Data::U64(values) => ("<u8", bytes(values, u64::to_le_bytes)),
    };
    let expected = array.shape.iter().product();
    if found != expected {
        let (name, shape) = (array.name.to_owned(), array.shape.clone());
        return Err(ArrayError::Shape { name, shape, expected, found });
    }
    // A tuple in Python: "()", "(3,)", "(2, 3,)".
    let shape: String = array.shape.iter().map(|n| format!("{n}, ")).collect();
    let mut header =
        format!("{{'descr': '{descriptor}', 'fortran_order': False, 'shape': ({}), }}", shape.trim_end());
    // Magic, version, length and header fill a multiple of 64 bytes and end with a newline.
    let unpadded = 10 + header.len() + 1;
    header.push_str(&" ".repeat(unpadded.next_multiple_of(64) - unpadded));
    header.push('\n');
    let length = u16::try_from(header.len()).map_err(|_| ArrayError::Zip {
        name: array.name.to_owned(),
        reason: format!("{} axes are too many for one array", array.shape.len()),
    })?;
    Ok([b"\x93NUMPY\x01\x00", &length.to_le_bytes()[..], header.as_bytes(), &body].concat())
}
