//! Nothing unfinished is shipped, nothing gives up without a reason, and no machine's paths are written down.

use super::layers::{line_of, separate, words};
use super::{Finding, Tree};

/// Macros of unfinished or unwanted code.
const MACROS: [&str; 3] = ["todo", "unimplemented", "dbg"];
/// Marks of unfinished work: in the comments of Rust, anywhere else in other files.
const MARKS: [&str; 3] = ["FIXME", "XXX", "TODO"];
/// First folders of paths that exist on one machine only.
const FOLDERS: [&str; 4] = ["work", "root", "tmp", "home"];

/// Unfinished code anywhere, and `unwrap()` outside tests.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.rust() {
        let layers = separate(&file.text);
        for name in MACROS {
            for at in words(&layers.code, name).filter(|at| layers.code[at + name.len()..].starts_with('!')) {
                found.push(Finding::new(
                    &file.path,
                    line_of(&file.text, at),
                    format!("`{name}!` is left over"),
                ));
            }
        }
        found.extend(marks(&file.path, &layers.comments));
    }
    for file in tree.written().filter(|file| !file.path.ends_with(".rs")) {
        found.extend(marks(&file.path, &file.text));
    }
    for (file, live) in tree.live() {
        for (at, _) in live.code.match_indices(".unwrap()") {
            let message =
                "`unwrap()` outside tests: return an error, or `expect` with the reason why it holds";
            found.push(Finding::new(&file.path, line_of(&live.code, at), message));
        }
    }
    found
}

fn marks(path: &str, text: &str) -> Vec<Finding> {
    let at = |mark| words(text, mark).map(move |at| (mark, at));
    let finding = |(mark, at)| Finding::new(path, line_of(text, at), format!("{mark} marks unfinished work"));
    MARKS.into_iter().flat_map(at).map(finding).collect()
}

/// Absolute paths of one machine: in Rust outside tests, elsewhere everywhere.
pub fn machine_paths(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut search = |path: &str, text: &str| {
        for needle in FOLDERS.map(|folder| format!("/{folder}/")) {
            let starts_path =
                |at: &usize| !text[..*at].ends_with(|c: char| c.is_alphanumeric() || "./-_}".contains(c));
            for at in text.match_indices(&needle).map(|(at, _)| at).filter(starts_path) {
                found.push(Finding::new(path, line_of(text, at), format!("a machine's path: {needle}")));
            }
        }
    };
    for (file, live) in tree.live() {
        search(&file.path, &live.literals);
        search(&file.path, &live.comments);
    }
    for file in tree.written().filter(|file| !file.path.ends_with(".rs")) {
        search(&file.path, &file.text);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(rule: fn(&Tree) -> Vec<Finding>, path: &str, text: &str) -> Vec<usize> {
        rule(&Tree::of(&[(path, text)])).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn unfinished_code_is_found() {
        let text = "fn f() { todo!() }\n// FIXME later\nlet a = dbg!(1);\nfn todo() {}\nlet s = \"unimplemented!\";\n";
        assert_eq!(lines(findings, "a.rs", text), [1, 3, 2]);
        assert_eq!(lines(findings, "web/a.ts", "// XXX\nEXXXTRA\n"), [1]);
    }

    #[test]
    fn unwrap_is_for_tests() {
        let text = "fn f() { g().unwrap() }\n/// x.unwrap()\nfn h() { g().expect(\"why\") }\n#[test]\nfn t() { g().unwrap() }\n";
        assert_eq!(lines(findings, "crates/io/src/a.rs", text), [1]);
        assert!(lines(findings, "crates/io/tests/a.rs", text).is_empty());
    }

    #[test]
    fn machine_paths_are_found() {
        let text = "const A: &str = \"/tmp/run\";\nconst B: &str = \"https://a.b/work/c\";\n#[test]\nfn t() { f(\"/root/x\") }\n";
        assert_eq!(lines(machine_paths, "crates/io/src/a.rs", text), [1]);
        assert_eq!(lines(machine_paths, "notes.md", "see\n/work/main\n"), [2]);
        assert!(lines(machine_paths, "notes.md", "crates/work/x and ./tmp/y\n").is_empty());
    }
}
