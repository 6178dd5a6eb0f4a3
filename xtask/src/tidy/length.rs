//! Files are short enough to be read in one go.

use super::{Finding, Tree};

/// Lines that a source may have, its tests included.
const LIMIT: usize = 400;

/// Sources longer than the limit.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    tree.written()
        .filter(|file| [".rs", ".ts", ".py"].iter().any(|extension| file.path.ends_with(extension)))
        .filter_map(|file| {
            let lines = file.text.lines().count();
            (lines > LIMIT)
                .then(|| Finding::new(&file.path, 0, format!("{lines} lines; at most {LIMIT} are allowed")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_sources_are_found() {
        let (short, long) = ("x\n".repeat(LIMIT), "x\n".repeat(LIMIT + 1));
        let tree = Tree::of(&[
            ("a.rs", &short),
            ("b.rs", &long),
            ("web/c.ts", &long),
            ("notes.md", &long),
            ("crates/io/tests/data/d.rs", &long),
        ]);
        let paths: Vec<_> = findings(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["b.rs", "web/c.ts"]);
    }
}
