//! The programs that an objective runs: each a sum over examples.
//!
//! Inputs of all: the parameter blocks, the model's buffers, the examples' numbers,
//! inputs and targets, and the weight of an example (1/N).

mod kronecker;

use std::sync::Arc;

use thalweg_graph::{Builder, DType, Graph, Role, Type, Value};

use super::model::{Buffer, Call, InputKind, Outputs, Statistics};
use super::{Loss, Model};
use crate::{Curvature, Layout};

/// What all programs of one objective have in common.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    pub model: Arc<dyn Model>,
    pub layout: Layout,
    pub buffers: Arc<[Buffer]>,
    pub loss: Loss,
    pub dtype: DType,
    /// Shape of an example's target.
    pub target: Vec<usize>,
    /// Whether targets are class numbers.
    pub classes: bool,
    /// Where normalization takes its statistics from.
    pub statistics: Statistics,
}

/// The inputs that every program begins with.
struct Inputs {
    parameters: Vec<Value>,
    buffers: Vec<Value>,
    index: Value,
    x: Value,
    y: Value,
    weight: Value,
}

impl Inputs {
    fn all(&self) -> Vec<Value> {
        let mut all = self.parameters.clone();
        all.extend(&self.buffers);
        all.extend([self.index, self.x, self.y, self.weight]);
        all
    }
}

impl Programs {
    /// Number of parameter blocks.
    pub fn blocks(&self) -> usize {
        self.layout.blocks().len()
    }

    /// Roles of the inputs that every program begins with.
    pub fn roles(&self) -> Vec<Role> {
        let mut roles = vec![Role::Shared; self.blocks() + self.buffers.len()];
        roles.extend([Role::Examples, Role::Examples, Role::Examples, Role::Shared]);
        roles
    }

    fn inputs(&self, b: &mut Builder, examples: usize) -> Inputs {
        let float = |shape: &[usize]| Type::new(self.dtype, shape.iter().copied());
        let led = |shape: &[usize]| [&[examples], shape].concat();
        let blocks = self.layout.blocks().iter();
        let parameters = blocks.map(|block| b.input(float(&block.shape))).collect();
        let buffers = self.buffers.iter();
        let buffers = buffers.map(|buffer| b.input(buffer.value.ty().with_dtype(self.dtype))).collect();
        let index = b.input(Type::new(DType::I32, [examples]));
        let input = self.model.input();
        let kind = match input.kind {
            InputKind::Numbers => self.dtype,
            InputKind::Tokens { .. } => DType::I32,
        };
        let x = b.input(Type::new(kind, led(&input.shape)));
        let targets = if self.classes { DType::I32 } else { self.dtype };
        let y = b.input(Type::new(targets, led(&self.target)));
        Inputs { parameters, buffers, index, x, y, weight: b.input(float(&[])) }
    }

    fn forward(&self, b: &mut Builder, inputs: &Inputs) -> Outputs {
        let Inputs { parameters, buffers, index, x, .. } = inputs;
        let call = Call { parameters, buffers, x: *x, index: *index, statistics: self.statistics };
        self.model.outputs(b, &call)
    }

    fn z(&self, b: &mut Builder, inputs: &Inputs) -> Value {
        self.forward(b, inputs).z
    }

    fn parameters(&self) -> Vec<usize> {
        (0..self.blocks()).collect()
    }

    /// The batch's value of each statistic among the buffers, times the weight and the
    /// number of examples, in f64.
    pub fn estimates(&self, examples: usize) -> Graph {
        let mut b = Builder::new();
        let inputs = self.inputs(&mut b, examples);
        let found = self.forward(&mut b, &inputs).statistics;
        let estimates: Vec<Value> = found
            .into_iter()
            .map(|value| {
                let value = b.convert(value, DType::F64);
                let weight = b.convert(inputs.weight, DType::F64);
                let weight = b.scale(weight, examples as f64);
                let shape = b.shape(value).to_vec();
                let weight = b.broadcast(weight, &shape);
                b.mul(value, weight)
            })
            .collect();
        b.finish(&estimates)
    }

    /// Outputs [b, C].
    fn outputs(&self, examples: usize) -> Graph {
        let mut b = Builder::new();
        let inputs = self.inputs(&mut b, examples);
        let z = self.z(&mut b, &inputs);
        b.finish(&[z])
    }

