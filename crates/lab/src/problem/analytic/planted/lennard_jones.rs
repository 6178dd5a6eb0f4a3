//! Clusters of Lennard-Jones atoms.

use super::super::registry::{Entry, SpecError, dimension};
use super::{Function, lowest};
use crate::Layout;
use crate::random::Stream;

mod shapes;

/// The table's row.
pub(in super::super) const ENTRY: Entry = Entry {
    name: "lennard-jones",
    usage: "lennard-jones:ATOMS",
    examples: &[
        "lennard-jones:2",
        "lennard-jones:3",
        "lennard-jones:4",
        "lennard-jones:5",
        "lennard-jones:6",
        "lennard-jones:7",
        "lennard-jones:13",
        "lennard-jones:38",
    ],
    summary: "atoms that attract each other from afar: a funnel of minima for 13, two for 38",
    source: "Jones 1924; Wales & Doye 1997",
    build: parse,
};

/// 4 Σᵢ<ⱼ (rᵢⱼ⁻¹² − rᵢⱼ⁻⁶) of N atoms in space: 3N coordinates, in units of σ and ε.
///
/// Translations and rotations are null directions: 6 of them, 5 for two atoms. Known are the global
/// minima with a structure of few parameters: 2 to 7 atoms, the icosahedron of 13 and the truncated octahedron of 38,
/// with the energies of the Cambridge Cluster Database (Wales & Doye 1997). A value costs O(N²).
/// The start is a cubic lattice, slightly disturbed; f has no value where two atoms meet.
fn parse(text: &str) -> Result<Function, SpecError> {
    let atoms = dimension(text, 2)?;
    if atoms > 1000 {
        return Err(SpecError::new(format!("expected at most 1000 atoms, found {atoms}")));
    }
    let function = Function::formula(format!("lennard-jones:{atoms}"), 3 * atoms, move |x| {
        let pairs = (0..atoms).flat_map(|i| (0..i).map(move |j| (i, j)));
        let (left, right): (Vec<usize>, Vec<usize>) = pairs.unzip();
        let places = x.reshape(&[atoms, 3]);
        let squares = (places.rows(&left) - places.rows(&right)).square().sum_over(1);
        let attraction = (1.0 / squares).powi(3);
        4.0 * (attraction * (attraction - 1.0)).sum()
    });
    let side = (1..).find(|side: &usize| side.pow(3) >= atoms).unwrap_or(atoms);
    let mut start = vec![0.0; 3 * atoms];
    Stream::new(0, "lattice", 0).fill_uniform(-0.05, 0.05, &mut start);
    for (k, coordinate) in start.iter_mut().enumerate() {
        let cell = k / 3 / side.pow(k as u32 % 3) % side;
        *coordinate += 1.12 * cell as f64;
    }
    let function = function.with_start(start).with_layout(Layout::new([("position", vec![atoms, 3])]));
    Ok(match shapes::relaxed(atoms) {
        Some((x, value)) => {
            let null = if atoms == 2 { 5 } else { 6 };
            function.with_known(lowest(
                x,
                value,
                null,
                "Cambridge Cluster Database; relaxed within its symmetry",
            ))
        }
        None => function,
    })
}
