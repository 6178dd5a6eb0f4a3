//! An axis along which a window slides.

use std::cmp::Reverse;
use std::ops::Range;

use smallvec::SmallVec;

use crate::primitive::Window;

/// An axis along which a window slides: its position i meets with its element j what lies at
/// q · `dilation` = `low` + i · `stride` + j · `apart` of lhs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sliding {
    /// Sizes of lhs, rhs and the result.
    pub lhs: usize,
    pub rhs: usize,
    pub out: usize,
    /// How far each of them moves in a step.
    pub step: [isize; 3],
    pub low: isize,
    pub stride: isize,
    pub apart: isize,
    pub dilation: isize,
}

impl Sliding {
    pub fn new(window: &Window, [lhs, rhs, out]: [usize; 3], step: [isize; 3]) -> Self {
        // Distances of what has one element, or that lead out of lhs at once, are never gone.
        let far =
            (lhs as isize).saturating_mul(window.lhs_dilation as isize).saturating_add(window.low.abs()) + 1;
        let within = |distance: usize, size: usize| match size {
            0 | 1 => 1,
            _ => isize::try_from(distance).unwrap_or(far).min(far),
        };
        Self {
            lhs,
            rhs,
            out,
            step,
            low: -window.low,
            stride: within(window.stride, out),
            apart: within(window.rhs_dilation, rhs),
            dilation: if lhs > 1 { window.lhs_dilation as isize } else { 1 },
        }
    }

    /// An axis of one element, one position and a window of one element.
    const POINT: Self =
        Self { lhs: 1, rhs: 1, out: 1, step: [0; 3], low: 0, stride: 1, apart: 1, dilation: 1 };

    /// At most three axes as three: those with the smallest steps through array `by` last.
    pub fn three(mut axes: SmallVec<[Self; 3]>, by: usize) -> [Self; 3] {
        axes.retain(|axis| axis.lhs != 1 || axis.rhs != 1 || axis.out != 1);
        axes.sort_by_key(|axis| Reverse(axis.step[by].abs()));
        let mut three = [Self::POINT; 3];
        three[3 - axes.len()..].copy_from_slice(&axes);
        three
    }

    /// The axis with positions and elements of the window exchanged.
    pub fn exchanged(&self) -> Self {
        let [x, w, y] = self.step;
        Self {
            rhs: self.out,
            out: self.rhs,
            step: [x, y, w],
            stride: self.apart,
            apart: self.stride,
            ..*self
        }
    }

    /// Positions that meet the same elements of the window, for each such set.
    pub fn phases(&self) -> Vec<Phase> {
        let common = gcd(self.stride, self.dilation);
        let (period, advance) = (self.dilation / common, self.stride / common);
        let phases = (0..period.min(self.out as isize)).map(|first| {
            let count = (self.out as isize - first + period - 1) / period;
            let taps = (0..self.rhs as isize).filter_map(|j| {
                let at = self.low + first * self.stride + j * self.apart;
                let q = at.div_euclid(self.dilation);
                let meets = at.rem_euclid(self.dilation) == 0;
                (meets && q < self.lhs as isize && q + (count - 1) * advance >= 0).then_some((j as usize, q))
            });
            Phase {
                first: first as usize,
                period: period as usize,
                count: count as usize,
                advance,
                taps: taps.collect(),
            }
        });
        phases.collect()
    }
}

/// Positions `first`, `first` + `period`, … of a window, and the elements of it that meet any of lhs there.
#[derive(Clone, Debug)]
pub(super) struct Phase {
    pub first: usize,
    pub period: usize,
    /// Number of positions.
    pub count: usize,
    /// How far a position lies from the one before it in lhs.
    pub advance: isize,
    /// Elements of the window, each with what the first position meets, which may lie outside of lhs.
    pub taps: Vec<(usize, isize)>,
}

fn gcd(a: isize, b: isize) -> isize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// How an axis of lhs is laid out in a buffer: some lines of it, each of every `advance`-th element of lhs from its
/// beginning on, so that the positions of a phase are neighbours.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Where each line begins in lhs.
    pub lines: Vec<isize>,
    /// Length of a line.
    pub length: usize,
    pub advance: isize,
    /// For each phase and each of its taps: the line, and where in it the first position's element is.
    pub taps: Vec<Vec<(usize, usize)>>,
}

impl Layout {
    /// A line for each tap, which begins at its first position.
    pub fn apart(phases: &[Phase]) -> Self {
        let mut lines: Vec<isize> = phases.iter().flat_map(|p| p.taps.iter().map(|t| t.1)).collect();
        lines.sort_unstable();
        lines.dedup();
        let line = |tap: &(usize, isize)| (lines.binary_search(&tap.1).expect("a line for each tap"), 0);
        let taps = phases.iter().map(|p| p.taps.iter().map(line).collect()).collect();
        let length = phases.iter().map(|p| p.count).max().unwrap_or(0);
        Self { length, advance: phases.first().map_or(1, |p| p.advance), taps, lines }
    }

    /// Lines that the taps share, as many as the positions are apart; none if that would take more room.
    pub fn shared(phases: &[Phase]) -> Option<Self> {
        let advance = phases.first()?.advance;
        let last = |p: &Phase| (p.count as isize - 1) * advance;
        let low = phases.iter().flat_map(|p| &p.taps).map(|t| t.1).min()?;
        let high = phases.iter().flat_map(|p| p.taps.iter().map(move |t| t.1 + last(p))).max()?;
        let room: usize = phases.iter().map(|p| p.taps.len() * p.count).sum();
        if (high - low) as usize >= room {
            return None;
        }
        let tap = |t: &(usize, isize)| (((t.1 - low) % advance) as usize, ((t.1 - low) / advance) as usize);
        Some(Self {
            lines: (0..advance.min(high - low + 1)).map(|line| low + line).collect(),
            length: ((high - low) / advance + 1) as usize,
            advance,
            taps: phases.iter().map(|p| p.taps.iter().map(tap).collect()).collect(),
        })
    }

    /// Lines that the taps share if that takes less room, and lines apart otherwise.
    pub fn small(phases: &[Phase]) -> Self {
        Self::shared(phases).unwrap_or_else(|| Self::apart(phases))
    }

    /// One line of all elements that a phase meets, and of those between them; none if most are between them.
    pub fn grid(phase: &Phase) -> Option<Self> {
        let low = phase.taps.iter().map(|t| t.1).min()?;
        let high = phase.taps.iter().map(|t| t.1).max()? + (phase.count as isize - 1) * phase.advance;
        if (high - low) as usize >= 4 * phase.count * phase.taps.len() {
            return None;
        }
        let taps = phase.taps.iter().map(|t| (0, (t.1 - low) as usize)).collect();
        Some(Self { lines: vec![low], length: (high - low + 1) as usize, advance: 1, taps: vec![taps] })
    }

    /// Elements of all lines.
    pub fn size(&self) -> usize {
        self.lines.len() * self.length
    }

    /// Of line `line`: the part that lies inside `lhs` elements, and where it begins there.
    pub fn inside(&self, line: usize, lhs: usize) -> (Range<usize>, isize) {
        let (begin, advance) = (self.lines[line], self.advance);
        let first = ((-begin).max(0) + advance - 1) / advance;
        let end = if begin < lhs as isize { (lhs as isize - 1 - begin).div_euclid(advance) + 1 } else { 0 };
        let end = end.clamp(first, (self.length as isize).max(first));
        let range = first as usize..end as usize;
        (range, begin + first * advance)
    }
}
