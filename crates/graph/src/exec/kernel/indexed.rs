//! Gather and scatter-add.

use std::marker::PhantomData;

use crate::exec::strided::{Strides, Walk};
use crate::exec::{Kernel, Strided, Threads};
use crate::primitive::{Gather, GatherDims, ScatterAdd};
use crate::{Axes, DType, Float, Shape, Type};

/// Where slices lie in the operand and in the result (or the updates).
struct Plan {
    /// Sizes of the batch axes of the indices, and the indices' strides along them.
    batch: Shape,
    index_strides: Strides,
    index_offset: isize,
    /// Distance between components of an index vector.
    component: isize,
    /// Per component: operand's stride and the last start that fits.
    starts: Vec<(isize, i64)>,
    /// Operand's stride for each batch axis that is matched with one of its axes, else 0.
    matched: Strides,
    /// Strides of the result's batch axes.
    outer: Strides,
    /// Sizes of a slice's axes, with the operand's and the result's strides.
    window: Shape,
    operand_window: Strides,
    outer_window: Strides,
    operand_offset: isize,
    outer_offset: isize,
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
        let outer_batch: Axes = (0..outer.shape.len()).filter(|a| !dims.offset.contains(a)).collect();
        Self {
            batch: batch_axes.iter().map(|&a| indices.shape[a]).collect(),
            index_strides: batch_axes.iter().map(|&a| indices.strides[a]).collect(),
            index_offset: indices.offset,
            component: indices.strides.get(dims.index_vector).copied().unwrap_or(0),
            starts: dims
                .start_index_map
                .iter()
                .map(|&a| (operand.strides[a], (operand.shape[a] - sizes[a]) as i64))
                .collect(),
            matched: batch_axes
                .iter()
                .map(|a| {
                    let pair = dims.indices_batching.iter().position(|i| i == a);
                    pair.map_or(0, |p| operand.strides[dims.operand_batching[p]])
                })
                .collect(),
            outer: outer_batch.iter().map(|&a| outer.strides[a]).collect(),
            window: windows.iter().map(|&a| sizes[a]).collect(),
            operand_window: windows.iter().map(|&a| operand.strides[a]).collect(),
            outer_window: dims.offset.iter().map(|&a| outer.strides[a]).collect(),
            operand_offset: operand.offset,
            outer_offset: outer.offset,
        }
    }

    /// Calls `slice(operand position, outer position)` for each element of each
    /// slice; out-of-range slices are clamped or skipped.
    fn for_each(&self, indices: &[i32], clamp: bool, mut element: impl FnMut(usize, usize)) {
        let count: usize = self.batch.iter().product();
        let size: usize = self.window.iter().product();
        let mut index = Walk::new(&self.batch, &self.index_strides, self.index_offset, 0);
        let mut matched = Walk::new(&self.batch, &self.matched, self.operand_offset, 0);
        let mut outer = Walk::new(&self.batch, &self.outer, self.outer_offset, 0);
        for _ in 0..count {
            let mut at = matched.position;
            let mut inside = true;
            for (i, &(stride, last)) in self.starts.iter().enumerate() {
                let wanted = i64::from(indices[(index.position + i as isize * self.component) as usize]);
                let start = wanted.clamp(0, last);
                inside &= start == wanted;
                at += start as isize * stride;
            }
            if clamp || inside {
                let mut from = Walk::new(&self.window, &self.operand_window, at, 0);
                let mut to = Walk::new(&self.window, &self.outer_window, outer.position, 0);
                for _ in 0..size {
                    element(from.position as usize, to.position as usize);
                    from.advance(1);
                    to.advance(1);
                }
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

impl Kernel for Gathered {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], _: &Threads) {
        fn copy<T: bytemuck::Pod>(plan: &Plan, inputs: &[&[u8]], out: &mut [u8]) {
            let (operand, out): (&[T], &mut [T]) =
                (bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice_mut(out));
            plan.for_each(bytemuck::cast_slice(inputs[1]), true, |from, to| out[to] = operand[from]);
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

impl<T: Float> Kernel for Scattered<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], _: &Threads) {
        let (operand, updates): (&[T], &[T]) =
            (bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice(inputs[2]));
        let out: &mut [T] = bytemuck::cast_slice_mut(out);
        let mut walk = Walk::new(&self.operand.shape, &self.operand.strides, self.operand.offset, 0);
        for o in out.iter_mut() {
            *o = operand[walk.position as usize];
            walk.advance(1);
        }
        self.plan
            .for_each(bytemuck::cast_slice(inputs[1]), false, |to, from| out[to] = out[to] + updates[from]);
    }
}
