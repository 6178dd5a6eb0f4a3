//! Programs that are sums over examples, run shard by shard.

use std::ops::Range;
use std::sync::Mutex;

use super::{Program, Threads};
use crate::math::run;
use crate::{DType, Float, Graph, Type};

/// At most this many runs of neighbouring shards are added up apart from each other …
const RUNS: usize = 64;
/// … and fewer, but not below [`FEW`], where their sums would take more bytes than this.
const RUN_BYTES: usize = 64 << 20;
const FEW: usize = 4;

/// What the shards of a program share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Every shard gets the whole input.
    Shared,
    /// The input's leading axis runs over the examples; a shard gets its rows.
    Examples,
}

/// How examples are cut into shards: a matter of the problem, never of the machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shards {
    examples: usize,
    size: usize,
}

impl Shards {
    pub fn new(examples: usize, size: usize) -> Self {
        assert!(examples > 0 && size > 0, "{examples} examples in shards of {size}");
        Self { examples, size: size.min(examples) }
    }

    pub fn count(self) -> usize {
        self.examples.div_ceil(self.size)
    }

    /// Size of all shards but the last, and of the last if that differs.
    pub fn sizes(self) -> (usize, Option<usize>) {
        let rest = self.examples % self.size;
        (self.size, (rest > 0).then_some(rest))
    }

    pub fn range(self, shard: usize) -> Range<usize> {
        shard * self.size..((shard + 1) * self.size).min(self.examples)
    }

    pub fn is_last(self, shard: usize) -> bool {
        shard + 1 == self.count() && self.sizes().1.is_some()
    }

    /// The inputs of one shard.
    pub fn inputs<'a>(self, inputs: &[&'a [u8]], roles: &[Role], shard: usize) -> Vec<&'a [u8]> {
        let range = self.range(shard);
        let slice = |(input, role): (&&'a [u8], &Role)| match role {
            Role::Shared => *input,
            Role::Examples => {
                let row = input.len() / self.examples;
                &input[range.start * row..range.end * row]
            }
        };
        inputs.iter().zip(roles).map(slice).collect()
    }
}

/// Sums over shards in an order that depends on their number alone: runs of
/// neighbouring shards one after the other, then the runs in a binary tree.
///
/// A branch that no other thread takes over is added up where it was computed, so
/// that a thread holds few sums at a time, and those in its cache.
pub(super) struct Summation {
    shards: Shards,
    types: Vec<Type>,
    idle: Mutex<Vec<Buffers>>,
}

/// One buffer for each output.
type Buffers = Vec<Vec<u64>>;

impl Summation {
    pub fn new(shards: Shards, types: Vec<Type>) -> Self {
        assert!(types.iter().all(|t| t.dtype.is_float()), "only floats are summed over shards");
        Self { shards, types, idle: Mutex::default() }
    }

    /// Bytes of the partial sums that `threads` threads hold.
    pub fn bytes(&self, threads: usize) -> usize {
        let one: usize = self.types.iter().map(Type::bytes).sum();
        let runs = self.runs();
        let branch = runs.next_power_of_two().ilog2() as usize + usize::from(runs < self.shards.count());
        one * (threads * branch).min(2 * runs)
    }

    fn runs(&self) -> usize {
        let bytes: usize = self.types.iter().map(Type::bytes).sum();
        (RUN_BYTES / bytes.max(1)).clamp(FEW, RUNS).min(self.shards.count())
    }

    /// Writes into `outputs` the sum over shards of what `work(shard, outputs)` writes.
    pub fn run(
        &self,
        outputs: &mut [&mut [u8]],
        threads: &Threads,
        work: impl Fn(usize, &mut [&mut [u8]]) + Sync,
    ) {
        // Inside the pool throughout, for its threads are slow to wake.
        threads.install(|| self.sum(0..self.runs(), outputs, threads, &work));
    }

