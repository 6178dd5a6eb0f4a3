//! The data model: its JSON, and what it refuses.

#[path = "../examples/sample_report/sample.rs"]
mod sample;

use thalweg_report::model::*;
use thalweg_report::{ReportError, json};

/// Written by hand from the documentation of the fields, not by the code.
const GOLDEN: &str = r#"{
  "headline": [
    {"label": "loss", "note": "", "unit": "nat", "value": "NaN"}
  ],
  "provenance": {"command": "thalweg survey", "facts": [{"label": "seed", "value": "7"}], "notes": []},
  "sections": [
    {
      "figures": [
        {
          "caption": "",
          "content": {
            "kind": "card",
            "rows": [
              {
                "label": "trace",
                "note": "",
                "uncertainty": {"kind": "standard_error", "value": 0.5},
                "unit": "",
                "value": 12
              },
              {"label": "noise", "note": "", "uncertainty": {"kind": "at_least"}, "unit": "", "value": null}
            ],
            "verdict": {"badge": "index 2", "evidence": "", "title": "Saddle", "tone": "saddle"}
          },
          "id": "card",
          "title": "Card",
          "width": "full"
        },
        {
          "caption": "",
          "content": {
            "kind": "lines",
            "marks": [{"at": 2, "direction": "vertical", "label": "end", "side": "left"}],
            "series": [
              {
                "name": "loss",
                "side": "left",
                "spread": null,
                "stroke": "solid",
                "x": [0, 1],
                "y": ["inf", 0.1]
              }
            ],
            "x": {"label": "step", "scale": "linear"},
            "y": {"label": "loss", "scale": "log"},
            "y2": null
          },
          "id": "curve",
          "title": "Curve",
          "width": "half"
        },
        {
          "caption": "c",
          "content": {
            "at": [0, 1],
            "density": [0.25, 0.75],
            "eigenvalues": [{"label": "λ_1", "residual": 1e-9, "value": 1}],
            "exact": [],
            "floor": null,
            "kind": "density",
            "label": "λ",
            "stderr": []
          },
          "id": "density",
          "title": "Density",
          "width": "full"
        },
        {
          "caption": "",
          "content": {
            "kind": "surface",
            "label": "loss",
            "landmarks": [{"label": "here", "x": 0, "y": 1}],
            "shade": "rank",
            "trajectories": [
              {
                "name": "run",
                "points": [{"distance": 0, "loss": 1, "plane_loss": "-inf", "step": 0, "x": 0, "y": 0}]
              }
            ],
            "x": {"label": "u", "scale": "linear"},
            "xs": [0, 1],
            "y": {"label": "v", "scale": "linear"},
            "ys": [0, 1],
            "z": [1, 2, 3, "NaN"]
          },
          "id": "surface",
          "title": "Surface",
          "width": "full"
        },
        {
          "caption": "",
          "content": {
            "columns": [
              {"align": "left", "bar": false, "label": "name", "note": "", "unit": ""},
              {"align": "right", "bar": true, "label": "n", "note": "count", "unit": "1"}
            ],
            "kind": "table",
            "rows": [["fc0", 4], ["fc1", null]]
          },
          "id": "table",
          "title": "Table",
          "width": "full"
        },
        {
          "caption": "",
          "content": {
            "bars": [{"label": "1", "stderr": null, "value": 0.9}, {"label": "2", "stderr": 0.01, "value": 0.1}],
            "cumulative": true,
            "kind": "bars",
            "label": "component",
            "y": {"label": "share", "scale": "linear"}
          },
          "id": "bars",
          "title": "Bars",
          "width": "full"
        },
        {
          "caption": "",
          "content": {
            "joints": [{"level": 2, "note": "a path", "parts": [1, 0]}],
            "kind": "tree",
            "leaves": [{"label": "a", "value": 0.5}, {"label": "b", "value": 0.25}],
            "y": {"label": "loss", "scale": "log"}
          },
          "id": "tree",
          "title": "Tree",
          "width": "full"
        }
      ],
      "id": "all",
      "lead": "Every kind.",
      "title": "All"
    }
  ],
  "subtitle": "Small",
  "title": "Golden"
}"#;

