//! Differentiable programs: primitives, their rules, transformations and the executor.
//!
//! A [`Graph`] is a list of nodes with static shapes; a node is a
//! [`primitive`] applied to earlier nodes. Differentiation rewrites graphs into
//! graphs, so that a derivative can be differentiated, batched and split again:
//!
//! - [`Graph::jvp`], [`Graph::transpose`] and [`Graph::grad`], which is composed of them;
//! - [`Graph::batch`] maps a program over a new axis;
//! - [`Graph::split`] separates what is computed once from what is computed for each tangent.
//!
//! A [`Program`] is a compiled graph. [`Sharded`] and [`Linearized`] run
//! programs that are sums over examples, with bits that do not depend on the
//! number of threads.

mod builder;
mod dtype;
mod exec;
mod graph;
mod literal;
pub mod math;
pub mod primitive;
mod simplify;
pub mod symmetry;
mod transform;
mod ty;

pub use builder::Builder;
pub use dtype::{DType, Element, Float};
pub use exec::{
    Bound, Eval, Kernel, Linearized, Point, Pointwise, Program, Role, Sharded, Strided, Threads, evaluate,
};
pub use graph::{Args, Graph, Node, Value};
pub use literal::Literal;
pub use transform::Split;
pub use ty::{Axes, Shape, Type, TypeError};
