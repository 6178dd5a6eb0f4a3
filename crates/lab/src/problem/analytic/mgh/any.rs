//! Problems 20, 21 and 23 to 27: any number of coordinates.

use super::super::registry::{Entry, SpecError, dimension};
use super::digits::with_digits;
use super::{Function, Known, Term, zero};

/// Problem 20.
pub(in super::super) const WATSON: Entry = Entry {
    name: "watson",
    usage: "watson:N",
    examples: &["watson:6", "watson:9"],
    summary: "a polynomial of degree N − 1 fitted to a differential equation; N from 2 to 31",
    source: "Kowalik & Osborne 1968; Moré, Garbow & Hillstrom 1981, problem 20",
    build: |text| watson(text),
};

/// Problem 21.
pub(in super::super) const EXTENDED_ROSENBROCK: Entry = Entry {
    name: "extended-rosenbrock",
    usage: "extended-rosenbrock:N",
    examples: &["extended-rosenbrock:2", "extended-rosenbrock:10"],
    summary: "N/2 separate valleys of Rosenbrock; N is even",
    source: "Moré, Garbow & Hillstrom 1981, problems 1 and 21",
    build: |text| extended_rosenbrock(text),
};

/// Problem 23.
pub(in super::super) const PENALTY_1: Entry = Entry {
    name: "penalty-1",
    usage: "penalty-1:N",
    examples: &["penalty-1:4", "penalty-1:10"],
    summary: "a sphere as a penalty, and a weak pull towards (1, …, 1)",
    source: "Gill, Murray & Pitfield 1972; Moré, Garbow & Hillstrom 1981, problem 23",
    build: |text| Ok(penalty_1(dimension(text, 1)?)),
};

/// Problem 24.
pub(in super::super) const PENALTY_2: Entry = Entry {
    name: "penalty-2",
    usage: "penalty-2:N",
    examples: &["penalty-2:4", "penalty-2:10"],
    summary: "an ellipsoid as a penalty, and weak exponentials",
    source: "Gill, Murray & Pitfield 1972; Moré, Garbow & Hillstrom 1981, problem 24",
    build: |text| Ok(penalty_2(dimension(text, 2)?)),
};

/// Problem 25.
pub(in super::super) const VARIABLY_DIMENSIONED: Entry = Entry {
    name: "variably-dimensioned",
    usage: "variably-dimensioned:N",
    examples: &["variably-dimensioned:10"],
    summary: "a quartic along one direction and a bowl across it",
    source: "Moré, Garbow & Hillstrom 1981, problem 25",
    build: |text| Ok(variably_dimensioned(dimension(text, 1)?)),
};

/// Problem 26.
pub(in super::super) const TRIGONOMETRIC: Entry = Entry {
    name: "trigonometric",
    usage: "trigonometric:N",
    examples: &["trigonometric:10"],
    summary: "coupled sines and cosines with many minima",
    source: "Spedicato 1975; Moré, Garbow & Hillstrom 1981, problem 26",
    build: |text| Ok(trigonometric(dimension(text, 1)?)),
};

/// Problem 27.
pub(in super::super) const BROWN_ALMOST_LINEAR: Entry = Entry {
    name: "brown-almost-linear",
    usage: "brown-almost-linear:N",
    examples: &["brown-almost-linear:10"],
    summary: "linear equations and one product of all coordinates",
    source: "Brown 1969; Moré, Garbow & Hillstrom 1981, problem 27",
    build: |text| Ok(brown_almost_linear(dimension(text, 2)?)),
};

/// rᵢ = Σⱼ (j − 1)xⱼtʲ⁻² − (Σⱼ xⱼtʲ⁻¹)² − 1 with t = i/29 for i = 1 … 29, r₃₀ = x₁, r₃₁ = x₂ − x₁² − 1
/// (Kowalik & Osborne 1968).
fn watson(text: &str) -> Result<Function, SpecError> {
    let n = dimension(text, 2)?;
    if n > 31 {
        return Err(SpecError::new(format!("expected at most 31 coordinates, found {n}")));
    }
    Ok(with_digits(Function::squares(format!("watson:{n}"), n, move |x| {
        let t = |i: usize| (i + 1) as f64 / 29.0;
        let powers: Vec<f64> = (0..29 * n).map(|k| t(k / n).powi((k % n) as i32)).collect();
        let slopes: Vec<f64> =
            (0..29 * n).map(|k| (k % n) as f64 * t(k / n).powi((k % n) as i32 - 1)).collect();
        let (powers, slopes) = (x.array(&[29, n], &powers), x.array(&[29, n], &slopes));
        let fitted = slopes.times(x) - powers.times(x).square() - 1.0;
        Term::join(&[fitted, x.at(0), x.at(1) - x.at(0).square() - 1.0])
    })))
}

/// For each two coordinates 10(x₂ − x₁²) and 1 − x₁ (Rosenbrock 1960, repeated).
fn extended_rosenbrock(text: &str) -> Result<Function, SpecError> {
    let n = dimension(text, 2)?;
    if !n.is_multiple_of(2) {
        return Err(SpecError::new(format!("expected an even number of coordinates, found {n}")));
    }
    let function = Function::squares(format!("extended-rosenbrock:{n}"), n, |x| {
        let (x, y) = (x.every(2, 0), x.every(2, 1));
        Term::join(&[10.0 * (y - x.square()), 1.0 - x])
    });
    Ok(function.with_start([-1.2, 1.0].repeat(n / 2)).with_known(zero(&vec![1.0; n])))
}

