//! The executor: compiles a graph once, runs it many times.
//!
//! Views cost nothing, elementwise work is fused, every buffer has its place in
//! one arena that is laid out in advance, and nothing depends on the number of
//! threads.

/// Matches the length of a row with a constant where that is short: a row is then a few vector moves.
macro_rules! by_length {
    ($length:expr, |$n:ident| $call:expr, else $other:expr) => {
        by_length!(@ $length, $n, $call, $other, 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 20 24 32 48 64 100 128)
    };
    (@ $length:expr, $n:ident, $call:expr, $other:expr, $($literal:literal)*) => {
        match $length {
            $($literal => {
                const $n: usize = $literal;
                $call
            })*
            _ => $other,
        }
    };
}

mod chain;
mod compile;
mod fold;
mod fused;
pub(crate) mod kernel;
mod linearized;
mod load;
mod memory;
mod panel;
mod pointwise;
mod program;
mod schedule;
mod sharded;
mod strided;
mod threads;

use crate::Literal;

pub(crate) use fold::fold;
pub use linearized::{Bound, Linearized, Point};
pub use pointwise::Pointwise;
pub use program::{Program, evaluate};
pub use sharded::{Role, Sharded};
pub use strided::Strided;
pub use threads::Threads;

/// How the executor computes a primitive.
pub enum Eval {
    /// The result is known before anything runs.
    Constant(Literal),
    /// A view of something that is known before anything runs.
    ConstantView(Literal, Strided),
    /// The result is a view of the first argument's buffer.
    View(Strided),
    /// Element i of the result depends on element i of each argument alone.
    Pointwise(Pointwise),
    /// The elements of the first argument, in row-major order.
    Copy,
    /// A kernel that writes the result as a contiguous array.
    Kernel(Box<dyn Kernel>),
}

impl Eval {
    /// Boxes a kernel.
    pub(crate) fn kernel(kernel: impl Kernel + 'static) -> Self {
        Eval::Kernel(Box::new(kernel))
    }
}

/// Computes one result from the buffers of its arguments.
pub trait Kernel: Send + Sync {
    /// Writes every element of `out`. `inputs` are whole buffers: the kernel
    /// knows its arguments' layouts. The bits written do not depend on
    /// `threads`.
    fn run(&self, inputs: &[&[u8]], out: &mut [u8], threads: &Threads);
}
