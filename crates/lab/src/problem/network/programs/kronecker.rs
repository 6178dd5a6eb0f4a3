//! The program of a network's Kronecker factors, and the dense layers that it finds.

use thalweg_graph::primitive::{Binary, Direction, Op};
use thalweg_graph::{Builder, DType, Graph, Node, Type, Value};

use super::Programs;
use crate::problem::network::model::Statistics;
use crate::{Curvature, DenseLayer, NoFactors};

/// A dense layer in a program of outputs.
struct Found {
    /// Numbers of the blocks.
    weight: usize,
    bias: Option<usize>,
    transposed: bool,
    /// The nodes of its input [b, inputs] and of its product with the weight [b, outputs].
    input: usize,
    product: usize,
}

impl Programs {
    /// The dense layers, or why there are no Kronecker factors.
    ///
    /// A layer is a block of two axes that is used once, in a product with an array of one row
    /// an example. A block of one axis is its bias if it is used once, added to all rows.
    pub fn dense_layers(&self) -> Result<Vec<DenseLayer>, NoFactors> {
        if let Some(reason) = self.loss.lacks(Curvature::Fisher) {
            return Err(NoFactors { reason });
        }
        if self.buffers.iter().any(|buffer| buffer.statistic) && self.statistics == Statistics::Batch {
            return Err(NoFactors {
                reason: "an example of a batch that is normalized has no gradient of its own",
            });
        }
        if self.model.output().len() != 1 {
            return Err(NoFactors { reason: "its model has outputs at several positions of an example" });
        }
        let blocks = self.layout.blocks();
        let layers = self.found(&self.outputs(2), 2).into_iter().map(|found| {
            let block = &blocks[found.weight];
            let [first, second] = block.shape[..] else { unreachable!("a weight has two axes") };
            DenseLayer {
                widths: if found.transposed { [first, second] } else { [second, first] },
                weight: block.range.clone(),
                bias: found.bias.map(|bias| blocks[bias].range.clone()),
                transposed: found.transposed,
            }
        });
        let layers: Vec<DenseLayer> = layers.collect();
        if layers.is_empty() {
            return Err(NoFactors { reason: "no block of its model is the weight of a dense layer" });
        }
        Ok(layers)
    }

    /// Σ weight · āāᵀ and Σ weight · E[ggᵀ] for each of the [dense layers](Self::dense_layers).
    pub fn kronecker_fisher(&self, examples: usize) -> Graph {
        let outputs = self.outputs(examples);
        let layers = self.found(&outputs, examples);
        let count = self.passes();
        let pulled = self.pulled(&outputs, &layers, examples);
        let given = pulled.inputs().len() - 1;
        let mut marks = vec![false; given];
        marks.push(true);
        let mut b = Builder::new();
        let inputs = self.inputs(&mut b, examples);
        let mut args = inputs.all();
        args.push(unit_vectors(&mut b, self.dtype, count));
        let values = b.call(&pulled.batch(&marks, count), &args);
        let activations = b.call(&self.activations(&outputs, &layers), &inputs.all());
        let mut results = Vec::new();
        for ((layer, h), g) in layers.iter().zip(activations).zip(values) {
            let rows = match layer.bias {
                None => h,
                Some(_) => {
                    let ones = b.ty(h).with_shape([examples, 1]);
                    let ones = b.full(&ones, 1.0);
                    b.concatenate(&[h, ones], 1)
                }
            };
            let width = b.shape(g)[2];
            let slopes = b.reshape(g, &[count * examples, width]);
            for rows in [rows, slopes] {
                let sum = b.dot(rows, 0, rows, 0);
                let shape = b.shape(sum).to_vec();
                let weight = b.broadcast(inputs.weight, &shape);
                results.push(b.mul(sum, weight));
            }
        }
        b.finish(&results)
    }

    /// How many vectors are pulled back: one for each output of an example.
    pub fn passes(&self) -> usize {
        self.model.output().iter().product()
    }

    /// The gradients g [b, outputs] for each layer that belong to one column of a root of the
    /// outputs' Fisher matrix, which a unit vector [C] after the usual inputs chooses.
    fn pulled(&self, outputs: &Graph, layers: &[Found], examples: usize) -> Graph {
        let disturbed = disturbed(outputs, layers);
        let mut b = Builder::new();
        let inputs = self.inputs(&mut b, examples);
        let column = b.input(Type::new(self.dtype, [self.passes()]));
        let mut args = inputs.all();
        let first = args.len();
        for ty in &disturbed.input_types()[first..] {
            args.push(b.full(ty, 0.0));
        }
        let places: Vec<usize> = (first..args.len()).collect();
        let (_, pulled) = b.vjp(&disturbed, &args, &places, |b, outputs| {
            vec![Some(self.loss.output_fisher_root(b, outputs[0], column))]
        });
        let slopes: Vec<Value> = pulled
            .into_iter()
            .zip(&args[first..])
            .map(|(slope, &at)| slope.unwrap_or_else(|| b.zeros_like(at)))
            .collect();
        let mut kept = inputs.all();
        kept.push(column);
        b.finish_with(&kept, &slopes)
    }

    /// The inputs [b, inputs] of the layers.
    fn activations(&self, outputs: &Graph, layers: &[Found]) -> Graph {
        let mut b = Builder::new();
        let args: Vec<Value> = outputs.input_types().into_iter().map(|ty| b.input(ty)).collect();
        let values = copied(&mut b, outputs, &args, |_, _, value| value);
        let found: Vec<Value> = layers.iter().map(|layer| values[layer.input]).collect();
        b.finish_with(&args, &found)
    }

