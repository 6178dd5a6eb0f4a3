//! Problems 13 to 16 and 22: four coordinates, or so many times four.

use super::super::registry::{Entry, SpecError, nothing, optional};
use super::digits::with_digits;
use super::{Function, Known, Term, zero};

/// Problems 13 and 22.
pub(in super::super) const POWELL_SINGULAR: Entry = Entry {
    name: "powell-singular",
    usage: "powell-singular[:N]",
    examples: &["powell-singular", "powell-singular:12"],
    summary: "a minimum with a singular Hessian; N is a multiple of 4 (4)",
    source: "Powell 1962; Moré, Garbow & Hillstrom 1981, problems 13 and 22",
    build: |text| powell_singular(text),
};

/// Problem 14.
pub(in super::super) const WOOD: Entry = Entry {
    name: "wood",
    usage: "wood",
    examples: &["wood"],
    summary: "two coupled valleys, with a saddle that the start leads to",
    source: "Colville 1968; Moré, Garbow & Hillstrom 1981, problem 14",
    build: |text| nothing(text).map(|()| wood()),
};

/// Problem 15.
pub(in super::super) const KOWALIK_OSBORNE: Entry = Entry {
    name: "kowalik-osborne",
    usage: "kowalik-osborne",
    examples: &["kowalik-osborne"],
    summary: "a rational fit to 11 rates of an enzyme's reaction",
    source: "Kowalik & Osborne 1968; Moré, Garbow & Hillstrom 1981, problem 15",
    build: |text| nothing(text).map(|()| kowalik_osborne()),
};

/// Problem 16.
pub(in super::super) const BROWN_DENNIS: Entry = Entry {
    name: "brown-dennis",
    usage: "brown-dennis[:M]",
    examples: &["brown-dennis"],
    summary: "residuals of large value at M points (20)",
    source: "Brown & Dennis 1971; Moré, Garbow & Hillstrom 1981, problem 16",
    build: |text| brown_dennis(text),
};

/// For each four coordinates x₁ + 10x₂, √5(x₃ − x₄), (x₂ − 2x₃)², √10(x₁ − x₄)² (Powell 1962, in n dimensions
/// by Moré, Garbow & Hillstrom).
///
/// Half of the Hessian's eigenvalues are 0 at the minimizer 0.
fn powell_singular(text: &str) -> Result<Function, SpecError> {
    let n = optional(text, "coordinates", 4..=1 << 24, 4)?;
    if !n.is_multiple_of(4) {
        return Err(SpecError::new(format!(
            "expected a multiple of 4 as the number of coordinates, found {n}"
        )));
    }
    let name = if text.is_empty() { "powell-singular".into() } else { format!("powell-singular:{n}") };
    let function = Function::squares(name, n, |x| {
        let [x, y, z, w] = [0, 1, 2, 3].map(|i| x.every(4, i));
        Term::join(&[
            x + 10.0 * y,
            5f64.sqrt() * (z - w),
            (y - 2.0 * z).square(),
            10f64.sqrt() * (x - w).square(),
        ])
    });
    let start = [3.0, -1.0, 0.0, 1.0].repeat(n / 4);
    Ok(function
        .with_start(start)
        .with_interval(-4.0, 5.0)
        .with_known(Known { nullity: n / 2, ..zero(&vec![0.0; n]) }))
}

/// 10(x₂ − x₁²), 1 − x₁, √90(x₄ − x₃²), 1 − x₃, √10(x₂ + x₄ − 2), (x₂ − x₄)/√10 (Wood, in Colville 1968).
///
/// Between the minimizer (1, 1, 1, 1) and a point near (−1, 1, −1, 1) lies a saddle of value 7.8767.
pub fn wood() -> Function {
    let function = Function::squares("wood", 4, |x| {
        let [x, y, z, w] = x.coordinates();
        Term::join(&[
            10.0 * (y - x.square()),
            1.0 - x,
            90f64.sqrt() * (w - z.square()),
            1.0 - z,
            10f64.sqrt() * (y + w - 2.0),
            (y - w) / 10f64.sqrt(),
        ])
    });
    let saddle = Known {
        index: 1,
        value: 7.876967165176868,
        global: false,
        source: "Newton's method from (−1, 1, −1, 1)",
        ..zero(&[-0.9679740249375928, 0.9471391408178412, -0.9695163103315915, 0.951247665792326])
    };
    function.with_start(vec![-3.0, -1.0, -3.0, -1.0]).with_known(zero(&[1.0; 4])).with_known(saddle)
}

/// rᵢ = yᵢ − x₁(u² + ux₂)/(u² + ux₃ + x₄) (Kowalik & Osborne 1968).
///
/// f also falls to 1.02734·10⁻³ at infinity.
pub fn kowalik_osborne() -> Function {
    const Y: [f64; 11] =
        [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246];
    const U: [f64; 11] = [4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625];
    let function = Function::squares("kowalik-osborne", 4, |x| {
        let (y, u) = (x.vector(&Y), x.vector(&U));
        let [a, b, c, d] = x.coordinates();
        let square = u.square();
        y - a * (square + u * b) / (square + u * c + d)
    });
    with_digits(function.with_start(vec![0.25, 0.39, 0.415, 0.39]))
}

/// rᵢ = (x₁ + tx₂ − eᵗ)² + (x₃ + x₄ sin t − cos t)² with t = i/5, i = 1 … m (Brown & Dennis 1971).
fn brown_dennis(text: &str) -> Result<Function, SpecError> {
    let m = optional(text, "residuals", 4..=200, 20)?;
    let name = if text.is_empty() { "brown-dennis".into() } else { format!("brown-dennis:{m}") };
    let function = Function::squares(name, 4, move |x| {
        let t = x.counting(m) / 5.0;
        let [a, b, c, d] = x.coordinates();
        (a + t * b - t.exp()).square() + (c + d * t.sin() - t.cos()).square()
    });
    Ok(with_digits(function.with_start(vec![25.0, 5.0, -5.0, -1.0])))
}
