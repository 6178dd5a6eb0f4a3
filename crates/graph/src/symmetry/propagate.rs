//! One rule a primitive: how symmetries of its arguments become one of its result.

mod contract;
mod joint;
mod rearrange;

use super::law::{self, Law};
use super::state::{Component, Kind, Part, State, places};
use super::structure::Structure;
use crate::graph::{Graph, Node, Value};
use crate::primitive::{Op, Reducer};

/// A value for the rules: its state, and where it comes from.
pub(super) struct Entry {
    /// What is known of its axes.
    pub state: State,
    /// The value whose axes these are.
    pub value: Value,
}

/// What an operation says of factors, by its arguments' and its result's entries.
pub(super) struct Record {
    /// Laws of signs and of positive factors.
    pub laws: [Law; 2],
    /// The result's entry.
    pub out: usize,
    /// The arguments' entries.
    pub args: Vec<usize>,
    /// What moves together.
    pub components: Vec<Component>,
    /// Parts (argument, part) that no factor may act on.
    pub broken: Vec<(usize, usize)>,
    /// Whether it sums products of its two arguments over the last component's places.
    pub contracts: Option<usize>,
}

/// The structure of a program, and what is needed to read symmetries off it.
pub(super) struct Propagation<'a> {
    pub graph: &'a Graph,
    pub moves: &'a [bool],
    pub structure: Structure,
    pub entries: Vec<Entry>,
    pub records: Vec<Record>,
    /// The entry of each node.
    pub current: Vec<usize>,
    /// For each node, the value of all its elements, if it is known.
    pub splats: Vec<Option<f64>>,
}

/// An argument seen by a product of index variables: its entry, and the variable of each of
/// its axes ([`NONE`] for those that are repeated).
pub(super) struct Operand {
    pub entry: usize,
    pub variables: Vec<usize>,
}

pub(super) const NONE: usize = usize::MAX;

/// Walks a program whose inputs marked `moves` are acted on, and whose others stay.
pub(super) fn propagate<'a>(graph: &'a Graph, moves: &'a [bool]) -> Propagation<'a> {
    let mut p = Propagation {
        graph,
        moves,
        structure: Structure::default(),
        entries: Vec::new(),
        records: Vec::new(),
        current: Vec::new(),
        splats: Vec::new(),
    };
    for (i, node) in graph.nodes().iter().enumerate() {
        let splat = p.splat(node);
        p.splats.push(splat);
        let entry = p.node(Value(i as u32), node);
        p.current.push(entry);
    }
    for &output in graph.outputs() {
        let entry = p.current[output.index()];
        p.fix(entry);
        let parts = p.entries[entry].state.parts.len();
        let broken = (0..parts).map(|part| (0, part)).collect();
        let laws = [Law::Broken, Law::Broken];
        p.records.push(Record {
            laws,
            out: entry,
            args: vec![entry],
            components: vec![],
            broken,
            contracts: None,
        });
    }
    p.structure.pin_repeated();
    p
}

