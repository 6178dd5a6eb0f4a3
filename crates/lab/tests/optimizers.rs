//! Rules of training against reference implementations and published trajectories;
//! `fixtures/optimizers/make.py` says which functions these are and writes the numbers.

use serde_json::Value as Json;
use thalweg_lab::krylov::{SymmetricOperator, from_fn};
use thalweg_lab::optim::{Entry, Everything, Memory, Optimizer, OptimizerSpec, Rates, registry};
use thalweg_lab::{Curvature, Layout, Objective, Oracle, Unsupported};

const FIXTURES: &str = include_str!("fixtures/optimizers/trajectories.json");

/// A function of f64 with its gradient, and its Hessian's diagonal where that is all there is.
struct Written {
    layout: Layout,
    value_grad: fn(&[f64], &mut [f64]) -> f64,
    curvatures: Option<fn(&[f64]) -> Vec<f64>>,
}

impl Objective<f64> for Written {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn value(&self, x: &[f64]) -> f64 {
        (self.value_grad)(x, &mut vec![0.0; x.len()])
    }

    fn value_grad(&self, x: &[f64], gradient: &mut [f64]) -> f64 {
        (self.value_grad)(x, gradient)
    }

    fn linearize<'a>(
        &'a self,
        x: &[f64],
        curvature: Curvature,
    ) -> Result<Box<dyn SymmetricOperator<f64> + 'a>, Unsupported> {
        let curvatures = self.curvatures.ok_or(Unsupported::not_a_sum(curvature))?(x);
        let product = move |v: &[f64], out: &mut [f64]| {
            for ((out, v), c) in out.iter_mut().zip(v).zip(&curvatures) {
                *out = c * v;
            }
        };
        Ok(Box::new(from_fn(x.len(), product)))
    }
}

/// ‖V (W X + b 1ᵀ) − Y‖²/8, written out.
fn layers(x: &[f64], gradient: &mut [f64]) -> f64 {
    let (w, b, v) = (&x[..6], &x[6..9], &x[9..]);
    let mut value = 0.0;
    gradient.fill(0.0);
    for k in 0..4 {
        let input = [0.0, 1.0].map(|i| f64::sin(1.0 + 2.0 * i + 3.0 * k as f64));
        let hidden = [0, 1, 2].map(|j| w[2 * j] * input[0] + w[2 * j + 1] * input[1] + b[j]);
        for i in 0..2 {
            let row = &v[3 * i..3 * i + 3];
            let target = f64::cos(2.0 + i as f64 + 5.0 * k as f64);
            let error = (0..3).map(|j| row[j] * hidden[j]).sum::<f64>() - target;
            value += error * error / 8.0;
            for j in 0..3 {
                gradient[9 + 3 * i + j] += error * hidden[j] / 4.0;
                gradient[6 + j] += error * row[j] / 4.0;
                gradient[2 * j] += error * row[j] * input[0] / 4.0;
                gradient[2 * j + 1] += error * row[j] * input[1] / 4.0;
            }
        }
    }
    value
}

fn weight(i: usize) -> f64 {
    if i == 0 { -0.5 } else { 1.0 + i as f64 / 3.0 }
}

/// Σ aᵢ xᵢ²/2 + xᵢ⁴/4.
fn separable(x: &[f64], gradient: &mut [f64]) -> f64 {
    let terms = x.iter().zip(gradient).enumerate().map(|(i, (x, g))| {
        *g = weight(i) * x + x.powi(3);
        weight(i) * x * x / 2.0 + x.powi(4) / 4.0
    });
    terms.sum()
}

fn separable_curvatures(x: &[f64]) -> Vec<f64> {
    x.iter().enumerate().map(|(i, x)| weight(i) + 3.0 * x * x).collect()
}

/// A run of one optimizer at its own rate.
struct Run<'o> {
    oracle: Oracle<'o, f64>,
    optimizer: Optimizer<f64>,
    rates: Rates,
    memory: Memory<f64>,
    x: Vec<f64>,
    gradient: Vec<f64>,
}

impl<'o> Run<'o> {
    fn new(spec: &str, objective: &'o Written, x: Vec<f64>) -> Self {
        let spec: OptimizerSpec = spec.parse().unwrap();
        let optimizer = spec.build::<f64>(&objective.layout);
        let memory = match &optimizer {
            Optimizer::Method(method) => method.init(x.len()),
            Optimizer::Stochastic(method) => method.init(x.len()),
            Optimizer::Iteration(_) | Optimizer::Solver(_) => panic!("{spec} is no rule of training"),
        };
        Self {
            oracle: Oracle::new(objective),
            rates: Rates::new(spec.learning_rate().unwrap()),
            gradient: vec![0.0; x.len()],
            optimizer,
            memory,
            x,
        }
    }

