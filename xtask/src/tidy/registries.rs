//! Packages are locked to the public registries, so that any machine can fetch them.

use super::{Finding, Tree};

const CRATES: &str = "registry+https://github.com/rust-lang/crates.io-index";
const PACKAGES: &str = "https://registry.npmjs.org/";

/// Packages locked to another place, and settings that point to one.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in &tree.files {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        for (index, line) in file.text.lines().map(str::trim).enumerate() {
            let strange = match name {
                "Cargo.lock" => value(line, "source = ").is_some_and(|source| source != CRATES),
                "package-lock.json" => {
                    value(line, "\"resolved\": ").is_some_and(|url| !url.starts_with(PACKAGES))
                }
                "config.toml" => line.starts_with("[source") || line.starts_with("[registr"),
                ".npmrc" => {
                    (line.starts_with("registry") || line.contains(":registry")) && !line.contains(PACKAGES)
                }
                _ => false,
            };
            if strange {
                found.push(Finding::new(&file.path, index + 1, "a place other than the public registry"));
            }
        }
    }
    found
}

fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    Some(line.strip_prefix(key)?.trim_matches(['"', ',']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_places_are_found() {
        let tree = Tree::of(&[
            ("Cargo.lock", &format!("source = \"{CRATES}\"\nsource = \"git+https://example.org/x\"\n")),
            (
                "web/package-lock.json",
                &format!("\"resolved\": \"{PACKAGES}a\",\n\"resolved\": \"http://host/b\",\n"),
            ),
            (".cargo/config.toml", "[alias]\n[source.crates-io]\n"),
            ("web/.npmrc", &format!("registry={PACKAGES}\nregistry=http://host\n")),
        ]);
        let mut found: Vec<_> =
            findings(&tree).into_iter().map(|finding| (finding.path, finding.line)).collect();
        found.sort();
        let paths = [".cargo/config.toml", "Cargo.lock", "web/.npmrc", "web/package-lock.json"];
        assert_eq!(found, paths.map(|path| (path.to_owned(), 2)));
    }
}
