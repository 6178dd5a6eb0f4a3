//! Bowls with ripples: Griewank, Levy, Bohachevsky, drop-wave, Easom.

use std::f64::consts::PI;

use super::super::registry::{Entry, dimension, nothing};
use super::{Function, lowest};

/// The table's row.
pub(in super::super) const GRIEWANK: Entry = Entry {
    name: "griewank",
    usage: "griewank:N",
    examples: &["griewank:2", "griewank:10"],
    summary: "a wide bowl with a product of cosines: thousands of minima",
    source: "Griewank 1981",
    build: |text| Ok(griewank(dimension(text, 1)?)),
};

/// The table's row.
pub(in super::super) const LEVY: Entry = Entry {
    name: "levy",
    usage: "levy:N",
    examples: &["levy:1", "levy:5"],
    summary: "a bowl with ripples that grow with the distance",
    source: "Levy & Montalvo 1985",
    build: |text| Ok(levy(dimension(text, 1)?)),
};

/// The table's row.
pub(in super::super) const BOHACHEVSKY: Entry = Entry {
    name: "bohachevsky",
    usage: "bohachevsky",
    examples: &["bohachevsky"],
    summary: "a bowl with ripples along either coordinate",
    source: "Bohachevsky, Johnson & Stein 1986",
    build: |text| nothing(text).map(|()| bohachevsky()),
};

/// The table's row.
pub(in super::super) const DROP_WAVE: Entry = Entry {
    name: "drop-wave",
    usage: "drop-wave",
    examples: &["drop-wave"],
    summary: "rings of ripples around the minimum",
    source: "Adorio & Diliman 2005",
    build: |text| nothing(text).map(|()| drop_wave()),
};

/// The table's row.
pub(in super::super) const EASOM: Entry = Entry {
    name: "easom",
    usage: "easom",
    examples: &["easom"],
    summary: "a narrow well on a plain: no gradient far from it",
    source: "Easom 1990",
    build: |text| nothing(text).map(|()| easom()),
};

/// ‖x‖²/4000 − Π cos(xᵢ/√i) + 1 (Griewank 1981).
///
/// # Panics
/// If n = 0.
pub fn griewank(n: usize) -> Function {
    let function = Function::formula(format!("griewank:{n}"), n, move |x| {
        let ripples = (x / x.counting(n).sqrt()).cos().product();
        x.square().sum() / 4000.0 - ripples + 1.0
    });
    function.with_start(vec![100.0; n]).with_interval(-600.0, 600.0).with_known(lowest(
        vec![0.0; n],
        0.0,
        "every term is at its least",
    ))
}

/// sin² πw₁ + Σᵢ₌₁ⁿ⁻¹ (wᵢ − 1)²(1 + 10 sin²(πwᵢ + 1)) + (wₙ − 1)²(1 + sin² 2πwₙ) with w = 1 + (x − 1)/4
/// (Levy & Montalvo 1985).
///
/// # Panics
/// If n = 0.
pub fn levy(n: usize) -> Function {
    let function = Function::formula(format!("levy:{n}"), n, move |x| {
        let off = (x - 1.0) / 4.0;
        let wave = PI * (off + 1.0);
        let last = off.at(n - 1).square() * (1.0 + (2.0 * wave.at(n - 1)).sin().square());
        let ends = wave.at(0).sin().square() + last;
        if n == 1 {
            return ends;
        }
        let inner = off.square() * (1.0 + 10.0 * (wave + 1.0).sin().square());
        ends + inner.range(0..n - 1).sum()
    });
    function.with_start(vec![-5.0; n]).with_interval(-10.0, 10.0).with_known(lowest(
        vec![1.0; n],
        0.0,
        "every term is at its least",
    ))
}

/// x² + 2y² − 0.3 cos 3πx − 0.4 cos 4πy + 0.7 (Bohachevsky, Johnson & Stein 1986, the first of three).
pub fn bohachevsky() -> Function {
    let function = Function::formula("bohachevsky", 2, |x| {
        let [x, y] = x.coordinates();
        x.square()
            + 2.0 * y.square()
            + 0.3 * (1.0 - (3.0 * PI * x).cos())
            + 0.4 * (1.0 - (4.0 * PI * y).cos())
    });
    function.with_start(vec![30.0, -20.0]).with_interval(-100.0, 100.0).with_known(lowest(
        vec![0.0; 2],
        0.0,
        "every term is at its least",
    ))
}

/// −(1 + cos 12r)/(2 + r²/2) with r = ‖x‖, which is smooth at 0.
pub fn drop_wave() -> Function {
    let function = Function::formula("drop-wave", 2, |x| {
        let square = x.square().sum();
        -((1.0 + (144.0 * square).cos_sqrt()) / (2.0 + 0.5 * square))
    });
    function.with_start(vec![2.0, 2.0]).with_interval(-5.12, 5.12).with_known(lowest(
        vec![0.0; 2],
        -1.0,
        "the numerator is at its most, the denominator at its least",
    ))
}

/// −cos x cos y exp(−(x − π)² − (y − π)²) (Easom 1990).
pub fn easom() -> Function {
    let function = Function::formula("easom", 2, |x| {
        let off = (x - PI).square().sum();
        -(x.cos().product() * (-off).exp())
    });
    function.with_start(vec![2.0, 2.0]).with_interval(-100.0, 100.0).with_known(lowest(
        vec![PI; 2],
        -1.0,
        "both factors are at their most",
    ))
}