    fn step(&mut self) {
        let Self { oracle, optimizer, rates, memory, x, gradient } = self;
        match optimizer {
            Optimizer::Method(method) => {
                oracle.value_grad(x, gradient).unwrap();
                method.step(memory, x, gradient, *rates);
            }
            Optimizer::Stochastic(method) => {
                method.step(&mut Everything::new(oracle), memory, x, gradient, *rates).unwrap();
            }
            Optimizer::Iteration(_) | Optimizer::Solver(_) => unreachable!("refused by new"),
        }
    }

    fn answer(&self) -> &[f64] {
        match &self.optimizer {
            Optimizer::Method(method) => method.answer(&self.memory, &self.x),
            Optimizer::Stochastic(method) => method.answer(&self.memory, &self.x),
            Optimizer::Iteration(_) | Optimizer::Solver(_) => unreachable!("refused by new"),
        }
    }
}

fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// The largest difference relative to the largest entry.
fn gap(found: &[f64], expected: &Json) -> f64 {
    let expected = numbers(expected);
    assert_eq!(found.len(), expected.len());
    let size = expected.iter().fold(0.0f64, |size, v| size.max(v.abs()));
    found.iter().zip(&expected).map(|(a, b)| (a - b).abs() / size).fold(0.0, f64::max)
}

