//! What of a file is refused before it is walked through.

use std::collections::HashSet;

use crate::error::excerpt;
use crate::onnx::array::{Array, Data};
use crate::onnx::error::{Fault, OnnxError};
use crate::onnx::operator;
use crate::onnx::program::Program;

/// Collects all operators that cannot be translated, so that they are named at once.
pub(super) fn operators(file: &str, program: &Program) -> Result<(), OnnxError> {
    let mut operators: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for node in program.nodes() {
        let own = node.domain.is_empty();
        let known = program.functions.contains_key(&node.key())
            || own && (node.operator == "If" || operator::find(&node.operator).is_some());
        if known || !seen.insert(node.key()) {
            continue;
        }
        let reason = match own {
            true => operator::refusal(&node.operator).map(str::to_owned),
            false => Some(format!("the domain {} is not known here", excerpt(&node.domain))),
        };
        operators.push(match reason {
            Some(reason) => format!("{} ({reason})", node.describe()),
            None => node.describe(),
        });
    }
    operators.truncate(20);
    match operators.is_empty() {
        true => Ok(()),
        false => Err(OnnxError::Operators { file: file.to_owned(), operators }),
    }
}

/// Weights and statistics are numbers.
pub(super) fn finite(name: &str, array: &Array) -> Result<(), Fault> {
    let place = |i: usize| {
        Fault::new(format!("initializer {}, element {i}", excerpt(name)), "a finite number", "another")
    };
    let found = match &array.data {
        Data::Single(v) => v.iter().position(|x| !x.is_finite()),
        Data::Float(v) => v.iter().position(|x| !x.is_finite()),
        _ => None,
    };
    found.map_or(Ok(()), |i| Err(place(i)))
}
