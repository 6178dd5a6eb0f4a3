//! Opens a report in a headless browser, as the report's own tests do.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// Waits until the page is drawn, then leaves what it shows in `<pre id="probe">`.
const PROBE: &str = r#"<script>(async () => {
  const root = document.documentElement;
  for (let i = 0; i < 3000 && root.dataset.ready !== "true"; i++) {
    await new Promise((done) => setTimeout(done, 1));
    for (let k = 0, x = 1; k < 200000; k++) x = Math.sin(x);
  }
  const figures = [...document.querySelectorAll("figure")].map((f) => [f.id, Number(f.dataset.points)]);
  const drawn = [...document.querySelectorAll("figure")].every((f) => f.querySelector("svg.chart path, td, dd.value"));
  const broken = [...document.querySelectorAll("svg *")].filter((e) => [...e.attributes].some((a) => /NaN|Infinity/.test(a.value))).length;
  const seen = { figures, drawn, broken, ready: root.dataset.ready, errors: root.dataset.errors, ...window.probe };
  const pre = document.createElement("pre");
  pre.id = "probe";
  pre.textContent = JSON.stringify(seen);
  document.body.append(pre);
})();</script></body>"#;

/// Notes what the console and failing scripts say, from before the page's own scripts on.
const WATCH: &str = r#"<head><script>
  window.probe = { console: [] };
  for (const kind of ["error", "warn"]) console[kind] = (...words) => window.probe.console.push(words.join(" "));
  addEventListener("error", (event) => window.probe.console.push(String(event.message)));
  addEventListener("unhandledrejection", (event) => window.probe.console.push(String(event.reason)));
</script>"#;

/// Opens the page; what it holds, figure by figure: id and how many numbers.
pub fn open(report: &Path) -> Vec<(String, u64)> {
    let folder = tempfile::tempdir().unwrap();
    let page = std::fs::read_to_string(report).unwrap();
    let probed = page.replacen("<head>", WATCH, 1).replace("</body>", PROBE);
    let path = folder.path().join("report.html");
    std::fs::write(&path, probed).unwrap();
    // On a busy machine the browser's clock may run out before the page is drawn.
    let seen = (0..3).find_map(|attempt| look(&path, &folder.path().join(format!("profile-{attempt}"))));
    let seen = seen.expect("the browser draws the page");
    assert_eq!(seen["ready"], "true");
    assert_eq!(seen["errors"], "[]");
    assert_eq!(seen["console"], json!([]), "errors or warnings on the console");
    assert_eq!((seen["drawn"].as_bool(), seen["broken"].as_u64()), (Some(true), Some(0)));
    let figures = seen["figures"].as_array().unwrap().iter();
    figures.map(|f| (f[0].as_str().unwrap().to_owned(), f[1].as_u64().unwrap())).collect()
}

fn look(page: &Path, profile: &Path) -> Option<Value> {
    let output = Command::new(browser())
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        .args(["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"])
        .args(["--no-first-run", "--virtual-time-budget=600000", "--dump-dom", "--window-size=1400,900"])
        .arg("--host-resolver-rules=MAP * ~NOTFOUND")
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", page.display()))
        .stdin(Stdio::null())
        .output()
        .expect("the browser starts");
    let dom = String::from_utf8_lossy(&output.stdout);
    let (_, rest) = dom.rsplit_once("<pre id=\"probe\">")?;
    let text = rest.split("</pre>").next()?;
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    Some(serde_json::from_str(&text).expect("the probe leaves JSON"))
}

fn browser() -> PathBuf {
    if let Some(path) = std::env::var_os("THALWEG_CHROMIUM") {
        return PathBuf::from(path);
    }
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders)
        .flat_map(|folder| names.map(|n| folder.join(n)))
        .find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("this test needs a browser: install Chromium, or set THALWEG_CHROMIUM"))
}
