//! Two saddles in the plane.

use thalweg_graph::{Builder, Value};

use super::registry::{Entry, nothing};
use super::{Function, Known};

/// The table's row.
pub(super) const WALLED: Entry = Entry {
    name: "walled-saddle",
    usage: "walled-saddle",
    examples: &["walled-saddle"],
    summary: "5x² − y² + y⁴/4: gradient descent from (1, 0) ends at the saddle",
    source: "Nesterov 2004, §1.2.3, in other proportions",
    build: |text| nothing(text).map(|()| walled_saddle()),
};

/// The table's row.
pub(super) const MONKEY: Entry = Entry {
    name: "monkey-saddle",
    usage: "monkey-saddle",
    examples: &["monkey-saddle"],
    summary: "x³ − 3xy²: the Hessian is null at the critical point",
    source: "Hilbert & Cohn-Vossen 1932, chapter IV",
    build: |text| nothing(text).map(|()| monkey_saddle()),
};

/// 5x² − y² + y⁴/4: a saddle at the origin between walls.
///
/// The minima are −1 at (0, ±√2). From the start (1, 0), gradient descent never
/// leaves the line y = 0, on which the saddle is a minimum (Nesterov 2004, §1.2.3).
pub fn walled_saddle() -> Function {
    let function = Function::new("walled-saddle", 2, |b, x| {
        let [x, y] = coordinates(b, x);
        let wall = b.square(x);
        let wall = b.scale(wall, 5.0);
        let y = b.square(y);
        let quartic = b.square(y);
        let quartic = b.scale(quartic, 0.25);
        let across = b.sub(quartic, y);
        b.add(wall, across)
    });
    let at = |y, value, index| Known {
        x: vec![0.0, y],
        value,
        index,
        nullity: 0,
        global: index == 0,
        source: "roots of y³ − 2y",
    };
    let depth = std::f64::consts::SQRT_2;
    function
        .with_start(vec![1.0, 0.0])
        .with_known(at(0.0, 0.0, 1))
        .with_known(at(depth, -1.0, 0))
        .with_known(at(-depth, -1.0, 0))
}

/// x³ − 3xy² = Re (x + iy)³: three valleys and three ridges meet at the origin.
///
/// The origin is the only critical point, and its Hessian is null, so that only
/// the third derivative tells it from a minimum. From the start (1, 0), gradient descent creeps towards it.
pub fn monkey_saddle() -> Function {
    let function = Function::new("monkey-saddle", 2, |b, x| {
        let [x, y] = coordinates(b, x);
        let (xx, yy) = (b.square(x), b.square(y));
        let yy = b.scale(yy, 3.0);
        let difference = b.sub(xx, yy);
        b.mul(x, difference)
    });
    function.with_start(vec![1.0, 0.0]).with_known(Known {
        x: vec![0.0, 0.0],
        value: 0.0,
        index: 0,
        nullity: 2,
        global: false,
        source: "3x² = 3y² and xy = 0",
    })
}

fn coordinates(b: &mut Builder, x: Value) -> [Value; 2] {
    [0, 1].map(|i| {
        let coordinate = b.slice_axis(x, 0, i..i + 1);
        b.reshape(coordinate, &[])
    })
}
