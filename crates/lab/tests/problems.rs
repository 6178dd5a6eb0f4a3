//! `docs/problems.md` says what the tables of problems say.

use thalweg_lab::problem::{analytic, learning};

/// The rows of the first table after a heading.
fn listed(heading: &str) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/problems.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, section) = text.split_once(heading).unwrap();
    let table = section.lines().skip_while(|line| !line.starts_with("| "));
    table.take_while(|line| line.starts_with('|')).skip(2).map(str::to_owned).collect()
}

fn row(usage: &str, summary: &str, source: &str) -> String {
    format!("| `{usage}` | {summary} | {source} |").replace("|  |", "| |")
}

#[test]
fn the_documentation_lists_every_problem() {
    let expected = analytic::registry().iter().map(|e| row(e.usage, e.summary, e.source));
    assert_eq!(listed("\n## The functions"), expected.collect::<Vec<_>>());
    let expected = learning::registry().iter().map(|e| row(e.usage, e.summary, e.source));
    assert_eq!(listed("\n## Learning problems"), expected.collect::<Vec<_>>());
}
