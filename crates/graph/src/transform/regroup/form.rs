//! Sums of late values with known factors.

use smallvec::SmallVec;

use crate::Builder;
use crate::graph::Value;
use crate::primitive::{Binary, Op, Unary};

/// More broadcast factors than this are multiplied with each other.
const BROADCASTS: usize = 3;

/// Σ ± cᵢ ⊙ sᵢ: factors that are known, times late values.
pub(super) type Form = SmallVec<[Term; 2]>;

/// One term of a form.
#[derive(Clone)]
pub(super) struct Term {
    factor: Factor,
    value: Value,
    /// The sign is not multiplied into the factor, which would then be two arrays.
    negative: bool,
}

/// A known factor: an array, times smaller arrays that are broadcast. These are multiplied
/// late: a product with the array would be another array to be kept.
#[derive(Clone, Default, PartialEq)]
struct Factor {
    /// `None` is 1.
    full: Option<Value>,
    broadcasts: SmallVec<[Value; 2]>,
}

pub(super) fn single(value: Value) -> Form {
    SmallVec::from_iter([Term { factor: Factor::default(), value, negative: false }])
}

/// The value of a form that was computed where it stands.
pub(super) fn known(form: &Form) -> Value {
    debug_assert!(form.len() == 1 && form[0].factor == Factor::default() && !form[0].negative);
    form[0].value
}

/// Whether a form has several terms, and some of them no factor of their size.
pub(super) fn is_cheap(form: &Form) -> bool {
    form.len() > 1 && form.iter().any(|term| term.factor.full.is_none())
}

pub(super) fn scaled(b: &mut Builder, form: &Form, factor: Value) -> Form {
    let (factor, negative) = Factor::of(b, factor);
    let scaled = |term: &Term| Term {
        factor: term.factor.clone().times(b, &factor),
        value: term.value,
        negative: term.negative != negative,
    };
    form.iter().map(scaled).collect()
}

pub(super) fn negated(form: &Form) -> Form {
    form.iter().map(|term| Term { negative: !term.negative, ..term.clone() }).collect()
}

/// The sum of two forms. Factors of the same value are added, since they are known.
pub(super) fn merged(b: &mut Builder, left: &Form, right: &Form) -> Form {
    let mut merged = left.clone();
    for term in right {
        let Some(old) = merged.iter_mut().find(|m| m.value == term.value) else {
            merged.push(term.clone());
            continue;
        };
        let opposite = old.negative != term.negative;
        let common = old.factor.broadcasts == term.factor.broadcasts
            && (old.factor.full.is_some() || term.factor.full.is_some());
        let [x, y] = [&old.factor, &term.factor].map(|factor| match (common, factor.full) {
            (true, Some(full)) => full,
            (true, None) => b.full_like(term.value, 1.0),
            (false, _) => factor.product(b, term.value),
        });
        let sum = if opposite { b.sub(x, y) } else { b.add(x, y) };
        let (factor, negative) = Factor::of(b, sum);
        let rest = if common { std::mem::take(&mut old.factor.broadcasts) } else { SmallVec::new() };
        old.factor = Factor { full: None, broadcasts: rest }.times(b, &factor);
        old.negative ^= negative;
    }
    merged
}

/// Computes a form. Values with the same factor are added before they are multiplied.
pub(super) fn sum(b: &mut Builder, form: &Form) -> Value {
    let groups = grouped(b, form.clone());
    let multiplied = groups.into_iter().map(|mut term| {
        term.value = term.factor.broadcasts.drain(..).fold(term.value, |value, c| b.mul(value, c));
        term
    });
    let multiplied: Form = multiplied.collect();
    let mut terms = grouped(b, multiplied);
    // The sum begins with a positive term, too, if there is one.
    terms.sort_by_key(|term| term.negative);
    let mut total = None;
    for Term { factor, value, negative } in terms {
        let term = factor.full.map_or(value, |c| b.mul(value, c));
        total = Some(match (total, negative) {
            (None, false) => term,
            (None, true) => b.neg(term),
            (Some(sum), false) => b.add(sum, term),
            (Some(sum), true) => b.sub(sum, term),
        });
    }
    total.expect("a form has a term")
}

/// Adds the values of terms with the same factor. A group begins with a positive term, if it has one.
fn grouped(b: &mut Builder, form: Form) -> Form {
    let mut groups = Form::new();
    for term in form {
        match groups.iter_mut().find(|group| group.factor == term.factor) {
            None => groups.push(term),
            Some(group) if group.negative == term.negative => group.value = b.add(group.value, term.value),
            Some(group) if group.negative => {
                *group = Term { value: b.sub(term.value, group.value), ..term };
            }
            Some(group) => group.value = b.sub(group.value, term.value),
        }
    }
    groups
}

impl Factor {
    /// A known value as a factor, and whether it is negated.
    fn of(b: &mut Builder, value: Value) -> (Self, bool) {
        let mut factor = Self::default();
        let (mut rest, mut negative) = (value, false);
        loop {
            if is_broadcast(b, rest) {
                factor.multiply(b, rest);
                return (factor, negative);
            }
            let node = b.node(rest).clone();
            match (&node.op, &node.args[..]) {
                (Op::Unary(Unary::Negate), &[x]) => {
                    negative = !negative;
                    rest = x;
                }
                (Op::Binary(Binary::Multiply), &[x, y]) if is_broadcast(b, x) => {
                    factor.multiply(b, x);
                    rest = y;
                }
                (Op::Binary(Binary::Multiply), &[x, y]) if is_broadcast(b, y) => {
                    factor.multiply(b, y);
                    rest = x;
                }
                _ => {
                    factor.full = Some(rest);
                    return (factor, negative);
                }
            }
        }
    }

    fn times(mut self, b: &mut Builder, other: &Factor) -> Self {
        self.full = match (self.full, other.full) {
            (Some(x), Some(y)) => Some(b.mul(x, y)),
            (x, y) => x.or(y),
        };
        other.broadcasts.iter().for_each(|&c| self.multiply(b, c));
        self
    }

    /// Multiplies with a broadcast array: together with another of the same axes, if there is one.
    fn multiply(&mut self, b: &mut Builder, broadcast: Value) {
        for other in &mut self.broadcasts {
            let product = b.mul(*other, broadcast);
            if is_broadcast(b, product) {
                *other = product;
                return;
            }
        }
        self.broadcasts.push(broadcast);
        self.broadcasts.sort();
        if self.broadcasts.len() > BROADCASTS {
            let product = self.broadcasts.drain(..).reduce(|x, y| b.mul(x, y)).expect("more than none");
            self.full = Some(self.full.map_or(product, |full| b.mul(full, product)));
        }
    }

    /// The factor as one array like `like`.
    fn product(&self, b: &mut Builder, like: Value) -> Value {
        let factors = self.full.iter().chain(&self.broadcasts).copied();
        let product = factors.collect::<SmallVec<[Value; 3]>>().into_iter().reduce(|x, y| b.mul(x, y));
        product.unwrap_or_else(|| b.full_like(like, 1.0))
    }
}

/// Whether an array repeats the elements of a smaller one.
fn is_broadcast(b: &Builder, value: Value) -> bool {
    let node = b.node(value);
    b.splat(value).is_some()
        || (matches!(node.op, Op::BroadcastInDim(_)) && 2 * b.ty(node.args[0]).size() <= node.ty.size())
}
