//! A network written out by hand, against which the program is checked.

/// tanh(x W₀ᵀ + b₀) W₁ᵀ + b₁ under mean cross-entropy, with its gradient by backpropagation.
pub struct ByHand {
    pub sizes: [usize; 3],
    pub inputs: Vec<Vec<f64>>,
    pub labels: Vec<usize>,
}

impl ByHand {
    /// The gradient at θ, which holds W₀, b₀, W₁, b₁, row by row.
    pub fn gradient(&self, theta: &[f64]) -> Vec<f64> {
        let [i, h, o] = self.sizes;
        let (w0, rest) = theta.split_at(h * i);
        let (b0, rest) = rest.split_at(h);
        let (w1, b1) = rest.split_at(o * h);
        let mut gradient = vec![0.0; theta.len()];
        let n = self.inputs.len() as f64;
        for (x, &label) in self.inputs.iter().zip(&self.labels) {
            let dot = |w: &[f64], v: &[f64]| w.iter().zip(v).map(|(w, v)| w * v).sum::<f64>();
            let hidden: Vec<f64> = (0..h).map(|k| (dot(&w0[k * i..(k + 1) * i], x) + b0[k]).tanh()).collect();
            let z: Vec<f64> = (0..o).map(|k| dot(&w1[k * h..(k + 1) * h], &hidden) + b1[k]).collect();
            let total: f64 = z.iter().map(|z| z.exp()).sum();
            let slope: Vec<f64> =
                (0..o).map(|k| (z[k].exp() / total - f64::from(u8::from(k == label))) / n).collect();
            for k in 0..h {
                let back: f64 =
                    (0..o).map(|c| slope[c] * w1[c * h + k]).sum::<f64>() * (1.0 - hidden[k].powi(2));
                (0..i).for_each(|j| gradient[k * i + j] += back * x[j]);
                gradient[h * i + k] += back;
            }
            for (c, s) in slope.iter().enumerate() {
                (0..h).for_each(|k| gradient[h * i + h + c * h + k] += s * hidden[k]);
                gradient[h * i + h + o * h + c] += s;
            }
        }
        gradient
    }

    /// ∇²f v by central differences of the gradient.
    pub fn product(&self, theta: &[f64], v: &[f64]) -> Vec<f64> {
        let step = 1e-5;
        let moved = |sign: f64| -> Vec<f64> {
            let at: Vec<f64> = theta.iter().zip(v).map(|(t, v)| t + sign * step * v).collect();
            self.gradient(&at)
        };
        moved(1.0).iter().zip(moved(-1.0)).map(|(a, b)| (a - b) / (2.0 * step)).collect()
    }
}