    /// The dense layers of the program of outputs for so many examples.
    fn found(&self, outputs: &Graph, examples: usize) -> Vec<Found> {
        let other = self.outputs(examples + 1);
        // Rows belong to examples if there are more of them where there are more examples.
        let others = self.candidates(&other, examples + 1);
        let mut layers = self.candidates(outputs, examples);
        layers.retain(|layer| others.iter().any(|other| other.weight == layer.weight));
        layers
    }

    fn candidates(&self, outputs: &Graph, examples: usize) -> Vec<Found> {
        let uses = Uses::of(outputs);
        (0..self.blocks()).filter_map(|block| self.candidate(&uses, block, examples)).collect()
    }

    fn candidate(&self, uses: &Uses, weight: usize, examples: usize) -> Option<Found> {
        let graph = uses.graph;
        let mut held = graph.inputs()[weight].index();
        if graph.nodes()[held].ty.rank() != 2 {
            return None;
        }
        let (mut product, mut node) = uses.only(held)?;
        let turned = matches!(node.op, Op::Transpose(_));
        if turned {
            held = product;
            (product, node) = uses.only(held)?;
        }
        let Op::DotGeneral(dot) = &node.op else { return None };
        let [input, factor] = [0, 1].map(|arg| node.args[arg].index());
        let rows = &graph.nodes()[input].ty.shape;
        let plain = dot.lhs_batch.is_empty() && dot.lhs_contract[..] == [1] && dot.rhs_contract.len() == 1;
        if !plain || factor != held || rows.len() != 2 || rows[0] != examples {
            return None;
        }
        let bias = (0..self.blocks()).find(|&bias| uses.adds(graph.inputs()[bias].index(), product));
        // A weight [outputs, inputs] is contracted along its last axis.
        let transposed = (dot.rhs_contract[0] == 0) != turned;
        Some(Found { weight, bias, transposed, input, product })
    }
}

/// A graph, and for each of its nodes those that take its value.
struct Uses<'g> {
    graph: &'g Graph,
    takers: Vec<Vec<usize>>,
}

impl<'g> Uses<'g> {
    fn of(graph: &'g Graph) -> Self {
        let mut takers = vec![Vec::new(); graph.nodes().len()];
        for (i, node) in graph.nodes().iter().enumerate() {
            node.args.iter().for_each(|arg| takers[arg.index()].push(i));
        }
        Self { graph, takers }
    }

    /// The only node that takes this one's value, if that is its only use.
    fn only(&self, node: usize) -> Option<(usize, &'g Node)> {
        let is_output = self.graph.outputs().iter().any(|output| output.index() == node);
        match self.takers[node][..] {
            [taker] if !is_output => Some((taker, &self.graph.nodes()[taker])),
            _ => None,
        }
    }

    /// Whether a vector is used once, added to all rows of a product that is not used otherwise.
    fn adds(&self, vector: usize, product: usize) -> bool {
        let nodes = self.graph.nodes();
        let sum = || {
            let (rows, node) = self.only(vector)?;
            let Op::BroadcastInDim(repeated) = &node.op else { return None };
            let over_rows = repeated.axes[..] == [1] && repeated.shape == nodes[product].ty.shape;
            let (sum, node) = self.only(rows)?;
            let adds = node.op == Op::Binary(Binary::Add) && self.only(product)?.0 == sum;
            Some(over_rows && adds)
        };
        nodes[vector].ty.rank() == 1 && sum().unwrap_or(false)
    }
}

/// The program with a disturbance of each layer's pre-activations as further inputs: the
/// gradient with respect to it is that with respect to them.
fn disturbed(outputs: &Graph, layers: &[Found]) -> Graph {
    let mut b = Builder::new();
    let mut args: Vec<Value> = outputs.input_types().into_iter().map(|ty| b.input(ty)).collect();
    let first = args.len();
    args.extend(layers.iter().map(|layer| b.input(outputs.nodes()[layer.product].ty.clone())));
    let values = copied(&mut b, outputs, &args, |b, node, value| {
        match layers.iter().position(|layer| layer.product == node) {
            Some(layer) => b.add(value, args[first + layer]),
            None => value,
        }
    });
    let results: Vec<Value> = outputs.outputs().iter().map(|output| values[output.index()]).collect();
    b.finish_with(&args, &results)
}

/// Writes a program's nodes, each changed on the way; returns the value of every one.
fn copied(
    b: &mut Builder,
    graph: &Graph,
    args: &[Value],
    mut change: impl FnMut(&mut Builder, usize, Value) -> Value,
) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    for (i, node) in graph.nodes().iter().enumerate() {
        let value = match &node.op {
            Op::Input(input) => args[*input],
            Op::Constant(literal) => b.literal(literal.clone()),
            op => {
                let of: Vec<Value> = node.args.iter().map(|arg| values[arg.index()]).collect();
                b.emit(op.clone(), &of)
            }
        };
        values.push(change(b, i, value));
    }
    values
}

/// The identity of so many rows.
fn unit_vectors(b: &mut Builder, dtype: DType, count: usize) -> Value {
    let [row, column] = [0, 1].map(|axis| b.iota(Type::new(DType::I32, [count, count]), axis));
    let same = b.compare(Direction::Eq, row, column);
    b.convert(same, dtype)
}
