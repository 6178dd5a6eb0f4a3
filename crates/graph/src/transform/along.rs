//! Programs along lines and planes of their inputs.

use smallvec::SmallVec;

use super::jvp::inputs;
use crate::graph::{Graph, Node, Value};
use crate::primitive::Op;
use crate::{Builder, DType, Type};

/// What is known of a value at x + Σⱼ cⱼ dⱼ.
#[derive(Clone)]
enum State {
    /// It does not depend on c.
    Known(Value),
    /// It is base + Σⱼ cⱼ slopeⱼ.
    Affine { base: Value, slopes: SmallVec<[Value; 2]> },
    /// It depends on c in another way.
    Late(Value),
}

impl Graph {
    /// The program at x + Σⱼ cⱼ dⱼ, where x are the float inputs `wrt`.
    ///
    /// Inputs: this graph's, among them x; for each of the `directions` a part for
    /// each input of `wrt`; and c, of type `coordinates[directions]`. Outputs: this
    /// graph's. Values that are affine in x, such as a first layer's, are computed at x
    /// and along each direction, and only then combined: [`split`](Self::split) at c
    /// leaves them to the primal part. Equal up to rounding to moving x first.
    pub fn along(&self, wrt: &[usize], directions: usize, coordinates: DType) -> Graph {
        let mut b = Builder::new();
        let args = inputs(&mut b, &self.input_types());
        let moved: Vec<Type> = wrt.iter().map(|&i| b.ty(args[i]).clone()).collect();
        let directions: Vec<Vec<Value>> = (0..directions).map(|_| inputs(&mut b, &moved)).collect();
        let c = b.input(Type::new(coordinates, [directions.len()]));
        let states = Vec::with_capacity(self.nodes.len());
        let mut line = Line { graph: self, b, c, states, moved: Vec::new() };
        for node in &self.nodes {
            let state = match &node.op {
                Op::Input(input) => match wrt.iter().position(|i| i == input) {
                    Some(at) => State::Affine {
                        base: args[*input],
                        slopes: directions.iter().map(|parts| parts[at]).collect(),
                    },
                    None => State::Known(args[*input]),
                },
                Op::Constant(literal) => State::Known(line.b.literal(literal.clone())),
                _ => line.state(node),
            };
            line.states.push(state);
            line.moved.push(None);
        }
        let outputs: Vec<Value> = self.outputs.iter().map(|&v| line.value(v)).collect();
        line.b.finish(&outputs)
    }
}

struct Line<'g> {
    graph: &'g Graph,
    b: Builder,
    c: Value,
    /// For each node of the original program.
    states: Vec<State>,
    /// The values of affine nodes, where something needs them.
    moved: Vec<Option<Value>>,
}

impl Line<'_> {
    fn state(&mut self, node: &Node) -> State {
        let state = |arg: &Value| &self.states[arg.index()];
        let is_late = node.args.iter().any(|a| matches!(state(a), State::Late(_)));
        let affine: SmallVec<[bool; 4]> =
            node.args.iter().map(|a| matches!(state(a), State::Affine { .. })).collect();
        if !is_late && affine.contains(&true) && keeps_affine(self.graph, node, &affine) {
            return self.affine(node);
        }
        let args: SmallVec<[Value; 4]> = node.args.iter().map(|&a| self.value(a)).collect();
        let value = self.b.emit(node.op.clone(), &args);
        if is_late || affine.contains(&true) { State::Late(value) } else { State::Known(value) }
    }

    /// The state of a node that is affine in its affine arguments.
    fn affine(&mut self, node: &Node) -> State {
        let states: Vec<State> = node.args.iter().map(|a| self.states[a.index()].clone()).collect();
        let args: SmallVec<[Value; 4]> = states
            .iter()
            .map(|state| match state {
                State::Known(value) | State::Late(value) => *value,
                State::Affine { base, .. } => *base,
            })
            .collect();
        let base = self.b.emit(node.op.clone(), &args);
        let slope = |b: &mut Builder, j: usize| {
            let tangents: SmallVec<[Option<Value>; 4]> = states
                .iter()
                .map(|state| match state {
                    State::Affine { slopes, .. } => Some(slopes[j]),
                    _ => None,
                })
                .collect();
            let slope = node.op.rules().jvp(b, &args, base, &tangents);
            slope.unwrap_or_else(|| b.zeros_like(base))
        };
        let directions = self.b.shape(self.c)[0];
        let slopes = (0..directions).map(|j| slope(&mut self.b, j)).collect();
        State::Affine { base, slopes }
    }

    /// The value of a node of the original program at x + Σⱼ cⱼ dⱼ.
    fn value(&mut self, node: Value) -> Value {
        if let Some(value) = self.moved[node.index()] {
            return value;
        }
        let origin = self.graph.node(node);
        let value = match self.states[node.index()].clone() {
            State::Known(value) | State::Late(value) => value,
            // The same numbers elsewhere: combined where there are fewest of them.
            State::Affine { .. }
                if matches!(origin.op, Op::BroadcastInDim(_) | Op::Reshape(_) | Op::Transpose(_)) =>
            {
                let arg = self.value(origin.args[0]);
                self.b.emit(origin.op.clone(), &[arg])
            }
            State::Affine { base, slopes } => {
                let b = &mut self.b;
                let Type { dtype, shape } = b.ty(base).clone();
                slopes.into_iter().enumerate().fold(base, |sum, (j, slope)| {
                    let c = b.slice_axis(self.c, 0, j..j + 1);
                    let c = b.reshape(c, &[]);
                    let c = b.convert(c, dtype);
                    let c = b.broadcast(c, &shape);
                    let term = b.mul(slope, c);
                    b.add(sum, term)
                })
            }
        };
        self.moved[node.index()] = Some(value);
        value
    }
}

/// Whether a node is affine in the arguments marked, taken together: its derivative then
/// does not depend on their values. Where a derivative vanishes identically, as a floor's
/// does, nothing is known of the value.
fn keeps_affine(graph: &Graph, node: &Node, affine: &[bool]) -> bool {
    let mut b = Builder::new();
    let types: Vec<Type> = node.args.iter().map(|a| graph.node(*a).ty.clone()).collect();
    if types.iter().zip(affine).any(|(ty, &affine)| affine && !ty.dtype.is_float()) {
        return false;
    }
    let args = inputs(&mut b, &types);
    let out = b.input(node.ty.clone());
    let tangents: Vec<Option<Value>> =
        types.iter().zip(affine).map(|(ty, &affine)| affine.then(|| b.input(ty.clone()))).collect();
    let Some(slope) = node.op.rules().jvp(&mut b, &args, out, &tangents) else { return false };
    let derivative = b.finish(&[slope]);
    let depends: Vec<usize> = (0..=args.len()).filter(|&i| i == args.len() || affine[i]).collect();
    !derivative.depends_on(&depends)[derivative.outputs()[0].index()]
}
