//! Which measures of a point feel scalings that the network does not feel.

use thalweg_lab::curvature::{SharpnessOptions, sharpness};
use thalweg_lab::landscape::symmetry::{Invariance, invariance};
use thalweg_lab::problem::network::Network;
use thalweg_lab::symmetry::Symmetries;
use thalweg_lab::{Curvature, Objective, Scalar};

use crate::error::Error;
use crate::session::Desk;

/// Copies of the point.
pub const COPIES: usize = 2;
/// Products for all measures, about.
pub const PRODUCTS: u64 = 60 * (COPIES as u64 + 1);
/// Relative changes below this are no changes: what rounding and the sharpness's tolerance leave.
const TOLERANCE: f64 = 1e-2;

/// Measures that stayed or changed under scalings.
pub type Measured = Vec<Invariance>;

/// Measures the loss, ‖∇f‖, λ_max and the Fisher-Rao norm at x and at copies that were rescaled.
pub fn measured<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    network: &Network<T>,
    symmetries: &Symmetries,
    x: &[T],
    alpha: f64,
    seed: u64,
) -> Result<Measured, Error> {
    if symmetries.scale_dimensions()[1] == 0 {
        return Ok(Vec::new());
    }
    let copies: Vec<Vec<T>> = (0..COPIES as u64)
        .map(|i| {
            let factors = symmetries.random_factors(alpha, false, seed.wrapping_add(i));
            symmetries.scaled(network.layout(), x, &factors)
        })
        .collect();
    let copies: Vec<&[T]> = copies.iter().map(Vec::as_slice).collect();
    let oracle = desk.oracle;
    let mut all =
        vec![invariance("data loss", x, &copies, TOLERANCE, |x| Ok::<f64, Error>(oracle.terms(x)?.data))?];
    all.push(invariance("‖∇f‖", x, &copies, TOLERANCE, |x| {
        let mut gradient = vec![T::zero(); x.len()];
        oracle.value_grad(x, &mut gradient)?;
        Ok::<f64, Error>(gradient.iter().map(|g| g.wide() * g.wide()).sum::<f64>().sqrt())
    })?);
    all.push(invariance("λ_max of the Hessian", x, &copies, TOLERANCE, |x| {
        Ok::<f64, Error>(sharpness(oracle, x, None, &SharpnessOptions::default())?.value)
    })?);
    let lacks = network.linearize(x, Curvature::Fisher).is_err();
    if !lacks && network.settings().weight_decay == 0.0 {
        // θᵀFθ (Liang et al. 2019, eq. 4).
        all.push(invariance("Fisher-Rao norm θᵀFθ", x, &copies, TOLERANCE, |x| {
            let mut product = vec![T::zero(); x.len()];
            let mut fisher = oracle.linearize(x, Curvature::Fisher)?;
            thalweg_lab::krylov::SymmetricOperator::apply(&mut fisher, x, &mut product)?;
            Ok::<f64, Error>(x.iter().zip(&product).map(|(a, b)| a.wide() * b.wide()).sum())
        })?);
    }
    Ok(all)
}
