//! Which nodes an output needs, in an order in which each comes after what it reads.

use std::collections::{HashMap, HashSet};

use crate::error::excerpt;
use crate::onnx::error::Fault;
use crate::onnx::message::{Graph, Node};

/// Numbers of the nodes that `outputs` need, in an order of evaluation.
///
/// `given` are the names that are there before any node; a name that is neither given
/// nor made by a node goes to `missing`, with the node that reads it. Nodes need not
/// be sorted, as the format demands it; a cycle is refused.
pub(super) fn order<'a>(
    nodes: &[Node<'a>],
    outputs: &[&'a str],
    given: &HashSet<&'a str>,
    mut missing: impl FnMut(&'a str, Option<&Node<'a>>) -> Result<(), Fault>,
) -> Result<Vec<usize>, Fault> {
    let mut maker: HashMap<&str, usize> = HashMap::new();
    for (i, node) in nodes.iter().enumerate() {
        for &name in node.outputs.iter().filter(|name| !name.is_empty()) {
            if given.contains(name) || maker.insert(name, i).is_some() {
                let found = format!("a second one, made by {}", describe(node));
                return Err(Fault::new(format!("value {}", excerpt(name)), "one value of a name", found));
            }
        }
    }
    let mut order = Vec::new();
    let mut reached = vec![Reached::No; nodes.len()];
    // Nodes whose inputs are being visited, each with those that are left.
    let mut open: Vec<(usize, Vec<&'a str>)> = Vec::new();
    let mut roots: Vec<&'a str> = outputs.iter().rev().copied().collect();
    loop {
        let (reader, next) = match open.last_mut() {
            Some((node, left)) => (Some(*node), left.pop()),
            None => match roots.pop() {
                Some(root) => (None, Some(root)),
                None => return Ok(order),
            },
        };
        let Some(name) = next else {
            let (done, _) = open.pop().expect("the node whose last input was visited");
            reached[done] = Reached::Done;
            order.push(done);
            continue;
        };
        match maker.get(name) {
            None if given.contains(name) => {}
            None => missing(name, reader.map(|i| &nodes[i]))?,
            Some(&i) => match reached[i] {
                Reached::Done => {}
                Reached::Open => {
                    let place = format!("value {}", excerpt(name));
                    let found = format!("a cycle through {}", describe(&nodes[i]));
                    return Err(Fault::new(place, "a graph without cycles", found));
                }
                Reached::No => {
                    reached[i] = Reached::Open;
                    let mut reads = reads(&nodes[i]);
                    reads.reverse();
                    open.push((i, reads));
                }
            },
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Reached {
    No,
    Open,
    Done,
}

/// Operator and name of a node, or its first output.
pub(super) fn describe(node: &Node) -> String {
    crate::onnx::program::node_name(node.operator, node.name, node.outputs.first().copied())
}

/// The values that a node reads, those of graphs inside it included.
fn reads<'a>(node: &Node<'a>) -> Vec<&'a str> {
    let mut names: Vec<&str> = node.inputs.iter().copied().filter(|name| !name.is_empty()).collect();
    for graph in node.attributes.iter().filter_map(|attribute| attribute.graph.as_deref()) {
        names.extend(captured(graph));
    }
    names
}

/// The values of enclosing graphs that a graph reads.
fn captured<'a>(graph: &Graph<'a>) -> Vec<&'a str> {
    let own: HashSet<&str> = graph
        .nodes
        .iter()
        .flat_map(|node| node.outputs.iter().copied())
        .chain(graph.initializers.iter().map(|tensor| tensor.name))
        .chain(graph.inputs.iter().map(|input| input.name))
        .collect();
    let mut names: Vec<&str> = graph.nodes.iter().flat_map(reads).collect();
    names.extend(graph.outputs.iter().map(|output| output.name));
    names.retain(|name| !own.contains(name));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node<'a>(name: &'a str, inputs: &[&'a str], outputs: &[&'a str]) -> Node<'a> {
        Node { name, operator: "Op", inputs: inputs.to_vec(), outputs: outputs.to_vec(), ..Node::default() }
    }

    fn ordered(nodes: &[Node<'static>], output: &'static str) -> Result<Vec<usize>, String> {
        let missing = |name: &str, _: Option<&Node>| Err(Fault::new(name, "a value", "none"));
        order(nodes, &[output], &HashSet::from(["x"]), missing).map_err(|fault| format!("{fault:?}"))
    }

    #[test]
    fn only_what_is_needed_is_ordered() {
        let nodes = [
            node("late", &["a", "b"], &["y"]),
            node("dead", &["nowhere"], &["z"]),
            node("first", &["x"], &["a"]),
            node("second", &["a", ""], &["b"]),
        ];
        assert_eq!(ordered(&nodes, "y").unwrap(), [2, 3, 0]);
        assert!(ordered(&nodes, "x").unwrap().is_empty());
        assert!(ordered(&nodes, "z").unwrap_err().contains("nowhere"));
    }

    #[test]
    fn cycles_and_second_values_are_refused() {
        let ring = [node("one", &["b"], &["a"]), node("two", &["a"], &["b"])];
        assert!(ordered(&ring, "a").unwrap_err().contains("cycle"));
        let own = [node("self", &["a"], &["a"])];
        assert!(ordered(&own, "a").unwrap_err().contains("cycle"));
        let twice = [node("one", &["x"], &["a"]), node("two", &["x"], &["a"])];
        assert!(ordered(&twice, "a").unwrap_err().contains("second"));
        let input = [node("one", &["x"], &["x"])];
        assert!(ordered(&input, "x").unwrap_err().contains("second"));
    }

    #[test]
    fn long_chains_need_no_deep_stack() {
        let names: Vec<String> = (0..200_000).map(|i| format!("v{i}")).collect();
        let nodes: Vec<Node> =
            names.windows(2).map(|pair| node("n", &[pair[0].as_str()], &[pair[1].as_str()])).collect();
        let missing = |_: &str, _: Option<&Node>| unreachable!("the first is given");
        let order = order(&nodes, &[names.last().unwrap()], &HashSet::from(["v0"]), missing).unwrap();
        assert_eq!(order.len(), 199_999);
        assert!(order.is_sorted());
    }
}
