//! The text files of the workspace.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use super::live::{self, Live};

/// Folders that hold nothing written by hand.
const UNREAD: [&str; 3] = [".git", "target", "node_modules"];
/// Folders of generated assets and of data that tests and programs read as it is.
const DATA: [&str; 6] = ["assets", "corpus", "data", "fixtures", "golden", "proptest-regressions"];

/// The text files of the workspace, sorted by path.
#[derive(Default)]
pub struct Tree {
    /// The files.
    pub files: Vec<File>,
    /// Paths without extension of the modules that exist for tests only.
    test_modules: BTreeSet<String>,
}

/// A text file.
pub struct File {
    /// Path relative to the workspace, with slashes.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl Tree {
    /// Reads the tree below `root`; files that are not UTF-8 are left out.
    pub fn load(root: &Path) -> Result<Self, String> {
        let mut files = Vec::new();
        collect(root, "", &mut files).map_err(|error| format!("{}: {error}", root.display()))?;
        Ok(Self::new(files))
    }

    fn new(mut files: Vec<File>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let test_modules = files
            .iter()
            .filter(|file| file.path.ends_with(".rs"))
            .flat_map(|file| live::test_modules(&file.path, &file.text))
            .collect();
        Self { files, test_modules }
    }

    /// A tree in memory, for tests of the rules.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let own = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        Self::new(files.iter().map(own).collect())
    }

    /// The text of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }

    /// Files written by hand: all but data and lock files.
    pub fn written(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| {
            let mut folders = file.path.split('/');
            let name = folders.next_back().unwrap_or_default();
            !folders.any(|folder| DATA.contains(&folder))
                && name != "Cargo.lock"
                && name != "package-lock.json"
        })
    }

    /// Rust sources.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.written().filter(|file| file.path.ends_with(".rs"))
    }

    /// Rust sources that are shipped, each with its code outside tests.
    pub fn live(&self) -> impl Iterator<Item = (&File, Live)> {
        self.rust().filter(|file| !self.is_test(&file.path)).map(|file| (file, Live::of(&file.text)))
    }

    /// The names of the folders in `crates/`.
    pub fn crates(&self) -> BTreeSet<&str> {
        self.files
            .iter()
            .filter_map(|file| Some(file.path.strip_prefix("crates/")?.split_once('/')?.0))
            .collect()
    }

    fn is_test(&self, path: &str) -> bool {
        path.split('/').any(|part| matches!(part, "tests" | "benches" | "tests.rs"))
            || self.test_modules.iter().any(|module| {
                path.strip_prefix(module.as_str()).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            })
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            if !UNREAD.contains(&name.as_str()) && !name.starts_with("thalweg-run") {
                collect(&entry.path(), &format!("{path}/"), files)?;
            }
        } else if let Ok(text) = String::from_utf8(fs::read(entry.path())?) {
            files.push(File { path, text });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_files_are_told_from_data() {
        let tree =
            Tree::of(&[("crates/io/data/a.csv", ""), ("Cargo.lock", ""), ("crates/io/src/data.rs", "")]);
        assert_eq!(
            tree.written().map(|file| file.path.as_str()).collect::<Vec<_>>(),
            ["crates/io/src/data.rs"]
        );
        assert!(tree.crates().contains("io"));
    }

    #[test]
    fn modules_for_tests_are_not_live() {
        let tree = Tree::of(&[
            ("crates/lab/src/lib.rs", "#[cfg(test)]\nmod support;\nmod live;\n"),
            ("crates/lab/src/support.rs", "x"),
            ("crates/lab/src/support/deep.rs", "x"),
            ("crates/lab/src/live.rs", "x"),
            ("crates/lab/src/live/tests.rs", "x"),
            ("crates/lab/tests/end.rs", "x"),
        ]);
        let live: Vec<_> = tree.live().map(|(file, _)| file.path.as_str()).collect();
        assert_eq!(live, ["crates/lab/src/lib.rs", "crates/lab/src/live.rs"]);
    }
}
