//! Types of values: element type and static shape.

use std::fmt;

use smallvec::SmallVec;

use crate::DType;

/// Sizes of the axes, outermost first.
pub type Shape = SmallVec<[usize; 4]>;

/// Axis numbers.
pub type Axes = SmallVec<[usize; 4]>;

/// The type of a value: its element type and its static, row-major shape.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Type {
    /// Element type.
    pub dtype: DType,
    /// Sizes of the axes, outermost first; empty for a scalar.
    pub shape: Shape,
}

impl Type {
    /// A type from its parts.
    pub fn new(dtype: DType, shape: impl IntoIterator<Item = usize>) -> Self {
        Self { dtype, shape: shape.into_iter().collect() }
    }

    /// The type of a scalar.
    pub fn scalar(dtype: DType) -> Self {
        Self::new(dtype, [])
    }

    /// Number of axes.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// Number of elements.
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }

    /// Number of bytes of a contiguous array of this type.
    pub fn bytes(&self) -> usize {
        self.size() * self.dtype.size()
    }

    /// The same element type with another shape.
    pub fn with_shape(&self, shape: impl IntoIterator<Item = usize>) -> Self {
        Self::new(self.dtype, shape)
    }

    /// The same shape with another element type.
    pub fn with_dtype(&self, dtype: DType) -> Self {
        Self { dtype, shape: self.shape.clone() }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[", self.dtype)?;
        for (axis, size) in self.shape.iter().enumerate() {
            write!(f, "{}{size}", if axis == 0 { "" } else { ", " })?;
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a primitive cannot be applied to arguments of the given types.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{primitive}({}): {reason}", list(.arguments))]
pub struct TypeError {
    /// Name of the primitive.
    pub primitive: &'static str,
    /// Types of the arguments that were given.
    pub arguments: Vec<Type>,
    /// What was expected, and what was found.
    pub reason: String,
}

fn list(types: &[Type]) -> String {
    types.iter().map(Type::to_string).collect::<Vec<_>>().join(", ")
}
