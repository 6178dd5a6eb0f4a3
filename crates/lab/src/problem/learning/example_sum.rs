//! Means over examples, from formulas.

use std::sync::OnceLock;

use thalweg_graph::{Bound, Builder, Element, Graph, Linearized, Program, Role, Threads, Type, Value};

use super::super::analytic::{Hessian, Term, write_terms};
use crate::krylov::SymmetricOperator;
use crate::{Curvature, FiniteSum, Layout, Minibatch, Objective, Scalar, Terms, Unsupported};

/// The losses (k) of k examples by θ (n) and their rows (k × d).
type Losses = dyn for<'s> Fn(Term<'s>, Term<'s>) -> Term<'s> + Send + Sync;
/// A scalar by θ (n).
type Penalty = dyn for<'s> Fn(Term<'s>) -> Term<'s> + Send + Sync;

/// f(θ) = (1/N) Σᵢ ℓ(θ; rowᵢ) + penalty(θ), compiled for the scalar type `T`.
///
/// Each example is a row of d numbers: features, targets, noise. Values and gradients of all or some examples are
/// programs, and so are Hessian products; formulas are evaluated in f64. The exact mean of the squared norms of
/// per-example gradients costs a gradient for each example. All examples go through a program together, so that memory
/// grows with Nd. There is no Gauss-Newton or Fisher matrix.
pub struct ExampleSum<T: Scalar> {
    layout: Layout,
    losses: Box<Losses>,
    penalty: Box<Penalty>,
    rows: Vec<T>,
    width: usize,
    threads: Threads,
    value: Program,
    gradient: Program,
    product: OnceLock<Linearized>,
    /// ‖∇ℓ‖² of one example, and the gradient of the mean loss.
    moments: OnceLock<(Program, Program)>,
    /// The loss of one example.
    single: OnceLock<Program>,
}

impl<T: Scalar> ExampleSum<T> {
    /// Compiles the sum over `rows` (N × `width`) for θ of the given layout.
    ///
    /// # Panics
    /// If there are no examples, or no whole number of them, or a formula does not fit its types.
    pub fn new(
        layout: Layout,
        rows: Vec<T>,
        width: usize,
        losses: impl for<'s> Fn(Term<'s>, Term<'s>) -> Term<'s> + Send + Sync + 'static,
        penalty: impl for<'s> Fn(Term<'s>) -> Term<'s> + Send + Sync + 'static,
        threads: Threads,
    ) -> Self {
        assert!(!rows.is_empty() && rows.len().is_multiple_of(width), "whole rows of {width}");
        let (losses, penalty): (Box<Losses>, Box<Penalty>) = (Box::new(losses), Box::new(penalty));
        let parts = Parts { n: layout.dimension(), width, losses: &*losses, penalty: &*penalty };
        let count = rows.len() / width;
        let value = parts.value::<T>(count);
        let gradient = Program::compile(&total(&value).grad(&[0]));
        let value = Program::compile(&value);
        Self {
            value,
            gradient,
            product: OnceLock::new(),
            moments: OnceLock::new(),
            single: OnceLock::new(),
            layout,
            losses,
            penalty,
            rows,
            width,
            threads,
        }
    }

    fn parts(&self) -> Parts<'_> {
        let Self { width, losses, penalty, .. } = self;
        Parts { n: self.layout.dimension(), width: *width, losses: &**losses, penalty: &**penalty }
    }

    fn count(&self) -> usize {
        self.rows.len() / self.width
    }
}

/// The formulas and their sizes.
struct Parts<'a> {
    n: usize,
    width: usize,
    losses: &'a Losses,
    penalty: &'a Penalty,
}

