//! Chains of elementwise work in one pass over cache-sized blocks.

use std::cell::RefCell;
use std::mem;

use smallvec::SmallVec;

use super::load::{Cursor, Source};
use super::pointwise::{Operand, Pointwise};
use super::{Strided, Threads};
use crate::DType;

/// Elements of a block; a handful of blocks of f64 fit in the first-level cache.
pub(super) const BLOCK: usize = 1024;
/// Elements that one thread computes at a time.
const SHARE: usize = 1 << 15;

/// Where an operand of a step is, or where its result goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Slot {
    /// Input of this number.
    Input(usize),
    /// Scratch block of this number.
    Block(usize),
    /// Result of this number.
    Output(usize),
}

/// One elementwise operation of a chain.
pub(super) struct Step {
    /// What to compute; `None` copies.
    pub op: Option<Pointwise>,
    /// Operands.
    pub args: SmallVec<[Slot; 3]>,
    /// Element type of the last operand.
    pub arg_dtype: DType,
    /// Where the result goes.
    pub out: Slot,
    /// Element type of the result.
    pub dtype: DType,
}

/// How the elements of an input are brought into blocks.
enum Load {
    /// They lie in order: used where they are, from this position on.
    Direct(usize),
    /// All are one element.
    Splat(usize),
    /// They are copied into this scratch block.
    Strided { source: Source, block: usize },
}

/// A fused chain of elementwise work.
pub(super) struct Fused {
    size: usize,
    inputs: Vec<(Load, DType)>,
    /// Elements of a block.
    length: usize,
    steps: Vec<Step>,
    /// Element types of the results.
    outputs: Vec<DType>,
    blocks: usize,
}

impl Fused {
    /// A chain over inputs of one shape, with `blocks` scratch blocks used by its steps.
    pub fn new(
        inputs: &[Strided],
        steps: Vec<Step>,
        outputs: Vec<DType>,
        mut blocks: usize,
        size: usize,
    ) -> Self {
        let loads: Vec<(Load, DType)> = inputs
            .iter()
            .map(|view| {
                let load = if view.is_contiguous() {
                    Load::Direct(view.offset as usize)
                } else if view.strides.iter().zip(&view.shape).all(|(&s, &n)| s == 0 || n == 1) {
                    Load::Splat(view.offset as usize)
                } else {
                    blocks += 1;
                    Load::Strided { source: Source::new(view), block: blocks - 1 }
                };
                (load, view.dtype)
            })
            .collect();
        // Blocks of whole rows, and of whole periods, where these are short.
        let strided = || {
            loads.iter().filter_map(|(load, _)| match load {
                Load::Strided { source, .. } => Some(source),
                _ => None,
            })
        };
        let row = strided().map(Source::run).filter(|run| (1..=BLOCK).contains(run)).max().unwrap_or(1);
        let period = strided().filter_map(Source::period).filter(|&p| p <= BLOCK && p % row == 0).max();
        let length = BLOCK - BLOCK % period.unwrap_or(row);
        Self { size, inputs: loads, length, steps, outputs, blocks }
    }

    /// Computes every element of every output.
    pub fn run(&self, inputs: &[&[u8]], outputs: &mut [&mut [u8]], threads: &Threads) {
        if self.size == 0 {
            return;
        }
        if threads.count() == 1 || self.size <= SHARE {
            return self.part(inputs, outputs, 0, self.size);
        }
        let count = self.size.div_ceil(SHARE);
        let mut parts: Vec<(usize, SmallVec<[&mut [u8]; 4]>)> =
            (0..count).map(|i| (i, SmallVec::new())).collect();
        for (out, dtype) in outputs.iter_mut().zip(&self.outputs) {
            for (part, chunk) in parts.iter_mut().zip(out.chunks_mut(SHARE * dtype.size())) {
                part.1.push(chunk);
            }
        }
        threads.for_each(parts, |(i, mut outs)| {
            let len = SHARE.min(self.size - i * SHARE);
            self.part(inputs, &mut outs, i * SHARE, len);
        });
    }

