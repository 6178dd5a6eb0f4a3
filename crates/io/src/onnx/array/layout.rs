//! The same elements in another arrangement.

use std::sync::Arc;

use super::{Array, Data, Outcome};

impl Array {
    /// The elements at `offset` plus the sum of index times stride.
    ///
    /// # Panics
    /// If that leaves the array.
    pub fn view(&self, shape: &[usize], offset: usize, strides: &[isize]) -> Self {
        self.pick(shape, places(shape, offset, strides))
    }

    /// The same elements in another shape of as many.
    pub fn reshaped(&self, shape: &[usize]) -> Self {
        Self { shape: shape.to_vec(), data: self.data.clone() }
    }

    /// Distances between neighbours along each axis.
    pub fn strides(&self) -> Vec<isize> {
        let mut strides = vec![1isize; self.shape.len()];
        for axis in (1..self.shape.len()).rev() {
            strides[axis - 1] = strides[axis] * self.shape[axis] as isize;
        }
        strides
    }

    /// Arrays of one kind, one after the other along an axis; their other extents are equal.
    pub fn concatenated(parts: &[&Array], axis: usize) -> Outcome<Self> {
        let mut shape = parts[0].shape.clone();
        shape[axis] = parts.iter().map(|p| p.shape[axis]).sum();
        let outer: usize = shape[..axis].iter().product();
        let inner = |part: &Array| part.shape[axis..].iter().product::<usize>();
        fn joined<T: Copy>(parts: &[(&[T], usize)], outer: usize) -> Arc<[T]> {
            (0..outer)
                .flat_map(|i| parts.iter().flat_map(move |(v, inner)| &v[i * inner..(i + 1) * inner]))
                .copied()
                .collect()
        }
        let data = match &parts[0].data {
            Data::Int(_) => {
                let all = parts.iter().map(|p| Ok((p.integers()?, inner(p)))).collect::<Outcome<Vec<_>>>()?;
                Data::Int(joined(&all, outer))
            }
            Data::Bool(_) => {
                let all = parts.iter().map(|p| Ok((p.truths()?, inner(p)))).collect::<Outcome<Vec<_>>>()?;
                Data::Bool(joined(&all, outer))
            }
            _ => {
                let all: Vec<_> = parts.iter().map(|p| (p.doubles(), inner(p))).collect();
                let all: Vec<_> = all.iter().map(|(v, inner)| (v.as_ref(), *inner)).collect();
                Data::Float(joined(&all, outer))
            }
        };
        Ok(Self { shape, data })
    }

    /// The elements with these numbers, in order.
    pub fn pick(&self, shape: &[usize], places: impl Iterator<Item = usize>) -> Self {
        let data = match &self.data {
            Data::Single(v) => Data::Single(places.map(|i| v[i]).collect()),
            Data::Float(v) => Data::Float(places.map(|i| v[i]).collect()),
            Data::Int(v) => Data::Int(places.map(|i| v[i]).collect()),
            Data::Bool(v) => Data::Bool(places.map(|i| v[i]).collect()),
        };
        Self { shape: shape.to_vec(), data }
    }
}

/// The numbers that a strided walk passes through, in row-major order of `shape`.
pub(super) fn places<'a>(
    shape: &'a [usize],
    offset: usize,
    strides: &'a [isize],
) -> impl Iterator<Item = usize> + 'a {
    let count: usize = shape.iter().product();
    let mut index = vec![0usize; shape.len()];
    let mut at = offset as isize;
    (0..count).map(move |_| {
        let place = at as usize;
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            at += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            at -= strides[axis] * shape[axis] as isize;
            index[axis] = 0;
        }
        place
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_rearrange() {
        let array = Array::ints([2, 3], (0..6).collect::<Vec<i64>>());
        let view = |shape: &[usize], offset, strides: &[isize]| {
            array.view(shape, offset, strides).integers().unwrap().to_vec()
        };
        assert_eq!(array.strides(), [3, 1]);
        assert_eq!(view(&[3, 2], 0, &[1, 3]), [0, 3, 1, 4, 2, 5], "a transpose");
        assert_eq!(view(&[2, 2], 2, &[3, -2]), [2, 0, 5, 3], "backwards by two");
        assert_eq!(view(&[2, 2], 1, &[0, 1]), [1, 2, 1, 2], "repeated");
        assert_eq!(view(&[0, 5], 0, &[0, 1]), [] as [i64; 0]);
        assert_eq!(view(&[], 4, &[]), [4]);
    }

    #[test]
    fn parts_are_joined() {
        let a = Array::bools([2, 1], vec![true, false]);
        let b = Array::bools([2, 2], vec![false, false, true, true]);
        let c = Array::concatenated(&[&a, &b], 1).unwrap();
        assert_eq!(c.shape, [2, 3]);
        assert_eq!(c.truths().unwrap(), [true, false, false, false, true, true]);
        assert!(Array::concatenated(&[&a, &Array::ints([2, 1], vec![1, 2])], 1).is_err());
    }
}
