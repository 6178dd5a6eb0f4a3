//! Convolutions whose vectors run along the positions of the window.

use std::marker::PhantomData;
use std::ops::Range;

use super::super::contraction::{Loop, count, moved};
use super::axis::{Layout, Phase};
use super::image::{Image, indices, place};
use super::{Frame, Problem};
use crate::Float;
use crate::exec::panel::{Operands, Panels, Run, Shared, sweep, with_scratch};
use crate::exec::{Kernel, Threads};

/// Bytes of the images that are in a buffer at a time, if there is more than one.
const BUFFER: usize = 256 << 10;

/// A convolution as products of the filters with a table of what each of their elements meets in an image.
pub(super) struct Windows<T> {
    frame: Frame,
    image: Image,
    sets: Vec<Set>,
    /// Images in a buffer.
    chunk: usize,
    /// Whether there are outputs that no product is written to.
    gaps: bool,
    float: PhantomData<T>,
}

/// Positions of the window that meet the same elements of the filters.
struct Set {
    /// Where in an image each element of a filter meets the first position.
    terms: Vec<u32>,
    /// Where the elements are in rhs.
    weights: Vec<isize>,
    runs: Vec<Run>,
    /// Distance between neighbouring positions in the result.
    step: usize,
}

impl<T: Float> Windows<T> {
    pub fn new(problem: &Problem) -> Self {
        let (frame, phases) = (problem.frame.clone(), problem.sliding.map(|axis| axis.phases()));
        let image = Image::new(&problem.sliding, layouts(&phases, frame.machine.lanes));
        let size = image.size() * count(&frame.inputs);
        let chunk = (BUFFER / size_of::<T>() / size.max(1)).clamp(1, count(&frame.examples));
        let mut plan = Self { frame, image, sets: Vec::new(), chunk, gaps: false, float: PhantomData };
        for phase in indices(phases.each_ref().map(Vec::len)) {
            let chosen = [0, 1, 2].map(|i| &phases[i][phase[i]]);
            match chosen.iter().any(|p| p.taps.is_empty()) {
                true => plan.gaps = true,
                false => plan.sets.push(plan.set(problem, phase, chosen)),
            }
        }
        plan
    }

    /// One combination of phases.
    fn set(&self, problem: &Problem, phase: [usize; 3], phases: [&Phase; 3]) -> Set {
        let (w, y) = (problem.sliding.map(|a| a.step[1]), problem.sliding.map(|a| a.step[2] as usize));
        let (mut terms, mut weights) = (Vec::new(), Vec::new());
        for input in 0..count(&self.frame.inputs) {
            let weight = moved([0; 3], &self.frame.inputs, input)[1];
            for tap in indices(phases.map(|p| p.taps.len())) {
                terms.push((input * self.image.size() + self.image.tap(phase, tap)) as u32);
                weights.push(weight + place([0, 1, 2].map(|i| phases[i].taps[tap[i]].0), w));
            }
        }
        let (sizes, [_, rows, row]) = (phases.map(|p| p.count), self.image.lengths());
        let steps = [0, 1, 2].map(|i| phases[i].period * y[i]);
        let origin: usize = (0..3).map(|i| phases[i].first * y[i]).sum();
        // Rows that lie without gaps in image and result are one run.
        let long = row == sizes[2] && steps[1] == sizes[2] * steps[2];
        let (lines, length) = if long { (1, sizes[1] * sizes[2]) } else { (sizes[1], sizes[2]) };
        let mut runs = Vec::new();
        for (z, line) in (0..sizes[0]).flat_map(|z| (0..lines).map(move |line| (z, line))) {
            let (from, to) = ((z * rows + line) * row, origin + z * steps[0] + line * steps[1]);
            runs.extend((0..length).step_by(self.frame.machine.lanes).map(|first| Run {
                from: from + first,
                to: to + first * steps[2],
                count: self.frame.machine.lanes.min(length - first),
            }));
        }
        Set { terms, weights, runs, step: steps[2] }
    }

    /// Cycles, roughly.
    pub fn cost(&self) -> f64 {
        let vectors: usize = self.sets.iter().map(|s| s.runs.len() * s.terms.len()).sum();
        let copies = self.image.size() * count(&self.frame.inputs) / 8;
        let images = count(&self.frame.groups) * count(&self.frame.examples);
        images as f64 * (copies as f64 + (vectors * self.frame.outputs.size) as f64 / 2.0)
    }