fn every_kind() -> Report {
    let card = Card::new(Verdict {
        title: "Saddle".into(),
        badge: "index 2".into(),
        evidence: String::new(),
        tone: Tone::Saddle,
    })
    .row(Row::new("trace", 12.0).uncertainty(Uncertainty::StandardError { value: 0.5 }))
    .row(Row::new("noise", Cell::Missing).uncertainty(Uncertainty::AtLeast));
    let lines = Lines::new(Axis::linear("step"), Axis::log("loss"))
        .with(Series::line("loss", vec![0.0, 1.0], vec![f64::INFINITY, 0.1]))
        .mark_x(2.0, "end");
    let density = Density::new("λ", vec![0.0, 1.0], vec![0.25, 0.75]).eigenvalue("λ_1", 1.0, 1e-9);
    let point = TrajectoryPoint {
        step: 0.0,
        x: 0.0,
        y: 0.0,
        loss: 1.0,
        plane_loss: f64::NEG_INFINITY,
        distance: 0.0,
    };
    let surface =
        Surface::new("loss", "u", "v", vec![0.0, 1.0], vec![0.0, 1.0], vec![1.0, 2.0, 3.0, f64::NAN])
            .shade(Shade::Rank)
            .trajectory("run", vec![point])
            .landmark("here", 0.0, 1.0);
    let table = Table::new([Column::text("name"), Column::number("n").unit("1").note("count").bar()])
        .row(["fc0".into(), 4.into()])
        .row(["fc1".into(), Cell::Missing]);
    let bars = Bars::new("component", Axis::linear("share"))
        .bar("1", 0.9)
        .bar_with_error("2", 0.1, 0.01)
        .cumulative();
    let tree = Tree::new(Axis::log("loss")).leaf("a", 0.5).leaf("b", 0.25).joint(2.0, [1, 0], "a path");
    Report::new("Golden")
        .subtitle("Small")
        .headline(Headline::new("loss", f64::NAN).unit("nat"))
        .section(
            Section::new("all", "All")
                .lead("Every kind.")
                .figure(Figure::new("card", "Card", card))
                .figure(Figure::new("curve", "Curve", lines).half())
                .figure(Figure::new("density", "Density", density).caption("c"))
                .figure(Figure::new("surface", "Surface", surface))
                .figure(Figure::new("table", "Table", table))
                .figure(Figure::new("bars", "Bars", bars))
                .figure(Figure::new("tree", "Tree", tree)),
        )
        .provenance(Provenance::new("thalweg survey").fact("seed", 7))
}

/// Numbers as they are: the golden text writes 1 where the code prints 1.0.
fn normal(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Number(number) => Value::from(number.as_f64().unwrap()),
        Value::Array(items) => items.into_iter().map(normal).collect(),
        Value::Object(entries) => entries.into_iter().map(|(key, item)| (key, normal(item))).collect(),
        plain => plain,
    }
}

#[test]
fn the_format_is_the_documented_one() {
    let written = normal(json::tree(&every_kind()).unwrap());
    assert_eq!(written, normal(serde_json::from_str(GOLDEN).unwrap()));
}

#[test]
fn a_report_reads_back_as_it_was() {
    for report in [every_kind(), sample::report()] {
        let back: Report = serde_json::from_str(&json::compact(&report).unwrap()).unwrap();
        // NaN differs from itself, so compare what they print.
        assert_eq!(format!("{back:?}"), format!("{report:?}"));
    }
}

