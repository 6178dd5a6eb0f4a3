//! Convolutions whose vectors run across the examples: of long windows in few positions, over many examples.
//!
//! This is what the derivative by the filters is, where the input features are the examples.

use std::marker::PhantomData;
use std::ops::Range;

use smallvec::SmallVec;

use super::super::contraction::{Loop, Loops, count, joined, moved};
use super::Problem;
use super::axis::{Layout, Phase, Sliding};
use super::image::Image;
use crate::Float;
use crate::exec::panel::{Machine, Operands, Panels, Run, Shared, pack_lines, pieces, sweep, with_scratch};
use crate::exec::{Kernel, Threads};

/// Bytes of images and windows that are in buffers at a time, if there is more than one.
const BUFFER: usize = 512 << 10;

/// A convolution as products of the filters with images in which the examples are neighbours.
pub(super) struct Across<T> {
    start: [isize; 3],
    groups: Loops,
    examples: Loops,
    inputs: Loops,
    outputs: Loop,
    image: Image,
    /// Room for the examples: whole vectors.
    width: usize,
    /// Where in the images of some inputs each of their terms meets the first position.
    terms: Vec<u32>,
    /// Elements of a window, where runs of neighbours among them begin in rhs, and their length and step.
    elements: usize,
    lines: Vec<isize>,
    line: (usize, isize),
    /// Vectors of examples for each position, and where the position's sums go.
    runs: Vec<Run>,
    positions: Vec<usize>,
    /// Inputs whose images are in a buffer.
    deep: usize,
    float: PhantomData<T>,
}

impl<T: Float> Across<T> {
    /// None if the elements of the window meet lhs in more than one way.
    pub fn new(problem: &Problem) -> Option<Self> {
        let machine = Machine::detect(T::DTYPE);
        let mut sliding: SmallVec<[Sliding; 3]> = problem.sliding.iter().map(Sliding::exchanged).collect();
        sliding.sort_by_key(|s| std::cmp::Reverse(s.step[0].abs()));
        let phases: SmallVec<[Vec<Phase>; 3]> = sliding.iter().map(Sliding::phases).collect();
        if phases.iter().any(|p| p.len() != 1) {
            return None;
        }
        let grids = phases.iter().map(|p| Layout::grid(&p[0])).collect::<Option<Vec<_>>>()?;
        let image = Image::new(&sliding, grids);
        let (examples, inputs) = (joined(&problem.examples), joined(&problem.inputs));
        let width = count(&examples).next_multiple_of(machine.lanes);
        let missing = 3 - sliding.len();
        let axis = |i: usize| (i >= missing).then(|| (&sliding[i - missing], &phases[i - missing][0]));
        let sizes = [0, 1, 2].map(|i| axis(i).map_or(1, |(_, p)| p.count));
        let taps = [0, 1, 2].map(|i| axis(i).map_or(1, |(_, p)| p.taps.len()));
        let (mut runs, mut positions) = (Vec::new(), Vec::new());
        for at in 0..taps.iter().product() {
            let tap = [at / (taps[1] * taps[2]), at / taps[2] % taps[1], at % taps[2]];
            let to = |i| axis(i).map_or(0, |(s, p)| p.taps[tap[i]].0 * s.step[1] as usize);
            positions.push((0..3).map(to).sum());
            runs.extend((0..width).step_by(machine.lanes).enumerate().map(|(i, first)| Run {
                from: image.tap([0; 3], tap) * width + first,
                to: at * width + i * machine.lanes,
                count: machine.lanes,
            }));
        }
        let [_, rows, row] = image.lengths();
        let elements: usize = sizes.iter().product();
        let bytes = size_of::<T>() * (image.size() * width + elements * problem.outputs.size);
        let deep = (BUFFER / bytes.max(1)).clamp(1, count(&inputs).max(1));
        let advance = [0, 1, 2].map(|i| axis(i).map_or(0, |(_, p)| p.advance as usize));
        let w = [0, 1, 2].map(|i| axis(i).map_or(0, |(s, _)| s.step[2]));
        let mut terms = Vec::new();
        let mut lines = Vec::new();
        for input in 0..deep {
            for at in 0..elements {
                let [z, y, x] = [at / (sizes[1] * sizes[2]), at / sizes[2] % sizes[1], at % sizes[2]];
                let place = (z * advance[0] * rows + y * advance[1]) * row + x * advance[2];
                terms.push(((input * image.size() + place) * width) as u32);
                if input == 0 && x == 0 {
                    lines.push(z as isize * w[0] + y as isize * w[1]);
                }
            }
        }
        // Rows of the window that follow each other in rhs are one line.
        let whole = (1..lines.len()).all(|i| lines[i] == i as isize * sizes[2] as isize * w[2]);
        let line = if whole { elements } else { sizes[2] };
        lines.truncate(elements / line);
        Some(Self {
            start: problem.start,
            groups: problem.groups.clone(),
            outputs: problem.outputs,
            line: (line, w[2]),
            examples,
            inputs,
            image,
            width,
            terms,
            elements,
            lines,
            runs,
            positions,
            deep,
            float: PhantomData,
        })
    }