    /// Elements of the filters of a group.
    fn filters(&self) -> usize {
        self.sets.iter().map(|s| s.terms.len() * self.frame.outputs.size).sum()
    }

    /// Brings the filters of all groups into panels.
    fn pack(&self, rhs: &[T], panels: &mut [T]) {
        let Frame { machine, start, groups, outputs, .. } = &self.frame;
        let tall = Panels::<T>::tall(machine, outputs.size);
        let mut panels = panels.iter_mut();
        for group in 0..count(groups) {
            let start = moved(*start, groups, group)[1];
            for set in &self.sets {
                for top in (0..outputs.size).step_by(tall) {
                    let rows = top..(top + tall).min(outputs.size);
                    let elements = set.weights.iter().flat_map(|w| rows.clone().map(move |row| (w, row)));
                    for ((weight, row), to) in elements.zip(&mut panels) {
                        *to = rhs[(start + weight + row as isize * outputs.step[1]) as usize];
                    }
                }
            }
        }
    }

    /// Computes some units of work: chunks of images, group by group.
    fn units(&self, units: Range<usize>, lhs: &[T], panels: &[T], out: Shared<T>) {
        let Frame { machine, start, groups, examples, outputs, .. } = &self.frame;
        let (all, size) = (count(examples), self.image.size() * count(&self.frame.inputs));
        let chunks = all.div_ceil(self.chunk);
        let (rows, tall) = (outputs.size, Panels::<T>::tall(machine, outputs.size));
        with_scratch::<T, _>(size * self.chunk + machine.lanes, |buffer| {
            buffer.fill(T::zero());
            for unit in units {
                let group = moved(*start, groups, unit / chunks);
                let first = unit % chunks * self.chunk;
                let images = first..(first + self.chunk).min(all);
                for (i, image) in images.clone().enumerate() {
                    self.image(lhs, moved(group, examples, image), &mut buffer[i * size..]);
                }
                let mut panels = &panels[unit / chunks * self.filters()..];
                for set in &self.sets {
                    let (data, rest) = panels.split_at(set.terms.len() * rows);
                    panels = rest;
                    let runs = images.clone().enumerate().flat_map(|(i, image)| {
                        let to = moved(group, examples, image)[2] as usize;
                        set.runs.iter().map(move |run| Run {
                            from: run.from + i * size,
                            to: run.to + to,
                            ..*run
                        })
                    });
                    let operands =
                        Operands { panels: Panels { data, rows, tall }, terms: &set.terms, buffer };
                    let target = (out, outputs.step[2] as usize, set.step);
                    // SAFETY: every image of every group has its own part of the result.
                    unsafe { sweep(machine, operands, runs, target, false) };
                }
            }
        });
    }

    /// Copies all features of the example that begins at `place`.
    fn image(&self, lhs: &[T], place: [isize; 3], buffer: &mut [T]) {
        let (inner, outer) = Loop::innermost(&self.frame.inputs);
        for at in 0..count(outer) {
            let start = moved(place, outer, at)[0];
            let buffer = &mut buffer[at * inner.size * self.image.size()..];
            self.image.fill(self.frame.machine, lhs, start, (inner.size, inner.step[0]), buffer);
        }
    }
}

/// How the axes are laid out: the innermost so that vectors are mostly full, the others so that lines are shared.
fn layouts([planes, rows, row]: &[Vec<Phase>; 3], lanes: usize) -> [Layout; 3] {
    let most = |phases: &[Phase]| phases.iter().map(|p| p.count).max().unwrap_or(0);
    let full = most(row) as f64 / most(row).next_multiple_of(lanes).max(1) as f64;
    let inner = if full > 0.9 || most(rows) <= 1 { Layout::small(row) } else { Layout::apart(row) };
    [Layout::small(planes), Layout::small(rows), inner]
}

impl<T: Float> Kernel for Windows<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], threads: &Threads) {
        let (lhs, rhs): (&[T], &[T]) = (bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice(inputs[1]));
        let out: &mut [T] = bytemuck::cast_slice_mut(out);
        if self.gaps {
            out.fill(T::zero());
        }
        let groups = count(&self.frame.groups);
        with_scratch::<T, _>(self.filters() * groups, |panels| {
            self.pack(rhs, panels);
            let (panels, out) = (&*panels, Shared::new(out));
            let units = groups * count(&self.frame.examples).div_ceil(self.chunk);
            if threads.count() == 1 {
                return self.units(0..units, lhs, panels, out);
            }
            threads.for_each(Frame::parts(threads, units), |part| self.units(part, lhs, panels, out));
        });
    }
}
