//! The rules of the source tree, one a file.
//!
//! A rule is a function from the [`Tree`] to its findings, so that a test can
//! hand it a small tree in memory.

mod arrows;
mod documented;
mod folders;
mod hygiene;
mod layers;
mod length;
mod live;
mod manifest;
mod reasons;
mod registries;
mod text;
mod tree;
mod unchecked;
mod use_tree;

use std::fmt;
use std::path::Path;

use tree::Tree;

/// The rules with their names.
const RULES: [(&str, fn(&Tree) -> Vec<Finding>); 10] = [
    ("crates name only the floors below", arrows::findings),
    ("the lab's folders name only what they may", folders::findings),
    ("files are short", length::findings),
    ("files and public items are documented", documented::findings),
    ("unsafe code is fenced in and explained", unchecked::findings),
    ("nothing unfinished and no unwrap", hygiene::findings),
    ("no machine's paths", hygiene::machine_paths),
    ("dependencies have a reason", reasons::findings),
    ("packages come from the public registries", registries::findings),
    ("text ends its lines and files well", text::findings),
];

/// A place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, relative to the workspace.
    pub path: String,
    /// The line from 1, or 0 where the whole file is meant.
    pub line: usize,
    /// What is wrong and what was expected.
    pub message: String,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// Applies every rule to the workspace; the summary counts files and rules, an
/// error counts the findings, which are printed.
pub fn run(root: &Path) -> Result<String, String> {
    let tree = Tree::load(root)?;
    let mut count = 0;
    for (name, rule) in RULES {
        let mut findings = rule(&tree);
        findings.sort();
        if !findings.is_empty() {
            println!("Broken: {name}");
        }
        findings.iter().for_each(|finding| println!("  {finding}"));
        count += findings.len();
    }
    match count {
        0 => Ok(format!("{} files keep {} rules", tree.files.len(), RULES.len())),
        _ => Err(format!("{count} places break a rule of the source tree")),
    }
}
