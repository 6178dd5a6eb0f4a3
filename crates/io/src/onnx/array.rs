//! Arrays whose elements are known while the program is written.

mod arithmetic;
mod layout;

use std::borrow::Cow;
use std::sync::Arc;

use thalweg_graph::{DType, Literal};

use super::limits;

pub(super) use arithmetic::{binary, choose, compare, convert, fold, unary};

/// What may go wrong, in words; the caller knows the node.
pub(super) type Outcome<T> = Result<T, String>;

/// What elements are, whatever their precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Float,
    Int,
    Bool,
}

/// Elements in row-major order.
#[derive(Clone, Debug)]
pub(super) enum Data {
    /// Floats as a file holds them in 32 bits or fewer.
    Single(Arc<[f32]>),
    Float(Arc<[f64]>),
    Int(Arc<[i64]>),
    Bool(Arc<[bool]>),
}

/// An array with its elements, cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub shape: Vec<usize>,
    pub data: Data,
}

impl Kind {
    /// The element type that stands for it in a program of this precision.
    pub fn dtype(self, float: DType) -> DType {
        match self {
            Kind::Float => float,
            Kind::Int => DType::I32,
            Kind::Bool => DType::Bool,
        }
    }

    pub fn of(dtype: DType) -> Self {
        match dtype {
            DType::F32 | DType::F64 => Kind::Float,
            DType::I32 => Kind::Int,
            DType::Bool => Kind::Bool,
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Kind::Float => "floats",
            Kind::Int => "integers",
            Kind::Bool => "booleans",
        }
    }
}

impl Array {
    pub fn floats(shape: impl Into<Vec<usize>>, elements: impl Into<Arc<[f64]>>) -> Self {
        Self { shape: shape.into(), data: Data::Float(elements.into()) }
    }

    pub fn ints(shape: impl Into<Vec<usize>>, elements: impl Into<Arc<[i64]>>) -> Self {
        Self { shape: shape.into(), data: Data::Int(elements.into()) }
    }

    pub fn bools(shape: impl Into<Vec<usize>>, elements: impl Into<Arc<[bool]>>) -> Self {
        Self { shape: shape.into(), data: Data::Bool(elements.into()) }
    }

    /// One element repeated.
    pub fn full(shape: &[usize], kind: Kind, value: f64) -> Self {
        let count = shape.iter().product();
        match kind {
            Kind::Float => Self::floats(shape, vec![value; count]),
            Kind::Int => Self::ints(shape, vec![value as i64; count]),
            Kind::Bool => Self::bools(shape, vec![value != 0.0; count]),
        }
    }

    pub fn len(&self) -> usize {
        match &self.data {
            Data::Single(v) => v.len(),
            Data::Float(v) => v.len(),
            Data::Int(v) => v.len(),
            Data::Bool(v) => v.len(),
        }
    }

    pub fn kind(&self) -> Kind {
        match &self.data {
            Data::Single(_) | Data::Float(_) => Kind::Float,
            Data::Int(_) => Kind::Int,
            Data::Bool(_) => Kind::Bool,
        }
    }

    /// The elements as doubles; integers beyond 2⁵³ are rounded.
    pub fn doubles(&self) -> Cow<'_, [f64]> {
        match &self.data {
            Data::Single(v) => v.iter().map(|&x| f64::from(x)).collect(),
            Data::Float(v) => Cow::Borrowed(v),
            Data::Int(v) => v.iter().map(|&x| x as f64).collect(),
            Data::Bool(v) => v.iter().map(|&x| f64::from(u8::from(x))).collect(),
        }
    }

    /// The elements, which must be integers.
    pub fn integers(&self) -> Outcome<&[i64]> {
        match &self.data {
            Data::Int(v) => Ok(v),
            _ => Err(format!("expected integers, found {}", self.kind().words())),
        }
    }

    /// The elements, which must be truth values.
    pub fn truths(&self) -> Outcome<&[bool]> {
        match &self.data {
            Data::Bool(v) => Ok(v),
            _ => Err(format!("expected booleans, found {}", self.kind().words())),
        }
    }

    /// The value that all elements have, if they have one.
    pub fn splat(&self) -> Option<f64> {
        fn same<T: Copy + PartialEq>(v: &[T]) -> Option<T> {
            let first = *v.first()?;
            v.iter().all(|&x| x == first).then_some(first)
        }
        match &self.data {
            Data::Single(v) => same(v).map(f64::from),
            Data::Float(v) => same(v),
            Data::Int(v) => same(v).map(|x| x as f64),
            Data::Bool(v) => same(v).map(|x| f64::from(u8::from(x))),
        }
    }

    /// The array as a constant of a program of this precision. Integers must fit 32 bits.
    pub fn literal(&self, float: DType) -> Outcome<Literal> {
        let shape = self.shape.iter().copied();
        Ok(match (&self.data, float) {
            (Data::Single(v), DType::F32) => Literal::new(shape, v),
            (Data::Float(v), DType::F64) => Literal::new(shape, v),
            (Data::Float(v), DType::F32) => {
                Literal::new(shape, &v.iter().map(|&x| x as f32).collect::<Vec<_>>())
            }
            (Data::Single(_), _) => Literal::new(shape, &self.doubles()),
            (Data::Float(_), _) => return Err(format!("floats are not computed in {float}")),
            (Data::Int(v), _) => {
                let narrow = v
                    .iter()
                    .map(|&x| i32::try_from(x).map_err(|_| format!("the integer {x} does not fit 32 bits")));
                Literal::new(shape, &narrow.collect::<Outcome<Vec<_>>>()?)
            }
            (Data::Bool(v), _) => Literal::new(shape, &v.iter().map(|&x| u8::from(x)).collect::<Vec<_>>()),
        })
    }
}

/// The shape that two shapes broadcast to, axes aligned at the end.
pub(super) fn joined(x: &[usize], y: &[usize]) -> Outcome<Vec<usize>> {
    let rank = x.len().max(y.len());
    let at = |shape: &[usize], axis: usize| match (axis + shape.len()).checked_sub(rank) {
        Some(i) => shape[i],
        None => 1,
    };
    let shape = (0..rank).map(|axis| match (at(x, axis), at(y, axis)) {
        (1, n) | (n, 1) => Ok(n),
        (n, m) if n == m => Ok(n),
        _ => Err(format!("shapes {x:?} and {y:?} do not broadcast to one another")),
    });
    let shape = shape.collect::<Outcome<Vec<usize>>>()?;
    limits::elements(&shape)?;
    Ok(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_broadcast_as_in_numpy() {
        assert_eq!(joined(&[3, 1, 5], &[4, 1]).unwrap(), [3, 4, 5]);
        assert_eq!(joined(&[], &[2]).unwrap(), [2]);
        assert_eq!(joined(&[1], &[0]).unwrap(), [0]);
        assert!(joined(&[3], &[4]).is_err());
        assert!(joined(&[1 << 30, 1], &[1, 1 << 30]).unwrap_err().contains("larger"));
    }

    #[test]
    fn integers_that_do_not_fit_are_refused() {
        let array = Array::ints([2], vec![1, 1 << 31]);
        assert!(array.literal(DType::F32).unwrap_err().contains("2147483648"));
        let array = Array::ints([2], vec![1, -(1 << 31)]);
        assert_eq!(array.literal(DType::F32).unwrap().elements::<i32>(), [1, i32::MIN]);
    }
}
