//! Copies of images in which the numbers that neighbouring positions of a window meet are neighbours.

use super::axis::{Layout, Sliding};
use crate::Float;
use crate::exec::panel::{Machine, copy_block};

/// Planes, rows and numbers of a row.
type Box3 = [usize; 3];

/// How one feature of one example lies in a buffer: for each line of each of three axes, the outermost first, a block
/// of as many numbers as the lines are long.
pub(super) struct Image {
    layouts: [Layout; 3],
    pieces: Vec<Piece>,
}

/// A part of a block that lies inside lhs.
struct Piece {
    to: usize,
    from: isize,
    sizes: Box3,
    steps: [isize; 3],
}

impl Image {
    /// Lays out three axes of lhs.
    pub fn new(axes: &[Sliding; 3], layouts: [Layout; 3]) -> Self {
        let (sizes, steps) = (axes.map(|a| a.lhs), axes.map(|a| a.step[0]));
        let mut image = Self { layouts, pieces: Vec::new() };
        let lines = image.layouts.each_ref().map(|l| l.lines.len());
        for line in indices(lines) {
            let inside = [0, 1, 2].map(|i| image.layouts[i].inside(line[i], sizes[i]));
            let piece = Piece {
                to: image.at(line, [0, 1, 2].map(|i| inside[i].0.start)),
                from: (0..3).map(|i| inside[i].1 * steps[i]).sum(),
                sizes: [0, 1, 2].map(|i| inside[i].0.len()),
                steps: [0, 1, 2]
                    .map(|i| if inside[i].0.len() > 1 { image.layouts[i].advance * steps[i] } else { 0 }),
            };
            if !piece.sizes.contains(&0) {
                image.pieces.push(piece);
            }
        }
        image
    }

    /// Numbers of a block along each axis.
    pub fn lengths(&self) -> Box3 {
        self.layouts.each_ref().map(|l| l.length)
    }

    /// Numbers of all blocks.
    pub fn size(&self) -> usize {
        self.layouts.iter().map(Layout::size).product()
    }

    /// Where the first position of tap `tap` of a combination of phases meets the image.
    pub fn tap(&self, phase: Box3, tap: Box3) -> usize {
        let places = [0, 1, 2].map(|i| self.layouts[i].taps[phase[i]][tap[i]]);
        self.at(places.map(|p| p.0), places.map(|p| p.1))
    }

    /// Where an element of a line of each axis is.
    fn at(&self, line: Box3, element: Box3) -> usize {
        let of = |i: usize| (self.layouts[i].lines.len(), self.layouts[i].length);
        let line = (line[0] * of(1).0 + line[1]) * of(2).0 + line[2];
        ((line * of(0).1 + element[0]) * of(1).1 + element[1]) * of(2).1 + element[2]
    }

    /// Rows of the part that lies inside lhs: where each goes, where it begins in lhs, and its length and step there.
    pub fn rows(&self, mut each: impl FnMut(usize, isize, (usize, isize))) {
        let [_, rows, row] = self.lengths();
        for piece in &self.pieces {
            let [planes, height, width] = piece.sizes;
            for (z, y) in (0..planes).flat_map(|z| (0..height).map(move |y| (z, y))) {
                let from = piece.from + z as isize * piece.steps[0] + y as isize * piece.steps[1];
                each(piece.to + (z * rows + y) * row, from, (width, piece.steps[2]));
            }
        }
    }

    /// Copies what lies inside lhs of `count` images, which begin at `start` and are `step` apart, into buffers that
    /// are otherwise zero.
    pub fn fill<T: Float>(
        &self,
        machine: &Machine,
        lhs: &[T],
        start: isize,
        (count, step): (usize, isize),
        buffer: &mut [T],
    ) {
        let [_, rows, row] = self.lengths();
        for piece in &self.pieces {
            let [planes, height, width] = piece.sizes;
            for plane in 0..planes {
                let from = start + piece.from + plane as isize * piece.steps[0];
                let to = &mut buffer[piece.to + plane * rows * row..];
                let steps = [step, piece.steps[1], piece.steps[2]];
                copy_block(machine, (lhs, from), ([count, height, width], steps), to, [self.size(), row]);
            }
        }
    }
}

/// All indices of a box, in order.
pub(super) fn indices(sizes: Box3) -> impl Iterator<Item = Box3> {
    let [_, rows, row] = sizes;
    (0..sizes.iter().product()).map(move |at| [at / (rows * row), at / row % rows, at % row])
}

/// Where an index is in an array with such steps.
pub(super) fn place(index: Box3, steps: [isize; 3]) -> isize {
    (0..3).map(|i| index[i] as isize * steps[i]).sum()
}
