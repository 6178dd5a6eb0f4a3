//! `docs/problems.md` says what the table of functions says.

use thalweg_lab::problem::analytic::registry;

#[test]
fn the_documentation_lists_every_function() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/problems.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, section) = text.split_once("## The functions").unwrap();
    let listed: Vec<&str> = section.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    let expected: Vec<String> = registry()
        .iter()
        .map(|entry| format!("| `{}` | {} | {} |", entry.usage, entry.summary, entry.source))
        .map(|row| row.replace("|  |", "| |"))
        .collect();
    assert_eq!(listed, expected);
}
