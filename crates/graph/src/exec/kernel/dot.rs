//! `dot_general` as matrix products over strided operands.

use std::marker::PhantomData;

use crate::exec::panel::{Machine, Strands, product};
use crate::exec::strided::{Strides, collapse};
use crate::exec::{Eval, Kernel, Strided, Threads};
use crate::primitive::DotGeneral;
use crate::{DType, Float, Shape, Type};

/// Below this many multiplications a product is not shared between threads.
const SHARE: usize = 1 << 18;

/// Axes that are walked by a loop around the matrix products.
#[derive(Default)]
struct Loops {
    sizes: Shape,
    lhs: Strides,
    rhs: Strides,
    out: Strides,
}

impl Loops {
    fn push(&mut self, size: usize, lhs: isize, rhs: isize, out: isize) {
        self.sizes.push(size);
        self.lhs.push(lhs);
        self.rhs.push(rhs);
        self.out.push(out);
    }

    fn count(&self) -> usize {
        self.sizes.iter().product()
    }

    /// Offsets of iteration `at` in lhs, rhs and the result.
    fn offsets(&self, mut at: usize) -> (isize, isize, isize) {
        let mut offsets = (0, 0, 0);
        for axis in (0..self.sizes.len()).rev() {
            let index = (at % self.sizes[axis]) as isize;
            at /= self.sizes[axis];
            offsets.0 += index * self.lhs[axis];
            offsets.1 += index * self.rhs[axis];
            offsets.2 += index * self.out[axis];
        }
        offsets
    }
}

struct Dot<T> {
    /// Loops over independent parts of the result.
    outer: Loops,
    /// Loops over parts of the sum.
    inner: Loops,
    m: usize,
    n: usize,
    k: usize,
    /// Distance between the result's rows.
    row: usize,
    /// Offset, row and column stride.
    lhs: (isize, isize, isize),
    rhs: (isize, isize, isize),
    float: PhantomData<T>,
}

/// How the product is computed.
pub(crate) fn dot(op: &DotGeneral, args: &[Strided], out: &Type) -> Eval {
    match out.dtype {
        DType::F32 => Eval::kernel(plan::<f32>(op, args, out)),
        _ => Eval::kernel(plan::<f64>(op, args, out)),
    }
}

/// One axis of a product: its size and how far it moves in each operand and in the result.
type Axis = (usize, isize, isize, isize);

fn plan<T: Float>(op: &DotGeneral, args: &[Strided], out: &Type) -> Dot<T> {
    let (lhs, rhs) = (&args[0], &args[1]);
    let result = Strided::contiguous(out);
    let batch = op.lhs_batch.len();
    let (lhs_free, rhs_free) = (op.lhs_free(lhs.shape.len()), op.rhs_free(rhs.shape.len()));
    let mut outer = Loops::default();
    for (i, (&l, &r)) in op.lhs_batch.iter().zip(&op.rhs_batch).enumerate() {
        outer.push(lhs.shape[l], lhs.strides[l], rhs.strides[r], result.strides[i]);
    }
    let axes = |view: &Strided, axes: &[usize], left: bool, first: usize| -> Vec<Axis> {
        axes.iter()
            .enumerate()
            .map(|(i, &a)| {
                let (l, r) = if left { (view.strides[a], 0) } else { (0, view.strides[a]) };
                (view.shape[a], l, r, result.strides[first + i])
            })
            .collect()
    };
    let rows = joined(axes(lhs, &lhs_free, true, batch));
    let columns = joined(axes(rhs, &rhs_free, false, batch + lhs_free.len()));
    let mut sums: Vec<Axis> = op
        .lhs_contract
        .iter()
        .zip(&op.rhs_contract)
        .map(|(&l, &r)| (lhs.shape[l], lhs.strides[l], rhs.strides[r], 0))
        .collect();
    sums.sort_by_key(|&(_, l, r, _)| std::cmp::Reverse((l.abs(), r.abs())));
    let sums = joined(sums);

    let mut inner = Loops::default();
    let m = inmost(rows, &mut outer);
    let n = inmost(columns, &mut outer);
    let k = inmost(sums, &mut inner);
    // The result's column stride must be 1: if the chosen columns are not its last axis, one column at a time.
    let n = if n.3 == 1 || n.0 == 1 {
        n
    } else {
        outer.push(n.0, n.1, n.2, n.3);
        (1, 0, 0, 1)
    };
    let row = if m.0 == 1 { n.0 } else { m.3 as usize };
    Dot {
        outer,
        inner,
        m: m.0,
        n: n.0,
        k: k.0,
        row,
        lhs: (lhs.offset, m.1, k.1),
        rhs: (rhs.offset, k.2, n.2),
        float: PhantomData,
    }
}

/// Joins neighbouring axes that all operands walk through alike.
fn joined(axes: Vec<Axis>) -> Vec<Axis> {
    let column = |f: fn(&Axis) -> isize| axes.iter().map(f).collect::<Strides>();
    let (l, r, o) = (column(|a| a.1), column(|a| a.2), column(|a| a.3));
    let sizes: Shape = axes.iter().map(|a| a.0).collect();
    let flat = collapse(&sizes, &[&l, &r, &o]);
    (0..flat.sizes.len())
        .map(|i| (flat.sizes[i], flat.strides[0][i], flat.strides[1][i], flat.strides[2][i]))
        .collect()
}

/// Takes the axis for the matrix product out of `axes` (the last, unless
/// another is far larger) and leaves the others to loops.
fn inmost(mut axes: Vec<Axis>, loops: &mut Loops) -> Axis {
    let Some(last) = axes.len().checked_sub(1) else { return (1, 0, 0, 1) };
    let largest = (0..=last).max_by_key(|&i| axes[i].0).expect("an axis");
    let chosen = if axes[largest].0 > 4 * axes[last].0 { largest } else { last };
    let axis = axes.remove(chosen);
    for (size, l, r, o) in axes {
        loops.push(size, l, r, o);
    }
    axis
}

impl<T: Float> Kernel for Dot<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], threads: &Threads) {
        let (lhs, rhs): (&[T], &[T]) = (bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice(inputs[1]));
        let out: &mut [T] = bytemuck::cast_slice_mut(out);
        if out.is_empty() {
            return;
        }
        if self.inner.count() == 0 {
            return out.fill(T::zero());
        }
        let work = self.m * self.n * self.k;
        match threads.count() {
            1 => self.products(lhs, rhs, out, threads),
            _ if work < SHARE => self.products(lhs, rhs, out, &Threads::default()),
            _ => threads.install(|| self.products(lhs, rhs, out, threads)),
        }
    }
}

impl<T: Float> Dot<T> {
    fn products(&self, lhs: &[T], rhs: &[T], out: &mut [T], threads: &Threads) {
        let machine = Machine::detect(T::DTYPE);
        for at in 0..self.outer.count() {
            let (l, r, o) = self.outer.offsets(at);
            for step in 0..self.inner.count() {
                let (dl, dr, _) = self.inner.offsets(step);
                let left = Strands::new(lhs, self.lhs.0 + l + dl, (self.m, self.lhs.1), (self.k, self.lhs.2));
                let right =
                    Strands::new(rhs, self.rhs.0 + r + dr, (self.n, self.rhs.2), (self.k, self.rhs.1));
                product(machine, &mut out[o as usize..], self.row, &left, &right, step > 0, threads);
            }
        }
    }
}
