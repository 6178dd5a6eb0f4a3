//! Paths such as `a::{b, c::D as E}`, flattened.

use super::layers::is_name;

/// One path of a use tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The segments; the last is `*` for a glob.
    pub path: Vec<String>,
    /// The name under which it is known: the last segment, or what follows `as`.
    pub name: String,
}

/// The paths of the use tree that begins at `at`.
pub fn leaves(code: &str, at: usize) -> Vec<Leaf> {
    let mut parser = Parser { bytes: code.as_bytes(), at };
    let mut found = Vec::new();
    parser.tree(&mut Vec::new(), &mut found);
    found
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn tree(&mut self, prefix: &mut Vec<String>, found: &mut Vec<Leaf>) {
        if self.take(b"{") {
            while !self.take(b"}") {
                let before = self.at;
                self.tree(prefix, found);
                self.take(b",");
                if self.at == before {
                    return;
                }
            }
            return;
        }
        let segment = if self.take(b"*") { "*".to_owned() } else { self.name() };
        if segment.is_empty() {
            return;
        }
        prefix.push(segment);
        if self.take(b"::") && !self.follows(b"<") {
            self.tree(prefix, found);
        } else {
            let mut name = prefix.last().cloned().unwrap_or_default();
            let before = self.at;
            if self.name() == "as" {
                name = self.name();
            } else {
                self.at = before;
            }
            found.push(Leaf { path: prefix.clone(), name });
        }
        prefix.pop();
    }

    fn skip_space(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn follows(&mut self, token: &[u8]) -> bool {
        self.skip_space();
        self.bytes[self.at..].starts_with(token)
    }

    fn take(&mut self, token: &[u8]) -> bool {
        let follows = self.follows(token);
        self.at += if follows { token.len() } else { 0 };
        follows
    }

    fn name(&mut self) -> String {
        self.skip_space();
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&byte| !is_name(byte)).unwrap_or(rest.len());
        self.at += length;
        String::from_utf8_lossy(&rest[..length]).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str) -> Vec<String> {
        leaves(code, 0).into_iter().map(|leaf| format!("{} as {}", leaf.path.join("::"), leaf.name)).collect()
    }

    #[test]
    fn trees_are_flattened() {
        assert_eq!(shown("a::{b, c::{D as E, f::*},\n};"), ["a::b as b", "a::c::D as E", "a::c::f::* as *"]);
        assert_eq!(shown("Oracle;"), ["Oracle as Oracle"]);
    }

    #[test]
    fn paths_in_expressions_end_where_they_end() {
        assert_eq!(shown("stop::first(values)"), ["stop::first as first"]);
        assert_eq!(shown("Sum::<f64>::new()"), ["Sum as Sum"]);
        assert_eq!(shown("{unclosed, (x)"), ["unclosed as unclosed"]);
    }
}
