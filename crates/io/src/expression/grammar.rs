//! What a formula may look like.

use winnow::ascii::{digit0, digit1, multispace0};
use winnow::combinator::{Infix, Prefix, alt, dispatch, expression, fail, opt, preceded, repeat};
use winnow::error::{ErrMode, ModalResult};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location, Stateful};
use winnow::token::{any, one_of, take_while};

use super::{Call, Fault, Node, Operator, Tree};

/// Formulas longer than this are refused.
const LONGEST: usize = 1 << 16;
/// Parentheses within each other.
const DEEPEST: usize = 64;

type Input<'i> = Stateful<LocatingSlice<&'i str>, Writer>;

/// What is read so far, and the error that is furthest on.
#[derive(Debug, Default)]
struct Writer {
    tree: Tree,
    depth: usize,
    fault: Option<(usize, String)>,
}

/// The functions of one argument.
const CALLS: [(&str, Call); 14] = [
    ("sqrt", Call::Sqrt),
    ("exp", Call::Exp),
    ("log", Call::Log),
    ("ln", Call::Log),
    ("log2", Call::Log2),
    ("log10", Call::Log10),
    ("sin", Call::Sin),
    ("cos", Call::Cos),
    ("tan", Call::Tan),
    ("atan", Call::Atan),
    ("sinh", Call::Sinh),
    ("cosh", Call::Cosh),
    ("tanh", Call::Tanh),
    ("abs", Call::Abs),
];
/// The functions of two.
const PAIRS: [(&str, Operator); 3] =
    [("pow", Operator::Power), ("min", Operator::Minimum), ("max", Operator::Maximum)];

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Tree, Fault> {
    if text.len() > LONGEST {
        let expected = format!("at most {LONGEST} bytes");
        return Err(Fault { at: LONGEST, expected, found: format!("{}", text.len()) });
    }
    let mut input = Stateful { input: LocatingSlice::new(text), state: Writer::default() };
    let read = sum(&mut input);
    let at = input.input.current_token_start();
    match read {
        Ok(root) if at == text.len() => {
            input.state.tree.root = root;
            Ok(input.state.tree)
        }
        read => {
            let end = (at, "an operator or the end".to_owned());
            let furthest = input.state.fault.filter(|fault| read.is_err() || fault.0 > at);
            let (at, expected) = furthest.unwrap_or(end);
            Err(Fault { at, expected, found: found(text, at) })
        }
    }
}

/// What stands at a byte of the text, in words.
fn found(text: &str, at: usize) -> String {
    match text.get(at..).and_then(|rest| rest.chars().next()) {
        None => "the end".into(),
        Some(first) if first.is_alphanumeric() => {
            let word = text[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '.');
            format!("{:?}", word.take(20).collect::<String>())
        }
        Some(other) => format!("{other:?}"),
    }
}

