use thalweg_lab::problem::analytic::Analytic;
use thalweg_lab::{Curvature, Objective};

use super::*;

fn objective(text: &str) -> Analytic<f64> {
    Analytic::new(expression(text).unwrap(), Default::default())
}

#[test]
fn values_are_those_of_the_same_formula_in_rust() {
    let rows: &[(&str, fn(f64, f64) -> f64)] = &[
        ("100*(y-x^2)^2 + (1-x)^2", |x, y| 100.0 * (y - x * x).powi(2) + (1.0 - x).powi(2)),
        ("-x^2 + y", |x, y| -(x * x) + y),
        ("--x - +-y", |x, y| x + y),
        ("2^-x^2 * y", |x, y| 2f64.powf(-(x * x)) * y),
        ("x^2^3 - y**2", |x, y| x.powi(8) - y * y),
        ("x - y - 1 - 2", |x, y| x - y - 1.0 - 2.0),
        ("x / y / 2 * 3", |x, y| x / y / 2.0 * 3.0),
        ("1e-3*x+.5*y+2.*pi-e", |x, y| 1e-3 * x + 0.5 * y + 2.0 * std::f64::consts::PI - std::f64::consts::E),
        ("sin(x)*cos(y)+tan(x*y)", |x, y| x.sin() * y.cos() + (x * y).tan()),
        ("exp(-x)+log(y)+ln(y)+log2(y)-log10(y)", |x, y| (-x).exp() + 2.0 * y.ln() + y.log2() - y.log10()),
        ("sqrt(x+3) + abs(x-y)", |x, y| (x + 3.0).sqrt() + (x - y).abs()),
        ("atan(x)+sinh(y)-cosh(x)*tanh(y)", |x, y| x.atan() + y.sinh() - x.cosh() * y.tanh()),
        ("pow(y, 2.5) + pow(y, x) + x^-2", |x, y| y.powf(2.5) + y.powf(x) + 1.0 / (x * x)),
        ("min(x, y) + max(x*x, y)", |x, y| x.min(y) + (x * x).max(y)),
        ("min(3, 2)*x + y^0.5 + sqrt(4)", |x, y| 2.0 * x + y.sqrt() + 2.0),
        ("\n  (x1 +\n x2 )*x1 ", |x, y| (x + y) * x),
    ];
    for (text, formula) in rows {
        let objective = objective(text);
        assert_eq!(objective.dimension(), 2, "{text}");
        for (x, y) in [(0.7, 1.3), (-0.4, 2.5), (1.9, 0.2)] {
            let (found, expected) = (objective.value(&[x, y]), formula(x, y));
            assert!(
                (found - expected).abs() <= 1e-13 * expected.abs().max(1.0),
                "{text}: {found} {expected}"
            );
        }
    }
}

#[test]
fn derivatives_are_exact() {
    let objective = objective("x^4*y - exp(x*y) + z^2");
    let [x, y, z] = [0.3, -0.8, 1.5];
    let mut gradient = [0.0; 3];
    objective.value_grad(&[x, y, z], &mut gradient);
    let wave = (x * y).exp();
    let expected = [4.0 * x.powi(3) * y - y * wave, x.powi(4) - x * wave, 2.0 * z];
    let mut product = [0.0; 3];
    let mut hessian = objective.linearize(&[x, y, z], Curvature::Hessian).unwrap();
    hessian.apply(&[0.0, 1.0, 1.0], &mut product).unwrap();
    let second = [4.0 * x.powi(3) - wave - x * y * wave, -x * x * wave, 2.0];
    for i in 0..3 {
        assert!((gradient[i] - expected[i]).abs() < 1e-14, "{gradient:?}");
        assert!((product[i] - second[i]).abs() < 1e-14, "{product:?}");
    }
}

#[test]
fn errors_point_at_the_column() {
    for (text, column, part) in [
        ("", 1, "expected a number, a variable, a function or (, found the end"),
        ("x +", 4, "found the end"),
        ("x + * y", 5, "found '*'"),
        ("(x + y", 7, "expected an operator or ), found the end"),
        ("x + y)", 6, "expected an operator or the end, found ')'"),
        ("2 x", 3, "expected an operator or the end, found \"x\""),
        ("x + foo(y)", 5, "or a function (sqrt, exp"),
        ("sin x", 5, "( after the function"),
        ("pow(x)", 6, "second argument"),
        ("sin()", 5, "found ')'"),
        ("x^", 3, "found the end"),
        ("x + ü", 5, "found \"ü\""),
        ("ü", 1, "found \"ü\""),
        ("1 + 2", 1, "expected a variable"),
        ("x + x2", 5, "expected x, y, z throughout, found \"x2\""),
        ("x1 + y", 6, "expected x1, x2, … throughout"),
        ("x1 + x3", 6, "expected x2 somewhere"),
        ("y^2", 1, "expected x somewhere"),
        ("x0 + x1", 1, "found \"x0\""),
        ("x10001", 1, "at most 10000"),
        ("1e999*x", 1, "found \"1e999\""),
        ("x\n + + )", 6, "found ')'"),
    ] {
        let error = expression(text).map(|f| f.name().to_owned()).expect_err(text);
        let shown = error.to_string();
        assert!(error.column == column && shown.contains(part), "{text:?}: {shown}");
        let caret = shown.lines().last().unwrap();
        assert_eq!(caret.chars().count(), column + 2, "{shown}");
    }
}

#[test]
fn hostile_texts_are_refused_without_harm() {
    for text in [
        "(".repeat(60_000),
        "-".repeat(60_000),
        "x^".repeat(30_000),
        "sin(".repeat(10_000),
        "x".repeat(70_000),
    ] {
        let error = expression(&text).map(|_| ()).unwrap_err().to_string();
        assert!(error.len() < 500, "{error}");
    }
    let long = format!("{}x", "x+".repeat(2_000));
    assert_eq!(objective(&long).value(&[1.0]), 2_001.0);
    let signs = format!("{}x", "-".repeat(60_001));
    assert_eq!(objective(&signs).value(&[2.0]), -2.0);
}
