//! How an array lies in memory: offset and strides over a buffer.

use smallvec::{SmallVec, smallvec};

use crate::{DType, Shape, Type};

/// Strides in elements.
pub type Strides = SmallVec<[isize; 4]>;

/// An array as a strided view of a buffer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Strided {
    /// Element type.
    pub dtype: DType,
    /// Sizes of the axes.
    pub shape: Shape,
    /// Distance between neighbours along each axis, in elements; 0 repeats.
    pub strides: Strides,
    /// Position of the first element in the buffer.
    pub offset: isize,
}

impl Strided {
    /// The row-major layout of a buffer that holds exactly this array.
    pub fn contiguous(ty: &Type) -> Self {
        let mut strides: Strides = smallvec![1; ty.rank()];
        for axis in (1..ty.rank()).rev() {
            strides[axis - 1] = strides[axis] * ty.shape[axis] as isize;
        }
        Self { dtype: ty.dtype, shape: ty.shape.clone(), strides, offset: 0 }
    }

    /// Number of elements.
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether elements lie one after the other in row-major order.
    pub fn is_contiguous(&self) -> bool {
        let mut expected = 1;
        for (&size, &stride) in self.shape.iter().zip(&self.strides).rev() {
            if size != 1 && stride != expected {
                return false;
            }
            expected *= size as isize;
        }
        true
    }

    /// The view that `broadcast_in_dim` makes.
    pub fn broadcast_in_dim(&self, shape: &[usize], axes: &[usize]) -> Self {
        let mut strides: Strides = smallvec![0; shape.len()];
        for (from, &to) in axes.iter().enumerate() {
            if self.shape[from] != 1 {
                strides[to] = self.strides[from];
            }
        }
        Self { shape: shape.into(), strides, ..self.clone() }
    }

    /// The view that `transpose` makes.
    pub fn transpose(&self, permutation: &[usize]) -> Self {
        Self {
            shape: permutation.iter().map(|&a| self.shape[a]).collect(),
            strides: permutation.iter().map(|&a| self.strides[a]).collect(),
            ..self.clone()
        }
    }

    /// The view that `reverse` makes.
    pub fn reverse(&self, axes: &[usize]) -> Self {
        let mut view = self.clone();
        for &axis in axes.iter().filter(|&&a| self.shape[a] > 0) {
            view.offset += (self.shape[axis] as isize - 1) * self.strides[axis];
            view.strides[axis] = -self.strides[axis];
        }
        view
    }

    /// The view that `slice` makes.
    pub fn slice(&self, start: &[usize], limit: &[usize], stride: &[usize]) -> Self {
        let mut view = self.clone();
        for axis in 0..self.shape.len() {
            view.shape[axis] = (limit[axis] - start[axis]).div_ceil(stride[axis]);
            if view.shape[axis] > 0 {
                view.offset += start[axis] as isize * self.strides[axis];
            }
            view.strides[axis] = self.strides[axis] * stride[axis] as isize;
        }
        view
    }

    /// The view in another shape, if one exists without copying.
    pub fn reshape(&self, shape: &[usize]) -> Option<Self> {
        if self.size() == 0 {
            let ty = Type::new(self.dtype, shape.iter().copied());
            return Some(Self { offset: self.offset, ..Self::contiguous(&ty) });
        }
        let old: Vec<(usize, isize)> =
            self.shape.iter().copied().zip(self.strides.iter().copied()).filter(|&(n, _)| n != 1).collect();
        let mut strides: Strides = smallvec![0; shape.len()];
        let (mut from, mut to) = (0, 0);
        while from < old.len() || to < shape.len() {
            // The shortest runs of old and new axes that hold equally many elements.
            let (first_old, first_new) = (from, to);
            let (mut have, mut want) = (1, 1);
            if from < old.len() {
                have *= old[from].0;
                from += 1;
            }
            if to < shape.len() {
                want *= shape[to];
                to += 1;
            }
            while have != want {
                if have < want {
                    have *= old[from].0;
                    from += 1;
                } else {
                    want *= shape[to];
                    to += 1;
                }
            }
            let run = &old[first_old..from];
            if run.windows(2).any(|w| w[0].1 != w[1].1 * w[1].0 as isize) {
                return None;
            }
            let mut stride = run.last().map_or(0, |&(_, s)| s);
            for axis in (first_new..to).rev() {
                strides[axis] = stride;
                stride *= shape[axis] as isize;
            }
        }
        Some(Self { shape: shape.into(), strides, ..self.clone() })
    }
}

/// Several views of one shape with as few axes as describe them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collapsed {
    /// Sizes of the remaining axes.
    pub sizes: Shape,
    /// For each view its strides along them.
    pub strides: SmallVec<[Strides; 4]>,
}

/// Drops unit axes and joins neighbours that every view walks through alike.
pub fn collapse(sizes: &[usize], views: &[&[isize]]) -> Collapsed {
    let mut out = Collapsed { sizes: Shape::new(), strides: smallvec![Strides::new(); views.len()] };
    for axis in (0..sizes.len()).filter(|&a| sizes[a] != 1) {
        let joins = !out.sizes.is_empty()
            && views
                .iter()
                .zip(&out.strides)
                .all(|(view, kept)| *kept.last().expect("an axis") == view[axis] * sizes[axis] as isize);
        if joins {
            *out.sizes.last_mut().expect("an axis") *= sizes[axis];
        } else {
            out.sizes.push(sizes[axis]);
        }
        for (view, kept) in views.iter().zip(&mut out.strides) {
            if joins {
                *kept.last_mut().expect("an axis") = view[axis];
            } else {
                kept.push(view[axis]);
            }
        }
    }
    out
}

