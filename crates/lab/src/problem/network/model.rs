//! The seam between networks and where they come from.

use std::fmt;

use thalweg_graph::{Builder, Literal, Value};

use super::Draw;
use crate::Layout;

/// What a network computes: outputs from inputs, with named parameters.
///
/// The built-in architectures implement it ([`ModelSpec`](super::ModelSpec)), and so
/// does whatever reads a model from a file. A model knows neither the data nor the loss.
pub trait Model: Send + Sync + fmt::Debug {
    /// What the user calls it: `mlp:64-32-10`, a file's name.
    fn name(&self) -> String;

    /// Names and shapes of the parameters, in order.
    fn layout(&self) -> Layout;

    /// Where each block of the layout begins.
    fn initial(&self) -> Vec<Draw>;

    /// Arrays that the outputs depend on and that are no parameters.
    fn buffers(&self) -> Vec<Buffer> {
        Vec::new()
    }

    /// Whether the statistics among the buffers come from data: from a file of a trained model.
    fn has_statistics(&self) -> bool {
        false
    }

    /// What one example's input is.
    fn input(&self) -> Input;

    /// Shape of one example's output: `[C]`, or `[T, C]` for C outputs at each of T positions.
    fn output(&self) -> Vec<usize>;

    /// Writes the program that computes the outputs of b examples.
    fn outputs(&self, b: &mut Builder, call: &Call) -> Outputs;
}

/// One example's input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its shape: `[features]`, `[channels, height, width]`, `[positions]`.
    pub shape: Vec<usize>,
    /// What it consists of.
    pub kind: InputKind,
}

/// What inputs consist of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// Real numbers.
    Numbers,
    /// Numbers of words or characters, below `vocabulary`.
    Tokens {
        /// How many there are.
        vocabulary: usize,
    },
}

impl Input {
    /// Real numbers in an array of this shape.
    pub fn numbers(shape: impl Into<Vec<usize>>) -> Self {
        Self { shape: shape.into(), kind: InputKind::Numbers }
    }

    /// How many numbers or tokens it holds.
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }
}

/// An array that belongs to a model and is not trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Buffer {
    /// Unique among the model's parameters and buffers: `bn1.running_mean`.
    pub name: String,
    /// Its value, unless another is given.
    pub value: Literal,
    /// Whether it is a statistic of the activations, which the data determine at each
    /// point of parameter space; else it is a constant.
    pub statistic: bool,
}

/// What normalization layers divide by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Statistics {
    /// Mean and variance of the batch at hand, differentiated through.
    Batch,
    /// Those in the buffers.
    Fixed,
}

/// What the outputs are computed from.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The parameters, one value a block.
    pub parameters: &'a [Value],
    /// The buffers.
    pub buffers: &'a [Value],
    /// Inputs `[b, …]`: floats, or i32 where they are tokens.
    pub x: Value,
    /// Numbers of the examples in their data set, i32 `[b]`: what random masks are drawn by.
    pub index: Value,
    /// Where batch normalization takes its statistics from.
    pub statistics: Statistics,
}

/// What [`Model::outputs`] writes.
#[derive(Clone, Debug)]
pub struct Outputs {
    /// The outputs `[b, …]`.
    pub z: Value,
    /// With [`Statistics::Batch`], the batch's value for each buffer that is a
    /// statistic, in the order of the buffers: what a running average is made of.
    pub statistics: Vec<Value>,
}
