//! Which coordinate each name is.

use super::{Fault, Tree};

/// The largest number of coordinates.
const LARGEST: usize = 10_000;

/// The dimension, and for each name of the tree its coordinate.
pub(super) fn resolve(tree: &Tree) -> Result<(usize, Vec<usize>), Fault> {
    let Some((first, _)) = tree.names.first() else {
        let expected = "a variable: x, y, z or x1, x2, …".to_owned();
        return Err(Fault { at: 0, expected, found: "a constant".into() });
    };
    let numbered = first.len() > 1;
    if let Some((name, at)) = tree.names.iter().find(|(name, _)| (name.len() > 1) != numbered) {
        let expected = if numbered { "x1, x2, … throughout" } else { "x, y, z throughout" };
        return Err(Fault { at: *at, expected: expected.into(), found: format!("{name:?}") });
    }
    let mut coordinates = Vec::with_capacity(tree.names.len());
    for (name, at) in &tree.names {
        let place = match name.as_str() {
            "x" => 0,
            "y" => 1,
            "z" => 2,
            // A name is x and a number from 1.
            _ => name[1..].parse::<usize>().map_or(LARGEST, |number| number - 1),
        };
        if place >= LARGEST {
            let expected = format!("at most {LARGEST} coordinates");
            return Err(Fault { at: *at, expected, found: format!("{name:?}") });
        }
        coordinates.push(place);
    }
    let dimension = coordinates.iter().max().map_or(0, |last| last + 1);
    if let Some(missing) = (0..dimension).find(|place| !coordinates.contains(place)) {
        let last = coordinates.iter().position(|&c| c + 1 == dimension).unwrap_or(0);
        let name = if numbered { format!("x{}", missing + 1) } else { ["x", "y", "z"][missing].to_owned() };
        let (found, at) = &tree.names[last];
        let expected = format!("{name} somewhere, too (write 0*{name} if it does not matter)");
        return Err(Fault { at: *at, expected, found: format!("{found:?}") });
    }
    Ok((dimension, coordinates))
}