    /// Elements `start..start + len`; `outputs` begin at the first of them.
    fn part(&self, inputs: &[&[u8]], outputs: &mut [&mut [u8]], start: usize, len: usize) {
        thread_local! {
            static BLOCKS: RefCell<Vec<Vec<u64>>> = const { RefCell::new(Vec::new()) };
        }
        BLOCKS.with_borrow_mut(|blocks| {
            while blocks.len() < self.blocks {
                blocks.push(vec![0; BLOCK]);
            }
            let mut cursors: SmallVec<[Option<Cursor>; 32]> = self
                .inputs
                .iter()
                .map(|(load, _)| match load {
                    Load::Strided { source, .. } => Some(source.cursor(start)),
                    _ => None,
                })
                .collect();
            let mut done = 0;
            while done < len {
                let count = self.length.min(len - done);
                self.block(inputs, outputs, blocks, &mut cursors, start + done, done, count);
                done += count;
            }
        });
    }

    /// One block: `at` is its first element, `done` the same relative to the outputs.
    fn block(
        &self,
        inputs: &[&[u8]],
        outputs: &mut [&mut [u8]],
        blocks: &mut [Vec<u64>],
        cursors: &mut [Option<Cursor>],
        at: usize,
        done: usize,
        count: usize,
    ) {
        for (i, (load, dtype)) in self.inputs.iter().enumerate() {
            if let (Load::Strided { source, block }, Some(cursor)) = (load, &mut cursors[i]) {
                // Blocks of whole periods all get the same elements.
                if done > 0 && source.period().is_some_and(|p| self.length % p == 0) {
                    continue;
                }
                let target = &mut bytemuck::cast_slice_mut(&mut blocks[*block])[..count * dtype.size()];
                source.load(inputs[i], cursor, target);
            }
        }
        for step in &self.steps {
            // The target is taken out, so that the others can be read meanwhile.
            match step.out {
                Slot::Block(i) => {
                    let mut target = mem::take(&mut blocks[i]);
                    let bytes = &mut bytemuck::cast_slice_mut(&mut target)[..count * step.dtype.size()];
                    self.step(step, inputs, outputs, blocks, at, done, count, bytes);
                    blocks[i] = target;
                }
                Slot::Output(i) => {
                    let target = mem::take(&mut outputs[i]);
                    let size = step.dtype.size();
                    let bytes = &mut target[done * size..(done + count) * size];
                    self.step(step, inputs, outputs, blocks, at, done, count, bytes);
                    outputs[i] = target;
                }
                Slot::Input(_) => unreachable!("inputs are not written"),
            }
        }
    }

    fn step(
        &self,
        step: &Step,
        inputs: &[&[u8]],
        outputs: &[&mut [u8]],
        blocks: &[Vec<u64>],
        at: usize,
        done: usize,
        count: usize,
        out: &mut [u8],
    ) {
        let args: SmallVec<[Operand; 3]> = step
            .args
            .iter()
            .map(|slot| match *slot {
                Slot::Input(i) => {
                    let (load, dtype) = &self.inputs[i];
                    let size = dtype.size();
                    match load {
                        Load::Direct(offset) => {
                            Operand::Block(&inputs[i][(offset + at) * size..(offset + at + count) * size])
                        }
                        Load::Splat(offset) => Operand::Splat(&inputs[i][offset * size..(offset + 1) * size]),
                        Load::Strided { block, .. } => {
                            Operand::Block(&bytemuck::cast_slice(&blocks[*block])[..count * size])
                        }
                    }
                }
                Slot::Block(i) => {
                    let bytes: &[u8] = bytemuck::cast_slice(&blocks[i]);
                    Operand::Block(bytes)
                }
                Slot::Output(i) => {
                    let size = self.outputs[i].size();
                    Operand::Block(&outputs[i][done * size..(done + count) * size])
                }
            })
            .zip(step.operand_sizes())
            .map(|(operand, size)| match operand {
                Operand::Block(bytes) => Operand::Block(&bytes[..count * size]),
                splat => splat,
            })
            .collect();
        match step.op {
            Some(op) => op.apply(step.arg_dtype, &args, step.dtype, out),
            None => match args[0] {
                Operand::Block(bytes) => out.copy_from_slice(bytes),
                Operand::Splat(bytes) => {
                    out.chunks_exact_mut(bytes.len()).for_each(|o| o.copy_from_slice(bytes))
                }
            },
        }
    }
}

impl Step {
    /// Bytes of an element of each operand: only a choice has operands of two types.
    fn operand_sizes(&self) -> impl Iterator<Item = usize> + use<> {
        let (mask, size) = (self.op == Some(Pointwise::Select), self.arg_dtype.size());
        (0..3).map(move |i| if mask && i == 0 { 1 } else { size })
    }
}
