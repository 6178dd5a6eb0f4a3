//! How much a model may ask for. What lies beyond is refused before memory is taken for it.

/// Messages (nodes, attributes, tensors …) in one file.
pub(super) const MESSAGES: usize = 1 << 20;

/// Graphs inside attributes of nodes of graphs, and functions that call functions.
pub(super) const DEPTH: usize = 32;

/// Nodes that one translation may walk through, those of called functions counted at each call.
pub(super) const NODES: usize = 1 << 18;

/// Axes of an array.
pub(super) const RANK: usize = 16;

/// Elements of one array of a program, where an extent of 0 counts as 1.
pub(super) const ELEMENTS: usize = if usize::BITS < 64 { 1 << 28 } else { (1u64 << 36) as usize };

/// Elements of an array that is computed while the program is written; larger ones are computed by it.
pub(super) const FOLDED: usize = 1 << 16;

/// Elements of all such arrays together.
pub(super) const FOLDED_TOTAL: usize = 1 << 24;

/// The number of elements of a shape, or why it is refused.
pub(super) fn elements(shape: &[usize]) -> Result<usize, String> {
    let refused = || format!("an array of shape {shape:?} is larger than is allowed ({ELEMENTS} elements)");
    if shape.len() > RANK {
        return Err(format!("an array of {} axes has more than is allowed ({RANK})", shape.len()));
    }
    let bound = shape.iter().try_fold(1usize, |n, &extent| n.checked_mul(extent.max(1)));
    bound.filter(|&n| n <= ELEMENTS).ok_or_else(refused)?;
    Ok(shape.iter().product())
}
