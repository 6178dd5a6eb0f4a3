//! Blocks of tangents go through convolutions without copies of what is large.

use thalweg_graph::primitive::{Convolution, ConvolutionDims, Op, Window};
use thalweg_graph::{Builder, DType, Eval, Graph, Program, Strided, Type};

/// Examples of a batch.
const BATCH: usize = 5;

/// Sizes of the arrays that a compiled program copies to read them in another shape.
pub fn copies(graph: &Graph) -> Vec<usize> {
    let mut views: Vec<Strided> = Vec::new();
    let mut found = Vec::new();
    for node in graph.nodes() {
        let args: Vec<Strided> = node
            .args
            .iter()
            .map(|&a| {
                let at = graph.nodes().iter().position(|n| std::ptr::eq(n, graph.node(a)));
                views[at.expect("a node of the graph")].clone()
            })
            .collect();
        let view = match &node.op {
            Op::Input(_) => None,
            op => match op.rules().eval(&args, &node.ty) {
                Eval::View(view) | Eval::ConstantView(_, view) => Some(view),
                Eval::Copy => {
                    found.push(node.ty.size());
                    None
                }
                _ => None,
            },
        };
        views.push(view.unwrap_or_else(|| Strided::contiguous(&node.ty)));
    }
    found
}

fn images() -> Convolution {
    let window = Window::new().padding(1, 1);
    Convolution {
        dims: ConvolutionDims::channels_first(2),
        window: [window; 2].as_slice().into(),
        feature_groups: 1,
        batch_groups: 1,
    }
}

/// The convolution that is the derivative with respect to the filters of [`images`].
fn filters() -> Convolution {
    Convolution {
        dims: ConvolutionDims {
            lhs_batch: 1,
            lhs_feature: 0,
            rhs_input: 0,
            rhs_output: 1,
            out_batch: 1,
            out_feature: 0,
            ..ConvolutionDims::channels_first(2)
        },
        ..images()
    }
}

#[test]
fn a_batch_may_be_empty() {
    let mut b = Builder::new();
    let x = b.input(Type::new(DType::F64, [2, 4, 6]));
    let w = b.input(Type::new(DType::F64, [8, 4, 3]));
    let y = b.convolution(x, w, &[Window::new().stride(2)], 1);
    let graph = b.finish(&[y]);
    for marks in [[true, false], [false, true], [true, true]] {
        let empty = graph.batch(&marks, 0);
        assert_eq!(empty.output_types(), [Type::new(DType::F64, [0, 2, 8, 2])]);
        Program::compile(&empty);
    }
}

/// What is copied where a convolution is mapped over batch axes of its arguments, and the result's batch axis.
fn mapped(op: &Convolution, shapes: [&[usize]; 2], axes: [Option<usize>; 2]) -> (Vec<usize>, usize) {
    let mut b = Builder::new();
    let args = [0, 1].map(|i| {
        let mut shape = shapes[i].to_vec();
        if let Some(axis) = axes[i] {
            shape.insert(axis, BATCH);
        }
        b.input(Type::new(DType::F32, shape))
    });
    let op = Op::from(op.clone());
    let (value, axis) = op.rules().batch(&mut b, &args, &axes);
    assert_eq!(b.shape(value)[axis], BATCH);
    (copies(&b.finish(&[value])), axis)
}

#[test]
fn batch_axes_are_joined_where_they_stand() {
    let (x, w, y) = (&[2, 4, 6, 7][..], &[8, 4, 3, 3][..], &[2, 8, 6, 7][..]);
    let none = Vec::<usize>::new();
    let (forward, backward) = ([x, w], [x, y]);
    let grouped = Convolution { feature_groups: 2, ..images() };
    let groups = [x, &[8, 2, 3, 3]];
    let examples = Convolution { batch_groups: 2, ..filters() };
    for (op, shapes, axes, axis) in [
        // Tangents of the filters, then of activations, which have the batch beside the examples.
        (images(), forward, [None, Some(0)], 1),
        (images(), forward, [Some(0), None], 0),
        (images(), forward, [Some(1), None], 1),
        (images(), forward, [Some(2), None], 1),
        (images(), forward, [Some(4), None], 1),
        (images(), forward, [None, Some(1)], 2),
        (images(), forward, [Some(0), Some(0)], 1),
        (images(), forward, [Some(1), Some(0)], 1),
        (filters(), backward, [Some(1), None], 1),
        (filters(), backward, [Some(0), None], 0),
        (filters(), backward, [None, Some(1)], 0),
        (filters(), backward, [Some(1), Some(1)], 0),
        (grouped.clone(), groups, [Some(0), None], 0),
        (grouped.clone(), groups, [Some(1), None], 1),
        (grouped.clone(), groups, [None, Some(1)], 2),
        (grouped.clone(), groups, [Some(1), Some(0)], 1),
        (examples.clone(), backward, [Some(1), None], 0),
        (examples.clone(), backward, [None, Some(2)], 1),
        (examples.clone(), backward, [Some(1), Some(1)], 0),
    ] {
        assert_eq!(mapped(&op, shapes, axes), (none.clone(), axis), "{op:?}, batch {axes:?}");
    }
    // With groups the tangents of the filters are copied, the result is not.
    assert_eq!(mapped(&grouped, groups, [None, Some(0)]), (vec![BATCH * 8 * 2 * 9], 2));
}
