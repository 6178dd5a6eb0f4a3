//! Test counts, read from what the test programs print.

use std::fmt;

/// How many tests passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// Tests that were not run.
    pub skipped: u64,
}

impl Totals {
    /// Adds what one line of a test program's output tells: the summary of a
    /// Rust test program (`test result: …`) or of Node's (`# pass 3`, `ℹ pass 3`).
    pub fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some(summary) = line.strip_prefix("test result: ") {
            let counts = summary.split_once(". ").map_or(summary, |(_, counts)| counts);
            for part in counts.split(';') {
                if let Some((count, kind)) = part.trim().split_once(' ') {
                    self.add(kind, count);
                }
            }
        } else if let Some(entry) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))
            && let Some((kind, count)) = entry.split_once(' ')
        {
            self.add(kind, count);
        }
    }

    fn add(&mut self, kind: &str, count: &str) {
        let Ok(count) = count.parse::<u64>() else { return };
        match kind {
            "passed" | "pass" => self.passed += count,
            "failed" | "fail" | "cancelled" => self.failed += count,
            "ignored" | "skipped" | "todo" => self.skipped += count,
            _ => {}
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Totals {
        let mut totals = Totals::default();
        lines.iter().for_each(|line| totals.read(line));
        totals
    }

    #[test]
    fn rust_summaries_add_up() {
        let totals = read(&[
            "running 3 tests",
            "test a ... ok",
            "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.25s",
        ]);
        assert_eq!(totals, Totals { passed: 5, failed: 1, skipped: 1 });
        assert_eq!(totals.to_string(), "5 passed, 1 failed, 1 skipped");
    }

    #[test]
    fn node_summaries_add_up() {
        let totals =
            read(&["# tests 5", "# pass 4", "# fail 1", "ℹ pass 2", "ℹ skipped 0", "# duration_ms 12.5"]);
        assert_eq!(totals, Totals { passed: 6, failed: 1, skipped: 0 });
        assert_eq!(totals.to_string(), "6 passed, 1 failed");
    }

    #[test]
    fn other_lines_count_nothing() {
        let totals = read(&["test result:", "# pass", "# pass many", "3 passed, 1 failed", ""]);
        assert_eq!(totals, Totals::default());
    }
}
