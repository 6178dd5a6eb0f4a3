//! The programs of a mean over examples.

use std::sync::OnceLock;

use thalweg_graph::{
    Bound, Builder, DType, Element, Graph, Linearized, Point, Program, Role, Sharded, Threads, Type, Value,
};

use crate::Scalar;
use crate::problem::analytic::{Term, write_terms};

/// The losses (k) of k examples by θ (n) and their rows (k × width).
pub(super) type Losses = dyn for<'s> Fn(Term<'s>, Term<'s>) -> Term<'s> + Send + Sync;

/// Numbers of the rows of a shard: they stay in the second-level cache.
const NUMBERS: usize = 1 << 15;
/// Examples of a shard, at most …
const MOST: usize = 1 << 12;
/// … and numbers of per-example gradients that are held at a time.
const GRADIENTS: usize = 1 << 20;

/// What θ and rows are to every program: θ whole, rows shard by shard.
const ROLES: [Role; 2] = [Role::Shared, Role::Examples];

/// The formula of the losses, and its sizes.
pub(super) struct Formulas {
    n: usize,
    pub width: usize,
    losses: Box<Losses>,
    pub correct_below: Option<f64>,
    /// Of the rows.
    dtype: DType,
}

impl Formulas {
    pub fn new<T: Scalar>(n: usize, width: usize, losses: Box<Losses>) -> Self {
        Self { n, width, losses, correct_below: None, dtype: <T as Element>::DTYPE }
    }

    /// Examples in a shard: a matter of the problem alone, so that results do not depend on the machine.
    pub fn shard(&self) -> usize {
        let fitting = (NUMBERS / self.width.max(1)).clamp(1, MOST);
        1 << fitting.ilog2()
    }

    /// Inputs θ (f64) and the rows of so many examples; outputs what `make` writes of their losses, in f64.
    fn graph(&self, count: usize, make: &dyn for<'s> Fn(Term<'s>) -> Vec<Term<'s>>) -> Graph {
        let mut b = Builder::new();
        let theta = b.input(Type::new(DType::F64, [self.n]));
        let rows = b.input(Type::new(self.dtype, [count, self.width]));
        let outputs =
            write_terms(&mut b, &[theta, rows], &|inputs| make((self.losses)(inputs[0], inputs[1])));
        b.finish(&outputs)
    }

    /// Σ ℓ, Σ ℓ² and the number of those classified correctly.
    fn terms(&self, count: usize) -> Graph {
        let limit = self.correct_below;
        self.graph(count, &|losses| {
            let correct = match limit {
                Some(limit) => losses.below(limit, losses.number(1.0), losses.number(0.0)).sum(),
                None => losses.number(0.0),
            };
            vec![losses.sum(), losses.square().sum(), correct]
        })
    }

    /// Σ ℓ and its gradient (n).
    pub fn gradient(&self, count: usize) -> Graph {
        self.graph(count, &|losses| vec![losses.sum()]).grad(&[0])
    }

    /// The Hessian of Σ ℓ times a vector (n), which follows the other inputs.
    pub fn product(&self, count: usize) -> Graph {
        product(&self.gradient(count))
    }

    /// ℓ of each.
    fn losses(&self, count: usize) -> Graph {
        self.graph(count, &|losses| vec![losses])
    }

    /// Σ ‖∇ℓ‖².
    fn squares(&self, count: usize) -> Graph {
        let each = self.gradient(1).batch(&[false, true], count);
        let mut b = Builder::new();
        let theta = b.input(Type::new(DType::F64, [self.n]));
        let rows = b.input(Type::new(self.dtype, [count, self.width]));
        let singles = b.reshape(rows, &[count, 1, self.width]);
        let gradients = b.call(&each, &[theta, singles])[1];
        let squares = b.square(gradients);
        let sum = b.sum_all(squares);
        b.finish(&[sum])
    }
}

