//! Programs that are linear in some inputs: the primal part once, then
//! products with blocks of tangent vectors.
//!
//! Nothing here relies on the linearity: whatever is worth computing once for many
//! values of some inputs can be run so, those inputs being the tangents.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::sharded::{Role, Shards, Summation};
use super::{Program, Threads};
use crate::{Graph, Split, Type};

/// Tangent vectors that make a block unless another number is set; more go in turns.
const BLOCK: usize = 8;
/// So many blocks a thread are worth sharing out as they are.
const MANY: usize = 4;

/// A compiled program whose outputs are sums over examples and are linear in
/// its `tangents` inputs.
pub struct Linearized {
    shards: Shards,
    roles: Vec<Role>,
    /// For each input, whether it is a tangent.
    tangent: Vec<bool>,
    full: Parts,
    rest: Option<Parts>,
    outputs: Vec<Type>,
    block: usize,
    together: usize,
    sums: Mutex<HashMap<usize, Arc<Summation>>>,
}

/// Both parts of the program for shards of one size.
struct Parts {
    split: Split,
    primal: Program,
    /// The tangent part for blocks of several sizes.
    tangents: Mutex<HashMap<usize, Arc<Program>>>,
}

impl Parts {
    fn new(graph: &Graph, late: &[usize]) -> Self {
        let split = graph.split(late);
        Self { primal: Program::compile(&split.primal), split, tangents: Mutex::default() }
    }

    fn tangent(&self, batched: &[bool], block: usize) -> Arc<Program> {
        let mut known = self.tangents.lock().unwrap_or_else(|e| e.into_inner());
        let program = known.entry(block).or_insert_with(|| {
            let mut batched = batched.to_vec();
            batched.resize(self.split.tangent.inputs().len(), false);
            Arc::new(Program::compile(&self.split.tangent.batch(&batched, block)))
        });
        program.clone()
    }

    fn kept_bytes(&self) -> usize {
        self.primal.outputs().iter().map(|t| t.bytes().next_multiple_of(64)).sum()
    }
}

/// The values that one shard's products need again.
type Kept = Vec<Vec<u64>>;

/// An input that a [`Point`] holds on to.
pub enum Bound<'a> {
    /// The caller's own memory.
    Borrowed(&'a [u8]),
    /// A copy, and its length in bytes.
    Owned(Vec<u64>, usize),
}

impl Bound<'_> {
    /// A copy of the bytes, aligned for every element type.
    pub fn copy(bytes: &[u8]) -> Self {
        let mut words = vec![0; bytes.len().div_ceil(8)];
        bytemuck::cast_slice_mut::<u64, u8>(&mut words)[..bytes.len()].copy_from_slice(bytes);
        Bound::Owned(words, bytes.len())
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Bound::Borrowed(bytes) => bytes,
            Bound::Owned(words, len) => &bytemuck::cast_slice(words)[..*len],
        }
    }
}

/// A [`Linearized`] program at one point: the primal part has been run.
pub struct Point<'a> {
    program: &'a Linearized,
    inputs: Vec<Bound<'a>>,
    kept: Vec<Option<Kept>>,
    threads: Threads,
}

impl Linearized {
    /// Compiles the program that `build` makes for any number of examples. Its
    /// outputs must add up over the examples and be linear in the inputs
    /// `tangents`, which every shard gets whole.
    pub fn new(
        build: impl Fn(usize) -> Graph,
        roles: &[Role],
        tangents: &[usize],
        examples: usize,
        shard: usize,
    ) -> Self {
        let shards = Shards::new(examples, shard);
        let (size, rest) = shards.sizes();
        let graph = build(size);
        let tangent: Vec<bool> = (0..roles.len()).map(|i| tangents.contains(&i)).collect();
        assert!(tangents.iter().all(|&i| roles[i] == Role::Shared), "tangents are shared by all shards");
        Self {
            shards,
            roles: roles.to_vec(),
            tangent,
            outputs: graph.output_types(),
            block: BLOCK,
            together: usize::MAX,
            full: Parts::new(&graph, tangents),
            rest: rest.map(|size| Parts::new(&build(size), tangents)),
            sums: Mutex::default(),
        }
    }

