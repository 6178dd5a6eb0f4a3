//! Sources and elementwise functions.

use thalweg_graph::primitive::{Binary, Compare, Convert, Direction, Iota, Op, Select, Unary};
use thalweg_graph::{DType, Literal, Type};

use super::{Case, Maker};

/// Scalars, unit and empty axes; 1025 and [3, 700] end within a block of 1024.
const SHAPES: [&[usize]; 7] = [&[], &[1], &[7], &[2, 3], &[2, 0], &[1025], &[3, 700]];

pub fn cases(of: &Maker) -> Vec<Case> {
    [sources(of), unary(of), binary(of), choices(of)].concat()
}

fn sources(of: &Maker) -> Vec<Case> {
    let mut cases = Vec::new();
    for shape in [&[4][..], &[2, 3], &[3, 2, 2], &[0], &[2, 0]] {
        for axis in 0..shape.len() {
            for dtype in [of.float, DType::I32] {
                cases.push(Case::new(Iota { ty: Type::new(dtype, shape.iter().copied()), axis }, []));
            }
        }
    }
    let floats = [1.5, -0.0, f64::INFINITY, 0.25, -3.0, 1e-3];
    let literal = match of.float {
        DType::F32 => Literal::new([2, 3], &floats.map(|x| x as f32)),
        _ => Literal::new([2, 3], &floats),
    };
    let bools: Literal = Literal::new([3], &[1u8, 0, 1]);
    for literal in [literal, Literal::new([2], &[i32::MIN, 7]), bools, Literal::new::<f64>([0, 2], &[])] {
        cases.push(Case::new(Op::Constant(literal), []));
    }
    cases
}

fn unary(of: &Maker) -> Vec<Case> {
    let mut cases = Vec::new();
    for f in Unary::ALL {
        for shape in SHAPES {
            let arg = match f {
                Unary::Sqrt | Unary::Rsqrt | Unary::Log | Unary::LogPlusOne => of.positive(shape),
                Unary::Not => of.bools(shape),
                // Real numbers come too near to halves, where it jumps.
                Unary::RoundNearestEven => of.tied(shape),
                _ => of.real(shape),
            };
            cases.push(Case::new(f, [arg]));
        }
        if matches!(f, Unary::Negate | Unary::Abs | Unary::Sign) {
            cases.push(Case::new(f, [of.integers(&[2, 7], -3, 3)]));
            cases.push(Case::new(f, [of.integers(&[1030], i32::MIN, i32::MIN + 2)]));
        }
    }
    cases
}

fn binary(of: &Maker) -> Vec<Case> {
    let mut cases = Vec::new();
    for f in Binary::ALL {
        for shape in SHAPES {
            match f {
                Binary::And | Binary::Or => cases.push(Case::new(f, [of.bools(shape), of.bools(shape)])),
                Binary::Power => cases.push(Case::new(f, [of.positive(shape), of.real(shape)])),
                // No quotient is near an integer, where the remainder jumps.
                Binary::Remainder => cases.push(Case::new(f, [of.real(shape), of.whole(shape)])),
                _ => cases.push(Case::new(f, [of.real(shape), of.real(shape)])),
            }
        }
        if !matches!(f, Binary::Power | Binary::And | Binary::Or) {
            let extreme = of.integers(&[3, 5], i32::MIN, i32::MIN + 3);
            cases.push(Case::new(f, [of.integers(&[2, 4], -5, 5), of.integers(&[2, 4], -5, 5)]));
            cases.push(Case::new(f, [extreme.clone(), of.integers(&[3, 5], -3, 3)]));
            cases.push(Case::new(f, [of.integers(&[1030], -9, 9), of.integers(&[1030], -9, 9)]));
        }
    }
    cases
}

fn choices(of: &Maker) -> Vec<Case> {
    let mut cases = Vec::new();
    for direction in Direction::ALL {
        for shape in SHAPES {
            cases.push(Case::new(Compare(direction), [of.tied(shape), of.tied(shape)]));
        }
        let integers = of.integers(&[3, 4], -2, 2);
        cases.push(Case::new(Compare(direction), [integers.clone(), integers]));
    }
    for shape in SHAPES {
        for dtype in of.dtypes() {
            cases.push(Case::new(Select, [of.bools(shape), of.any(dtype, shape), of.any(dtype, shape)]));
            for to in of.dtypes() {
                cases.push(Case::new(Convert(to), [of.any(dtype, shape)]));
            }
        }
    }
    cases
}
