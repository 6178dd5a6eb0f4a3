//! Adafactor.

use std::ops::Range;

use super::{sum, sweep};
use crate::optim::method::{Memory, Method, Rates};
use crate::optim::registry::{Entry, Family, Optimizer, Parameter};
use crate::vector::{dot, norm};
use crate::{Layout, Scalar};

/// Adafactor: steps relative to the block's size, scaled by mean squares of which only
/// the means of rows and columns are kept.
///
/// With t counted from 1 and κ = t^−p, for a block x of N entries with gradient g:
///
/// - matrices: r ← r + κ (row means of g² − r), c likewise with columns, v = r cᵀ / mean(r)
/// - vectors: v ← v + κ (g² − v)
/// - u = g / max(√v, ε₁), divided by max(1, ‖u‖/(√N d))
/// - x ← x − min(η, 1/√t) max(ε₂, ‖x‖/√N) u
///
/// Blocks of more than two dimensions are stacks of matrices over the last two. Memory is O(rows + columns)
/// for matrices, which is why it exists. ε₁ is the rounding unit of the numbers' type.
///
/// Source: Shazeer & Stern, *Adafactor: adaptive learning rates with sublinear memory
/// cost* (ICML 2018), Algorithms 4 and 5, without momentum, in the form and with the
/// defaults of `torch.optim.Adafactor`: there mean(r) and v are bounded from below by ε₁ and
/// ε₁², where the paper adds ε₁ = 10⁻³⁰ to g².
#[derive(Clone, Debug, PartialEq)]
pub struct Adafactor {
    /// p > 0.
    pub power: f64,
    /// ε₂ > 0.
    pub floor: f64,
    /// d > 0.
    pub clip: f64,
    blocks: Vec<Block>,
}

/// A block, with the rows and columns of the matrices that it is a stack of, if it is.
#[derive(Clone, Debug, PartialEq)]
struct Block {
    range: Range<usize>,
    matrices: Option<(usize, usize)>,
}

impl Adafactor {
    /// For the blocks of a layout.
    pub fn new(power: f64, floor: f64, clip: f64, layout: &Layout) -> Self {
        let blocks = layout.blocks().iter().filter(|block| !block.range.is_empty());
        let blocks = blocks.map(|block| Block {
            range: block.range.clone(),
            matrices: match block.shape[..] {
                [.., rows, columns] => Some((rows, columns)),
                _ => None,
            },
        });
        Self { power, floor, clip, blocks: blocks.collect() }
    }
}

impl<T: Scalar> Method<T> for Adafactor {
    fn name(&self) -> &'static str {
        "adafactor"
    }

    /// Shorter than n: an entry for each row and column of a matrix, or for each entry of a vector.
    fn vectors(&self) -> &'static [&'static str] {
        &["rows", "columns", "mean_square"]
    }

    fn init(&self, _: usize) -> Memory<T> {
        let mut lengths = [0; 3];
        for block in &self.blocks {
            match block.matrices {
                None => lengths[2] += block.range.len(),
                Some((rows, columns)) => {
                    lengths[0] += block.range.len() / columns;
                    lengths[1] += block.range.len() / rows;
                }
            }
        }
        Memory { vectors: lengths.map(|length| vec![T::zero(); length]).into(), ..Memory::zeros(0, 0) }
    }

    fn step(&self, memory: &mut Memory<T>, x: &mut [T], gradient: &[T], rates: Rates) {
        let (step, _, [rows, columns, squares]) = memory.parts();
        *step += 1;
        let t = *step as f64;
        let fresh = t.powf(-self.power);
        let relative = rates.learning_rate.min(1.0 / t.sqrt());
        let (mut rows, mut columns, mut squares) = (&mut rows[..], &mut columns[..], &mut squares[..]);
        for block in &self.blocks {
            let (x, g) = (&mut x[block.range.clone()], &gradient[block.range.clone()]);
            let root = (x.len() as f64).sqrt();
            let rate = relative * self.floor.max(norm(x) / root);
            let shorten = |length: f64| rate / (length / (root * self.clip)).max(1.0);
            match block.matrices {
                None => vector(x, take(&mut squares, x.len()), g, fresh, shorten),
                Some(shape) => {
                    let r = take(&mut rows, x.len() / shape.1);
                    let c = take(&mut columns, x.len() / shape.0);
                    matrices(shape, x, r, c, g, fresh, shorten);
                }
            }
        }
    }
}

