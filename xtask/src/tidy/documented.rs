//! Every file says what it is for, and the compiler asks the same of every public item.
//!
//! A `tests.rs` needs no head: it belongs to the file beside its folder.

use super::manifest::holds;
use super::{Finding, Tree};

/// Sources without a head comment and crates that opted out of the workspace's lints.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.rust().filter(|file| !file.path.ends_with("/tests.rs")) {
        let first =
            file.text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("#!["));
        if !first.is_some_and(|line| line.starts_with("//!")) {
            found.push(Finding::new(
                &file.path,
                1,
                "begins without a `//!` comment that says what it is for",
            ));
        }
    }
    let crates = tree.crates().into_iter().map(|name| format!("crates/{name}/Cargo.toml"));
    for path in crates.chain(["xtask/Cargo.toml".to_owned()]) {
        if tree.text(&path).is_some_and(|manifest| !holds(manifest, "lints", "workspace", "true")) {
            found.push(Finding::new(&path, 0, "lacks `[lints] workspace = true`"));
        }
    }
    let root = "Cargo.toml";
    if tree
        .text(root)
        .is_some_and(|manifest| !holds(manifest, "workspace.lints.rust", "missing_docs", "\"warn\""))
    {
        found.push(Finding::new(root, 0, "[workspace.lints.rust] lacks `missing_docs = \"warn\"`"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_and_lints_are_asked_for() {
        let tree = Tree::of(&[
            ("Cargo.toml", "[workspace.lints.rust]\nmissing_docs = \"allow\"\n"),
            ("crates/lab/Cargo.toml", "[package]\nname = \"x\"\n"),
            ("crates/lab/src/good.rs", "\n//! Good.\n"),
            ("crates/lab/src/attribute.rs", "#![forbid(unsafe_code)]\n//! Good.\n"),
            ("crates/lab/src/plain.rs", "// Not a head.\nfn f() {}\n"),
            ("crates/lab/src/late.rs", "fn f() {}\n//! Late.\n"),
            ("crates/lab/src/empty.rs", ""),
            ("crates/lab/src/good/tests.rs", "use super::*;\n"),
        ]);
        let mut paths: Vec<_> = findings(&tree).into_iter().map(|finding| finding.path).collect();
        paths.sort();
        let expected = ["Cargo.toml", "crates/lab/Cargo.toml"].into_iter().map(String::from);
        let sources = ["empty", "late", "plain"].map(|name| format!("crates/lab/src/{name}.rs"));
        assert_eq!(paths, expected.chain(sources).collect::<Vec<_>>());
    }
}