    /// Cycles, roughly.
    pub fn cost(&self) -> f64 {
        let outputs = self.outputs.size;
        let turned = (self.image.size() * self.width + self.elements * outputs) / 4;
        let deep = count(&self.groups) * count(&self.inputs);
        let sums = 2 * self.runs.len() * Machine::detect(T::DTYPE).lanes * outputs * count(&self.groups);
        (deep * (turned + self.runs.len() * self.elements * outputs / 2) + sums) as f64
    }

    /// Computes some outputs of a group.
    fn part(
        &self,
        group: usize,
        outputs: Range<usize>,
        machine: &Machine,
        [lhs, rhs]: [&[T]; 2],
        out: Shared<T>,
    ) {
        let mut place = moved(self.start, &self.groups, group);
        (0..3).for_each(|i| place[i] += outputs.start as isize * self.outputs.step[i]);
        let (size, row) = (self.image.size() * self.width, self.positions.len() * self.width);
        let tall = Panels::<T>::tall(machine, outputs.len());
        let deep = self.deep * self.elements;
        let lengths = [self.deep * size, (deep * outputs.len()).next_multiple_of(64), outputs.len() * row];
        with_scratch::<T, _>(lengths.iter().sum(), |scratch| {
            let (images, rest) = scratch.split_at_mut(lengths[0]);
            let (panels, sums) = rest.split_at_mut(lengths[1]);
            images.fill(T::zero());
            let all = count(&self.inputs);
            for first in (0..all).step_by(self.deep) {
                let some = first..(first + self.deep).min(all);
                let terms = &self.terms[..some.len() * self.elements];
                for (i, input) in some.enumerate() {
                    let at = moved(place, &self.inputs, input);
                    self.image(machine, lhs, at[0], &mut images[i * size..]);
                    let mut top = 0;
                    while top < outputs.len() {
                        let height = tall.min(outputs.len() - top);
                        let panel = &mut panels[top * terms.len() + i * self.elements * height..];
                        self.filters(
                            machine,
                            rhs,
                            at[1] + top as isize * self.outputs.step[1],
                            height,
                            panel,
                        );
                        top += height;
                    }
                }
                let panels = Panels { data: &*panels, rows: outputs.len(), tall };
                let operands = Operands { panels, terms, buffer: images };
                let target = (Shared::new(&mut *sums), row, 1);
                // SAFETY: the sums are this thread's own.
                unsafe { sweep(machine, operands, self.runs.iter().copied(), target, first > 0) };
            }
            for (o, sums) in sums.chunks_exact(row).enumerate() {
                for (&position, sums) in self.positions.iter().zip(sums.chunks_exact(self.width)) {
                    let at = place[2] as usize + position + o * self.outputs.step[2] as usize;
                    for (example, &sum) in sums[..count(&self.examples)].iter().enumerate() {
                        let at = moved([0; 3], &self.examples, example)[2] as usize + at;
                        assert!(at < out.length, "a sum leaves the result");
                        // SAFETY: inside the result, as was just checked; every output of every group has its own
                        // part of it.
                        unsafe { *out.data.add(at).as_mut() = sum };
                    }
                }
            }
        });
    }

    /// Turns the images of all examples that begin at `start`, such that the examples are neighbours.
    fn image(&self, machine: &Machine, lhs: &[T], start: isize, buffer: &mut [T]) {
        let one = Loop { size: 1, step: [0; 3] };
        let (inner, outer) =
            self.examples.split_last().map_or((one, &[][..]), |(&inner, outer)| (inner, outer));
        let whole = outer.is_empty();
        for at in 0..count(outer) {
            let start = moved([start, 0, 0], outer, at)[0];
            self.image.rows(|to, from, (length, step)| {
                let to = &mut buffer[to * self.width + at * inner.size..];
                let lines = (inner.size, inner.step[0]);
                if whole {
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
    fn filters(&self, machine: &Machine, rhs: &[T], start: isize, height: usize, panel: &mut [T]) {
        let (length, step) = self.line;
        for (i, line) in self.lines.iter().enumerate() {
            let (lines, panel) = ((height, self.outputs.step[1]), &mut panel[i * length * height..]);
            pack_lines(machine, (rhs, start + line), (lines, (length, step)), panel, height);
        }
    }
}

impl<T: Float> Kernel for Across<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], threads: &Threads) {
        let inputs: [&[T]; 2] = [bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice(inputs[1])];
        let out: &mut [T] = bytemuck::cast_slice_mut(out);
        let machine = Machine::detect(T::DTYPE);
        // Positions that meet nothing have no sums.
        out.fill(T::zero());
        let (groups, out) = (count(&self.groups), Shared::new(out));
        if threads.count() == 1 {
            return (0..groups).for_each(|g| self.part(g, 0..self.outputs.size, machine, inputs, out));
        }
        let share = self.outputs.size.div_ceil(threads.count().div_ceil(groups));
        let part = |g: usize| pieces(0..self.outputs.size, share).map(move |outputs| (g, outputs));
        threads.for_each((0..groups).flat_map(part).collect(), |(g, outputs)| {
            self.part(g, outputs, machine, inputs, out);
        });
    }
}
