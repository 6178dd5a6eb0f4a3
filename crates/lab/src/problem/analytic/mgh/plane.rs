//! Problems 2 to 6: two coordinates.

use super::super::registry::{Entry, SpecError, nothing, optional};
use super::digits::with_digits;
use super::{Function, Known, Term, zero};

/// Problem 2.
pub(in super::super) const FREUDENSTEIN_ROTH: Entry = Entry {
    name: "freudenstein-roth",
    usage: "freudenstein-roth",
    examples: &["freudenstein-roth"],
    summary: "two cubic equations: a root, and a minimum at which methods get stuck",
    source: "Moré, Garbow & Hillstrom 1981, problem 2",
    build: |text| nothing(text).map(|()| freudenstein_roth()),
};

/// Problem 3.
pub(in super::super) const POWELL_BADLY_SCALED: Entry = Entry {
    name: "powell-badly-scaled",
    usage: "powell-badly-scaled",
    examples: &["powell-badly-scaled"],
    summary: "a hyperbola of height 10⁴ and exponentials: curvatures from 1 to 10¹⁰",
    source: "Moré, Garbow & Hillstrom 1981, problem 3",
    build: |text| nothing(text).map(|()| powell_badly_scaled()),
};

/// Problem 4.
pub(in super::super) const BROWN_BADLY_SCALED: Entry = Entry {
    name: "brown-badly-scaled",
    usage: "brown-badly-scaled",
    examples: &["brown-badly-scaled"],
    summary: "minimizer (10⁶, 2·10⁻⁶): coordinates of very different size",
    source: "Moré, Garbow & Hillstrom 1981, problem 4",
    build: |text| nothing(text).map(|()| brown_badly_scaled()),
};

/// Problem 5.
pub(in super::super) const BEALE: Entry = Entry {
    name: "beale",
    usage: "beale",
    examples: &["beale"],
    summary: "a curved valley with flat shoulders, and a saddle at (0, 1)",
    source: "Beale 1958; Moré, Garbow & Hillstrom 1981, problem 5",
    build: |text| nothing(text).map(|()| beale()),
};

/// Problem 6.
pub(in super::super) const JENNRICH_SAMPSON: Entry = Entry {
    name: "jennrich-sampson",
    usage: "jennrich-sampson[:M]",
    examples: &["jennrich-sampson"],
    summary: "a sum of two exponentials fitted to a line at M points (10): residuals stay large",
    source: "Moré, Garbow & Hillstrom 1981, problem 6",
    build: |text| jennrich_sampson(text),
};

/// r₁ = −13 + x₁ + ((5 − x₂)x₂ − 2)x₂, r₂ = −29 + x₁ + ((x₂ + 1)x₂ − 14)x₂ (Freudenstein & Roth 1963).
///
/// The critical points beside the root (5, 4) are those where r₁ + r₂ = 0 and r₁′ = r₂′,
/// that is 3x₂² − 4x₂ − 6 = 0: a minimum of 48.98 and a saddle.
pub fn freudenstein_roth() -> Function {
    let function = Function::squares("freudenstein-roth", 2, |x| {
        let [x, y] = x.coordinates();
        let first = x - 13.0 + ((5.0 - y) * y - 2.0) * y;
        let second = x - 29.0 + ((y + 1.0) * y - 14.0) * y;
        Term::join(&[first, second])
    });
    let other = |sign: f64, index| {
        let y = (2.0 + sign * 22f64.sqrt()) / 3.0;
        let [first, second] = [((5.0 - y) * y - 2.0) * y - 13.0, ((y + 1.0) * y - 14.0) * y - 29.0];
        Known {
            x: vec![-0.5 * (first + second), y],
            value: 0.5 * (first - second).powi(2),
            index,
            nullity: 0,
            global: false,
            source: "roots of 3x₂² − 4x₂ − 6",
        }
    };
    function
        .with_start(vec![0.5, -2.0])
        .with_known(zero(&[5.0, 4.0]))
        .with_known(other(-1.0, 0))
        .with_known(other(1.0, 1))
}

/// r₁ = 10⁴x₁x₂ − 1, r₂ = e^(−x₁) + e^(−x₂) − 1.0001 (Powell 1970).
pub fn powell_badly_scaled() -> Function {
    let function = Function::squares("powell-badly-scaled", 2, |x| {
        let [x, y] = x.coordinates();
        Term::join(&[1e4 * x * y - 1.0, (-x).exp() + (-y).exp() - 1.0001])
    });
    function.with_start(vec![0.0, 1.0]).with_known(zero(&POWELL))
}

/// The root, by Newton's method with 40 digits.
const POWELL: [f64; 2] = [1.0981593296998175e-5, 9.106146739866524];

/// r₁ = x₁ − 10⁶, r₂ = x₂ − 2·10⁻⁶, r₃ = x₁x₂ − 2 (Brown).
pub fn brown_badly_scaled() -> Function {
    let function = Function::squares("brown-badly-scaled", 2, |x| {
        let [x, y] = x.coordinates();
        Term::join(&[x - 1e6, y - 2e-6, x * y - 2.0])
    });
    function.with_start(vec![1.0, 1.0]).with_known(zero(&[1e6, 2e-6]))
}

/// rᵢ = yᵢ − x₁(1 − x₂ⁱ) with y = 1.5, 2.25, 2.625 (Beale 1958).
///
/// At (0, 1) all three derivatives along x₁ vanish: a saddle of value Σ yᵢ².
pub fn beale() -> Function {
    let function = Function::squares("beale", 2, |x| {
        let [x, y] = x.coordinates();
        let rest = |value: f64, power| value - x * (1.0 - y.powi(power));
        Term::join(&[rest(1.5, 1), rest(2.25, 2), rest(2.625, 3)])
    });
    function.with_start(vec![1.0, 1.0]).with_interval(-4.5, 4.5).with_known(zero(&[3.0, 0.5])).with_known(
        Known {
            x: vec![0.0, 1.0],
            value: 14.203125,
            index: 1,
            nullity: 0,
            global: false,
            source: "∂f/∂x₁ = 0 for x₂ = 1, ∂f/∂x₂ = 0 for x₁ = 0",
        },
    )
}

/// rᵢ = 2 + 2i − (e^(ix₁) + e^(ix₂)), i = 1 … m (Jennrich & Sampson 1968).
fn jennrich_sampson(text: &str) -> Result<Function, SpecError> {
    let m = optional(text, "residuals", 2..=100, 10)?;
    let name = if text.is_empty() { "jennrich-sampson".into() } else { format!("jennrich-sampson:{m}") };
    let function = Function::squares(name, 2, move |x| {
        let [x, y] = x.coordinates();
        let i = x.counting(m);
        2.0 + 2.0 * i - ((x * i).exp() + (y * i).exp())
    });
    Ok(with_digits(function.with_start(vec![0.3, 0.4])))
}
