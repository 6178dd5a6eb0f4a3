//! The arithmetic of a program and an estimate of its traffic, from its nodes.

use thalweg_graph::primitive::{Convolution, DotGeneral, Op};
use thalweg_graph::{Graph, Type, Value};

/// What one run of a program does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Multiplications and additions of matrix products and convolutions; those with
    /// the zeros of a padding or between dilated elements do not count.
    pub flop: f64,
    /// Results of elementwise operations.
    pub elements: f64,
    /// Bytes read and written, were every elementwise chain one pass: products,
    /// reductions and everything else that is not elementwise read their arguments
    /// and write their result; a chain reads what enters it and writes what
    /// leaves it. Caches and packing are not considered.
    pub bytes: f64,
}

impl Counts {
    /// Adds the counts of so many runs.
    pub fn add(&mut self, other: &Self, times: f64) {
        self.flop += times * other.flop;
        self.elements += times * other.elements;
        self.bytes += times * other.bytes;
    }
}

/// What a node is to memory.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// An input of the program.
    Given,
    /// Known or looked at where it lies.
    Free,
    /// Part of an elementwise chain.
    Pointwise,
    /// Anything else: a pass over memory of its own.
    Pass,
}

/// The counts of a program.
pub fn of(graph: &Graph) -> Counts {
    let mut counts = Counts::default();
    let stored = stored(graph);
    for (i, node) in graph.nodes().iter().enumerate() {
        let types: Vec<&Type> = node.args.iter().map(|&a| &graph.node(a).ty).collect();
        counts.flop += match &node.op {
            Op::DotGeneral(op) => product(op, types[0], &node.ty),
            Op::Convolution(op) => convolution(op, types[0], types[1], &node.ty),
            _ => 0.0,
        };
        match kind(&node.op) {
            Kind::Pass => counts.bytes += node.ty.bytes() as f64 + sources(graph, &node.args, &stored),
            Kind::Pointwise => {
                counts.elements += node.ty.size() as f64;
                if stored[i] {
                    counts.bytes += node.ty.bytes() as f64 + sources(graph, &node.args, &stored);
                }
            }
            Kind::Given | Kind::Free => {}
        }
    }
    counts
}

/// For each node, whether its result stands in memory: it is given, computed by a
/// pass, or computed by a chain and wanted by a pass or outside.
fn stored(graph: &Graph) -> Vec<bool> {
    let nodes = graph.nodes();
    let mut wanted = vec![false; nodes.len()];
    graph.outputs().iter().for_each(|v| wanted[v.index()] = true);
    for (i, node) in nodes.iter().enumerate().rev() {
        let passes_on = kind(&node.op) == Kind::Pass || kind(&node.op) == Kind::Free && wanted[i];
        if passes_on {
            node.args.iter().for_each(|a| wanted[a.index()] = true);
        }
    }
    let is_stored = |(i, wanted): (usize, bool)| match kind(&nodes[i].op) {
        Kind::Given | Kind::Pass => true,
        Kind::Pointwise => wanted,
        Kind::Free => false,
    };
    wanted.into_iter().enumerate().map(is_stored).collect()
}

/// Bytes of the stored values that these are computed from, each counted once. A
/// view of less than the whole reads as much as it shows.
fn sources(graph: &Graph, values: &[Value], stored: &[bool]) -> f64 {
    let mut seen: Vec<(Value, usize)> = Vec::new();
    let mut open: Vec<(Value, usize)> = values.iter().map(|&v| (v, usize::MAX)).collect();
    while let Some((value, shown)) = open.pop() {
        let node = graph.node(value);
        let shown = shown.min(node.ty.bytes());
        if stored[value.index()] {
            match seen.iter_mut().find(|(other, _)| *other == value) {
                Some((_, most)) => *most = shown.max(*most),
                None => seen.push((value, shown)),
            }
        } else {
            let through = if kind(&node.op) == Kind::Free { shown } else { usize::MAX };
            open.extend(node.args.iter().map(|&a| (a, through)));
        }
    }
    seen.into_iter().map(|(_, bytes)| bytes as f64).sum()
}

fn kind(op: &Op) -> Kind {
    match op {
        Op::Input(_) => Kind::Given,
        Op::Constant(_) | Op::Iota(_) => Kind::Free,
        op if is_view(op) => Kind::Free,
        Op::Unary(_) | Op::Binary(_) | Op::Compare(_) | Op::Select(_) | Op::Convert(_) => Kind::Pointwise,
        _ => Kind::Pass,
    }
}

/// Whether a primitive looks at its argument in another way.
pub fn is_view(op: &Op) -> bool {
    matches!(op, Op::BroadcastInDim(_) | Op::Reshape(_) | Op::Transpose(_) | Op::Reverse(_) | Op::Slice(_))
}

fn product(op: &DotGeneral, lhs: &Type, out: &Type) -> f64 {
    let contracted: usize = op.lhs_contract.iter().map(|&axis| lhs.shape[axis]).product();
    2.0 * out.size() as f64 * contracted as f64
}

fn convolution(op: &Convolution, lhs: &Type, rhs: &Type, out: &Type) -> f64 {
    let dims = &op.dims;
    let examples = out.shape[dims.out_batch] as f64;
    let features = (rhs.shape[dims.rhs_input] * rhs.shape[dims.rhs_output]) as f64;
    let meetings = op.window.iter().enumerate().map(|(i, window)| {
        let lengths = [lhs.shape[dims.lhs_spatial[i]], rhs.shape[dims.rhs_spatial[i]]];
        let positions = 0..out.shape[dims.out_spatial[i]];
        let meets = |position: usize, tap: usize| {
            let q = (position * window.stride + tap * window.rhs_dilation) as isize - window.low;
            q >= 0
                && (q as usize).is_multiple_of(window.lhs_dilation)
                && q as usize / window.lhs_dilation < lengths[0]
        };
        let met = positions.map(|position| (0..lengths[1]).filter(|&tap| meets(position, tap)).count());
        met.sum::<usize>() as f64
    });
    2.0 * examples * features * meetings.product::<f64>()
}
