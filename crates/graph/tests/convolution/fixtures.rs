//! Values and gradients by PyTorch and JAX; `data/convolution.py` writes them and says what a line holds.

use thalweg_graph::primitive::{Convolution, ConvolutionDims, Window};
use thalweg_graph::{Axes, Builder, DType, Type, Value, evaluate};

const LINES: &str = include_str!("../data/convolution.txt");

/// One case: its function, and the numbers of each key.
struct Case {
    function: &'static str,
    numbers: Vec<(&'static str, Vec<f64>)>,
}

fn cases() -> Vec<Case> {
    let blocks =
        LINES.split("\n\n").map(str::trim).filter(|block| !block.is_empty() && !block.starts_with('#'));
    blocks
        .map(|block| {
            let mut lines = block.lines();
            let function = lines.next().expect("a function");
            let numbers = lines.map(|line| {
                let (key, rest) = line.split_once(' ').expect("a key and its numbers");
                (key, rest.split(' ').map(|n| n.parse().expect("a number")).collect())
            });
            Case { function, numbers: numbers.collect() }
        })
        .collect()
}

impl Case {
    fn get(&self, key: &str) -> &[f64] {
        &self.numbers.iter().find(|(k, _)| *k == key).unwrap_or_else(|| panic!("no {key}")).1
    }

    fn sizes(&self, key: &str) -> Vec<usize> {
        self.get(key).iter().map(|&n| n as usize).collect()
    }

    fn input(&self, b: &mut Builder, key: &str) -> Value {
        b.input(Type::new(DType::F64, self.sizes(&format!("{key}.shape"))))
    }

    /// The convolution that the case says.
    fn build(&self, b: &mut Builder, x: Value, w: Value) -> Value {
        if self.function == "conv_general_dilated" {
            return b.emit(self.general(), &[x, w]);
        }
        let [stride, padding, dilation] = ["stride", "padding", "dilation"].map(|key| self.sizes(key));
        let window: Vec<Window> = (0..stride.len())
            .map(|i| {
                let both = padding[i] as isize;
                Window::new().stride(stride[i]).padding(both, both).dilation(dilation[i])
            })
            .collect();
        let groups = self.sizes("groups")[0];
        match self.function.starts_with("conv_transpose") {
            true => b.conv_transpose(x, w, &window, &self.sizes("output_padding"), groups),
            false => b.convolution(x, w, &window, groups),
        }
    }

    fn general(&self) -> Convolution {
        let padding = self.get("padding");
        let numbers = ["window_strides", "lhs_dilation", "rhs_dilation"].map(|key| self.sizes(key));
        let window = (0..numbers[0].len()).map(|i| Window {
            stride: numbers[0][i],
            low: padding[2 * i] as isize,
            high: padding[2 * i + 1] as isize,
            lhs_dilation: numbers[1][i],
            rhs_dilation: numbers[2][i],
            reversed: false,
        });
        let axes = |key: &str| -> (usize, usize, Axes) {
            let axes = self.sizes(key);
            (axes[0], axes[1], axes[2..].into())
        };
        let (lhs_batch, lhs_feature, lhs_spatial) = axes("lhs");
        let (rhs_output, rhs_input, rhs_spatial) = axes("rhs");
        let (out_batch, out_feature, out_spatial) = axes("out");
        Convolution {
            dims: ConvolutionDims {
                lhs_batch,
                lhs_feature,
                lhs_spatial,
                rhs_input,
                rhs_output,
                rhs_spatial,
                out_batch,
                out_feature,
                out_spatial,
            },
            window: window.collect(),
            feature_groups: self.sizes("feature_group_count")[0],
            batch_groups: self.sizes("batch_group_count")[0],
        }
    }
}

#[test]
fn values_and_gradients_are_those_of_other_programs() {
    let cases = cases();
    assert_eq!(cases.len(), 13);
    for (i, case) in cases.iter().enumerate() {
        let mut b = Builder::new();
        let (x, w) = (case.input(&mut b, "x"), case.input(&mut b, "w"));
        let y = case.build(&mut b, x, w);
        assert_eq!(b.shape(y), case.sizes("y.shape"), "case {i}, {}", case.function);
        let u = case.input(&mut b, "u");
        let weighted = b.mul(u, y);
        let sum = b.sum_all(weighted);
        let gradient = b.finish(&[sum, y]).grad(&[0, 1]);
        let outputs = evaluate(&gradient, &["x", "w", "u"].map(|key| case.get(key)));
        for (key, found) in ["y", "dx", "dw"].into_iter().zip(&outputs[1..]) {
            assert_eq!(found, case.get(key), "case {i}, {}: {key}", case.function);
        }
    }
}
