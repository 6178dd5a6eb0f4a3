//! Lines that outlive an interrupted run.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use super::line::{Answer, Line, keep_best};

/// A file of lines, or none.
pub struct Log {
    /// What it held at the start.
    pub lines: Vec<Line>,
    file: Option<File>,
}

impl Log {
    /// Reads what the file holds; it is made where it does not exist.
    pub fn open(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else { return Ok(Self { lines: Vec::new(), file: None }) };
        let failed = |what: String| format!("{}: {what}", path.display());
        let text = if path.exists() { std::fs::read_to_string(path) } else { Ok(String::new()) };
        let mut lines = Vec::new();
        for (number, line) in text.map_err(|error| failed(error.to_string()))?.lines().enumerate() {
            match Answer::parse(line).map_err(|error| failed(format!("line {}: {error}", number + 1)))? {
                Answer::Measured(line) => keep_best(&mut lines, line),
                Answer::Missing(_) => {}
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(path);
        Ok(Self { lines, file: Some(file.map_err(|error| failed(error.to_string()))?) })
    }

    /// Whether it held this measurement.
    pub fn has(&self, peer: &str, workload: &str, threads: usize) -> bool {
        let wanted = (peer, workload, threads);
        self.lines.iter().any(|line| (line.peer.as_str(), line.workload.as_str(), line.threads) == wanted)
    }

    /// Adds a line.
    pub fn append(&mut self, line: &Line) -> Result<(), String> {
        let Some(file) = &mut self.file else { return Ok(()) };
        writeln!(file, "{}", line.json()).map_err(|error| format!("the log cannot be written: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::line;
    use super::*;

    #[test]
    fn a_log_goes_on_where_it_ended() {
        let path = std::env::temp_dir().join(format!("thalweg-peers-{}", std::process::id()));
        for seconds in [2.0, 1.0] {
            Log::open(Some(&path)).unwrap().append(&line("jax", seconds)).unwrap();
        }
        let log = Log::open(Some(&path)).unwrap();
        assert_eq!(log.lines, [line("jax", 1.0)]);
        assert!(log.has("jax", "digits/gradient", 2) && !log.has("jax", "digits/gradient", 1));
        std::fs::write(&path, "{}\n").unwrap();
        let message = Log::open(Some(&path)).err().unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(message.contains("line 1") && message.contains("\"peer\""), "{message}");
        assert!(Log::open(None).unwrap().append(&line("jax", 1.0)).is_ok());
    }
}
