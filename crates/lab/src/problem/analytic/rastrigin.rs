//! Rastrigin's egg box.

use std::f64::consts::TAU;

use super::registry::{Entry, dimension};
use super::{Function, Known};

/// The table's row.
pub(super) const ENTRY: Entry = Entry {
    name: "rastrigin",
    usage: "rastrigin:N",
    examples: &["rastrigin:1", "rastrigin:5"],
    summary: "a bowl with ripples: 11ᴺ minima in [−5.12, 5.12]ᴺ",
    source: "Rastrigin 1974; Mühlenbein, Schomisch & Born 1991",
    build: |text| Ok(rastrigin(dimension(text, 1)?)),
};

/// The least positive maximum of x² + 10 (1 − cos 2πx), and its value.
const CREST: (f64, f64) = (0.5025460365546747, 20.251272990990113);
/// The least positive minimum other than 0, and its value.
const RIPPLE: (f64, f64) = (0.9949586376523348, 0.9949590570932914);

/// Σᵢ xᵢ² + 10 (1 − cos 2πxᵢ) (Rastrigin 1974, in n dimensions by Mühlenbein,
/// Schomisch & Born 1991), written so that it is exact near 0.
///
/// The global minimum is 0 at 0. The coordinates are independent: every choice
/// of a root of 2x + 20π sin 2πx for each is a critical point, and the index is
/// the number of maxima among them. The start is 3.3 in each coordinate, in a basin far from 0.
///
/// # Panics
/// If n = 0.
pub fn rastrigin(n: usize) -> Function {
    let function = Function::new(format!("rastrigin:{n}"), n, |b, x| {
        let square = b.square(x);
        let angle = b.scale(x, TAU);
        let cos = b.cos(angle);
        let ripple = b.one_minus(cos);
        let ripple = b.scale(ripple, 10.0);
        let terms = b.add(square, ripple);
        Function::total(b, terms)
    });
    let source = "one-dimensional roots of 2x + 20π sin 2πx, to 20 digits";
    let at = |(x, value): (f64, f64), index| {
        let known = [vec![x], vec![0.0; n - 1]].concat();
        Known { x: known, value, index, nullity: 0, global: false, source }
    };
    function
        .with_start(vec![3.3; n])
        .with_interval(-5.12, 5.12)
        .with_known(Known {
            x: vec![0.0; n],
            value: 0.0,
            index: 0,
            nullity: 0,
            global: true,
            source: "every term is at its least",
        })
        .with_known(at(RIPPLE, 0))
        .with_known(at(CREST, 1))
        .with_known(Known {
            x: vec![CREST.0; n],
            value: n as f64 * CREST.1,
            index: n,
            nullity: 0,
            global: false,
            source,
        })
}
