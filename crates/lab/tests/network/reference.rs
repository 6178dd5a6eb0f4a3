//! A network written a second time, with plain loops and derivatives by hand.

use thalweg_lab::problem::network::{Activation, Architecture, Data, Loss, ModelSpec, Targets};

use crate::support::numbers;

/// The regularized mean loss of a model over data, in f64.
pub struct Reference<'a> {
    pub model: &'a ModelSpec,
    pub data: &'a Data<f64>,
    pub loss: Loss,
    pub decay: f64,
}

/// What an example makes of each layer: its input and its weighted sums.
struct Pass {
    inputs: Vec<Vec<f64>>,
    sums: Vec<Vec<f64>>,
}

fn widths(model: &ModelSpec) -> &[usize] {
    let Architecture::Mlp(mlp) = &model.architecture else { panic!("{model} is no perceptron") };
    &mlp.widths
}

impl Reference<'_> {
    pub fn value(&self, x: &[f64]) -> f64 {
        let n = self.data.examples();
        let total: f64 = (0..n).map(|i| self.example_loss(x, i)).sum();
        total / n as f64 + 0.5 * self.decay * x.iter().map(|v| v * v).sum::<f64>()
    }

    pub fn gradient(&self, x: &[f64]) -> Vec<f64> {
        let n = self.data.examples();
        let mut gradient: Vec<f64> = x.iter().map(|v| self.decay * v).collect();
        for i in 0..n {
            for (g, e) in gradient.iter_mut().zip(self.example_gradient(x, i)) {
                *g += e / n as f64;
            }
        }
        gradient
    }

    pub fn example_loss(&self, x: &[f64], i: usize) -> f64 {
        self.terms(&self.outputs(x, i), i).0
    }

    pub fn example_gradient(&self, x: &[f64], i: usize) -> Vec<f64> {
        let pass = self.pass(x, i);
        let (_, slope, _) = self.terms(pass.sums.last().unwrap(), i);
        self.pull_back(x, &pass, &slope)
    }

    /// Example i's loss of outputs z, with its gradient and Hessian (C × C) with respect to them.
    fn terms(&self, z: &[f64], i: usize) -> (f64, Vec<f64>, Vec<f64>) {
        let count = z.len();
        let diagonal = |m: Vec<f64>| -> Vec<f64> {
            (0..count * count).map(|at| if at % (count + 1) == 0 { m[at / count] } else { 0.0 }).collect()
        };
        let target = self.target(i);
        match &self.loss {
            Loss::CrossEntropy { class_weights, .. } => {
                let p = softmax(z);
                let weight = |c: usize| class_weights.get(c).copied().unwrap_or(1.0);
                let wanted: Vec<f64> = (0..count).map(|c| weight(c) * target[c]).collect();
                let all: f64 = wanted.iter().sum();
                let loss =
                    wanted.iter().zip(&p).map(|(t, p)| if *t == 0.0 { 0.0 } else { -t * p.ln() }).sum();
                let slope = (0..count).map(|c| all * p[c] - wanted[c]).collect();
                let m = (0..count * count).map(|at| {
                    let (c, d) = (at / count, at % count);
                    all * p[c] * (f64::from(u8::from(c == d)) - p[d])
                });
                (loss, slope, m.collect())
            }
            Loss::SquaredError => {
                let rest: Vec<f64> = z.iter().zip(&target).map(|(z, t)| z - t).collect();
                (0.5 * rest.iter().map(|r| r * r).sum::<f64>(), rest, diagonal(vec![1.0; count]))
            }
            Loss::BinaryCrossEntropy => {
                let p: Vec<f64> = z.iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect();
                let of = |t: f64, log: f64| if t == 0.0 { 0.0 } else { -t * log };
                let rest = |z: f64| 1.0 / (1.0 + z.exp());
                let loss =
                    (0..count).map(|c| of(target[c], p[c].ln()) + of(1.0 - target[c], rest(z[c]).ln()));
                let slope = p.iter().zip(&target).map(|(p, t)| p - t).collect();
                let m = z.iter().zip(&p).map(|(z, p)| p * rest(*z)).collect();
                (loss.sum(), slope, diagonal(m))
            }
            Loss::Huber { delta } => {
                let rest: Vec<f64> = z.iter().zip(&target).map(|(z, t)| z - t).collect();
                let each = |r: &f64| {
                    if r.abs() <= *delta { 0.5 * r * r } else { delta * r.abs() - 0.5 * delta * delta }
                };
                let slope = rest.iter().map(|r| r.clamp(-delta, *delta)).collect();
                let m = rest.iter().map(|r| f64::from(u8::from(r.abs() <= *delta))).collect();
                (rest.iter().map(each).sum(), slope, diagonal(m))
            }
            Loss::Output => (z.iter().sum(), vec![1.0; count], vec![0.0; count * count]),
        }
    }

    /// (1/N) Σ Jᵢᵀ M(zᵢ) Jᵢ, n × n; M = ∇²ℓ, which is the Fisher matrix of the outputs too for
    /// all losses that have one.
    pub fn gauss_newton(&self, x: &[f64]) -> Vec<f64> {
        let (n, examples) = (x.len(), self.data.examples());
        let mut total = vec![0.0; n * n];
        for i in 0..examples {
            let pass = self.pass(x, i);
            let z = pass.sums.last().unwrap();
            let outputs = z.len();
            let rows: Vec<Vec<f64>> = (0..outputs)
                .map(|c| {
                    let mut unit = vec![0.0; outputs];
                    unit[c] = 1.0;
                    self.pull_back(x, &pass, &unit)
                })
                .collect();
            let (_, _, middle) = self.terms(z, i);
            for c in 0..outputs {
                // Row c of M J.
                let mut row = vec![0.0; n];
                for d in 0..outputs {
                    let m = middle[c * outputs + d];
                    row.iter_mut().zip(&rows[d]).for_each(|(r, j)| *r += m * j / examples as f64);
                }
                add_outer(&mut total, &rows[c], &row);
            }
        }
        mirror(&mut total, n);
        total
    }

    /// (1/N) Σ gᵢ gᵢᵀ, n × n, without the penalty.
    pub fn empirical_fisher(&self, x: &[f64]) -> Vec<f64> {
        let (n, examples) = (x.len(), self.data.examples());
        let mut total = vec![0.0; n * n];
        for i in 0..examples {
            let gradient = self.example_gradient(x, i);
            let scaled: Vec<f64> = gradient.iter().map(|g| g / examples as f64).collect();
            add_outer(&mut total, &gradient, &scaled);
        }
        mirror(&mut total, n);
        total
    }

    pub fn outputs(&self, x: &[f64], i: usize) -> Vec<f64> {
        self.pass(x, i).sums.pop().unwrap()
    }

    fn target(&self, i: usize) -> Vec<f64> {
        let outputs = *widths(self.model).last().unwrap();
        match &self.data.targets {
            Targets::Values { values, .. } => values[i * outputs..(i + 1) * outputs].to_vec(),
            Targets::Classes { labels, .. } if outputs == 1 && self.loss == Loss::BinaryCrossEntropy => {
                vec![f64::from(labels[i])]
            }
            Targets::Classes { labels, .. } => {
                let smoothing = match self.loss {
                    Loss::CrossEntropy { label_smoothing, .. } => label_smoothing,
                    _ => 0.0,
                };
                let mut target = vec![smoothing / outputs as f64; outputs];
                target[labels[i] as usize] += 1.0 - smoothing;
                target
            }
        }
    }

    /// Places of a layer's weight and bias in the flat vector.
    fn places(&self) -> Vec<(usize, Option<usize>)> {
        let mut start = 0;
        let mut next = |size: usize| {
            start += size;
            start - size
        };
        let pairs = widths(self.model).windows(2);
        pairs.map(|w| (next(w[0] * w[1]), self.model.bias.then(|| next(w[1])))).collect()
    }

    fn pass(&self, x: &[f64], i: usize) -> Pass {
        let features = self.data.features;
        let mut h = numbers(&self.data.inputs)[i * features..(i + 1) * features].to_vec();
        let (mut inputs, mut sums) = (Vec::new(), Vec::new());
        let widths = widths(self.model);
        for (layer, (weight, bias)) in self.places().into_iter().enumerate() {
            let width = widths[layer];
            let z: Vec<f64> = (0..widths[layer + 1])
                .map(|o| {
                    let row = &x[weight + o * width..weight + (o + 1) * width];
                    row.iter().zip(&h).map(|(w, h)| w * h).sum::<f64>() + bias.map_or(0.0, |b| x[b + o])
                })
                .collect();
            let next = z.iter().map(|&z| activate(self.model.activation, z)[0]).collect();
            inputs.push(std::mem::replace(&mut h, next));
            sums.push(z);
        }
        Pass { inputs, sums }
    }

    /// Jᵀ u for one example: backpropagation of a cotangent of the outputs.
    fn pull_back(&self, x: &[f64], pass: &Pass, cotangent: &[f64]) -> Vec<f64> {
        let mut gradient = vec![0.0; x.len()];
        let deltas = self.deltas(x, pass, cotangent);
        for (layer, (weight, bias)) in self.places().into_iter().enumerate() {
            let input = &pass.inputs[layer];
            for (o, d) in deltas[layer].iter().enumerate() {
                for (k, h) in input.iter().enumerate() {
                    gradient[weight + o * input.len() + k] = d * h;
                }
                if let Some(bias) = bias {
                    gradient[bias + o] = *d;
                }
            }
        }
        gradient
    }

    /// The cotangents of each layer's weighted sums.
    fn deltas(&self, x: &[f64], pass: &Pass, cotangent: &[f64]) -> Vec<Vec<f64>> {
        let mut deltas = vec![cotangent.to_vec()];
        let places = self.places();
        for layer in (1..places.len()).rev() {
            let (delta, width) = (&deltas[0], pass.inputs[layer].len());
            let weight = |o: usize, k: usize| x[places[layer].0 + o * width + k];
            let before = (0..width).map(|k| {
                let sum: f64 = delta.iter().enumerate().map(|(o, d)| d * weight(o, k)).sum();
                sum * activate(self.model.activation, pass.sums[layer - 1][k])[1]
            });
            let before = before.collect();
            deltas.insert(0, before);
        }
        deltas
    }

    /// A and G of each layer: means over the examples of āāᵀ, and of ggᵀ over all targets
    /// that the model can predict, each with its probability.
    pub fn kronecker(&self, x: &[f64]) -> Vec<[Vec<f64>; 2]> {
        let n = self.data.examples();
        let mut factors = Vec::new();
        for i in 0..n {
            let pass = self.pass(x, i);
            let mut inputs = pass.inputs.clone();
            if self.model.bias {
                inputs.iter_mut().for_each(|input| input.push(1.0));
            }
            for (probability, slope) in self.predictions(pass.sums.last().unwrap()) {
                let deltas = self.deltas(x, &pass, &slope);
                factors.resize(deltas.len(), [Vec::new(), Vec::new()]);
                for ([a, g], (input, delta)) in factors.iter_mut().zip(inputs.iter().zip(&deltas)) {
                    for (total, row) in [(a, input), (g, delta)] {
                        total.resize(row.len() * row.len(), 0.0);
                        let scaled: Vec<f64> = row.iter().map(|v| v * probability / n as f64).collect();
                        for (at, total) in total.iter_mut().enumerate() {
                            *total += row[at / row.len()] * scaled[at % row.len()];
                        }
                    }
                }
            }
        }
        factors
    }

    /// Targets that the model predicts from outputs z, as probabilities with the loss's
    /// gradients; two on either side of z for each output of a Gaussian, whose covariance is 1.
    fn predictions(&self, z: &[f64]) -> Vec<(f64, Vec<f64>)> {
        let count = z.len();
        let one = |at: usize, value: f64| -> Vec<f64> {
            (0..count).map(|c| if c == at { value } else { 0.0 }).collect()
        };
        match self.loss {
            Loss::CrossEntropy { .. } => {
                let p = softmax(z);
                let slope = |y: usize| p.iter().zip(one(y, 1.0)).map(|(p, t)| p - t).collect();
                (0..count).map(|y| (p[y], slope(y))).collect()
            }
            Loss::BinaryCrossEntropy => {
                let p: Vec<f64> = z.iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect();
                let answers = |y: usize| (0..count).map(move |c| y >> c & 1 == 1);
                let each = |y: usize| {
                    let chance = answers(y).zip(&p).map(|(yes, p)| if yes { *p } else { 1.0 - p }).product();
                    (chance, answers(y).zip(&p).map(|(yes, p)| p - f64::from(u8::from(yes))).collect())
                };
                (0..1 << count).map(each).collect()
            }
            Loss::SquaredError => {
                let far = (count as f64).sqrt();
                let share = 0.5 / count as f64;
                (0..2 * count).map(|k| (share, one(k / 2, if k % 2 == 0 { far } else { -far }))).collect()
            }
            _ => panic!("{} predicts no targets", self.loss),
        }
    }
}

