//! Between named arrays and one flat vector of parameters.

use std::fmt;

use thalweg_lab::{Block, Layout, Scalar};

use crate::arrays::{NamedArray, NamedArrays, Values};

/// The flat vector that holds the arrays as the layout orders them.
///
/// Every block of the layout needs an array of its name and shape, and no array
/// may be left over. Values are converted to `T`: f64 is rounded to f32 where that
/// is what is asked for, and a value that is not finite afterwards is refused.
///
/// # Errors
/// [`LayoutMismatch`] lists every array that is missing, left over, of another
/// shape or not finite, and what may have happened (a transposed matrix, a prefix
/// before every name, other names for the same shapes).
///
/// ```
/// use thalweg_io::{NamedArrays, match_layout};
/// use thalweg_lab::Layout;
///
/// let layout = Layout::new([("fc0.weight", vec![2, 3]), ("fc0.bias", vec![2])]);
/// let mut arrays = NamedArrays::new("model.npz");
/// arrays.push("fc0.bias", [2], vec![7.0f64, 8.0])?;
/// arrays.push("fc0.weight", [3, 2], vec![0.0f64; 6])?;
/// let error = match_layout::<f32>(&arrays, &layout).unwrap_err().to_string();
/// assert!(error.contains("fc0.weight: expected [2, 3], found [3, 2]; it looks transposed"));
/// # Ok::<(), thalweg_io::DataError>(())
/// ```
pub fn match_layout<T: Scalar>(arrays: &NamedArrays, layout: &Layout) -> Result<Vec<T>, LayoutMismatch> {
    let mut flat = vec![T::of(0.0); layout.dimension()];
    let mut problems = Vec::new();
    for block in layout.blocks() {
        match arrays.get(&block.name) {
            None => problems.push(missing(block)),
            Some(array) if array.shape != block.shape => problems.push(misshaped(block, array)),
            Some(array) => {
                let target = &mut flat[block.range.clone()];
                target.iter_mut().enumerate().for_each(|(i, v)| *v = T::of(array.values.double(i)));
                problems.extend(not_finite(target, array));
            }
        }
    }
    let known = |array: &&NamedArray| layout.blocks().iter().any(|b| b.name == array.name);
    problems.extend(
        arrays
            .iter()
            .filter(|a| !known(a))
            .map(|array| Problem::LeftOver { name: array.name.clone(), shape: array.shape.clone() }),
    );
    if problems.is_empty() {
        return Ok(flat);
    }
    Err(LayoutMismatch { file: arrays.source().to_owned(), hint: hint(arrays, layout), problems })
}

/// The arrays of a flat vector, one for each block, of the vector's own precision.
///
/// # Panics
/// If the vector's length is not the layout's dimension.
pub fn from_flat<T: Scalar>(layout: &Layout, flat: &[T], source: impl Into<String>) -> NamedArrays {
    assert_eq!(flat.len(), layout.dimension(), "a vector of the layout's dimension");
    let mut arrays = NamedArrays::new(source);
    for block in layout.blocks() {
        let part = flat[block.range.clone()].iter().map(|v| v.wide());
        let values = match size_of::<T>() {
            4 => Values::F32(part.map(|v| v as f32).collect()),
            _ => Values::F64(part.collect()),
        };
        arrays
            .push(block.name.clone(), block.shape.clone(), values)
            .expect("blocks of a layout are distinct");
    }
    arrays
}

/// Why named arrays do not fit a layout.
#[derive(Clone, Debug, PartialEq)]
pub struct LayoutMismatch {
    /// Where the arrays came from.
    pub file: String,
    /// Everything that is wrong, the layout's blocks first.
    pub problems: Vec<Problem>,
    /// What may have happened.
    pub hint: Option<String>,
}

/// One array that does not fit.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// The layout has a block that no array is named after.
    Missing {
        /// Name of the block.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// An array that the layout does not know.
    LeftOver {
        /// Name of the array.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// The shapes differ.
    Shape {
        /// Name of both.
        name: String,
        /// The block's shape.
        expected: Vec<usize>,
        /// The array's shape.
        found: Vec<usize>,
    },
    /// A value is not finite, or not in the precision asked for.
    NonFinite {
        /// Name of the array.
        name: String,
        /// Row-major index of the first such value.
        index: usize,
        /// The value in the file.
        found: f64,
        /// How many there are.
        count: usize,
    },
}

impl std::error::Error for LayoutMismatch {}

impl fmt::Display for LayoutMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 12;
        write!(f, "{} does not fit the model:", self.file)?;
        self.problems.iter().take(SHOWN).try_for_each(|problem| write!(f, "\n  {problem}"))?;
        if self.problems.len() > SHOWN {
            write!(f, "\n  and {} more", self.problems.len() - SHOWN)?;
        }
        self.hint.iter().try_for_each(|hint| write!(f, "\n  {hint}"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Missing { name, shape } => write!(f, "{name}: expected {shape:?}, found no such array"),
            Problem::LeftOver { name, shape } => {
                write!(f, "{name}: found {shape:?}, expected no array of that name")
            }
            Problem::Shape { name, expected, found } => {
                write!(f, "{name}: expected {expected:?}, found {found:?}")?;
                if is_transposed(expected, found) { f.write_str("; it looks transposed") } else { Ok(()) }
            }
            Problem::NonFinite { name, index, found, count } => write!(
                f,
                "{name}: expected finite numbers of the precision in use, found {count} that are not, \
                 the first {found} at element {index}"
            ),
        }
    }
}

fn missing(block: &Block) -> Problem {
    Problem::Missing { name: block.name.clone(), shape: block.shape.clone() }
}

fn misshaped(block: &Block, array: &NamedArray) -> Problem {
    Problem::Shape { name: block.name.clone(), expected: block.shape.clone(), found: array.shape.clone() }
}

fn not_finite<T: Scalar>(converted: &[T], array: &NamedArray) -> Option<Problem> {
    let index = converted.iter().position(|v| !v.is_finite())?;
    Some(Problem::NonFinite {
        name: array.name.clone(),
        index,
        found: array.values.double(index),
        count: converted.iter().filter(|v| !v.is_finite()).count(),
    })
}

fn is_transposed(expected: &[usize], found: &[usize]) -> bool {
    expected.len() > 1 && expected.iter().eq(found.iter().rev())
}

/// Only names differ: either all by one prefix, or altogether.
fn hint(arrays: &NamedArrays, layout: &Layout) -> Option<String> {
    let blocks = layout.blocks();
    let first = blocks.first()?;
    let prefix = arrays.iter().find_map(|a| a.name.strip_suffix(&first.name)).filter(|p| !p.is_empty());
    if let Some(prefix) = prefix
        && blocks.iter().all(|b| arrays.get(&format!("{prefix}{}", b.name)).is_some())
    {
        return Some(format!("all names are there with {prefix:?} before them; save them without it"));
    }
    let same_shapes =
        blocks.len() == arrays.len() && blocks.iter().zip(arrays).all(|(b, a)| b.shape == a.shape);
    let other_names = blocks.iter().zip(arrays).any(|(b, a)| b.name != a.name);
    (same_shapes && other_names && blocks.iter().all(|b| arrays.get(&b.name).is_none())).then(|| {
        let names: Vec<&str> = blocks.iter().map(|b| b.name.as_str()).collect();
        format!("the shapes agree in order; save the arrays under the names {}", names.join(", "))
    })
}