/// The product of the derivative of a value-and-gradient program's gradient along θ.
fn product(gradient: &Graph) -> Graph {
    let forward = gradient.jvp(&[0]);
    let mut b = Builder::new();
    let args: Vec<Value> = forward.input_types().into_iter().map(|ty| b.input(ty)).collect();
    // Value, gradient and the value's derivative come first.
    let product = b.call(&forward, &args)[3];
    b.finish(&[product])
}

/// Sums over so many examples.
pub(super) struct Sums {
    examples: usize,
    shard: usize,
    pub terms: Sharded,
    pub gradient: Sharded,
    product: OnceLock<Linearized>,
    squares: OnceLock<Sharded>,
    /// The losses of a shard, and of the last one.
    losses: OnceLock<[Program; 2]>,
}

impl Sums {
    pub fn new(formulas: &Formulas, examples: usize, shard: usize) -> Self {
        Self {
            terms: Sharded::new(|k| formulas.terms(k), &ROLES, examples, shard),
            gradient: Sharded::new(|k| formulas.gradient(k), &ROLES, examples, shard),
            product: OnceLock::new(),
            squares: OnceLock::new(),
            losses: OnceLock::new(),
            examples,
            shard,
        }
    }

    /// Σ ℓ, Σ ℓ² and the number of those classified correctly.
    pub fn terms<T: Scalar>(&self, theta: &[f64], rows: &[T], threads: &Threads) -> [f64; 3] {
        let mut sums = [[0.0f64; 1]; 3];
        let mut outputs: Vec<&mut [u8]> = sums.iter_mut().map(|s| bytemuck::cast_slice_mut(s)).collect();
        self.terms.run(&[bytemuck::cast_slice(theta), bytemuck::cast_slice(rows)], &mut outputs, threads);
        sums.map(|[sum]| sum)
    }

    /// The mean loss plus the penalty, and the gradient of that.
    pub fn value_grad<T: Scalar>(
        &self,
        penalty: Option<&Penalty>,
        x: &[T],
        rows: &[T],
        gradient: &mut [T],
        threads: &Threads,
    ) -> f64 {
        let theta = widened(x);
        let (mut sum, mut slope) = ([0.0f64], vec![0.0f64; x.len()]);
        let outputs: &mut [&mut [u8]] =
            &mut [bytemuck::cast_slice_mut(&mut sum), bytemuck::cast_slice_mut(&mut slope)];
        self.gradient.run(&[bytemuck::cast_slice(&theta), bytemuck::cast_slice(rows)], outputs, threads);
        let share = 1.0 / self.examples as f64;
        slope.iter_mut().for_each(|v| *v *= share);
        let penalty = penalty.map_or(0.0, |penalty| penalty.add_gradient(&theta, &mut slope));
        gradient.iter_mut().zip(&slope).for_each(|(out, v)| *out = T::of(*v));
        sum[0] / self.examples as f64 + penalty
    }

    /// Σ ‖∇ℓ‖².
    pub fn squares<T: Scalar>(&self, formulas: &Formulas, x: &[T], rows: &[T], threads: &Threads) -> f64 {
        let mut sum = [0.0f64];
        let theta = widened(x);
        let outputs: &mut [&mut [u8]] = &mut [bytemuck::cast_slice_mut(&mut sum)];
        let inputs = [bytemuck::cast_slice(&theta), bytemuck::cast_slice(rows)];
        self.squares_program(formulas).run(&inputs, outputs, threads);
        sum[0]
    }

    pub fn squares_program(&self, formulas: &Formulas) -> &Sharded {
        let shard = self.shard.min((GRADIENTS / formulas.n.max(1)).max(1));
        self.squares.get_or_init(|| Sharded::new(|k| formulas.squares(k), &ROLES, self.examples, shard))
    }

