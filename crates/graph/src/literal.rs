//! Constant arrays inside a program.

use std::fmt;
use std::sync::Arc;

use crate::{DType, Element, Float, Type};

/// A constant array. Two literals are equal when their types and bytes are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Literal {
    ty: Type,
    words: Arc<[u64]>,
}

impl Literal {
    /// An array from its elements in row-major order.
    ///
    /// # Panics
    /// If the number of elements is not the product of the shape.
    pub fn new<T: Element>(shape: impl IntoIterator<Item = usize>, elements: &[T]) -> Self {
        let ty = Type::new(T::DTYPE, shape);
        assert_eq!(ty.size(), elements.len(), "{ty} does not hold {} elements", elements.len());
        Self::from_bytes(&ty, bytemuck::cast_slice(elements))
    }

    pub(crate) fn from_bytes(ty: &Type, bytes: &[u8]) -> Self {
        let mut words = vec![0u64; ty.bytes().div_ceil(8)];
        bytemuck::cast_slice_mut::<u64, u8>(&mut words)[..ty.bytes()].copy_from_slice(bytes);
        Self { ty: ty.clone(), words: words.into() }
    }

    /// A scalar of the given type, rounded from a double.
    pub fn scalar(dtype: DType, value: f64) -> Self {
        match dtype {
            DType::F32 => Self::new([], &[f32::of(value)]),
            DType::F64 => Self::new([], &[value]),
            DType::I32 => Self::new([], &[value as i32]),
            DType::Bool => Self::new([], &[u8::from(value != 0.0)]),
        }
    }

    /// Element type and shape.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// The elements, as bytes in row-major order.
    pub fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.ty.bytes()]
    }

    /// The elements.
    ///
    /// # Panics
    /// If `T` is not the element type.
    pub fn elements<T: Element>(&self) -> &[T] {
        assert_eq!(T::DTYPE, self.ty.dtype);
        bytemuck::cast_slice(self.bytes())
    }

    /// The value of a one-element array as a double.
    pub fn as_scalar(&self) -> Option<f64> {
        if self.ty.size() != 1 {
            return None;
        }
        Some(match self.ty.dtype {
            DType::F32 => self.elements::<f32>()[0].wide(),
            DType::F64 => self.elements::<f64>()[0],
            DType::I32 => f64::from(self.elements::<i32>()[0]),
            DType::Bool => f64::from(self.elements::<u8>()[0]),
        })
    }
}

impl fmt::Debug for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_scalar() {
            Some(value) => write!(f, "{value}:{}", self.ty),
            None => write!(f, "literal:{}", self.ty),
        }
    }
}
