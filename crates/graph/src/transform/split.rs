//! Cutting a program into what depends on some inputs and what does not.

use super::jvp::inputs;
use crate::Builder;
use crate::graph::{Graph, Value};
use crate::primitive::Op;

/// A program in two parts: the primal, run once, and the tangent, run for each
/// new value of the remaining inputs.
#[derive(Clone, Debug)]
pub struct Split {
    /// From the inputs that were there from the start to the values that are kept.
    pub primal: Graph,
    /// From all inputs of the original program, then the kept values, to its
    /// outputs.
    pub tangent: Graph,
}

impl Graph {
    /// Splits off everything that does not depend on the inputs `late`.
    ///
    /// The primal part has this graph's inputs without `late`; its outputs are
    /// the values that cross the cut. What costs nothing to make again
    /// (constants, views) is made again instead of kept. Where the late values go
    /// through chains of elementwise factors and sums, the factors are multiplied
    /// with each other first: they belong to the primal part.
    pub fn split(&self, late: &[usize]) -> Split {
        self.regrouped(late).cut(late)
    }

    fn cut(&self, late: &[usize]) -> Split {
        let depends = self.depends_on(late);
        let mut known = Builder::new();
        let mut rest = Builder::new();
        let types = self.input_types();
        let rest_args = inputs(&mut rest, &types);
        let known_args: Vec<Option<Value>> = types
            .iter()
            .enumerate()
            .map(|(i, ty)| (!late.contains(&i)).then(|| known.input(ty.clone())))
            .collect();
        let known_values: Vec<Option<Value>> = {
            let mut values: Vec<Option<Value>> = Vec::with_capacity(self.nodes.len());
            for (i, node) in self.nodes.iter().enumerate() {
                let value = match &node.op {
                    Op::Input(input) => known_args[*input],
                    _ if depends[i] => None,
                    op => {
                        let args: Vec<Value> =
                            node.args.iter().map(|a| values[a.index()].expect("known")).collect();
                        Some(match op {
                            Op::Constant(literal) => known.literal(literal.clone()),
                            _ => known.emit(op.clone(), &args),
                        })
                    }
                };
                values.push(value);
            }
            values
        };
        let mut cut =
            Cut { graph: self, depends: &depends, kept: Vec::new(), memo: vec![None; self.nodes.len()] };
        let outputs: Vec<Value> =
            self.outputs.iter().map(|v| cut.remake(&mut rest, &rest_args, v.index())).collect();
        let residuals: Vec<Value> = cut.kept.iter().map(|&i| known_values[i].expect("known")).collect();
        Split { primal: known.finish(&residuals), tangent: rest.finish(&outputs) }
    }
}

struct Cut<'a> {
    graph: &'a Graph,
    depends: &'a [bool],
    /// Nodes whose values are kept, in the order of the tangent part's extra inputs.
    kept: Vec<usize>,
    memo: Vec<Option<Value>>,
}

impl Cut<'_> {
    /// The tangent part's value for a node of the original program. Nodes are
    /// visited in topological order, so that deep programs need no deep stack.
    fn remake(&mut self, b: &mut Builder, args: &[Value], target: usize) -> Value {
        let mut stack = vec![target];
        while let Some(&i) = stack.last() {
            if self.memo[i].is_some() {
                stack.pop();
                continue;
            }
            let node = &self.graph.nodes[i];
            let again = self.depends[i] || node.op.is_free();
            if again && let Some(missing) = node.args.iter().find(|a| self.memo[a.index()].is_none()) {
                stack.push(missing.index());
                continue;
            }
            self.memo[i] = Some(match &node.op {
                Op::Input(input) => args[*input],
                Op::Constant(literal) => b.literal(literal.clone()),
                op if again => {
                    let of: Vec<Value> =
                        node.args.iter().map(|a| self.memo[a.index()].expect("made before")).collect();
                    b.emit(op.clone(), &of)
                }
                _ => {
                    self.kept.push(i);
                    b.input(node.ty.clone())
                }
            });
        }
        self.memo[target].expect("made above")
    }
}
