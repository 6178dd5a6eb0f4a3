//! Flat wedges through the origin: a model of the low-loss set of networks.

use super::super::registry::{Entry, SpecError, dimension};
use super::Function;

/// The table's row.
pub(in super::super) const ENTRY: Entry = Entry {
    name: "wedges",
    usage: "wedges:N,LONG",
    examples: &["wedges:6,2", "wedges:12,5"],
    summary: "the distance to the nearest span of LONG axes; not smooth",
    source: "Fort & Jastrzębski 2019, §3",
    build: parse,
};

/// √(the sum of the D − n smallest xᵢ²): the distance from the union of all spans of n of the D axes.
///
/// The low-loss set of the model is that union of "n-wedges"; along n directions of a wedge nothing
/// changes, along the other D − n the loss rises at slope 1. The paper describes the construction in words,
/// and this is a reading of it. The function is not smooth: it has kinks where two coordinates tie
/// for the n-th place, and no gradient on the wedges, where it is 0; elsewhere ∇f = x/f on the small
/// coordinates and 0 on the others. It is homogeneous, f(tx) = tf(x): the model has no preferred radius.
fn parse(text: &str) -> Result<Function, SpecError> {
    let (n, long) = text.split_once(',').ok_or_else(|| {
        SpecError::new(format!("expected coordinates and long directions as 50,10, found {text:?}"))
    })?;
    let (n, long) = (dimension(n, 2)?, dimension(long, 1)?);
    if long >= n {
        return Err(SpecError::new(format!("expected fewer long directions than {n}, found {long}")));
    }
    let function = Function::formula(format!("wedges:{text}"), n, move |x| {
        x.square().sorted().range(0..n - long).sum().sqrt()
    });
    let start = (1..=n).map(|i| 1.0 - 0.5 * i as f64 / n as f64).collect();
    let source = "on every wedge the distance is 0; there is no gradient";
    Ok(function.with_start(start).with_lowest(vec![0.0; n], 0.0, source))
}
