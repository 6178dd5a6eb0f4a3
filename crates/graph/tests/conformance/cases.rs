//! The table: primitives with attributes, applied to arguments of given shapes.

mod elementwise;
mod indexed;
mod layout;
mod product;

use thalweg_graph::primitive::Op;
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
    [elementwise::cases(&of), layout::cases(&of), product::cases(&of), indexed::cases(&of)].concat()
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
