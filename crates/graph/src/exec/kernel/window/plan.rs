//! Where the elements of sliding windows are.

use smallvec::{SmallVec, smallvec};

use crate::Shape;
use crate::exec::strided::{Strides, Walk};
use crate::exec::{Strided, Threads};
use crate::primitive::{PoolWindow, Progression};

/// Results that one thread computes at a time, at least.
const SHARE: usize = 1 << 13;
/// Positions along the last axis that are handled together, if these are whole rows.
const TILE: usize = 2048;

/// An axis before the last, with windows.
struct Middle {
    /// For each result the elements in its window.
    windows: Vec<Progression>,
    /// Distance between neighbouring elements in the buffer, and of their places.
    stride: isize,
    place: i32,
}

/// The geometry of a reduction over windows.
///
/// Results are computed in rows along the last axis. A row is first combined
/// from the rows of the operand that its windows meet, position by position of
/// the padded and dilated axis, and then along the row.
pub(super) struct Plan {
    offset: isize,
    /// Axes of single windows before all others.
    leading: Shape,
    strides: Strides,
    /// The axes between, and the last of them, or one of a single window.
    outer: Vec<Middle>,
    rows: Middle,
    /// The last axis: where its elements stand among the positions of a row.
    pub elements: Progression,
    /// Distance between its elements, and of their places.
    pub stride: isize,
    pub place: i32,
    /// Results of a row.
    pub width: usize,
    /// Windows along the row.
    pub window: PoolWindow,
    /// Positions of a row, rounded up to whole strides.
    pub pitch: usize,
}

/// Rows of the operand that meet the windows of a row of results.
pub(super) struct Met<'a> {
    /// Position in the buffer and place of the first row, for each combination along the outer axes.
    bases: &'a [(isize, i32)],
    /// The rows from there on, their distance and that of their places.
    elements: Progression,
    stride: isize,
    place: i32,
}

impl Met<'_> {
    /// Position in the buffer and place of the first element of each row, in row-major order.
    #[inline(always)]
    pub fn each(&self, mut row: impl FnMut(isize, i32)) {
        for &(position, place) in self.bases {
            for t in 0..self.elements.count {
                let element = self.elements.element + t * self.elements.advance;
                row(position + element as isize * self.stride, place + element as i32 * self.place);
            }
        }
    }
}

/// An axis of the operand; neighbours with single windows are joined where the strides allow.
struct Axis {
    size: usize,
    stride: isize,
    place: i32,
    window: PoolWindow,
}

impl Axis {
    fn count(&self) -> usize {
        self.window.count(self.size).expect("windows that fit")
    }

    fn middle(&self) -> Middle {
        let windows = (0..self.count()).map(|o| self.window.elements(o, self.size)).collect();
        Middle { windows, stride: self.stride, place: self.place }
    }
}

/// The axes of an operand, with places counted from axis `counted` on.
fn axes(window: &[PoolWindow], input: &Strided, counted: usize) -> Vec<Axis> {
    let mut axes: Vec<Axis> = Vec::new();
    let mut place = 1;
    for (i, &window) in window.iter().enumerate().rev() {
        let (size, stride) = (input.shape[i], input.strides[i]);
        match axes.last_mut() {
            Some(next)
                if window.is_single()
                    && next.window.is_single()
                    && stride == next.stride * next.size as isize
                    && (i >= counted || counted > i + 1) =>
            {
                next.size *= size;
            }
            _ => axes.push(Axis { size, stride, place: if i < counted { 0 } else { place }, window }),
        }
        place = if i < counted { 0 } else { (place as usize * size) as i32 };
    }
    axes.reverse();
    axes
}

impl Plan {
    /// Windows over `input`, with places counted from axis `counted` on.
    pub fn new(window: &[PoolWindow], input: &Strided, counted: usize) -> Self {
        let mut axes = axes(window, input, counted);
        let one = Axis { size: 1, stride: 1, place: 0, window: PoolWindow::SINGLE };
        let last = axes.pop().unwrap_or(one);
        let leading = axes.iter().take_while(|a| a.window.is_single() && a.place == 0).count();
        let mut outer: Vec<Middle> = axes[leading..].iter().map(Axis::middle).collect();
        let single = Progression { first: 0, step: 1, element: 0, advance: 1, count: 1 };
        let rows = outer.pop().unwrap_or(Middle { windows: vec![single], stride: 0, place: 0 });
        let (width, w) = (last.count(), last.window);
        let reach = (width.max(1) - 1) * w.stride + (w.size - 1) * w.window_dilation + 1;
        Self {
            offset: input.offset,
            leading: axes[..leading].iter().map(|a| a.size).collect(),
            strides: axes[..leading].iter().map(|a| a.stride).collect(),
            outer,
            rows,
            elements: PoolWindow { size: 1, stride: 1, ..w }.places(0, last.size, reach),
            stride: last.stride,
            place: last.place,
            width,
            window: w,
            pitch: reach.next_multiple_of(w.stride),
        }
    }

    /// Rows that are handled together.
    pub fn tile(&self) -> usize {
        (TILE / self.pitch).max(1)
    }

    /// Positions behind the rows of a tile that are read, though what becomes of them is not.
    pub fn slack(&self) -> usize {
        (self.window.size - 1) * self.window.window_dilation
    }

    /// Partial results between the beginnings of neighbouring rows.
    pub fn spacing(&self) -> usize {
        self.pitch / self.window.stride
    }

    /// Calls `row` for `count` rows of results from the `first` on.
    #[inline(always)]
    pub fn for_each(&self, first: usize, count: usize, mut row: impl FnMut(usize, Met)) {
        let inner = self.rows.windows.len();
        let outer: usize = self.outer.iter().map(|m| m.windows.len()).product();
        let mut lead = Walk::new(&self.leading, &self.strides, self.offset, first / (inner * outer));
        let (mut group, mut at) = (first / inner % outer, first % inner);
        let mut bases: SmallVec<[(isize, i32); 16]> = smallvec![];
        let mut next: SmallVec<[(isize, i32); 16]> = smallvec![];
        let mut r = 0;
        while r < count {
            bases.clear();
            bases.push((lead.position, 0));
            let mut rest = outer;
            for axis in &self.outer {
                rest /= axis.windows.len();
                let elements = axis.windows[group / rest % axis.windows.len()];
                next.clear();
                for &(position, place) in &bases {
                    next.extend((0..elements.count).map(|t| {
                        let element = elements.element + t * elements.advance;
                        (position + element as isize * axis.stride, place + element as i32 * axis.place)
                    }));
                }
                std::mem::swap(&mut bases, &mut next);
            }
            let end = inner.min(at + count - r);
            for &elements in &self.rows.windows[at..end] {
                row(r, Met { bases: &bases, elements, stride: self.rows.stride, place: self.rows.place });
                r += 1;
            }
            (at, group) = (0, group + 1);
            if group == outer {
                group = 0;
                lead.advance(1);
            }
        }
    }

    /// Cuts the results into whole rows for the threads; `work` gets the number of the first.
    pub fn share<O: Send>(
        &self,
        out: &mut [O],
        threads: &Threads,
        work: impl Fn(usize, &mut [O]) + Sync + Send,
    ) {
        if out.is_empty() {
            return;
        }
        if threads.count() == 1 {
            return work(0, out);
        }
        let rows = SHARE.div_ceil(self.width);
        let parts = out.chunks_mut(rows * self.width).enumerate().collect();
        threads.for_each(parts, |(i, part)| work(i * rows, part));
    }
}
