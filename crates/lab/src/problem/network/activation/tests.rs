//! Activations and their first two derivatives against closed forms.

use std::f64::consts::{FRAC_1_SQRT_2, PI, TAU};

use thalweg_graph::{DType, Graph, Type, evaluate};

use super::*;

/// f, f′ and f″ of single numbers.
fn derivatives(activation: Activation) -> [Graph; 3] {
    let mut b = Builder::new();
    let x = b.input(Type::new(DType::F64, []));
    let y = activation.apply(&mut b, x);
    let value = b.finish(&[y]);
    let derivative = |of: &Graph, at: usize| {
        let gradient = of.grad(&[0]);
        let mut b = Builder::new();
        let x = b.input(Type::new(DType::F64, []));
        let outputs = b.call(&gradient, &[x]);
        b.finish(&outputs[at..at + 1])
    };
    let first = derivative(&value, 1);
    let second = derivative(&first, 1);
    [value, first, second]
}

fn at(graph: &Graph, x: f64) -> f64 {
    evaluate::<f64>(graph, &[&[x]])[0][0]
}

/// f, f′, f″ by the textbook.
fn expected(activation: Activation, x: f64) -> [f64; 3] {
    let s = 1.0 / (1.0 + (-x).exp());
    let [s1, s2] = [s * (1.0 - s), s * (1.0 - s) * (1.0 - 2.0 * s)];
    let up = f64::from(u8::from(x > 0.0));
    match activation {
        Activation::Relu => [x.max(0.0), up, 0.0],
        Activation::LeakyRelu => [x * (0.01 + 0.99 * up), 0.01 + 0.99 * up, 0.0],
        Activation::Elu if x > 0.0 => [x, 1.0, 0.0],
        Activation::Elu => [x.exp_m1(), x.exp(), x.exp()],
        Activation::Gelu => {
            let phi = 0.5 * libm::erfc(-x * FRAC_1_SQRT_2);
            let bell = (-0.5 * x * x).exp() / TAU.sqrt();
            [x * phi, phi + x * bell, (2.0 - x * x) * bell]
        }
        Activation::GeluTanh => {
            let c = (2.0 / PI).sqrt();
            let t = (c * (x + 0.044715 * x.powi(3))).tanh();
            let (g, g1, g2) = (1.0 + t, c * (1.0 + 0.134145 * x * x), c * 0.26829 * x);
            let t1 = (1.0 - t * t) * g1;
            let t2 = (1.0 - t * t) * g2 - 2.0 * t * t1 * g1;
            [0.5 * x * g, 0.5 * (g + x * t1), 0.5 * (2.0 * t1 + x * t2)]
        }
        Activation::Silu => [x * s, s + x * s1, 2.0 * s1 + x * s2],
        Activation::Mish => {
            let t = (x.max(0.0) + (-x.abs()).exp().ln_1p()).tanh();
            let t1 = (1.0 - t * t) * s;
            let t2 = (1.0 - t * t) * s1 - 2.0 * t * t1 * s;
            [x * t, t + x * t1, 2.0 * t1 + x * t2]
        }
        Activation::Softplus => [x.max(0.0) + (-x.abs()).exp().ln_1p(), s, s1],
        Activation::Tanh => {
            let t = x.tanh();
            [t, 1.0 - t * t, -2.0 * t * (1.0 - t * t)]
        }
        Activation::Sigmoid => [s, s1, s2],
        Activation::Identity => [x, 1.0, 0.0],
    }
}

#[test]
fn values_and_derivatives_are_those_of_the_textbook() {
    for activation in Activation::ALL {
        let graphs = derivatives(activation);
        for x in [-30.0, -3.1, -1.0, -0.2, -1e-3, 0.0, 1e-3, 0.4, 1.0, 2.7, 30.0] {
            for (order, (graph, expected)) in graphs.iter().zip(expected(activation, x)).enumerate() {
                let found = at(graph, x);
                let close = (found - expected).abs() <= 4e-15 * expected.abs().max(1.0);
                assert!(close, "{activation} of {x}, derivative {order}: {found} and {expected}");
            }
        }
    }
}

#[test]
fn far_out_nothing_overflows_and_nan_is_not_hidden() {
    for activation in Activation::ALL {
        let graphs = derivatives(activation);
        for x in [-800.0, 800.0] {
            let found = graphs.each_ref().map(|graph| at(graph, x));
            assert!(found.iter().all(|v| v.is_finite()), "{activation} of {x}: {found:?}");
        }
        assert!(at(&graphs[0], f64::NAN).is_nan(), "{activation}");
    }
}

#[test]
fn names_choose_activations_here_and_in_manifests() {
    for activation in Activation::ALL {
        assert_eq!(activation.name().parse(), Ok(activation));
        assert_eq!(serde_json::to_string(&activation).unwrap(), format!("\"{activation}\""));
    }
    let error = "selu".parse::<Activation>().unwrap_err().to_string();
    assert!(error.contains("relu, leaky-relu, elu, gelu, gelu-tanh, silu, mish"), "{error}");
}