    /// Sets how many tangents make a block: they share primal values that are made again.
    #[must_use]
    pub fn with_block(self, block: usize) -> Self {
        assert!(block > 0, "blocks of no tangents");
        Self { block, ..self }
    }

    /// Sets how many tangents of a block go through the program together, instead of all of them. More of them
    /// have more work for each pass over memory, and more memory to pass over.
    #[must_use]
    pub fn with_together(self, together: usize) -> Self {
        assert!(together > 0, "no tangents together");
        Self { together, ..self }
    }

    /// Tangents that go through the program together.
    pub fn together(&self) -> usize {
        self.together.min(self.block)
    }

    /// Bytes that are kept for all products at one point if memory allows.
    pub fn kept_bytes(&self) -> usize {
        (0..self.shards.count()).map(|s| self.parts(s).kept_bytes()).sum()
    }

    /// Bytes of working memory for products of full blocks on `threads` threads.
    pub fn working_bytes(&self, threads: usize) -> usize {
        let program = self.full.tangent(&self.tangent, self.together());
        let one = program.arena_bytes() + self.full.primal.arena_bytes() + self.full.kept_bytes();
        (one + self.sum(self.block).bytes(1)) * threads
    }

    /// Runs the primal part at the given inputs (`Examples` inputs whole; what
    /// stands at the places of the tangents is not read). The values that
    /// products need are kept for as many shards as fit in `memory` bytes and
    /// made again for the others: with the same bits, only slower.
    pub fn at<'a>(&'a self, inputs: Vec<Bound<'a>>, memory: usize, threads: &Threads) -> Point<'a> {
        let mut point =
            Point { program: self, inputs, kept: vec![None; self.shards.count()], threads: threads.clone() };
        let mut left = memory;
        let fits: Vec<usize> = (0..self.shards.count())
            .take_while(|&s| {
                let bytes = self.parts(s).kept_bytes();
                let fits = bytes <= left;
                left = left.saturating_sub(bytes);
                fits
            })
            .collect();
        let made = Mutex::new(Vec::new());
        let inside = point.inside(threads);
        threads.for_each(fits, |shard| {
            let kept = point.primal(shard, &inside);
            made.lock().unwrap_or_else(|e| e.into_inner()).push((shard, kept));
        });
        for (shard, kept) in made.into_inner().unwrap_or_else(|e| e.into_inner()) {
            point.kept[shard] = Some(kept);
        }
        point
    }

    fn parts(&self, shard: usize) -> &Parts {
        match &self.rest {
            Some(rest) if self.shards.is_last(shard) => rest,
            _ => &self.full,
        }
    }

    fn sum(&self, block: usize) -> Arc<Summation> {
        let mut known = self.sums.lock().unwrap_or_else(|e| e.into_inner());
        let sum = known.entry(block).or_insert_with(|| {
            let types = self.outputs.iter().map(|t| {
                let shape = std::iter::once(block).chain(t.shape.iter().copied());
                Type::new(t.dtype, shape)
            });
            Arc::new(Summation::new(self.shards, types.collect()))
        });
        sum.clone()
    }
}

