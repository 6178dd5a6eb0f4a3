//! Convolutions on a matrix unit: tiles of filters that slide over images.
//!
//! Numbers are sums of three of bf16, as in its products of matrices. An image becomes planes of pairs of numbers, from
//! two neighbouring inputs; a tile of sixteen planes at sixteen neighbouring positions is a step's right operand, and
//! lies further on in the same planes for the next element of the window. Images with few inputs have planes that are
//! shifted by an element, so that a step covers several.

use std::cell::Cell;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::contraction::{count, moved};
use super::axis::Layout;
use super::image::{Image, indices, place};
use super::windows::Windows;
use super::{Frame, Problem};
use crate::exec::panel::{Block, Shared, matrix, with_scratch};
use crate::exec::{Kernel, Threads};

/// Positions of a tile, and pairs of a step.
const TILE: usize = 16;

/// A convolution as steps of tiles.
pub(super) struct Tiled {
    frame: Frame,
    image: Image,
    /// Pairs of inputs, copies of them that are shifted, and by how many positions.
    pairs: usize,
    copies: usize,
    shift: usize,
    /// Numbers of a plane's pairs, and of planes.
    plane: usize,
    planes: usize,
    /// For each step: how many bytes behind the first position its pairs lie, and where their weights are in rhs.
    terms: Vec<u32>,
    weights: Vec<matrix::Pairs>,
    /// Positions from the first to the last.
    span: usize,
    /// Positions along each axis, and how far the result moves in a step.
    positions: [usize; 3],
    steps: [usize; 3],
    /// What is done where numbers are not finite.
    vectors: Windows<f32>,
}

impl Tiled {
    /// None if there is no matrix unit, or if neighbouring positions are no neighbours in image and result.
    pub fn new(problem: &Problem) -> Option<Self> {
        let frame = problem.frame.clone();
        let phases = problem.sliding.map(|axis| axis.phases());
        let single = phases.iter().all(|p| p.len() == 1 && !p[0].taps.is_empty());
        if !frame.machine.matrix || !single || problem.sliding[2].step[2] != 1 {
            return None;
        }
        let image = Image::new(&problem.sliding, phases.each_ref().map(|p| Layout::small(p)));
        let taps = phases.each_ref().map(|p| p[0].taps.len());
        let shift = even((0..taps[2]).map(|tap| image.tap([0; 3], [0, 0, tap])));
        let inputs = count(&frame.inputs);
        let pairs = inputs.div_ceil(2);
        let steps = |copies: usize| taps[2].div_ceil(copies) * (pairs * copies).div_ceil(TILE);
        let copies = (1..=if shift.is_some() { taps[2] } else { 1 }).min_by_key(|&copies| steps(copies))?;
        let shift = shift.unwrap_or(0);
        let planes = (pairs * copies).next_multiple_of(TILE);
        // Rows of a tile at a multiple of a page's size would share few cache lines.
        let plane = image.size().next_multiple_of(TILE) + matrix::TOGETHER;
        let plane = plane + if plane.is_multiple_of(256) { 2 * TILE } else { 0 };
        if planes * plane * 4 * 3 > u32::MAX as usize {
            return None;
        }
        let (mut terms, mut weights) = (Vec::new(), Vec::new());
        let w = problem.sliding.map(|a| a.step[1]);
        let weight = |input: usize, tap: [usize; 3]| {
            let at = place([0, 1, 2].map(|i| phases[i][0].taps[tap[i]].0), w);
            (input < inputs).then(|| moved([0; 3], &frame.inputs, input)[1] + at)
        };
        for [z, y, _] in indices([taps[0], taps[1], 1]) {
            for first in (0..taps[2]).step_by(copies) {
                for row in (0..planes).step_by(TILE) {
                    terms.push(4 * (row * plane + image.tap([0; 3], [z, y, first])) as u32);
                    let pair = |i: usize| {
                        let (copy, pair) = ((row + i) / pairs, (row + i) % pairs);
                        let tap = [z, y, first + copy];
                        let there = copy < copies && tap[2] < taps[2];
                        [0, 1].map(|half| if there { weight(2 * pair + half, tap) } else { None })
                    };
                    weights.push(matrix::Pairs::new(pair)?);
                }
            }
        }
        let positions = phases.each_ref().map(|p| p[0].count);
        let [_, rows, row] = image.lengths();
        let span = ((positions[0] - 1) * rows + positions[1] - 1) * row + positions[2];
        let steps = problem.sliding.map(|a| a.step[2] as usize);
        let vectors = Windows::new(problem);
        Some(Self {
            frame,
            image,
            pairs,
            copies,
            shift,
            plane,
            planes,
            terms,
            weights,
            span,
            positions,
            steps,
            vectors,
        })
    }

