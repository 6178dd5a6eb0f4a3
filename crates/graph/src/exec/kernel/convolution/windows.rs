//! Convolutions whose vectors run along the positions of the window.

use std::marker::PhantomData;
use std::ops::Range;

use smallvec::SmallVec;

use super::super::contraction::{Loop, Loops, count, joined, moved};
use super::Problem;
use super::axis::{Layout, Phase, Sliding};
use super::image::Image;
use crate::Float;
use crate::exec::panel::{Machine, Operands, Panels, Run, Shared, sweep, with_scratch};
use crate::exec::{Kernel, Threads};

/// Bytes of the images that are in a buffer at a time, if there is more than one.
const BUFFER: usize = 256 << 10;

/// A convolution as products of the filters with a table of what each of their elements meets in an image.
pub(super) struct Windows<T> {
    start: [isize; 3],
    groups: Loops,
    examples: Loops,
    inputs: Loops,
    outputs: Loop,
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
        let machine = Machine::detect(T::DTYPE);
        let phases: SmallVec<[Vec<Phase>; 3]> = problem.sliding.iter().map(Sliding::phases).collect();
        let inputs = joined(&problem.inputs);
        let mut plan = Self {
            start: problem.start,
            groups: problem.groups.clone(),
            examples: joined(&problem.examples),
            outputs: problem.outputs,
            image: Image::new(&problem.sliding, layouts(&phases, machine.lanes)),
            sets: Vec::new(),
            chunk: 1,
            gaps: false,
            inputs,
            float: PhantomData,
        };
        let size = plan.image.size() * count(&plan.inputs);
        plan.chunk = (BUFFER / size_of::<T>() / size.max(1)).clamp(1, count(&plan.examples).max(1));
        let missing = 3 - phases.len();
        let point = Phase { first: 0, period: 1, count: 1, advance: 1, taps: vec![(0, 0)] };
        let lists: [&[Phase]; 3] = [0, 1, 2]
            .map(|i| if i < missing { std::slice::from_ref(&point) } else { &phases[i - missing][..] });
        for at in 0..lists.iter().map(|l| l.len()).product() {
            let phase = [
                at / (lists[1].len() * lists[2].len()),
                at / lists[2].len() % lists[1].len(),
                at % lists[2].len(),
            ];
            let chosen = [0, 1, 2].map(|i| &lists[i][phase[i]]);
            let set = plan.set(&problem.sliding, phase, chosen, machine.lanes);
            match set.terms.is_empty() {
                true => plan.gaps = true,
                false => plan.sets.push(set),
            }
        }
        plan
    }

    /// One combination of phases.
    fn set(&self, sliding: &[Sliding], phase: [usize; 3], phases: [&Phase; 3], lanes: usize) -> Set {
        let missing = 3 - sliding.len();
        let steps =
            |array: usize| [0, 1, 2].map(|i| if i < missing { 0 } else { sliding[i - missing].step[array] });
        let ([w, y], [planes, rows, row]) = ([steps(1), steps(2)], self.image.lengths());
        let _ = planes;
        let (mut terms, mut weights) = (Vec::new(), Vec::new());
        let taps = phases.map(|p| p.taps.len());
        for input in 0..count(&self.inputs) {
            let weight = moved([0; 3], &self.inputs, input)[1];
            for at in 0..taps.iter().product() {
                let tap = [at / (taps[1] * taps[2]), at / taps[2] % taps[1], at % taps[2]];
                terms.push((input * self.image.size() + self.image.tap(phase, tap)) as u32);
                weights
                    .push(weight + (0..3).map(|i| phases[i].taps[tap[i]].0 as isize * w[i]).sum::<isize>());
            }
        }
        let counts = phases.map(|p| p.count);
        let outs = [0, 1, 2].map(|i| phases[i].period * y[i] as usize);
        let origin: usize = (0..3).map(|i| phases[i].first * y[i] as usize).sum();
        let mut runs = Vec::new();
        // Rows, and planes, that lie without gaps in image and result are one run.
        let long = counts[1] > 1 && row == counts[2] && outs[1] == counts[2] * outs[2];
        let (lines, length) =
            if long { (counts[0], counts[1] * counts[2]) } else { (counts[0] * counts[1], counts[2]) };
        for line in 0..lines {
            let at = if long { [line, 0] } else { [line / counts[1], line % counts[1]] };
            let from = (at[0] * rows + at[1]) * row;
            let to = origin + at[0] * outs[0] + at[1] * outs[1];
            runs.extend((0..length).step_by(lanes).map(|first| Run {
                from: from + first,
                to: to + first * outs[2],
                count: lanes.min(length - first),
            }));
        }
        Set { terms, weights, runs, step: outs[2] }
    }

    /// Cycles, roughly.
    pub fn cost(&self) -> f64 {
        let vectors: usize = self.sets.iter().map(|s| s.runs.len() * s.terms.len()).sum();
        let copies = self.image.size() * count(&self.inputs) / 8;
        let images = count(&self.groups) * count(&self.examples);
        images as f64 * (copies as f64 + (vectors * self.outputs.size) as f64 / 2.0)
    }

    /// Brings the filters of all groups into panels.
    fn filters(&self, machine: &Machine, rhs: &[T], panels: &mut [T]) {
        let mut at = 0;
        let tall = Panels::<T>::tall(machine, self.outputs.size);
        for group in 0..count(&self.groups) {
            let start = moved(self.start, &self.groups, group)[1];
            for set in &self.sets {
                for top in (0..self.outputs.size).step_by(tall) {
                    let height = tall.min(self.outputs.size - top);
                    for weight in &set.weights {
                        let first = start + weight + top as isize * self.outputs.step[1];
                        for i in 0..height {
                            panels[at + i] = rhs[(first + i as isize * self.outputs.step[1]) as usize];
                        }
                        at += height;
                    }
                }
            }
        }
    }

    /// Computes some units of work: chunks of images, group by group.
    fn units(&self, units: Range<usize>, machine: &Machine, lhs: &[T], panels: &[T], out: Shared<T>) {
        let (examples, inputs) = (count(&self.examples), count(&self.inputs));
        let chunks = examples.div_ceil(self.chunk);
        let filters: usize = self.sets.iter().map(|s| s.terms.len() * self.outputs.size).sum();
        let size = self.image.size() * inputs;
        let tall = Panels::<T>::tall(machine, self.outputs.size);
        with_scratch::<T, _>(size * self.chunk + machine.lanes, |buffer| {
            buffer.fill(T::zero());
            for unit in units {
                let (group, chunk) = (unit / chunks, unit % chunks);
                let place = moved(self.start, &self.groups, group);
                let images = chunk * self.chunk..((chunk + 1) * self.chunk).min(examples);
                for (i, image) in images.clone().enumerate() {
                    self.image(machine, lhs, moved(place, &self.examples, image), &mut buffer[i * size..]);
                }
                let mut panels = &panels[group * filters..(group + 1) * filters];
                for set in &self.sets {
                    let (data, rest) = panels.split_at(set.terms.len() * self.outputs.size);
                    panels = rest;
                    let runs = images.clone().enumerate().flat_map(|(i, image)| {
                        let to = moved(place, &self.examples, image)[2] as usize;
                        set.runs.iter().map(move |run| Run {
                            from: run.from + i * size,
                            to: run.to + to,
                            ..*run
                        })
                    });
                    let panels = Panels { data, rows: self.outputs.size, tall };
                    let operands = Operands { panels, terms: &set.terms, buffer };
                    let row = self.outputs.step[2] as usize;
                    // SAFETY: every image of every group has its own part of the result.
                    unsafe { sweep(machine, operands, runs, (out, row, set.step), false) };
                }
            }
        });
    }

    /// Copies all features of the example that begins at `place`.
    fn image(&self, machine: &Machine, lhs: &[T], place: [isize; 3], buffer: &mut [T]) {
        let one = Loop { size: 1, step: [0; 3] };
        let (inner, outer) =
            self.inputs.split_last().map_or((one, &[][..]), |(&inner, outer)| (inner, outer));
        for at in 0..count(outer) {
            let start = moved(place, outer, at)[0];
            let buffer = &mut buffer[at * inner.size * self.image.size()..];
            self.image.fill(machine, lhs, start, (inner.size, inner.step[0]), buffer);
        }
    }
}

