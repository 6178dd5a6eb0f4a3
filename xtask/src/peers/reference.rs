//! Whether everybody computed the same.

use std::path::Path;

use serde_json::Value;

use super::line::Line;

/// By how much, relatively, a check may differ from its reference: f32 sums in
/// another order, carried through 100 steps of Lanczos or 280 of Adam.
const AGREEMENT: f64 = 1e-3;

/// The values that the peers must find, in f64: `bench/peers/reference.json`.
pub fn load(root: &Path) -> Result<Value, String> {
    let path = root.join("bench/peers/reference.json");
    let failed = |what: String| format!("{}: {what}", path.display());
    let text = std::fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| failed(error.to_string()))
}

/// Lines whose check is not that of the reference; of a network that the reference does not
/// have, lines whose check is not that of the first.
pub fn disagreements(lines: &[Line], reference: &Value) -> Vec<String> {
    let differing = |line: &Line| {
        let found = line.check?;
        let (network, quantity) = line.workload.split_once('/')?;
        let who = format!("{} on {} ({} threads)", line.peer, line.workload, line.threads);
        let first = || lines.iter().find(|l| l.workload == line.workload).and_then(|l| l.check);
        let known = reference.get(network).is_some();
        match reference[network][quantity].as_f64().or_else(|| first().filter(|_| !known)) {
            None => Some(format!("{who} found {found}, and the reference has no value")),
            Some(expected) if (found - expected).abs() <= AGREEMENT * expected.abs() => None,
            Some(expected) => Some(format!("{who} found {found}, the reference is {expected}")),
        }
    };
    lines.iter().filter_map(differing).collect()
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::line;
    use super::super::workload;
    use super::*;
    use serde_json::json;

    #[test]
    fn differing_checks_are_found() {
        let reference = json!({ "digits": { "gradient": 0.15 } });
        let found = |check, workload: &str| {
            let line = Line { check, workload: workload.to_owned(), ..line("jax", 1.0) };
            disagreements(&[line], &reference)
        };
        assert!(found(Some(0.15001), "digits/gradient").is_empty());
        assert!(found(None, "digits/gradient").is_empty());
        assert!(found(Some(0.152), "digits/gradient")[0].contains("0.152, the reference is 0.15"));
        assert!(found(Some(0.15), "digits/ggn")[0].contains("no value"));
        // Without a reference, programs are compared with each other.
        let two = [0.15, 0.16].map(|check| Line {
            check: Some(check),
            workload: "gpt/ggn".to_owned(),
            ..line("jax", 1.0)
        });
        assert_eq!(disagreements(&two, &reference).len(), 1);
    }

    #[test]
    fn the_reference_knows_workloads_and_nothing_else() {
        let reference = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap();
        let known = reference.as_object().unwrap();
        assert!(known.len() >= 4, "{:?}", known.keys());
        for workload in workload::all().into_iter().filter(|w| known.contains_key(w.network)) {
            let value = reference[workload.network][workload.quantity.name].as_f64();
            assert!(value.is_some_and(f64::is_finite), "{} has no value", workload.name());
        }
        let networks: Vec<&str> = workload::all().iter().map(|w| w.network).collect();
        assert!(known.keys().all(|name| networks.contains(&name.as_str())), "{:?}", known.keys());
    }
}
