//! A compiled program allocates nothing while it runs.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use thalweg_graph::primitive::*;
use thalweg_graph::{Axes, Builder, DType, Graph, Literal, Program, Threads, Type};

/// The system's allocator, which counts what each thread asks of it.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    /// # Safety
    /// As [`GlobalAlloc::alloc`] says.
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: as the caller vouches.
        unsafe { System.alloc(layout) }
    }
    /// # Safety
    /// As [`GlobalAlloc::dealloc`] says.
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller vouches.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of the third run of a program.
fn allocations(graph: &Graph) -> usize {
    let program = Program::compile(graph);
    let make =
        |types: &[Type]| -> Vec<Vec<u64>> { types.iter().map(|t| vec![0; t.bytes().div_ceil(8)]).collect() };
    let inputs = make(program.inputs());
    let mut outputs = make(program.outputs());
    let inputs: Vec<&[u8]> =
        inputs.iter().zip(program.inputs()).map(|(x, t)| &bytemuck::cast_slice(x)[..t.bytes()]).collect();
    let mut outputs: Vec<&mut [u8]> = outputs
        .iter_mut()
        .zip(program.outputs())
        .map(|(x, t)| &mut bytemuck::cast_slice_mut(x)[..t.bytes()])
        .collect();
    let threads = Threads::default();
    program.run(&inputs, &mut outputs, &threads);
    program.run(&inputs, &mut outputs, &threads);
    let before = COUNT.get();
    program.run(&inputs, &mut outputs, &threads);
    COUNT.get() - before
}

fn float(shape: &[usize]) -> Type {
    Type::new(DType::F64, shape.iter().copied())
}

/// Every kind of instruction but products, which have a test of their own.
#[test]
fn nothing_is_allocated() {
    let mut b = Builder::new();
    let x = b.input(float(&[6, 5, 4, 3]));
    let turned = b.transpose(x, &[3, 1, 0, 2]);
    let y = b.tanh(turned);
    let flat = b.reshape(y, &[360]);
    let sorted = b.transpose(y, &[2, 1, 3, 0]);
    let sum = b.add(sorted, x);
    let zero = b.scalar(DType::F64, 0.0);
    let padded = b.emit(
        Pad {
            low: [1, 0, 2, -1].as_slice().into(),
            high: [0, 1, 0, 1].as_slice().into(),
            interior: [1, 0, 0, 2].as_slice().into(),
        },
        &[sum, zero],
    );
    let sums = b.sum(padded, &[1, 3]);
    let most = b.reduce_max(turned, &[0, 2]);
    let at = b.arg_max(x, 2);
    let joined = b.concatenate(&[flat, flat], 0);
    let indices = b.literal(Literal::new([3], &[1, 0, 5]));
    let rows = b.take_rows(x, indices);
    let scattered = b.emit(ScatterAdd { dims: GatherDims::rows(4, 1) }, &[sum, indices, rows]);
    let counted = b.convert(at, DType::F64);
    let graph = b.finish(&[sums, most, joined, scattered, counted]);
    assert_eq!(allocations(&graph), 0);
}

/// More operands and results of one pass than a small array holds in place.
#[test]
fn nothing_is_allocated_for_many_operands() {
    let mut b = Builder::new();
    let inputs: Vec<_> = (0..20).map(|_| b.input(float(&[3, 700]))).collect();
    let outputs: Vec<_> = inputs
        .iter()
        .map(|&x| {
            let y = b.sin(x);
            b.mul(y, inputs[0])
        })
        .collect();
    let joined = b.concatenate(&outputs, 1);
    let total = outputs.iter().skip(1).fold(outputs[0], |sum, &y| b.add(sum, y));
    let graph = b.finish(&[outputs, vec![joined, total]].concat());
    assert_eq!(allocations(&graph), 0);
}

/// More axes than a small array holds in place, none of which can be joined.
#[test]
fn nothing_is_allocated_for_many_axes() {
    let mut b = Builder::new();
    let x = b.input(float(&[2, 3, 2, 3, 2, 3, 2]));
    let turned = b.transpose(x, &[6, 5, 4, 3, 2, 1, 0]);
    let y = b.exp(turned);
    let z = b.mul(y, turned);
    let sum = b.sum(turned, &[0, 2, 4, 6]);
    let reversed = b.emit(Reverse(Axes::from_slice(&[1, 3, 5])), &[turned]);
    let joined = b.concatenate(&[reversed, y], 3);
    let graph = b.finish(&[z, sum, joined]);
    assert_eq!(allocations(&graph), 0);
}

/// Products keep their panels from one run to the next.
#[test]
fn products_allocate_nothing() {
    let gradient = |[examples, inner, width]: [usize; 3]| {
        let mut b = Builder::new();
        let w = b.input(float(&[width, inner]));
        let x = b.input(float(&[examples, inner]));
        let z = b.dot(x, 1, w, 1);
        let h = b.tanh(z);
        let sum = b.sum_all(h);
        b.finish(&[sum]).grad(&[0])
    };
    for sizes in [[4, 3, 2], [64, 64, 32], [200, 90, 70], [300, 1, 600]] {
        assert_eq!(allocations(&gradient(sizes)), 0, "{sizes:?}");
    }
}

/// Convolutions and their derivatives keep their buffers, whichever way they are computed.
#[test]
fn convolutions_allocate_nothing() {
    for [examples, inputs, outputs, side, stride] in
        [[2, 3, 4, 6, 1], [20, 3, 5, 9, 2], [3, 20, 30, 8, 1], [40, 17, 16, 10, 2]]
    {
        let mut b = Builder::new();
        let x = b.input(float(&[examples, inputs, side, side]));
        let w = b.input(float(&[outputs, inputs, 3, 3]));
        let z = b.convolution(x, w, &[Window::new().stride(stride).padding(1, 1); 2], 1);
        let h = b.tanh(z);
        let sum = b.sum_all(h);
        let gradient = b.finish(&[sum]).grad(&[0, 1]);
        assert_eq!(allocations(&gradient), 0, "{examples} examples of {inputs} × {side}²");
    }
}
