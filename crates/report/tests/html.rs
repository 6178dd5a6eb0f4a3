//! The page: self-contained, and safe for any text.

#[path = "../examples/sample_report/sample.rs"]
mod sample;

use thalweg_report::model::*;
use thalweg_report::{html, json};

/// The text between two marks.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let start = page.find(from).unwrap_or_else(|| panic!("no {from:?} in the page")) + from.len();
    &page[start..start + page[start..].find(to).unwrap_or_else(|| panic!("no {to:?} in the page"))]
}

const DATA: &str = "<script type=\"application/json\" id=\"thalweg-report\">";

#[test]
fn holds_the_report_as_json() {
    let report = sample::report();
    let page = html(&report).unwrap();
    let data: serde_json::Value = serde_json::from_str(between(&page, DATA, "</script>")).unwrap();
    assert_eq!(data, json::tree(&report).unwrap());
}

#[test]
fn the_same_report_is_the_same_page() {
    assert_eq!(html(&sample::report()).unwrap(), html(&sample::report()).unwrap());
}

#[test]
fn loads_nothing_from_elsewhere() {
    let page = html(&sample::report()).unwrap();
    let program = page.rsplit("<script>").next().unwrap();
    let markup = page.replace(program, "").replace(between(&page, "<style>", "</style>"), "");
    for (loads, allowed) in [("src=", None), ("href=", Some("href=\"data:,\"")), ("url(", None)] {
        let found = markup.find(loads).map(|i| &markup[i..i + 13]);
        assert_eq!(found, allowed, "{loads:?} in the markup");
    }
    assert!(!between(&page, "<style>", "</style>").contains("url("));
    // The program's comment with licences may name addresses; the program itself only namespaces.
    let code = program.split_once("*/").unwrap().1;
    for (i, _) in code.match_indices("://") {
        let address = &code[i - 4..code.len().min(i + 24)];
        assert!(address.starts_with("http://www.w3.org/"), "{address:?}");
    }
    let lower = page.to_lowercase();
    let never = [
        "@import",
        "<iframe",
        "<object",
        "<embed",
        "<base",
        "fetch(",
        "xmlhttprequest",
        "websocket",
        "eventsource",
        "sendbeacon",
        "import(",
        "importscripts",
        "new worker",
    ];
    for loads in never {
        assert!(!lower.contains(loads), "the page contains {loads:?}");
    }
    assert!(page.contains("Content-Security-Policy\" content=\"default-src 'none';"));
}

#[test]
fn text_cannot_leave_its_place() {
    let nasty = "</script><!-- <script>alert('x')</script> \u{2028} & \" ]]> <title>";
    let figure =
        Figure::new("f", nasty, Table::new([Column::text(nasty)]).row([nasty.into()])).caption(nasty);
    let report = Report::new(nasty)
        .subtitle(nasty)
        .section(Section::new("s", nasty).lead(nasty).figure(figure))
        .provenance(Provenance::new(nasty).fact(nasty, nasty).note(nasty));
    let page = html(&report).unwrap();
    assert_eq!(page.matches("<script").count(), 2, "data and program");
    assert_eq!(page.matches("</script").count(), 2);
    assert_eq!(page.matches("<!--").count(), 0);
    assert_eq!(page.matches("<title>").count(), 1);
    let back: Report = serde_json::from_str(between(&page, DATA, "</script>")).unwrap();
    assert_eq!(back, report);
}

#[test]
fn refuses_a_report_that_cannot_be_drawn() {
    let broken = Report::new("").section(Section::new("Not usable", ""));
    assert!(html(&broken).unwrap_err().to_string().contains("Not usable"));
}

#[test]
fn carries_the_licences_of_its_libraries() {
    let page = html(&Report::new("")).unwrap();
    for text in ["Mike Bostock", "Permission to use, copy, modify", "ogl"] {
        assert!(page.contains(text), "the page does not mention {text:?}");
    }
}