    /// Cycles, roughly.
    pub fn cost(&self) -> f64 {
        let Frame { groups, examples, outputs, .. } = &self.frame;
        let filters = outputs.size.div_ceil(TILE);
        let (twos, ones) = (filters / 2, filters % 2);
        // Cycles of a product of tiles; three of them at a time wait for the image.
        let (wide, narrow) = (24 * 20, 18 * 29);
        let blocks =
            wide * twos * self.span.div_ceil(2 * TILE) + narrow * ones * self.span.div_ceil(3 * TILE);
        let sums = blocks * self.terms.len();
        let copied = self.pairs * self.plane * (3 * self.copies + 1) / 4 + outputs.size * self.span / 3;
        (count(groups) * count(examples) * (sums + copied)) as f64
    }

    /// Bytes of the filters' tiles of a group.
    fn filters(&self) -> usize {
        self.frame.outputs.size.div_ceil(TILE) * self.terms.len() * matrix::STEP
    }

    /// Brings the filters of all groups into tiles.
    fn pack(&self, rhs: &[f32], tiles: &mut [u8]) {
        let Frame { start, groups, outputs, .. } = &self.frame;
        for group in 0..count(groups) {
            let start = moved(*start, groups, group)[1];
            let lines = (outputs.size, outputs.step[1]);
            matrix::filters((rhs, start), lines, &self.weights, &mut tiles[group * self.filters()..]);
        }
    }

    /// Computes some units of work, images of each group, and returns whether all sums are finite.
    fn units(&self, units: Range<usize>, lhs: &[f32], filters: &[u8], out: Shared<f32>) -> bool {
        let Frame { start, groups, examples, outputs, .. } = &self.frame;
        let tiles = matrix::Tiles::new();
        let finite = Cell::new(true);
        let row = self.span.next_multiple_of(matrix::TOGETHER);
        // Two images, zeros, and what shifted planes read behind them.
        let stage = 3 * self.image.size() + self.copies * self.shift + TILE;
        let lengths = [stage.next_multiple_of(TILE), 3 * self.planes * self.plane, 2 * TILE * row];
        with_scratch::<f32, _>(lengths.iter().sum(), |scratch| {
            let (stage, rest) = scratch.split_at_mut(lengths[0]);
            let (planes, sums) = rest.split_at_mut(lengths[1]);
            stage.fill(0.0);
            planes.fill(0.0);
            for unit in units {
                let (group, example) = (unit / count(examples), unit % count(examples));
                let place = moved(moved(*start, groups, group), examples, example);
                self.image(lhs, place, stage, planes);
                let filters = &filters[group * self.filters()..][..self.filters()];
                for first in (0..outputs.size).step_by(2 * TILE) {
                    let some = (outputs.size - first).min(2 * TILE);
                    let field = matrix::Field { terms: &self.terms, planes, plane: self.plane };
                    let tall = self.terms.len() * matrix::STEP;
                    let from = &filters[first / TILE * tall..];
                    field.slide(&tiles, (from, some.div_ceil(TILE)), self.span, sums);
                    if !sums.chunks(row).take(some).all(|sums| matrix::is_finite(&sums[..self.span])) {
                        finite.set(false);
                    }
                    // SAFETY: every image of every group has its own part of the result.
                    unsafe {
                        self.write(sums, place[2] as usize + first * outputs.step[2] as usize, some, out)
                    };
                }
            }
        });
        finite.get()
    }

