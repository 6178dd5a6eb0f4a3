//! What is checked: one primitive, its operands possibly read through views.

use thalweg_graph::primitive::{BroadcastInDim, Op, Reverse, Slice, Transpose};
use thalweg_graph::{Builder, Graph, Type};

use crate::array::Array;
use crate::cases::Case;
use crate::reference::reference;
use crate::sample::{Domain, Random};

/// How the operands lie in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum View {
    /// In row-major order.
    Plain,
    /// With their axes in the opposite order.
    Transposed,
    /// Backwards along every axis.
    Reversed,
    /// As every second element of something larger, not from its start.
    Strided,
    /// The first axis repeats one row.
    Repeated,
}

impl View {
    pub const ALL: [View; 5] = [View::Plain, View::Transposed, View::Reversed, View::Strided, View::Repeated];

    /// The shape to begin with and the primitive that makes a view of shape `shape` of it.
    fn of(self, shape: &[usize]) -> Option<(Vec<usize>, Op)> {
        let rank = shape.len();
        match self {
            View::Transposed if rank > 1 => {
                let permutation = (0..rank).rev().collect();
                Some((shape.iter().rev().copied().collect(), Transpose(permutation).into()))
            }
            View::Reversed if rank > 0 => Some((shape.to_vec(), Reverse((0..rank).collect()).into())),
            View::Strided if rank > 0 => {
                let base: Vec<usize> = shape.iter().map(|n| 2 * n + 1).collect();
                let (start, stride) = (vec![1; rank], vec![2; rank]);
                let op = Slice { start: start.into(), limit: base.clone().into(), stride: stride.into() };
                Some((base, op.into()))
            }
            View::Repeated if rank > 0 => {
                let mut base = shape.to_vec();
                base[0] = 1;
                Some((base, BroadcastInDim { shape: shape.into(), axes: (0..rank).collect() }.into()))
            }
            _ => None,
        }
    }
}

/// A program of one primitive, with what its inputs are drawn from.
pub struct Subject {
    pub name: String,
    pub case: Case,
    pub graph: Graph,
    pub inputs: Vec<(Type, Domain)>,
    views: Vec<Option<Op>>,
}

impl Subject {
    /// `None` if the view changes no operand.
    pub fn new(case: &Case, view: View) -> Option<Self> {
        let mut b = Builder::new();
        let (mut inputs, mut views, mut args) = (Vec::new(), Vec::new(), Vec::new());
        for (ty, domain) in &case.args {
            let (base, op) = view.of(&ty.shape).unzip();
            let base = base.map_or(ty.clone(), |shape| ty.with_shape(shape));
            let input = b.input(base.clone());
            args.push(op.clone().map_or(input, |op| b.emit(op, &[input])));
            inputs.push((base, *domain));
            views.push(op);
        }
        if view != View::Plain && views.iter().all(Option::is_none) {
            return None;
        }
        let out = b.emit(case.op.clone(), &args);
        let types: Vec<&Type> = case.args.iter().map(|a| &a.0).collect();
        let name = format!("{:?} of {types:?}, {view:?}", case.op);
        Some(Self { name, case: case.clone(), graph: b.finish(&[out]), inputs, views })
    }

    /// The operands, views applied.
    pub fn operands(&self, inputs: &[Array]) -> Vec<Array> {
        let apply = |(x, view): (&Array, &Option<Op>)| match view {
            Some(op) => reference(op, &[x]),
            None => x.clone(),
        };
        inputs.iter().zip(&self.views).map(apply).collect()
    }

    /// The result by the reference.
    pub fn expected(&self, inputs: &[Array]) -> Array {
        let operands = self.operands(inputs);
        reference(&self.case.op, &operands.iter().collect::<Vec<_>>())
    }

    pub fn sample(&self, random: &mut Random) -> Vec<Array> {
        random.arguments(&self.inputs)
    }

    /// The inputs that can carry a derivative, if the result can.
    pub fn floats(&self) -> Vec<usize> {
        if !self.graph.output_types()[0].dtype.is_float() {
            return Vec::new();
        }
        (0..self.inputs.len()).filter(|&i| self.inputs[i].0.dtype.is_float()).collect()
    }
}