/// An activation and its derivative.
fn activate(activation: Activation, z: f64) -> [f64; 2] {
    let sigmoid = 1.0 / (1.0 + (-z).exp());
    let plus = z.max(0.0) + (-z.abs()).exp().ln_1p();
    let positive = f64::from(u8::from(z > 0.0));
    match activation {
        Activation::Relu => [z.max(0.0), positive],
        Activation::LeakyRelu => [z.max(0.01 * z), positive + 0.01 * (1.0 - positive)],
        Activation::Elu => [z.max(0.0) + z.min(0.0).exp_m1(), z.min(0.0).exp()],
        Activation::Gelu => {
            let phi = 0.5 * libm::erfc(-z / 2f64.sqrt());
            [z * phi, phi + z * (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt()]
        }
        Activation::GeluTanh => {
            let c = (2.0 / std::f64::consts::PI).sqrt();
            let t = (c * (z + 0.044715 * z.powi(3))).tanh();
            let slope = c * (1.0 + 3.0 * 0.044715 * z * z);
            [0.5 * z * (1.0 + t), 0.5 * (1.0 + t) + 0.5 * z * (1.0 - t * t) * slope]
        }
        Activation::Silu => [z * sigmoid, sigmoid * (1.0 + z * (1.0 - sigmoid))],
        Activation::Mish => {
            let t = plus.tanh();
            [z * t, t + z * (1.0 - t * t) * sigmoid]
        }
        Activation::Softplus => [plus, sigmoid],
        Activation::Tanh => [z.tanh(), 1.0 - z.tanh().powi(2)],
        Activation::Sigmoid => [sigmoid, sigmoid * (1.0 - sigmoid)],
        Activation::Identity => [z, 1.0],
    }
}

fn softmax(z: &[f64]) -> Vec<f64> {
    let top = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let e: Vec<f64> = z.iter().map(|z| (z - top).exp()).collect();
    let total: f64 = e.iter().sum();
    e.iter().map(|e| e / total).collect()
}

/// Adds the lower triangle of a bᵀ.
fn add_outer(total: &mut [f64], a: &[f64], b: &[f64]) {
    let n = a.len();
    for (i, (a, row)) in a.iter().zip(total.chunks_exact_mut(n)).enumerate().filter(|(_, (a, _))| **a != 0.0)
    {
        row[..=i].iter_mut().zip(b).for_each(|(t, b)| *t += a * b);
    }
}

/// Copies the lower triangle to the upper one.
fn mirror(matrix: &mut [f64], n: usize) {
    for i in 0..n {
        for j in 0..i {
            matrix[j * n + i] = matrix[i * n + j];
        }
    }
}
