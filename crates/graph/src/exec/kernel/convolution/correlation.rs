//! Convolutions whose vectors run along the elements of the window: of long windows in few positions.

use std::marker::PhantomData;
use std::ops::Range;

use smallvec::SmallVec;

use super::super::contraction::{Loop, Loops, count, joined, moved};
use super::Problem;
use super::axis::{Layout, Phase, Sliding};
use super::image::Image;
use crate::Float;
use crate::exec::panel::{Column, Machine, Rows, Shared, copy_block, correlate, with_scratch};
use crate::exec::{Kernel, Threads};

/// Bytes of the images that are in a buffer at a time, if there is more than one.
const BUFFER: usize = 768 << 10;
/// Terms that are worth the last step of a sum, across a vector.
const ENOUGH: usize = 2048;

/// A convolution as sums along the elements of a long window.
pub(super) struct Correlation<T> {
    start: [isize; 3],
    groups: Loops,
    examples: Loops,
    inputs: Loops,
    outputs: Loop,
    image: Image,
    /// Where each position of the window begins in an image, and where its sum goes.
    positions: Vec<Column>,
    /// The window: its sizes, and its steps in rhs.
    window: ([usize; 3], [isize; 3]),
    /// Whether rhs is copied, so that windows are runs of neighbours.
    copied: bool,
    /// Runs of neighbours in a window, and their length: where they begin in rhs and in an image.
    runs: (Vec<[isize; 2]>, usize),
    /// Examples and inputs whose images are in a buffer.
    chunk: (usize, usize),
    float: PhantomData<T>,
}

impl<T: Float> Correlation<T> {
    /// None if the elements of the window meet lhs in more than one way.
    pub fn new(problem: &Problem) -> Option<Self> {
        let mut sliding: SmallVec<[Sliding; 3]> = problem.sliding.iter().map(Sliding::exchanged).collect();
        sliding.sort_by_key(|s| std::cmp::Reverse(s.step[2].abs()));
        let phases: SmallVec<[Vec<Phase>; 3]> = sliding.iter().map(Sliding::phases).collect();
        if phases.iter().any(|p| p.len() != 1) {
            return None;
        }
        let (inner, outer) = phases.split_last()?;
        let mut layouts: Vec<Layout> =
            outer.iter().map(|p| Layout::shared(p).unwrap_or_else(|| Layout::apart(p))).collect();
        layouts.push(Layout::apart(inner));
        let image = Image::new(&sliding, layouts);
        let missing = 3 - sliding.len();
        let of = |i: usize, f: &dyn Fn(usize) -> isize, other: isize| {
            if i < missing { other } else { f(i - missing) }
        };
        let steps = |array: usize| [0, 1, 2].map(|i| of(i, &|i| sliding[i].step[array], 0));
        let (y, w) = (steps(1), steps(2));
        let sizes = [0, 1, 2].map(|i| of(i, &|i| sliding[i].out as isize, 1) as usize);
        let taps =
            [0, 1, 2].map(|i| if i < missing { vec![(0, 0)] } else { phases[i - missing][0].taps.clone() });
        let mut positions = Vec::new();
        let counts = [0, 1, 2].map(|i| taps[i].len());
        for at in 0..counts.iter().product() {
            let tap = [at / (counts[1] * counts[2]), at / counts[2] % counts[1], at % counts[2]];
            let to: isize = (0..3).map(|i| taps[i][tap[i]].0 as isize * y[i]).sum();
            positions.push([image.tap([0; 3], tap), to as usize]);
        }
        let copied = (sizes[2] > 1 && w[2] != 1) || (sizes[1] > 1 && w[1] != sizes[2] as isize);
        let [_, rows, row] = image.lengths();
        let plane = (sizes[1] * sizes[2]) as isize;
        // A row of an image is as long as one of the window.
        let runs = (0..sizes[0] as isize)
            .map(|z| [z * if copied { plane } else { w[0] }, z * (rows * row) as isize]);
        let (examples, inputs) = (joined(&problem.examples), joined(&problem.inputs));
        let (length, room) = (plane as usize, BUFFER / size_of::<T>() / image.size().max(1));
        let deep = ENOUGH.div_ceil((length * sizes[0]).max(1)).min(count(&inputs)).max(1);
        let wide = (room / deep).clamp(1, count(&examples).max(1));
        let deep = (room / wide).clamp(1, count(&inputs).max(1));
        Some(Self {
            start: problem.start,
            groups: problem.groups.clone(),
            outputs: problem.outputs,
            positions,
            window: (sizes, w),
            copied,
            runs: (runs.collect(), length),
            chunk: (wide, deep),
            examples,
            inputs,
            image,
            float: PhantomData,
        })
    }

    /// Cycles, roughly.
    pub fn cost(&self) -> f64 {
        let lanes = Machine::detect(T::DTYPE).lanes;
        let vectors = self.runs.1.div_ceil(lanes) * self.runs.0.len();
        let (images, deep) = (count(&self.groups) * count(&self.examples), count(&self.inputs));
        let sums = self.outputs.size * self.positions.len();
        let across = 8 * sums * deep.div_ceil(self.chunk.1);
        images as f64 * ((deep * (vectors * sums / 2 + self.image.size() / 8)) as f64 + across as f64)
    }

