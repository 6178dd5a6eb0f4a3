//! Rosenbrock's valley.

use super::registry::{Entry, dimension};
use super::{Function, Known, Term};

/// The table's row.
pub(super) const ENTRY: Entry = Entry {
    name: "rosenbrock",
    usage: "rosenbrock:N",
    examples: &["rosenbrock:2", "rosenbrock:4", "rosenbrock:5", "rosenbrock:6", "rosenbrock:30"],
    summary: "a curved valley, from 2 coordinates on",
    source: "Rosenbrock 1960; in chained form Kok & Sandrock 2009",
    build: |text| Ok(rosenbrock(dimension(text, 2)?)),
};

/// Σᵢ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)² over i = 1 … n−1, for n ≥ 2 (Rosenbrock 1960, chained).
///
/// The global minimum is 0 at (1, …, 1), and the only critical point for n ≤ 3.
/// From n = 4 on there is a second minimum near (−1, 1, …, 1), and from n = 4 on
/// saddles as well (Shang & Qiu 2006; Kok & Sandrock 2009). The start is (−1.2, 1,
/// −1.2, 1, …), from which methods may end in either minimum.
///
/// # Panics
/// If n < 2.
pub fn rosenbrock(n: usize) -> Function {
    assert!(n >= 2, "Rosenbrock's function has at least two coordinates");
    let start = (0..n).map(|i| if i % 2 == 0 { -1.2 } else { 1.0 }).collect();
    let function = Function::squares(format!("rosenbrock:{n}"), n, move |x| {
        let (left, right) = (x.range(0..n - 1), x.range(1..n));
        Term::join(&[10.0 * (right - left.square()), 1.0 - left])
    });
    let minimum = Known {
        x: vec![1.0; n],
        value: 0.0,
        index: 0,
        nullity: 0,
        global: true,
        source: "both squares of every term vanish",
    };
    others(n).into_iter().fold(function.with_start(start).with_known(minimum), Function::with_known)
}

/// The critical points beside the global minimum: all of them for n = 4, the
/// local minimum for n = 5 and 6, and the saddle for n = 6. The first six digits of the minima and of the saddle for
/// n = 4 are those of the source; the saddle for n = 6 is the only one that Newton's method found from 4,000 random
/// points of [−1.2, 1.2]⁶. The other digits are by Newton's method with 50 digits.
fn others(n: usize) -> Vec<Known> {
    let source = "Kok & Sandrock 2009";
    let known =
        |x: &[f64], value, index| Known { x: x.to_vec(), value, index, nullity: 0, global: false, source };
    match n {
        4 => vec![
            known(
                &[-0.7756592265653526, 0.6130933654850435, 0.3820628463383931, 0.1459720185521946],
                3.701428610430017,
                0,
            ),
            known(
                &[-0.6561246357194459, 0.4431200409715724, 0.2043122482283643, 0.0417434947761288],
                3.708241996647262,
                1,
            ),
        ],
        5 => vec![known(
            &[
                -0.9620510206947502,
                0.93573939597671,
                0.8807136041943206,
                0.7778776758544063,
                0.6050936785926528,
            ],
            3.930839434133028,
            0,
        )],
        6 => vec![
            known(
                &[
                    -0.9865749795709937,
                    0.9833982288361817,
                    0.9721066700530919,
                    0.947437436826436,
                    0.8986511848517296,
                    0.8075739520354175,
                ],
                3.973940500930295,
                0,
            ),
            Known {
                source: "Newton's method with 50 digits",
                ..known(
                    &[
                        -0.5554197271790324,
                        0.32249327429744497,
                        0.1152070040989045,
                        0.02350277040503075,
                        0.01044790120466494,
                        0.0001091586395824391,
                    ],
                    5.646383966587951,
                    1,
                )
            },
        ],
        _ => Vec::new(),
    }
}
