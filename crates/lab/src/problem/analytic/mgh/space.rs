//! Problems 7 to 12: three coordinates.

use std::f64::consts::TAU;

use super::super::registry::{Entry, SpecError, nothing, optional};
use super::digits::with_digits;
use super::{Function, Term, zero};

/// Problem 7.
pub(in super::super) const HELICAL_VALLEY: Entry = Entry {
    name: "helical-valley",
    usage: "helical-valley",
    examples: &["helical-valley"],
    summary: "a valley that winds around the third axis",
    source: "Fletcher & Powell 1963; Moré, Garbow & Hillstrom 1981, problem 7",
    build: |text| nothing(text).map(|()| helical_valley()),
};

/// Problem 8.
pub(in super::super) const BARD: Entry = Entry {
    name: "bard",
    usage: "bard",
    examples: &["bard"],
    summary: "a rational fit to 15 values, with a second minimum at infinity",
    source: "Bard 1970; Moré, Garbow & Hillstrom 1981, problem 8",
    build: |text| nothing(text).map(|()| bard()),
};

/// Problem 9.
pub(in super::super) const GAUSSIAN: Entry = Entry {
    name: "gaussian",
    usage: "gaussian",
    examples: &["gaussian"],
    summary: "a bell fitted to 15 values of the normal density",
    source: "Moré, Garbow & Hillstrom 1981, problem 9",
    build: |text| nothing(text).map(|()| gaussian()),
};

/// Problem 10.
pub(in super::super) const MEYER: Entry = Entry {
    name: "meyer",
    usage: "meyer",
    examples: &["meyer"],
    summary: "a thermistor's resistance: condition numbers beyond 10¹⁵",
    source: "Meyer 1970; Moré, Garbow & Hillstrom 1981, problem 10",
    build: |text| nothing(text).map(|()| meyer()),
};

/// Problem 11.
pub(in super::super) const GULF: Entry = Entry {
    name: "gulf",
    usage: "gulf[:M]",
    examples: &["gulf"],
    summary: "a Weibull distribution fitted to M points (99), flat where the start is",
    source: "Cox 1969; Moré, Garbow & Hillstrom 1981, problem 11",
    build: |text| gulf(text),
};

/// Problem 12.
pub(in super::super) const BOX: Entry = Entry {
    name: "box-3d",
    usage: "box-3d[:M]",
    examples: &["box-3d"],
    summary: "exponentials at M points (10): two roots and a line of roots",
    source: "Box 1966; Moré, Garbow & Hillstrom 1981, problem 12",
    build: |text| box_3d(text),
};

/// r₁ = 10(x₃ − 10θ), r₂ = 10(√(x₁² + x₂²) − 1), r₃ = x₃, where 2πθ ∈ (−π/2, 3π/2) is the
/// angle of (x₁, x₂) (Fletcher & Powell 1963).
///
/// f jumps where x₁ = 0 > x₂ and has no gradient where x₁ = x₂ = 0.
pub fn helical_valley() -> Function {
    let function = Function::squares("helical-valley", 3, |x| {
        let [x, y, z] = x.coordinates();
        let theta = Term::angle(x, y) / TAU;
        let radius = (x.square() + y.square()).sqrt();
        Term::join(&[10.0 * (z - 10.0 * theta), 10.0 * (radius - 1.0), z])
    });
    function.with_start(vec![-1.0, 0.0, 0.0]).with_known(zero(&[1.0, 0.0, 0.0]))
}

/// rᵢ = yᵢ − (x₁ + u/(vx₂ + wx₃)) with u = i, v = 16 − i, w = min(u, v) (Bard 1970).
///
/// f also falls to 17.4286 as x₂ and x₃ go to −∞.
pub fn bard() -> Function {
    const Y: [f64; 15] =
        [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39];
    let function = Function::squares("bard", 3, |x| {
        let y = x.vector(&Y);
        let u = x.counting(15);
        let v = 16.0 - u;
        let w = x.vector(&std::array::from_fn::<f64, 15, _>(|i| (i + 1).min(15 - i) as f64));
        let [x, y2, z] = x.coordinates();
        y - (x + u / (v * y2 + w * z))
    });
    with_digits(function.with_start(vec![1.0; 3]))
}

