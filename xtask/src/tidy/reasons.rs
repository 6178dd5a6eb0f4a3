//! Every dependency has a row with its reason in ARCHITECTURE.md, and no row is left over.

use std::collections::BTreeMap;

use super::manifest::workspace_dependencies;
use super::{Finding, Tree};

const DOCUMENT: &str = "ARCHITECTURE.md";
const SECTION: &str = "## Dependencies";
const PACKAGE: &str = "web/package.json";
/// The fewest characters that can be called a reason.
const SHORTEST: usize = 20;

/// Dependencies without a reason and reasons without a dependency.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    let rows = rows(tree.text(DOCUMENT).unwrap_or_default());
    let mut declared: Vec<(&str, String, usize)> = Vec::new();
    for dependency in tree.text("Cargo.toml").map(workspace_dependencies).unwrap_or_default() {
        if !dependency.value.contains("path =") {
            declared.push(("Cargo.toml", dependency.name, dependency.line));
        }
    }
    declared.extend(tree.text(PACKAGE).into_iter().flat_map(packages).map(|name| (PACKAGE, name, 0)));
    let mut found = Vec::new();
    for (path, name, line) in &declared {
        if rows.get(name.as_str()).is_none_or(|(_, reason)| reason.chars().count() < SHORTEST) {
            let message = format!("`{name}` has no row with its reason under \"{SECTION}\" in {DOCUMENT}");
            found.push(Finding::new(path, *line, message));
        }
    }
    for (name, (line, _)) in &rows {
        if !declared.iter().any(|(_, other, _)| other == name) {
            found.push(Finding::new(DOCUMENT, *line, format!("`{name}` is no dependency any more")));
        }
    }
    found
}

/// From the names in the first column (`` `a`, `b` ``) of the section's
/// tables to the line and the rest of the row.
fn rows(document: &str) -> BTreeMap<&str, (usize, &str)> {
    let mut inside = false;
    let mut found = BTreeMap::new();
    for (index, line) in document.lines().enumerate() {
        if line.starts_with("## ") {
            inside = line == SECTION;
        }
        let Some((names, reason)) = line.strip_prefix("| `").and_then(|rest| rest.split_once('|')) else {
            continue;
        };
        if inside {
            let names = names.split(',').map(|name| name.trim().trim_matches('`'));
            found.extend(names.map(|name| (name, (index + 1, reason.trim_matches(['|', ' '])))));
        }
    }
    found
}

/// The dependencies of the front end.
fn packages(text: &str) -> Vec<String> {
    let Ok(package) = serde_json::from_str::<serde_json::Value>(text) else {
        return vec![format!("({PACKAGE} is not JSON)")];
    };
    let names =
        |kind: &str| package[kind].as_object().into_iter().flat_map(|map| map.keys().cloned()).collect();
    ["dependencies", "devDependencies"].into_iter().flat_map(|kind| -> Vec<String> { names(kind) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_and_dependencies_belong_together() {
        let document = "\
# Architecture
| `elsewhere` | a row of another section |
## Dependencies
| Crate | Reason |
|---|---|
| `faer` | dense eigenvalues, level with LAPACK |
| `rand`, `rand_philox` | counter-based random numbers |
| `short` | good |
| `gone` | was needed once upon a time |
";
        let manifest = "[workspace.dependencies]\nthalweg-lab = { path = \"crates/lab\" }\nfaer = \"1\"\n\
                        rand = \"1\"\nrand_philox = \"1\"\nshort = \"1\"\nmissing = \"1\"\n";
        let package = r#"{"dependencies": {"three": "1"}, "devDependencies": {"esbuild": "1"}}"#;
        let tree = Tree::of(&[(DOCUMENT, document), ("Cargo.toml", manifest), (PACKAGE, package)]);
        let found: Vec<_> = findings(&tree).iter().map(Finding::to_string).collect();
        for name in ["Cargo.toml:6: `short`", "Cargo.toml:7: `missing`", "`three`", "`esbuild`", "9: `gone`"]
        {
            assert!(found.iter().any(|message| message.contains(name)), "{name}: {found:#?}");
        }
        assert_eq!(found.len(), 5, "{found:#?}");
    }
}
