//! Functions of two coordinates from physics and engineering: Müller-Brown, Branin, Goldstein-Price, McCormick.

use std::f64::consts::PI;

use super::super::registry::{Entry, nothing};
use super::{Function, REFINED, Row, with_rows};

/// The table's row.
pub(in super::super) const MULLER_BROWN: Entry = Entry {
    name: "muller-brown",
    usage: "muller-brown",
    examples: &["muller-brown"],
    summary: "a model of a reaction: three minima and the two saddles between them",
    source: "Müller & Brown 1979",
    build: |text| nothing(text).map(|()| muller_brown()),
};

/// The table's row.
pub(in super::super) const BRANIN: Entry = Entry {
    name: "branin",
    usage: "branin",
    examples: &["branin"],
    summary: "three minima of equal value",
    source: "Branin 1972; Dixon & Szegő 1978",
    build: |text| nothing(text).map(|()| branin()),
};

/// The table's row.
pub(in super::super) const GOLDSTEIN_PRICE: Entry = Entry {
    name: "goldstein-price",
    usage: "goldstein-price",
    examples: &["goldstein-price"],
    summary: "a polynomial of degree eight with four minima and values up to 10⁶",
    source: "Goldstein & Price 1971",
    build: |text| nothing(text).map(|()| goldstein_price()),
};

/// The table's row.
pub(in super::super) const MCCORMICK: Entry = Entry {
    name: "mccormick",
    usage: "mccormick",
    examples: &["mccormick"],
    summary: "a sine on a trough that falls for ever beyond the domain",
    source: "McCormick 1976; Adorio & Diliman 2005",
    build: |text| nothing(text).map(|()| mccormick()),
};

/// Σₖ Aₖ exp(aₖ(x − xₖ)² + bₖ(x − xₖ)(y − yₖ) + cₖ(y − yₖ)²), four terms (Müller & Brown 1979).
///
/// The start lies in the valley of the reactant, beside its minimum.
pub fn muller_brown() -> Function {
    const TERMS: [[f64; 6]; 4] = [
        [-200.0, -1.0, 0.0, -10.0, 1.0, 0.0],
        [-100.0, -1.0, 0.0, -10.0, 0.0, 0.5],
        [-170.0, -6.5, 11.0, -6.5, -0.5, 1.5],
        [15.0, 0.7, 0.6, 0.7, -1.0, 1.0],
    ];
    let function = Function::formula("muller-brown", 2, |x| {
        let [height, a, b, c, left, low] = std::array::from_fn(|i| x.vector(&TERMS.map(|term| term[i])));
        let (dx, dy) = (x.at(0) - left, x.at(1) - low);
        (height * (a * dx.square() + b * dx * dy + c * dy.square()).exp()).sum()
    });
    let rows: [Row; 5] = [
        ([-0.5582236346330243, 1.4417258418046686], -146.69951720995402, 0),
        ([0.6234994049308765, 0.028037758528685664], -108.16672411685235, 0),
        ([-0.050010822998206056, 0.4666941048719721], -80.76781812965903, 0),
        ([0.212486582000662, 0.2929883251073678], -72.24894011232522, 1),
        ([-0.8220015587327321, 0.6243128028148713], -40.664843508657405, 1),
    ];
    let function = function.with_start(vec![0.4, 0.2]).with_domain(vec![(-1.5, 1.2), (-0.2, 2.0)]);
    with_rows(function, &rows, REFINED)
}

/// (y − 5.1x²/4π² + 5x/π − 6)² + 10(1 − 1/8π) cos x + 10 (Branin 1972).
///
/// At the critical points sin x = 0 and the square vanishes.
pub fn branin() -> Function {
    let function = Function::formula("branin", 2, |x| {
        let [x, y] = x.coordinates();
        let parabola = y - 5.1 / (4.0 * PI * PI) * x.square() + 5.0 / PI * x - 6.0;
        parabola.square() + 10.0 * (1.0 - 0.125 / PI) * x.cos() + 10.0
    });
    let (least, pass) = (0.3978873577297383, 19.60211264227026);
    let rows: [Row; 5] = [
        ([-PI, 12.275], least, 0),
        ([PI, 2.275], least, 0),
        ([3.0 * PI, 2.475], least, 0),
        ([0.0, 6.0], pass, 1),
        ([2.0 * PI, 1.1], pass, 1),
    ];
    let function = function.with_start(vec![2.5, 7.5]).with_domain(vec![(-5.0, 10.0), (0.0, 15.0)]);
    with_rows(function, &rows, "sin x = 0 and the square vanishes")
}

/// (1 + (x + y + 1)²(19 − 14x + 3x² − 14y + 6xy + 3y²)) (30 + (2x − 3y)²(18 − 32x + 12x² + 48y − 36xy + 27y²))
/// (Goldstein & Price 1971). All nine critical points of the domain are rational.
pub fn goldstein_price() -> Function {
    let function = Function::formula("goldstein-price", 2, |x| {
        let [x, y] = x.coordinates();
        let (xx, xy, yy) = (x.square(), x * y, y.square());
        let first = 19.0 - 14.0 * x + 3.0 * xx - 14.0 * y + 6.0 * xy + 3.0 * yy;
        let second = 18.0 - 32.0 * x + 12.0 * xx + 48.0 * y - 36.0 * xy + 27.0 * yy;
        (1.0 + (x + y + 1.0).square() * first) * (30.0 + (2.0 * x - 3.0 * y).square() * second)
    });
    let rows: [Row; 9] = [
        ([0.0, -1.0], 3.0, 0),
        ([-0.6, -0.4], 30.0, 0),
        ([-0.4, -0.6], 35.0, 1),
        ([1.8, 0.2], 84.0, 0),
        ([1.2, -0.2], 99.0, 1),
        ([1.2, 0.8], 840.0, 0),
        ([1.4, 0.6], 980.0, 1),
        ([0.6, 0.4], 990.0, 1),
        ([0.8, 0.2], 1155.0, 2),
    ];
    with_rows(function.with_start(vec![1.0, 1.0]).with_interval(-2.0, 2.0), &rows, REFINED)
}

/// sin(x + y) + (x − y)² − 1.5x + 2.5y + 1 (McCormick 1976).
///
/// With s = x + y and d = x − y the critical points are cos s = −½ and d = 1; beyond the
/// domain f has no lower bound.
pub fn mccormick() -> Function {
    let function = Function::formula("mccormick", 2, |x| {
        let [x, y] = x.coordinates();
        (x + y).sin() + (x - y).square() - 1.5 * x + 2.5 * y + 1.0
    });
    let at =
        |sum: f64, index| -> Row { ([0.5 * (sum + 1.0), 0.5 * (sum - 1.0)], sum.sin() + 0.5 * sum, index) };
    let rows = [at(-2.0 * PI / 3.0, 0), at(4.0 * PI / 3.0, 0), at(2.0 * PI / 3.0, 1)];
    let function = function.with_start(vec![1.0, 1.0]).with_domain(vec![(-1.5, 4.0), (-3.0, 4.0)]);
    with_rows(function, &rows, "cos(x + y) = −½ and x − y = 1")
}
