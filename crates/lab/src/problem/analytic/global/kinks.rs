//! Functions that are not smooth at their lowest point, or have it on the domain's edge:
//! Ackley, Salomon, Alpine, cross-in-tray, eggholder.

use std::f64::consts::{E, PI, TAU};

use super::super::registry::{Entry, dimension, nothing};
use super::{Function, Known, REFINED, Row, with_rows};

/// The table's row.
pub(in super::super) const ACKLEY: Entry = Entry {
    name: "ackley",
    usage: "ackley:N",
    examples: &["ackley:2", "ackley:10"],
    summary: "a plain full of dents around a cone",
    source: "Ackley 1987; Bäck 1996",
    build: |text| Ok(ackley(dimension(text, 1)?)),
};

/// The table's row.
pub(in super::super) const SALOMON: Entry = Entry {
    name: "salomon",
    usage: "salomon:N",
    examples: &["salomon:5"],
    summary: "rings of ripples around a cone",
    source: "Salomon 1996",
    build: |text| Ok(salomon(dimension(text, 1)?)),
};

/// The table's row.
pub(in super::super) const ALPINE: Entry = Entry {
    name: "alpine",
    usage: "alpine:N",
    examples: &["alpine:3"],
    summary: "Σ |x sin x + x/10|: a kink at every minimum",
    source: "Clerc 1999",
    build: |text| Ok(alpine(dimension(text, 1)?)),
};

/// The table's row.
pub(in super::super) const CROSS_IN_TRAY: Entry = Entry {
    name: "cross-in-tray",
    usage: "cross-in-tray",
    examples: &["cross-in-tray"],
    summary: "four minima between two kinks that cross",
    source: "Mishra 2006",
    build: |text| nothing(text).map(|()| cross_in_tray()),
};

/// The table's row.
pub(in super::super) const EGGHOLDER: Entry = Entry {
    name: "eggholder",
    usage: "eggholder",
    examples: &["eggholder"],
    summary: "deep wells that deepen towards the domain's edge, where the lowest point is",
    source: "Whitley, Mathias, Rana & Dzubera 1996",
    build: |text| nothing(text).map(|()| eggholder()),
};

const CONE: &str = "every term is at its least; there is no gradient";

/// −20 exp(−0.2 √(‖x‖²/n)) − exp(Σ cos 2πxᵢ/n) + 20 + e (Ackley 1987, in n dimensions by Bäck 1996).
///
/// Near the minimum 0 the function is a cone: it has no gradient there.
///
/// # Panics
/// If n = 0.
pub fn ackley(n: usize) -> Function {
    let function = Function::formula(format!("ackley:{n}"), n, |x| {
        let cone = -20.0 * (-0.2 * x.square().mean().sqrt()).expm1();
        let ripples = (TAU * x).cos().mean() - 1.0;
        cone - E * ripples.expm1()
    });
    function.with_start(vec![10.0; n]).with_interval(-32.768, 32.768).with_lowest(vec![0.0; n], 0.0, CONE)
}

/// 1 − cos 2πr + r/10 with r = ‖x‖ (Salomon 1996).
///
/// # Panics
/// If n = 0.
pub fn salomon(n: usize) -> Function {
    let function = Function::formula(format!("salomon:{n}"), n, |x| {
        let radius = x.square().sum().sqrt();
        1.0 - (TAU * radius).cos() + 0.1 * radius
    });
    function.with_start(vec![50.0; n]).with_interval(-100.0, 100.0).with_lowest(vec![0.0; n], 0.0, CONE)
}

/// Σ |xᵢ sin xᵢ + xᵢ/10| (Clerc 1999, the first of two).
///
/// # Panics
/// If n = 0.
pub fn alpine(n: usize) -> Function {
    let function = Function::formula(format!("alpine:{n}"), n, |x| (x * (x.sin() + 0.1)).abs().sum());
    function.with_start(vec![5.0; n]).with_interval(-10.0, 10.0).with_lowest(vec![0.0; n], 0.0, CONE)
}

/// −10⁻⁴ (|sin x sin y exp|100 − r/π|| + 1)^0.1 with r = ‖x‖ (Mishra 2006).
pub fn cross_in_tray() -> Function {
    let function = Function::formula("cross-in-tray", 2, |x| {
        let radius = x.square().sum().sqrt();
        let height = x.sin().product().abs() * (100.0 - radius / PI).abs().exp() + 1.0;
        -1e-4 * height.pow(x.number(0.1))
    });
    let place = 1.3494066171539107;
    let rows: Vec<Row> = [[place, place], [place, -place], [-place, place], [-place, -place]]
        .into_iter()
        .map(|x| (x, -2.062611870822737, 0))
        .collect();
    with_rows(function.with_start(vec![2.0, 1.0]).with_interval(-10.0, 10.0), &rows, REFINED)
}

/// −(y + 47) sin √|x/2 + y + 47| − x sin √|x − y − 47| (Whitley et al. 1996).
///
/// The lowest point of the domain is on its edge, where the gradient does not vanish; the known
/// point is the lowest inside.
pub fn eggholder() -> Function {
    let function = Function::formula("eggholder", 2, |x| {
        let [x, y] = x.coordinates();
        let high = y + 47.0;
        -(high * (0.5 * x + high).abs().sqrt().sin()) - x * (x - high).abs().sqrt().sin()
    });
    let source = "on the edge x = 512; digits by Newton's method along it";
    function
        .with_start(vec![300.0, 300.0])
        .with_interval(-512.0, 512.0)
        .with_lowest(vec![512.0, 404.2318051137578], -959.6406627208509, source)
        .with_known(Known {
            x: vec![482.3533104647884, 432.87899894548343],
            value: -956.9182316246655,
            index: 0,
            nullity: 0,
            global: false,
            source: REFINED,
        })
}
