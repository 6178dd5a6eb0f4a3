//! AVX-512 and AVX2 with fused multiply-add.

use std::arch::x86_64::*;

use std::ptr::NonNull;

use super::Vector;

/// A vector anywhere in memory.
#[repr(C, packed)]
struct Loose<X>(X);

macro_rules! vector {
    (
        $vector:ty, $t:ty, $lanes:literal, $turned:literal,
        $zero:ident, $splat:ident, $fma:ident, $add:ident,
        |$from:ident, $first:ident| $load_first:expr,
        |$x:ident, $to:ident, $count:ident| $store_first:expr,
        |$start:ident, $lines:ident| $turn:expr
    ) => {
        impl Vector for $vector {
            type Scalar = $t;
            const LANES: usize = $lanes;
            const TURNED: usize = $turned;

            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn zero() -> Self {
                // SAFETY: as the caller vouches.
                unsafe { $zero() }
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn splat(from: NonNull<$t>) -> Self {
                // SAFETY: as the caller vouches.
                unsafe { $splat(*from.as_ref()) }
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn multiply_add(self, factor: Self, term: Self) -> Self {
                // SAFETY: as the caller vouches.
                unsafe { $fma(self, factor, term) }
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn plus(self, term: Self) -> Self {
                // SAFETY: as the caller vouches.
                unsafe { $add(self, term) }
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn load(from: NonNull<$t>) -> Self {
                // SAFETY: as the caller vouches.
                unsafe { from.cast::<Loose<Self>>().as_ref().0 }
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn load_first($from: NonNull<$t>, $first: usize) -> Self {
                // SAFETY: as the caller vouches.
                unsafe { $load_first }
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn store(self, to: NonNull<$t>) {
                // SAFETY: as the caller vouches.
                unsafe { *to.cast::<Loose<Self>>().as_mut() = Loose(self) }
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn store_first(self, $to: NonNull<$t>, $count: usize) {
                let $x = self;
                // SAFETY: as the caller vouches.
                unsafe { $store_first }
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn expect(at: NonNull<$t>) {
                // SAFETY: as the caller vouches.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(at.as_ptr().cast()) };
            }
            /// # Safety
            /// As the trait says.
            #[inline(always)]
            unsafe fn turn($start: NonNull<$t>, $lines: [isize; 16]) -> [Self; 4] {
                // SAFETY: as the caller vouches.
                unsafe { $turn }
            }
        }
    };
}

vector!(
    __m512,
    f32,
    16,
    4,
    _mm512_setzero_ps,
    _mm512_set1_ps,
    _mm512_fmadd_ps,
    _mm512_add_ps,
    |from, count| _mm512_maskz_loadu_ps(mask(count) as __mmask16, from.as_ptr()),
    |x, to, count| _mm512_mask_storeu_ps(to.as_ptr(), mask(count) as __mmask16, x),
    |from, lines| {
        let quad = |l: usize| from.offset(lines[l]).cast::<Loose<__m128>>().as_ref().0;
        let four = |l: usize| {
            let x = _mm512_castps128_ps512(quad(l));
            let x = _mm512_insertf32x4::<1>(x, quad(l + 4));
            let x = _mm512_insertf32x4::<2>(x, quad(l + 8));
            _mm512_castps_pd(_mm512_insertf32x4::<3>(x, quad(l + 12)))
        };
        let (x, y, z, w) = (four(0), four(1), four(2), four(3));
        let low = |x, y| _mm512_castps_pd(_mm512_unpacklo_ps(_mm512_castpd_ps(x), _mm512_castpd_ps(y)));
        let high = |x, y| _mm512_castps_pd(_mm512_unpackhi_ps(_mm512_castpd_ps(x), _mm512_castpd_ps(y)));
        let (a, b, c, d) = (low(x, y), low(z, w), high(x, y), high(z, w));
        [
            _mm512_castpd_ps(_mm512_unpacklo_pd(a, b)),
            _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)),
            _mm512_castpd_ps(_mm512_unpacklo_pd(c, d)),
            _mm512_castpd_ps(_mm512_unpackhi_pd(c, d)),
        ]
    }
);

vector!(
    __m512d,
    f64,
    8,
    2,
    _mm512_setzero_pd,
    _mm512_set1_pd,
    _mm512_fmadd_pd,
    _mm512_add_pd,
    |from, count| _mm512_maskz_loadu_pd(mask(count) as __mmask8, from.as_ptr()),
    |x, to, count| _mm512_mask_storeu_pd(to.as_ptr(), mask(count) as __mmask8, x),
    |from, lines| {
        let pair = |l: usize| from.offset(lines[l]).cast::<Loose<__m128>>().as_ref().0;
        let four = |l: usize| {
            let x = _mm512_castps128_ps512(pair(l));
            let x = _mm512_insertf32x4::<1>(x, pair(l + 2));
            let x = _mm512_insertf32x4::<2>(x, pair(l + 4));
            _mm512_castps_pd(_mm512_insertf32x4::<3>(x, pair(l + 6)))
        };
        let (x, y) = (four(0), four(1));
        let low = _mm512_unpacklo_pd(x, y);
        [low, _mm512_unpackhi_pd(x, y), low, low]
    }
);

vector!(
    __m256,
    f32,
    8,
    4,
    _mm256_setzero_ps,
    _mm256_set1_ps,
    _mm256_fmadd_ps,
    _mm256_add_ps,
    |from, count| _mm256_maskload_ps(from.as_ptr(), lanes32(count)),
    |x, to, count| _mm256_maskstore_ps(to.as_ptr(), lanes32(count), x),
    |from, lines| {
        let quad = |l: usize| from.offset(lines[l]).cast::<Loose<__m128>>().as_ref().0;
        let two = |l: usize| {
            let x = _mm256_castps128_ps256(quad(l));
            _mm256_castps_pd(_mm256_insertf128_ps::<1>(x, quad(l + 4)))
        };
        let (x, y, z, w) = (two(0), two(1), two(2), two(3));
        let low = |x, y| _mm256_castps_pd(_mm256_unpacklo_ps(_mm256_castpd_ps(x), _mm256_castpd_ps(y)));
        let high = |x, y| _mm256_castps_pd(_mm256_unpackhi_ps(_mm256_castpd_ps(x), _mm256_castpd_ps(y)));
        let (a, b, c, d) = (low(x, y), low(z, w), high(x, y), high(z, w));
        [
            _mm256_castpd_ps(_mm256_unpacklo_pd(a, b)),
            _mm256_castpd_ps(_mm256_unpackhi_pd(a, b)),
            _mm256_castpd_ps(_mm256_unpacklo_pd(c, d)),
            _mm256_castpd_ps(_mm256_unpackhi_pd(c, d)),
        ]
    }
);

vector!(
    __m256d,
    f64,
    4,
    2,
    _mm256_setzero_pd,
    _mm256_set1_pd,
    _mm256_fmadd_pd,
    _mm256_add_pd,
    |from, count| _mm256_maskload_pd(from.as_ptr(), lanes64(count)),
    |x, to, count| _mm256_maskstore_pd(to.as_ptr(), lanes64(count), x),
    |from, lines| {
        let pair = |l: usize| from.offset(lines[l]).cast::<Loose<__m128d>>().as_ref().0;
        let two = |l: usize| _mm256_insertf128_pd::<1>(_mm256_castpd128_pd256(pair(l)), pair(l + 2));
        let (x, y) = (two(0), two(1));
        let low = _mm256_unpacklo_pd(x, y);
        [low, _mm256_unpackhi_pd(x, y), low, low]
    }
);

/// The lowest `count` bits.
#[inline(always)]
fn mask(count: usize) -> u32 {
    (1 << count) - 1
}

/// All bits of the first `count` lanes.
///
/// # Safety
/// The machine has AVX2.
#[inline(always)]
unsafe fn lanes32(count: usize) -> __m256i {
    // SAFETY: as the caller vouches.
    unsafe { _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)) }
}

/// All bits of the first `count` lanes.
///
/// # Safety
/// The machine has AVX2.
#[inline(always)]
unsafe fn lanes64(count: usize) -> __m256i {
    // SAFETY: as the caller vouches.
    unsafe { _mm256_cmpgt_epi64(_mm256_set1_epi64x(count as i64), _mm256_setr_epi64x(0, 1, 2, 3)) }
}
