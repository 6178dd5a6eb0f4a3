//! `convolution` as matrix products over strided operands.
//!
//! Along each spatial axis either the window's elements or its positions, of
//! whichever there are fewer, are taken one after the other; what is left of the
//! axis is a strided part of all three arrays. So nothing is padded or dilated in
//! memory, and no work is done for padding and gaps.

use std::cell::Cell;
use std::cmp::Reverse;
use std::marker::PhantomData;

use smallvec::SmallVec;

use crate::exec::panel::{Machine, Strands, product};
use crate::exec::{Eval, Kernel, Strided, Threads};
use crate::primitive::{Convolution, Window};
use crate::{DType, Float, Type};

/// Most rows of a matrix product, and how many are enough of them.
const ROWS: usize = 256;
const ENOUGH: usize = 8;

/// How far something moves in lhs, rhs and the result.
type Step = [isize; 3];

/// A loop: its length and its steps.
#[derive(Clone, Copy)]
struct Loop {
    size: usize,
    step: Step,
}

/// A spatial axis: for each window element (or position) where the rest of the
/// axis begins and how long it is; and how it goes on.
struct Spatial {
    lines: Vec<(Step, usize)>,
    step: Step,
    /// Whether the rest of the axis is summed over.
    summed: bool,
}

struct Plan<T> {
    start: Step,
    group: Loop,
    spatial: SmallVec<[Spatial; 4]>,
    /// Examples: they move in lhs and the result.
    examples: Loop,
    /// Input features, which are summed over.
    inputs: Loop,
    /// Output features: they move in rhs.
    outputs: Loop,
    float: PhantomData<T>,
}

/// How the convolution is computed.
pub(crate) fn convolution(op: &Convolution, args: &[Strided], out: &Type) -> Eval {
    match out.dtype {
        DType::F32 => Eval::kernel(plan::<f32>(op, args, out)),
        _ => Eval::kernel(plan::<f64>(op, args, out)),
    }
}

fn plan<T: Float>(op: &Convolution, args: &[Strided], out: &Type) -> Plan<T> {
    let (lhs, rhs, result, dims) = (&args[0], &args[1], Strided::contiguous(out), &op.dims);
    let (x, w, y) = (&lhs.strides, &rhs.strides, &result.strides);
    let groups = op.feature_groups * op.batch_groups;
    let features = rhs.shape[dims.rhs_output] / groups;
    let across = match op.batch_groups {
        1 => (lhs.shape[dims.lhs_feature] / groups) as isize * x[dims.lhs_feature],
        _ => (lhs.shape[dims.lhs_batch] / groups) as isize * x[dims.lhs_batch],
    };
    let mut start = [lhs.offset, rhs.offset, 0];
    let mut spatial = SmallVec::new();
    for (i, window) in op.window.iter().enumerate() {
        let (a, k, p) = (dims.lhs_spatial[i], dims.rhs_spatial[i], dims.out_spatial[i]);
        let mut along = w[k];
        if window.reversed && rhs.shape[k] > 0 {
            start[1] += (rhs.shape[k] - 1) as isize * along;
            along = -along;
        }
        spatial.push(lines(window, [lhs.shape[a], rhs.shape[k], out.shape[p]], [x[a], along, y[p]]));
    }
    Plan {
        start,
        group: Loop {
            size: groups,
            step: [across, features as isize * w[dims.rhs_output], features as isize * y[dims.out_feature]],
        },
        spatial,
        examples: Loop { size: out.shape[dims.out_batch], step: [x[dims.lhs_batch], 0, y[dims.out_batch]] },
        inputs: Loop { size: rhs.shape[dims.rhs_input], step: [x[dims.lhs_feature], w[dims.rhs_input], 0] },
        outputs: Loop { size: features, step: [0, w[dims.rhs_output], y[dims.out_feature]] },
        float: PhantomData,
    }
}

