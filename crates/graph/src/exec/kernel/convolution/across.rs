//! Convolutions whose vectors run across the examples: of long windows in few positions, over many examples.
//!
//! This is what the derivative by the filters is, where the input features are the examples.

use std::marker::PhantomData;
use std::ops::Range;

use super::super::contraction::{Loop, count, moved};
use super::axis::{Layout, Sliding};
use super::image::{Image, indices, place};
use super::{Frame, Problem};
use crate::Float;
use crate::exec::panel::{Operands, Panels, Run, Shared, pack_lines, pieces, sweep, with_scratch};
use crate::exec::{Kernel, Threads};

/// Bytes of images and windows that are in buffers at a time, if there is more than one.
const BUFFER: usize = 512 << 10;

/// A convolution as products of the filters with images in which the examples are neighbours.
pub(super) struct Across<T> {
    frame: Frame,
    image: Image,
    /// Room for the examples: whole vectors.
    width: usize,
    /// Where in the images of some inputs each of their terms meets the first position.
    terms: Vec<u32>,
    /// Elements of a window.
    elements: usize,
    /// Where runs of evenly spaced elements begin in rhs, and their length and step.
    lines: (Vec<isize>, usize, isize),
    /// Vectors of examples for each position, and where the position's sums go.
    runs: Vec<Run>,
    positions: Vec<usize>,
    /// Inputs whose images are in a buffer.
    deep: usize,
    float: PhantomData<T>,
}

impl<T: Float> Across<T> {
    /// None if the elements of the window meet lhs in more than one way, or few of it.
    pub fn new(problem: &Problem) -> Option<Self> {
        let (frame, exchanged) =
            (problem.frame.clone(), problem.sliding.iter().map(Sliding::exchanged).collect());
        let sliding = Sliding::three(exchanged, 0);
        let phases = sliding.map(|axis| axis.phases());
        if phases.iter().any(|p| p.len() != 1) {
            return None;
        }
        let phases = phases.each_ref().map(|p| &p[0]);
        let [planes, rows, row] = phases.map(Layout::grid);
        let image = Image::new(&sliding, [planes?, rows?, row?]);
        let lanes = frame.machine.lanes;
        let width = count(&frame.examples).next_multiple_of(lanes);
        let y = sliding.map(|a| a.step[1]);
        let (mut runs, mut positions) = (Vec::new(), Vec::new());
        for (i, tap) in indices(phases.map(|p| p.taps.len())).enumerate() {
            positions.push(place([0, 1, 2].map(|i| phases[i].taps[tap[i]].0), y) as usize);
            let (from, to) = (image.tap([0; 3], tap) * width, i * width);
            let vectors = (0..width).step_by(lanes);
            runs.extend(vectors.map(|first| Run { from: from + first, to: to + first, count: lanes }));
        }
        let (sizes, advance) = (phases.map(|p| p.count), phases.map(|p| p.advance as usize));
        let elements = sizes.iter().product::<usize>();
        let bytes = size_of::<T>() * (image.size() * width + elements * frame.outputs.size);
        let deep = (BUFFER / bytes).clamp(1, count(&frame.inputs));
        let [_, rows, row] = image.lengths();
        let element = |[z, y, x]: [usize; 3]| (z * advance[0] * rows + y * advance[1]) * row + x * advance[2];
        let terms = (0..deep).flat_map(|i| {
            let start = i * image.size();
            indices(sizes).map(move |at| ((start + element(at)) * width) as u32)
        });
        Some(Self {
            terms: terms.collect(),
            lines: lines(sizes, sliding.map(|a| a.step[2])),
            frame,
            image,
            width,
            elements,
            runs,
            positions,
            deep,
            float: PhantomData,
        })
    }

    /// Cycles, roughly.
    pub fn cost(&self) -> f64 {
        let Frame { machine, groups, inputs, outputs, .. } = &self.frame;
        let turned = (self.image.size() * self.width + self.elements * outputs.size) / 4;
        let deep = count(groups) * count(inputs);
        let sums = 2 * self.runs.len() * machine.lanes * outputs.size * count(groups);
        (deep * (turned + self.runs.len() * self.elements * outputs.size / 2) + sums) as f64
    }

