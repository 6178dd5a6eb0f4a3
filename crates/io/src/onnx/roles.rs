//! Which arrays of a file are weights, which are statistics, and which are constants.

use std::collections::{HashMap, HashSet};

use super::array::Kind;
use super::limits::{DEPTH, NODES};
use super::operator::{self, Use};
use super::program::{Block, Program, Setting};

/// What an array of the file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It may be trained.
    Weight,
    /// It is a mean or variance of activations, by which batch normalization divides.
    Statistic,
    /// It belongs to the model's structure: a scalar, an integer, a size.
    Constant,
}

/// Names by which PyTorch calls the statistics of its normalization layers.
const STATISTICS: [&str; 2] = ["running_mean", "running_var"];

/// Operators whose result has the elements of their first input.
const VIEWS: [&str; 9] =
    ["Identity", "Cast", "CastLike", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Flatten"];

/// Operators whose result a bias may be added to.
const PRODUCTS: [&str; 5] = ["MatMul", "Gemm", "Conv", "ConvTranspose", "Einsum"];

/// The role of each initializer of a program, and how many nodes read it.
///
/// An array is a weight if its elements are floats, it has an axis, no node takes it
/// as a statistic or as what must be known in advance, and it has more than one
/// element or is the scale, shift, weight or bias of a normalization or product.
pub(super) fn roles(program: &Program) -> Vec<(Role, usize)> {
    let mut names = HashMap::new();
    for (i, (name, _)) in program.initializers.iter().enumerate() {
        names.insert(name.as_str(), Alias::Array(i));
    }
    let mut uses = Uses { program, nodes: NODES, of: vec![Vec::new(); program.initializers.len()] };
    uses.block(&program.graph, &mut vec![names], DEPTH);
    let of = uses.of.into_iter().zip(&program.initializers);
    of.map(|(uses, (name, array))| {
        let count = uses.len();
        let last = name.rsplit('.').next().unwrap_or_default();
        let role = if array.kind() != Kind::Float || array.shape.is_empty() || array.len() == 0 {
            Role::Constant
        } else if uses.contains(&Use::Statistic) || STATISTICS.contains(&last) {
            Role::Statistic
        } else if uses.contains(&Use::Known) || (array.len() == 1 && !uses.contains(&Use::Weight)) {
            Role::Constant
        } else {
            Role::Weight
        };
        (role, count)
    })
    .collect()
}

/// What a name stands for, as far as it matters here.
#[derive(Clone, Copy, PartialEq)]
enum Alias {
    Array(usize),
    Product,
    Other,
}

struct Uses<'p> {
    program: &'p Program,
    nodes: usize,
    of: Vec<Vec<Use>>,
}

impl<'p> Uses<'p> {
    /// Notes what the nodes of a block do with arrays; returns what its outputs stand for.
    fn block(
        &mut self,
        block: &'p Block,
        scopes: &mut Vec<HashMap<&'p str, Alias>>,
        depth: usize,
    ) -> Vec<Alias> {
        for node in &block.nodes {
            if self.nodes == 0 || depth == 0 {
                return Vec::new();
            }
            self.nodes -= 1;
            let inputs: Vec<Alias> = node.inputs.iter().map(|name| get(scopes, name)).collect();
            let outputs = match self.program.functions.get(&node.key()) {
                Some(function) => {
                    let own = function.inputs.iter().map(String::as_str).zip(inputs).collect();
                    self.block(&function.body, &mut vec![own], depth - 1)
                }
                None => {
                    for attribute in &node.attributes {
                        if let Setting::Block(inner) = &attribute.value {
                            scopes.push(HashMap::new());
                            self.block(inner, scopes, depth - 1);
                            scopes.pop();
                        }
                    }
                    self.operator(&node.operator, &inputs)
                }
            };
            for (i, name) in node.outputs.iter().enumerate() {
                let alias = outputs.get(i).copied().unwrap_or(Alias::Other);
                scopes.last_mut().expect("a scope is open").insert(name, alias);
            }
        }
        block.outputs.iter().map(|name| get(scopes, name)).collect()
    }

    fn operator(&mut self, name: &str, inputs: &[Alias]) -> Vec<Alias> {
        if VIEWS.contains(&name)
            && let Some(Alias::Array(_)) = inputs.first()
        {
            return vec![inputs[0]];
        }
        let marks = operator::find(name).map_or(&[][..], |operator| operator.uses);
        let biased = name == "Add" && inputs.contains(&Alias::Product);
        let mut counted = HashSet::new();
        for (i, input) in inputs.iter().enumerate() {
            if let Alias::Array(array) = *input {
                let mark = marks.iter().find(|(input, _)| *input == i).map(|&(_, mark)| mark);
                let mark = mark.unwrap_or(if biased { Use::Weight } else { Use::Data });
                if counted.insert((array, mark)) {
                    self.of[array].push(mark);
                }
            }
        }
        vec![if PRODUCTS.contains(&name) { Alias::Product } else { Alias::Other }]
    }
}

fn get(scopes: &[HashMap<&str, Alias>], name: &str) -> Alias {
    scopes.iter().rev().find_map(|scope| scope.get(name)).copied().unwrap_or(Alias::Other)
}
