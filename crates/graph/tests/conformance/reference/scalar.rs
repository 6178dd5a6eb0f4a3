//! The elementwise functions by the standard library's.

use thalweg_graph::DType;
use thalweg_graph::primitive::{Binary, Direction, Unary};

pub fn unary(f: Unary, x: f64) -> f64 {
    match f {
        Unary::Negate => -x,
        Unary::Abs => x.abs(),
        Unary::Sign if x == 0.0 || x.is_nan() => x,
        Unary::Sign => x.signum(),
        Unary::Sqrt => x.sqrt(),
        Unary::Rsqrt => 1.0 / x.sqrt(),
        Unary::Exponential => x.exp(),
        Unary::ExponentialMinusOne => x.exp_m1(),
        Unary::Log => x.ln(),
        Unary::LogPlusOne => x.ln_1p(),
        Unary::Tanh => x.tanh(),
        Unary::Logistic if x < 0.0 => x.exp() / (1.0 + x.exp()),
        Unary::Logistic => 1.0 / (1.0 + (-x).exp()),
        Unary::Softplus if x.is_nan() => x,
        Unary::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        Unary::Erf => erf(x),
        Unary::Sine => x.sin(),
        Unary::Cosine => x.cos(),
        Unary::Floor => x.floor(),
        Unary::Ceil => x.ceil(),
        Unary::RoundNearestEven => x.round_ties_even(),
        Unary::Not => f64::from(x == 0.0),
        Unary::IsFinite => f64::from(x.is_finite()),
    }
}

pub fn binary(f: Binary, x: f64, y: f64) -> f64 {
    match f {
        Binary::Add => x + y,
        Binary::Subtract => x - y,
        Binary::Multiply => x * y,
        Binary::Divide => x / y,
        Binary::Remainder => x % y,
        Binary::Maximum => maximum(x, y),
        Binary::Minimum => -maximum(-x, -y),
        Binary::Power => x.powf(y),
        Binary::And => f64::from(x != 0.0 && y != 0.0),
        Binary::Or => f64::from(x != 0.0 || y != 0.0),
    }
}

/// The functions of one integer.
pub fn negate_or_sign(f: Unary, x: i32) -> i32 {
    match f {
        Unary::Negate => 0i32.wrapping_sub(x),
        Unary::Abs if x < 0 => 0i32.wrapping_sub(x),
        Unary::Abs => x,
        Unary::Sign => x.signum(),
        _ => unreachable!("not defined for integers"),
    }
}

pub fn integer(f: Binary, x: i32, y: i32) -> i32 {
    match f {
        Binary::Add => x.wrapping_add(y),
        Binary::Subtract => x.wrapping_sub(y),
        Binary::Multiply => x.wrapping_mul(y),
        Binary::Maximum => x.max(y),
        Binary::Minimum => x.min(y),
        Binary::Divide if y == 0 => -1,
        Binary::Divide => (i64::from(x) / i64::from(y)) as i32,
        Binary::Remainder if y == 0 => x,
        Binary::Remainder => (i64::from(x) % i64::from(y)) as i32,
        Binary::Power | Binary::And | Binary::Or => unreachable!("not defined for integers"),
    }
}

/// The larger, −0 < +0; NaN if either is.
pub fn maximum(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() {
        f64::NAN
    } else if x > y || (x == y && y.is_sign_negative()) {
        x
    } else {
        y
    }
}

pub fn compare(direction: Direction, x: f64, y: f64) -> f64 {
    f64::from(match direction {
        Direction::Eq => x == y,
        Direction::Ne => x != y,
        Direction::Lt => x < y,
        Direction::Le => x <= y,
        Direction::Gt => x > y,
        Direction::Ge => x >= y,
    })
}

pub fn convert(to: DType, x: f64) -> f64 {
    match to {
        DType::F32 | DType::F64 => x,
        DType::I32 => f64::from(x as i32),
        DType::Bool => f64::from(x != 0.0),
    }
}

/// erf x = 2/√π e^(−x²) Σ 2ⁿ x²ⁿ⁺¹/(2n+1)!! (Abramowitz and Stegun 7.1.6): no term cancels another.
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 || !x.is_finite() {
        return if x.is_nan() { x } else { x.signum() };
    }
    let (mut term, mut sum, mut n) = (x, x, 1.0);
    while term.abs() > 1e-18 * sum.abs() {
        n += 2.0;
        term *= 2.0 * x * x / n;
        sum += term;
    }
    std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum
}

/// Figures from Abramowitz and Stegun, table 7.1.
#[test]
fn the_series_gives_the_published_error_function() {
    for (x, y) in [
        (0.1, 0.1124629160),
        (0.5, 0.5204998778),
        (1.0, 0.8427007929),
        (1.5, 0.9661051465),
        (2.0, 0.9953222650),
    ] {
        assert!((erf(x) - y).abs() < 5e-11 && erf(-x) == -erf(x), "erf {x} = {}", erf(x));
    }
}
