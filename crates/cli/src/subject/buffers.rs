//! The arrays of a network that are not trained, in files of weights.

use thalweg_io::{NamedArrays, from_flat};
use thalweg_lab::problem::network::{BatchNorm, Network};
use thalweg_lab::{Layout, Scalar};

use crate::error::Error;

/// What PyTorch counts beside its statistics, and no output depends on.
const COUNTER: &str = "num_batches_tracked";

/// Gives the network the buffers that a file holds beside the parameters, and returns
/// the other arrays.
pub fn restore<T: Scalar>(network: &mut Network<T>, arrays: &NamedArrays) -> Result<NamedArrays, Error> {
    let layout = Layout::new(network.buffers().map(|(b, _)| (b.name.clone(), b.value.ty().shape.to_vec())));
    let mut rest = NamedArrays::new(arrays.source());
    let mut found = NamedArrays::new(arrays.source());
    for array in arrays.iter().filter(|array| !array.name.ends_with(COUNTER)) {
        let is_buffer = layout.blocks().iter().any(|block| block.name == array.name);
        let to = if is_buffer { &mut found } else { &mut rest };
        to.push(array.name.clone(), array.shape.clone(), array.values.clone())?;
    }
    // Weights without any statistics are those of a model before training.
    if !found.is_empty() {
        let values: Vec<T> = thalweg_io::match_layout(&found, &layout)?;
        for block in layout.blocks() {
            network.set_buffer(&block.name, &values[block.range.clone()]);
        }
    }
    Ok(rest)
}

/// Parameters and buffers under their names, statistics as they are at x.
pub fn arrays<T: Scalar>(network: &Network<T>, x: &[T]) -> Result<NamedArrays, Error> {
    let layout = thalweg_lab::Objective::<T>::layout(network);
    let mut arrays = from_flat(layout, x, "the weights");
    let values = match network.settings().batch_norm {
        BatchNorm::Frozen => network.buffers().map(|(_, values)| values.to_vec()).collect(),
        _ => network.estimate_buffers(x),
    };
    for ((buffer, _), values) in network.buffers().zip(values) {
        let layout = Layout::new([(buffer.name.clone(), buffer.value.ty().shape.to_vec())]);
        for array in &from_flat(&layout, &values, "the buffers") {
            arrays.push(array.name.clone(), array.shape.clone(), array.values.clone())?;
        }
    }
    Ok(arrays)
}
