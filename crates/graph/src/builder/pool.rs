//! Pooling over the spatial axes of arrays [N, C, spatial…].

use smallvec::SmallVec;

use crate::primitive::{Gather, GatherDims, PoolWindow, ReduceWindow, Reducer};
use crate::{Axes, Builder, Literal, Type, Value};

/// Axes before the spatial ones: examples and channels.
const LEADING: usize = 2;

/// Every method panics, as [`Builder::emit`] does, if the shapes do not fit.
impl Builder {
    /// [`ReduceWindow`] with one window for each axis.
    #[track_caller]
    pub fn reduce_window(&mut self, reducer: Reducer, x: Value, window: &[PoolWindow]) -> Value {
        self.emit(ReduceWindow { reducer, window: window.into() }, &[x])
    }

    /// Largest element of each window over the spatial axes of x [N, C, spatial…].
    ///
    /// The first of tied maxima takes the derivative, as in PyTorch; see [`ReduceWindow`].
    #[track_caller]
    pub fn max_pool(&mut self, x: Value, windows: &[PoolWindow]) -> Value {
        self.reduce_window(Reducer::Max, x, &spatial(windows))
    }

    /// Average over each window of the spatial axes of x [N, C, spatial…].
    ///
    /// Padding counts as zeros where `count_include_pad` is set; else an average
    /// is taken over the elements alone, and a window that has none gives NaN.
    #[track_caller]
    pub fn avg_pool(&mut self, x: Value, windows: &[PoolWindow], count_include_pad: bool) -> Value {
        let counted: SmallVec<[(isize, isize); 4]> =
            windows.iter().map(|w| if count_include_pad { (w.low, w.high) } else { (0, 0) }).collect();
        self.avg_pool_counting(x, windows, &counted)
    }

    /// Like [`avg_pool`](Self::avg_pool), where for each spatial axis only so many
    /// positions of the padding before and after the elements count.
    ///
    /// `ceil_mode` of PyTorch and ONNX pads further than it was asked to, so that a
    /// last window fits; what is added there does not count.
    #[track_caller]
    pub fn avg_pool_counting(
        &mut self,
        x: Value,
        windows: &[PoolWindow],
        counted: &[(isize, isize)],
    ) -> Value {
        let sum = self.reduce_window(Reducer::Sum, x, &spatial(windows));
        let ty = self.ty(sum).clone();
        let mut size = self.full(&ty, 1.0);
        for (i, (window, &(low, high))) in windows.iter().zip(counted).enumerate() {
            let axis = LEADING + i;
            let n = self.shape(x)[axis];
            let counts: Vec<f64> = (0..ty.shape[axis]).map(|o| positions(window, o, n, low, high)).collect();
            let counts = self.along(&ty, axis, &counts);
            size = self.mul(size, counts);
        }
        self.div(sum, size)
    }

    /// Mean over all spatial axes of x [N, C, spatial…], which keep size 1.
    #[track_caller]
    pub fn global_avg_pool(&mut self, x: Value) -> Value {
        let mut shape = self.ty(x).shape.clone();
        let axes: Axes = (LEADING..shape.len()).collect();
        let count: usize = axes.iter().map(|&a| shape[a]).product();
        let sum = self.sum(x, &axes);
        shape[LEADING..].fill(1);
        let sum = self.reshape(sum, &shape);
        let count = self.full_like(sum, count as f64);
        self.div(sum, count)
    }

    /// Averages of `sizes` parts of the spatial axes of x [N, C, spatial…].
    ///
    /// Part i of m along an axis of n elements has those from ⌊i n / m⌋ up to, but
    /// without, ⌈(i + 1) n / m⌉, as in PyTorch's `adaptive_avg_pool`: parts overlap
    /// where m does not divide n. Such an axis costs a copy of the elements of all parts.
    #[track_caller]
    pub fn adaptive_avg_pool(&mut self, x: Value, sizes: &[usize]) -> Value {
        let windows: SmallVec<[PoolWindow; 4]> = sizes
            .iter()
            .zip(&self.shape(x)[LEADING..])
            .map(|(&m, &n)| match m > 0 && n.is_multiple_of(m) {
                true => PoolWindow::new(n / m, n / m),
                false => PoolWindow::SINGLE,
            })
            .collect();
        let even = self.avg_pool(x, &windows, false);
        sizes.iter().enumerate().fold(even, |x, (i, &m)| match self.shape(x)[LEADING + i] == m {
            true => x,
            false => self.averaged_parts(x, LEADING + i, m),
        })
    }

    /// The averages of m overlapping parts along an axis.
    fn averaged_parts(&mut self, x: Value, axis: usize, m: usize) -> Value {
        let n = self.shape(x)[axis];
        let rank = self.ty(x).rank();
        let parts: Vec<_> = (0..m).map(|i| i * n / m..((i + 1) * n).div_ceil(m)).collect();
        let longest = parts.iter().map(|p| p.len()).max().unwrap_or(0);
        // Shorter parts are filled up with a zero that stands behind the last element.
        let places =
            parts.iter().flat_map(|p| (0..longest).map(|j| if j < p.len() { p.start + j } else { n }));
        let places: Vec<i32> = places.map(|place| place as i32).collect();
        let places = self.literal(Literal::new([m, longest], &places));
        let mut high = SmallVec::from_elem(0, rank);
        high[axis] = 1;
        let padded = self.pad(x, SmallVec::from_elem(0, rank), high, Axes::from_elem(0, rank));
        let mut slice_sizes = self.ty(padded).shape.clone();
        slice_sizes[axis] = 1;
        let dims = GatherDims {
            offset: (0..rank + 1).filter(|&a| a != axis && a != axis + 1).collect(),
            collapsed: Axes::from_slice(&[axis]),
            operand_batching: Axes::new(),
            indices_batching: Axes::new(),
            start_index_map: Axes::from_slice(&[axis]),
            index_vector: 2,
        };
        let elements = self.emit(Gather { dims, slice_sizes }, &[padded, places]);
        let sum = self.sum(elements, &[axis + 1]);
        let ty = self.ty(sum).clone();
        let counts: Vec<f64> = parts.iter().map(|p| p.len() as f64).collect();
        let counts = self.along(&ty, axis, &counts);
        self.div(sum, counts)
    }

    /// Constants along one axis, repeated along the others.
    fn along(&mut self, ty: &Type, axis: usize, elements: &[f64]) -> Value {
        if let Some(&first) = elements.first()
            && elements.iter().all(|&e| e == first)
        {
            return self.full(ty, first);
        }
        let line = self.literal(Literal::new([elements.len()], elements));
        let line = self.convert(line, ty.dtype);
        self.broadcast_in_dim(line, &ty.shape, &[axis])
    }
}

/// Windows for all axes: single elements along examples and channels.
fn spatial(windows: &[PoolWindow]) -> SmallVec<[PoolWindow; 4]> {
    [PoolWindow::SINGLE; LEADING].into_iter().chain(windows.iter().copied()).collect()
}

/// Positions of window `o` that count: from `low` before the first of n elements to `high` behind the last.
fn positions(window: &PoolWindow, o: usize, n: usize, low: isize, high: isize) -> f64 {
    let start = o as isize * window.stride as isize - window.low;
    let places = (0..window.size as isize).map(|j| start + j * window.window_dilation as isize);
    places.filter(|p| (-low..n as isize + high).contains(p)).count() as f64
}
