//! The JSON line in which a program answers for one method on one problem.

use serde_json::Value;

/// One method's run on one problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The program and its version.
    pub version: String,
    /// The problem.
    pub problem: String,
    /// The method.
    pub method: String,
    /// Values, gradients (with or without their values) and Hessian products that it evaluated.
    pub counts: [u64; 3],
    /// The fastest run in seconds, and the median one.
    pub seconds: [f64; 2],
    /// The least processor time of a run in seconds.
    pub cpu: f64,
    /// f at the end.
    pub value: f64,
}

/// What a program answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It solved the problem.
    Measured(Line),
    /// It did not, and why.
    Missing(String),
}

impl Answer {
    /// Reads a line; the error names the key that is missing or wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| format!("expected a JSON line, found {text:?}: {error}"))?;
        if let Some(reason) = value["missing"].as_str() {
            return Ok(Self::Missing(reason.to_owned()));
        }
        let wrong =
            |key: &str, expected: &str| format!("expected {expected} as {key:?}, found {}", value[key]);
        let word = |key: &str| value[key].as_str().map(String::from).ok_or_else(|| wrong(key, "a string"));
        let count = |key: &str| value[key].as_u64().ok_or_else(|| wrong(key, "a count"));
        let number = |key: &str| {
            value[key].as_f64().filter(|v| v.is_finite()).ok_or_else(|| wrong(key, "a finite number"))
        };
        Ok(Self::Measured(Line {
            version: word("version")?,
            problem: word("problem")?,
            method: word("method")?,
            counts: [count("values")?, count("gradients")?, count("products")?],
            seconds: [number("seconds")?, number("median")?],
            cpu: number("cpu")?,
            value: number("value")?,
        }))
    }
}

impl Line {
    /// All evaluations in gradients, weighted as races weight them: values a third, products two.
    pub fn equivalents(&self) -> f64 {
        let [values, gradients, products] = self.counts.map(|count| count as f64);
        values / 3.0 + gradients + 2.0 * products
    }
}

/// Adds a line, or joins it with that of the same method and problem, whose counts must be the same.
pub fn keep_best(lines: &mut Vec<Line>, line: Line) -> Result<(), String> {
    let known =
        lines.iter_mut().find(|other| (&other.problem, &other.method) == (&line.problem, &line.method));
    match known {
        None => lines.push(line),
        Some(known) if known.counts != line.counts => {
            return Err(format!(
                "{} on {} evaluated {:?} and then {:?}: it is not deterministic",
                line.method, line.problem, known.counts, line.counts
            ));
        }
        Some(known) => {
            for (known, new) in known.seconds.iter_mut().zip(line.seconds) {
                *known = known.min(new);
            }
            known.cpu = known.cpu.min(line.cpu);
        }
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A run on Rosenbrock's function of a thousand coordinates.
    pub fn line(method: &str, counts: [u64; 3], cpu: f64) -> Line {
        Line {
            version: format!("{method} 1.0"),
            problem: "rosenbrock:1000".to_owned(),
            method: method.to_owned(),
            counts,
            seconds: [2.0 * cpu, 3.0 * cpu],
            cpu,
            value: 1e-12,
        }
    }

    #[test]
    fn lines_are_read_and_joined() {
        let text = r#"{"version": "a 1", "problem": "p", "method": "m", "values": 3, "gradients": 4, "products": 5,
            "seconds": 0.5, "median": 0.75, "cpu": 0.25, "value": 1e-9}"#;
        let Ok(Answer::Measured(line)) = Answer::parse(text) else { panic!("it is a line") };
        assert_eq!((line.counts, line.equivalents()), ([3, 4, 5], 15.0));
        let mut lines = vec![line.clone()];
        keep_best(&mut lines, Line { seconds: [0.25, 1.0], cpu: 0.5, ..line.clone() }).unwrap();
        assert_eq!((lines.len(), lines[0].seconds, lines[0].cpu), (1, [0.25, 0.75], 0.25));
        let other = Line { counts: [3, 4, 6], ..line };
        assert!(keep_best(&mut lines, other).unwrap_err().contains("not deterministic"));
        let missing = Answer::parse(r#"{"missing": "it gave up"}"#);
        assert_eq!(missing, Ok(Answer::Missing("it gave up".to_owned())));
        let wrong = Answer::parse(&text.replace("0.25", "\"soon\"")).unwrap_err();
        assert!(wrong.contains("a finite number as \"cpu\", found \"soon\""), "{wrong}");
    }
}
