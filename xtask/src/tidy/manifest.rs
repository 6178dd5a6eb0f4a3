//! What the rules need to know of a `Cargo.toml`.

/// A dependency as one line or one table of a manifest declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The name on the left.
    pub name: String,
    /// The line from 1.
    pub line: usize,
    /// Everything that is said about it.
    pub value: String,
}

/// The dependencies of every kind and for every target that a crate declares.
pub fn dependencies(text: &str) -> Vec<Dependency> {
    in_sections(text, |section| {
        ["dependencies", "dev-dependencies", "build-dependencies"].iter().any(|kind| {
            section == *kind || (section.starts_with("target.") && section.ends_with(&format!(".{kind}")))
        })
    })
}

/// The dependencies that the workspace declares for its crates.
pub fn workspace_dependencies(text: &str) -> Vec<Dependency> {
    in_sections(text, |section| section == "workspace.dependencies")
}

/// Whether `section` holds the line `key = value`, spaces aside.
pub fn holds(text: &str, section: &str, key: &str, value: &str) -> bool {
    entries(text).any(|(_, found, name, held)| found == section && name == key && held == value)
}

fn in_sections(text: &str, wanted: impl Fn(&str) -> bool) -> Vec<Dependency> {
    let mut found: Vec<Dependency> = Vec::new();
    for (line, section, key, value) in entries(text) {
        // `[dependencies.name]` is a section of its own.
        let (name, value) = if wanted(section) {
            let (name, rest) = key.split_once('.').unwrap_or((key, ""));
            (name, if rest.is_empty() { value.to_owned() } else { format!("{rest} = {value}") })
        } else {
            match section.rsplit_once('.') {
                Some((parent, name)) if wanted(parent) => (name, format!("{key} = {value}")),
                _ => continue,
            }
        };
        match found.iter_mut().find(|dependency| dependency.name == name) {
            Some(dependency) => dependency.value = format!("{}, {value}", dependency.value),
            None => found.push(Dependency { name: name.to_owned(), line, value }),
        }
    }
    found
}

/// Line, section, key and value of every assignment that fits on a line.
fn entries(text: &str) -> impl Iterator<Item = (usize, &str, &str, &str)> {
    let mut section = "";
    text.lines().enumerate().filter_map(move |(index, line)| {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = header;
        }
        let (key, value) = line.split_once('=').filter(|_| !line.starts_with(['#', '[']))?;
        Some((index + 1, section, key.trim().trim_matches('"'), value.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "\
[package]
name = \"thalweg-lab\"
[lints]
workspace = true
[dependencies]
# note = 1
faer.workspace = true
serde = { workspace = true, optional = true }
[dependencies.rand]
version = \"1\"
default-features = false
[target.'cfg(unix)'.dev-dependencies]
nix = \"1\"
";

    #[test]
    fn dependencies_of_every_kind_are_found() {
        let found = dependencies(MANIFEST);
        let names: Vec<_> =
            found.iter().map(|dependency| (dependency.name.as_str(), dependency.line)).collect();
        assert_eq!(names, [("faer", 7), ("serde", 8), ("rand", 10), ("nix", 13)]);
        assert_eq!(found[0].value, "workspace = true");
        assert_eq!(found[2].value, "version = \"1\", default-features = false");
    }

    #[test]
    fn keys_are_looked_up_in_their_section() {
        assert!(holds(MANIFEST, "lints", "workspace", "true"));
        assert!(!holds(MANIFEST, "package", "workspace", "true"));
        assert!(workspace_dependencies(MANIFEST).is_empty());
    }
}
