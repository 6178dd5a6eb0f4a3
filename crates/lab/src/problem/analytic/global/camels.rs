//! Functions of two coordinates whose critical points are all known: camels and Himmelblau's.

use super::super::registry::{Entry, nothing};
use super::{Function, REFINED, Row, Term, with_rows};

/// The table's row.
pub(in super::super) const HIMMELBLAU: Entry = Entry {
    name: "himmelblau",
    usage: "himmelblau",
    examples: &["himmelblau"],
    summary: "four minima of value 0, four saddles and a maximum",
    source: "Himmelblau 1972",
    build: |text| nothing(text).map(|()| himmelblau()),
};

/// The table's row.
pub(in super::super) const SIX_HUMP: Entry = Entry {
    name: "six-hump-camel",
    usage: "six-hump-camel",
    examples: &["six-hump-camel"],
    summary: "six minima, two of them global, and 15 critical points",
    source: "Dixon & Szegő 1978",
    build: |text| nothing(text).map(|()| six_hump()),
};

/// The table's row.
pub(in super::super) const THREE_HUMP: Entry = Entry {
    name: "three-hump-camel",
    usage: "three-hump-camel",
    examples: &["three-hump-camel"],
    summary: "three minima and two saddles",
    source: "Dixon & Szegő 1975",
    build: |text| nothing(text).map(|()| three_hump()),
};

/// (x² + y − 11)² + (x + y² − 7)² (Himmelblau 1972). All nine critical points are known.
pub fn himmelblau() -> Function {
    let function = Function::squares("himmelblau", 2, |x| {
        let [x, y] = x.coordinates();
        Term::join(&[x.square() + y - 11.0, x + y.square() - 7.0])
    });
    let rows: [Row; 9] = [
        ([3.0, 2.0], 0.0, 0),
        ([3.5844283403304917, -1.8481265269644036], 0.0, 0),
        ([-3.779310253377747, -3.2831859912861696], 0.0, 0),
        ([-2.805118086952745, 3.131312518250573], 0.0, 0),
        ([3.385154183607021, 0.07385187983774928], 13.31192627040559, 1),
        ([0.08667750455539636, 2.884254701174776], 67.71915008752615, 1),
        ([-3.0730257507643897, -0.08135304428796751], 104.0151629175581, 1),
        ([-0.12796134673068008, -1.9537149802445763], 178.33723920192747, 1),
        ([-0.2708445906673476, -0.9230385564799815], 181.6165215225827, 2),
    ];
    with_rows(function.with_interval(-6.0, 6.0), &rows, REFINED)
}

/// (4 − 2.1x² + x⁴/3)x² + xy + (4y² − 4)y² (Dixon & Szegő 1978). All 15 critical points are known; the
/// function is even, so they come in pairs.
pub fn six_hump() -> Function {
    let function = Function::formula("six-hump-camel", 2, |x| {
        let [x, y] = x.coordinates();
        let (xx, yy) = (x.square(), y.square());
        (4.0 - 2.1 * xx + xx.square() / 3.0) * xx + x * y + (4.0 * yy - 4.0) * yy
    });
    let half: [Row; 7] = [
        ([0.08984201310031806, -0.7126564030207396], -1.0316284534898774, 0),
        ([1.703606714969981, -0.7960835686726251], -0.21546382438371764, 0),
        ([1.1092053368047865, -0.7682680925095399], 0.5437186009781851, 1),
        ([1.6071047529201972, 0.5686514548841314], 2.1042503103112584, 0),
        ([1.6380679841897785, 0.22867406904439408], 2.2293571975307147, 1),
        ([1.2960702671671092, 0.6050843880386585], 2.22947081802986, 1),
        ([1.2302298765166526, 0.16233458445899496], 2.496295351023577, 2),
    ];
    let mut rows: Vec<Row> =
        half.iter().flat_map(|&(x, f, index)| [(x, f, index), (x.map(|v| -v), f, index)]).collect();
    rows.push(([0.0, 0.0], 0.0, 1));
    let function = function.with_start(vec![2.0, 1.0]).with_domain(vec![(-3.0, 3.0), (-2.0, 2.0)]);
    with_rows(function, &rows, REFINED)
}

/// 2x² − 1.05x⁴ + x⁶/6 + xy + y² (Dixon & Szegő 1975). All five critical points are known.
pub fn three_hump() -> Function {
    let function = Function::formula("three-hump-camel", 2, |x| {
        let [x, y] = x.coordinates();
        let xx = x.square();
        ((xx / 6.0 - 1.05) * xx + 2.0) * xx + x * y + y.square()
    });
    let (valley, pass) = ([1.7475523458302888, -0.8737761729151444], [1.07054229182366, -0.53527114591183]);
    let rows: [Row; 5] = [
        ([0.0, 0.0], 0.0, 0),
        (valley, 0.2986384422368598, 0),
        (valley.map(|v| -v), 0.2986384422368598, 0),
        (pass, 0.8773615577631402, 1),
        (pass.map(|v| -v), 0.8773615577631402, 1),
    ];
    with_rows(function.with_start(vec![2.0, -1.0]).with_interval(-5.0, 5.0), &rows, REFINED)
}
