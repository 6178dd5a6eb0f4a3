//! A Rust source taken apart into code, comments and literals.

/// Three texts as long as the source and with the same lines; each holds its
/// own kind of characters and spaces elsewhere.
pub struct Layers {
    /// Everything but comments and literals.
    pub code: String,
    /// Comments, with their slashes.
    pub comments: String,
    /// String and character literals, with their quotes.
    pub literals: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

/// Takes a source apart.
pub fn separate(text: &str) -> Layers {
    let mut code = blank(text);
    let (mut comments, mut literals) = (code.clone(), code.clone());
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let (kind, end) = token(bytes, at);
        let layer = match kind {
            Kind::Code => &mut code,
            Kind::Comment => &mut comments,
            Kind::Literal => &mut literals,
        };
        layer[at..end].copy_from_slice(&bytes[at..end]);
        at = end;
    }
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Layers { code: text(code), comments: text(comments), literals: text(literals) }
}

/// The line, from 1, of a position in a text.
pub fn line_of(text: &str, at: usize) -> usize {
    1 + text.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count()
}

/// The positions at which `word` stands alone, not as a part of a longer name.
pub fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = text.as_bytes();
    text.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let end = at + word.len();
        (at == 0 || !is_name(bytes[at - 1])) && (end == bytes.len() || !is_name(bytes[end]))
    })
}

/// Whether a byte can be part of an ASCII name.
pub fn is_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn blank(text: &str) -> Vec<u8> {
    text.bytes().map(|byte| if byte == b'\n' { b'\n' } else { b' ' }).collect()
}

/// The kind of what begins at `at`, and where it ends.
fn token(bytes: &[u8], at: usize) -> (Kind, usize) {
    let rest = &bytes[at..];
    if rest.starts_with(b"//") {
        let length = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        return (Kind::Comment, at + length);
    }
    if rest.starts_with(b"/*") {
        return (Kind::Comment, at + block_comment(rest));
    }
    if rest[0] == b'"' {
        return (Kind::Literal, at + quoted(rest, b'"'));
    }
    if rest[0] == b'\'' {
        return match character(rest) {
            Some(length) => (Kind::Literal, at + length),
            None => (Kind::Code, at + 1),
        };
    }
    if is_name(rest[0]) {
        let length = rest.iter().position(|&byte| !is_name(byte)).unwrap_or(rest.len());
        if matches!(&rest[..length], b"r" | b"br" | b"cr")
            && let Some(raw) = raw_string(&rest[length..])
        {
            return (Kind::Literal, at + length + raw);
        }
        return (Kind::Code, at + length);
    }
    (Kind::Code, at + 1)
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of a character literal; `None` for a lifetime.
fn character(rest: &[u8]) -> Option<usize> {
    if rest.get(1) == Some(&b'\\') {
        return Some(quoted(rest, b'\''));
    }
    let width = match rest.get(1)? {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    (rest.get(1 + width) == Some(&b'\'')).then_some(width + 2)
}

/// The length of `#"…"#` with any number of hashes.
fn raw_string(rest: &[u8]) -> Option<usize> {
    let hashes = rest.iter().take_while(|&&byte| byte == b'#').count();
    if rest.get(hashes) != Some(&b'"') {
        return None;
    }
    let mut end = vec![b'#'; hashes + 1];
    end[0] = b'"';
    let body = &rest[hashes + 1..];
    let length = body.windows(end.len()).position(|window| window == end);
    Some(length.map_or(rest.len(), |length| hashes + 1 + length + end.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_leave_the_code() {
        let source = "let a = \"x // y\"; // \"z\"\nlet b = 'q'; /* one /* two */ */ f::<'a>(b'\\'');\n";
        let layers = separate(source);
        assert_eq!(
            layers.code.split_whitespace().collect::<Vec<_>>().join(" "),
            "let a = ; let b = ; f::<'a>(b );"
        );
        assert!(layers.comments.contains("// \"z\"") && layers.comments.contains("two */ */"));
        assert!(layers.literals.contains("\"x // y\"") && layers.literals.contains("'q'"));
        assert_eq!(layers.code.len(), source.len());
        assert_eq!(layers.code.lines().count(), 2);
    }

    #[test]
    fn raw_strings_end_at_their_hashes() {
        let layers = separate("f(r#\"a \"b\" // c\"#, br\"d\", r#type, 'é', \"\\\"e\")");
        assert_eq!(layers.code.replace(' ', ""), "f(,,r#type,,)");
        assert!(layers.literals.contains("r#\"a \"b\" // c\"#") && layers.literals.contains("'é'"));
    }

    #[test]
    fn words_stand_alone() {
        assert_eq!(words("unsafe_code unsafe { my_unsafe }", "unsafe").collect::<Vec<_>>(), [12]);
        assert_eq!(line_of("a\nb\nc", 4), 3);
    }
}