impl Parts<'_> {
    /// Inputs θ and the rows of so many examples; outputs the mean loss, the penalty and the mean of the squared losses.
    fn value<T: Scalar>(&self, count: usize) -> Graph {
        let dtype = <T as Element>::DTYPE;
        let mut b = Builder::new();
        let theta = b.input(Type::new(dtype, [self.n]));
        let rows = b.input(Type::new(dtype, [count, self.width]));
        let outputs = write_terms(&mut b, &[theta, rows], &|inputs| {
            let losses = (self.losses)(inputs[0], inputs[1]);
            vec![losses.mean(), (self.penalty)(inputs[0]), losses.square().mean()]
        });
        b.finish(&outputs)
    }

    /// Inputs θ, the rows of so many examples and a vector; output the Hessian's product with it.
    fn product<T: Scalar>(&self, count: usize) -> Graph {
        let forward = total(&self.value::<T>(count)).grad(&[0]).jvp(&[0]);
        let mut b = Builder::new();
        let args: Vec<Value> = forward.input_types().into_iter().map(|ty| b.input(ty)).collect();
        // Value, gradient and the value's derivative come first.
        let product = b.call(&forward, &args)[3];
        b.finish(&[product])
    }

    /// Inputs θ and the row of one example; output ‖∇ℓ‖².
    fn square<T: Scalar>(&self) -> Graph {
        let gradient = total_of(&self.value::<T>(1), 1).grad(&[0]);
        let mut b = Builder::new();
        let args: Vec<Value> = gradient.input_types().into_iter().map(|ty| b.input(ty)).collect();
        let gradient = b.call(&gradient, &args)[1];
        let wide = b.convert(gradient, thalweg_graph::DType::F64);
        let square = b.square(wide);
        let sum = b.sum_all(square);
        b.finish(&[sum])
    }
}

/// The program whose only output is the objective.
fn total(parts: &Graph) -> Graph {
    total_of(parts, 2)
}

/// The sum of the first outputs.
fn total_of(parts: &Graph, terms: usize) -> Graph {
    let mut b = Builder::new();
    let args: Vec<Value> = parts.input_types().into_iter().map(|ty| b.input(ty)).collect();
    let outputs = b.call(parts, &args);
    let sum = outputs[1..terms].iter().fold(outputs[0], |sum, term| b.add(sum, *term));
    b.finish(&[sum])
}

impl<T: Scalar> Objective<T> for ExampleSum<T> {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn value(&self, x: &[T]) -> f64 {
        self.terms(x).total()
    }

    fn value_grad(&self, x: &[T], gradient: &mut [T]) -> f64 {
        run(&self.gradient, x, &self.rows, gradient, &self.threads)
    }

    fn linearize<'a>(
        &'a self,
        x: &[T],
        curvature: Curvature,
    ) -> Result<Box<dyn SymmetricOperator<T> + 'a>, Unsupported> {
        if curvature != Curvature::Hessian {
            return Err(Unsupported::not_a_sum(curvature));
        }
        let program = self.product.get_or_init(|| {
            let program = self.parts().product::<T>(self.count());
            Linearized::new(|_| program.clone(), &[Role::Shared; 3], &[2], 1, 1)
        });
        let rows = Bound::Borrowed(bytemuck::cast_slice(&self.rows));
        let inputs = vec![Bound::copy(bytemuck::cast_slice(x)), rows, Bound::Borrowed(&[])];
        let point = program.at(inputs, usize::MAX, &self.threads);
        Ok(Box::new(Hessian { point, n: x.len() }))
    }

    fn terms(&self, x: &[T]) -> Terms {
        let [mut data, mut penalty, mut square] = [[0.0f64]; 3];
        let outputs: &mut [&mut [u8]] =
            &mut [&mut data, &mut penalty, &mut square].map(|v| bytemuck::cast_slice_mut(v));
        self.value.run(&[bytemuck::cast_slice(x), bytemuck::cast_slice(&self.rows)], outputs, &self.threads);
        let count = self.count() as f64;
        let variance = (square[0] - data[0] * data[0]).max(0.0) / (count - 1.0).max(1.0);
        Terms { data: data[0], data_stderr: Some(variance.sqrt()), penalty: penalty[0], accuracy: None }
    }

    fn finite_sum(&self) -> Option<&dyn FiniteSum<T>> {
        Some(self)
    }
}

impl<T: Scalar> FiniteSum<T> for ExampleSum<T> {
    fn examples(&self) -> usize {
        self.count()
    }

