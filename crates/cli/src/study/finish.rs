//! What a command prints when it ends, well or early.

use std::io::Write as _;
use std::path::Path;

use serde_json::Value;
use thalweg_report::json;

use super::compose;
use crate::args::RunOptions;
use crate::chapter::Chapter;
use crate::config::Config;
use crate::error::Error;
use crate::subject::describe;

/// Columns of the summary.
const WIDTH: usize = 100;

/// Prints the results as JSON, or what was found in lines for people.
pub fn print(
    options: &RunOptions,
    path: &Path,
    config: &Config,
    results: &Value,
    chapters: &[Chapter],
) -> Result<(), Error> {
    let heading = format!("{}\n{}", describe(&config.subject), compose::point(config));
    say(options, path, &heading, results, chapters, &compose::notes(config, chapters))
}

/// The same under any heading.
pub fn say(
    options: &RunOptions,
    path: &Path,
    heading: &str,
    results: &Value,
    chapters: &[Chapter],
    notes: &[String],
) -> Result<(), Error> {
    if options.json {
        return write(&json::pretty(results)?);
    }
    if options.quiet {
        return Ok(());
    }
    let mut text = format!("{heading}\n\n");
    let lines: Vec<&[String; 2]> = chapters.iter().flat_map(|chapter| &chapter.summary).collect();
    let width = lines.iter().map(|[what, _]| what.chars().count()).max().unwrap_or(0);
    for [what, how_much] in lines {
        let rest = wrapped(how_much, WIDTH.saturating_sub(width + 4));
        text.push_str(&format!(
            "  {what:width$}  {}\n",
            rest.join(&format!("\n{:indent$}", "", indent = width + 4))
        ));
    }
    for note in notes {
        text.push_str(&format!("\n{}\n", wrapped(&format!("Note: {note}"), WIDTH).join("\n")));
    }
    text.push_str(&format!("\nReport: {}\n", path.join("report.html").display()));
    write(&text)
}

/// Prints what a finished run has to say when it is asked to go on.
pub fn already(options: &RunOptions, path: &Path, results: &Value) -> Result<(), Error> {
    if options.json {
        return write(&json::pretty(results)?);
    }
    if options.quiet {
        return Ok(());
    }
    write(&format!("This run is finished already.\nReport: {}\n", path.join("report.html").display()))
}

/// Says how an interrupted run goes on.
pub fn with_hint(error: Error, path: &Path) -> Error {
    match error {
        Error::Interrupted(None) => {
            let mut words: Vec<String> = std::env::args().skip(1).collect();
            if !words.iter().any(|word| word == "--out" || word.starts_with("--out=")) {
                words.extend(["--out".into(), path.display().to_string()]);
            }
            if !words.iter().any(|word| word == "--resume") {
                words.push("--resume".into());
            }
            words.retain(|word| word != "--replace");
            Error::Interrupted(Some(format!("go on with: thalweg {}", words.join(" "))))
        }
        error => error,
    }
}

/// The lines of a text, none longer than `width` unless a word is.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn write(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}
