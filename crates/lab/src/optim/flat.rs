//! Rules of training that look for flat regions.

pub(in crate::optim) mod entropy;
pub(in crate::optim) mod noise;
pub(in crate::optim) mod sam;
pub(in crate::optim) mod swa;

use crate::Scalar;
use crate::random::Stream;

/// Calls `each` with pieces of 0..n and as many standard normal numbers.
fn normal_pieces<T: Scalar>(mut stream: Stream, n: usize, mut each: impl FnMut(usize, &[T])) {
    let mut piece = [T::zero(); 1024];
    for start in (0..n).step_by(piece.len()) {
        let piece = &mut piece[..1024.min(n - start)];
        stream.fill_normal(piece);
        each(start, piece);
    }
}
