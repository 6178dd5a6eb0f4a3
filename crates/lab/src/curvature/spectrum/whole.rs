//! Small matrices, built and decomposed.

use super::{Negative, Spectrum, SpectrumOptions, count};
use crate::krylov::{self, BasisKind, Eigenpair, Estimate, SymmetricOperator};
use crate::optim::Spectrum as Known;
use crate::{Scalar, Stop};

pub(super) fn decompose<T: Scalar>(
    operator: &mut dyn SymmetricOperator<T>,
    options: &SpectrumOptions,
) -> Result<Spectrum<T>, Stop> {
    let matrix = krylov::dense(operator, options.ends.block)?;
    let (n, trace, frobenius) = (matrix.dimension, matrix.trace(), matrix.frobenius());
    let known = Known::<T>::of_dense(&matrix);
    drop(matrix);
    let Known::Exact { eigen, error } = &known else { unreachable!("a dense matrix has an exact spectrum") };
    let threshold = known.null_threshold(krylov::NULL);
    let norm = eigen.values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let tolerance = options.ends.tolerance.max(32.0 * T::epsilon().wide()) * norm;
    let top: Vec<usize> = (0..options.ends.top.min(n)).map(|i| n - 1 - i).collect();
    let bottom: Vec<usize> = (0..options.ends.bottom.min(n)).collect();
    let mut pairs = Vec::new();
    for chosen in [top, bottom].concat().chunks(options.ends.block.max(1)) {
        let vectors: Vec<T> =
            chosen.iter().flat_map(|&i| eigen.vector(i).iter().map(|&v| T::of(v))).collect();
        let mut products = vec![T::zero(); vectors.len()];
        operator.apply(&vectors, &mut products)?;
        for ((&i, v), product) in chosen.iter().zip(vectors.chunks(n)).zip(products.chunks(n)) {
            let value = eigen.values[i];
            let rest = v.iter().zip(product).map(|(v, p)| (p.wide() - value * v.wide()).powi(2));
            let residual = rest.sum::<f64>().sqrt();
            pairs.push(Eigenpair { value, residual, converged: residual <= tolerance, vector: v.into() });
        }
    }
    let products = (n + pairs.len()) as u64;
    let bottom = pairs.split_off(options.ends.top.min(n));
    Ok(Spectrum {
        dimension: n,
        exact: true,
        top: pairs,
        bottom,
        confirmed: true,
        norm,
        negative: Negative {
            count: eigen.values.iter().filter(|v| **v + error < -threshold).count() as u64,
            exact: true,
            threshold,
            estimate: None,
        },
        condition: count::condition(&eigen.values, *error, threshold),
        trace: Estimate::exact(trace),
        frobenius: Estimate::exact(frobenius),
        moments: None,
        slq: None,
        known,
        basis: BasisKind::Memory,
        products,
    })
}
