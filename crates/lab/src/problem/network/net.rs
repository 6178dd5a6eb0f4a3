//! Writing a network down: one function both declares its parameters and computes its outputs.

use thalweg_graph::{Builder, DType, Literal, Type, Value};

use super::model::{Buffer, Call, Input, InputKind, Outputs, Statistics};
use super::{Activation, Draw};
use crate::Layout;

/// A network that is being written down, layer by layer.
///
/// An architecture is a function of `Net` and the inputs. It is called twice:
/// once on scratch paper, to learn which parameters and buffers it asks for, and
/// once with their values.
pub(super) struct Net<'a> {
    /// The program.
    pub b: &'a mut Builder,
    /// The nonlinearity of layers that do not name their own.
    pub activation: Activation,
    /// Whether layers have biases where the architecture leaves it open.
    pub bias: bool,
    /// Numbers of the examples, i32 `[b]`.
    pub index: Value,
    /// Where batch normalization takes its statistics from.
    pub statistics: Statistics,
    path: Vec<String>,
    given: Option<Given<'a>>,
    declared: Declared,
    found: Vec<Value>,
    masks: u64,
}

struct Given<'a> {
    parameters: std::slice::Iter<'a, Value>,
    buffers: std::slice::Iter<'a, Value>,
}

/// What an architecture asked for.
#[derive(Default)]
pub(super) struct Declared {
    pub blocks: Vec<(String, Vec<usize>)>,
    pub initial: Vec<Draw>,
    pub buffers: Vec<Buffer>,
    /// Shape of one example's output.
    pub output: Vec<usize>,
}

impl Declared {
    pub fn layout(&self) -> Layout {
        Layout::new(self.blocks.iter().cloned())
    }
}

/// Learns what an architecture asks for, from one example.
pub(super) fn declare(
    input: &Input,
    activation: Activation,
    bias: bool,
    write: impl FnOnce(&mut Net, Value) -> Value,
) -> Declared {
    let mut b = Builder::new();
    let mut shape = vec![1];
    shape.extend(&input.shape);
    let dtype = match input.kind {
        InputKind::Numbers => DType::F32,
        InputKind::Tokens { .. } => DType::I32,
    };
    let x = b.input(Type::new(dtype, shape));
    let index = b.input(Type::new(DType::I32, [1]));
    let mut net = Net {
        b: &mut b,
        activation,
        bias,
        index,
        statistics: Statistics::Batch,
        path: Vec::new(),
        given: None,
        declared: Declared::default(),
        found: Vec::new(),
        masks: 0,
    };
    let z = write(&mut net, x);
    let mut declared = net.declared;
    declared.output = b.shape(z)[1..].to_vec();
    declared
}

/// Writes an architecture into `b`.
pub(super) fn emit(
    b: &mut Builder,
    call: &Call,
    activation: Activation,
    bias: bool,
    write: impl FnOnce(&mut Net, Value) -> Value,
) -> Outputs {
    let given = Given { parameters: call.parameters.iter(), buffers: call.buffers.iter() };
    let mut net = Net {
        b,
        activation,
        bias,
        index: call.index,
        statistics: call.statistics,
        path: Vec::new(),
        given: Some(given),
        declared: Declared::default(),
        found: Vec::new(),
        masks: 0,
    };
    let z = write(&mut net, call.x);
    Outputs { z, statistics: net.found }
}

impl Net<'_> {
    /// Writes a part of the network; the names of its parameters begin with `name.`.
    pub fn within<R>(&mut self, name: impl Into<String>, write: impl FnOnce(&mut Self) -> R) -> R {
        self.path.push(name.into());
        let result = write(self);
        self.path.pop();
        result
    }

    fn name(&self, last: &str) -> String {
        let mut name = self.path.join(".");
        if !name.is_empty() {
            name.push('.');
        }
        name + last
    }

    /// The parameter of this name in the current part, whose blocks begin as `draw` says.
    pub fn parameter(&mut self, name: &str, shape: &[usize], draw: Draw) -> Value {
        match &mut self.given {
            Some(given) => {
                let value = *given.parameters.next().expect("a value for each declared parameter");
                debug_assert_eq!(self.b.shape(value), shape, "{}", self.name(name));
                value
            }
            None => {
                self.declared.blocks.push((self.name(name), shape.to_vec()));
                self.declared.initial.push(draw);
                self.b.input(Type::new(DType::F32, shape.iter().copied()))
            }
        }
    }

    /// The statistic of this name in the current part: a value a channel, to begin with `initial`.
    pub fn statistic(&mut self, name: &str, channels: usize, initial: f64) -> Value {
        match &mut self.given {
            Some(given) => *given.buffers.next().expect("a value for each declared buffer"),
            None => {
                let value = Literal::new([channels], &vec![initial; channels]);
                self.declared.buffers.push(Buffer { name: self.name(name), value, statistic: true });
                self.b.input(Type::new(DType::F32, [channels]))
            }
        }
    }

    /// Reports the batch's value of the statistic that was asked for in the same place.
    pub fn observe(&mut self, value: Value) {
        self.found.push(value);
    }

    /// The number of a layer that draws a random mask, in the order in which they are written.
    pub fn number_mask(&mut self) -> u64 {
        self.masks += 1;
        self.masks
    }

    /// Shape of a value.
    pub fn shape(&self, value: Value) -> Vec<usize> {
        self.b.shape(value).to_vec()
    }

    /// The network's nonlinearity.
    pub fn activate(&mut self, x: Value) -> Value {
        self.activation.apply(self.b, x)
    }
}