    /// Brings the image at `place` into planes.
    fn image(&self, lhs: &[f32], place: [isize; 3], stage: &mut [f32], planes: &mut [f32]) {
        let Frame { machine, inputs, .. } = &self.frame;
        let (all, size) = (count(inputs), self.image.size());
        for pair in 0..self.pairs {
            for half in (0..2).filter(|half| 2 * pair + half < all) {
                let at = moved(place, inputs, 2 * pair + half)[0];
                self.image.fill(machine, lhs, at, (1, 0), &mut stage[half * size..]);
            }
            let second = if 2 * pair + 1 < all { size } else { 2 * size };
            for copy in 0..self.copies {
                let (shift, row) = (copy * self.shift, copy * self.pairs + pair);
                let from = [&stage[shift..], &stage[second + shift..]];
                matrix::pairs(from, size, &mut planes[row * self.plane..], self.planes * self.plane);
            }
        }
    }

    /// Writes the sums of `count` outputs, of which the first begins at `start` of the result.
    ///
    /// # Safety
    /// Nobody else has access to those elements of `out` meanwhile.
    unsafe fn write(&self, sums: &[f32], start: usize, count: usize, out: Shared<f32>) {
        let ([_, rows, row], [planes, height, width]) = (self.image.lengths(), self.positions);
        let (apart, output) =
            (self.span.next_multiple_of(matrix::TOGETHER), self.frame.outputs.step[2] as usize);
        for plane in 0..planes {
            let to = start + plane * self.steps[0];
            let last = to + (count - 1) * output + (height - 1) * self.steps[1] + width;
            let from = plane * rows * row;
            assert!(
                last <= out.length && (count - 1) * apart + from + (height - 1) * row + width <= sums.len()
            );
            let block = Block {
                from: NonNull::from(&sums[from..]).cast(),
                sizes: [count, height, width],
                steps: [apart as isize, row as isize, 1],
                // SAFETY: inside the result, as was just checked.
                to: unsafe { out.data.add(to) }.cast(),
                gaps: [output, self.steps[1]],
            };
            // SAFETY: both ends were just checked, and the result is the caller's alone.
            unsafe { self.frame.machine.transfer(&block) };
        }
    }
}

/// The distance of neighbours, if it is the same for all.
fn even(mut places: impl Iterator<Item = usize>) -> Option<usize> {
    let (first, second) = (places.next()?, places.next()?);
    let step = second.checked_sub(first)?;
    let mut last = second;
    places.all(|at| at.checked_sub(std::mem::replace(&mut last, at)) == Some(step)).then_some(step)
}

impl Kernel for Tiled {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], threads: &Threads) {
        let (lhs, rhs): (&[f32], &[f32]) = (bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice(inputs[1]));
        let finite = with_scratch::<u8, _>(self.filters() * count(&self.frame.groups), |filters| {
            self.pack(rhs, filters);
            let (filters, out) = (&*filters, Shared::new(bytemuck::cast_slice_mut::<u8, f32>(out)));
            let units = count(&self.frame.groups) * count(&self.frame.examples);
            if threads.count() == 1 {
                return self.units(0..units, lhs, filters, out);
            }
            let finite = AtomicBool::new(true);
            threads.for_each(Frame::parts(threads, units), |part| {
                if !self.units(part, lhs, filters, out) {
                    finite.store(false, Ordering::Relaxed);
                }
            });
            finite.into_inner()
        });
        if !finite {
            self.vectors.run(inputs, out, threads);
        }
    }
}
