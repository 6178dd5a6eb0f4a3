//! What a study takes.

use serde::Serialize;

use super::WIDTH;
use crate::krylov::BasisKind;

/// What a study takes, in bytes where nothing else is said.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Needs {
    /// n, the length of a vector.
    pub parameters: usize,
    /// Bytes of a number.
    pub scalar: usize,
    /// The examples.
    pub data: usize,
    /// Vectors that are held from beginning to end: the point, its start, a gradient.
    pub vectors: usize,
    /// Threads that there are.
    pub threads: usize,
    /// What evaluations work with.
    pub work: Work,
    /// What the parts of the study hold beside that; one part at a time.
    pub phases: Vec<Phase>,
}

/// What evaluations of an objective work with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Work {
    /// Values that products at one point need again, if all are kept.
    pub kept: usize,
    /// Equal pieces that they come in.
    pub shards: usize,
    /// Buffers of a product of 1, 2, 4 and 8 vectors, a thread.
    pub products: [usize; 4],
    /// What a thread needs to compute one piece of the values again.
    pub again: usize,
    /// Buffers of values and gradients, a thread.
    pub other_per_thread: usize,
    /// Buffers beside, whatever the threads.
    pub other: usize,
    /// Whether gradients are summed over shards.
    pub gradients: bool,
}

/// What one part of a study holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Phase {
    /// What it is.
    pub name: &'static str,
    /// Vectors at work beside a basis.
    pub vectors: usize,
    /// Vectors at work where there is none.
    pub bare: usize,
    /// Vectors of a basis.
    pub basis: usize,
    /// Processes that may run side by side, each with its basis; 1 where there is nothing to choose.
    pub processes: usize,
    /// Vectors of each process beside its basis.
    pub each: usize,
    /// Other bytes.
    pub bytes: usize,
    /// Whether products are made meanwhile.
    pub products: bool,
    /// Whether the basis must not be rounded.
    pub unrounded: bool,
}

/// The executor holds at most so many sums over shards side by side …
const LANES: usize = 16;
/// … and fewer, but not below [`FEW`], where they would take more bytes than this.
const LANE_BYTES: usize = 64 << 20;
const FEW: usize = 4;
/// Bytes of a shelf's buffer in memory.
const BUFFER: usize = 32 << 20;
/// The tridiagonal matrix of two-pass Lanczos, its vectors and their workspace, at a thousand steps.
const TRIDIAGONAL: usize = 40 << 20;

impl Needs {
    /// Bytes of a vector.
    pub fn vector(&self) -> usize {
        self.parameters * self.scalar
    }

    /// Held from beginning to end.
    pub(super) fn held(&self) -> usize {
        self.data + self.vectors * self.vector()
    }

    /// Whether some part has a basis.
    pub(super) fn has_basis(&self) -> bool {
        self.phases.iter().any(|phase| phase.basis > 0)
    }

    /// Processes that may run side by side.
    pub(super) fn most_together(&self) -> usize {
        self.phases.iter().map(|phase| phase.processes.min(WIDTH)).max().unwrap_or(1).max(1)
    }
}

impl Work {
    /// Working memory for products of `width` vectors of so many bytes, on some threads.
    pub(super) fn bytes(&self, vector: usize, width: usize, threads: usize) -> usize {
        let (all, threads) = (threads, threads.min(self.shards.max(1)));
        // Blocks are cut in halves down to single vectors, and each width has buffers of its own.
        let widths = std::iter::successors(Some(width.min(WIDTH)), |&w| (w > 1).then_some(w / 2));
        // Widths that go through the same program share its memory; threads that find fewer shards share the vectors.
        let mut programs: Vec<usize> = widths.clone().map(|w| self.products[w.ilog2() as usize]).collect();
        programs.dedup();
        let programs = programs.iter().sum::<usize>() * all;
        let (products, packed) = match self.products {
            [0, ..] => (0, 0),
            // Vectors and products are packed block by block.
            _ => {
                let sums: usize = widths.map(|w| self.sums(w * vector, threads)).sum();
                (programs + sums, if width > 1 { 2 * width * vector } else { 0 })
            }
        };
        let gradients = if self.gradients { self.sums(vector, threads) } else { 0 };
        products + packed + gradients + (self.again + self.other_per_thread) * threads + self.other
    }

