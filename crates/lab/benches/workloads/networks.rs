//! The networks of the peer benchmark by name (`bench/peers/README.md`).

use thalweg_lab::Scalar;
use thalweg_lab::problem::network::{Data, ModelSpec, Network, Settings, Targets};

use super::setting::uniform;

/// A network with the sizes at which its quantities are measured.
pub struct Workload {
    /// Its name in the benchmark.
    pub name: &'static str,
    /// The model in Thalweg's notation.
    pub spec: &'static str,
    /// Number of examples.
    pub examples: usize,
    /// The same for planes, and for Lanczos.
    pub more: [usize; 2],
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
    workload("resnet20-batch", "resnet20:batch-statistics", [128, 512, 512], 5, 3),
    workload("gpt", "gpt:2-128-4-64", [16; 3], 100, 6),
];

const fn workload(
    name: &'static str,
    spec: &'static str,
    [examples, plane, lanczos]: [usize; 3],
    steps: usize,
    side: usize,
) -> Workload {
    Workload { name, spec, examples, more: [plane, lanczos], steps, side }
}

/// The network of this name.
pub fn find(name: &str) -> Result<&'static Workload, String> {
    NETWORKS.iter().find(|workload| workload.name == name).ok_or_else(|| format!("unknown network {name:?}"))
}

impl Workload {
    /// Number of examples for a quantity.
    pub fn count(&self, quantity: &str) -> usize {
        match quantity {
            "plane" => self.more[0],
            "lanczos" => self.more[1],
            _ => self.examples,
        }
    }

    /// The objective for a quantity, or why there is none yet.
    pub fn open<T: Scalar>(&self, quantity: &str, settings: Settings) -> Result<Network<T>, String> {
        let model: ModelSpec =
            self.spec.parse().map_err(|error| format!("Thalweg has no {} yet: {error}", self.spec))?;
        let (examples, features) = (self.count(quantity), model.inputs());
        let inputs = (0..examples * features).map(|i| T::of(f64::from(uniform(1, i)))).collect();
        let labels = (0..examples).map(|j| (j % 10) as i32).collect();
        let data = Data { inputs, features, targets: Targets::Classes { labels, count: 10 } };
        Network::new(model, data, settings).map_err(|error| error.to_string())
    }
}
