//! The browser that the tests of the report need.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::process;

/// The variable through which the tests, and a user, name the browser.
pub const VARIABLE: &str = "THALWEG_CHROMIUM";

const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A Chromium or Chrome: the one that the environment names, else the first
/// on the search path, else, as root on Debian, a freshly installed one.
pub fn ensure() -> Result<PathBuf, String> {
    let path = process::search_path();
    if let Some(found) = find(env::var_os(VARIABLE), &path)? {
        return Ok(found);
    }
    if is_debian(&fs::read_to_string("/etc/os-release").unwrap_or_default()) && is_root() {
        println!("No Chromium found: installing Debian's package.");
        process::run(Command::new("apt-get").args(["update", "--quiet"]))?;
        process::run(Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args([
            "install",
            "--quiet",
            "--yes",
            "--no-install-recommends",
            "chromium",
        ]))?;
        if let Some(found) = find(None, &path)? {
            return Ok(found);
        }
    }
    Err(format!(
        "the browser tests need Chromium or Chrome and there is none on the PATH: install one (Debian: \
         `apt-get install chromium`), or set {VARIABLE} to its program"
    ))
}

fn find(named: Option<OsString>, path: &OsStr) -> Result<Option<PathBuf>, String> {
    match named.filter(|name| !name.is_empty()) {
        Some(name) if Path::new(&name).is_file() => Ok(Some(name.into())),
        Some(name) => Err(format!("{VARIABLE} names {}, which is not a file", name.display())),
        None => Ok(PROGRAMS.iter().find_map(|program| process::on_path(program, path))),
    }
}

fn is_debian(release: &str) -> bool {
    release.lines().any(|line| line == "ID=debian")
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_browser_comes_first_and_must_exist() {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert_eq!(find(Some(here.clone().into()), OsStr::new("")), Ok(Some(here)));
        let message = find(Some("no/such/browser".into()), OsStr::new("")).unwrap_err();
        assert!(message.contains(VARIABLE) && message.contains("no/such/browser"), "{message}");
    }

    #[test]
    fn the_search_path_is_walked_in_the_order_of_programs() {
        let folder = env::temp_dir().join(format!("xtask-browser-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(find(None, folder.as_os_str()), Ok(None));
        for program in ["google-chrome", "chromium-browser"] {
            fs::write(folder.join(program), "").unwrap();
        }
        let found = find(Some(OsString::new()), folder.as_os_str());
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, Ok(Some(folder.join("chromium-browser"))));
    }

    #[test]
    fn debian_is_told_from_its_derivatives() {
        assert!(is_debian("PRETTY_NAME=\"Debian GNU/Linux\"\nID=debian\n"));
        assert!(!is_debian("ID=ubuntu\nID_LIKE=debian\n"));
    }
}
