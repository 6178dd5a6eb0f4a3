//! How long the matrix products and convolutions of a program take, each as a program of its own.

use std::collections::HashMap;

use thalweg_graph::primitive::Op;
use thalweg_graph::{Builder, DType, Graph, Program, Threads, Type, Value};

use super::counts::is_view;
use super::fastest;
use super::setting::vectors;

/// Seconds of all products of a program on one thread, their arguments lying as they do there.
pub fn seconds(graph: &Graph, budget: f64) -> f64 {
    let mut known: HashMap<String, f64> = HashMap::new();
    let products = graph.nodes().iter().filter(|n| matches!(n.op, Op::DotGeneral(_) | Op::Convolution(_)));
    let programs: Vec<Graph> = products.map(|node| alone(graph, &node.op, &node.args)).collect();
    let share = 0.2 * budget / programs.len().max(1) as f64;
    programs
        .iter()
        .map(|program| *known.entry(program.to_string()).or_insert_with(|| time(program, share)))
        .sum()
}

/// A program of this operation, with inputs for what lies behind the views of its arguments.
fn alone(graph: &Graph, op: &Op, args: &[Value]) -> Graph {
    let mut b = Builder::new();
    let mut made: HashMap<Value, Value> = HashMap::new();
    let args: Vec<Value> = args.iter().map(|&arg| seen(graph, arg, &mut b, &mut made)).collect();
    let result = b.emit(op.clone(), &args);
    b.finish(&[result])
}

fn seen(graph: &Graph, value: Value, b: &mut Builder, made: &mut HashMap<Value, Value>) -> Value {
    if let Some(&known) = made.get(&value) {
        return known;
    }
    let node = graph.node(value);
    let result = match &node.op {
        op if is_view(op) => {
            let args: Vec<Value> = node.args.iter().map(|&arg| seen(graph, arg, b, made)).collect();
            b.emit(op.clone(), &args)
        }
        Op::Constant(literal) => b.literal(literal.clone()),
        _ => b.input(node.ty.clone()),
    };
    made.insert(value, result);
    result
}

fn time(graph: &Graph, budget: f64) -> f64 {
    let program = Program::compile(graph);
    let inputs: Vec<Vec<f32>> = program.inputs().iter().map(numbers).collect();
    let inputs: Vec<&[u8]> = inputs.iter().map(|numbers| bytemuck::cast_slice(numbers)).collect();
    let mut outputs: Vec<Vec<f32>> = program.outputs().iter().map(numbers).collect();
    fastest(1, budget, || {
        let mut outputs: Vec<&mut [u8]> =
            outputs.iter_mut().map(|out| bytemuck::cast_slice_mut(out)).collect();
        program.run(&inputs, &mut outputs, &Threads::default());
    })
}

fn numbers(ty: &Type) -> Vec<f32> {
    assert_eq!(ty.dtype, DType::F32, "products of these programs are in f32");
    vectors(1, ty.size())
}
