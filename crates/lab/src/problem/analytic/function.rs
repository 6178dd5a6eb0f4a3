//! A function as a program, with what is known of it.

use std::fmt;
use std::sync::Arc;

use thalweg_graph::{Builder, DType, Graph, Literal, Type, Value};

use super::notation::{self, Term};
use crate::{Layout, Scalar};

/// Writes a function's program for its argument x (n) and returns its value, a float scalar.
pub(super) type Rule = dyn Fn(&mut Builder, Value) -> Value + Send + Sync;

/// A function f: Rⁿ → R as a program, with a start and what is known of its critical points.
#[derive(Clone)]
pub struct Function {
    pub(super) name: String,
    pub(super) layout: Layout,
    pub(super) start: Vec<f64>,
    pub(super) domain: Option<Vec<(f64, f64)>>,
    pub(super) known: Vec<Known>,
    pub(super) lowest: Option<Lowest>,
    pub(super) rule: Arc<Rule>,
    /// Whether the rule gives residuals, whose squares are added up.
    pub(super) squares: bool,
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
    /// Whether f is nowhere lower (in its domain, if it has one), as far as is known.
    pub global: bool,
    /// Where this is known from.
    pub source: &'static str,
}

/// A lowest point that is no critical point, since f has no gradient there or it lies at the domain's edge.
#[derive(Clone, Debug, PartialEq)]
pub struct Lowest {
    /// x (n).
    pub x: Vec<f64>,
    /// f(x).
    pub value: f64,
    /// Why this is so, or where it is known from.
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
            layout: Layout::flat(dimension),
            start: vec![0.0; dimension],
            domain: None,
            known: Vec::new(),
            lowest: None,
            rule: Arc::new(rule),
            squares: false,
        }
    }

    /// A function of `dimension` coordinates as a formula of x (n); otherwise as [`new`](Self::new).
    ///
    /// ```
    /// use thalweg_lab::problem::analytic::Function;
    ///
    /// // Σ (xᵢ² − 1)²
    /// let function = Function::formula("wells", 3, |x| (x.square() - 1.0).square().sum());
    /// ```
    ///
    /// # Panics
    /// If the dimension is 0.
    pub fn formula(
        name: impl Into<String>,
        dimension: usize,
        formula: impl for<'s> Fn(Term<'s>) -> Term<'s> + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, dimension, move |b, x| notation::write(b, x, &formula))
    }

    /// f(x) = Σᵢ rᵢ(x)² by a formula for the residuals r (m).
    ///
    /// The objective is a [`LeastSquares`](crate::LeastSquares) then, and has a Gauss-Newton matrix.
    ///
    /// # Panics
    /// If the dimension is 0.
    pub fn squares(
        name: impl Into<String>,
        dimension: usize,
        residuals: impl for<'s> Fn(Term<'s>) -> Term<'s> + Send + Sync + 'static,
    ) -> Self {
        Self { squares: true, ..Self::formula(name, dimension, residuals) }
    }

    /// Sets the point from which methods usually begin.
    ///
    /// # Panics
    /// If its length is not the dimension.
    #[must_use]
    pub fn with_start(mut self, start: Vec<f64>) -> Self {
        assert_eq!(start.len(), self.dimension(), "length of the start");
        self.start = start;
        self
    }

    /// Sets names and shapes of blocks of x; it is one vector unless this is said.
    ///
    /// # Panics
    /// If its dimension is another.
    #[must_use]
    pub fn with_layout(mut self, layout: Layout) -> Self {
        assert_eq!(layout.dimension(), self.dimension(), "dimension of the layout");
        self.layout = layout;
        self
    }

    /// Sets the box, an interval for each coordinate, in which the function is usually studied.
    ///
    /// # Panics
    /// If there is not one interval a coordinate.
    #[must_use]
    pub fn with_domain(mut self, domain: Vec<(f64, f64)>) -> Self {
        assert_eq!(domain.len(), self.dimension(), "intervals of the domain");
        self.domain = Some(domain);
        self
    }

    /// Sets the domain to the same interval for every coordinate.
    #[must_use]
    pub fn with_interval(self, low: f64, high: f64) -> Self {
        let domain = vec![(low, high); self.dimension()];
        self.with_domain(domain)
    }

    /// Sets the lowest point, where it is not among the critical ones.
    ///
    /// # Panics
    /// If its length is not the dimension.
    #[must_use]
    pub fn with_lowest(mut self, x: Vec<f64>, value: f64, source: &'static str) -> Self {
        assert_eq!(x.len(), self.dimension(), "length of the lowest point");
        self.lowest = Some(Lowest { x, value, source });
        self
    }

    /// Adds a critical point.
    ///
    /// # Panics
    /// If its length is not the dimension.
    #[must_use]
    pub fn with_known(mut self, known: Known) -> Self {
        assert_eq!(known.x.len(), self.dimension(), "length of the critical point");
        self.known.push(known);
        self
    }

    /// The text that chooses this function from the registry, or the name that it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// n.
    pub fn dimension(&self) -> usize {
        self.start.len()
    }

    /// Names and shapes of blocks of x.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The point from which methods usually begin.
    pub fn start<T: Scalar>(&self) -> Vec<T> {
        self.start.iter().map(|&v| T::of(v)).collect()
    }

    /// Critical points that are known; not all of them where there are many.
    pub fn known(&self) -> &[Known] {
        &self.known
    }

    /// Whether the function is a [sum of squares](Self::squares).
    pub fn is_sum_of_squares(&self) -> bool {
        self.squares
    }

    /// The box in which the function is usually studied.
    pub fn domain(&self) -> Option<&[(f64, f64)]> {
        self.domain.as_deref()
    }

    /// The lowest point, where it is known and not among the critical ones.
    pub fn lowest(&self) -> Option<&Lowest> {
        self.lowest.as_ref()
    }

    /// The lowest value of the function, in its domain if it has one, where that is known.
    pub fn minimum(&self) -> Option<f64> {
        let global = self.known.iter().find(|known| known.global).map(|known| known.value);
        self.lowest.as_ref().map(|lowest| lowest.value).or(global)
    }

    /// The program from x (n) of the given element type to the value, an f64 scalar.
    pub fn graph(&self, dtype: DType) -> Graph {
        let mut b = Builder::new();
        let x = b.input(Type::new(dtype, [self.dimension()]));
        let mut value = (self.rule)(&mut b, x);
        value = b.convert(value, DType::F64);
        if self.squares {
            let squares = b.square(value);
            value = b.sum_all(squares);
        }
        b.finish(&[value])
    }

    /// The program from x (n) to the residuals (m), all of the given element type, of a sum of squares.
    pub fn residual_graph(&self, dtype: DType) -> Option<Graph> {
        self.squares.then(|| {
            let mut b = Builder::new();
            let x = b.input(Type::new(dtype, [self.dimension()]));
            let residuals = (self.rule)(&mut b, x);
            let residuals = b.convert(residuals, dtype);
            b.finish(&[residuals])
        })
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
            .field("dimension", &self.dimension())
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
