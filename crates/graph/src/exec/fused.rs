//! Chains of elementwise work in one pass over cache-sized blocks.

use std::cell::RefCell;
use std::mem;

use smallvec::SmallVec;

use super::chain::Chain;
use super::load::{Cursor, Source, Within};
use super::memory::{LINE, Line};
use super::pointwise::{Operand, Pointwise, repeat};
use super::{Strided, Threads};
use crate::DType;

/// Elements of a block; a handful of blocks of f64 fit in the first-level cache.
pub(super) const BLOCK: usize = 1024;
/// Elements that one thread computes at a time.
const SHARE: usize = 1 << 15;
/// Cache lines of a scratch block.
const LINES: usize = BLOCK_BYTES / LINE;
/// Bytes of a scratch block, for the widest elements.
const BLOCK_BYTES: usize = BLOCK * size_of::<u64>();

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

/// What a step computes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    /// Its operand.
    Copy,
    /// One operation.
    One(Pointwise),
    /// Two operations on three operands.
    Two(Chain),
}

/// One pass over a block.
pub(super) struct Step {
    /// What to compute.
    pub action: Action,
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
    /// All are one element, which fills this scratch block.
    Filled { offset: usize, block: usize },
    /// They are copied into this scratch block, unless they lie in order for a while;
    /// `stream` is its number among such inputs.
    Strided { source: Box<Source>, block: usize, stream: usize },
}

