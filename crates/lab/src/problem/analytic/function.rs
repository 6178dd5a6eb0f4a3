//! A function as a program, with what is known of it.

use std::fmt;
use std::sync::Arc;

use thalweg_graph::{Builder, DType, Graph, Literal, Type, Value};

use crate::Scalar;

/// Writes a function's program for its argument x (n) and returns its value, a float scalar.
type Rule = dyn Fn(&mut Builder, Value) -> Value + Send + Sync;

/// A function f: Rⁿ → R as a program, with a start and what is known of its critical points.
#[derive(Clone)]
pub struct Function {
    name: String,
    dimension: usize,
    start: Vec<f64>,
    known: Vec<Known>,
    rule: Arc<Rule>,
}

/// A critical point that is known in closed form or from the literature.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// x (n).
    pub x: Vec<f64>,
    /// f(x).
    pub value: f64,
    /// The number of negative eigenvalues of ∇²f(x).
    pub index: usize,
    /// The number of eigenvalues 0.
    pub nullity: usize,
    /// Whether f is nowhere lower.
    pub global: bool,
    /// Where this is known from.
    pub source: &'static str,
}

/// What the signs of a Hessian's eigenvalues say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// All are positive.
    Minimum,
    /// Some are negative and some positive.
    Saddle,
    /// All are negative.
    Maximum,
    /// Some are 0, and the others do not have both signs.
    Degenerate,
}

impl Function {
    /// A function of `dimension` coordinates; the start is 0 and no critical point is known.
    ///
    /// `rule` is given a builder and x (n), f32 or f64 as the objective is, and
    /// returns the value: a scalar, best in f64 ([`total`](Self::total) makes one).
    ///
    /// # Panics
    /// If the dimension is 0.
    pub fn new(
        name: impl Into<String>,
        dimension: usize,
        rule: impl Fn(&mut Builder, Value) -> Value + Send + Sync + 'static,
    ) -> Self {
        assert!(dimension > 0, "a function has at least one coordinate");
        Self {
            name: name.into(),
            dimension,
            start: vec![0.0; dimension],
            known: Vec::new(),
            rule: Arc::new(rule),
        }
    }

    /// Sets the point from which methods usually begin.
    ///
    /// # Panics
    /// If its length is not the dimension.
    #[must_use]
    pub fn with_start(mut self, start: Vec<f64>) -> Self {
        assert_eq!(start.len(), self.dimension, "length of the start");
        self.start = start;
        self
    }

    /// Adds a critical point.
    ///
    /// # Panics
    /// If its length is not the dimension.
    #[must_use]
    pub fn with_known(mut self, known: Known) -> Self {
        assert_eq!(known.x.len(), self.dimension, "length of the critical point");
        self.known.push(known);
        self
    }

    /// The text that chooses this function from the registry, or the name that it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// n.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The point from which methods usually begin.
    pub fn start<T: Scalar>(&self) -> Vec<T> {
        self.start.iter().map(|&v| T::of(v)).collect()
    }

    /// Critical points that are known; not all of them where there are many.
    pub fn known(&self) -> &[Known] {
        &self.known
    }

    /// The program from x (n) of the given element type to the value, an f64 scalar.
    pub fn graph(&self, dtype: DType) -> Graph {
        let mut b = Builder::new();
        let x = b.input(Type::new(dtype, [self.dimension]));
        let value = (self.rule)(&mut b, x);
        let value = b.convert(value, DType::F64);
        b.finish(&[value])
    }

    /// The sum of an array of terms, in f64.
    pub fn total(b: &mut Builder, terms: Value) -> Value {
        let wide = b.convert(terms, DType::F64);
        b.sum_all(wide)
    }

    /// A constant vector of the given element type.
    pub fn constant(b: &mut Builder, dtype: DType, values: &[f64]) -> Value {
        let wide = b.literal(Literal::new([values.len()], values));
        b.convert(wide, dtype)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function")
            .field("name", &self.name)
            .field("dimension", &self.dimension)
            .field("known", &self.known.len())
            .finish_non_exhaustive()
    }
}

impl Known {
    /// What the signs of the eigenvalues say.
    pub fn nature(&self) -> Nature {
        let positive = self.x.len() - self.index - self.nullity;
        match (self.index > 0, positive > 0) {
            (true, true) => Nature::Saddle,
            _ if self.nullity > 0 => Nature::Degenerate,
            (false, _) => Nature::Minimum,
            (true, false) => Nature::Maximum,
        }
    }
}
