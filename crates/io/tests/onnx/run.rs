//! Programs of a model: outputs, loss, gradient and curvature products.

use thalweg_graph::primitive::Direction;
use thalweg_graph::{Builder, DType, Graph, Program, Threads, Type, Value};
use thalweg_io::{OnnxModel, Values};

/// A model with its arrays in f64, and inputs with labels.
pub struct Case {
    pub model: OnnxModel,
    pub arrays: Vec<Vec<f64>>,
    pub x: Values,
    pub x_shape: Vec<usize>,
    pub labels: Vec<i32>,
}

impl Case {
    /// The arrays of the file, each as an input.
    fn inputs(&self, b: &mut Builder, dtype: DType) -> Vec<Value> {
        let arrays = self.model.arrays().iter();
        arrays.map(|array| b.input(Type::new(dtype, array.shape.iter().copied()))).collect()
    }

    /// From arrays and x to logits.
    pub fn outputs(&self, dtype: DType) -> Graph {
        let mut b = Builder::new();
        let arrays = self.inputs(&mut b, dtype);
        let kind = if self.model.input().tokens { DType::I32 } else { dtype };
        let x = b.input(Type::new(kind, self.x_shape.iter().copied()));
        let value = |name: &str| {
            let at = self.model.arrays().iter().position(|array| array.name == name);
            arrays[at.expect("one of the model's arrays")]
        };
        let z = self.model.emit(&mut b, dtype, &value, x).unwrap_or_else(|error| panic!("{error}"));
        b.finish(&[z])
    }

    /// From logits and labels to the mean cross-entropy.
    fn loss(&self, ty: &Type) -> Graph {
        let mut b = Builder::new();
        let z = b.input(ty.clone());
        let y = b.input(Type::new(DType::I32, [self.labels.len()]));
        let classes = *ty.shape.last().expect("logits have an axis");
        let shape = [self.labels.len(), classes];
        let z = b.reshape(z, &shape);
        let top = b.reduce_max(z, &[1]);
        let top = b.broadcast_in_dim(top, &shape, &[0]);
        let shifted = b.sub(z, top);
        let power = b.exp(shifted);
        let sum = b.sum(power, &[1]);
        let log = b.log(sum);
        let places = b.iota(Type::new(DType::I32, shape), 1);
        let wanted = b.broadcast_in_dim(y, &shape, &[0]);
        let hit = b.compare(Direction::Eq, places, wanted);
        let zero = b.zeros_like(shifted);
        let picked = b.select(hit, shifted, zero);
        let picked = b.sum(picked, &[1]);
        let losses = b.sub(log, picked);
        let sum = b.sum_all(losses);
        let mean = b.scale(sum, 1.0 / self.labels.len() as f64);
        b.finish(&[mean])
    }

    /// Numbers of the arrays that are trained.
    fn trained(&self) -> Vec<usize> {
        (0..self.arrays.len()).filter(|&i| self.model.arrays()[i].trained).collect()
    }

    /// From arrays, x and labels to the loss.
    fn objective(&self) -> Graph {
        let outputs = self.outputs(DType::F64);
        let loss = self.loss(&outputs.output_types()[0]);
        let mut b = Builder::new();
        let mut args: Vec<Value> = outputs.input_types().into_iter().map(|ty| b.input(ty)).collect();
        let z = b.call(&outputs, &args)[0];
        args.push(b.input(loss.input_types()[1].clone()));
        let value = b.call(&loss, &[z, args[args.len() - 1]]);
        b.finish(&value)
    }

    /// Loss, gradient, Hessian product and Gauss-Newton product, the latter three an array each parameter.
    pub fn derivatives(&self, direction: &[Vec<f64>]) -> (f64, [Vec<Vec<f64>>; 3]) {
        let wrt = self.trained();
        let labels: &[u8] = bytemuck::cast_slice(&self.labels);
        let narrow: Vec<i32>;
        let mut inputs: Vec<&[u8]> = self.arrays.iter().map(|v| bytemuck::cast_slice(v)).collect();
        inputs.push(match &self.x {
            Values::F64(v) => bytemuck::cast_slice(v),
            Values::I64(v) => {
                narrow = v.iter().map(|&token| token as i32).collect();
                bytemuck::cast_slice(&narrow)
            }
            Values::F32(_) => panic!("inputs are doubles or tokens"),
        });
        inputs.push(labels);
        let gradient = self.objective().grad(&wrt);
        let mut found = run(&gradient, &inputs);
        let loss = found.remove(0)[0];
        let product = gradient.jvp(&wrt);
        inputs.extend(direction.iter().map(|v| bytemuck::cast_slice::<f64, u8>(v)));
        let hessian = run(&product, &inputs).split_off(wrt.len() + 2);
        (loss, [found, hessian, run(&self.gauss_newton(&wrt), &inputs)])
    }

    /// Jᵀ (∇² loss) J v.
    fn gauss_newton(&self, wrt: &[usize]) -> Graph {
        let outputs = self.outputs(DType::F64);
        let slope = self.loss(&outputs.output_types()[0]).grad(&[0]).jvp(&[0]);
        let mut b = Builder::new();
        let args: Vec<Value> = outputs.input_types().into_iter().map(|ty| b.input(ty)).collect();
        let labels = b.input(Type::new(DType::I32, [self.labels.len()]));
        let tangents: Vec<Value> = wrt.iter().map(|&i| b.input(b.ty(args[i]).clone())).collect();
        let pushed = b.call(&outputs.jvp(wrt), &[&args[..], &tangents].concat());
        let curved = b.call(&slope, &[pushed[0], labels, pushed[1]])[3];
        let (_, pulled) = b.vjp(&outputs, &args, wrt, |_, _| vec![Some(curved)]);
        let pulled: Vec<Value> = pulled.into_iter().map(|v| v.expect("every parameter matters")).collect();
        b.finish(&pulled)
    }
}

/// Runs a graph whose outputs are doubles.
pub fn run(graph: &Graph, inputs: &[&[u8]]) -> Vec<Vec<f64>> {
    let program = Program::compile(graph);
    let mut outputs: Vec<Vec<f64>> = program.outputs().iter().map(|ty| vec![0.0; ty.size()]).collect();
    let mut slices: Vec<&mut [u8]> = outputs.iter_mut().map(|v| bytemuck::cast_slice_mut(v)).collect();
    program.run(inputs, &mut slices, &Threads::default());
    outputs
}