    /// Sums over shards of outputs of so many bytes, and what threads add to them.
    fn sums(&self, bytes: usize, threads: usize) -> usize {
        if self.shards <= 1 {
            return 0;
        }
        let lanes = (LANE_BYTES / bytes.max(1)).clamp(FEW, LANES).min(self.shards);
        (lanes + threads.min(lanes)) * bytes
    }

    /// The bytes of as many pieces as fit.
    pub(super) fn fitting(&self, free: usize) -> usize {
        let piece = self.kept.div_ceil(self.shards.max(1));
        if self.kept <= free { self.kept } else { free / piece.max(1) * piece }
    }

    /// The share of the pieces that are kept.
    pub(super) fn share(&self, kept: usize) -> f64 {
        if self.kept == 0 { 1.0 } else { kept as f64 / self.kept as f64 }
    }
}

impl Phase {
    /// A search for the ends of a spectrum with `basis` vectors.
    pub fn ends(top: usize, bottom: usize, block: usize, basis: usize) -> Self {
        let wanted = top + bottom;
        let vectors = (wanted + 3 * block).max(2 * (wanted + block));
        let bare = wanted + 5;
        Self { name: "eigenvectors", vectors, bare, basis, processes: 1, products: true, ..Self::default() }
    }

    /// A density from so many processes of so many steps, with `found` eigenvectors beside it.
    pub fn density(probes: usize, steps: usize, found: usize) -> Self {
        Self {
            name: "density",
            vectors: found,
            bare: found,
            basis: steps + 1,
            processes: probes,
            each: 4,
            products: true,
            ..Self::default()
        }
    }

    /// A trace from a range of `rows` vectors, in blocks, with `found` eigenvectors beside it.
    pub fn trace(rows: usize, block: usize, found: usize) -> Self {
        Self {
            name: "trace",
            vectors: found + 4 * block,
            bare: found + 2 * block,
            basis: rows,
            processes: 1,
            products: true,
            unrounded: true,
            ..Self::default()
        }
    }

    /// The whole n × n matrix and its decomposition.
    pub fn whole(n: usize, found: usize) -> Self {
        Self {
            name: "the whole matrix",
            vectors: found,
            bare: found,
            bytes: 32 * n * n,
            processes: 1,
            products: true,
            ..Self::default()
        }
    }

    /// Other vectors.
    pub fn other(name: &'static str, vectors: usize, products: bool) -> Self {
        Self { name, vectors, bare: vectors, processes: 1, products, ..Self::default() }
    }

    /// The bytes of it with a basis of that kind, at most `together` processes at a time.
    pub(super) fn bytes(&self, needs: &Needs, kind: BasisKind, together: usize) -> usize {
        let n = needs.parameters;
        let processes = self.processes.clamp(1, together.max(1));
        let tile = self.basis * 2048 * needs.scalar;
        let basis = match kind {
            _ if self.basis == 0 => 0,
            BasisKind::Memory => self.basis * needs.vector(),
            BasisKind::Bf16 if self.unrounded => self.basis * needs.vector(),
            BasisKind::Bf16 => self.basis * n * 2 + tile,
            BasisKind::Disk => 2 * BUFFER.max(tile).min(self.basis * needs.vector()),
            BasisKind::None if self.processes > 1 || self.unrounded => 0,
            BasisKind::None => TRIDIAGONAL,
        };
        let vectors = if kind == BasisKind::None { self.bare } else { self.vectors };
        self.bytes + vectors * needs.vector() + processes * (basis + self.each * needs.vector())
    }
}
