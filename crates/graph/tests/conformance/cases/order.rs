//! Running sums, orders and random numbers.

use thalweg_graph::primitive::{ArgSort, CumSum, Uniform};

use super::{Case, Maker};

pub fn cases(of: &Maker) -> Vec<Case> {
    let mut cases = Vec::new();
    // More lines than are summed side by side, and more than one group of them.
    let shapes: [&[usize]; 9] =
        [&[4], &[1], &[0], &[2, 3], &[3, 1, 2], &[2, 3, 4], &[2, 0], &[5, 70], &[2, 6, 67]];
    for shape in shapes {
        for axis in 0..shape.len() {
            for (reverse, exclusive) in [(false, false), (true, false), (false, true), (true, true)] {
                let op = CumSum { axis, reverse, exclusive };
                cases.push(Case::new(op, [of.real(shape)]));
                cases.push(Case::new(op, [of.integers(shape, i32::MAX - 3, i32::MAX)]));
            }
            for descending in [false, true] {
                cases.push(Case::new(ArgSort { axis, descending }, [of.real(shape)]));
                cases.push(Case::new(ArgSort { axis, descending }, [of.tied(shape)]));
            }
        }
    }
    for seed in [0, 7, u64::MAX - 1] {
        for shape in [&[][..], &[6], &[2, 3], &[0], &[1025]] {
            let op = Uniform { seed, dtype: of.float };
            cases.push(Case::new(op, [of.integers(shape, i32::MIN, i32::MIN + 9)]));
            cases.push(Case::new(op, [of.integers(shape, -2, 1_000_000)]));
        }
    }
    cases
}

pub fn large(of: &Maker) -> Vec<Case> {
    let sum = CumSum { axis: 1, reverse: false, exclusive: false };
    vec![
        Case::new(sum, [of.real(&[30, 40, 33])]),
        Case::new(ArgSort { axis: 0, descending: true }, [of.tied(&[300, 130])]),
        Case::new(Uniform { seed: 5, dtype: of.float }, [of.integers(&[40_000], 0, 1 << 20)]),
    ]
}
