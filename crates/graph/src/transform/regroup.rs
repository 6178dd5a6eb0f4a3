//! Factors that do not depend on some inputs, multiplied with each other first.

mod form;

use smallvec::SmallVec;

use form::{Form, is_cheap, known, merged, negated, scaled, single, sum};

use super::jvp::inputs;
use crate::Builder;
use crate::graph::{Graph, Node, Value};
use crate::primitive::{Binary, Op, Unary};

/// Longer sums are computed before they are used further.
const TERMS: usize = 6;

impl Graph {
    /// The same program, with every elementwise expression that is linear in
    /// values depending on the inputs `late` written as Σ cᵢ ⊙ sᵢ, where the
    /// factors cᵢ do not depend on them: c₁ ⊙ (c₂ ⊙ s) becomes (c₁ ⊙ c₂) ⊙ s.
    /// Equal up to rounding.
    pub(super) fn regrouped(&self, late: &[usize]) -> Graph {
        let depends = self.depends_on(late);
        // What something else than such an expression reads is computed where it stands.
        let mut anchored = vec![false; self.nodes.len()];
        self.outputs.iter().for_each(|v| anchored[v.index()] = true);
        for (i, node) in self.nodes.iter().enumerate() {
            if !(depends[i] && is_linear(node, &depends)) {
                node.args.iter().for_each(|a| anchored[a.index()] = true);
            }
        }
        let mut uses = vec![0usize; self.nodes.len()];
        self.nodes.iter().flat_map(|node| &node.args).for_each(|a| uses[a.index()] += 1);
        let mut b = Builder::new();
        let args = inputs(&mut b, &self.input_types());
        let mut forms: Vec<Form> = Vec::with_capacity(self.nodes.len());
        for (i, node) in self.nodes.iter().enumerate() {
            let of = |k: usize| &forms[node.args[k].index()];
            let mut form: Form = match &node.op {
                Op::Input(input) => single(args[*input]),
                Op::Constant(literal) => single(b.literal(literal.clone())),
                Op::Unary(Unary::Negate) if depends[i] => negated(of(0)),
                Op::Binary(op) if depends[i] && is_linear(node, &depends) => match op {
                    Binary::Add => merged(&mut b, of(0), of(1)),
                    Binary::Subtract => merged(&mut b, of(0), &negated(of(1))),
                    Binary::Divide => {
                        let inverse = known(of(1));
                        let inverse = b.reciprocal(inverse);
                        scaled(&mut b, of(0), inverse)
                    }
                    _ => {
                        let (late, factor) = if depends[node.args[0].index()] { (0, 1) } else { (1, 0) };
                        let factor = known(of(factor));
                        scaled(&mut b, of(late), factor)
                    }
                },
                op => {
                    let args: SmallVec<[Value; 3]> = (0..node.args.len()).map(|k| known(of(k))).collect();
                    single(b.emit(op.clone(), &args))
                }
            };
            // A sum that is used more than once and takes few factors is computed once; else every use
            // would multiply all its terms by factors of its own.
            let shared = uses[i] > 1 && is_cheap(&form);
            if anchored[i] || form.len() > TERMS || shared {
                form = single(sum(&mut b, &form));
            }
            forms.push(form);
        }
        let outputs: Vec<Value> = self.outputs.iter().map(|v| known(&forms[v.index()])).collect();
        b.finish(&outputs)
    }
}

/// Whether a late node is an elementwise expression that is linear in its late arguments.
fn is_linear(node: &Node, depends: &[bool]) -> bool {
    let late = |k: usize| depends[node.args[k].index()];
    match node.op {
        Op::Unary(Unary::Negate) => true,
        Op::Binary(Binary::Add | Binary::Subtract) => late(0) && late(1),
        Op::Binary(Binary::Multiply) => late(0) != late(1),
        Op::Binary(Binary::Divide) => !late(1) && node.ty.dtype.is_float(),
        _ => false,
    }
}