impl Point<'_> {
    /// Products with `count` tangents. Each slice of `tangents` holds one
    /// tangent input for all of them, one after the other, and each slice of
    /// `outputs` gets one output for all of them.
    pub fn apply(&self, tangents: &[&[u8]], count: usize, outputs: &mut [&mut [u8]]) {
        self.apply_on(&self.threads, tangents, count, outputs);
    }

    /// The same on other threads than the point's.
    pub fn apply_on(&self, threads: &Threads, tangents: &[&[u8]], count: usize, outputs: &mut [&mut [u8]]) {
        let size = self.program.block;
        let mut blocks: Vec<(usize, Vec<&mut [u8]>)> =
            (0..count.div_ceil(size)).map(|i| (i * size, Vec::with_capacity(outputs.len()))).collect();
        for output in outputs.iter_mut().filter(|_| count > 0) {
            let mut rest = &mut output[..];
            let one = rest.len() / count;
            for (from, parts) in &mut blocks {
                let (part, tail) = rest.split_at_mut(size.min(count - *from) * one);
                parts.push(part);
                rest = tail;
            }
        }
        let block = |(from, mut outputs): (usize, Vec<&mut [u8]>), threads: &Threads| {
            let block = size.min(count - from);
            let part = |t: &&'_ [u8]| from * (t.len() / count)..(from + block) * (t.len() / count);
            let tangents: Vec<&[u8]> = tangents.iter().map(|t| &t[part(t)]).collect();
            self.block(&tangents, block, &mut outputs, threads);
        };
        // The bits are the same, whatever threads share.
        if self.shares(blocks.len(), threads) {
            threads.for_each(blocks, |b| block(b, &Threads::default()));
        } else {
            blocks.into_iter().for_each(|b| block(b, threads));
        }
    }

    /// Whether so many blocks are better shared among threads than the shards of each: if there are many, or if
    /// the threads would have to share single operations.
    pub fn shares(&self, blocks: usize, threads: &Threads) -> bool {
        let few = self.kept.len() < threads.count() && blocks >= threads.count();
        threads.count() > 1 && (few || blocks >= MANY * threads.count())
    }

    /// How many of the shards have their values kept.
    pub fn kept_shards(&self) -> (usize, usize) {
        (self.kept.iter().flatten().count(), self.kept.len())
    }

    fn block(&self, tangents: &[&[u8]], block: usize, outputs: &mut [&mut [u8]], threads: &Threads) {
        let program = self.program;
        let inside = self.inside(threads);
        program.sum(block).run(outputs, threads, |shard, outputs| {
            let made;
            let kept = match &self.kept[shard] {
                Some(kept) => kept,
                None => {
                    made = self.primal(shard, &inside);
                    &made
                }
            };
            let parts = program.parts(shard);
            for first in (0..block).step_by(program.together()) {
                let some = first..(first + program.together()).min(block);
                let part = |bytes: usize| some.start * (bytes / block)..some.end * (bytes / block);
                let mut tangents = tangents.iter().map(|t| &t[part(t.len())]);
                let mut inputs = program.shards.inputs(&self.bytes(), &program.roles, shard);
                for (input, tangent) in inputs.iter_mut().zip(&program.tangent) {
                    if *tangent {
                        *input = tangents.next().expect("a slice for each tangent input");
                    }
                }
                for (kept, ty) in kept.iter().zip(parts.primal.outputs()) {
                    inputs.push(&bytemuck::cast_slice(kept)[..ty.bytes()]);
                }
                let slices = outputs.iter_mut().map(|o| {
                    let part = part(o.len());
                    &mut o[part]
                });
                let mut outputs: Vec<&mut [u8]> = slices.collect();
                parts.tangent(&program.tangent, some.len()).run(&inputs, &mut outputs, &inside);
            }
        });
    }

    /// Runs the primal part of one shard.
    fn primal(&self, shard: usize, threads: &Threads) -> Kept {
        let program = self.program;
        let parts = program.parts(shard);
        let mut inputs = program.shards.inputs(&self.bytes(), &program.roles, shard);
        let mut tangent = program.tangent.iter();
        inputs.retain(|_| !tangent.next().expect("a mark for each input"));
        let mut kept: Kept = parts.primal.outputs().iter().map(|t| vec![0; t.bytes().div_ceil(8)]).collect();
        let mut slices: Vec<&mut [u8]> = kept
            .iter_mut()
            .zip(parts.primal.outputs())
            .map(|(k, t)| &mut bytemuck::cast_slice_mut(k)[..t.bytes()])
            .collect();
        parts.primal.run(&inputs, &mut slices, threads);
        kept
    }

    fn bytes(&self) -> Vec<&[u8]> {
        self.inputs.iter().map(Bound::bytes).collect()
    }

    /// Threads inside a shard: a single shard may use them all.
    fn inside(&self, threads: &Threads) -> Threads {
        if self.kept.len() == 1 { threads.clone() } else { Threads::default() }
    }
}
