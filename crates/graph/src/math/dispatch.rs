//! One loop a shape of operands, run with the widest vectors that the machine has.

use std::sync::LazyLock;

use pulp::{Arch, NullaryFnOnce};

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

/// `out[i] = f(x[i])`.
pub(super) fn map<A: Copy, R>(x: &[A], out: &mut [R], f: impl Fn(A) -> R) {
    assert_eq!(x.len(), out.len(), "operand and result differ in length");
    run(Map { x, out, f });
}

/// `out[i] = f(x[i], y[i])`, where either operand may be one value for all.
pub(super) fn zip<A: Copy, B: Copy, R: Copy>(x: Arg<A>, y: Arg<B>, out: &mut [R], f: impl Fn(A, B) -> R) {
    match (x, y) {
        (Arg::Slice(x), Arg::Slice(y)) => {
            assert_eq!(x.len(), out.len(), "left operand and result differ in length");
            assert_eq!(y.len(), out.len(), "right operand and result differ in length");
            run(Zip { x, y, out, f });
        }
        (Arg::Slice(x), Arg::Scalar(y)) => {
            assert_eq!(x.len(), out.len(), "left operand and result differ in length");
            run(WithRight { x, y, out, f });
        }
        (Arg::Scalar(x), Arg::Slice(y)) => {
            assert_eq!(y.len(), out.len(), "right operand and result differ in length");
            run(WithLeft { x, y, out, f });
        }
        (Arg::Scalar(x), Arg::Scalar(y)) => out.fill(f(x, y)),
    }
}

/// `out[i] = if mask[i] != 0 { x[i] } else { y[i] }`, where either choice may be one value for all.
pub(super) fn choose<T: Copy>(mask: &[u8], x: Arg<T>, y: Arg<T>, out: &mut [T]) {
    assert_eq!(mask.len(), out.len(), "mask and result differ in length");
    match (x, y) {
        (Arg::Slice(x), Arg::Slice(y)) => {
            assert_eq!(x.len(), out.len(), "first choice and result differ in length");
            assert_eq!(y.len(), out.len(), "second choice and result differ in length");
            run(Choose { mask, x, y, out });
        }
        (Arg::Slice(x), Arg::Scalar(y)) => {
            zip(Arg::Slice(mask), Arg::Slice(x), out, |m, x| if m != 0 { x } else { y })
        }
        (Arg::Scalar(x), Arg::Slice(y)) => {
            zip(Arg::Slice(mask), Arg::Slice(y), out, |m, y| if m != 0 { x } else { y })
        }
        (Arg::Scalar(x), Arg::Scalar(y)) => map(mask, out, |m| if m != 0 { x } else { y }),
    }
}

fn run(job: impl NullaryFnOnce<Output = ()>) {
    static ARCH: LazyLock<Arch> = LazyLock::new(Arch::new);
    ARCH.dispatch(job);
}

// Structs and not closures, because only a method can be `inline(always)`: a loop that is not inlined into
// pulp's `target_feature` function would be compiled for the baseline.

struct Map<'a, A, R, F> {
    x: &'a [A],
    out: &'a mut [R],
    f: F,
}

impl<A: Copy, R, F: Fn(A) -> R> NullaryFnOnce for Map<'_, A, R, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let n = self.out.len();
        let x = &self.x[..n];
        for i in 0..n {
            self.out[i] = (self.f)(x[i]);
        }
    }
}

struct Zip<'a, A, B, R, F> {
    x: &'a [A],
    y: &'a [B],
    out: &'a mut [R],
    f: F,
}

impl<A: Copy, B: Copy, R, F: Fn(A, B) -> R> NullaryFnOnce for Zip<'_, A, B, R, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let n = self.out.len();
        let (x, y) = (&self.x[..n], &self.y[..n]);
        for i in 0..n {
            self.out[i] = (self.f)(x[i], y[i]);
        }
    }
}

struct WithRight<'a, A, B, R, F> {
    x: &'a [A],
    y: B,
    out: &'a mut [R],
    f: F,
}

impl<A: Copy, B: Copy, R, F: Fn(A, B) -> R> NullaryFnOnce for WithRight<'_, A, B, R, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let n = self.out.len();
        let x = &self.x[..n];
        for i in 0..n {
            self.out[i] = (self.f)(x[i], self.y);
        }
    }
}

struct WithLeft<'a, A, B, R, F> {
    x: A,
    y: &'a [B],
    out: &'a mut [R],
    f: F,
}

impl<A: Copy, B: Copy, R, F: Fn(A, B) -> R> NullaryFnOnce for WithLeft<'_, A, B, R, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let n = self.out.len();
        let y = &self.y[..n];
        for i in 0..n {
            self.out[i] = (self.f)(self.x, y[i]);
        }
    }
}

struct Choose<'a, T> {
    mask: &'a [u8],
    x: &'a [T],
    y: &'a [T],
    out: &'a mut [T],
}

impl<T: Copy> NullaryFnOnce for Choose<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let n = self.out.len();
        let (mask, x, y) = (&self.mask[..n], &self.x[..n], &self.y[..n]);
        for i in 0..n {
            let (x, y) = (x[i], y[i]);
            self.out[i] = if mask[i] != 0 { x } else { y };
        }
    }
}