    /// Losses [b] of outputs [b, C] (the only input beside targets and weight), times the weight.
    fn weighted_losses(&self, examples: usize) -> Graph {
        let mut b = Builder::new();
        let mut shape = vec![examples];
        shape.extend(self.model.output());
        let z = b.input(Type::new(self.dtype, shape));
        let inputs = self.inputs(&mut b, examples);
        let losses = self.loss.per_example(&mut b, z, inputs.y);
        let weight = b.broadcast(inputs.weight, &[examples]);
        let weighted = b.mul(losses, weight);
        b.finish_with(&[z, inputs.y, inputs.weight], &[weighted])
    }

    /// Whether outputs are scores of classes.
    pub fn has_accuracy(&self) -> bool {
        self.classes && self.loss != Loss::Output
    }

    /// Σ ℓ, Σ ℓ² and the number of correct classifications, in f64.
    pub fn terms(&self, examples: usize) -> Graph {
        let mut b = Builder::new();
        let inputs = self.inputs(&mut b, examples);
        let z = self.z(&mut b, &inputs);
        let losses = self.loss.per_example(&mut b, z, inputs.y);
        let losses = b.convert(losses, DType::F64);
        let sum = b.sum_all(losses);
        let squares = b.square(losses);
        let squares = b.sum_all(squares);
        let correct = match self.has_accuracy() {
            true => self.loss.correct(&mut b, z, inputs.y),
            false => b.scalar(DType::F64, 0.0),
        };
        b.finish(&[sum, squares, correct])
    }

    /// Σ ℓ in f64.
    pub fn value(&self, examples: usize) -> Graph {
        let mut b = Builder::new();
        let inputs = self.inputs(&mut b, examples);
        let z = self.z(&mut b, &inputs);
        let losses = self.loss.per_example(&mut b, z, inputs.y);
        let losses = b.convert(losses, DType::F64);
        let sum = b.sum_all(losses);
        b.finish(&[sum])
    }

    /// Σ ℓ in f64 at x + Σⱼ cⱼ dⱼ: the inputs are followed by the blocks of each direction,
    /// and by c.
    pub fn value_along(&self, directions: usize, examples: usize) -> Graph {
        self.value(examples).along(&self.parameters(), directions, self.dtype)
    }

    /// Σ ℓ in f64, and the gradient of Σ weight · ℓ for each block.
    pub fn gradient(&self, examples: usize) -> Graph {
        let mut b = Builder::new();
        let inputs = self.inputs(&mut b, examples);
        let losses = self.losses(examples);
        let args = inputs.all();
        let (outputs, gradients) = b.vjp(&losses, &args, &self.parameters(), |b, _| {
            vec![Some(b.broadcast(inputs.weight, &[examples]))]
        });
        let wide = b.convert(outputs[0], DType::F64);
        let mut results = vec![b.sum_all(wide)];
        results.extend(gradients.into_iter().map(|g| g.expect("every block has a gradient")));
        b.finish(&results)
    }

    /// Losses [b].
    pub fn losses(&self, examples: usize) -> Graph {
        let mut b = Builder::new();
        let inputs = self.inputs(&mut b, examples);
        let z = self.z(&mut b, &inputs);
        let losses = self.loss.per_example(&mut b, z, inputs.y);
        b.finish(&[losses])
    }

    /// Σ ‖gᵢ‖² over the examples' own gradients gᵢ, in f64.
    pub fn gradient_squares(&self, examples: usize) -> Graph {
        let first = self.blocks() + self.buffers.len();
        let mut marks = vec![false; first];
        marks.extend([true, true, true, false]);
        let each = self.gradient(1).batch(&marks, examples);
        let mut b = Builder::new();
        let inputs = self.inputs(&mut b, examples);
        let mut args = inputs.all();
        for at in first..first + 3 {
            let mut shape = b.ty(args[at]).shape.clone();
            shape.insert(1, 1);
            args[at] = b.reshape(args[at], &shape);
        }
        args[first + 3] = b.scalar(self.dtype, 1.0);
        let mut total = b.scalar(DType::F64, 0.0);
        for gradient in b.call(&each, &args).into_iter().skip(1) {
            let wide = b.convert(gradient, DType::F64);
            let square = b.square(wide);
            let sum = b.sum_all(square);
            total = b.add(total, sum);
        }
        b.finish(&[total])
    }

