//! Functions in closed form as objectives.
//!
//! A [`Function`] is a program of one vector together with what is known of it: a
//! start, and critical points with their values and indices. [`Analytic`] compiles
//! it once to its value, gradient and Hessian products. The [`registry()`] lists the
//! classic test functions; a text such as `rosenbrock:10` chooses one of them.

mod function;
mod global;
mod mgh;
mod moved;
mod notation;
mod planted;
mod quadratic;
mod rastrigin;
mod registry;
mod rosenbrock;
mod saddles;
mod squares;
mod styblinski_tang;

use std::sync::OnceLock;

use thalweg_graph::{Bound, Builder, Element, Linearized, Point, Program, Role, Threads, Value};

use squares::Squares;

use crate::krylov::SymmetricOperator;
use crate::{Curvature, Jacobian, Layout, LeastSquares, Objective, Scalar, Stop, Unsupported};

pub use function::{Function, Known, Lowest, Nature};
pub(super) use notation::write_terms;
pub use notation::{Sheet, Term};
pub use quadratic::{quadratic, rotated_quadratic};
pub use rastrigin::rastrigin;
pub(super) use registry::named;
pub use registry::{Entry, SpecError, registry};
pub use rosenbrock::rosenbrock;
pub use saddles::{monkey_saddle, walled_saddle};
pub use styblinski_tang::styblinski_tang;

/// A function in closed form as an objective, compiled for the scalar type `T`.
///
/// Gradient and Hessian products are derivatives of the function's program:
/// exact up to rounding, at the cost of a few values each. A linearization
/// evaluates what depends on x alone once. Sums are kept in f64 whatever `T`.
/// A [sum of squares](Function::squares) has a Gauss-Newton matrix, 2JᵀJ, and is a
/// [`LeastSquares`]; other functions have neither, and none has a Fisher matrix.
///
/// ```
/// use thalweg_lab::Objective;
/// use thalweg_lab::problem::analytic::{Analytic, Function};
///
/// // f(x) = Σ (xᵢ² − 1)²
/// let function = Function::formula("wells", 3, |x| (x.square() - 1.0).square().sum());
/// let objective = Analytic::<f64>::new(function, Default::default());
/// let mut gradient = [0.0; 3];
/// assert_eq!(objective.value_grad(&[0.0, 1.0, 2.0], &mut gradient), 10.0);
/// assert_eq!(gradient, [0.0, 0.0, 24.0]);
/// ```
pub struct Analytic<T: Scalar> {
    function: Function,
    threads: Threads,
    value: Program,
    gradient: Program,
    product: OnceLock<Linearized>,
    squares: OnceLock<Squares>,
    element: std::marker::PhantomData<fn(T) -> T>,
}

impl<T: Scalar> Analytic<T> {
    /// Compiles a function. Results do not depend on the number of threads.
    ///
    /// # Panics
    /// If the function's rule does not fit its types.
    pub fn new(function: Function, threads: Threads) -> Self {
        let value = function.graph(<T as Element>::DTYPE);
        Self {
            threads,
            gradient: Program::compile(&value.grad(&[0])),
            value: Program::compile(&value),
            product: OnceLock::new(),
            squares: OnceLock::new(),
            function,
            element: std::marker::PhantomData,
        }
    }

    /// The function.
    pub fn function(&self) -> &Function {
        &self.function
    }

    fn evaluate(&self, x: &[T], threads: &Threads) -> f64 {
        let mut value = [0.0f64];
        self.value.run(&[bytemuck::cast_slice(x)], &mut [bytemuck::cast_slice_mut(&mut value)], threads);
        value[0]
    }

    /// The programs of a sum of squares: asked only of such, since [`Objective::least_squares`] hands out no other.
    fn squares(&self) -> &Squares {
        self.squares.get_or_init(|| {
            let graph = self.function.residual_graph(<T as Element>::DTYPE);
            Squares::new(&graph.expect("the function is a sum of squares"))
        })
    }

    /// The program of the Hessian's product with a vector: the gradient, differentiated along it.
    fn product(&self) -> &Linearized {
        self.product.get_or_init(|| {
            let forward = self.function.graph(<T as Element>::DTYPE).grad(&[0]).jvp(&[0]);
            let mut b = Builder::new();
            let args: Vec<Value> = forward.input_types().into_iter().map(|ty| b.input(ty)).collect();
            // Value, gradient and the value's derivative come first.
            let product = b.call(&forward, &args)[3];
            let program = b.finish(&[product]);
            Linearized::new(|_| program.clone(), &[Role::Shared; 2], &[1], 1, 1)
        })
    }
}

impl<T: Scalar> Objective<T> for Analytic<T> {
    fn layout(&self) -> &Layout {
        self.function.layout()
    }

    fn value(&self, x: &[T]) -> f64 {
        self.evaluate(x, &self.threads)
    }

    fn value_grad(&self, x: &[T], gradient: &mut [T]) -> f64 {
        let mut value = [0.0f64];
        let outputs: &mut [&mut [u8]] =
            &mut [bytemuck::cast_slice_mut(&mut value), bytemuck::cast_slice_mut(gradient)];
        self.gradient.run(&[bytemuck::cast_slice(x)], outputs, &self.threads);
        value[0]
    }

    fn values(&self, points: &[T], values: &mut [f64]) {
        let items: Vec<(&[T], &mut f64)> =
            points.chunks_exact(self.function.dimension()).zip(values).collect();
        self.threads.for_each(items, |(x, value)| *value = self.evaluate(x, &Threads::default()));
    }

    fn linearize<'a>(
        &'a self,
        x: &[T],
        curvature: Curvature,
    ) -> Result<Box<dyn SymmetricOperator<T> + 'a>, Unsupported> {
        assert_eq!(x.len(), self.function.dimension(), "length of x");
        match curvature {
            Curvature::Hessian => {}
            Curvature::GaussNewton if self.function.squares => {
                return Ok(self.squares().normal(x, &self.threads));
            }
            _ => return Err(Unsupported::not_a_sum(curvature)),
        }
        let inputs = vec![Bound::copy(bytemuck::cast_slice(x)), Bound::Borrowed(&[])];
        let point = self.product().at(inputs, usize::MAX, &self.threads);
        Ok(Box::new(Hessian { point, n: x.len() }))
    }

    fn least_squares(&self) -> Option<&dyn LeastSquares<T>> {
        self.function.squares.then_some(self)
    }
}

/// # Panics
/// If the function is not a [sum of squares](Function::squares): ask [`Objective::least_squares`].
impl<T: Scalar> LeastSquares<T> for Analytic<T> {
    fn residual_count(&self) -> usize {
        self.squares().count()
    }

    fn residuals(&self, x: &[T], residuals: &mut [T]) {
        self.squares().evaluate(x, residuals, &self.threads);
    }

    fn jacobian<'a>(&'a self, x: &[T]) -> Box<dyn Jacobian<T> + 'a> {
        self.squares().jacobian(x, &self.threads)
    }
}

/// ∇²f or 2JᵀJ at one point.
pub(super) struct Hessian<'a> {
    pub point: Point<'a>,
    pub n: usize,
}

impl<T: Scalar> SymmetricOperator<T> for Hessian<'_> {
    fn dimension(&self) -> usize {
        self.n
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        let count = vectors.len() / self.n;
        if count > 0 {
            let vectors = bytemuck::cast_slice(vectors);
            self.point.apply(&[vectors], count, &mut [bytemuck::cast_slice_mut(products)]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
