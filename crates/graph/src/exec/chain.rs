//! Two ring operations of a chain in one pass, so that the value between them stays in a register.

use std::marker::PhantomData;

use super::pointwise::Pointwise;
use crate::math::run;
use crate::primitive::Binary;
use crate::{DType, Float};

/// `outer(inner(a, b), c)`, or `outer(c, inner(a, b))` where `right` is set; rounded
/// after each operation, as two passes would.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Chain {
    inner: Binary,
    outer: Binary,
    right: bool,
}

impl Chain {
    /// The chain of two operations if there is one; the inner result is argument `at` of the outer.
    pub fn new(inner: Pointwise, outer: Pointwise, at: usize) -> Option<Self> {
        let ring = |op| match op {
            Pointwise::Binary(op @ (Binary::Add | Binary::Subtract | Binary::Multiply)) => Some(op),
            _ => None,
        };
        Some(Self { inner: ring(inner)?, outer: ring(outer)?, right: at == 1 })
    }

    /// Writes the chain of `a`, `b` and `c`, blocks of floats of type `dtype`, into `out`.
    pub fn apply(self, dtype: DType, [a, b, c]: [&[u8]; 3], out: &mut [u8]) {
        match dtype {
            DType::F32 => {
                self.typed::<f32>([a, b, c].map(bytemuck::cast_slice), bytemuck::cast_slice_mut(out))
            }
            _ => self.typed::<f64>([a, b, c].map(bytemuck::cast_slice), bytemuck::cast_slice_mut(out)),
        }
    }

    fn typed<T: Float>(self, args: [&[T]; 3], out: &mut [T]) {
        match self.inner {
            Binary::Add => self.outer::<T, Plus>(args, out),
            Binary::Subtract => self.outer::<T, Minus>(args, out),
            _ => self.outer::<T, Times>(args, out),
        }
    }

    fn outer<T: Float, I: Ring>(self, args: [&[T]; 3], out: &mut [T]) {
        match (self.outer, self.right) {
            (Binary::Add, _) => run(Job::<T, I, Plus> { args, out, operations: PhantomData }),
            (Binary::Subtract, false) => run(Job::<T, I, Minus> { args, out, operations: PhantomData }),
            (Binary::Subtract, true) => run(Job::<T, I, From> { args, out, operations: PhantomData }),
            _ => run(Job::<T, I, Times> { args, out, operations: PhantomData }),
        }
    }
}

/// An operation that is known to the compiler.
trait Ring {
    fn at<T: Float>(x: T, y: T) -> T;
}

macro_rules! ring {
    ($($name:ident: |$x:ident, $y:ident| $value:expr;)*) => {$(
        struct $name;

        impl Ring for $name {
            #[inline(always)]
            fn at<T: Float>($x: T, $y: T) -> T {
                $value
            }
        }
    )*};
}

ring! {
    Plus: |x, y| x + y;
    Minus: |x, y| x - y;
    From: |x, y| y - x;
    Times: |x, y| x * y;
}

struct Job<'a, T, I, O> {
    args: [&'a [T]; 3],
    out: &'a mut [T],
    operations: PhantomData<(I, O)>,
}

impl<T: Float, I: Ring, O: Ring> pulp::NullaryFnOnce for Job<'_, T, I, O> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let n = self.out.len();
        let [a, b, c] = self.args.map(|x| &x[..n]);
        for i in 0..n {
            self.out[i] = O::at(I::at(a[i], b[i]), c[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_rounds_like_two_operations() {
        let value = |i: usize, s: f64| ((i as f64 * s).sin() * 3.0) as f32;
        let [a, b, c] = [0.7, 1.3, 2.9].map(|s| (0..77).map(|i| value(i, s)).collect::<Vec<f32>>());
        let apply = |op, x: f32, y: f32| match op {
            Binary::Add => x + y,
            Binary::Subtract => x - y,
            _ => x * y,
        };
        let ring = [Binary::Add, Binary::Subtract, Binary::Multiply];
        for (inner, outer, at) in ring.iter().flat_map(|&i| ring.map(|o| [(i, o, 0), (i, o, 1)])).flatten() {
            let chain = Chain::new(Pointwise::Binary(inner), Pointwise::Binary(outer), at).expect("a ring");
            let mut out = vec![0.0f32; 77];
            let args = [&a, &b, &c].map(|x| bytemuck::cast_slice(x));
            chain.apply(DType::F32, args, bytemuck::cast_slice_mut(&mut out));
            for i in 0..77 {
                let between = apply(inner, a[i], b[i]);
                let wanted = if at == 0 { apply(outer, between, c[i]) } else { apply(outer, c[i], between) };
                assert_eq!(out[i], wanted, "{chain:?} at {i}");
            }
        }
        let division = Pointwise::Binary(Binary::Divide);
        assert_eq!(Chain::new(division, Pointwise::Binary(Binary::Add), 0), None);
    }
}
