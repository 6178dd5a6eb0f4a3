//! Inside the lab: which folder may name which, and who may name the graph.

use std::collections::BTreeMap;

use super::layers::{line_of, words};
use super::live::inline_depth;
use super::use_tree::{Leaf, leaves};
use super::{Finding, Tree};

const SOURCES: &str = "crates/lab/src/";

/// What the code outside tests of each folder may name at the root of the
/// crate: other folders, the root's own modules, and `graph` for the crate
/// below. A folder may always name itself and the modules of [`PLAIN`];
/// [`ROOT`] stands for the files beside `lib.rs`.
const MAY_NAME: [(&str, &[&str]); 13] = [
    (ROOT, &["krylov", "layout", "objective", "oracle", "stop"]),
    ("random", &[]),
    ("krylov", &["random", "stop"]),
    ("memory", &["krylov"]),
    ("symmetry", &["random", "layout"]),
    ("optim", &["krylov", "random", "layout", "objective", "oracle", "stop"]),
    ("landscape", &["krylov", "optim", "random", "layout", "objective", "oracle", "stop", "symmetry"]),
    ("curvature", &["graph", "krylov", "optim", "random", "layout", "objective", "oracle", "stop"]),
    (
        "critical",
        &["krylov", "landscape", "optim", "random", "layout", "objective", "oracle", "stop", "symmetry"],
    ),
    ("race", &["curvature", "krylov", "optim", "random", "layout", "objective", "oracle", "stop"]),
    ("flatness", &["krylov", "landscape", "random", "layout", "objective", "oracle", "stop"]),
    ("subspace", &["krylov", "race", "random", "layout", "objective", "oracle", "stop"]),
    ("problem", &["graph", "krylov", "memory", "random", "layout", "objective", "stop", "symmetry"]),
];

const ROOT: &str = "the root";
const ROOT_FILES: [&str; 6] = ["exact", "layout", "objective", "oracle", "stop", "vector"];
/// Modules of the root that know of numbers alone.
const PLAIN: [&str; 3] = ["exact", "vector", "Scalar"];

/// Code of the lab that names what it must not.
pub fn findings(tree: &Tree) -> Vec<Finding> {
    let origins = origins(tree.text(&format!("{SOURCES}lib.rs")).unwrap_or_default());
    let mut found = Vec::new();
    for (file, live) in tree.live() {
        let Some(module) = file.path.strip_prefix(SOURCES).and_then(|path| path.strip_suffix(".rs")) else {
            continue;
        };
        let segments: Vec<&str> = module.split('/').collect();
        let folder = match segments[0] {
            "lib" => {
                found.extend(graph_in_root(&file.path, &live.code));
                continue;
            }
            name if ROOT_FILES.contains(&name) => ROOT,
            name => name,
        };
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == folder) else {
            let message = format!("a new folder `{folder}`: say in tidy/folders.rs what it may name");
            found.push(Finding::new(&file.path, 0, message));
            continue;
        };
        for (at, leaf) in named(&live.code, segments.len()) {
            let target = origin(&leaf, &origins);
            if target != folder && !PLAIN.contains(&target) && !allowed.contains(&target) {
                let message =
                    format!("`{folder}` must not name `{}`, which is in `{target}`", leaf.path.join("::"));
                found.push(Finding::new(&file.path, line_of(&live.code, at), message));
            }
        }
        if !allowed.contains(&"graph") {
            found.extend(words(&live.code, "thalweg_graph").map(|at| {
                let message =
                    format!("`{folder}` must not name the graph crate; only problem and curvature may");
                Finding::new(&file.path, line_of(&live.code, at), message)
            }));
        }
    }
    found
}

/// In `lib.rs` the graph may lend its trait of numbers and nothing else.
fn graph_in_root(path: &str, code: &str) -> Vec<Finding> {
    words(code, "thalweg_graph")
        .filter(|at| !code[at + "thalweg_graph".len()..].starts_with("::Float as Scalar;"))
        .map(|at| {
            Finding::new(
                path,
                line_of(code, at),
                "the root may re-export `Float as Scalar` from the graph alone",
            )
        })
        .collect()
}

