//! Rules of training that take gradients as matrices, or estimate their curvature.

pub(in crate::optim) mod adahessian;
pub(in crate::optim) mod muon;
pub(in crate::optim) mod shampoo;
pub(in crate::optim) mod soap;
pub(in crate::optim) mod sophia;

mod tensor;

use crate::optim::method::Sample;
use crate::random::Stream;
use crate::{Curvature, Scalar, Stop};

/// Draws a probe z (n) and returns z ⊙ Hz (n), whose mean over probes is the Hessian's diagonal.
fn curvature_along<T: Scalar>(
    sample: &mut dyn Sample<T>,
    x: &[T],
    mut stream: Stream,
    signs: bool,
) -> Result<Vec<T>, Stop> {
    let (mut probe, mut product) = (vec![T::zero(); x.len()], vec![T::zero(); x.len()]);
    if signs {
        stream.fill_rademacher(&mut probe);
    } else {
        stream.fill_normal(&mut probe);
    }
    sample.product(x, Curvature::Hessian, &probe, &mut product)?;
    probe.iter_mut().zip(&product).for_each(|(z, &h)| *z = *z * h);
    Ok(probe)
}