    /// A curvature matrix of Σ weight · ℓ times a vector; the vector's blocks
    /// follow the inputs of the other programs.
    pub fn product(&self, curvature: Curvature, examples: usize) -> Graph {
        match curvature {
            Curvature::Hessian => self.hessian(examples),
            Curvature::GaussNewton => self.pulled_back(examples, |b, inputs, z, u| {
                // ∇²ℓ u: the gradient of the losses with respect to the outputs, differentiated along u.
                let losses = self.weighted_losses(examples);
                let mut inner = Builder::new();
                let args: Vec<Value> = losses.input_types().into_iter().map(|t| inner.input(t)).collect();
                let (_, slopes) =
                    inner.vjp(&losses, &args, &[0], |b, outputs| vec![Some(b.full_like(outputs[0], 1.0))]);
                let slope = inner.finish_with(&args, &[slopes[0].expect("a loss depends on the outputs")]);
                b.call(&slope.jvp(&[0]), &[z, inputs.y, inputs.weight, u])[1]
            }),
            Curvature::Fisher => self.pulled_back(examples, |b, inputs, z, u| {
                let product = self.loss.output_fisher(b, z, inputs.y, u);
                let shape = b.ty(product).shape.clone();
                let weight = b.broadcast(inputs.weight, &shape);
                b.mul(product, weight)
            }),
            Curvature::EmpiricalFisher => self.empirical_fisher(examples),
        }
    }

    fn tangents(&self, b: &mut Builder) -> Vec<Value> {
        self.layout
            .blocks()
            .iter()
            .map(|block| b.input(Type::new(self.dtype, block.shape.iter().copied())))
            .collect()
    }

    fn hessian(&self, examples: usize) -> Graph {
        let product = self.gradient(examples).jvp(&self.parameters());
        let mut b = Builder::new();
        let args: Vec<Value> = product.input_types().into_iter().map(|t| b.input(t)).collect();
        let outputs = b.call(&product, &args);
        // Σ ℓ and the gradient come first, then the derivative of Σ ℓ, then the product.
        b.finish(&outputs[self.blocks() + 2..])
    }

    /// Jᵀ M J v, where J is the Jacobian of the outputs and M u is given by `middle(inputs, z, u)`.
    fn pulled_back(
        &self,
        examples: usize,
        middle: impl FnOnce(&mut Builder, &Inputs, Value, Value) -> Value,
    ) -> Graph {
        let outputs = self.outputs(examples);
        let forward = outputs.jvp(&self.parameters());
        let mut b = Builder::new();
        let inputs = self.inputs(&mut b, examples);
        let mut args = inputs.all();
        args.extend(self.tangents(&mut b));
        let pushed = b.call(&forward, &args);
        let middle = middle(&mut b, &inputs, pushed[0], pushed[1]);
        let (_, pulled) = b.vjp(&outputs, &inputs.all(), &self.parameters(), |_, _| vec![Some(middle)]);
        let products: Vec<Value> =
            pulled.into_iter().map(|p| p.expect("every block moves the outputs")).collect();
        b.finish(&products)
    }

    /// Σ weight · gᵢ (gᵢᵀ v).
    fn empirical_fisher(&self, examples: usize) -> Graph {
        let losses = self.losses(examples);
        let forward = losses.jvp(&self.parameters());
        let mut b = Builder::new();
        let inputs = self.inputs(&mut b, examples);
        let mut args = inputs.all();
        args.extend(self.tangents(&mut b));
        let slopes = b.call(&forward, &args)[1];
        let weight = b.broadcast(inputs.weight, &[examples]);
        let weighted = b.mul(slopes, weight);
        let (_, pulled) = b.vjp(&losses, &inputs.all(), &self.parameters(), |_, _| vec![Some(weighted)]);
        let products: Vec<Value> =
            pulled.into_iter().map(|p| p.expect("every block moves the losses")).collect();
        b.finish(&products)
    }
}