impl Propagation<'_> {
    /// Whether a node is an input that is acted on.
    pub fn is_acted(&self, node: &Node) -> bool {
        matches!(node.op, Op::Input(input) if self.moves[input])
    }

    fn splat(&self, node: &Node) -> Option<f64> {
        match &node.op {
            Op::Constant(literal) => literal.as_scalar(),
            Op::BroadcastInDim(_) | Op::Reshape(_) | Op::Slice(_) | Op::Transpose(_) => {
                self.splats[node.args[0].index()]
            }
            _ => None,
        }
    }

    pub(super) fn enter(&mut self, value: Value, state: State) -> usize {
        self.entries.push(Entry { state, value });
        self.entries.len() - 1
    }

    /// Fixes all that moves in an entry.
    fn fix(&mut self, entry: usize) {
        let parts = self.entries[entry].state.parts.len();
        (0..parts).for_each(|part| self.fix_part(entry, part));
    }

    pub(super) fn fix_part(&mut self, entry: usize, part: usize) {
        if let Kind::Points(points) = &self.entries[entry].state.parts[part].kind {
            self.structure.pin(points);
        }
    }

    pub(super) fn shape(&self, entry: usize) -> &[usize] {
        &self.graph.node(self.entries[entry].value).ty.shape
    }

    fn node(&mut self, value: Value, node: &Node) -> usize {
        let shape = &node.ty.shape;
        let args: Vec<usize> = node.args.iter().map(|a| self.current[a.index()]).collect();
        if node.ty.size() == 0 {
            return self.opaque(value, args);
        }
        if let Some(source) = self.source(node) {
            return self.enter(value, source);
        }
        match &node.op {
            Op::Unary(_)
            | Op::Binary(_)
            | Op::Compare(_)
            | Op::Select(_)
            | Op::Convert(_)
            | Op::Uniform(_) => self.elementwise(value, node, &args),
            Op::BroadcastInDim(op) => {
                let from = self.shape(args[0]).to_vec();
                let variables = from.iter().zip(&op.axes).map(|(&n, &axis)| if n == 1 { NONE } else { axis });
                let operand = Operand { entry: args[0], variables: variables.collect() };
                self.product(value, shape, &[operand], &(0..shape.len()).collect::<Vec<_>>(), alike())
            }
            Op::Transpose(op) => {
                let sizes = self.shape(args[0]).to_vec();
                let operand = Operand { entry: args[0], variables: (0..sizes.len()).collect() };
                self.product(value, &sizes, &[operand], &op.0, alike())
            }
            Op::Reduce(op) => {
                let sizes = self.shape(args[0]).to_vec();
                let kept: Vec<usize> = (0..sizes.len()).filter(|a| !op.axes.contains(a)).collect();
                let signs = if op.reducer == Reducer::Sum { Law::Alike } else { Law::Broken };
                let operand = Operand { entry: args[0], variables: (0..sizes.len()).collect() };
                self.product(value, &sizes, &[operand], &kept, [signs, Law::Alike])
            }
            Op::DotGeneral(op) => self.dot(value, op, &args),
            Op::Convolution(op) => self.convolution(value, op, &args),
            Op::Reshape(_) => self.reshape(value, args[0]),
            Op::Slice(op) => self.slice(value, op, args[0]),
            Op::Pad(op) => self.pad(value, op, &args, self.splats[node.args[1].index()] == Some(0.0)),
            Op::Concatenate(op) => self.concatenate(value, op.axis, &args),
            Op::Gather(op) => self.gather(value, op, &args),
            Op::ReduceWindow(op) => {
                let signs = if op.reducer == Reducer::Sum { Law::Alike } else { Law::Broken };
                let moved: Vec<bool> = op.window.iter().map(|w| !w.is_single()).collect();
                self.along_others(value, args[0], &moved, [signs, Law::Alike])
            }
            Op::CumSum(op) => {
                let moved: Vec<bool> = (0..shape.len()).map(|a| a == op.axis).collect();
                self.along_others(value, args[0], &moved, alike())
            }
            Op::Reverse(op) => {
                let moved: Vec<bool> = (0..shape.len()).map(|a| op.0.contains(&a)).collect();
                self.along_others(value, args[0], &moved, alike())
            }
            // Positions of elements, and sums at computed positions: nothing may move.
            _ => self.opaque(value, args),
        }
    }

    /// Nothing may move, neither in the arguments nor in the result.
    fn opaque(&mut self, value: Value, args: Vec<usize>) -> usize {
        args.iter().for_each(|&arg| self.fix(arg));
        let state = State::uniform(self.graph.node(value).ty.rank(), &Kind::Fixed);
        let out = self.enter(value, state);
        self.record(out, args, vec![], [Law::Broken, Law::Broken]);
        out
    }

    /// What is known of a node without arguments.
    fn source(&mut self, node: &Node) -> Option<State> {
        let shape = &node.ty.shape;
        let state = |kind: &mut dyn FnMut(usize) -> Kind| State {
            parts: (0..shape.len())
                .map(|axis| Part {
                    axes: [axis].into_iter().collect(),
                    kind: if shape[axis] == 1 { Kind::Free } else { kind(axis) },
                })
                .collect(),
        };
        match &node.op {
            Op::Input(input) if self.moves[*input] => {
                Some(state(&mut |axis| Kind::Points(self.structure.fresh(shape[axis]))))
            }
            Op::Input(_) => Some(state(&mut |_| Kind::Fixed)),
            Op::Constant(literal) => Some(state(&mut |axis| {
                let run: usize = shape[axis + 1..].iter().product::<usize>() * node.ty.dtype.size();
                let even = literal.bytes().chunks(run * shape[axis]).all(|rows| {
                    let first = &rows[..run];
                    rows.chunks(run).all(|row| row == first)
                });
                if even { Kind::Free } else { Kind::Fixed }
            })),
            Op::Iota(iota) => {
                Some(state(&mut |axis| if axis == iota.axis { Kind::Fixed } else { Kind::Free }))
            }
            _ => None,
        }
    }

    fn elementwise(&mut self, value: Value, node: &Node, args: &[usize]) -> usize {
        let rank = node.ty.shape.len();
        let operands: Vec<Operand> =
            args.iter().map(|&entry| Operand { entry, variables: (0..rank).collect() }).collect();
        let laws = match &node.op {
            // The condition has no factor, and what is chosen keeps its own.
            Op::Select(_) => [Law::Alike, Law::Alike],
            Op::Convert(_) => {
                let float = node.ty.dtype.is_float() && self.graph.node(node.args[0]).ty.dtype.is_float();
                if float { alike() } else { [Law::Broken, Law::Broken] }
            }
            op => {
                let same = node.args.len() == 2 && node.args[0] == node.args[1];
                let zero = node.args.iter().any(|a| self.splats[a.index()] == Some(0.0));
                law::elementwise(op, same, zero)
            }
        };
        self.product(value, &node.ty.shape, &operands, &(0..rank).collect::<Vec<_>>(), laws)
    }

    pub(super) fn record(
        &mut self,
        out: usize,
        args: Vec<usize>,
        components: Vec<Component>,
        laws: [Law; 2],
    ) {
        self.records.push(Record { laws, out, args, components, broken: vec![], contracts: None });
    }

    /// The rule of operations whose result at indices `out` comes from their arguments at their
    /// own indices, summed or otherwise treated alike over the rest.
    pub(super) fn product(
        &mut self,
        value: Value,
        sizes: &[usize],
        operands: &[Operand],
        out: &[usize],
        laws: [Law; 2],
    ) -> usize {
        let mut state = State::default();
        let mut components = Vec::new();
        for group in self.groups(sizes.len(), operands, out) {
            let kept: Vec<usize> = group.iter().copied().filter(|v| out.contains(v)).collect();
            let (kind, mut component) = self.joined(sizes, &group, operands);
            let axes =
                kept.iter().map(|v| out.iter().position(|o| o == v).expect("a kept variable")).collect();
            let (kind, map) = match kind {
                Kind::Points(base) if kept.len() < group.len() && !kept.is_empty() => {
                    let local: Vec<usize> = group.iter().map(|&v| sizes[v]).collect();
                    let chosen: Vec<usize> = (0..kept.len()).collect();
                    let map = places(&local, &chosen);
                    (self.projected(&base, &map), Some(map))
                }
                kind => (kind, None),
            };
            if !kept.is_empty() {
                if let Some(component) = &mut component {
                    component.out = Some((state.parts.len(), map));
                }
                state.parts.push(Part { axes, kind });
            }
            components.extend(component);
        }
        let out = self.enter(value, state);
        self.record(out, operands.iter().map(|o| o.entry).collect(), components, laws);
        out
    }
}

pub(super) fn alike() -> [Law; 2] {
    [Law::Alike, Law::Alike]
}