    /// Computes some units of work: chunks of examples, group by group.
    fn units(&self, units: Range<usize>, machine: &Machine, arrays: [&[T]; 2], out: Shared<T>) {
        let (examples, inputs) = (count(&self.examples), count(&self.inputs));
        let (wide, deep) = self.chunk;
        let (chunks, size) = (examples.div_ceil(wide), self.image.size());
        let copies = if self.copied { deep * self.outputs.size * self.elements() } else { 0 };
        let images = (wide * deep * size).next_multiple_of(64);
        with_scratch::<T, _>(images + copies, |scratch| {
            let (images, copies) = scratch.split_at_mut(images);
            images.fill(T::zero());
            with_scratch::<Column, _>(wide * self.positions.len(), |columns| {
                with_scratch::<[isize; 2], _>(deep * self.runs.0.len(), |segments| {
                    for unit in units {
                        let place = moved(self.start, &self.groups, unit / chunks);
                        let first = unit % chunks * wide;
                        let some = first..(first + wide).min(examples);
                        for first in (0..inputs).step_by(deep) {
                            let deep = first..(first + deep).min(inputs);
                            let buffers = Buffers { images, copies, columns, segments };
                            self.block(machine, arrays, place, (some.clone(), deep), buffers, out);
                        }
                    }
                });
            });
        });
    }

    /// Elements of a window.
    fn elements(&self) -> usize {
        self.window.0.iter().product()
    }

    /// Adds the terms of some inputs to the sums of some examples of the group that begins at `place`.
    fn block(
        &self,
        machine: &Machine,
        [lhs, rhs]: [&[T]; 2],
        place: [isize; 3],
        (examples, inputs): (Range<usize>, Range<usize>),
        buffers: Buffers<T>,
        out: Shared<T>,
    ) {
        let Buffers { images, copies, columns, segments } = buffers;
        let (size, outputs) = (self.image.size(), self.outputs.size);
        let mut runs = segments.iter_mut();
        for (i, input) in inputs.clone().enumerate() {
            let at = moved(place, &self.inputs, input);
            for (e, example) in examples.clone().enumerate() {
                let at = moved(at, &self.examples, example);
                self.image.fill(machine, lhs, at[0], (1, 0), &mut images[(i * self.chunk.0 + e) * size..]);
            }
            let filters = i * outputs * self.elements();
            if self.copied {
                self.copy(machine, rhs, at[1], &mut copies[filters..]);
            }
            let begin = if self.copied { filters as isize } else { at[1] };
            for (run, to) in self.runs.0.iter().zip(&mut runs) {
                *to = [begin + run[0], (i * self.chunk.0 * size) as isize + run[1]];
            }
        }
        let used = inputs.len() * self.runs.0.len();
        let mut targets = columns.iter_mut();
        for (e, example) in examples.clone().enumerate() {
            let at = moved(place, &self.examples, example)[2] as usize;
            for (&[from, to], column) in self.positions.iter().zip(&mut targets) {
                *column = [from + e * size, to + at];
            }
        }
        let columns = &columns[..examples.len() * self.positions.len()];
        let rows = match self.copied {
            true => Rows { data: &*copies, line: self.elements() as isize, count: outputs },
            false => Rows { data: rhs, line: self.outputs.step[1], count: outputs },
        };
        let row = self.outputs.step[2] as usize;
        // SAFETY: every example of every group has its own part of the result.
        unsafe { correlate(machine, rows, (images, columns), (&segments[..used], self.runs.1), (out, row)) };
    }

    /// Copies the windows of all outputs, which begin at `start`, as neighbouring numbers.
    fn copy(&self, machine: &Machine, rhs: &[T], start: isize, copies: &mut [T]) {
        let ([planes, rows, row], steps) = self.window;
        for plane in 0..planes {
            let from = start + plane as isize * steps[0];
            let (sizes, steps) = ([self.outputs.size, rows, row], [self.outputs.step[1], steps[1], steps[2]]);
            let to = &mut copies[plane * rows * row..];
            copy_block(machine, (rhs, from), (sizes, steps), to, [self.elements(), row]);
        }
    }
}

/// What a thread keeps of a chunk.
struct Buffers<'a, T> {
    images: &'a mut [T],
    copies: &'a mut [T],
    columns: &'a mut [Column],
    segments: &'a mut [[isize; 2]],
}

impl<T: Float> Kernel for Correlation<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], threads: &Threads) {
        let inputs: [&[T]; 2] = [bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice(inputs[1])];
        let out: &mut [T] = bytemuck::cast_slice_mut(out);
        out.fill(T::zero());
        let machine = Machine::detect(T::DTYPE);
        let (units, out) =
            (count(&self.groups) * count(&self.examples).div_ceil(self.chunk.0), Shared::new(out));
        if threads.count() == 1 {
            return self.units(0..units, machine, inputs, out);
        }
        let share = units.div_ceil(threads.count() * 2).max(1);
        let parts = (0..units).step_by(share).map(|first| first..(first + share).min(units)).collect();
        threads.for_each(parts, |part| self.units(part, machine, inputs, out));
    }
}