/// Where along one axis the arrays meet; sizes and strides of lhs, rhs and the result.
fn lines(window: &Window, [lhs, rhs, out]: [usize; 3], [x, w, y]: [isize; 3]) -> Spatial {
    // q · dilation = i · stride + j · step − low, solved for q and the longer of i and j.
    let summed = out < rhs;
    let (stride, step) = (window.stride as i128, window.rhs_dilation as i128);
    let (few, many, of_few, of_many) =
        if summed { (out, rhs, stride, step) } else { (rhs, out, step, stride) };
    let dilation = window.lhs_dilation as i128;
    let common = gcd(of_many, dilation);
    let (jump, advance) = (dilation / common, of_many / common);
    let mut found = Vec::new();
    for at in 0..few {
        let shift = at as i128 * of_few - window.low as i128;
        // The first that does not lie before lhs, and the last that does not lie behind it.
        let first = ((-shift).max(0) + of_many - 1) / of_many;
        let end = lhs as i128 * dilation - dilation - shift;
        let last = if end < 0 { -1 } else { (end / of_many).min(many as i128 - 1) };
        let Some(first) =
            (first..=last.min(first + jump - 1)).find(|t| (t * of_many + shift) % dilation == 0)
        else {
            continue;
        };
        let q = ((first * of_many + shift) / dilation) as isize;
        let (first, count) = (first as isize, ((last - first) / jump + 1) as usize);
        let at = at as isize;
        let place = if summed { [q * x, first * w, at * y] } else { [q * x, at * w, first * y] };
        found.push((place, count));
    }
    // Steps of a single element lead out of the arrays, and may be larger than any number of theirs.
    let longest = found.iter().map(|line: &(Step, usize)| line.1).max();
    let (jump, advance) = if longest > Some(1) { (jump as isize, advance as isize) } else { (0, 0) };
    let step = if summed { [advance * x, jump * w, 0] } else { [advance * x, 0, jump * y] };
    Spatial { lines: found, step, summed }
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

thread_local! {
    /// The product of one matrix product, before it is added to the result.
    static TILE: Cell<Vec<u64>> = const { Cell::new(Vec::new()) };
}

impl<T: Float> Kernel for Plan<T> {
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], _: &Threads) {
        let (lhs, rhs): (&[T], &[T]) = (bytemuck::cast_slice(inputs[0]), bytemuck::cast_slice(inputs[1]));
        let out: &mut [T] = bytemuck::cast_slice_mut(out);
        out.fill(T::zero());
        if out.is_empty() || self.inputs.size == 0 {
            return;
        }
        let mut words = TILE.take();
        words.resize(words.len().max(ROWS * self.outputs.size), 0);
        let tile: &mut [T] = &mut bytemuck::cast_slice_mut(&mut words)[..ROWS * self.outputs.size];
        let combinations: usize = self.spatial.iter().map(|s| s.lines.len()).product();
        for mut at in 0..combinations {
            let mut place = self.start;
            let mut free: Loops = SmallVec::from_iter([self.examples]);
            let mut sums: Loops = SmallVec::from_iter([self.inputs]);
            for axis in self.spatial.iter().rev() {
                let (begin, size) = axis.lines[at % axis.lines.len()];
                at /= axis.lines.len();
                place = moved(place, begin, 1);
                let rest = if axis.summed { &mut sums } else { &mut free };
                rest.push(Loop { size, step: axis.step });
            }
            self.add([lhs, rhs], out, tile, place, [free, sums]);
        }
        TILE.set(words);
    }
}

/// Some loops inside each other.
type Loops = SmallVec<[Loop; 4]>;

impl<T: Float> Plan<T> {
    /// Adds one combination of lines, which begin at `place`, to the result.
    fn add(
        &self,
        [lhs, rhs]: [&[T]; 2],
        out: &mut [T],
        tile: &mut [T],
        place: Step,
        [mut free, mut sums]: [Loops; 2],
    ) {
        let (rows, deep, columns) = (inmost(&mut free), inmost(&mut sums), self.outputs);
        free.push(self.group);
        let machine = Machine::detect(T::DTYPE);
        let count = |loops: &Loops| loops.iter().map(|l| l.size).product::<usize>();
        for at in 0..count(&free) {
            let place = at_index(place, &free, at);
            for first in (0..rows.size).step_by(ROWS) {
                let place = moved(place, rows.step, first as isize);
                let rows = Loop { size: ROWS.min(rows.size - first), ..rows };
                let flipped = rows.step[2].abs() < columns.step[2].abs();
                let (m, n) = if flipped { (columns, rows) } else { (rows, columns) };
                for step in 0..count(&sums) {
                    let place = at_index(place, &sums, step);
                    let strands = |data, i: usize, line: Loop| {
                        Strands::new(data, place[i], (line.size, line.step[i]), (deep.size, deep.step[i]))
                    };
                    let (left, right) = if flipped {
                        (strands(rhs, 1, m), strands(lhs, 0, n))
                    } else {
                        (strands(lhs, 0, m), strands(rhs, 1, n))
                    };
                    product(machine, tile, n.size, &left, &right, step > 0, &Threads::default());
                }
                for (i, row) in tile[..m.size * n.size].chunks_exact(n.size).enumerate() {
                    let begin = place[2] + i as isize * m.step[2];
                    for (j, &value) in row.iter().enumerate() {
                        let o = &mut out[(begin + j as isize * n.step[2]) as usize];
                        *o = *o + value;
                    }
                }
            }
        }
    }
}

/// Takes out the loop that moves in the smallest steps through lhs, of those that are long enough; else the longest.
fn inmost(loops: &mut Loops) -> Loop {
    let rank = |l: &Loop| (l.size.min(ENOUGH), Reverse(l.step[0].abs()));
    let at = (0..loops.len()).max_by_key(|&i| rank(&loops[i])).expect("a loop");
    loops.remove(at)
}

fn moved(place: Step, step: Step, by: isize) -> Step {
    [0, 1, 2].map(|i| place[i] + by * step[i])
}

/// Where iteration `at` of the loops is.
fn at_index(mut place: Step, loops: &Loops, mut at: usize) -> Step {
    for l in loops.iter().rev() {
        place = moved(place, l.step, (at % l.size) as isize);
        at /= l.size;
    }
    place
}
