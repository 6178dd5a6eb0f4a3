//! Mapping a program over a batch axis.

use crate::graph::{Graph, Value};
use crate::primitive::Op;
use crate::{Builder, Type};

impl Graph {
    /// The program mapped over a new axis of size `size`, which the inputs
    /// marked in `batched` get in front. Every output has it in front.
    pub fn batch(&self, batched: &[bool], size: usize) -> Graph {
        assert_eq!(batched.len(), self.inputs.len(), "one mark an input");
        let mut b = Builder::new();
        let mut values: Vec<(Value, Option<usize>)> = Vec::with_capacity(self.nodes.len());
        let args: Vec<(Value, Option<usize>)> = self
            .input_types()
            .into_iter()
            .zip(batched)
            .map(|(ty, &batched)| match batched {
                true => {
                    let shape = std::iter::once(size).chain(ty.shape.iter().copied());
                    (b.input(Type::new(ty.dtype, shape)), Some(0))
                }
                false => (b.input(ty), None),
            })
            .collect();
        for node in &self.nodes {
            let value = match &node.op {
                Op::Input(i) => args[*i],
                Op::Constant(literal) => (b.literal(literal.clone()), None),
                op => {
                    let of: Vec<Value> = node.args.iter().map(|a| values[a.index()].0).collect();
                    let axes: Vec<Option<usize>> = node.args.iter().map(|a| values[a.index()].1).collect();
                    if axes.iter().any(Option::is_some) {
                        let (value, axis) = op.rules().batch(&mut b, &of, &axes);
                        debug_assert_eq!(b.shape(value)[axis], size, "batching {op:?}");
                        (value, Some(axis))
                    } else {
                        (b.emit(op.clone(), &of), None)
                    }
                }
            };
            values.push(value);
        }
        let outputs: Vec<Value> = self
            .outputs
            .iter()
            .map(|v| {
                let (value, axis) = values[v.index()];
                let rank = b.ty(value).rank();
                match axis {
                    Some(axis) => {
                        let permutation: Vec<usize> =
                            std::iter::once(axis).chain((0..rank).filter(|&a| a != axis)).collect();
                        b.transpose(value, &permutation)
                    }
                    None => {
                        let shape: Vec<usize> =
                            std::iter::once(size).chain(b.shape(value).iter().copied()).collect();
                        b.broadcast(value, &shape)
                    }
                }
            })
            .collect();
        b.finish(&outputs)
    }
}
