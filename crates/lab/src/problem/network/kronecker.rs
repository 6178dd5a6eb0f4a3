//! Kronecker factors as a program gives them.

use crate::{DenseFactors, DenseLayer, KroneckerFisher, Scalar};

/// The factors that a program writes, two of each layer.
pub(super) fn evaluated<T: Scalar>(
    layers: Vec<DenseLayer>,
    passes: usize,
    run: impl FnOnce(&mut [&mut [u8]]),
) -> KroneckerFisher<T> {
    let mut layers: Vec<DenseFactors<T>> = layers
        .into_iter()
        .map(|layer| {
            let [outputs, inputs] = layer.shape().map(|width| vec![T::zero(); width * width]);
            DenseFactors { layer, inputs, outputs }
        })
        .collect();
    let mut places: Vec<&mut [u8]> = layers
        .iter_mut()
        .flat_map(|layer| [&mut layer.inputs, &mut layer.outputs])
        .map(|factor| bytemuck::cast_slice_mut(factor))
        .collect();
    run(&mut places);
    KroneckerFisher { layers, passes: passes as u64 }
}
