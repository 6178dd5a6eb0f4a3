//! Lines end without spaces and files with one newline.

use super::{Finding, Tree};

/// Texts with spaces at the end of a line, carriage returns, or a bad end.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.written() {
        for (index, line) in file.text.split('\n').enumerate() {
            if line.ends_with([' ', '\t', '\r']) {
                found.push(Finding::new(&file.path, index + 1, "white space at the end of the line"));
            }
        }
        if !file.text.is_empty() && (!file.text.ends_with('\n') || file.text.ends_with("\n\n")) {
            found.push(Finding::new(&file.path, 0, "must end with one newline"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_ends_are_found() {
        let tree = Tree::of(&[
            ("a.md", "fine\n\nstill fine\n"),
            ("b.md", "no newline"),
            ("c.md", "two\n\n"),
            ("d.md", "space \nreturn\r\ntab\t\n"),
            ("crates/io/data/e.txt", "data "),
        ]);
        let found: Vec<_> =
            findings(&tree).iter().map(|finding| (finding.path.clone(), finding.line)).collect();
        let expected = [("b.md", 0), ("c.md", 0), ("d.md", 1), ("d.md", 2), ("d.md", 3)];
        assert_eq!(found, expected.map(|(path, line)| (path.to_owned(), line)));
    }
}
