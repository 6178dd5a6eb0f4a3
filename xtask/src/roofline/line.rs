//! The JSON lines of the example `roofline`.

use serde_json::Value;

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// What the machine can do.
    Limits(Limits),
    /// What a workload does.
    Measured(Measured),
}

/// What the machine can do.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// With so many threads.
    pub threads: usize,
    /// FLOP a second of a large matrix product.
    pub gemm: f64,
    /// Bytes a second of the triad.
    pub bandwidth: f64,
}

/// What a workload does.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Network and quantity.
    pub workload: String,
    /// With so many threads.
    pub threads: usize,
    /// Fastest run, a unit.
    pub seconds: f64,
    /// Multiplications and additions of products, a unit.
    pub flop: f64,
    /// Results of elementwise operations, a unit.
    pub elements: f64,
    /// Estimated traffic, a unit.
    pub bytes: f64,
    /// What the products take alone, on one thread.
    pub alone: Option<f64>,
}

/// Reads a line; the error names the key that is missing.
pub fn parse(text: &str) -> Result<Line, String> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| format!("expected a JSON line, found {text:?}: {error}"))?;
    let number =
        |key: &str| value[key].as_f64().ok_or_else(|| format!("expected a number as {key:?} in {text}"));
    let threads = number("threads")? as usize;
    match value["workload"].as_str() {
        None => Ok(Line::Limits(Limits { threads, gemm: number("gemm")?, bandwidth: number("bandwidth")? })),
        Some(workload) => Ok(Line::Measured(Measured {
            workload: workload.to_owned(),
            threads,
            seconds: number("seconds")?,
            flop: number("flop")?,
            elements: number("elements")?,
            bytes: number("bytes")?,
            alone: value["alone"].as_f64(),
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart() {
        let limits = parse(r#"{"threads": 2, "gemm": 2e11, "bandwidth": 1.5e10}"#);
        assert_eq!(limits, Ok(Line::Limits(Limits { threads: 2, gemm: 2e11, bandwidth: 1.5e10 })));
        let text = r#"{"workload": "gpt/ggn", "threads": 1, "seconds": 0.5, "flop": 8, "elements": 1, "bytes": 16, "alone": null}"#;
        let Ok(Line::Measured(line)) = parse(text) else { panic!("a measurement") };
        assert_eq!((line.workload.as_str(), line.flop, line.alone), ("gpt/ggn", 8.0, None));
        assert!(parse(r#"{"threads": 2, "gemm": 2e11}"#).unwrap_err().contains("\"bandwidth\""));
    }
}
