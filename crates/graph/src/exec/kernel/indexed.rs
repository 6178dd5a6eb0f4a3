//! Gather and scatter-add.

use std::marker::PhantomData;

use smallvec::SmallVec;

use crate::exec::strided::{Collapsed, Strides, Walk, collapse};
use crate::exec::{Kernel, Strided, Threads};
use crate::primitive::{Gather, GatherDims, ScatterAdd};
use crate::{Axes, DType, Float, Shape, Type};

/// Where slices lie in the operand and in the result (or the updates).
struct Plan {
    /// The batch axes of the indices, with the strides of the indices, of the
    /// operand's axes that are matched with them, and of the result.
    batch: Collapsed,
    /// The axes of a slice, with the operand's strides and the result's.
    window: Collapsed,
    index_offset: isize,
    /// Distance between components of an index vector.
    component: isize,
    /// Per component: operand's stride and the last start that fits.
    starts: SmallVec<[(isize, i64); 2]>,
    operand_offset: isize,
    outer_offset: isize,
    /// Elements that lie side by side in each slice, in the operand and in the result.
    run: usize,
    /// Whether no two elements of the slices meet in the operand unless they have one place in their slices.
    disjoint: bool,
}

/// What is done with pairs of an element of the operand and one of the result.
trait Pairs {
    /// One pair, by position in the operand and in the result.
    fn one(&mut self, operand: usize, outer: usize);
    /// Neighbours in both.
    fn run(&mut self, operand: usize, outer: usize, count: usize);
}

impl Plan {
    fn new(
        dims: &GatherDims,
        sizes: &[usize],
        operand: &Strided,
        indices: &Strided,
        outer: &Strided,
    ) -> Self {
        let batch_axes = dims.batch_axes(indices.shape.len());
        let windows = dims.window_axes(operand.shape.len());
        let outer_batch = (0..outer.shape.len()).filter(|a| !dims.offset.contains(a));
        let at = |view: &Strided, axes: &[usize]| axes.iter().map(|&a| view.strides[a]).collect::<Strides>();
        let matched: Strides = batch_axes
            .iter()
            .map(|a| {
                let pair = dims.indices_batching.iter().position(|i| i == a);
                pair.map_or(0, |p| operand.strides[dims.operand_batching[p]])
            })
            .collect();
        let batch: Shape = batch_axes.iter().map(|&a| indices.shape[a]).collect();
        let window: Shape = windows.iter().map(|&a| sizes[a]).collect();
        let results = at(outer, &outer_batch.collect::<Axes>());
        let window = collapse(&window, &[&at(operand, &windows), &at(outer, &dims.offset)]);
        let side_by_side = window.strides.iter().all(|s| s.last() == Some(&1));
        Self {
            batch: collapse(&batch, &[&at(indices, &batch_axes), &matched, &results]),
            run: if side_by_side { *window.sizes.last().expect("an axis") } else { 1 },
            window,
            index_offset: indices.offset,
            component: indices.strides.get(dims.index_vector).copied().unwrap_or(0),
            starts: dims
                .start_index_map
                .iter()
                .map(|&a| (operand.strides[a], (operand.shape[a] - sizes[a]) as i64))
                .collect(),
            disjoint: dims.start_index_map.iter().all(|a| dims.collapsed.contains(a)),
            operand_offset: operand.offset,
            outer_offset: outer.offset,
        }
    }

    /// Hands over all pairs of elements; out-of-range slices are clamped or
    /// skipped. Those of one element of the operand come in the order of the batch axes.
    #[inline(always)]
    fn for_each(&self, indices: &[i32], clamp: bool, mut pairs: impl Pairs) {
        match self.starts[..] {
            _ if self.run != 1 || !self.disjoint => self.slices(indices, clamp, &mut pairs),
            [(stride, last)] => self.elements(pairs, |at| {
                let wanted = i64::from(indices[at as usize]);
                let start = wanted.clamp(0, last);
                (clamp || start == wanted).then_some(start as isize * stride)
            }),
            _ => self.elements(pairs, |at| self.start(indices, at, clamp)),
        }
    }

    /// Where the slice of the index vector at `at` starts.
    #[inline(always)]
    fn start(&self, indices: &[i32], at: isize, clamp: bool) -> Option<isize> {
        let (mut from, mut inside) = (0, true);
        for (i, &(stride, last)) in self.starts.iter().enumerate() {
            let wanted = i64::from(indices[(at + i as isize * self.component) as usize]);
            let start = wanted.clamp(0, last);
            inside &= start == wanted;
            from += start as isize * stride;
        }
        (clamp || inside).then_some(from)
    }

    /// Slice by slice, in runs.
    #[inline(always)]
    fn slices(&self, indices: &[i32], clamp: bool, pairs: &mut impl Pairs) {
        let [index, matched, outer] = [0, 1, 2].map(|i| &self.batch.strides[i]);
        let sizes = &self.batch.sizes;
        let runs = self.window.sizes.iter().product::<usize>() / self.run.max(1);
        let mut index = Walk::new(sizes, index, self.index_offset, 0);
        let mut matched = Walk::new(sizes, matched, self.operand_offset, 0);
        let mut outer = Walk::new(sizes, outer, self.outer_offset, 0);
        for _ in 0..sizes.iter().product() {
            if let Some(start) = self.start(indices, index.position, clamp) {
                let from = matched.position + start;
                let mut from = Walk::new(&self.window.sizes, &self.window.strides[0], from, 0);
                let mut to = Walk::new(&self.window.sizes, &self.window.strides[1], outer.position, 0);
                for _ in 0..runs {
                    pairs.run(from.position as usize, to.position as usize, self.run);
                    from.advance(self.run);
                    to.advance(self.run);
                }
            }
            index.advance(1);
            matched.advance(1);
            outer.advance(1);
        }
    }

