//! Convolutions whose vectors run along the elements of the window: of long windows in few positions.

use std::marker::PhantomData;
use std::ops::Range;

use super::super::contraction::{count, moved};
use super::axis::{Layout, Sliding};
use super::image::{Image, indices, place};
use super::{Frame, Problem};
use crate::Float;
use crate::exec::panel::{Column, Rows, Shared, copy_block, correlate, with_scratch};
use crate::exec::{Kernel, Threads};

/// Bytes of the images that are in a buffer at a time, if there is more than one.
const BUFFER: usize = 768 << 10;
/// Terms that are worth the last step of a sum, across a vector.
const ENOUGH: usize = 2048;

/// A convolution as sums along the elements of a long window.
pub(super) struct Correlation<T> {
    frame: Frame,
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
        let (frame, exchanged) =
            (problem.frame.clone(), problem.sliding.iter().map(Sliding::exchanged).collect());
        let sliding = Sliding::three(exchanged, 2);
        let phases = sliding.map(|axis| axis.phases());
        if phases.iter().any(|p| p.len() != 1) {
            return None;
        }
        let image = Image::new(
            &sliding,
            [Layout::small(&phases[0]), Layout::small(&phases[1]), Layout::apart(&phases[2])],
        );
        let phases = phases.each_ref().map(|p| &p[0]);
        let (y, w) = (sliding.map(|a| a.step[1]), sliding.map(|a| a.step[2]));
        let to = |tap: [usize; 3]| place([0, 1, 2].map(|i| phases[i].taps[tap[i]].0), y) as usize;
        let taps = indices(phases.map(|p| p.taps.len()));
        let positions: Vec<Column> = taps.map(|tap| [image.tap([0; 3], tap), to(tap)]).collect();
        let sizes = sliding.map(|a| a.out);
        let copied = (sizes[2] > 1 && w[2] != 1) || (sizes[1] > 1 && w[1] != sizes[2] as isize);
        let [_, rows, row] = image.lengths();
        let length = sizes[1] * sizes[2];
        // A row of an image is as long as one of the window.
        let runs = (0..sizes[0] as isize)
            .map(|z| [z * if copied { length as isize } else { w[0] }, z * (rows * row) as isize])
            .collect();
        let (examples, inputs) = (count(&frame.examples), count(&frame.inputs));
        let room = BUFFER / size_of::<T>() / image.size().max(1);
        let deep = ENOUGH.div_ceil((length * sizes[0]).max(1)).min(inputs);
        let wide = (room / deep).clamp(1, examples);
        let chunk = (wide, (room / wide).clamp(1, inputs));
        let runs = (runs, length);
        Some(Self { frame, image, positions, window: (sizes, w), copied, runs, chunk, float: PhantomData })
    }

    /// Cycles, roughly.
    pub fn cost(&self) -> f64 {
        let vectors = self.runs.1.div_ceil(self.frame.machine.lanes) * self.runs.0.len();
        let images = count(&self.frame.groups) * count(&self.frame.examples);
        let deep = count(&self.frame.inputs);
        let sums = self.frame.outputs.size * self.positions.len();
        let across = 8 * sums * deep.div_ceil(self.chunk.1);
        images as f64 * ((deep * (vectors * sums / 2 + self.image.size() / 8)) as f64 + across as f64)
    }

    /// Computes some units of work: chunks of examples, group by group.
    fn units(&self, units: Range<usize>, arrays: [&[T]; 2], out: Shared<T>) {
        let Frame { start, groups, examples, inputs, outputs, .. } = &self.frame;
        let (examples, inputs) = (count(examples), count(inputs));
        let (wide, deep) = self.chunk;
        let (chunks, size) = (examples.div_ceil(wide), self.image.size());
        let copies = if self.copied { deep * outputs.size * self.elements() } else { 0 };
        let images = (wide * deep * size).next_multiple_of(64);
        with_scratch::<T, _>(images + copies, |scratch| {
            let (images, copies) = scratch.split_at_mut(images);
            images.fill(T::zero());
            with_scratch::<Column, _>(wide * self.positions.len(), |columns| {
                with_scratch::<[isize; 2], _>(deep * self.runs.0.len(), |segments| {
                    for unit in units {
                        let place = moved(*start, groups, unit / chunks);
                        let first = unit % chunks * wide;
                        let some = first..(first + wide).min(examples);
                        for first in (0..inputs).step_by(deep) {
                            let deep = first..(first + deep).min(inputs);
                            let buffers = Buffers { images, copies, columns, segments };
                            self.block(arrays, place, (some.clone(), deep), buffers, out);
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
        [lhs, rhs]: [&[T]; 2],
        place: [isize; 3],
        (some, deep): (Range<usize>, Range<usize>),
        buffers: Buffers<T>,
        out: Shared<T>,
    ) {
        let Frame { machine, examples, inputs, outputs, .. } = &self.frame;
        let Buffers { images, copies, columns, segments } = buffers;
        let size = self.image.size();
        let mut runs = segments.iter_mut();
        for (i, input) in deep.clone().enumerate() {
            let at = moved(place, inputs, input);
            for (e, example) in some.clone().enumerate() {
                let at = moved(at, examples, example);
                self.image.fill(machine, lhs, at[0], (1, 0), &mut images[(i * self.chunk.0 + e) * size..]);
            }
            let filters = i * outputs.size * self.elements();
            if self.copied {
                self.copy(rhs, at[1], &mut copies[filters..]);
            }
            let begin = if self.copied { filters as isize } else { at[1] };
            for (run, to) in self.runs.0.iter().zip(&mut runs) {
                *to = [begin + run[0], (i * self.chunk.0 * size) as isize + run[1]];
            }
        }
        let mut targets = columns.iter_mut();
        for (e, example) in some.clone().enumerate() {
            let at = moved(place, examples, example)[2] as usize;
            for (&[from, to], column) in self.positions.iter().zip(&mut targets) {
                *column = [from + e * size, to + at];
            }
        }
        let columns = &columns[..some.len() * self.positions.len()];
        let segments = &segments[..deep.len() * self.runs.0.len()];
        let rows = match self.copied {
            true => Rows { data: &*copies, line: self.elements() as isize, count: outputs.size },
            false => Rows { data: rhs, line: outputs.step[1], count: outputs.size },
        };
        let row = outputs.step[2] as usize;
        // SAFETY: every example of every group has its own part of the result.
        unsafe { correlate(machine, rows, (images, columns), (segments, self.runs.1), (out, row)) };
    }

    /// Copies the windows of all outputs, which begin at `start`, as neighbouring numbers.
    fn copy(&self, rhs: &[T], start: isize, copies: &mut [T]) {
        let ([planes, rows, row], steps) = self.window;
        let outputs = self.frame.outputs;
        for plane in 0..planes {
            let from = start + plane as isize * steps[0];
            let (sizes, steps) = ([outputs.size, rows, row], [outputs.step[1], steps[1], steps[2]]);
            let to = &mut copies[plane * rows * row..];
            copy_block(self.frame.machine, (rhs, from), (sizes, steps), to, [self.elements(), row]);
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
        let units = count(&self.frame.groups) * count(&self.frame.examples).div_ceil(self.chunk.0);
        let out = Shared::new(out);
        if threads.count() == 1 {
            return self.units(0..units, inputs, out);
        }
        threads.for_each(Frame::parts(threads, units), |part| self.units(part, inputs, out));
    }
}