/// Terms and factors, by the power with which operators bind.
fn sum(input: &mut Input<'_>) -> ModalResult<usize> {
    let start = input.input.current_token_start();
    if input.state.depth == DEEPEST {
        return failed(input, start, &format!("at most {DEEPEST} parentheses within each other"));
    }
    input.state.depth += 1;
    let root = expression(tower)
        .prefix(signs.map(|negative| match negative {
            true => Prefix(20, |input: &mut Input<'_>, x| Ok(push(input, Node::Negative(x)))),
            false => Prefix(20, |_: &mut Input<'_>, x| Ok(x)),
        }))
        .infix(dispatch! {any;
            '+' => infix!(Left 5, Operator::Add),
            '-' => infix!(Left 5, Operator::Subtract),
            '*' => infix!(Left 10, Operator::Multiply),
            '/' => infix!(Left 10, Operator::Divide),
            _ => fail,
        })
        .parse_next(input)?;
    input.state.depth -= 1;
    Ok(root)
}

macro_rules! infix {
    (Left $power:literal, $operator:expr) => {
        winnow::combinator::empty.value(Infix::Left($power, |input: &mut Input<'_>, x, y| {
            Ok(push(input, Node::Binary($operator, x, y)))
        }))
    };
}
use infix;

/// One or more signs: whether they make a negative one.
fn signs(input: &mut Input<'_>) -> ModalResult<bool> {
    let sign = preceded(multispace0, one_of(['+', '-']));
    let all: Vec<char> = repeat(1.., sign).parse_next(input)?;
    Ok(all.iter().filter(|sign| **sign == '-').count() % 2 == 1)
}

/// x, x^y, x^y^z …, from the right; spaces around it.
fn tower(input: &mut Input<'_>) -> ModalResult<usize> {
    let mut floors = vec![(false, operand(input)?)];
    while opt(alt(("^", "**"))).parse_next(input)?.is_some() {
        let negative = opt(signs).parse_next(input)?.unwrap_or(false);
        floors.push((negative, operand(input)?));
    }
    let mut power: Option<usize> = None;
    for (negative, base) in floors.into_iter().rev() {
        let mut value = match power {
            Some(exponent) => push(input, Node::Binary(Operator::Power, base, exponent)),
            None => base,
        };
        if negative {
            value = push(input, Node::Negative(value));
        }
        power = Some(value);
    }
    Ok(power.expect("a tower has a ground floor"))
}

/// A number, a variable, a call or parentheses, with spaces around it.
fn operand(input: &mut Input<'_>) -> ModalResult<usize> {
    multispace0.parse_next(input)?;
    let start = input.input.current_token_start();
    let value = match opt(one_of('(')).parse_next(input)? {
        Some(_) => {
            let inner = sum(input)?;
            expect(input, ')', "an operator or )")?;
            inner
        }
        None => match opt(number).parse_next(input)? {
            Some(number) => push(input, Node::Number(number)),
            None => match opt(name).parse_next(input)? {
                Some(name) => named(input, name, start)?,
                // A sign may come first: the expression asks for it next.
                None => {
                    note(input, start, "a number, a variable, a function or (");
                    return fail.parse_next(input);
                }
            },
        },
    };
    multispace0.parse_next(input)?;
    Ok(value)
}

/// `2`, `2.5`, `.5`, `1e-3`.
fn number(input: &mut Input<'_>) -> ModalResult<f64> {
    let mantissa = alt(((digit1, opt(('.', digit0))).void(), ('.', digit1).void()));
    let power = (one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1);
    (mantissa, opt(power)).take().parse_to().verify(|value: &f64| value.is_finite()).parse_next(input)
}

/// A letter, then letters, digits and underscores.
fn name<'i>(input: &mut Input<'i>) -> ModalResult<&'i str> {
    let first = one_of(|c: char| c.is_ascii_alphabetic());
    (first, take_while(0.., |c: char| c.is_ascii_alphanumeric() || c == '_')).take().parse_next(input)
}

/// What a name at a byte stands for.
fn named(input: &mut Input<'_>, name: &str, start: usize) -> ModalResult<usize> {
    if let Some((_, call)) = CALLS.iter().find(|(known, _)| *known == name) {
        expect(input, '(', "( after the function")?;
        let argument = sum(input)?;
        expect(input, ')', "an operator or )")?;
        return Ok(push(input, Node::Call(*call, argument)));
    }
    if let Some((_, operator)) = PAIRS.iter().find(|(known, _)| *known == name) {
        expect(input, '(', "( after the function")?;
        let first = sum(input)?;
        expect(input, ',', "an operator or , and a second argument")?;
        let second = sum(input)?;
        expect(input, ')', "an operator or )")?;
        return Ok(push(input, Node::Binary(*operator, first, second)));
    }
    let constant = match name {
        "pi" => Some(std::f64::consts::PI),
        "e" => Some(std::f64::consts::E),
        _ => None,
    };
    if let Some(value) = constant {
        return Ok(push(input, Node::Number(value)));
    }
    if !matches!(name, "x" | "y" | "z") && !is_numbered(name) {
        let functions = CALLS.iter().map(|c| c.0).chain(PAIRS.iter().map(|p| p.0));
        let known = functions.collect::<Vec<_>>().join(", ");
        return failed(input, start, &format!("x, y, z, x1, x2, …, pi, e or a function ({known})"));
    }
    let names = &mut input.state.tree.names;
    let at = names.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
        names.push((name.to_owned(), start));
        names.len() - 1
    });
    Ok(push(input, Node::Name(at)))
}

/// x and a number from 1 without zeros in front.
fn is_numbered(name: &str) -> bool {
    name.strip_prefix('x').is_some_and(|n| n.len() <= 5 && !n.starts_with('0') && n.parse::<u32>().is_ok())
}

fn expect(input: &mut Input<'_>, character: char, expected: &str) -> ModalResult<()> {
    multispace0.parse_next(input)?;
    let at = input.input.current_token_start();
    match opt(one_of(character)).parse_next(input)? {
        Some(_) => Ok(()),
        None => failed(input, at, expected),
    }
}

/// Keeps the error if none is further on.
fn note(input: &mut Input<'_>, at: usize, expected: &str) {
    if input.state.fault.as_ref().is_none_or(|known| known.0 <= at) {
        input.state.fault = Some((at, expected.to_owned()));
    }
}

/// An error that nothing else can mend.
fn failed<O>(input: &mut Input<'_>, at: usize, expected: &str) -> ModalResult<O> {
    note(input, at, expected);
    Err(ErrMode::Cut(Default::default()))
}

fn push(input: &mut Input<'_>, node: Node) -> usize {
    input.state.tree.nodes.push(node);
    input.state.tree.nodes.len() - 1
}