    /// Slices of scattered elements: for each of their elements a line of
    /// indices, so that what shares the indices reads them from the cache.
    #[inline(always)]
    fn elements(&self, mut pairs: impl Pairs, start: impl Fn(isize) -> Option<isize>) {
        let (line, sizes) = self.batch.sizes.split_last().map_or((1, &[][..]), |(&n, rest)| (n, rest));
        let step = |i: usize| self.batch.strides[i].last().copied().unwrap_or(0);
        let steps = [step(0), step(1), step(2)];
        let offsets = [self.index_offset, self.operand_offset, self.outer_offset];
        let [mut index, mut matched, mut outer] =
            [0, 1, 2].map(|i| Walk::new(sizes, &self.batch.strides[i][..sizes.len()], offsets[i], 0));
        let count: usize = self.window.sizes.iter().product();
        for _ in 0..sizes.iter().product() {
            let mut from = Walk::new(&self.window.sizes, &self.window.strides[0], matched.position, 0);
            let mut to = Walk::new(&self.window.sizes, &self.window.strides[1], outer.position, 0);
            for _ in 0..count {
                let (mut i, mut f, mut t) = (index.position, from.position, to.position);
                for _ in 0..line {
                    if let Some(start) = start(i) {
                        pairs.one((f + start) as usize, t as usize);
                    }
                    i += steps[0];
                    f += steps[1];
                    t += steps[2];
                }
                from.advance(1);
                to.advance(1);
            }
            index.advance(1);
            matched.advance(1);
            outer.advance(1);
        }
    }
}

struct Gathered {
    plan: Plan,
    dtype: DType,
}

pub(crate) fn gather(op: &Gather, args: &[Strided], out: &Type) -> impl Kernel + use<> {
    let plan = Plan::new(&op.dims, &op.slice_sizes, &args[0], &args[1], &Strided::contiguous(out));
    Gathered { plan, dtype: out.dtype }
}

/// Copies elements of the operand into the result.
struct Copied<'a, T> {
    operand: &'a [T],
    out: &'a mut [T],
}

impl<T: Copy> Pairs for Copied<'_, T> {
    #[inline(always)]
    fn one(&mut self, operand: usize, outer: usize) {
        self.out[outer] = self.operand[operand];
    }

    #[inline(always)]
    fn run(&mut self, operand: usize, outer: usize, count: usize) {
        self.out[outer..outer + count].copy_from_slice(&self.operand[operand..operand + count]);
    }
}

impl Kernel for Gathered {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], _: &Threads) {
        fn copy<T: bytemuck::Pod>(plan: &Plan, inputs: &[&[u8]], out: &mut [u8]) {
            let (operand, out): (&[T], &mut [T]) =
                (bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice_mut(out));
            plan.for_each(bytemuck::cast_slice(inputs[1]), true, Copied { operand, out });
        }
        match self.dtype.size() {
            1 => copy::<u8>(&self.plan, inputs, out),
            4 => copy::<u32>(&self.plan, inputs, out),
            _ => copy::<u64>(&self.plan, inputs, out),
        }
    }
}

struct Scattered<T> {
    plan: Plan,
    operand: Strided,
    float: PhantomData<T>,
}

pub(crate) fn scatter_add(op: &ScatterAdd, args: &[Strided]) -> Box<dyn Kernel> {
    let ty = Type { dtype: args[0].dtype, shape: args[0].shape.clone() };
    let sizes = op.slice_sizes(&args[0].shape, &args[2].shape);
    let plan = Plan::new(&op.dims, &sizes, &Strided::contiguous(&ty), &args[1], &args[2]);
    let operand = args[0].clone();
    match ty.dtype {
        DType::F32 => Box::new(Scattered::<f32> { plan, operand, float: PhantomData }),
        _ => Box::new(Scattered::<f64> { plan, operand, float: PhantomData }),
    }
}

/// Adds updates to elements of the result.
struct Added<'a, T> {
    out: &'a mut [T],
    updates: &'a [T],
}

impl<T: Float> Pairs for Added<'_, T> {
    #[inline(always)]
    fn one(&mut self, operand: usize, outer: usize) {
        self.out[operand] = self.out[operand] + self.updates[outer];
    }

    #[inline(always)]
    fn run(&mut self, operand: usize, outer: usize, count: usize) {
        let updates = &self.updates[outer..outer + count];
        self.out[operand..operand + count].iter_mut().zip(updates).for_each(|(o, &u)| *o = *o + u);
    }
}

impl<T: Float> Kernel for Scattered<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], _: &Threads) {
        let (operand, updates): (&[T], &[T]) =
            (bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice(inputs[2]));
        let out: &mut [T] = bytemuck::cast_slice_mut(out);
        if !out.is_empty() && self.operand.strides.iter().all(|&s| s == 0) {
            out.fill(operand[self.operand.offset as usize]);
        } else {
            let mut walk = Walk::new(&self.operand.shape, &self.operand.strides, self.operand.offset, 0);
            for o in out.iter_mut() {
                *o = operand[walk.position as usize];
                walk.advance(1);
            }
        }
        self.plan.for_each(bytemuck::cast_slice(inputs[1]), false, Added { out, updates });
    }
}
