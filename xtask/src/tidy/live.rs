//! What of a Rust source is shipped: everything outside its tests.

use super::layers::{is_name, separate, words};

/// A source's layers with the items for tests blanked.
pub struct Live {
    /// Code.
    pub code: String,
    /// Comments; those inside tests are kept.
    pub comments: String,
    /// Literals.
    pub literals: String,
}

impl Live {
    /// The live part of a source.
    pub fn of(text: &str) -> Self {
        let layers = separate(text);
        let ranges = test_items(&layers.code);
        Self {
            code: without(&layers.code, &ranges),
            comments: layers.comments,
            literals: without(&layers.literals, &ranges),
        }
    }
}

/// Paths without extension of the files that `#[cfg(test)] mod name;` in the
/// file at `path` brings in.
pub fn test_modules(path: &str, text: &str) -> Vec<String> {
    let code = separate(text).code;
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.trim_end_matches(".rs");
    let folder = if matches!(stem, "lib" | "main") { folder.to_owned() } else { format!("{folder}/{stem}") };
    let declared = |item: &str| -> Option<String> {
        let at = words(item, "mod").next()?;
        let name = item[at + 3..].strip_suffix(';')?.trim();
        name.bytes().all(is_name).then(|| format!("{folder}/{name}"))
    };
    test_items(&code).into_iter().filter_map(|(start, end)| declared(&code[start..end])).collect()
}

/// The ranges of the items that carry `#[test]`, `#[cfg(test)]` or the like.
fn test_items(code: &str) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut at = 0;
    while let Some(found) = code[at..].find("#[") {
        let start = at + found;
        let end = closing(code, start + 1);
        if is_for_tests(&code[start + 2..end.saturating_sub(1).max(start + 2)]) {
            at = item_end(code, end);
            ranges.push((start, at));
        } else {
            at = end;
        }
    }
    ranges
}

fn is_for_tests(attribute: &str) -> bool {
    let attribute: String = attribute.split_whitespace().collect();
    match attribute.strip_prefix("cfg(") {
        Some(condition) => words(condition, "test").next().is_some() && !condition.contains("not(test"),
        None => attribute == "test" || attribute == "bench" || attribute.ends_with("::test"),
    }
}

/// Where the item after an attribute ends: past its braces or its semicolon.
fn item_end(code: &str, mut at: usize) -> usize {
    let bytes = code.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b';' => return at + 1,
            b'{' => return closing(code, at),
            b'(' | b'[' => at = closing(code, at),
            _ => at += 1,
        }
    }
    bytes.len()
}

/// How many modules written inside the file are open at a position.
pub fn inline_depth(code: &str, position: usize) -> usize {
    let opens = |at: usize| {
        let name = code[at + 3..].trim_start();
        let rest = name.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').trim_start();
        let start = code.len() - rest.len();
        rest.starts_with('{') && (start..closing(code, start)).contains(&position)
    };
    words(&code[..position], "mod").filter(|&at| opens(at)).count()
}

/// The position past the bracket that closes the one at `at`.
fn closing(code: &str, at: usize) -> usize {
    let mut depth = 0usize;
    for (offset, byte) in code.bytes().enumerate().skip(at) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return offset + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

fn without(layer: &str, ranges: &[(usize, usize)]) -> String {
    let mut bytes = layer.as_bytes().to_vec();
    for &(start, end) in ranges {
        bytes[start..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_blanked_and_the_rest_stays() {
        let live = Live::of(
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { \"}\"; }\n}\n#[test]\n#[ignore]\nfn c(x: [u8; 3]) {}\nfn d() {}\n",
        );
        let names: Vec<_> = live.code.split_whitespace().filter(|word| word.ends_with("()")).collect();
        assert_eq!(names, ["a()", "d()"]);
        assert!(!live.code.contains("tests") && !live.literals.contains('}'));
    }

    #[test]
    fn conditions_are_read() {
        for attribute in ["test", "cfg(test)", "cfg(all(test, unix))", "tokio::test"] {
            assert!(is_for_tests(attribute), "{attribute}");
        }
        for attribute in ["cfg(not(test))", "cfg(feature = )", "derive(Debug)", "cfg(latest)"] {
            assert!(!is_for_tests(attribute), "{attribute}");
        }
    }

    #[test]
    fn open_modules_are_counted() {
        let code = "mod a { fn f() {} mod b { HERE } } mod c; HERE fn model() { HERE }";
        let depths: Vec<_> = words(code, "HERE").map(|at| inline_depth(code, at)).collect();
        assert_eq!(depths, [2, 0, 0]);
    }

    #[test]
    fn modules_for_tests_are_found() {
        let text = "#[cfg(test)]\nmod support;\n#[cfg(test)]\nmod tests { mod inner; }\nmod live;\n";
        assert_eq!(test_modules("crates/lab/src/lib.rs", text), ["crates/lab/src/support"]);
        assert_eq!(test_modules("crates/lab/src/a.rs", text), ["crates/lab/src/a/support"]);
    }
}
