//! Programs run by the chores.

use std::env;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A command of the cargo that runs this chore, in the folder of the workspace.
pub fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root).args(arguments);
    command
}

/// Runs a command to its end with its output passed through.
pub fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", shown(command))) }
}

/// Runs a command to its end, passes its standard output through and also
/// hands it over line by line.
pub fn stream(command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<(), String> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(command, &error))?;
    let broken = |error: io::Error| format!("the output of {} broke off: {error}", shown(command));
    if let Some(output) = child.stdout.take() {
        let (mut reader, mut line) = (BufReader::new(output), Vec::new());
        while reader.read_until(b'\n', &mut line).map_err(broken)? > 0 {
            io::stdout().write_all(&line).map_err(broken)?;
            on_line(&String::from_utf8_lossy(&line));
            line.clear();
        }
    }
    let status = child.wait().map_err(broken)?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", shown(command))) }
}

/// The first file named `program` in the folders of `path`, as a shell finds it.
pub fn on_path(program: &str, path: &OsStr) -> Option<PathBuf> {
    env::split_paths(path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The environment's search path.
pub fn search_path() -> std::ffi::OsString {
    env::var_os("PATH").unwrap_or_default()
}

fn not_started(command: &Command, error: &io::Error) -> String {
    format!("{} cannot be started: {error}", shown(command))
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = [program].into_iter().chain(command.get_args()).map(|word| word.to_string_lossy());
    format!("`{}`", words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_is_handed_over_line_by_line() {
        let mut lines = Vec::new();
        stream(&mut shell("echo one; printf two"), |line| lines.push(line.to_owned())).unwrap();
        assert_eq!(lines, ["one\n", "two"]);
    }

    #[test]
    fn a_failure_names_the_command() {
        let message = run(&mut shell("exit 3")).unwrap_err();
        assert!(message.contains("`sh -c exit 3`") && message.contains('3'), "{message}");
        let message = stream(&mut shell("exit 4"), |_| {}).unwrap_err();
        assert!(message.contains('4'), "{message}");
        let message = run(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(message.contains("cannot be started"), "{message}");
    }

    #[test]
    fn programs_are_found_on_the_search_path() {
        let path = search_path();
        assert!(on_path("sh", &path).is_some_and(|file| file.ends_with("sh")));
        assert_eq!(on_path("no-such-program-here", &path), None);
    }
}
