//! The JSON line in which a peer reports one workload.

use serde_json::{Value, json};

/// One peer's measurement of one workload.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Who measured.
    pub peer: String,
    /// What.
    pub workload: String,
    /// The fastest repetition, in seconds a unit of the workload.
    pub seconds: f64,
    /// The median repetition, likewise.
    pub median: f64,
    /// Which of its ways of doing the workload was the fastest, in the peer's words.
    pub variant: String,
    /// A number that all peers must agree on.
    pub check: f64,
}

impl Line {
    /// Reads a line; the error names the key that is missing or wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| format!("expected a JSON line, found {text:?}: {error}"))?;
        let wrong =
            |key: &str, expected: &str| format!("expected {expected} as {key:?}, found {}", value[key]);
        let word = |key: &str| value[key].as_str().map(String::from).ok_or_else(|| wrong(key, "a string"));
        let number = |key: &str| {
            value[key]
                .as_f64()
                .filter(|number| number.is_finite())
                .ok_or_else(|| wrong(key, "a finite number"))
        };
        Ok(Self {
            peer: word("peer")?,
            workload: word("workload")?,
            seconds: number("seconds")?,
            median: number("median")?,
            variant: word("variant")?,
            check: number("check")?,
        })
    }

    /// The line as a peer prints it.
    pub fn json(&self) -> Value {
        json!({
            "peer": self.peer, "workload": self.workload, "seconds": self.seconds, "median": self.median,
            "variant": self.variant, "check": self.check,
        })
    }
}

/// Adds a line, or lets it replace a slower one of the same peer and workload.
pub fn keep_best(lines: &mut Vec<Line>, line: Line) {
    match lines.iter_mut().find(|other| (&other.peer, &other.workload) == (&line.peer, &line.workload)) {
        Some(other) if other.seconds <= line.seconds => {}
        Some(other) => *other = line,
        None => lines.push(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seconds: f64) -> Line {
        let (peer, workload, variant) = ("jax".to_owned(), "digits-gradient".to_owned(), "jit".to_owned());
        Line { peer, workload, seconds, median: 2.0 * seconds, variant, check: 0.15 }
    }

    #[test]
    fn lines_are_read_as_they_are_printed() {
        assert_eq!(Line::parse(&line(1e-4).json().to_string()), Ok(line(1e-4)));
        let text =
            r#"{"peer": "jax", "workload": "x", "seconds": "soon", "median": 1, "variant": "", "check": 1}"#;
        assert!(Line::parse(text).unwrap_err().contains("\"seconds\", found \"soon\""));
        assert!(Line::parse("Traceback").unwrap_err().contains("Traceback"));
    }

    #[test]
    fn the_fastest_is_kept() {
        let mut lines = Vec::new();
        for seconds in [3.0, 1.0, 2.0] {
            keep_best(&mut lines, line(seconds));
        }
        keep_best(&mut lines, Line { peer: "torch".to_owned(), ..line(9.0) });
        assert_eq!(lines.iter().map(|line| line.seconds).collect::<Vec<_>>(), [1.0, 9.0]);
    }
}
