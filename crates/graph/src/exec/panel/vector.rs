//! Vectors of the machines that the kernels are compiled for.

#[cfg(target_arch = "x86_64")]
mod x86;

use std::ptr::NonNull;

/// Numbers that one instruction works on.
///
/// All methods are unsafe, since those of one machine's vectors may only be called on such a machine; they are
/// inlined into functions that are compiled for it.
pub(super) trait Vector: Copy {
    /// What it holds.
    type Scalar: Copy;
    /// How many.
    const LANES: usize;
    /// Numbers of each line that [`turn`](Self::turn) takes.
    const TURNED: usize;

    /// Zeros.
    ///
    /// # Safety
    /// The machine has these vectors.
    unsafe fn zero() -> Self;

    /// The number at `from` in each lane.
    ///
    /// # Safety
    /// The machine has these vectors, and `from` can be read.
    unsafe fn splat(from: NonNull<Self::Scalar>) -> Self;

    /// self · factor + term.
    ///
    /// # Safety
    /// The machine has these vectors.
    unsafe fn multiply_add(self, factor: Self, term: Self) -> Self;

    /// self + term.
    ///
    /// # Safety
    /// The machine has these vectors.
    unsafe fn plus(self, term: Self) -> Self;

    /// The numbers from `from` on.
    ///
    /// # Safety
    /// The machine has these vectors, and as many numbers can be read.
    unsafe fn load(from: NonNull<Self::Scalar>) -> Self;

    /// The first `count` numbers from `from` on, then zeros.
    ///
    /// # Safety
    /// The machine has these vectors, and `count` numbers, at most a vector's, can be read.
    unsafe fn load_first(from: NonNull<Self::Scalar>, count: usize) -> Self;

    /// Writes the numbers to `to`.
    ///
    /// # Safety
    /// The machine has these vectors, and as many numbers can be written.
    unsafe fn store(self, to: NonNull<Self::Scalar>);

    /// Writes the first `count` numbers to `to`.
    ///
    /// # Safety
    /// The machine has these vectors, and `count` numbers, at most a vector's, can be written.
    unsafe fn store_first(self, to: NonNull<Self::Scalar>, count: usize);

    /// Asks the caches for the line at `at`, which will be written.
    ///
    /// # Safety
    /// The machine has these vectors.
    unsafe fn expect(at: NonNull<Self::Scalar>);

    /// The next few numbers of as many lines as there are lanes, turned: vector i holds number i of each line.
    /// Line l begins at `from` + `lines[l]`; only the first [`TURNED`](Self::TURNED) vectors are meant.
    ///
    /// # Safety
    /// The machine has these vectors, and [`TURNED`](Self::TURNED) numbers of each line can be read.
    unsafe fn turn(from: NonNull<Self::Scalar>, lines: [isize; 16]) -> [Self; 4];
}

/// Vectors without instructions of their own: the compiler uses those that every machine of the target has.
#[derive(Clone, Copy)]
pub(super) struct Portable<T, const N: usize>([T; N]);

macro_rules! portable {
    ($t:ty, $lanes:literal) => {
        impl Vector for Portable<$t, $lanes> {
            type Scalar = $t;
            const LANES: usize = $lanes;
            const TURNED: usize = 4;

            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn zero() -> Self {
                Self([0.0; $lanes])
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn splat(from: NonNull<$t>) -> Self {
                // SAFETY: as the caller vouches.
                Self([unsafe { *from.as_ref() }; $lanes])
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn multiply_add(self, factor: Self, term: Self) -> Self {
                // A fused operation that the target lacks would be a call.
                let fused = cfg!(any(target_arch = "aarch64", target_feature = "fma"));
                let one = |a: $t, b: $t, c: $t| if fused { a.mul_add(b, c) } else { a * b + c };
                Self(std::array::from_fn(|i| one(self.0[i], factor.0[i], term.0[i])))
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn plus(self, term: Self) -> Self {
                Self(std::array::from_fn(|i| self.0[i] + term.0[i]))
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn load(from: NonNull<$t>) -> Self {
                // SAFETY: as the caller vouches.
                Self(unsafe { *from.cast::<[$t; $lanes]>().as_ref() })
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn load_first(from: NonNull<$t>, count: usize) -> Self {
                // SAFETY: as the caller vouches.
                Self(std::array::from_fn(|i| if i < count { unsafe { *from.add(i).as_ref() } } else { 0.0 }))
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn store(self, to: NonNull<$t>) {
                // SAFETY: as the caller vouches.
                unsafe { *to.cast::<[$t; $lanes]>().as_mut() = self.0 };
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn store_first(self, to: NonNull<$t>, count: usize) {
                for i in 0..count {
                    // SAFETY: as the caller vouches.
                    unsafe { *to.add(i).as_mut() = self.0[i] };
                }
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn expect(_: NonNull<$t>) {}
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn turn(from: NonNull<$t>, lines: [isize; 16]) -> [Self; 4] {
                // SAFETY: as the caller vouches.
                let line = |l: usize| unsafe { *from.offset(lines[l]).cast::<[$t; 4]>().as_ref() };
                let lines: [[$t; 4]; $lanes] = std::array::from_fn(line);
                std::array::from_fn(|i| Self(std::array::from_fn(|l| lines[l][i])))
            }
        }
    };
}

portable!(f32, 4);
portable!(f64, 2);
