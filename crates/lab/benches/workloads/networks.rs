//! The networks of the peer benchmark by name (`bench/peers/README.md`).

use thalweg_lab::Scalar;
use thalweg_lab::problem::network::{
    BatchNorm, Data, InputKind, Inputs, Model, ModelSpec, Network, Settings, Targets,
};

use super::setting::{splitmix, uniform};

/// A network with the sizes at which its quantities are measured.
pub struct Workload {
    /// Its name in the benchmark.
    pub name: &'static str,
    /// The model in Thalweg's notation.
    pub spec: &'static str,
    /// Number of examples, of those for planes, and of those for Lanczos.
    pub examples: [usize; 3],
    /// Steps of Lanczos.
    pub steps: usize,
    /// Points along each side of the part of the 51 × 51 plane that is evaluated.
    pub side: usize,
}

/// The networks in the benchmark's order.
pub const NETWORKS: [Workload; 7] = [
    workload("digits", "mlp:64-32-10", [1797; 3], 100, 51),
    workload("mlp", "mlp:784-512-512-10", [256; 3], 100, 11),
    workload("mlp-2048", "mlp:784-512-512-10", [2048; 3], 100, 6),
    workload("lenet5", "lenet5", [256, 2048, 256], 100, 3),
    workload("resnet20", "resnet20", [128, 512, 512], 5, 3),
    workload(BATCH_STATISTICS, "resnet20", [128, 512, 512], 5, 3),
    workload("gpt", "gpt:2-128-4-64", [16; 3], 100, 6),
];

/// The network that is normalized by the statistics of the whole batch.
const BATCH_STATISTICS: &str = "resnet20-batch";

const fn workload(
    name: &'static str,
    spec: &'static str,
    examples: [usize; 3],
    steps: usize,
    side: usize,
) -> Workload {
    Workload { name, spec, examples, steps, side }
}

/// The network of this name.
pub fn find(name: &str) -> Result<&'static Workload, String> {
    NETWORKS.iter().find(|workload| workload.name == name).ok_or_else(|| format!("unknown network {name:?}"))
}

impl Workload {
    /// The objective for a quantity, or why there is none.
    pub fn open<T: Scalar>(&self, quantity: &str, mut settings: Settings) -> Result<Network<T>, String> {
        let model: ModelSpec =
            self.spec.parse().map_err(|error| format!("Thalweg has no {} yet: {error}", self.spec))?;
        let examples = self.examples[match quantity {
            "plane" => 1,
            "lanczos" => 2,
            _ => 0,
        }];
        settings.batch_norm = match self.name {
            BATCH_STATISTICS => BatchNorm::Batch { size: examples },
            _ => BatchNorm::Frozen,
        };
        let mut network = Network::new(model.clone(), data(&model, examples), settings)
            .map_err(|error| error.to_string())?;
        freeze(&mut network);
        Ok(network)
    }
}

/// Numbers in [0, 1) with classes 0 … 9, 0 …; or tokens, of which each is to tell the next.
fn data<T: Scalar>(model: &ModelSpec, examples: usize) -> Data<T> {
    let input = model.input();
    let features = input.size();
    match input.kind {
        InputKind::Numbers => Data {
            inputs: Inputs::Numbers(
                (0..examples * features).map(|i| T::of(f64::from(uniform(1, i)))).collect(),
            ),
            features,
            targets: Targets::Classes { labels: (0..examples).map(|j| (j % 10) as i32).collect(), count: 10 },
        },
        InputKind::Tokens { vocabulary } => {
            let token = |i: usize| (((splitmix(1, i as u64) >> 40) * vocabulary as u64) >> 24) as i32;
            let window = |first: usize| {
                let starts = (0..examples).map(move |j| j * (features + 1) + first);
                starts.flat_map(|start| start..start + features).map(token).collect()
            };
            let targets = Targets::Classes { labels: window(1), count: vocabulary };
            Data { inputs: Inputs::Tokens(window(0)), features, targets }
        }
    }
}

/// Sets the means of batch normalizations to [−0.1, 0.1) and the variances to [0.5, 1.5).
fn freeze<T: Scalar>(network: &mut Network<T>) {
    let statistics = network.buffers().filter(|(buffer, _)| buffer.statistic);
    let sizes: Vec<(String, usize)> =
        statistics.map(|(buffer, values)| (buffer.name.clone(), values.len())).collect();
    let mut first = [0; 2];
    for (name, size) in sizes {
        let variance = name.ends_with("var");
        let start = &mut first[usize::from(variance)];
        let value = |i| if variance { uniform(6, i) + 0.5 } else { (2.0 * uniform(5, i) - 1.0) / 10.0 };
        let values: Vec<T> = (*start..*start + size).map(|i| T::of(f64::from(value(i)))).collect();
        network.set_buffer(&name, &values);
        *start += size;
    }
}