/// How the axes are laid out: the innermost so that vectors are mostly full, the others so that lines are shared.
fn layouts(phases: &[Vec<Phase>], lanes: usize) -> Vec<Layout> {
    let Some((inner, outer)) = phases.split_last() else { return Vec::new() };
    let long = inner.iter().map(|p| p.count).max().unwrap_or(0);
    let full = long as f64 / long.next_multiple_of(lanes).max(1) as f64;
    let shared = |phases: &Vec<Phase>| Layout::shared(phases).unwrap_or_else(|| Layout::apart(phases));
    let mut layouts: Vec<Layout> = outer.iter().map(shared).collect();
    layouts.push(if full > 0.9 || outer.is_empty() { shared(inner) } else { Layout::apart(inner) });
    layouts
}

impl<T: Float> Kernel for Windows<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], threads: &Threads) {
        let (lhs, rhs): (&[T], &[T]) = (bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice(inputs[1]));
        let out: &mut [T] = bytemuck::cast_slice_mut(out);
        if self.gaps {
            out.fill(T::zero());
        }
        let machine = Machine::detect(T::DTYPE);
        let filters: usize = self.sets.iter().map(|s| s.terms.len() * self.outputs.size).sum();
        let groups = count(&self.groups);
        with_scratch::<T, _>(filters * groups, |panels| {
            self.filters(machine, rhs, panels);
            let (panels, out) = (&*panels, Shared::new(out));
            let units = groups * count(&self.examples).div_ceil(self.chunk);
            if threads.count() == 1 {
                return self.units(0..units, machine, lhs, panels, out);
            }
            let share = units.div_ceil(threads.count() * 2).max(1);
            let parts = (0..units).step_by(share).map(|first| first..(first + share).min(units)).collect();
            threads.for_each(parts, |part| self.units(part, machine, lhs, panels, out));
        });
    }
}