#[test]
fn steps_are_those_of_the_reference_implementations() {
    let fixtures: Vec<Json> = serde_json::from_str(FIXTURES).unwrap();
    let mut wrong = Vec::new();
    for case in &fixtures {
        let spec = case["optimizer"].as_str().unwrap();
        let shapes = case["shapes"].as_array().unwrap().iter().map(|shape| {
            let shape = shape.as_array().unwrap().iter();
            shape.map(|d| d.as_u64().unwrap() as usize).collect::<Vec<_>>()
        });
        let layout = Layout::new(["w", "b", "v"].into_iter().zip(shapes));
        let objective = match case["function"].as_str().unwrap() {
            "layers" => Written { layout, value_grad: layers, curvatures: None },
            _ => Written { layout, value_grad: separable, curvatures: Some(separable_curvatures) },
        };
        let start: Vec<f64> = (0..15).map(|i| 0.9 * f64::cos(1.0 + 3.0 * f64::from(i))).collect();
        let mut run = Run::new(spec, &objective, start);
        assert_eq!(run.answer(), run.x, "{spec} before the first step");
        for (place, step) in case["steps"].as_array().unwrap().iter().enumerate() {
            while run.memory.step < step.as_u64().unwrap() {
                run.step();
            }
            let answers = case.get("answer").unwrap_or(&case["x"]);
            let gaps = [gap(&run.x, &case["x"][place]), gap(run.answer(), &answers[place])];
            if gaps.iter().any(|gap| gap.is_nan() || *gap > 1e-10) {
                wrong.push(format!(
                    "{spec} at step {step} ({}): {:.1e} {:.1e}",
                    case["reference"], gaps[0], gaps[1]
                ));
                break;
            }
        }
    }
    assert_eq!(fixtures.len(), 48);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every rule of the table on matrices goes down, and memory that is written and read goes on with the same bits.
#[test]
fn rules_go_down_on_matrices_and_resume_to_the_last_bit() {
    let layout = || Layout::new([("w", vec![3, 1, 2]), ("b", vec![3]), ("v", vec![2, 3])]);
    let objective =
        Written { layout: layout(), value_grad: separable, curvatures: Some(separable_curvatures) };
    let start: Vec<f64> = (0..15).map(|i| 0.9 * f64::cos(1.0 + 3.0 * f64::from(i))).collect();
    for entry in registry::<f64>() {
        if matches!(
            (entry.build)(&defaults(entry), &objective.layout),
            Optimizer::Iteration(_) | Optimizer::Solver(_)
        ) {
            continue;
        }
        let spec = entry
            .rate
            .map_or(entry.name.to_owned(), |rate| format!("{}:rate={}", entry.name, rate.min(0.02)));
        let mut whole = Run::new(&spec, &objective, start.clone());
        (0..7).for_each(|_| whole.step());
        let mut resumed = Run::new(&spec, &objective, whole.x.clone());
        resumed.memory = serde_json::from_str(&serde_json::to_string(&whole.memory).unwrap()).unwrap();
        for run in [&mut whole, &mut resumed] {
            (0..15).for_each(|_| run.step());
        }
        assert!(whole.memory == resumed.memory && whole.x == resumed.x, "{}", entry.name);
        assert_eq!(whole.memory.step, 22, "{}", entry.name);
        let values = [&start[..], whole.answer()].map(|x| objective.value(x));
        assert!(values[1] < values[0], "{} goes from {} to {}", entry.name, values[0], values[1]);
    }
}

fn defaults(entry: &Entry<f64>) -> Vec<f64> {
    entry.parameters.iter().map(|parameter| parameter.default).collect()
}

/// The rules that go by gradients alone, in f32 with gradients of f64, against themselves in f64.
#[test]
fn single_precision_follows_double_on_matrices() {
    let fixtures: Vec<Json> = serde_json::from_str(FIXTURES).unwrap();
    let layout = Layout::new([("w", vec![3, 2]), ("b", vec![3]), ("v", vec![2, 3])]);
    let mut seen = 0;
    for case in &fixtures {
        let spec: OptimizerSpec = case["optimizer"].as_str().unwrap().parse().unwrap();
        let (Optimizer::Method(wide), Optimizer::Method(narrow)) =
            (spec.build::<f64>(&layout), spec.build::<f32>(&layout))
        else {
            continue;
        };
        let rates = Rates::new(spec.learning_rate().unwrap());
        let mut x: Vec<f64> = (0..15).map(|i| 0.9 * f64::cos(1.0 + 3.0 * f64::from(i))).collect();
        let mut y: Vec<f32> = x.iter().map(|&x| x as f32).collect();
        let (mut memory, mut other) = (wide.init(15), narrow.init(15));
        let mut gradient = vec![0.0; 15];
        for _ in 0..10 {
            layers(&x, &mut gradient);
            wide.step(&mut memory, &mut x, &gradient, rates);
            layers(&y.iter().map(|&y| f64::from(y)).collect::<Vec<_>>(), &mut gradient);
            let gradient: Vec<f32> = gradient.iter().map(|&g| g as f32).collect();
            narrow.step(&mut other, &mut y, &gradient, rates);
        }
        let gap = x.iter().zip(&y).map(|(x, &y)| (x - f64::from(y)).abs()).fold(0.0, f64::max);
        // What f32 leaves of matrices of low rank is little beside their ε.
        let limit = if spec.name() == "shampoo" { 2e-3 } else { 2e-4 };
        assert!(gap < limit, "{spec}: {gap:e}");
        seen += 1;
    }
    assert!(seen > 30);
}

fn rosenbrock(x: &[f64], gradient: &mut [f64]) -> f64 {
    let gap = x[1] - x[0] * x[0];
    gradient.copy_from_slice(&[-400.0 * x[0] * gap - 2.0 * (1.0 - x[0]), 200.0 * gap]);
    100.0 * gap * gap + (1.0 - x[0]).powi(2)
}

/// f on Rosenbrock's function from (−1.2, 1) after 1, 1,000 and 10,000 steps, to all digits that the method
/// decides. Adam's last figure is decided by rounding: 9.156·10⁻¹¹ where x² is C's `pow`, 1.05·10⁻¹⁴ where it is
/// x·x, which PyTorch gives, too.
#[test]
fn known_trajectories_on_rosenbrocks_function_come_back() {
    let objective = Written { layout: Layout::flat(2), value_grad: rosenbrock, curvatures: None };
    for (spec, known) in [
        ("adam:rate=0.01", [Some(21.287821), Some(1.25497482), None]),
        ("rmsprop:rate=0.001", [Some(21.287821), Some(3.26122192), Some(2.25082527e-4)]),
        ("adagrad:rate=0.1", [Some(5.62), Some(1.5357754), Some(6.26928713e-4)]),
        ("momentum:rate=0.001", [None, Some(2.50502806e-5), None]),
    ] {
        let mut run = Run::new(spec, &objective, vec![-1.2, 1.0]);
        for (steps, known) in [1, 1000, 10_000].into_iter().zip(known) {
            while run.memory.step < steps {
                run.step();
            }
            let value = objective.value(&run.x);
            let close = known.is_none_or(|known: f64| (value / known - 1.0).abs() < 1e-8);
            assert!(close, "{spec} after {steps}: {value:e} against {known:?}");
            assert!(!(spec.starts_with("adam") && steps == 10_000) || value < 1e-10, "{value:e}");
        }
    }
}
