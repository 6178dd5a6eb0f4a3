//! The operations of a formula as nodes of a program.

use thalweg_lab::problem::analytic::Term;

use super::{Call, Node, Operator, Tree};

/// Whole exponents up to this size become products.
const PRODUCT: f64 = 64.0;

/// A part of the formula: numbers are combined here, the rest in the program.
#[derive(Clone, Copy)]
enum Part<'s> {
    Number(f64),
    Term(Term<'s>),
}

/// Writes the formula at x (n), where `coordinates` says which coordinate each name is.
pub(super) fn emit<'s>(tree: &Tree, coordinates: &[usize], x: Term<'s>) -> Term<'s> {
    let places: Vec<Term<'s>> = coordinates.iter().map(|&i| x.at(i)).collect();
    let mut parts: Vec<Part<'s>> = Vec::with_capacity(tree.nodes.len());
    for node in &tree.nodes {
        let part = match *node {
            Node::Number(value) => Part::Number(value),
            Node::Name(name) => Part::Term(places[name]),
            Node::Negative(part) => match parts[part] {
                Part::Number(value) => Part::Number(-value),
                Part::Term(term) => Part::Term(-term),
            },
            Node::Binary(operator, left, right) => binary(operator, parts[left], parts[right], x),
            Node::Call(call, part) => match parts[part] {
                Part::Number(value) => Part::Number(number(call, value)),
                Part::Term(term) => Part::Term(function(call, term)),
            },
        };
        parts.push(part);
    }
    match parts[tree.root] {
        Part::Number(value) => x.number(value),
        Part::Term(term) => term,
    }
}

fn binary<'s>(operator: Operator, left: Part<'s>, right: Part<'s>, x: Term<'s>) -> Part<'s> {
    if let (Part::Number(a), Part::Number(b)) = (left, right) {
        return Part::Number(match operator {
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide => a / b,
            Operator::Power => a.powf(b),
            Operator::Minimum => a.min(b),
            Operator::Maximum => a.max(b),
        });
    }
    if let (Operator::Power, Part::Term(base), Part::Number(exponent)) = (operator, left, right) {
        return Part::Term(power(base, exponent));
    }
    let [a, b] = [left, right].map(|part| match part {
        Part::Number(value) => x.number(value),
        Part::Term(term) => term,
    });
    Part::Term(match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        Operator::Power => a.pow(b),
        Operator::Minimum => a.min(b),
        Operator::Maximum => a.max(b),
    })
}

fn power(base: Term<'_>, exponent: f64) -> Term<'_> {
    if exponent.fract() == 0.0 && exponent.abs() <= PRODUCT {
        let product = base.powi(exponent.abs() as u32);
        return if exponent < 0.0 { 1.0 / product } else { product };
    }
    if exponent == 0.5 { base.sqrt() } else { base.pow(base.number(exponent)) }
}

fn function(call: Call, x: Term<'_>) -> Term<'_> {
    match call {
        Call::Sqrt => x.sqrt(),
        Call::Exp => x.exp(),
        Call::Log => x.ln(),
        Call::Log2 => x.ln() / std::f64::consts::LN_2,
        Call::Log10 => x.ln() / std::f64::consts::LN_10,
        Call::Sin => x.sin(),
        Call::Cos => x.cos(),
        Call::Tan => x.sin() / x.cos(),
        Call::Atan => x.atan(),
        Call::Sinh => 0.5 * (x.expm1() - (-x).expm1()),
        Call::Cosh => 0.5 * (x.exp() + (-x).exp()),
        Call::Tanh => x.tanh(),
        Call::Abs => x.abs(),
    }
}

fn number(call: Call, x: f64) -> f64 {
    match call {
        Call::Sqrt => x.sqrt(),
        Call::Exp => x.exp(),
        Call::Log => x.ln(),
        Call::Log2 => x.log2(),
        Call::Log10 => x.log10(),
        Call::Sin => x.sin(),
        Call::Cos => x.cos(),
        Call::Tan => x.tan(),
        Call::Atan => x.atan(),
        Call::Sinh => x.sinh(),
        Call::Cosh => x.cosh(),
        Call::Tanh => x.tanh(),
        Call::Abs => x.abs(),
    }
}
