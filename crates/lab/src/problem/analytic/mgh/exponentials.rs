//! Problems 17 to 19: sums of exponentials fitted to data.

use super::super::registry::{Entry, SpecError, nothing, optional};
use super::digits::with_digits;
use super::{Function, zero};

/// Problem 17.
pub(in super::super) const OSBORNE_1: Entry = Entry {
    name: "osborne-1",
    usage: "osborne-1",
    examples: &["osborne-1"],
    summary: "two decays fitted to 33 values",
    source: "Osborne 1972; Moré, Garbow & Hillstrom 1981, problem 17",
    build: |text| nothing(text).map(|()| osborne_1()),
};

/// Problem 18.
pub(in super::super) const BIGGS: Entry = Entry {
    name: "biggs-exp6",
    usage: "biggs-exp6[:M]",
    examples: &["biggs-exp6"],
    summary: "three decays at M points (13): two roots in a flat landscape",
    source: "Biggs 1971; Moré, Garbow & Hillstrom 1981, problem 18",
    build: |text| biggs(text),
};

/// Problem 19.
pub(in super::super) const OSBORNE_2: Entry = Entry {
    name: "osborne-2",
    usage: "osborne-2",
    examples: &["osborne-2"],
    summary: "a decay and three bells fitted to 65 values",
    source: "Osborne 1972; Moré, Garbow & Hillstrom 1981, problem 19",
    build: |text| nothing(text).map(|()| osborne_2()),
};

/// rᵢ = yᵢ − (x₁ + x₂e^(−tx₄) + x₃e^(−tx₅)) with t = 10(i − 1), i = 1 … 33 (Osborne 1972).
pub fn osborne_1() -> Function {
    const Y: [f64; 33] = [
        0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658,
        0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431,
        0.424, 0.420, 0.414, 0.411, 0.406,
    ];
    let function = Function::squares("osborne-1", 5, |x| {
        let (y, t) = (x.vector(&Y), 10.0 * x.counting(33) - 10.0);
        let [a, b, c, d, e] = x.coordinates();
        y - (a + b * (-(d * t)).exp() + c * (-(e * t)).exp())
    });
    with_digits(function.with_start(vec![0.5, 1.5, -1.0, 0.01, 0.02]))
}

/// rᵢ = x₃e^(−tx₁) − x₄e^(−tx₂) + x₆e^(−tx₅) − (e^(−t) − 5e^(−10t) + 3e^(−4t)) with t = i/10,
/// i = 1 … m (Biggs 1971).
fn biggs(text: &str) -> Result<Function, SpecError> {
    let m = optional(text, "residuals", 6..=1000, 13)?;
    let name = if text.is_empty() { "biggs-exp6".into() } else { format!("biggs-exp6:{m}") };
    let function = Function::squares(name, 6, move |x| {
        let t = x.counting(m) / 10.0;
        let y = (-t).exp() - 5.0 * (-10.0 * t).exp() + 3.0 * (-4.0 * t).exp();
        let [a, b, c, d, e, f] = x.coordinates();
        c * (-(a * t)).exp() - d * (-(b * t)).exp() + f * (-(e * t)).exp() - y
    });
    Ok(function
        .with_start(vec![1.0, 2.0, 1.0, 1.0, 1.0, 1.0])
        .with_known(zero(&[1.0, 10.0, 1.0, 5.0, 4.0, 3.0]))
        .with_known(zero(&[4.0, 10.0, 3.0, 5.0, 1.0, 1.0])))
}

/// rᵢ = yᵢ − (x₁e^(−tx₅) + x₂e^(−(t−x₉)²x₆) + x₃e^(−(t−x₁₀)²x₇) + x₄e^(−(t−x₁₁)²x₈)) with
/// t = (i − 1)/10, i = 1 … 65 (Osborne 1972).
pub fn osborne_2() -> Function {
    const Y: [f64; 65] = [
        1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655,
        0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558,
        0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562,
        0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.710,
        0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054,
    ];
    let function = Function::squares("osborne-2", 11, |x| {
        let (y, t) = (x.vector(&Y), (x.counting(65) - 1.0) / 10.0);
        let decay = x.at(0) * (-(x.at(4) * t)).exp();
        let bell = |i: usize| {
            let distance = t - x.at(8 + i);
            x.at(1 + i) * (-(x.at(5 + i) * distance.square())).exp()
        };
        y - (decay + bell(0) + bell(1) + bell(2))
    });
    with_digits(function.with_start(vec![1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5]))
}
