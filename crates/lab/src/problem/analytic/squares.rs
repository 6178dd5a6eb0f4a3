//! Residuals and their Jacobian as programs.

use thalweg_graph::{Bound, Builder, Graph, Linearized, Point, Program, Role, Threads, Type, Value};

use super::Hessian;
use crate::krylov::SymmetricOperator;
use crate::{Jacobian, Scalar, Stop};

/// The programs of a sum of squares.
pub(super) struct Squares {
    residuals: Program,
    /// J v.
    forward: Linearized,
    /// Jᵀ u.
    backward: Linearized,
    /// 2JᵀJ v.
    normal: Linearized,
    shape: (usize, usize),
}

impl Squares {
    /// Compiles the programs of residuals.
    pub fn new(residuals: &Graph) -> Self {
        let (x, r) = (&residuals.input_types()[0], &residuals.output_types()[0]);
        let pull = |tangent: &Type, rule: &dyn Fn(&mut Builder, Value, Value) -> Value| {
            let mut b = Builder::new();
            let [x, tangent] = [x, tangent].map(|ty| b.input(ty.clone()));
            let product = rule(&mut b, x, tangent);
            let program = b.finish(&[product]);
            Linearized::new(|_| program.clone(), &[Role::Shared; 2], &[1], 1, 1)
        };
        // The residuals come first, then their derivative.
        let along = |b: &mut Builder, x: Value, v: Value| b.call(&residuals.jvp(&[0]), &[x, v])[1];
        let back = |b: &mut Builder, x: Value, u: Value| {
            let (_, cotangents) = b.vjp(residuals, &[x], &[0], |_, _| vec![Some(u)]);
            cotangents[0].unwrap_or_else(|| b.zeros_like(x))
        };
        Self {
            residuals: Program::compile(residuals),
            forward: pull(x, &along),
            backward: pull(r, &back),
            normal: pull(x, &|b, x, v| {
                let change = along(b, x, v);
                let change = b.scale(change, 2.0);
                back(b, x, change)
            }),
            shape: (r.size(), x.size()),
        }
    }

    /// m.
    pub fn count(&self) -> usize {
        self.shape.0
    }

    /// r(x).
    pub fn evaluate<T: Scalar>(&self, x: &[T], residuals: &mut [T], threads: &Threads) {
        self.residuals.run(&[bytemuck::cast_slice(x)], &mut [bytemuck::cast_slice_mut(residuals)], threads);
    }

    /// J at x.
    pub fn jacobian<T: Scalar>(&self, x: &[T], threads: &Threads) -> Box<dyn Jacobian<T> + '_> {
        let [forward, backward] = [&self.forward, &self.backward].map(|p| at(p, x, threads));
        Box::new(Products { forward, backward, shape: self.shape })
    }

    /// 2JᵀJ at x.
    pub fn normal<T: Scalar>(&self, x: &[T], threads: &Threads) -> Box<dyn SymmetricOperator<T> + '_> {
        Box::new(Hessian { point: at(&self.normal, x, threads), n: self.shape.1 })
    }
}

fn at<'a, T: Scalar>(program: &'a Linearized, x: &[T], threads: &Threads) -> Point<'a> {
    let inputs = vec![Bound::copy(bytemuck::cast_slice(x)), Bound::Borrowed(&[])];
    program.at(inputs, usize::MAX, threads)
}

/// J at one point.
struct Products<'a> {
    forward: Point<'a>,
    backward: Point<'a>,
    shape: (usize, usize),
}

impl<T: Scalar> Jacobian<T> for Products<'_> {
    fn shape(&self) -> (usize, usize) {
        self.shape
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        apply(&self.forward, vectors, vectors.len() / self.shape.1, products)
    }

    fn apply_transpose(&mut self, covectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        apply(&self.backward, covectors, covectors.len() / self.shape.0, products)
    }
}

fn apply<T: Scalar>(point: &Point<'_>, vectors: &[T], count: usize, products: &mut [T]) -> Result<(), Stop> {
    if count > 0 {
        let vectors = bytemuck::cast_slice(vectors);
        point.apply(&[vectors], count, &mut [bytemuck::cast_slice_mut(products)]);
    }
    Ok(())
}