/// The weight of the weak terms of both penalty functions is 10⁻⁵; this is its root.
const WEAK: f64 = 0.0031622776601683795;

/// rᵢ = √10⁻⁵ (xᵢ − 1) for i = 1 … n, and Σ xⱼ² − ¼ (Gill, Murray & Pitfield 1972).
///
/// By symmetry all critical points have equal coordinates x, the roots of
/// 2nx³ + (10⁻⁵ − ½)x = 10⁻⁵: the positive one is the minimum.
///
/// # Panics
/// If n = 0.
pub fn penalty_1(n: usize) -> Function {
    let function = Function::squares(format!("penalty-1:{n}"), n, |x| {
        Term::join(&[WEAK * (x - 1.0), x.square().sum() - 0.25])
    });
    // The derivative rises beyond the root's lower bound √(1/4n), so that Newton's method converges.
    let mut x = 0.5 / (n as f64).sqrt() + 1e-3;
    for _ in 0..60 {
        let cubic = 2.0 * n as f64 * x * x * x + (1e-5 - 0.5) * x - 1e-5;
        x -= cubic / (6.0 * n as f64 * x * x + 1e-5 - 0.5);
    }
    let far = n as f64 * x * x - 0.25;
    let value = 1e-5 * n as f64 * (x - 1.0).powi(2) + far * far;
    function.with_start((1..=n).map(|j| j as f64).collect()).with_known(Known {
        value,
        source: "the positive root of 2nx³ + (10⁻⁵ − ½)x − 10⁻⁵, in each coordinate",
        ..zero(&vec![x; n])
    })
}

/// r₁ = x₁ − 0.2, rᵢ = √10⁻⁵ (e^(xᵢ/10) + e^(xᵢ₋₁/10) − e^(i/10) − e^((i−1)/10)) for 2 ≤ i ≤ n,
/// rᵢ = √10⁻⁵ (e^(xᵢ₋ₙ₊₁/10) − e^(−1/10)) for n < i < 2n, r₂ₙ = Σ (n − j + 1)xⱼ² − 1
/// (Gill, Murray & Pitfield 1972).
///
/// # Panics
/// If n < 2.
pub fn penalty_2(n: usize) -> Function {
    assert!(n >= 2, "the second penalty function has at least two coordinates");
    let function = Function::squares(format!("penalty-2:{n}"), n, move |x| {
        let rising = (x / 10.0).exp();
        let (before, after) = (rising.range(0..n - 1), rising.range(1..n));
        let index = x.counting(n);
        let grid = (index / 10.0).exp();
        let sums = grid.range(0..n - 1) + grid.range(1..n);
        let weights = n as f64 + 1.0 - index;
        Term::join(&[
            x.at(0) - 0.2,
            WEAK * (after + before - sums),
            WEAK * (after - (-0.1f64).exp()),
            (weights * x.square()).sum() - 1.0,
        ])
    });
    with_digits(function.with_start(vec![0.5; n]))
}

/// rᵢ = xᵢ − 1, s = Σ j(xⱼ − 1), s².
///
/// # Panics
/// If n = 0.
pub fn variably_dimensioned(n: usize) -> Function {
    let function = Function::squares(format!("variably-dimensioned:{n}"), n, move |x| {
        let off = x - 1.0;
        let along = (x.counting(n) * off).sum();
        Term::join(&[off, along, along.square()])
    });
    let start = (1..=n).map(|j| 1.0 - j as f64 / n as f64).collect();
    function.with_start(start).with_known(zero(&vec![1.0; n]))
}

/// rᵢ = n − Σⱼ cos xⱼ + i(1 − cos xᵢ) − sin xᵢ (Spedicato 1975).
///
/// All residuals vanish at 0. From the start, methods may end at other minima.
///
/// # Panics
/// If n = 0.
pub fn trigonometric(n: usize) -> Function {
    let function = Function::squares(format!("trigonometric:{n}"), n, move |x| {
        let less = 1.0 - x.cos();
        less.sum() + x.counting(n) * less - x.sin()
    });
    function.with_start(vec![1.0 / n as f64; n]).with_known(zero(&vec![0.0; n]))
}

/// rᵢ = xᵢ + Σ xⱼ − (n + 1) for i < n, rₙ = Π xⱼ − 1 (Brown 1969).
///
/// Beside (1, …, 1) there is a root (α, …, α, α¹⁻ⁿ) with nαⁿ − (n + 1)αⁿ⁻¹ + 1 = 0, and a minimum of
/// value 1 at (0, …, 0, n + 1).
///
/// # Panics
/// If n < 2.
pub fn brown_almost_linear(n: usize) -> Function {
    assert!(n >= 2, "Brown's function has at least two coordinates");
    let function = Function::squares(format!("brown-almost-linear:{n}"), n, move |x| {
        let sums = x + x.sum() - (n + 1) as f64;
        Term::join(&[sums.range(0..n - 1), x.product() - 1.0])
    });
    let mut far = vec![0.0; n];
    far[n - 1] = (n + 1) as f64;
    let function = function.with_start(vec![0.5; n]).with_known(zero(&vec![1.0; n]));
    match n {
        // With two coordinates the product is bilinear, and that point is no minimum.
        2 => function,
        _ => function.with_known(Known {
            value: 1.0,
            nullity: 1,
            global: false,
            source: "Moré, Garbow & Hillstrom 1981",
            ..zero(&far)
        }),
    }
}
