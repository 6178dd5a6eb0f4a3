//! Unsafe code lives in few files, and each use says why it is sound.

use super::layers::{line_of, separate, words};
use super::{Finding, Tree};

/// The one crate that may hold unsafe code, and its files that do.
const CRATE: &str = "crates/graph/";
const ALLOWED: [&str; 25] = [
    "crates/graph/src/exec/kernel/contraction.rs",
    "crates/graph/src/exec/kernel/convolution/across.rs",
    "crates/graph/src/exec/kernel/convolution/correlation.rs",
    "crates/graph/src/exec/kernel/convolution/tiled.rs",
    "crates/graph/src/exec/kernel/convolution/windows.rs",
    "crates/graph/src/exec/memory.rs",
    "crates/graph/src/exec/panel.rs",
    "crates/graph/src/exec/panel/correlate.rs",
    "crates/graph/src/exec/panel/dots.rs",
    "crates/graph/src/exec/panel/machine.rs",
    "crates/graph/src/exec/panel/matrix.rs",
    "crates/graph/src/exec/panel/matrix/block.rs",
    "crates/graph/src/exec/panel/matrix/field.rs",
    "crates/graph/src/exec/panel/matrix/slide.rs",
    "crates/graph/src/exec/panel/matrix/split.rs",
    "crates/graph/src/exec/panel/matrix/unit.rs",
    "crates/graph/src/exec/panel/pack.rs",
    "crates/graph/src/exec/panel/shared.rs",
    "crates/graph/src/exec/panel/source.rs",
    "crates/graph/src/exec/panel/speed.rs",
    "crates/graph/src/exec/panel/sweep.rs",
    "crates/graph/src/exec/panel/tile.rs",
    "crates/graph/src/exec/panel/vector.rs",
    "crates/graph/src/exec/panel/vector/x86.rs",
    // A test's allocator that counts.
    "crates/graph/tests/allocation.rs",
];

/// Crates that do not forbid unsafe code, and unsafe code out of place or unexplained.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.rust() {
        let layers = separate(&file.text);
        let is_root = ["src/lib.rs", "src/main.rs"].iter().any(|root| file.path.ends_with(root));
        if is_root && !file.path.starts_with(CRATE) && !layers.code.contains("#![forbid(unsafe_code)]") {
            found.push(Finding::new(&file.path, 1, "lacks `#![forbid(unsafe_code)]`"));
        }
        for at in words(&layers.code, "unsafe") {
            let line = line_of(&layers.code, at);
            if !ALLOWED.contains(&file.path.as_str()) {
                found.push(Finding::new(&file.path, line, "unsafe code outside the files that may hold it"));
            } else if let Some(expected) = unexplained(&layers.code, &layers.comments, at) {
                found.push(Finding::new(&file.path, line, format!("unsafe without {expected} above it")));
            }
        }
    }
    found
}

/// The comment that the `unsafe` at a position should have and has not.
fn unexplained(code: &str, comments: &str, at: usize) -> Option<&'static str> {
    let next = code[at + "unsafe".len()..].trim_start();
    let is_declared = next.starts_with("fn") || next.starts_with("trait") || next.starts_with("extern");
    let is_pointer = next.strip_prefix("fn").is_some_and(|rest| rest.trim_start().starts_with('('));
    if is_pointer || next.starts_with('(') {
        return None;
    }
    let expected = if is_declared { "a `# Safety` section" } else { "a `// SAFETY:` comment" };
    let (code, comments): (Vec<&str>, Vec<&str>) = (code.lines().collect(), comments.lines().collect());
    let mut line = line_of(&code.join("\n"), at) - 1;
    loop {
        if comments[line].contains("SAFETY:") || (is_declared && comments[line].contains("# Safety")) {
            return None;
        }
        if line == 0 {
            return Some(expected);
        }
        line -= 1;
        let (statement, comment) = (code[line].trim(), comments[line].trim());
        let is_attribute = statement.starts_with("#[");
        let is_end = statement.is_empty() && comment.is_empty() || statement.ends_with([';', '{', '}']);
        if is_end && !is_attribute {
            return Some(expected);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unexplained_in(text: &str) -> usize {
        let layers = separate(text);
        words(&layers.code, "unsafe")
            .filter(|&at| unexplained(&layers.code, &layers.comments, at).is_some())
            .count()
    }

    #[test]
    fn unsafe_code_is_fenced_in() {
        let tree = Tree::of(&[
            ("crates/graph/src/lib.rs", "//! Graph.\nmod kernel;\n"),
            ("crates/graph/src/other.rs", "// SAFETY: none.\nunsafe impl Send for A {}\n"),
            ("crates/lab/src/lib.rs", "//! Lab.\n"),
            ("crates/io/src/lib.rs", "//! Io.\n#![forbid(unsafe_code)]\n"),
        ]);
        let found: Vec<_> = findings(&tree).into_iter().map(|finding| (finding.path, finding.line)).collect();
        assert_eq!(
            found,
            [("crates/graph/src/other.rs".to_owned(), 2), ("crates/lab/src/lib.rs".to_owned(), 1)]
        );
    }

    #[test]
    fn explanations_are_found() {
        for text in [
            "// SAFETY: in bounds.\nlet a = unsafe { f() };",
            "// SAFETY: in bounds,\n// both of them.\nlet a =\n    unsafe { f() };",
            "let a = unsafe { f() }; // SAFETY: in bounds.",
            "/// Does.\n///\n/// # Safety\n/// In bounds.\n#[inline]\npub unsafe fn f() {}",
            "struct A { f: unsafe fn(u8) }",
            "// SAFETY: no fields.\nunsafe impl Send for A {}",
        ] {
            assert_eq!(unexplained_in(text), 0, "{text}");
        }
    }

    #[test]
    fn missing_explanations_are_found() {
        for text in [
            "let a = unsafe { f() };",
            "// SAFETY: for the other one.\nlet a = 1;\nlet b = unsafe { f() };",
            "// SAFETY: too far.\n\nunsafe { f() }",
            "/// Does.\npub unsafe fn f() {}",
            "// Sound, honestly.\nunsafe impl Send for A {}",
        ] {
            assert_eq!(unexplained_in(text), 1, "{text}");
        }
    }
}
