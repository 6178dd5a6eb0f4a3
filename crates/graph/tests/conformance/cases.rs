//! The table: primitives with attributes, applied to arguments of given shapes.

mod convolution;
mod elementwise;
mod indexed;
mod layout;
mod order;
mod product;
mod window;

use thalweg_graph::primitive::{
    Binary, Concatenate, Convert, DotGeneral, Op, Reduce, Reducer, Select, Transpose, Unary,
};
use thalweg_graph::{DType, Type};

use crate::sample::{Domain, domain};

/// One row: a primitive applied to arguments.
#[derive(Clone, Debug)]
pub struct Case {
    pub op: Op,
    pub args: Vec<(Type, Domain)>,
    /// Small enough for every check; else only values and first derivatives are compared.
    pub small: bool,
}

impl Case {
    fn new(op: impl Into<Op>, args: impl IntoIterator<Item = (Type, Domain)>) -> Self {
        let args: Vec<_> = args.into_iter().collect();
        let small = args.iter().map(|a| a.0.size()).sum::<usize>() <= 64;
        Self { op: op.into(), args, small }
    }
}

/// Every row, with floats of the given type.
pub fn all(float: DType) -> Vec<Case> {
    let of = Maker { float };
    [
        elementwise::cases(&of),
        layout::cases(&of),
        product::cases(&of),
        convolution::cases(&of),
        indexed::cases(&of),
        window::cases(&of),
        order::cases(&of),
    ]
    .concat()
}

/// Rows of more than 2^15 elements or 2^18 multiplications.
pub fn large(float: DType) -> Vec<Case> {
    let of = Maker { float };
    let dot = |lhs: usize, rhs: usize| DotGeneral::contract(lhs, rhs);
    let batched = DotGeneral {
        lhs_batch: [0].as_slice().into(),
        rhs_batch: [1].as_slice().into(),
        lhs_contract: [2].as_slice().into(),
        rhs_contract: [0].as_slice().into(),
    };
    let sum = |axes: &[usize]| Reduce { reducer: Reducer::Sum, axes: axes.into() };
    let mut cases = [window::large(&of), order::large(&of)].concat();
    cases.extend([
        Case::new(Unary::Erf, [of.real(&[3, 11, 1031])]),
        Case::new(Binary::Divide, [of.real(&[37, 2, 1000]), of.positive(&[37, 2, 1000])]),
        Case::new(Select, [of.bools(&[5, 7001]), of.real(&[5, 7001]), of.real(&[5, 7001])]),
        Case::new(Convert(DType::F32), [of.real(&[40_000])]),
        Case::new(sum(&[0]), [of.real(&[300, 130])]),
        Case::new(sum(&[1]), [of.real(&[130, 300])]),
        Case::new(sum(&[0, 2]), [of.real(&[40, 33, 40])]),
        Case::new(Transpose([2, 0, 1].as_slice().into()), [of.real(&[40, 33, 30])]),
        Case::new(Concatenate { axis: 1 }, [of.real(&[200, 90]), of.real(&[200, 110])]),
        Case::new(dot(1, 0), [of.real(&[131, 67]), of.real(&[67, 35])]),
        Case::new(dot(0, 1), [of.real(&[67, 131]), of.real(&[35, 67])]),
        Case::new(batched, [of.real(&[3, 70, 40]), of.real(&[40, 3, 37])]),
        // The free axes of the right argument cannot be joined.
        Case::new(dot(1, 1), [of.real(&[90, 40]), of.real(&[9, 40, 11])]),
    ]);
    cases.extend(convolution::large(&of));
    cases
}

/// Writes arguments shortly.
pub struct Maker {
    pub float: DType,
}

impl Maker {
    fn ty(&self, shape: &[usize]) -> Type {
        Type::new(self.float, shape.iter().copied())
    }

    fn real(&self, shape: &[usize]) -> (Type, Domain) {
        (self.ty(shape), Domain::Real)
    }

    fn positive(&self, shape: &[usize]) -> (Type, Domain) {
        (self.ty(shape), Domain::Positive)
    }

    /// Floats with many ties.
    fn tied(&self, shape: &[usize]) -> (Type, Domain) {
        (self.ty(shape), Domain::Integers(-2, 2))
    }

    /// Floats that are 1 or 2.
    fn whole(&self, shape: &[usize]) -> (Type, Domain) {
        (self.ty(shape), Domain::Integers(1, 2))
    }

    fn any(&self, dtype: DType, shape: &[usize]) -> (Type, Domain) {
        (Type::new(dtype, shape.iter().copied()), domain(dtype))
    }

    fn bools(&self, shape: &[usize]) -> (Type, Domain) {
        self.any(DType::Bool, shape)
    }

    /// i32 from `low` to `high`, both included.
    fn integers(&self, shape: &[usize], low: i32, high: i32) -> (Type, Domain) {
        (Type::new(DType::I32, shape.iter().copied()), Domain::Integers(low, high))
    }

    /// This float type, the other one, and the rest.
    fn dtypes(&self) -> [DType; 4] {
        let other = if self.float == DType::F64 { DType::F32 } else { DType::F64 };
        [self.float, other, DType::I32, DType::Bool]
    }
}
