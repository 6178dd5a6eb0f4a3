//! The examples' own losses.

use std::borrow::Cow;

use thalweg_graph::{Program, Role, Threads};

use super::objective::Network;
use crate::Scalar;

impl<T: Scalar> Network<T> {
    /// The losses of all examples at each row of `points`, into the rows of `losses`.
    ///
    /// # Panics
    /// If the examples [are coupled](Self::is_coupled).
    pub(super) fn example_losses(&self, points: &[T], losses: &mut [f64]) {
        assert!(!self.is_coupled(), "an example of a normalized batch has no loss of its own");
        let (n, count) = (self.layout.dimension(), self.data.examples());
        let size = self.shard.min(count);
        let (whole, last) = self.each.get_or_init(|| {
            let compile = |examples| Program::compile(&self.programs.example_losses(examples));
            (compile(size), (count % size > 0).then(|| compile(count % size)))
        });
        let threads = &self.settings.threads;
        let points: Vec<(&[T], Cow<'_, [Vec<T>]>)> =
            points.chunks_exact(n.max(1)).map(|x| (x, self.buffers_at(x, threads))).collect();
        let rows = points.iter().zip(losses.chunks_exact_mut(count));
        let items: Vec<_> = rows
            .flat_map(|(point, row)| {
                row.chunks_mut(size).enumerate().map(move |(i, out)| (point, i * size, out))
            })
            .collect();
        let (roles, weight) = (self.programs.roles(), self.weight());
        threads.for_each(items, |((x, buffers), first, out)| {
            let program =
                if out.len() == size { whole } else { last.as_ref().expect("of the last examples") };
            let mut inputs = self.inputs(x, buffers, &weight);
            for (input, role) in inputs.iter_mut().zip(&roles) {
                if *role == Role::Examples {
                    let row = input.len() / count;
                    *input = &input[first * row..][..out.len() * row];
                }
            }
            program.run(&inputs, &mut [bytemuck::cast_slice_mut(out)], &Threads::default());
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::problem::network::{Data, Inputs, ModelSpec, Network, Settings, Targets};
    use crate::{FiniteSum, Objective, Terms};

    /// Their mean and their spread are those of the terms, which are summed in another program.
    #[test]
    fn their_moments_are_those_of_the_terms() {
        let count = 300;
        let numbers: Vec<f64> = (0..count * 3).map(|i| ((i * 37 % 101) as f64 - 50.0) / 40.0).collect();
        let labels = (0..count as i32).map(|i| i * i % 4).collect();
        let data = Data {
            inputs: Inputs::Numbers(numbers),
            features: 3,
            targets: Targets::Classes { labels, count: 4 },
        };
        let model = ModelSpec::mlp(&[3, 8, 4]);
        let settings = Settings { weight_decay: 0.1, ..Settings::default() };
        let network = Network::<f64>::new(model, data, settings).unwrap();
        let n = network.dimension();
        let points: Vec<f64> = (0..2 * n).map(|i| (i as f64 * 0.7).sin()).collect();
        let mut losses = vec![0.0; 2 * count];
        network.losses(&points, &mut losses);
        for (x, losses) in points.chunks(n).zip(losses.chunks(count)) {
            let mean = losses.iter().sum::<f64>() / count as f64;
            let square = losses.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / (count - 1) as f64;
            let Terms { data, data_stderr, .. } = network.terms(x);
            assert!((mean - data).abs() < 1e-13, "{mean} {data}");
            assert!(((square / count as f64).sqrt() - data_stderr.unwrap()).abs() < 1e-13);
        }
    }
}