    /// The sum over some runs.
    fn sum(
        &self,
        runs: Range<usize>,
        target: &mut [&mut [u8]],
        threads: &Threads,
        work: &(impl Fn(usize, &mut [&mut [u8]]) + Sync),
    ) {
        let middle = runs.start.midpoint(runs.end);
        if middle > runs.start {
            let mut right = self.buffers();
            threads.join(
                || self.sum(runs.start..middle, target, threads, work),
                || self.sum(middle..runs.end, &mut self.slices(&mut right), threads, work),
            );
            self.add(target, &right);
            return self.give_back(right);
        }
        let first = |run: usize| run * self.shards.count() / self.runs();
        work(first(runs.start), target);
        let rest = first(runs.start) + 1..first(runs.end);
        if !rest.is_empty() {
            let mut term = self.buffers();
            for shard in rest {
                work(shard, &mut self.slices(&mut term));
                self.add(target, &term);
            }
            self.give_back(term);
        }
    }

    fn buffers(&self) -> Buffers {
        let idle = self.idle.lock().unwrap_or_else(|e| e.into_inner()).pop();
        idle.unwrap_or_else(|| self.types.iter().map(|t| vec![0; t.bytes().div_ceil(8)]).collect())
    }

    fn give_back(&self, buffers: Buffers) {
        self.idle.lock().unwrap_or_else(|e| e.into_inner()).push(buffers);
    }

    fn slices<'b>(&self, buffers: &'b mut Buffers) -> Vec<&'b mut [u8]> {
        let bytes =
            |(buffer, ty): (&'b mut Vec<u64>, &Type)| &mut bytemuck::cast_slice_mut(buffer)[..ty.bytes()];
        buffers.iter_mut().zip(&self.types).map(bytes).collect()
    }

    fn add(&self, sum: &mut [&mut [u8]], term: &Buffers) {
        fn add<T: Float>(sum: &mut [u8], term: &[u64]) {
            let (sum, term): (&mut [T], &[T]) = (bytemuck::cast_slice_mut(sum), bytemuck::cast_slice(term));
            run(Add { sum, term });
        }
        for ((sum, term), ty) in sum.iter_mut().zip(term).zip(&self.types) {
            match ty.dtype {
                DType::F32 => add::<f32>(sum, term),
                _ => add::<f64>(sum, term),
            }
        }
    }
}

/// Adds `term` to `sum`, with the widest vectors of the machine.
struct Add<'a, T> {
    sum: &'a mut [T],
    term: &'a [T],
}

impl<T: Float> pulp::NullaryFnOnce for Add<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.sum.iter_mut().zip(self.term).for_each(|(s, &t)| *s = *s + t);
    }
}

/// A compiled program whose outputs are sums over examples.
pub struct Sharded {
    shards: Shards,
    roles: Vec<Role>,
    full: Program,
    rest: Option<Program>,
    sum: Summation,
}

impl Sharded {
    /// Compiles the program that `build` makes for any number of examples.
    /// Its outputs must be floats that add up over the examples.
    pub fn new(build: impl Fn(usize) -> Graph, roles: &[Role], examples: usize, shard: usize) -> Self {
        let shards = Shards::new(examples, shard);
        let (size, rest) = shards.sizes();
        let full = Program::compile(&build(size));
        let rest = rest.map(|size| Program::compile(&build(size)));
        let sum = Summation::new(shards, full.outputs().to_vec());
        Self { shards, roles: roles.to_vec(), full, rest, sum }
    }

    /// Types of the outputs.
    pub fn outputs(&self) -> &[Type] {
        self.full.outputs()
    }

    /// Runs the program: `Examples` inputs are given whole.
    pub fn run(&self, inputs: &[&[u8]], outputs: &mut [&mut [u8]], threads: &Threads) {
        // Shards share the threads among themselves; a single shard may use them all.
        let inside = if self.shards.count() == 1 { threads.clone() } else { Threads::default() };
        self.sum.run(outputs, threads, |shard, outputs| {
            let inputs = self.shards.inputs(inputs, &self.roles, shard);
            let program = if self.shards.is_last(shard) { self.rest.as_ref() } else { None };
            program.unwrap_or(&self.full).run(&inputs, outputs, &inside);
        });
    }

    /// Bytes of working memory that a run on `threads` threads needs.
    pub fn working_bytes(&self, threads: usize) -> usize {
        self.full.arena_bytes() * threads.min(self.shards.count()) + self.sum.bytes(threads)
    }
}
