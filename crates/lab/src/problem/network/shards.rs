//! How many examples go through a program together.

use thalweg_graph::primitive::Op;
use thalweg_graph::{Builder, DType, Type, Value};

use super::Model;
use super::model::{Call, InputKind, Statistics};

/// Examples in a shard of a model with small activations: enough to feed the matrix
/// products, few enough that a shard's values stay in the second-level cache.
const SHARD: usize = 128;
/// The same where some layer is wider than [`WIDE`]: there, more examples for
/// each pass over the weights count more than the cache.
const WIDE_SHARD: usize = 256;
const WIDE: usize = 256;
/// Activations of a shard, in numbers.
const ACTIVATIONS: usize = 1 << 24;

/// Activations of the points or tangents that go through a program together, and how
/// many there are at most.
const TOGETHER: usize = 1 << 18;
const MOST: usize = 8;

/// How many points of parameter space, or tangents at one, go through a program
/// together: several, where one has too little work for the executor.
pub(super) fn together(model: &dyn Model) -> usize {
    let (total, _) = activations(model);
    (TOGETHER / (total * size(model)).max(1)).clamp(1, MOST)
}

/// A matter of the model alone, so that results do not depend on the machine.
pub(super) fn size(model: &dyn Model) -> usize {
    let (total, widest) = activations(model);
    let most = if widest > WIDE { WIDE_SHARD } else { SHARD };
    let fitting = (ACTIVATIONS / total.max(1)).max(1);
    most.min(1 << fitting.ilog2())
}

/// Numbers that the outputs of one example go through, and the largest array among them.
fn activations(model: &dyn Model) -> (usize, usize) {
    let mut b = Builder::new();
    let float = |shape: &[usize]| Type::new(DType::F32, shape.iter().copied());
    let parameters: Vec<Value> =
        model.layout().blocks().iter().map(|block| b.input(float(&block.shape))).collect();
    let buffers: Vec<Value> =
        model.buffers().iter().map(|buffer| b.input(buffer.value.ty().with_dtype(DType::F32))).collect();
    let input = model.input();
    let kind = match input.kind {
        InputKind::Numbers => DType::F32,
        InputKind::Tokens { .. } => DType::I32,
    };
    let x = b.input(Type::new(kind, [&[1][..], &input.shape].concat()));
    let index = b.input(Type::new(DType::I32, [1]));
    let call = Call { parameters: &parameters, buffers: &buffers, x, index, statistics: Statistics::Fixed };
    let z = model.outputs(&mut b, &call).z;
    let args = [parameters, buffers, vec![x, index]].concat();
    let graph = b.finish_with(&args, &[z]);
    // What depends on the example, and is computed rather than looked at in another way.
    let mut depends = vec![false; graph.nodes().len()];
    let (mut total, mut widest) = (0, 0);
    for (i, node) in graph.nodes().iter().enumerate() {
        depends[i] = match node.op {
            Op::Input(input) => input + 2 >= args.len(),
            _ => node.args.iter().any(|a| depends[a.index()]),
        };
        let computed = !matches!(
            node.op,
            Op::Input(_)
                | Op::BroadcastInDim(_)
                | Op::Reshape(_)
                | Op::Transpose(_)
                | Op::Reverse(_)
                | Op::Slice(_)
        );
        if depends[i] && computed {
            total += node.ty.size();
            widest = widest.max(node.ty.size());
        }
    }
    (total, widest)
}