    /// ℓ of each example.
    pub fn losses<T: Scalar>(&self, formulas: &Formulas, x: &[T], rows: &[T], threads: &Threads) -> Vec<f64> {
        let shard = self.shard.min(self.examples);
        let last = (self.examples - 1) % shard + 1;
        let programs =
            self.losses.get_or_init(|| [shard, last].map(|k| Program::compile(&formulas.losses(k))));
        let theta = widened(x);
        let mut losses = vec![0.0f64; self.examples];
        let parts: Vec<_> = rows.chunks(shard * formulas.width).zip(losses.chunks_mut(shard)).collect();
        threads.for_each(parts, |(rows, losses)| {
            let program = &programs[usize::from(losses.len() < shard)];
            let inputs = [bytemuck::cast_slice(&theta), bytemuck::cast_slice(rows)];
            program.run(&inputs, &mut [bytemuck::cast_slice_mut(losses)], &Threads::default());
        });
        losses
    }

    /// The Hessian of Σ ℓ at x, ready to be applied.
    pub fn linearize<'a, T: Scalar>(
        &'a self,
        formulas: &Formulas,
        x: &[T],
        rows: &'a [T],
        kept: usize,
        threads: &Threads,
    ) -> Point<'a> {
        let rows = Bound::Borrowed(bytemuck::cast_slice(rows));
        let inputs = vec![Bound::copy(bytemuck::cast_slice(&widened(x))), rows, Bound::Borrowed(&[])];
        self.product_program(formulas).at(inputs, kept, threads)
    }

    pub fn product_program(&self, formulas: &Formulas) -> &Linearized {
        let roles = [ROLES[0], ROLES[1], Role::Shared];
        let build = |k| formulas.product(k);
        self.product.get_or_init(|| Linearized::new(build, &roles, &[2], self.examples, self.shard))
    }
}

/// The programs of a penalty.
pub(super) struct Penalty {
    value: Program,
    gradient: Program,
    product: Linearized,
}

impl Penalty {
    pub fn new(n: usize, penalty: &dyn for<'s> Fn(Term<'s>) -> Term<'s>) -> Self {
        let mut b = Builder::new();
        let theta = b.input(Type::new(DType::F64, [n]));
        let outputs = write_terms(&mut b, &[theta], &|inputs| vec![penalty(inputs[0])]);
        let value = b.finish(&outputs);
        let gradient = value.grad(&[0]);
        let product = product(&gradient);
        Self {
            value: Program::compile(&value),
            gradient: Program::compile(&gradient),
            product: Linearized::new(|_| product.clone(), &[Role::Shared; 2], &[1], 1, 1),
        }
    }

    pub fn value(&self, theta: &[f64]) -> f64 {
        let mut value = [0.0f64];
        let outputs: &mut [&mut [u8]] = &mut [bytemuck::cast_slice_mut(&mut value)];
        self.value.run(&[bytemuck::cast_slice(theta)], outputs, &Threads::default());
        value[0]
    }

    /// The value; adds its gradient to `gradient`.
    fn add_gradient(&self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let (mut value, mut slope) = ([0.0f64], vec![0.0f64; theta.len()]);
        let outputs: &mut [&mut [u8]] =
            &mut [bytemuck::cast_slice_mut(&mut value), bytemuck::cast_slice_mut(&mut slope)];
        self.gradient.run(&[bytemuck::cast_slice(theta)], outputs, &Threads::default());
        gradient.iter_mut().zip(slope).for_each(|(g, v)| *g += v);
        value[0]
    }

    /// Its Hessian at x, ready to be applied.
    pub fn linearize<T: Scalar>(&self, x: &[T]) -> Point<'_> {
        let inputs = vec![Bound::copy(bytemuck::cast_slice(&widened(x))), Bound::Borrowed(&[])];
        self.product.at(inputs, usize::MAX, &Threads::default())
    }
}

/// In f64.
pub(super) fn widened<T: Scalar>(x: &[T]) -> Vec<f64> {
    x.iter().map(|v| v.wide()).collect()
}