/// rᵢ = x₁ e^(−x₂(tᵢ − x₃)²/2) − yᵢ with tᵢ = (8 − i)/2, i = 1 … 15.
pub fn gaussian() -> Function {
    const HALF: [f64; 8] = [0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521, 0.3989];
    let function = Function::squares("gaussian", 3, |x| {
        let y = x.vector(&std::array::from_fn::<f64, 15, _>(|i| HALF[i.min(14 - i)]));
        let t = (8.0 - x.counting(15)) / 2.0;
        let [x, rate, center] = x.coordinates();
        x * (rate * (t - center).square() * -0.5).exp() - y
    });
    with_digits(function.with_start(vec![0.4, 1.0, 0.0]))
}

/// rᵢ = x₁ e^(x₂/(tᵢ + x₃)) − yᵢ with tᵢ = 45 + 5i, i = 1 … 16 (Meyer 1970).
pub fn meyer() -> Function {
    const Y: [f64; 16] = [
        34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0, 8261.0, 7030.0, 6005.0,
        5147.0, 4427.0, 3820.0, 3307.0, 2872.0,
    ];
    let function = Function::squares("meyer", 3, |x| {
        let y = x.vector(&Y);
        let t = 45.0 + 5.0 * x.counting(16);
        let [x, energy, offset] = x.coordinates();
        x * (energy / (t + offset)).exp() - y
    });
    with_digits(function.with_start(vec![0.02, 4000.0, 250.0]))
}

/// rᵢ = e^(−|yᵢ − x₂|^x₃ / x₁) − tᵢ with tᵢ = i/100, yᵢ = 25 + (−50 ln tᵢ)^(2/3), i = 1 … m (Cox 1969).
///
/// The paper's formula has yᵢ m i x₂ where the difference belongs, a slip of the press that its
/// authors' code does not share.
fn gulf(text: &str) -> Result<Function, SpecError> {
    let m = optional(text, "residuals", 3..=99, 99)?;
    let name = if text.is_empty() { "gulf".into() } else { format!("gulf:{m}") };
    let function = Function::squares(name, 3, move |x| {
        let t: Vec<f64> = (1..=m).map(|i| i as f64 / 100.0).collect();
        let y: Vec<f64> = t.iter().map(|t| 25.0 + (-50.0 * t.ln()).powf(2.0 / 3.0)).collect();
        let (t, y) = (x.vector(&t), x.vector(&y));
        let [scale, center, power] = x.coordinates();
        (-((y - center).abs().pow(power) / scale)).exp() - t
    });
    Ok(function.with_start(vec![5.0, 2.5, 0.15]).with_known(zero(&[50.0, 25.0, 1.5])))
}

/// rᵢ = e^(−tx₁) − e^(−tx₂) − x₃(e^(−t) − e^(−10t)) with t = i/10, i = 1 … m (Box 1966).
///
/// Every residual vanishes wherever x₁ = x₂ and x₃ = 0, too.
fn box_3d(text: &str) -> Result<Function, SpecError> {
    let m = optional(text, "residuals", 3..=1000, 10)?;
    let name = if text.is_empty() { "box-3d".into() } else { format!("box-3d:{m}") };
    let function = Function::squares(name, 3, move |x| {
        let t = x.counting(m) / 10.0;
        let [x, y, z] = x.coordinates();
        (-(x * t)).exp() - (-(y * t)).exp() - z * ((-t).exp() - (-10.0 * t).exp())
    });
    Ok(function
        .with_start(vec![0.0, 10.0, 20.0])
        .with_known(zero(&[1.0, 10.0, 1.0]))
        .with_known(zero(&[10.0, 1.0, -1.0])))
}
