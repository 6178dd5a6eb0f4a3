//! The workloads that every peer runs, and how fast Thalweg means to be.

/// The networks in the order of the table; `bench/peers/README.md` defines them.
pub const NETWORKS: [&str; 7] = ["digits", "mlp", "mlp-2048", "lenet5", "resnet20", "resnet20-batch", "gpt"];

/// What is measured of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// The name by which the peers know it.
    pub name: &'static str,
    /// What one unit of its time is.
    pub unit: &'static str,
    /// The same in a heading.
    pub title: &'static str,
}

/// The quantities in the order of the table.
pub const QUANTITIES: [Quantity; 8] = [
    quantity("gradient", "gradient", "Gradient"),
    quantity("product", "vector", "Hessian product"),
    quantity("product-block", "vector", "Hessian product, in a block of 8"),
    quantity("ggn", "vector", "Gauss-Newton product"),
    quantity("lanczos", "step", "Lanczos with full reorthogonalization"),
    quantity("plane", "evaluation", "Loss on a plane"),
    quantity(STEPS, "step", "Training step"),
    quantity(FIRST_PRODUCT, "process", "Start of the process to the first Hessian product"),
];

/// The quantity that is timed from the start of the process to its answer.
pub const FIRST_PRODUCT: &str = "first-product";

/// Training, which is measured of the digits alone, on one thread.
const STEPS: &str = "steps";

/// A goal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aim {
    /// At least this many times as fast as the fastest peer.
    Times(f64),
    /// At most this many seconds.
    Seconds(f64),
}

/// One quantity of one network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Workload {
    /// The network's name.
    pub network: &'static str,
    /// What is measured of it.
    pub quantity: Quantity,
}

impl Workload {
    /// The name by which the peers know it.
    pub fn name(&self) -> String {
        format!("{}/{}", self.network, self.quantity.name)
    }

    /// Whether it is measured on so many threads.
    pub fn takes(&self, threads: usize) -> bool {
        self.quantity.name != STEPS || threads == 1
    }

    /// What Thalweg means to reach.
    pub fn aim(&self) -> Option<Aim> {
        if self.quantity.name == FIRST_PRODUCT {
            return Some(Aim::Seconds(0.2));
        }
        let times = match (self.network, self.quantity.name) {
            ("digits", "gradient" | "product-block" | "ggn" | "lanczos" | "plane" | "steps") => 3.0,
            ("mlp", "product" | "ggn") | ("mlp-2048", "product") => 1.4,
            ("mlp", "product-block") => 1.3,
            ("mlp-2048", "lanczos") => 2.0,
            ("lenet5", "product") => 4.0,
            ("lenet5", "plane") => 8.0,
            ("resnet20" | "resnet20-batch", "gradient") => 1.6,
            ("resnet20" | "resnet20-batch", "product") | ("resnet20", "ggn") => 2.5,
            ("resnet20", "lanczos") => 4.0,
            ("resnet20", "plane") => 1.8,
            ("gpt", "product" | "ggn") => 2.0,
            _ => return None,
        };
        Some(Aim::Times(times))
    }
}

/// All workloads in the order of the table.
pub fn all() -> Vec<Workload> {
    let each = |quantity: Quantity| NETWORKS.map(|network| Workload { network, quantity });
    let trained = |workload: &Workload| workload.quantity.name != STEPS || workload.network == "digits";
    QUANTITIES.into_iter().flat_map(each).filter(trained).collect()
}

const fn quantity(name: &'static str, unit: &'static str, title: &'static str) -> Quantity {
    Quantity { name, unit, title }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The workload of this name.
    pub fn find(name: &str) -> Option<Workload> {
        all().into_iter().find(|workload| workload.name() == name)
    }

    fn read(file: &str) -> String {
        std::fs::read_to_string(format!("{}/../{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn peers_and_their_contract_name_every_network_and_quantity() {
        let ours = ["crates/lab/examples/bench_workloads.rs", "crates/lab/benches/workloads/networks.rs"];
        let ours = ours.map(read).concat();
        for (file, text) in [
            ("bench/peers/workloads.py", read("bench/peers/workloads.py")),
            ("bench/peers/README.md", read("bench/peers/README.md")),
            ("the workloads in Thalweg", ours),
        ] {
            for name in NETWORKS.into_iter().chain(QUANTITIES.map(|quantity| quantity.name)) {
                let found =
                    [format!("\"{name}\""), format!("`{name}`")].iter().any(|name| text.contains(name));
                assert!(found, "{file} lacks {name}");
            }
        }
    }

    #[test]
    fn goals_are_those_of_workloads_that_exist() {
        let all = all();
        assert_eq!(all.len(), 7 * NETWORKS.len() + 1);
        assert_eq!(find("digits/steps").unwrap().aim(), Some(Aim::Times(3.0)));
        assert_eq!(find("lenet5/plane").unwrap().aim(), Some(Aim::Times(8.0)));
        assert_eq!(find("gpt/gradient").unwrap().aim(), None);
        assert_eq!(find("gpt/first-product").unwrap().aim(), Some(Aim::Seconds(0.2)));
        assert_eq!(find("gpt/steps"), None);
        assert!(!find("digits/steps").unwrap().takes(2) && find("digits/plane").unwrap().takes(2));
    }
}
