//! Named arrays: what weights and results are kept in.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::error::DataError;
use crate::format::{DECODED_LIMIT, Format, npz, recognize, safetensors};
use crate::hash::hex;
use crate::stored::{ElementType, StoredArray, elements};

/// The elements of an array, in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Single precision.
    F32(Vec<f32>),
    /// Double precision.
    F64(Vec<f64>),
    /// Whole numbers.
    I64(Vec<i64>),
}

/// One array with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedArray {
    /// The name, unique among its [`NamedArrays`].
    pub name: String,
    /// The extents; the product is the number of values.
    pub shape: Vec<usize>,
    /// The elements.
    pub values: Values,
}

/// Arrays in order, each with a name of its own.
///
/// ```
/// use thalweg_io::{NamedArrays, WeightFormat};
///
/// let mut arrays = NamedArrays::new("example");
/// arrays.push("fc0.weight", vec![2, 3], vec![0.0f32; 6])?;
/// arrays.push("fc0.bias", vec![2], vec![0.5f32, -0.5])?;
/// let bytes = arrays.to_bytes(WeightFormat::Safetensors)?;
/// let again = NamedArrays::from_bytes(&bytes, "example.safetensors")?;
/// assert_eq!(again.get("fc0.bias"), arrays.get("fc0.bias"));
/// # Ok::<(), thalweg_io::DataError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct NamedArrays {
    source: String,
    arrays: Vec<NamedArray>,
}

/// The file formats that named arrays are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightFormat {
    /// Hugging Face's `.safetensors`.
    Safetensors,
    /// NumPy's `.npz`, uncompressed.
    Npz,
}

impl NamedArrays {
    /// No arrays yet; `source` is what error messages call them.
    pub fn new(source: impl Into<String>) -> Self {
        Self { source: source.into(), arrays: Vec::new() }
    }

    /// Adds an array. Refused are a name that exists and a number of values that is not the shape's.
    pub fn push(
        &mut self,
        name: impl Into<String>,
        shape: impl Into<Vec<usize>>,
        values: impl Into<Values>,
    ) -> Result<(), DataError> {
        let array = NamedArray { name: name.into(), shape: shape.into(), values: values.into() };
        let place = format!("array {:?}", array.name);
        if self.get(&array.name).is_some() {
            return Err(DataError::mismatch(
                &self.source,
                place,
                "a name that is not taken",
                "the same name",
            ));
        }
        if elements(&array.shape) != Some(array.values.len()) {
            let expected = format!("values for the shape {:?}", array.shape);
            let found = format!("{} values", array.values.len());
            return Err(DataError::mismatch(&self.source, place, expected, found));
        }
        self.arrays.push(array);
        Ok(())
    }

    /// Reads `.safetensors` or `.npz`, whichever the content is; `file` is its name in errors.
    ///
    /// Half precision (f16, bf16) widens to f32 and integers to i64, exactly.
    pub fn from_bytes(bytes: &[u8], file: &str) -> Result<Self, DataError> {
        let stored = match recognize(bytes, file)? {
            Format::Safetensors => safetensors::parse(bytes, file)?,
            Format::Npz => npz::parse(bytes, file, DECODED_LIMIT.max(bytes.len() as u64))?,
            other => {
                let found = format!("{other} content");
                let expected = "named arrays (.safetensors or .npz)";
                return Err(DataError::malformed(file, "the file as a whole", expected, found));
            }
        };
        let arrays = stored.into_iter().map(|array| named(array, file)).collect::<Result<_, _>>()?;
        Ok(Self { source: file.to_owned(), arrays })
    }

    /// The file's bytes. They depend on nothing but the arrays and their order.
    pub fn to_bytes(&self, format: WeightFormat) -> Result<Vec<u8>, DataError> {
        match format {
            WeightFormat::Safetensors => Ok(safetensors::write(self)),
            WeightFormat::Npz => npz::write(self),
        }
    }

    /// The array of that name.
    pub fn get(&self, name: &str) -> Option<&NamedArray> {
        self.arrays.iter().find(|array| array.name == name)
    }

