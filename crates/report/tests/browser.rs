//! Opens a report with every kind of figure in headless Chromium and uses it.
//!
//! The browser is `$THALWEG_CHROMIUM`, or the first of chromium, chromium-browser,
//! google-chrome and chrome in the path; without one the test fails.

#[path = "../examples/sample_report/sample.rs"]
mod sample;

use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, Stdio};

#[test]
fn every_figure_holds_data_and_answers() {
    let seen =
        visit("1400,900", &["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]);
    no_errors(&seen);
    assert_eq!(seen["title"], "Rosenbrock's valley in 42 dimensions");
    let figures: Vec<(&str, &str, u64)> = list(&seen["figures"])
        .iter()
        .map(|f| (text(&f["id"]), text(&f["kind"]), f["points"].as_u64().unwrap()))
        .collect();
    // Counted by hand from the sample: finite numbers, grid points, path points, cells.
    let expected = [
        ("point-card", "card", 6),
        ("loss-curves", "lines", 3 * 601 - 16),
        ("sharpness", "lines", 25 + 601),
        ("variance", "bars", 6),
        ("spectrum", "density", 800 + 6 + 42),
        ("blocks", "table", 20),
        ("valley", "surface", 51 * 51 + 40),
        ("holes", "surface", 51 * 51 - 107),
        ("wells", "tree", 4 + 3),
    ];
    assert_eq!(figures, expected);
    for figure in list(&seen["figures"]) {
        assert!(figure["marks"].as_u64() > Some(5), "{} is drawn: {figure}", figure["id"]);
        assert_eq!(figure["nan"], 0, "{} holds NaN in its drawing", figure["id"]);
        assert_eq!(figure["overflow"], false, "{} is wider than its place", figure["id"]);
        assert!(text(&figure["caption"]).len() > 20, "{} has a caption", figure["id"]);
        if figure["kind"] == "surface" {
            assert_eq!(figure["webgl"], "on");
            let colours = figure["colours"][0].as_u64();
            assert!(colours > Some(500), "{} shows {colours:?} colours in 3-D", figure["id"]);
        }
    }
    let notes = |i: usize| text(&seen["figures"][i]["notes"]);
    assert!(
        notes(1).contains("held-out loss is not finite at 16 of 601 points, first at 180"),
        "{}",
        notes(1)
    );
    assert!(notes(6).contains("farthest off the plane at step 0"), "{}", notes(6));
    assert!(notes(7).contains("107 of 2601 grid points are not finite"), "{}", notes(7));
    assert_eq!(seen["contents"], json!(["#point", "#training", "#curvature", "#landscape", "#provenance"]));
    answers(&seen["steps"]);
    assert!(text(&seen["steps"]["surfaceTip"]).contains("loss"), "{}", seen["steps"]);
    for change in ["linear", "rank"] {
        assert_eq!(seen["steps"][change], true, "the 3-D view changes its scale to {change}");
    }
    saved(&seen["saved"], true);
}

#[test]
fn without_webgl_the_contours_stand_alone() {
    let seen = visit("420,900", &["--disable-3d-apis"]);
    no_errors(&seen);
    for figure in list(&seen["figures"]).iter().filter(|f| f["kind"] == "surface") {
        assert_eq!(figure["webgl"], "off");
        assert_eq!(figure["colours"], json!([]));
        assert!(figure["marks"].as_u64() > Some(50), "{} shows its contours", figure["id"]);
    }
    assert_eq!(seen["wide"], false, "the page fits a narrow screen");
    answers(&seen["steps"]);
    saved(&seen["saved"], false);
}

fn no_errors(seen: &Value) {
    assert_eq!(seen["failed"], Value::Null, "the probe stopped");
    assert_eq!(seen["console"], json!([]), "errors or warnings on the console");
    assert_eq!(seen["errors"], json!([]), "errors noted by the page");
    assert_eq!(seen["requests"], json!([]), "the page asked for something");
}

/// What the page did when it was used.
fn answers(steps: &Value) {
    assert!(steps["gaps"].as_u64() > Some(0), "missing values are marked");
    assert!(steps["hidden"].as_u64() > Some(0), "a click on the legend hides a curve");
    assert_eq!(steps["rescaled"], true);
    assert!(text(&steps["keyTip"]).starts_with("step "), "arrow keys read values: {}", steps["keyTip"]);
    assert!(text(&steps["densityTip"]).contains("λ_") || text(&steps["densityTip"]).contains("density"));
    assert!(text(&steps["contourTip"]).contains("loss"), "{}", steps["contourTip"]);
    assert_eq!(steps["sorted"], json!(["bowl.flat", "bowl.steep", "valley", "<b>&broken"]));
    assert_eq!(steps["theme"], json!(["light", "dark"]));
    assert_eq!(steps["repainted"], true);
}

fn saved(files: &Value, solid: bool) {
    let mut expected = vec!["point-card.csv", "blocks.csv"];
    for chart in ["loss-curves", "sharpness", "variance", "spectrum", "valley", "holes", "wells"] {
        expected.extend([".svg", ".png", ".csv"].map(|ending| format!("{chart}{ending}").leak() as &str));
    }
    if solid {
        expected.extend(["valley-3d.png", "holes-3d.png"]);
    }
    let mut names: Vec<&str> = list(files).iter().map(|file| text(&file["name"])).collect();
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected);
    for file in list(files) {
        assert_eq!(file["broken"], false, "{file}");
        assert_eq!(file["loads"], false, "{file}");
        let least = if text(&file["name"]).ends_with(".csv") { 100 } else { 3000 };
        assert!(file["size"].as_u64() > Some(least), "{file}");
    }
}

/// Opens the sample between two probes and returns what they saw.
fn visit(window: &str, flags: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let page = thalweg_report::html(&sample::report()).unwrap();
    let before = format!("<head><script>{}</script>", include_str!("browser/before.js"));
    let after = format!("<script>{}</script></body>", include_str!("browser/after.js"));
    let probed = page.replacen("<head>", &before, 1).replace("</body>", &after);
    let path = folder.path().join("report.html");
    std::fs::write(&path, probed).unwrap();
    let browser = browser();
    let mut log = String::new();
    // On a busy machine the browser's clock may run out before the page is done.
    for attempt in 0..3 {
        let output = Command::new(&browser)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"])
            .args(["--no-first-run", "--hide-scrollbars", "--virtual-time-budget=600000", "--dump-dom"])
            .arg("--host-resolver-rules=MAP * ~NOTFOUND")
            .args(flags)
            .arg(format!("--window-size={window}"))
            .arg(format!("--user-data-dir={}", folder.path().join(format!("profile-{attempt}")).display()))
            .arg(format!("file://{}", path.display()))
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", browser.display()));
        let dom = String::from_utf8_lossy(&output.stdout);
        // The script that stands in the page names the element as well.
        let left = dom.rsplit_once("<pre id=\"probe\">").map(|(_, rest)| rest);
        if let Some(rest) = left.filter(|rest| rest.starts_with('{')) {
            let json = rest.split("</pre>").next().unwrap();
            let json = json
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&nbsp;", "\u{a0}")
                .replace("&amp;", "&");
            return serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error} in {json}"));
        }
        log = format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    panic!("{} left no result ({log})", browser.display());
}

fn browser() -> PathBuf {
    if let Some(path) = std::env::var_os("THALWEG_CHROMIUM") {
        return PathBuf::from(path);
    }
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders)
        .flat_map(|folder| names.map(|n| folder.join(n)))
        .find(|p| p.is_file());
    found.unwrap_or_else(|| {
        let names = names.join(", ");
        panic!(
            "this test needs a browser: install Chromium, or set THALWEG_CHROMIUM to one (looked for {names})"
        )
    })
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("expected a list, found {value}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("expected text, found {value}"))
}