/// Paths that begin at the root of the crate, as a file of the given module
/// depth writes them: `crate::…`, or `super::…` once a level.
fn named(code: &str, depth: usize) -> Vec<(usize, Leaf)> {
    let mut found = Vec::new();
    for at in words(code, "crate") {
        if let Some(rest) = code[at + 5..].strip_prefix("::") {
            found.extend(leaves(code, code.len() - rest.len()).into_iter().map(|leaf| (at, leaf)));
        }
    }
    for at in words(code, "super") {
        let rest = &code[at..];
        let climbed = climb(rest);
        let inner = code[..at].ends_with("::");
        if !inner && climbed == depth + inline_depth(code, at) {
            let start = at + climbed * "super::".len();
            found.extend(leaves(code, start).into_iter().map(|leaf| (at, leaf)));
        }
    }
    found
}

fn climb(mut rest: &str) -> usize {
    let mut levels = 0;
    while let Some(next) = rest.strip_prefix("super::") {
        rest = next;
        levels += 1;
    }
    levels
}

/// The folder or root module in which a path ends: a name that the root
/// re-exports counts where it comes from.
fn origin<'a>(leaf: &'a Leaf, origins: &'a BTreeMap<String, String>) -> &'a str {
    let first = leaf.path[0].as_str();
    origins.get(first).map_or(first, String::as_str)
}

/// From each name that `lib.rs` re-exports to the module that it comes from.
fn origins(root: &str) -> BTreeMap<String, String> {
    let code = super::layers::separate(root).code;
    let mut found = BTreeMap::new();
    for at in words(&code, "pub") {
        let Some(rest) = code[at + 3..].trim_start().strip_prefix("use ") else { continue };
        for leaf in leaves(&code, code.len() - rest.len()) {
            let module = leaf.path.iter().find(|segment| !matches!(segment.as_str(), "crate" | "self"));
            let module =
                if leaf.path[0] == "thalweg_graph" { "Scalar" } else { module.map_or("", String::as_str) };
            found.insert(leaf.name, module.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: (&str, &str) = (
        "crates/lab/src/lib.rs",
        "pub mod krylov;\npub use optim::{Verdict, Descent as Way};\npub use oracle::Oracle;\n\
         pub use thalweg_graph::Float as Scalar;\n",
    );

    fn messages(path: &str, text: &str) -> Vec<String> {
        let tree = Tree::of(&[LIB, (&format!("{SOURCES}{path}"), text)]);
        findings(&tree).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn what_is_allowed_passes() {
        assert!(
            messages("optim/adam.rs", "use crate::{Oracle, Scalar, krylov::Lanczos, optim, vector::dot};")
                .is_empty()
        );
        assert!(messages("problem/network.rs", "use thalweg_graph::Graph;\nuse super::Problem;").is_empty());
        assert!(
            messages("krylov/lanczos.rs", "use super::SymmetricOperator;\nuse crate::random;").is_empty()
        );
        assert!(messages("oracle.rs", "use crate::krylov::SymmetricOperator;").is_empty());
        assert!(messages("exact.rs", "fn f() {}\npub mod rows {\n    use super::f;\n}\n").is_empty());
    }

    #[test]
    fn forbidden_folders_are_found_however_they_are_written() {
        for text in [
            "use crate::optim::adam::Adam;",
            "use crate::{Scalar, optim::{self}};",
            "fn f() { crate::optim::step() }",
            "use super::super::optim;",
            "use crate::Verdict;",
            "use crate::{\n    Way,\n};",
        ] {
            let found = messages("krylov/lanczos.rs", text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].contains("`krylov` must not name"), "{found:?}");
        }
        assert_eq!(messages("krylov.rs", "use super::curvature;").len(), 1);
        assert_eq!(messages("krylov.rs", "mod a { use super::super::curvature; }").len(), 1);
        assert_eq!(
            messages("krylov/lanczos.rs", "use crate::Oracle;").len(),
            1,
            "Krylov sees an operator alone"
        );
        assert_eq!(messages("optim.rs", "use crate::*;").len(), 1, "a glob hides what is named");
    }

    #[test]
    fn only_problem_and_curvature_name_the_graph() {
        assert_eq!(messages("optim/adam.rs", "fn f<T: thalweg_graph::Float>() {}").len(), 1);
        let lib = ("crates/lab/src/lib.rs", "pub use thalweg_graph::Graph;");
        assert_eq!(findings(&Tree::of(&[lib])).len(), 1);
    }

    #[test]
    fn tests_comments_and_strings_may_name_anything() {
        let text = "// crate::optim\nconst A: &str = \"crate::optim\";\n#[cfg(test)]\nmod tests { use crate::problem::Saddle; }\n";
        assert!(messages("krylov/lanczos.rs", text).is_empty());
    }

    #[test]
    fn a_new_folder_needs_a_row() {
        assert!(messages("magic/wand.rs", "")[0].contains("new folder `magic`"));
    }
}