    /// All arrays in order.
    pub fn iter(&self) -> std::slice::Iter<'_, NamedArray> {
        self.arrays.iter()
    }

    /// How many arrays there are.
    pub fn len(&self) -> usize {
        self.arrays.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.arrays.is_empty()
    }

    /// The file they came from, or the name they were given.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// SHA-256 in hexadecimal of names, shapes, types and values, whatever the file format.
    ///
    /// Hashed are, for each array in order: the name's length and bytes, the
    /// type's name, the number of axes, the extents (all lengths as 64-bit
    /// little-endian integers) and the values, little-endian.
    pub fn content_hash(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"thalweg arrays 1\n");
        for array in &self.arrays {
            let (dtype, data) = array.values.to_bytes();
            hash.update((array.name.len() as u64).to_le_bytes());
            hash.update(&array.name);
            hash.update(dtype.names().plain);
            hash.update((array.shape.len() as u64).to_le_bytes());
            array.shape.iter().for_each(|&n| hash.update((n as u64).to_le_bytes()));
            hash.update(&data);
        }
        hex(&hash.finalize())
    }
}

impl<'a> IntoIterator for &'a NamedArrays {
    type Item = &'a NamedArray;
    type IntoIter = std::slice::Iter<'a, NamedArray>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl WeightFormat {
    /// The format that a file name's ending asks for.
    pub fn of_name(file: &str) -> Result<Self, DataError> {
        let lower = file.to_lowercase();
        if lower.ends_with(".safetensors") {
            Ok(Self::Safetensors)
        } else if lower.ends_with(".npz") {
            Ok(Self::Npz)
        } else {
            Err(DataError::option(file, "the file's ending", ".safetensors or .npz", "another"))
        }
    }
}

impl Values {
    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            Values::F32(v) => v.len(),
            Values::F64(v) => v.len(),
            Values::I64(v) => v.len(),
        }
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Element `index` as a double; integers beyond 2⁵³ are rounded.
    pub fn double(&self, index: usize) -> f64 {
        match self {
            Values::F32(v) => f64::from(v[index]),
            Values::F64(v) => v[index],
            Values::I64(v) => v[index] as f64,
        }
    }

    /// The type of the elements.
    pub(crate) fn element_type(&self) -> ElementType {
        match self {
            Values::F32(_) => ElementType::F32,
            Values::F64(_) => ElementType::F64,
            Values::I64(_) => ElementType::I64,
        }
    }

    /// How many bytes they have.
    pub(crate) fn byte_len(&self) -> usize {
        self.len() * self.element_type().size()
    }

    /// The little-endian bytes, a piece at a time.
    pub(crate) fn pieces<E>(&self, mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        const PIECE: usize = 1 << 16;
        let mut bytes = Vec::with_capacity(8 * PIECE.min(self.len()));
        for from in (0..self.len()).step_by(PIECE) {
            let range = from..self.len().min(from + PIECE);
            bytes.clear();
            match self {
                Values::F32(v) => v[range].iter().for_each(|x| bytes.extend(x.to_le_bytes())),
                Values::F64(v) => v[range].iter().for_each(|x| bytes.extend(x.to_le_bytes())),
                Values::I64(v) => v[range].iter().for_each(|x| bytes.extend(x.to_le_bytes())),
            }
            take(&bytes)?;
        }
        Ok(())
    }

    /// The type and the little-endian bytes.
    pub(crate) fn to_bytes(&self) -> (ElementType, Cow<'static, [u8]>) {
        match self {
            Values::F32(v) => (ElementType::F32, v.iter().flat_map(|x| x.to_le_bytes()).collect()),
            Values::F64(v) => (ElementType::F64, v.iter().flat_map(|x| x.to_le_bytes()).collect()),
            Values::I64(v) => (ElementType::I64, v.iter().flat_map(|x| x.to_le_bytes()).collect()),
        }
    }
}

impl From<Vec<f32>> for Values {
    fn from(values: Vec<f32>) -> Self {
        Values::F32(values)
    }
}

impl From<Vec<f64>> for Values {
    fn from(values: Vec<f64>) -> Self {
        Values::F64(values)
    }
}

impl From<Vec<i64>> for Values {
    fn from(values: Vec<i64>) -> Self {
        Values::I64(values)
    }
}

fn named(array: StoredArray<'_>, file: &str) -> Result<NamedArray, DataError> {
    let values = match array.dtype {
        ElementType::F64 => Values::F64(array.doubles().collect()),
        // Not by way of doubles, which would alter the bits of some NaN.
        ElementType::F32 => Values::F32(array.singles().collect()),
        dtype if !dtype.is_integer() => Values::F32(array.doubles().map(|v| v as f32).collect()),
        _ => {
            let whole: Option<Vec<i64>> = array.integers().collect();
            Values::I64(whole.ok_or_else(|| {
                let place = format!("array {:?}", array.name);
                DataError::malformed(file, place, "integers below 2^63", "a larger one")
            })?)
        }
    };
    Ok(NamedArray { name: array.name, shape: array.shape, values })
}
