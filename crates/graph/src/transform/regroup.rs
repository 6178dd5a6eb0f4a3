//! Factors that do not depend on some inputs, multiplied with each other first.

use smallvec::SmallVec;

use super::jvp::inputs;
use crate::Builder;
use crate::graph::{Graph, Node, Value};
use crate::primitive::{Binary, Op, Unary};

/// Longer sums are computed before they are used further.
const TERMS: usize = 6;

/// Σ ± cᵢ ⊙ sᵢ: factors that are known, times late values.
type Form = SmallVec<[Term; 2]>;

/// One term of a form. The sign is not multiplied into the factor, which would then be two arrays.
#[derive(Clone, Copy)]
struct Term {
    /// `None` is 1.
    factor: Option<Value>,
    value: Value,
    negative: bool,
}

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
            if anchored[i] || form.len() > TERMS {
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

fn single(value: Value) -> Form {
    SmallVec::from_iter([Term { factor: None, value, negative: false }])
}

/// The value of a form that was computed where it stands.
fn known(form: &Form) -> Value {
    debug_assert!(form.len() == 1 && form[0].factor.is_none() && !form[0].negative);
    form[0].value
}

fn scaled(b: &mut Builder, form: &Form, factor: Value) -> Form {
    let scaled = |term: &Term| {
        let factor = term.factor.map_or(factor, |c| b.mul(c, factor));
        Term { factor: Some(factor), ..*term }
    };
    form.iter().map(scaled).collect()
}

fn negated(form: &Form) -> Form {
    form.iter().map(|&term| Term { negative: !term.negative, ..term }).collect()
}

/// The sum of two forms. Factors of the same value are added, since they are known.
fn merged(b: &mut Builder, left: &Form, right: &Form) -> Form {
    let mut merged = left.clone();
    for &term in right {
        let Some(at) = merged.iter().position(|m| m.value == term.value) else {
            merged.push(term);
            continue;
        };
        let [old, new] = [merged[at].factor, term.factor].map(|c| match c {
            Some(c) => c,
            None => b.full_like(term.value, 1.0),
        });
        let factor = if merged[at].negative == term.negative { b.add(old, new) } else { b.sub(old, new) };
        merged[at].factor = Some(factor);
    }
    merged
}

/// Computes a form. Values with the same factor are added before they are multiplied.
fn sum(b: &mut Builder, form: &Form) -> Value {
    let mut groups = Form::new();
    for &term in form {
        match groups.iter_mut().find(|group| group.factor == term.factor) {
            Some(group) if group.negative == term.negative => group.value = b.add(group.value, term.value),
            // A group begins with a positive term, if it has one.
            Some(group) if group.negative => {
                *group = Term { value: b.sub(term.value, group.value), ..term };
            }
            Some(group) => group.value = b.sub(group.value, term.value),
            None => groups.push(term),
        }
    }
    // A sum, too.
    groups.sort_by_key(|group| group.negative);
    let mut total = None;
    for Term { factor, value, negative } in groups {
        let term = factor.map_or(value, |c| b.mul(value, c));
        total = Some(match (total, negative) {
            (None, false) => term,
            (None, true) => b.neg(term),
            (Some(sum), false) => b.add(sum, term),
            (Some(sum), true) => b.sub(sum, term),
        });
    }
    total.expect("a form has a term")
}
