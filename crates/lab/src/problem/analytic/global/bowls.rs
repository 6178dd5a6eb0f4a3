//! Functions with one valley: Booth, Matyas, Trid, Zakharov, sum of powers, Dixon-Price.

use super::super::registry::{Entry, dimension, nothing};
use super::{Function, Known, Term, lowest};

/// The table's row.
pub(in super::super) const BOOTH: Entry = Entry {
    name: "booth",
    usage: "booth",
    examples: &["booth"],
    summary: "a quadratic with condition number 9",
    source: "Booth 1955",
    build: |text| nothing(text).map(|()| booth()),
};

/// The table's row.
pub(in super::super) const MATYAS: Entry = Entry {
    name: "matyas",
    usage: "matyas",
    examples: &["matyas"],
    summary: "a quadratic with condition number 25",
    source: "Matyas 1965",
    build: |text| nothing(text).map(|()| matyas()),
};

/// The table's row.
pub(in super::super) const TRID: Entry = Entry {
    name: "trid",
    usage: "trid:N",
    examples: &["trid:6", "trid:10"],
    summary: "a quadratic with a tridiagonal Hessian and a far minimizer",
    source: "Neumaier; Adorio & Diliman 2005",
    build: |text| Ok(trid(dimension(text, 1)?)),
};

/// The table's row.
pub(in super::super) const ZAKHAROV: Entry = Entry {
    name: "zakharov",
    usage: "zakharov:N",
    examples: &["zakharov:5"],
    summary: "a bowl and a quartic along one direction",
    source: "Zakharov 1970",
    build: |text| Ok(zakharov(dimension(text, 1)?)),
};

/// The table's row.
pub(in super::super) const SUM_OF_POWERS: Entry = Entry {
    name: "sum-of-powers",
    usage: "sum-of-powers:N",
    examples: &["sum-of-powers:4"],
    summary: "Σ |xᵢ|ⁱ⁺¹: flatter from coordinate to coordinate",
    source: "Adorio & Diliman 2005",
    build: |text| Ok(sum_of_powers(dimension(text, 1)?)),
};

/// The table's row.
pub(in super::super) const DIXON_PRICE: Entry = Entry {
    name: "dixon-price",
    usage: "dixon-price:N",
    examples: &["dixon-price:2", "dixon-price:10"],
    summary: "a chain of parabolas with a minimum on either side",
    source: "Dixon & Price 1989",
    build: |text| Ok(dixon_price(dimension(text, 2)?)),
};

/// (x + 2y − 7)² + (2x + y − 5)².
pub fn booth() -> Function {
    let function = Function::squares("booth", 2, |x| {
        let [x, y] = x.coordinates();
        Term::join(&[x + 2.0 * y - 7.0, 2.0 * x + y - 5.0])
    });
    function.with_interval(-10.0, 10.0).with_known(lowest(vec![1.0, 3.0], 0.0, "both squares vanish"))
}

/// 0.26(x² + y²) − 0.48xy.
pub fn matyas() -> Function {
    let function = Function::formula("matyas", 2, |x| {
        let [x, y] = x.coordinates();
        0.26 * (x.square() + y.square()) - 0.48 * x * y
    });
    function.with_start(vec![5.0, -5.0]).with_interval(-10.0, 10.0).with_known(lowest(
        vec![0.0; 2],
        0.0,
        "the gradient is linear",
    ))
}

/// Σ (xᵢ − 1)² − Σ xᵢxᵢ₋₁; the minimum −n(n + 4)(n − 1)/6 is at xᵢ = i(n + 1 − i).
///
/// # Panics
/// If n = 0.
pub fn trid(n: usize) -> Function {
    let function = Function::formula(format!("trid:{n}"), n, move |x| {
        let squares = (x - 1.0).square().sum();
        if n == 1 { squares } else { squares - (x.range(1..n) * x.range(0..n - 1)).sum() }
    });
    let size = n as f64;
    let x = (1..=n).map(|i| i as f64 * (size + 1.0 - i as f64)).collect();
    let value = -size * (size + 4.0) * (size - 1.0) / 6.0;
    function.with_interval(-size * size, size * size).with_known(lowest(x, value, "the gradient is linear"))
}

/// ‖x‖² + s² + s⁴ with s = Σ i xᵢ/2.
///
/// # Panics
/// If n = 0.
pub fn zakharov(n: usize) -> Function {
    let function = Function::squares(format!("zakharov:{n}"), n, move |x| {
        let along = 0.5 * (x.counting(n) * x).sum();
        Term::join(&[x, along, along.square()])
    });
    function.with_start(vec![3.0; n]).with_interval(-5.0, 10.0).with_known(lowest(
        vec![0.0; n],
        0.0,
        "every term is at its least",
    ))
}

/// Σ |xᵢ|ⁱ⁺¹, i = 1 … n. At the minimizer 0 all eigenvalues but the first are 0.
///
/// # Panics
/// If n = 0.
pub fn sum_of_powers(n: usize) -> Function {
    let function = Function::formula(format!("sum-of-powers:{n}"), n, move |x| {
        // |x|ⁱ⁺¹ as x² |x|ⁱ⁻¹, whose derivatives at 0 are right.
        (x.square() * x.abs().pow(x.counting(n) - 1.0)).sum()
    });
    function
        .with_start(vec![0.5; n])
        .with_interval(-1.0, 1.0)
        .with_known(Known { nullity: n - 1, ..lowest(vec![0.0; n], 0.0, "every term is at its least") })
}

/// (x₁ − 1)² + Σ i(2xᵢ² − xᵢ₋₁)² over i = 2 … n (Dixon & Price 1989).
///
/// Every square vanishes where xᵢ = 2^(2¹⁻ⁱ − 1); the last coordinate may have either sign.
///
/// # Panics
/// If n < 2.
pub fn dixon_price(n: usize) -> Function {
    assert!(n >= 2, "the function of Dixon and Price has at least two coordinates");
    let function = Function::squares(format!("dixon-price:{n}"), n, move |x| {
        let roots: Vec<f64> = (2..=n).map(|i| (i as f64).sqrt()).collect();
        let steps = 2.0 * x.range(1..n).square() - x.range(0..n - 1);
        Term::join(&[x.at(0) - 1.0, x.vector(&roots) * steps])
    });
    let x: Vec<f64> = (1..=n).map(|i| (0.5f64.powi(i as i32 - 1) - 1.0).exp2()).collect();
    let mut other = x.clone();
    other[n - 1] *= -1.0;
    let source = "every square vanishes";
    function
        .with_start(vec![2.0; n])
        .with_interval(-10.0, 10.0)
        .with_known(lowest(x, 0.0, source))
        .with_known(lowest(other, 0.0, source))
}
