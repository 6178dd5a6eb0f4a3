//! Arrows between crates point down: a floor names only the floors below it.

use super::manifest::{dependencies, workspace_dependencies};
use super::tree::File;
use super::{Finding, Tree};

/// Each crate of `crates/` with those that it may depend on, in tests too.
const MAY_NAME: [(&str, &[&str]); 5] = [
    ("graph", &[]),
    ("lab", &["graph"]),
    ("io", &["graph", "lab"]),
    ("report", &["graph", "lab", "io"]),
    ("cli", &["graph", "lab", "io", "report"]),
];

/// Crates that name what they must not.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for name in tree.crates() {
        let path = format!("crates/{name}/Cargo.toml");
        let Some(manifest) = tree.text(&path) else {
            found.push(Finding::new(&path, 0, "a folder of crates/ has no manifest"));
            continue;
        };
        let Some((_, allowed)) = MAY_NAME.iter().find(|(floor, _)| *floor == name) else {
            found.push(Finding::new(&path, 0, "a new crate: say in tidy/arrows.rs which crates it may name"));
            continue;
        };
        for dependency in dependencies(manifest) {
            if let Some(other) =
                dependency.name.strip_prefix("thalweg-").filter(|other| !allowed.contains(other))
            {
                let message = format!("`{name}` must not know `{other}`; it may name: {}", list(allowed));
                found.push(Finding::new(&path, dependency.line, message));
            }
            if !dependency.value.contains("workspace = true") {
                let message =
                    format!("`{}` gets its version here; declare it in the workspace", dependency.name);
                found.push(Finding::new(&path, dependency.line, message));
            }
        }
    }
    for dependency in tree.text("xtask/Cargo.toml").map(dependencies).unwrap_or_default() {
        if dependency.name.starts_with("thalweg-") {
            let message = "the chores must build without the crates that they check";
            found.push(Finding::new("xtask/Cargo.toml", dependency.line, message));
        }
    }
    for dependency in tree.text("Cargo.toml").map(workspace_dependencies).unwrap_or_default() {
        let mut add = |what: &str| {
            found.push(Finding::new("Cargo.toml", dependency.line, format!("`{}` {what}", dependency.name)));
        };
        if dependency.value.contains("path =") != dependency.name.starts_with("thalweg-") {
            add("breaks the rule that crates of this workspace, and no others, have a path");
        }
        if !tree.files.iter().any(|file| uses(file, &dependency.name)) {
            add("is declared and no crate uses it");
        }
    }
    found
}

fn uses(file: &File, name: &str) -> bool {
    file.path.ends_with("/Cargo.toml")
        && dependencies(&file.text).iter().any(|dependency| dependency.name == name)
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(files: &[(&str, &str)]) -> Vec<String> {
        findings(&Tree::of(files)).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn arrows_down_are_fine() {
        let manifest = "[dependencies]\nthalweg-graph.workspace = true\nthalweg-lab = { workspace = true }\n";
        assert!(messages(&[("crates/io/Cargo.toml", manifest), ("crates/io/src/lib.rs", "")]).is_empty());
    }

    #[test]
    fn arrows_up_are_found_in_every_section() {
        let manifest = "[dev-dependencies]\nthalweg-io.workspace = true\n";
        let found = messages(&[("crates/lab/Cargo.toml", manifest)]);
        assert_eq!(found, ["crates/lab/Cargo.toml:2: `lab` must not know `io`; it may name: graph"]);
        let manifest = "[target.'cfg(unix)'.dependencies.thalweg-lab]\nworkspace = true\n";
        assert_eq!(messages(&[("crates/graph/Cargo.toml", manifest)]).len(), 1);
    }

    #[test]
    fn new_crates_stray_versions_and_chores_are_found() {
        let found = messages(&[
            ("crates/magic/Cargo.toml", ""),
            ("crates/lab/Cargo.toml", "[dependencies]\nfaer = \"1\"\n"),
            ("crates/empty/notes.md", ""),
            ("xtask/Cargo.toml", "[dependencies]\nthalweg-lab.workspace = true\n"),
            ("Cargo.toml", "[workspace.dependencies]\nfaer = { path = \"faer\" }\nidle = \"1\"\n"),
        ]);
        assert_eq!(found.len(), 6, "{found:#?}");
    }
}
