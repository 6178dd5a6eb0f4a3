//! The workloads that every peer runs.

/// One workload. Its sizes and data are defined in `bench/peers/README.md`.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// The name by which the peers know it.
    pub name: &'static str,
    /// How many threads a peer may use.
    pub threads: usize,
    /// What one unit of its time is.
    pub unit: &'static str,
    /// How many times as fast as the fastest peer Thalweg means to be.
    pub aim: Option<f64>,
}

/// The workload that is timed from the start of the process to its answer.
pub const FIRST_PRODUCT: &str = "first-product";

/// The workloads in the order of the table.
pub const WORKLOADS: [Workload; 9] = [
    workload("digits-gradient", 2, "gradient", Some(3.0)),
    workload("digits-product", 2, "vector", None),
    workload("digits-product-block", 2, "vector", Some(3.0)),
    workload("digits-plane", 2, "plane", None),
    workload("digits-steps", 1, "step", Some(3.0)),
    workload("mlp-gradient", 2, "gradient", None),
    workload("mlp-product", 2, "vector", Some(1.3)),
    workload("mlp-product-block", 2, "vector", Some(1.3)),
    workload(FIRST_PRODUCT, 2, "process", None),
];

const fn workload(name: &'static str, threads: usize, unit: &'static str, aim: Option<f64>) -> Workload {
    Workload { name, threads, unit, aim }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_and_their_contract_name_every_workload() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../bench/peers/");
        for file in ["torch_peer.py", "jax_peer.py", "README.md"] {
            let text = std::fs::read_to_string(format!("{folder}{file}")).unwrap();
            for Workload { name, .. } in WORKLOADS {
                let found = text.contains(&format!("\"{name}\"")) || text.contains(&format!("`{name}`"));
                assert!(found, "{file} lacks {name}");
            }
        }
    }
}
