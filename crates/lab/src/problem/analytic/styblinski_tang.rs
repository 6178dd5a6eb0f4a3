//! The Styblinski-Tang function.

use super::registry::{Entry, dimension};
use super::{Function, Known};

/// The table's row.
pub(super) const ENTRY: Entry = Entry {
    name: "styblinski-tang",
    usage: "styblinski-tang:N",
    examples: &["styblinski-tang:1", "styblinski-tang:5"],
    summary: "a double well along each coordinate: 3ᴺ critical points, 2ᴺ of them minima",
    source: "Styblinski & Tang 1990",
    build: |text| Ok(styblinski_tang(dimension(text, 1)?)),
};

/// The roots of 4x³ − 32x + 5 with the values of a term there: deep well, barrier, shallow well.
const DEEP: (f64, f64) = (-2.903534027771177, -39.16616570377142);
const BARRIER: (f64, f64) = (0.1567312567803401, 0.1956123590553581);
const SHALLOW: (f64, f64) = (2.746802770990837, -25.02944665528394);

/// ½ Σᵢ xᵢ⁴ − 16xᵢ² + 5xᵢ (Styblinski & Tang 1990).
///
/// The global minimum is −39.16617 n at −2.903534 in each coordinate. Every choice
/// of one of three roots for each coordinate is a critical point, and its
/// index is the number of coordinates on the barrier. The start is 0, beside the maximum.
///
/// # Panics
/// If n = 0.
pub fn styblinski_tang(n: usize) -> Function {
    let function = Function::new(format!("styblinski-tang:{n}"), n, |b, x| {
        let square = b.square(x);
        let wells = b.offset(square, -16.0);
        let wells = b.mul(wells, square);
        let tilt = b.scale(x, 5.0);
        let terms = b.add(wells, tilt);
        let terms = b.scale(terms, 0.5);
        Function::total(b, terms)
    });
    let at = |first: (f64, f64), others: (f64, f64), index, global| Known {
        x: [vec![first.0], vec![others.0; n - 1]].concat(),
        value: first.1 + (n - 1) as f64 * others.1,
        index,
        nullity: 0,
        global,
        source: "roots of 4x³ − 32x + 5, to 20 digits",
    };
    function
        .with_interval(-5.0, 5.0)
        .with_known(at(DEEP, DEEP, 0, true))
        .with_known(at(SHALLOW, SHALLOW, 0, false))
        .with_known(at(BARRIER, DEEP, 1, false))
        .with_known(at(BARRIER, BARRIER, n, false))
}
