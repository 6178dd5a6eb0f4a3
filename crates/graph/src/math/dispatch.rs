//! One loop a number of operands, run with the widest vectors that the machine has.
//!
//! A loop is vectorised for the machine if everything in it is inlined into pulp's `target_feature` function,
//! and only methods can demand that (`inline(always)`). Hence structs and traits here, not closures.

use std::hint::select_unpredictable as select;
use std::marker::PhantomData;
use std::sync::LazyLock;

use pulp::{Arch, NullaryFnOnce, WithSimd};

/// An operand of a kernel: one value an element, or one value for all.
#[derive(Clone, Copy, Debug)]
pub enum Arg<'a, T> {
    /// Element `i` of the result takes element `i`.
    Slice(&'a [T]),
    /// Every element of the result takes this value.
    Scalar(T),
}

impl<'a, T> From<&'a [T]> for Arg<'a, T> {
    fn from(values: &'a [T]) -> Self {
        Arg::Slice(values)
    }
}

/// A function of one number, to be applied element by element.
pub(super) trait Function<A> {
    type Value;

    fn at(x: A) -> Self::Value;
}

/// A function of two numbers, to be applied element by element.
pub(super) trait Operation<A, B> {
    type Value;

    fn at(x: A, y: B) -> Self::Value;
}

/// `map!(x, out, |x: A| -> R { expression })` sets every `out[i]` to the expression at `x[i]`.
macro_rules! map {
    ($x:expr, $out:expr, |$a:ident: $A:ty| -> $R:ty { $value:expr }) => {{
        struct F;

        impl $crate::math::dispatch::Function<$A> for F {
            type Value = $R;

            #[inline(always)]
            fn at($a: $A) -> $R {
                $value
            }
        }

        $crate::math::dispatch::apply::<$A, F>($x, $out)
    }};
}

/// `zip!(x, y, out, |x: A, y: B| -> R { expression })`, likewise with two operands, each an [`Arg`].
macro_rules! zip {
    ($x:expr, $y:expr, $out:expr, |$a:ident: $A:ty, $b:ident: $B:ty| -> $R:ty { $value:expr }) => {{
        struct F;

        impl $crate::math::dispatch::Operation<$A, $B> for F {
            type Value = $R;

            #[inline(always)]
            fn at($a: $A, $b: $B) -> $R {
                $value
            }
        }

        $crate::math::dispatch::apply_both::<$A, $B, F>($x, $y, $out)
    }};
}

pub(super) use {map, zip};

/// `out[i] = F(x[i])`; called by `map!`.
pub(super) fn apply<A: Copy, F: Function<A>>(x: &[A], out: &mut [F::Value]) {
    run(Map::<_, _, F> { x: Many::new(x, out.len()), out, function: PhantomData });
}

/// `out[i] = F(x[i], y[i])`; called by `zip!`.
pub(super) fn apply_both<A: Copy, B: Copy, F: Operation<A, B>>(x: Arg<A>, y: Arg<B>, out: &mut [F::Value]) {
    let n = out.len();
    match (x, y) {
        (Arg::Slice(x), Arg::Slice(y)) => zip_of::<A, B, F>(Many::new(x, n), Many::new(y, n), out),
        (Arg::Slice(x), Arg::Scalar(y)) => zip_of::<A, B, F>(Many::new(x, n), One(y), out),
        (Arg::Scalar(x), Arg::Slice(y)) => zip_of::<A, B, F>(One(x), Many::new(y, n), out),
        (Arg::Scalar(x), Arg::Scalar(y)) => zip_of::<A, B, F>(One(x), One(y), out),
    }
}

/// `out[i] = if mask[i] != 0 { x[i] } else { y[i] }`.
pub(super) fn choose<T: Copy>(mask: &[u8], x: Arg<T>, y: Arg<T>, out: &mut [T]) {
    let n = out.len();
    let mask = Many::new(mask, n);
    match (x, y) {
        (Arg::Slice(x), Arg::Slice(y)) => run(Choose { mask, x: Many::new(x, n), y: Many::new(y, n), out }),
        (Arg::Slice(x), Arg::Scalar(y)) => run(Choose { mask, x: Many::new(x, n), y: One(y), out }),
        (Arg::Scalar(x), Arg::Slice(y)) => run(Choose { mask, x: One(x), y: Many::new(y, n), out }),
        (Arg::Scalar(x), Arg::Scalar(y)) => run(Choose { mask, x: One(x), y: One(y), out }),
    }
}

/// Runs a loop, compiled for the widest vectors that the machine has.
pub(crate) fn run<J: WithSimd>(job: J) -> J::Output {
    static ARCH: LazyLock<Arch> = LazyLock::new(Arch::new);
    ARCH.dispatch(job)
}

/// An [`Arg`] whose case is known to the compiler.
trait Operand<T> {
    /// Tells the optimizer that indices below `n` are valid.
    fn bounded(self, n: usize) -> Self;
    fn at(&self, i: usize) -> T;
}

struct One<T>(T);

impl<T: Copy> Operand<T> for One<T> {
    #[inline(always)]
    fn bounded(self, _: usize) -> Self {
        self
    }

    #[inline(always)]
    fn at(&self, _: usize) -> T {
        self.0
    }
}

struct Many<'a, T>(&'a [T]);

impl<'a, T> Many<'a, T> {
    fn new(values: &'a [T], n: usize) -> Self {
        assert_eq!(values.len(), n, "operand and result differ in length");
        Self(values)
    }
}

impl<T: Copy> Operand<T> for Many<'_, T> {
    #[inline(always)]
    fn bounded(self, n: usize) -> Self {
        Self(&self.0[..n])
    }

    #[inline(always)]
    fn at(&self, i: usize) -> T {
        self.0[i]
    }
}

struct Map<'a, X, R, F> {
    x: X,
    out: &'a mut [R],
    function: PhantomData<F>,
}

impl<A: Copy, F: Function<A>> NullaryFnOnce for Map<'_, Many<'_, A>, F::Value, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let n = self.out.len();
        let x = self.x.bounded(n);
        for i in 0..n {
            self.out[i] = F::at(x.at(i));
        }
    }
}

fn zip_of<A, B, F: Operation<A, B>>(x: impl Operand<A>, y: impl Operand<B>, out: &mut [F::Value]) {
    run(Zip { x, y, out, operation: PhantomData::<(A, B, F)> });
}

struct Zip<'a, X, Y, R, F> {
    x: X,
    y: Y,
    out: &'a mut [R],
    operation: PhantomData<F>,
}

impl<A, B, X: Operand<A>, Y: Operand<B>, F: Operation<A, B>> NullaryFnOnce
    for Zip<'_, X, Y, F::Value, (A, B, F)>
{
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let n = self.out.len();
        let (x, y) = (self.x.bounded(n), self.y.bounded(n));
        for i in 0..n {
            self.out[i] = F::at(x.at(i), y.at(i));
        }
    }
}

struct Choose<'a, X, Y, T> {
    mask: Many<'a, u8>,
    x: X,
    y: Y,
    out: &'a mut [T],
}

impl<T: Copy, X: Operand<T>, Y: Operand<T>> NullaryFnOnce for Choose<'_, X, Y, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let n = self.out.len();
        let (mask, x, y) = (self.mask.bounded(n), self.x.bounded(n), self.y.bounded(n));
        for i in 0..n {
            self.out[i] = select(mask.at(i) != 0, x.at(i), y.at(i));
        }
    }
}
