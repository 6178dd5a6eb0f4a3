//! Rules of training that take gradients as matrices, or estimate their curvature.

pub(in crate::optim) mod adahessian;
pub(in crate::optim) mod kfac;
pub(in crate::optim) mod muon;
pub(in crate::optim) mod shampoo;
pub(in crate::optim) mod soap;
pub(in crate::optim) mod sophia;

mod tensor;

use crate::krylov::Dense;
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

/// f(M) = Σ f(λᵢ) vᵢvᵢᵀ for the eigenpairs of a symmetric matrix M (d × d) and f ≥ 0.
fn spectral(matrix: Vec<f64>, d: usize, f: impl Fn(f64) -> f64) -> Vec<f64> {
    let eigen = Dense { dimension: d, entries: matrix, asymmetry: 0.0, products: 0 }.eigen();
    // The rows are the eigenvectors' halves.
    let rows: Vec<f64> = (0..d)
        .flat_map(|i| {
            let half = f(eigen.values[i]).sqrt();
            eigen.vector(i).iter().map(move |v| half * v)
        })
        .collect();
    let mut out = vec![0.0; d * d];
    tensor::add_gram(&rows, &[d, d], 1, 1.0, &mut out);
    out
}