    /// Computes some outputs of a group.
    fn part(&self, group: usize, some: Range<usize>, [lhs, rhs]: [&[T]; 2], out: Shared<T>) {
        let Frame { machine, start, groups, inputs, outputs, .. } = &self.frame;
        let mut place = moved(*start, groups, group);
        (0..3).for_each(|i| place[i] += some.start as isize * outputs.step[i]);
        let (rows, tall) = (some.len(), Panels::<T>::tall(machine, some.len()));
        let (size, row) = (self.image.size() * self.width, self.positions.len() * self.width);
        let lengths = [self.deep * size, (self.deep * self.elements * rows).next_multiple_of(64), rows * row];
        with_scratch::<T, _>(lengths.iter().sum(), |scratch| {
            let (images, rest) = scratch.split_at_mut(lengths[0]);
            let (panels, sums) = rest.split_at_mut(lengths[1]);
            images.fill(T::zero());
            let all = count(inputs);
            for first in (0..all).step_by(self.deep) {
                let some = first..(first + self.deep).min(all);
                let terms = &self.terms[..some.len() * self.elements];
                for (i, input) in some.enumerate() {
                    let at = moved(place, inputs, input);
                    self.image(lhs, at[0], &mut images[i * size..]);
                    for top in (0..rows).step_by(tall) {
                        let height = tall.min(rows - top);
                        let panel = &mut panels[top * terms.len() + i * self.elements * height..];
                        self.filters(rhs, at[1] + top as isize * outputs.step[1], height, panel);
                    }
                }
                let operands =
                    Operands { panels: Panels { data: &*panels, rows, tall }, terms, buffer: images };
                let target = (Shared::new(&mut *sums), row, 1);
                // SAFETY: the sums are this thread's own.
                unsafe { sweep(machine, operands, self.runs.iter().copied(), target, first > 0) };
            }
            // SAFETY: every output of every group has its own part of the result.
            unsafe { self.write(sums, place[2] as usize, out) };
        });
    }

    /// Writes the sums of some outputs, of which the first begins at `start` of the result.
    ///
    /// # Safety
    /// Nobody else has access to those elements of `out` meanwhile.
    unsafe fn write(&self, sums: &[T], start: usize, out: Shared<T>) {
        let Frame { examples, outputs, .. } = &self.frame;
        let (inner, outer) = Loop::innermost(examples);
        let step = inner.step[2] as usize;
        for at in 0..count(outer) {
            let start = start + moved([0; 3], outer, at)[2] as usize;
            for (o, sums) in sums.chunks_exact(self.positions.len() * self.width).enumerate() {
                for (&position, sums) in self.positions.iter().zip(sums.chunks_exact(self.width)) {
                    let to = start + position + o * outputs.step[2] as usize;
                    assert!(to + (inner.size - 1) * step < out.length, "a sum leaves the result");
                    for (i, &sum) in sums[at * inner.size..][..inner.size].iter().enumerate() {
                        // SAFETY: inside the result, as was just checked, and the caller's alone.
                        unsafe { *out.data.add(to + i * step).as_mut() = sum };
                    }
                }
            }
        }
    }

    /// Turns the images of all examples that begin at `start`, such that the examples are neighbours.
    fn image(&self, lhs: &[T], start: isize, buffer: &mut [T]) {
        let (machine, (inner, outer)) = (self.frame.machine, Loop::innermost(&self.frame.examples));
        for at in 0..count(outer) {
            let start = moved([start, 0, 0], outer, at)[0];
            self.image.rows(|to, from, (length, step)| {
                let to = &mut buffer[to * self.width + at * inner.size..];
                let lines = (inner.size, inner.step[0]);
                if outer.is_empty() {
                    return pack_lines(machine, (lhs, start + from), (lines, (length, step)), to, self.width);
                }
                for i in 0..length {
                    let from = start + from + i as isize * step;
                    pack_lines(machine, (lhs, from), (lines, (1, 0)), &mut to[i * self.width..], inner.size);
                }
            });
        }
    }

    /// Brings windows of some outputs into a panel.
    fn filters(&self, rhs: &[T], start: isize, height: usize, panel: &mut [T]) {
        let (ref lines, length, step) = self.lines;
        for (i, line) in lines.iter().enumerate() {
            let (sizes, panel) =
                (((height, self.frame.outputs.step[1]), (length, step)), &mut panel[i * length * height..]);
            pack_lines(self.frame.machine, (rhs, start + line), sizes, panel, height);
        }
    }
}

/// Rows of a box, or all of it, as lines of evenly spaced elements: where they begin, their length and step.
fn lines(sizes: [usize; 3], steps: [isize; 3]) -> (Vec<isize>, usize, isize) {
    let starts: Vec<isize> = indices([sizes[0], sizes[1], 1]).map(|at| place(at, steps)).collect();
    let row = sizes[2] as isize * steps[2];
    let even = starts.iter().enumerate().all(|(i, &start)| start == i as isize * row);
    let (count, length) = if even { (1, sizes.iter().product()) } else { (starts.len(), sizes[2]) };
    (starts[..count].to_vec(), length, steps[2])
}

impl<T: Float> Kernel for Across<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], threads: &Threads) {
        let inputs: [&[T]; 2] = [bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice(inputs[1])];
        let out: &mut [T] = bytemuck::cast_slice_mut(out);
        // Positions that meet nothing have no sums.
        out.fill(T::zero());
        let (groups, rows, out) = (count(&self.frame.groups), self.frame.outputs.size, Shared::new(out));
        if threads.count() == 1 {
            return (0..groups).for_each(|group| self.part(group, 0..rows, inputs, out));
        }
        let share = rows.div_ceil(threads.count().div_ceil(groups));
        let parts = (0..groups).flat_map(|group| pieces(0..rows, share).map(move |some| (group, some)));
        threads.for_each(parts.collect(), |(group, some)| self.part(group, some, inputs, out));
    }
}
