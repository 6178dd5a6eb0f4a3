//! Where and when something was measured.

use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// A machine and a day.
pub struct Machine {
    /// The day, as 2026-11-05 (UTC).
    pub date: String,
    /// The processor's own name.
    pub processor: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// The compiler's version.
    pub compiler: String,
    /// The commit that was measured; ends in `+` where files differ from it.
    pub commit: String,
}

impl Machine {
    /// This machine, today; what cannot be told is `unknown`.
    pub fn here(root: &Path) -> Self {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let git = |arguments: &[&str]| printed(Command::new("git").current_dir(root).args(arguments));
        let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some();
        let commit = git(&["rev-parse", "--short", "HEAD"])
            .map(|commit| if changed { format!("{commit}+") } else { commit });
        Self {
            date: date(seconds / 86_400),
            processor: processor(&information).unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            compiler: printed(Command::new("rustc").arg("--version")).unwrap_or_else(unknown),
            commit: commit.unwrap_or_else(unknown),
        }
    }
}

/// The first of the processors that this process may use, as a list for `taskset`.
pub fn first_processors(count: usize) -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    let first: Vec<String> = expanded(list.trim())?.take(count).map(|cpu| cpu.to_string()).collect();
    Some(first.join(","))
}

/// The numbers of a list such as `0-2,5`.
fn expanded(list: &str) -> Option<impl Iterator<Item = usize>> {
    let ranges: Option<Vec<(usize, usize)>> = list
        .split(',')
        .map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some((first.parse().ok()?, last.parse().ok()?))
        })
        .collect();
    Some(ranges?.into_iter().flat_map(|(first, last)| first..=last))
}

fn processor(information: &str) -> Option<String> {
    let line = information.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The day that is so many days after 1 January 1970, in the Gregorian calendar.
fn date(days: u64) -> String {
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (mut year, mut left) = (1970, days);
    while left >= 365 + u64::from(leap(year)) {
        left -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", left + 1)
}

/// What a command prints, if it prints something and succeeds.
fn printed(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn unknown() -> String {
    "unknown".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        // `date -u -d @$((DAYS * 86400)) +%F`
        for (days, expected) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (19_782, "2024-02-29"),
            (20_088, "2024-12-31"),
            (20_762, "2026-11-05"),
        ] {
            assert_eq!(date(days), expected);
        }
    }

    #[test]
    fn processors_are_named_and_listed() {
        let text = "processor\t: 0\nmodel name\t: Some (R) CPU: fast\n";
        assert_eq!(processor(text).as_deref(), Some("Some (R) CPU: fast"));
        assert_eq!(processor(""), None);
        assert_eq!(expanded("0-2,5").map(Iterator::collect), Some(vec![0, 1, 2, 5]));
        assert!(expanded("all").is_none());
    }
}