#[test]
fn serde_json_alone_keeps_what_is_not_finite_too() {
    let plain = serde_json::to_string(&every_kind()).unwrap();
    assert!(plain.contains(r#""z":[1.0,2.0,3.0,"NaN"]"#) && plain.contains(r#""plane_loss":"-inf""#));
}

#[test]
fn the_samples_can_be_drawn() {
    every_kind().check().unwrap();
    sample::report().check().unwrap();
}

fn refusal(content: impl Into<Content>) -> String {
    let section = Section::new("s", "").figure(Figure::new("f", "", content));
    Report::new("").section(section).check().unwrap_err().to_string()
}

#[test]
fn refuses_data_that_do_not_fit_together() {
    let axes = || Lines::new(Axis::linear("x"), Axis::linear("y"));
    let line = |x: &[f64], y: &[f64]| Series::line("a", x.to_vec(), y.to_vec());
    let surface =
        |xs: &[f64], z: usize| Surface::new("z", "x", "y", xs.to_vec(), vec![0.0, 1.0], vec![0.0; z]);
    let point = TrajectoryPoint { step: 0.0, x: f64::NAN, y: 0.0, loss: 0.0, plane_loss: 0.0, distance: 0.0 };
    let cases = [
        (
            refusal(axes().with(line(&[0.0, 1.0], &[0.0]))),
            "figure \"f\": y of series \"a\": expected 2 values, found 1",
        ),
        (
            refusal(axes().with(line(&[1.0, 0.0], &[0.0, 0.0]))),
            "figure \"f\": x of series \"a\", entry 1: expected more than 1, found 0",
        ),
        (
            refusal(axes().with(line(&[f64::NAN], &[0.0]))),
            "figure \"f\": x of series \"a\", entry 0: expected a finite number, found NaN",
        ),
        (
            refusal(axes().with(line(&[0.0], &[0.0]).spread(vec![], vec![0.0]))),
            "figure \"f\": lower ends of series \"a\": expected 1 values, found 0",
        ),
        (
            refusal(axes().with(line(&[], &[])).with(line(&[], &[]))),
            "figure \"f\": series \"a\": expected a name of its own, found a second one",
        ),
        (
            refusal(axes().with(line(&[], &[]).right())),
            "figure \"f\": series \"a\": expected a right axis in the figure, found none",
        ),
        (
            refusal(axes().mark_x(f64::INFINITY, "m")),
            "figure \"f\": mark \"m\": expected a finite place, found inf",
        ),
        (
            refusal(Density::new("λ", vec![0.0, 1.0], vec![1.0])),
            "figure \"f\": density: expected 2 values, found 1",
        ),
        (
            refusal(Density::new("λ", vec![0.0, 1.0], vec![1.0; 2]).floor(0.0)),
            "figure \"f\": floor: expected a positive number, found 0",
        ),
        (refusal(surface(&[0.0, 1.0], 3)), "figure \"f\": z: expected 4 values, found 3"),
        (refusal(surface(&[0.0], 2)), "figure \"f\": xs: expected 2 values or more, found 1"),
        (refusal(surface(&[0.0, 0.0], 4)), "figure \"f\": xs, entry 1: expected more than 0, found 0"),
        (
            refusal(surface(&[0.0, 1.0], 4).trajectory("t", vec![point])),
            "figure \"f\": trajectory \"t\": expected finite coordinates, found (NaN, 0)",
        ),
        (
            refusal(surface(&[0.0, 1.0], 4).landmark("m", 0.0, f64::INFINITY)),
            "figure \"f\": landmark \"m\": expected finite coordinates, found (0, inf)",
        ),
        (
            refusal(Table::new([Column::text("a")]).row([])),
            "figure \"f\": cells of row 0: expected 1 values, found 0",
        ),
        (
            refusal(Bars::new("b", Axis::log("y")).cumulative()),
            "figure \"f\": running sum: expected a linear axis, found a logarithmic one",
        ),
        (
            refusal(Tree::new(Axis::linear("f")).leaf("a", 0.0).joint(1.0, [0, 1], "")),
            "figure \"f\": joint 0: expected nodes before it, found 0 and 1",
        ),
        (
            refusal(Tree::new(Axis::linear("f")).leaf("a", 0.0).leaf("b", 0.0).joint(1.0, [0, 0], "")),
            "figure \"f\": joint 0: expected nodes that nothing joins yet, found 0 and 0",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn refuses_ids_that_cannot_be_addresses() {
    let section = |id: &str, figure: &str| {
        Report::new("")
            .section(Section::new(id, "").figure(Figure::new(figure, "", Table::default())))
            .check()
    };
    assert_eq!(section("a", "b-2"), Ok(()));
    for bad in ["", "A", "a b", "a\"", "é"] {
        assert_eq!(section("a", bad), Err(ReportError::Id(bad.into())));
    }
    assert_eq!(section("a", "a"), Err(ReportError::Twice("a".into())));
}
