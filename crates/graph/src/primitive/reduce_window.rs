//! `reduce_window`: sums, maxima and minima over windows that slide along the axes.

use smallvec::SmallVec;

use super::{Cotangents, Direction, Gather, GatherDims, Primitive, Reducer, WindowArg, arity, only};
use crate::exec::{Eval, Strided, kernel};
use crate::{Axes, Builder, DType, Shape, Type, Value};

/// No axis is longer than this after padding and dilation, and no window.
const LONGEST: i128 = 1 << 40;

/// How windows slide along one axis of n elements.
///
/// Element q stands at position `low` + q · `base_dilation` of the padded axis,
/// which has `low` + (n − 1) · `base_dilation` + 1 + `high` positions. Window o
/// covers the `size` positions o · `stride` + j · `window_dilation`; there are as
/// many windows as fit. Positions without an element count as the neutral
/// element of the reduction. Negative padding crops.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PoolWindow {
    /// Positions that a window covers, at least 1.
    pub size: usize,
    /// Distance between the first positions of neighbouring windows, at least 1.
    pub stride: usize,
    /// Positions added before the first element (or, if negative, removed).
    pub low: isize,
    /// Positions added after the last element (or removed).
    pub high: isize,
    /// Distance between neighbouring elements, at least 1.
    pub base_dilation: usize,
    /// Distance between neighbouring positions of a window, at least 1.
    pub window_dilation: usize,
}

impl PoolWindow {
    /// A window for each element, that holds it alone.
    pub const SINGLE: Self = Self::new(1, 1);

    /// Windows of `size` neighbours, `stride` apart, without padding.
    pub const fn new(size: usize, stride: usize) -> Self {
        Self { size, stride, low: 0, high: 0, base_dilation: 1, window_dilation: 1 }
    }

    /// The same windows over a padded axis.
    pub const fn padded(self, low: isize, high: isize) -> Self {
        Self { low, high, ..self }
    }

    /// The same windows with `window_dilation` between the positions of each.
    pub const fn dilated(self, window_dilation: usize) -> Self {
        Self { window_dilation, ..self }
    }

    pub(crate) fn is_single(&self) -> bool {
        *self == Self::SINGLE
    }

    /// Number of windows along an axis of `n` elements, or what is wrong with them.
    pub(crate) fn count(&self, n: usize) -> Result<usize, String> {
        if self.size == 0 || self.stride == 0 || self.base_dilation == 0 || self.window_dilation == 0 {
            return Err(format!("sizes, strides and dilations are at least 1: {self:?}"));
        }
        let spread = |count: usize, dilation: usize| match count {
            0 => 0,
            count => (count as i128 - 1) * dilation as i128 + 1,
        };
        let padded = self.low as i128 + spread(n, self.base_dilation) + self.high as i128;
        let window = spread(self.size, self.window_dilation);
        let extents = [spread(n, self.base_dilation), window, self.stride as i128, padded];
        let longest = extents.into_iter().chain([self.low as i128, self.high as i128]).map(i128::abs).max();
        if longest > Some(LONGEST) {
            return Err(format!("an axis of {n} elements has more than 2^40 positions: {self:?}"));
        }
        if padded < 0 {
            return Err(format!("{n} elements are cropped to a negative size: {self:?}"));
        }
        Ok(if padded < window { 0 } else { ((padded - window) / self.stride as i128) as usize + 1 })
    }

    /// The elements in window `o` of an axis of `n`, by their place in the window.
    pub(crate) fn elements(&self, o: usize, n: usize) -> Progression {
        let start = o as i64 * self.stride as i64 - self.low as i64;
        progression(start, self.window_dilation, self.base_dilation, self.size, n)
    }

    /// The elements at place `j` of the first `count` windows, by window.
    pub(crate) fn places(&self, j: usize, n: usize, count: usize) -> Progression {
        let start = j as i64 * self.window_dilation as i64 - self.low as i64;
        progression(start, self.stride, self.base_dilation, count, n)
    }