/// A strided input while a part is computed.
struct Stream<'a> {
    cursor: Cursor<'a>,
    /// How the elements of the present block lie, if they lie within a row.
    within: Option<Within>,
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
        let chained = |input: usize| {
            let reads = |step: &Step| step.args.contains(&Slot::Input(input));
            steps.iter().any(|step| matches!(step.action, Action::Two(_)) && reads(step))
        };
        let mut streams = 0..;
        let loads: Vec<(Load, DType)> = inputs
            .iter()
            .enumerate()
            .map(|(i, view)| {
                let load = if view.is_contiguous() {
                    Load::Direct(view.offset as usize)
                } else if view.strides.iter().zip(&view.shape).all(|(&s, &n)| s == 0 || n == 1) {
                    match chained(i) {
                        true => {
                            blocks += 1;
                            Load::Filled { offset: view.offset as usize, block: blocks - 1 }
                        }
                        false => Load::Splat(view.offset as usize),
                    }
                } else {
                    blocks += 1;
                    let stream = streams.next().expect("a number");
                    Load::Strided { source: Box::new(Source::new(view)), block: blocks - 1, stream }
                };
                (load, view.dtype)
            })
            .collect();
        // Blocks of whole rows, and of whole periods, where these are short.
        let strided = || {
            loads.iter().filter_map(|(load, _)| match load {
                Load::Strided { source, .. } => Some(&**source),
                _ => None,
            })
        };
        let row = strided().map(Source::run).filter(|run| (1..=BLOCK).contains(run)).max().unwrap_or(1);
        let period = strided().filter_map(Source::period).filter(|&p| p <= BLOCK && p % row == 0).max();
        // Equal parts of a long row lie within it.
        let long = strided().map(Source::run).filter(|&run| run > BLOCK).min();
        let part = long.filter(|run| run % run.div_ceil(BLOCK) == 0).map(|run| run / run.div_ceil(BLOCK));
        let length = match part {
            Some(part) if row == 1 => part,
            _ => BLOCK - BLOCK % period.unwrap_or(row),
        };
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
            static BLOCKS: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
        }
        BLOCKS.with_borrow_mut(|lines| {
            if lines.len() < self.blocks * LINES {
                lines.resize(self.blocks * LINES, Line::ZERO);
            }
            let blocks: &mut [u8] = bytemuck::cast_slice_mut(lines);
            for (i, (load, dtype)) in self.inputs.iter().enumerate() {
                if let Load::Filled { offset, block } = *load {
                    let size = dtype.size();
                    let count = self.length.min(len);
                    let target = &mut blocks[block * BLOCK_BYTES..][..count * size];
                    fill(target, &inputs[i][offset * size..(offset + 1) * size]);
                }
            }
            let mut streams: SmallVec<[Stream; 8]> = SmallVec::new();
            for (load, _) in &self.inputs {
                if let Load::Strided { source, .. } = load {
                    streams.push(Stream { cursor: source.cursor(start), within: None });
                }
            }
            let mut done = 0;
            while done < len {
                let count = self.length.min(len - done);
                self.block(inputs, outputs, blocks, &mut streams, start + done, done, count);
                done += count;
            }
        });
    }

    /// One block: `at` is its first element, `done` the same relative to the outputs.
    fn block(
        &self,
        inputs: &[&[u8]],
        outputs: &mut [&mut [u8]],
        blocks: &mut [u8],
        streams: &mut [Stream],
        at: usize,
        done: usize,
        count: usize,
    ) {
        for (i, (load, dtype)) in self.inputs.iter().enumerate() {
            if let Load::Strided { source, block, stream } = load {
                // Blocks of whole periods all get the same elements.
                if done > 0 && source.period().is_some_and(|p| self.length.is_multiple_of(p)) {
                    continue;
                }
                let stream = &mut streams[*stream];
                let before = stream.within;
                let target = &mut blocks[block * BLOCK_BYTES..][..count * dtype.size()];
                stream.within = source.within_row(&mut stream.cursor, count);
                match stream.within {
                    Some(Within::InOrder(_)) => {}
                    // Blocks get shorter, if anything.
                    Some(Within::Same(_)) if stream.within == before => {}
                    Some(Within::Same(at)) => {
                        let at = at as usize * dtype.size();
                        fill(target, &inputs[i][at..at + dtype.size()]);
                    }
                    None => source.load(inputs[i], &mut stream.cursor, target),
                }
            }
        }
        for step in &self.steps {
            // The target is set apart, so that the others can be read meanwhile.
            match step.out {
                Slot::Block(i) => {
                    let (before, rest) = blocks.split_at_mut(i * BLOCK_BYTES);
                    let (target, after) = rest.split_at_mut(BLOCK_BYTES);
                    let others = Others { before, after };
                    let out = &mut target[..count * step.dtype.size()];
                    self.step(step, inputs, outputs, others, streams, at, done, count, out);
                }
                Slot::Output(i) => {
                    let target = mem::take(&mut outputs[i]);
                    let size = step.dtype.size();
                    let out = &mut target[done * size..(done + count) * size];
                    let others = Others { before: blocks, after: &[] };
                    self.step(step, inputs, outputs, others, streams, at, done, count, out);
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
        blocks: Others,
        streams: &[Stream],
        at: usize,
        done: usize,
        count: usize,
        out: &mut [u8],
    ) {
        let operand = |slot: Slot, size: usize| match slot {
            Slot::Input(i) => {
                let from = |first: usize| Operand::Block(&inputs[i][first * size..(first + count) * size]);
                match self.inputs[i].0 {
                    Load::Direct(offset) => from(offset + at),
                    Load::Splat(offset) => Operand::Splat(&inputs[i][offset * size..(offset + 1) * size]),
                    Load::Filled { block, .. } => Operand::Block(&blocks.at(block)[..count * size]),
                    Load::Strided { block, stream, .. } => match streams[stream].within {
                        Some(Within::InOrder(first)) => from(first),
                        _ => Operand::Block(&blocks.at(block)[..count * size]),
                    },
                }
            }
            Slot::Block(i) => Operand::Block(&blocks.at(i)[..count * size]),
            Slot::Output(i) => Operand::Block(&outputs[i][done * size..(done + count) * size]),
        };
        let mut args = [Operand::Splat(&[]); 3];
        for ((arg, &slot), size) in args.iter_mut().zip(&step.args).zip(step.operand_sizes()) {
            *arg = operand(slot, size);
        }
        match (step.action, &args[..step.args.len()]) {
            (Action::One(op), args) => op.apply(step.arg_dtype, args, step.dtype, out),
            (Action::Two(chain), &[Operand::Block(a), Operand::Block(b), Operand::Block(c)]) => {
                chain.apply(step.dtype, [a, b, c], out);
            }
            (Action::Copy, [Operand::Block(bytes)]) => out.copy_from_slice(bytes),
            (Action::Copy, [Operand::Splat(bytes)]) => fill(out, bytes),
            _ => unreachable!("{:?} of {} operands", step.action, args.len()),
        }
    }
}

/// The scratch blocks but for one that is written.
#[derive(Clone, Copy)]
struct Others<'a> {
    before: &'a [u8],
    after: &'a [u8],
}

impl<'a> Others<'a> {
    /// Block `i`, which is not the one that is missing.
    fn at(self, i: usize) -> &'a [u8] {
        let start = i * BLOCK_BYTES;
        match start.checked_sub(self.before.len() + BLOCK_BYTES) {
            Some(start) if start < self.after.len() => &self.after[start..][..BLOCK_BYTES],
            _ => &self.before[start..][..BLOCK_BYTES],
        }
    }
}

/// Repeats an element.
fn fill(out: &mut [u8], element: &[u8]) {
    out[..element.len()].copy_from_slice(element);
    repeat(out, element.len());
}

impl Step {
    /// Bytes of an element of each operand: only a choice has operands of two types.
    fn operand_sizes(&self) -> impl Iterator<Item = usize> + use<> {
        let (mask, size) = (self.action == Action::One(Pointwise::Select), self.arg_dtype.size());
        (0..3).map(move |i| if mask && i == 0 { 1 } else { size })
    }
}
