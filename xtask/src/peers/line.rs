//! The JSON line in which a peer answers for one workload.

use serde_json::{Value, json};

use super::workload::FIRST_PRODUCT;

/// One peer's measurement of one workload.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Who measured.
    pub peer: String,
    /// The program and its version.
    pub version: String,
    /// What.
    pub workload: String,
    /// On how many threads.
    pub threads: usize,
    /// The fastest repetition, in seconds a unit of the workload.
    pub seconds: f64,
    /// The median repetition, likewise.
    pub median: f64,
    /// The least processor time of a repetition, likewise.
    pub cpu: f64,
    /// Which of its ways of doing the workload was the fastest, in the peer's words.
    pub variant: String,
    /// A number that all peers must agree on; `None` where a peer's way has none to compare.
    pub check: Option<f64>,
}

/// What a peer answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It did the workload.
    Measured(Line),
    /// It does not, and why.
    Missing(String),
}

impl Answer {
    /// Reads a line; the error names the key that is missing or wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| format!("expected a JSON line, found {text:?}: {error}"))?;
        let wrong =
            |key: &str, expected: &str| format!("expected {expected} as {key:?}, found {}", value[key]);
        let word = |key: &str| value[key].as_str().map(String::from).ok_or_else(|| wrong(key, "a string"));
        let finite = |key: &str| value[key].as_f64().filter(|number| number.is_finite());
        let number = |key: &str| finite(key).ok_or_else(|| wrong(key, "a finite number"));
        if let Some(reason) = value["missing"].as_str() {
            return Ok(Self::Missing(reason.to_owned()));
        }
        let threads = value["threads"].as_u64().and_then(|threads| usize::try_from(threads).ok());
        Ok(Self::Measured(Line {
            peer: word("peer")?,
            version: word("version")?,
            workload: word("workload")?,
            threads: threads.ok_or_else(|| wrong("threads", "a number of threads"))?,
            seconds: number("seconds")?,
            median: number("median")?,
            cpu: number("cpu")?,
            variant: word("variant")?,
            check: if value["check"].is_null() { None } else { Some(number("check")?) },
        }))
    }
}

impl Line {
    /// The line as a peer prints it.
    pub fn json(&self) -> Value {
        json!({
            "peer": self.peer, "version": self.version, "workload": self.workload, "threads": self.threads,
            "seconds": self.seconds, "median": self.median, "cpu": self.cpu, "variant": self.variant,
            "check": self.check,
        })
    }

    /// What counts on a machine that others use too: of one thread, its processor time.
    pub fn cost(&self) -> f64 {
        if self.threads == 1 && !self.workload.ends_with(FIRST_PRODUCT) { self.cpu } else { self.seconds }
    }

    /// Whether it is of the same peer, workload and number of threads.
    fn is_of(&self, other: &Self) -> bool {
        (&self.peer, &self.workload, self.threads) == (&other.peer, &other.workload, other.threads)
    }
}

/// Adds a line, or lets it replace a slower one of the same peer, workload and number of threads.
pub fn keep_best(lines: &mut Vec<Line>, line: Line) {
    match lines.iter_mut().find(|other| other.is_of(&line)) {
        Some(other) if other.cost() <= line.cost() => {}
        Some(other) => *other = line,
        None => lines.push(line),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A measurement of the digits' gradient on two threads.
    pub fn line(peer: &str, seconds: f64) -> Line {
        Line {
            peer: peer.to_owned(),
            version: format!("{peer} 1.0"),
            workload: "digits/gradient".to_owned(),
            threads: 2,
            seconds,
            median: 2.0 * seconds,
            cpu: 0.5 * seconds,
            variant: format!("{peer}'s way"),
            check: Some(0.15),
        }
    }

    #[test]
    fn lines_are_read_as_they_are_printed() {
        for check in [Some(0.15), None] {
            let line = Line { check, ..line("jax", 1e-4) };
            assert_eq!(Answer::parse(&line.json().to_string()), Ok(Answer::Measured(line)));
        }
        let missing = r#"{"peer": "jax", "workload": "gpt/ggn", "missing": "not today"}"#;
        assert_eq!(Answer::parse(missing), Ok(Answer::Missing("not today".to_owned())));
        let mut wrong = line("jax", 1e-4).json();
        wrong["seconds"] = json!("soon");
        assert!(Answer::parse(&wrong.to_string()).unwrap_err().contains("\"seconds\", found \"soon\""));
        assert!(Answer::parse("Traceback").unwrap_err().contains("Traceback"));
    }

    #[test]
    fn the_fastest_of_each_number_of_threads_is_kept() {
        let mut lines = Vec::new();
        for seconds in [3.0, 1.0, 2.0] {
            keep_best(&mut lines, line("jax", seconds));
        }
        keep_best(&mut lines, line("torch", 9.0));
        keep_best(&mut lines, Line { threads: 1, ..line("jax", 5.0) });
        assert_eq!(lines.iter().map(|line| line.seconds).collect::<Vec<_>>(), [1.0, 9.0, 5.0]);
    }

    #[test]
    fn one_thread_is_charged_its_processor_time() {
        let one = Line { threads: 1, ..line("jax", 4.0) };
        assert_eq!((line("jax", 4.0).cost(), one.cost()), (4.0, 2.0));
        assert_eq!(Line { workload: "gpt/first-product".to_owned(), ..one }.cost(), 4.0);
    }
}