    /// The windows over `count` results, in which each of `n` elements finds the results that it is part of.
    fn transposed(&self, n: usize, count: usize) -> Self {
        let reach = ((self.size - 1) * self.window_dilation) as isize;
        let spread = ((count - 1) * self.stride) as isize + 1;
        let wanted = ((n - 1) * self.base_dilation) as isize + reach + 1;
        let low = reach - self.low;
        Self {
            size: self.size,
            stride: self.base_dilation,
            low,
            high: wanted - low - spread,
            base_dilation: self.stride,
            window_dilation: self.window_dilation,
        }
    }
}

/// Numbers `first`, `first + step`, …, `count` of them, whose elements are
/// `element`, `element + advance`, ….
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Progression {
    pub first: usize,
    pub step: usize,
    pub element: usize,
    pub advance: usize,
    pub count: usize,
}

/// All i < `limit` for which position `start` + i · `step` is that of an
/// element q: q · `base`, 0 ≤ q < `n`.
fn progression(start: i64, step: usize, base: usize, limit: usize, n: usize) -> Progression {
    let common = gcd(step, base);
    let (period, advance) = (base / common, step / common);
    let position = |i: usize| start + i as i64 * step as i64;
    let first = (0..period.min(limit)).find(|&i| position(i).rem_euclid(base as i64) == 0);
    let Some(first) = first else {
        return Progression { first: 0, step: period, element: 0, advance, count: 0 };
    };
    let element = position(first).div_euclid(base as i64);
    let skipped = if element < 0 { (-element as usize).div_ceil(advance) } else { 0 };
    let fit = (n as i64 - element).max(0) as usize;
    let end = (limit - first).div_ceil(period).min(fit.div_ceil(advance));
    if end <= skipped {
        return Progression { first: 0, step: period, element: 0, advance, count: 0 };
    }
    Progression {
        first: first + skipped * period,
        step: period,
        element: (element + (skipped * advance) as i64) as usize,
        advance,
        count: end - skipped,
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// `reduce_window` of a float array, one [`PoolWindow`] for each axis.
///
/// Sums are accumulated in f64 and rounded once, like those of
/// [`Reduce`](super::Reduce); a window without elements has the sum 0, the
/// maximum −∞ and the minimum +∞. NaN is larger and smaller than everything.
///
/// The derivative of a maximum or minimum is that of the element which
/// [`WindowArg`] finds: the first extremum of the window in row-major order
/// takes it all, as in PyTorch's `max_pool2d`, and where the window has no
/// element there is none. ([`Reduce`](super::Reduce) shares ties equally.)
/// The cost is one operation for each result and position of its window.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ReduceWindow {
    /// How elements are combined.
    pub reducer: Reducer,
    /// The windows along each axis.
    pub window: SmallVec<[PoolWindow; 4]>,
}

impl ReduceWindow {
    /// Number of leading axes along which every window is a single element.
    fn leading(&self) -> usize {
        self.window.iter().take_while(|w| w.is_single()).count()
    }
}

/// Shape of the results of windows over an operand, or why they do not fit.
pub(super) fn windowed(window: &[PoolWindow], operand: &Type) -> Result<Shape, String> {
    if !operand.dtype.is_float() {
        return Err(format!("expected a float, found {operand}"));
    }
    if window.len() != operand.rank() {
        return Err(format!("expected a window for each of {} axes, found {}", operand.rank(), window.len()));
    }
    window.iter().zip(&operand.shape).map(|(w, &n)| w.count(n)).collect()
}

/// Whether some window has no element.
pub(super) fn some_is_empty(window: &[PoolWindow], operand: &[usize]) -> bool {
    window.iter().zip(operand).any(|(w, &n)| {
        let count = w.count(n).expect("windows that fit");
        !w.is_single() && (0..count).any(|o| w.elements(o, n).count == 0)
    })
}

impl Primitive for ReduceWindow {
    fn name(&self) -> &'static str {
        match self.reducer {
            Reducer::Sum => "reduce_window_sum",
            Reducer::Max => "reduce_window_max",
            Reducer::Min => "reduce_window_min",
        }
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<1>(args)?;
        let shape = windowed(&self.window, args[0])?;
        if self.reducer != Reducer::Sum {
            // Its derivative needs these indices.
            super::window_arg::addressable(&args[0].shape[self.leading()..])?;
        }
        Ok(args[0].with_shape(shape))
    }

    fn eval(&self, args: &[Strided], out: &Type) -> Eval {
        Eval::Kernel(kernel::reduce_window(self.reducer, &self.window, &args[0], out))
    }

    fn jvp(&self, b: &mut Builder, args: &[Value], out: Value, tangents: &[Option<Value>]) -> Option<Value> {
        let tangent = tangents[0]?;
        if self.reducer == Reducer::Sum {
            return Some(b.emit(self.clone(), &[tangent]));
        }
        let leading = self.leading();
        let (from, to) = (b.ty(args[0]).shape.clone(), b.ty(out).shape.clone());
        let groups: usize = from[..leading].iter().product();
        let part = |shape: &[usize]| shape[leading..].iter().product::<usize>();
        let (elements, results) = (part(&from), part(&to));
        if elements == 0 || groups * results == 0 {
            return None;
        }
        let op = WindowArg { reducer: self.reducer, window: self.window.clone(), leading };
        let index = b.emit(op, args);
        let flat = b.reshape(tangent, &[groups, elements]);
        let places = b.reshape(index, &[groups, results]);
        let dims = GatherDims {
            offset: Axes::new(),
            collapsed: Axes::from_slice(&[1]),
            operand_batching: Axes::from_slice(&[0]),
            indices_batching: Axes::from_slice(&[0]),
            start_index_map: Axes::from_slice(&[1]),
            index_vector: 2,
        };
        let taken = b.emit(Gather { dims, slice_sizes: Axes::from_slice(&[1, 1]) }, &[flat, places]);
        let taken = b.reshape(taken, &to);
        if !some_is_empty(&self.window, &from) {
            return Some(taken);
        }
        let none = b.full(&Type { dtype: DType::I32, shape: to }, 0.0);
        let found = b.compare(Direction::Ge, index, none);
        let zero = b.zeros_like(taken);
        Some(b.select(found, taken, zero))
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], _: &[bool], cotangent: Value) -> Cotangents {
        assert_eq!(self.reducer, Reducer::Sum, "{} is not linear", self.name());
        let (from, to) = (b.ty(args[0]).shape.clone(), b.ty(cotangent).shape.clone());
        if from.iter().chain(&to).any(|&n| n == 0) {
            return only(b.zeros_like(args[0]), args);
        }
        let window = self.window.iter().zip(from.iter().zip(&to)).map(|(w, (&n, &m))| w.transposed(n, m));
        only(b.emit(ReduceWindow { reducer: Reducer::Sum, window: window.collect() }, &[cotangent]), args)
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let axis = axes[0].expect("a batched argument");
        let mut op = self.clone();
        op.window.insert(axis, PoolWindow::SINGLE);
        (b.emit(op, args), axis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By trying every position.
    fn tried(start: i64, step: usize, base: usize, limit: usize, n: usize) -> Vec<(usize, usize)> {
        (0..limit)
            .filter_map(|i| {
                let position = start + (i * step) as i64;
                (0..n).find(|q| (q * base) as i64 == position).map(|q| (i, q))
            })
            .collect()
    }

    #[test]
    fn progressions_list_every_element() {
        for start in -7..12 {
            for (step, base) in [(1, 1), (2, 1), (1, 2), (2, 3), (4, 6), (3, 3), (5, 2)] {
                for (limit, n) in [(0, 3), (1, 1), (3, 4), (5, 2), (4, 0), (9, 7)] {
                    let p = progression(start, step, base, limit, n);
                    let listed: Vec<_> =
                        (0..p.count).map(|t| (p.first + t * p.step, p.element + t * p.advance)).collect();
                    assert_eq!(
                        listed,
                        tried(start, step, base, limit, n),
                        "{start} {step} {base} {limit} {n}"
                    );
                }
            }
        }
    }
}
