//! `docs/onnx.md` says what the table of operators says.

use thalweg_io::onnx_operators;

#[test]
fn the_documentation_lists_every_operator() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/onnx.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, section) = text.split_once("## Operators").unwrap();
    let listed: Vec<&str> = section.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    let expected: Vec<String> = onnx_operators()
        .map(|operator| format!("| {} | {} | {} |", operator.name, operator.since, operator.limits))
        .map(|row| row.replace("|  |", "| |"))
        .collect();
    assert_eq!(listed, expected);
}