    fn gradient_moments(&self, x: &[T], gradient: &mut [T]) -> f64 {
        let (squares, data) = self.moments.get_or_init(|| {
            let data = total_of(&self.parts().value::<T>(self.count()), 1).grad(&[0]);
            (Program::compile(&self.parts().square::<T>()), Program::compile(&data))
        });
        run(data, x, &self.rows, gradient, &self.threads);
        let items: Vec<&[T]> = self.rows.chunks_exact(self.width).collect();
        let mut sums = vec![0.0f64; items.len()];
        self.threads.for_each(items.into_iter().zip(&mut sums).collect::<Vec<_>>(), |(row, sum)| {
            let inputs = [bytemuck::cast_slice(x), bytemuck::cast_slice(row)];
            let sum = bytemuck::cast_slice_mut(std::slice::from_mut(sum));
            squares.run(&inputs, &mut [sum], &Threads::default());
        });
        sums.iter().sum::<f64>() / sums.len() as f64
    }

    fn losses(&self, x: &[T]) -> Option<Vec<f64>> {
        let program = self.single.get_or_init(|| Program::compile(&self.parts().value::<T>(1)));
        let items: Vec<&[T]> = self.rows.chunks_exact(self.width).collect();
        let mut losses = vec![0.0f64; items.len()];
        self.threads.for_each(items.into_iter().zip(&mut losses).collect::<Vec<_>>(), |(row, loss)| {
            let inputs = [bytemuck::cast_slice(x), bytemuck::cast_slice(row)];
            let mut rest = [[0.0f64]; 2];
            let [penalty, square] = &mut rest;
            let outputs: &mut [&mut [u8]] = &mut [
                bytemuck::cast_slice_mut(std::slice::from_mut(loss)),
                bytemuck::cast_slice_mut(penalty),
                bytemuck::cast_slice_mut(square),
            ];
            program.run(&inputs, outputs, &Threads::default());
        });
        Some(losses)
    }

    fn minibatch<'a>(&'a self, size: usize) -> Box<dyn Minibatch<T> + 'a> {
        let program = Program::compile(&total(&self.parts().value::<T>(size)).grad(&[0]));
        Box::new(Batch {
            sum: self,
            program,
            product: OnceLock::new(),
            rows: vec![T::zero(); size * self.width],
        })
    }
}

fn run<T: Scalar>(program: &Program, x: &[T], rows: &[T], gradient: &mut [T], threads: &Threads) -> f64 {
    let mut value = [0.0f64];
    let outputs: &mut [&mut [u8]] =
        &mut [bytemuck::cast_slice_mut(&mut value), bytemuck::cast_slice_mut(gradient)];
    program.run(&[bytemuck::cast_slice(x), bytemuck::cast_slice(rows)], outputs, threads);
    value[0]
}

/// Programs compiled for minibatches of one size, and a place to gather them.
struct Batch<'a, T: Scalar> {
    sum: &'a ExampleSum<T>,
    program: Program,
    product: OnceLock<Program>,
    rows: Vec<T>,
}

impl<T: Scalar> Batch<'_, T> {
    fn gather(&mut self, indices: &[u32]) {
        let width = self.sum.width;
        for (to, &i) in self.rows.chunks_exact_mut(width).zip(indices) {
            to.copy_from_slice(&self.sum.rows[i as usize * width..][..width]);
        }
    }
}

impl<T: Scalar> Minibatch<T> for Batch<'_, T> {
    fn value_grad(&mut self, x: &[T], indices: &[u32], gradient: &mut [T]) -> f64 {
        self.gather(indices);
        // A minibatch is too small to share out.
        run(&self.program, x, &self.rows, gradient, &Threads::default())
    }

    fn product(
        &mut self,
        x: &[T],
        indices: &[u32],
        curvature: Curvature,
        vector: &[T],
        product: &mut [T],
    ) -> Result<(), Unsupported> {
        if curvature != Curvature::Hessian {
            return Err(Unsupported::not_a_sum(curvature));
        }
        self.gather(indices);
        let compile = || Program::compile(&self.sum.parts().product::<T>(indices.len()));
        let inputs = [x, &self.rows, vector].map(bytemuck::cast_slice);
        let outputs: &mut [&mut [u8]] = &mut [bytemuck::cast_slice_mut(product)];
        self.product.get_or_init(compile).run(&inputs, outputs, &Threads::default());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