/// Walks a multi-index in row-major order and keeps the position in one view.
#[derive(Clone)]
pub struct Walk<'a> {
    sizes: &'a [usize],
    strides: &'a [isize],
    index: SmallVec<[usize; 8]>,
    /// Position of the current element.
    pub position: isize,
}

impl<'a> Walk<'a> {
    /// Begins at the flat index `at`.
    pub fn new(sizes: &'a [usize], strides: &'a [isize], offset: isize, mut at: usize) -> Self {
        const FEW: usize = 8;
        let index = match sizes.len() {
            ..=FEW => SmallVec::from_buf_and_len([0; FEW], sizes.len()),
            rank => smallvec![0; rank],
        };
        let mut walk = Self { sizes, strides, index, position: offset };
        for axis in (0..sizes.len()).rev() {
            if at == 0 {
                break;
            }
            walk.index[axis] = at % sizes[axis];
            at /= sizes[axis];
            walk.position += walk.index[axis] as isize * strides[axis];
        }
        walk
    }

    /// Index along the last axis.
    pub fn inner(&self) -> usize {
        *self.index.last().unwrap_or(&0)
    }

    /// Elements that are left along the last axis.
    pub fn left(&self) -> usize {
        self.sizes.last().map_or(1, |size| size - self.inner())
    }

    /// Stride along the last axis.
    pub fn stride(&self) -> isize {
        *self.strides.last().unwrap_or(&0)
    }

    /// Rows (runs of the last axis) that are left along the axis before it.
    pub fn rows(&self) -> usize {
        match self.sizes.len() {
            0 | 1 => 1,
            rank => self.sizes[rank - 2] - self.index[rank - 2],
        }
    }

    /// Distance between rows.
    pub fn row_stride(&self) -> isize {
        if self.sizes.len() < 2 { 0 } else { self.strides[self.sizes.len() - 2] }
    }

    /// Groups (of all rows along the axis before the last) that are left along the
    /// axis before these two; none where the walk stands inside a group.
    pub fn groups(&self) -> usize {
        match (self.sizes, &self.index[..]) {
            ([.., size, _, _], [.., at, 0, 0]) => size - at,
            _ => 0,
        }
    }

    /// Number of rows in a group, and the distance between groups.
    pub fn group(&self) -> (usize, isize) {
        match (self.sizes, self.strides) {
            ([.., _, rows, _], [.., stride, _, _]) => (*rows, *stride),
            _ => (1, 0),
        }
    }

    /// Goes on by whole groups, at most [`groups`](Self::groups) of them, from the beginning of one.
    pub fn advance_groups(&mut self, by: usize) {
        if let Some(axis) = self.sizes.len().checked_sub(3) {
            self.carry(axis, by);
        }
    }

    /// Goes on by whole rows, at most [`rows`](Self::rows) of them, from the beginning of one.
    pub fn advance_rows(&mut self, by: usize) {
        match self.sizes.len() {
            0 => {}
            1 => self.advance(by * self.sizes[0]),
            rank => self.carry(rank - 2, by),
        }
    }

    /// Goes on by `by` elements along the last axis, which must not pass its end by more than one.
    pub fn advance(&mut self, by: usize) {
        if let Some(axis) = self.sizes.len().checked_sub(1) {
            self.carry(axis, by);
        }
    }

    fn carry(&mut self, mut axis: usize, by: usize) {
        self.index[axis] += by;
        self.position += by as isize * self.strides[axis];
        while self.index[axis] == self.sizes[axis] {
            self.position -= self.sizes[axis] as isize * self.strides[axis];
            self.index[axis] = 0;
            if axis == 0 {
                return;
            }
            axis -= 1;
            self.index[axis] += 1;
            self.position += self.strides[axis];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(shape: &[usize]) -> Strided {
        Strided::contiguous(&Type::new(DType::F32, shape.iter().copied()))
    }

    #[test]
    fn reshape_follows_strides_or_gives_up() {
        let x = array(&[4, 6]);
        assert_eq!(x.reshape(&[2, 2, 3, 2]).map(|v| v.strides.to_vec()), Some(vec![12, 6, 2, 1]));
        assert_eq!(x.transpose(&[1, 0]).reshape(&[24]), None);
        assert_eq!(x.transpose(&[1, 0]).reshape(&[2, 3, 4]).map(|v| v.strides.to_vec()), Some(vec![3, 1, 6]));
        assert!(array(&[1, 5]).reshape(&[5, 1, 1]).is_some_and(|v| v.is_contiguous()));
        assert_eq!(array(&[]).reshape(&[1, 1]).map(|v| v.size()), Some(1));
        let rows = array(&[3]).broadcast_in_dim(&[2, 3], &[1]);
        assert_eq!(rows.reshape(&[6]), None);
    }

    #[test]
    fn a_collapsed_walk_visits_the_same_positions() {
        let view = array(&[2, 3, 4]).transpose(&[1, 0, 2]).reverse(&[0]);
        let out = array(&[3, 2, 4]);
        let joint = collapse(&view.shape, &[&view.strides, &out.strides]);
        assert_eq!(joint.sizes.to_vec(), [3, 2, 4]);
        let same = collapse(&out.shape, &[&out.strides]);
        assert_eq!(same.sizes.to_vec(), [24]);
        let mut walk = Walk::new(&joint.sizes, &joint.strides[0], view.offset, 0);
        for flat in 0..24 {
            assert_eq!(Walk::new(&joint.sizes, &joint.strides[0], view.offset, flat).position, walk.position);
            walk.advance(1);
        }
    }
}