/// The first entries of what is left.
fn take<'a, T>(rest: &mut &'a mut [T], length: usize) -> &'a mut [T] {
    let (first, others) = std::mem::take(rest).split_at_mut(length);
    *rest = others;
    first
}

fn vector<T: Scalar>(x: &mut [T], v: &mut [T], g: &[T], fresh: f64, shorten: impl Fn(f64) -> f64) {
    let (fresh, least) = (T::of(fresh), T::epsilon());
    sweep(
        #[inline(always)]
        || {
            for (v, &g) in v.iter_mut().zip(g) {
                *v = *v + fresh * (g * g - *v);
            }
            let step = |g: T, v: T| g / v.sqrt().max(least);
            let rate = T::of(shorten(sum([g, &*v], |[g, v]| step(g, v).wide().powi(2)).sqrt()));
            for ((x, &v), &g) in x.iter_mut().zip(&*v).zip(g) {
                *x = *x - rate * step(g, v);
            }
        },
    );
}

fn matrices<T: Scalar>(
    (rows, columns): (usize, usize),
    x: &mut [T],
    r: &mut [T],
    c: &mut [T],
    g: &[T],
    fresh: f64,
    shorten: impl Fn(f64) -> f64,
) {
    let size = rows * columns;
    let (kept, least) = (1.0 - fresh, T::epsilon());
    for (old, row) in r.iter_mut().zip(g.chunks(columns)) {
        let mean = dot(row, row) / columns as f64;
        *old = T::of(kept * old.wide() + fresh * mean);
    }
    let mut means = vec![0.0; columns];
    for (c, g) in c.chunks_mut(columns).zip(g.chunks(size)) {
        means.fill(0.0);
        for row in g.chunks(columns) {
            means.iter_mut().zip(row).for_each(|(mean, g)| *mean += g.wide().powi(2));
        }
        for (old, mean) in c.iter_mut().zip(&means) {
            *old = T::of(kept * old.wide() + fresh * mean / rows as f64);
        }
    }
    // What divides r cᵀ in each matrix of the stack.
    let divisors: Vec<T> = r
        .chunks(rows)
        .map(|r| T::of((r.iter().map(|r| r.wide()).sum::<f64>() / rows as f64).max(least.wide())))
        .collect();
    let row_factor = |row: usize| r[row] / divisors[row / rows];
    let step = |g: T, r: T, c: T| g / (r * c).sqrt().max(least);
    let mut square = 0.0;
    for (row, g) in g.chunks(columns).enumerate() {
        let (r, c) = (row_factor(row), &c[row / rows * columns..][..columns]);
        square += sweep(
            #[inline(always)]
            || sum([g, c], |[g, c]| step(g, r, c).wide().powi(2)),
        );
    }
    let rate = T::of(shorten(square.sqrt()));
    for (row, (x, g)) in x.chunks_mut(columns).zip(g.chunks(columns)).enumerate() {
        let (r, c) = (row_factor(row), &c[row / rows * columns..][..columns]);
        sweep(
            #[inline(always)]
            || {
                for ((x, &g), &c) in x.iter_mut().zip(g).zip(c) {
                    *x = *x - rate * step(g, r, c);
                }
            },
        );
    }
}

pub(in crate::optim) const fn adafactor<T: Scalar>() -> Entry<T> {
    Entry {
        name: "adafactor",
        summary: "relative steps scaled by factored mean squares",
        source: "Shazeer & Stern 2018, Algorithms 4 and 5, in PyTorch's form",
        family: Family::Adaptive,
        cost: "a gradient",
        rate: Some(1e-2),
        parameters: const {
            &[
                Parameter::positive("power", 0.8, "how fast old squares are forgotten, p"),
                Parameter::positive("floor", 1e-3, "least size of a block that steps are relative to, ε₂"),
                Parameter::positive("clip", 1.0, "root mean square above which steps are shortened, d"),
            ]
        },
        build: |values, layout| {
            Optimizer::Method(Box::new(Adafactor::new(values[0], values[1], values[2], layout)))
        },
    }
}
