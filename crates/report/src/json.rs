//! Canonical JSON: the same value always becomes the same bytes.
//!
//! The convention, for `results.json`, `manifest.json`, `--json` and the data
//! inside a report alike:
//!
//! * the keys of every object are sorted by their bytes;
//! * a finite number is printed in the shortest form that reads back to the
//!   same bits (an `f32` in the shortest form that reads back to the same `f32`);
//! * a number that is not finite is the string `"NaN"`, `"inf"` or `"-inf"`,
//!   never `null`: `null` means that there is no value;
//! * text is UTF-8, unescaped where JSON allows it, and ends with a newline
//!   where it is a file of its own.
//!
//! ```
//! #[derive(serde::Serialize)]
//! struct Row { value: f64, residual: Option<f64>, top: Vec<f64> }
//! let row = Row { value: f64::INFINITY, residual: None, top: vec![0.1, 1e-9] };
//! assert_eq!(
//!     thalweg_report::json::compact(&row)?,
//!     r#"{"residual":null,"top":[0.1,1e-9],"value":"inf"}"#,
//! );
//! # Ok::<(), thalweg_report::json::JsonError>(())
//! ```

mod tree;

use serde::Serialize;
use serde_json::Value;

/// Why a value has no JSON form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// A map with a key that is neither text nor an integer.
    #[error("a map key must be text, an integer or a boolean; found {0}")]
    Key(&'static str),
    /// An integer beyond 64 bits.
    #[error("the integer {0} does not fit into 64 bits")]
    Integer(String),
    /// Raised by the value's own `Serialize`.
    #[error("{0}")]
    Custom(String),
}

/// The value as a tree, with numbers that are not finite as strings.
///
/// Unlike [`serde_json::to_value`], which turns them into `null`.
pub fn tree<T: Serialize + ?Sized>(value: &T) -> Result<Value, JsonError> {
    let mut tree = value.serialize(tree::Tree)?;
    // serde_json keeps insertion order when anything in the build asks for it.
    tree.sort_all_objects();
    Ok(tree)
}

/// The value on one line, without spaces.
pub fn compact<T: Serialize + ?Sized>(value: &T) -> Result<String, JsonError> {
    Ok(tree(value)?.to_string())
}

/// The value for reading: two spaces of indentation, arrays of plain values on
/// one line, a newline at the end.
pub fn pretty<T: Serialize + ?Sized>(value: &T) -> Result<String, JsonError> {
    let mut text = String::new();
    print(&tree(value)?, 0, &mut text);
    text.push('\n');
    Ok(text)
}

fn print(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Array(items) if items.iter().any(is_nested) => {
            list('[', ']', items, depth, out, |item, out| print(item, depth + 1, out));
        }
        Value::Array(items) => {
            let plain: Vec<String> = items.iter().map(Value::to_string).collect();
            out.push_str(&format!("[{}]", plain.join(", ")));
        }
        Value::Object(entries) if !entries.is_empty() => {
            list('{', '}', entries, depth, out, |(key, item), out| {
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push_str(": ");
                print(item, depth + 1, out);
            });
        }
        plain => out.push_str(&plain.to_string()),
    }
}

fn is_nested(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_))
}

fn list<I: IntoIterator>(
    open: char,
    close: char,
    items: I,
    depth: usize,
    out: &mut String,
    mut one: impl FnMut(I::Item, &mut String),
) {
    out.push(open);
    for (i, item) in items.into_iter().enumerate() {
        out.push_str(if i == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        one(item, out);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, HashMap};

    #[derive(serde::Serialize)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum Verdict {
        Saddle { index: u32, escape: Vec<f32> },
    }

    #[derive(serde::Serialize)]
    struct Point {
        zeta: Verdict,
        alpha: (f64, Option<f64>, bool),
        map: HashMap<u8, f64>,
        nested: Vec<BTreeMap<String, f64>>,
        empty: BTreeMap<String, f64>,
    }

    fn point() -> Point {
        Point {
            zeta: Verdict::Saddle { index: 1, escape: vec![0.1, f32::NAN] },
            alpha: (f64::NEG_INFINITY, None, true),
            map: HashMap::from([(10, 1.0), (9, 2.5)]),
            nested: vec![BTreeMap::from([("b".into(), 1e300), ("a".into(), -0.0)])],
            empty: BTreeMap::new(),
        }
    }

    #[test]
    fn prints_sorted_keys_and_marks_what_is_not_finite() {
        let expected = concat!(
            r#"{"alpha":["-inf",null,true],"empty":{},"map":{"10":1.0,"9":2.5},"#,
            r#""nested":[{"a":-0.0,"b":1e+300}],"#,
            r#""zeta":{"escape":[0.1,"NaN"],"index":1,"kind":"saddle"}}"#
        );
        assert_eq!(compact(&point()).unwrap(), expected);
    }

    #[test]
    fn pretty_keeps_plain_arrays_on_one_line() {
        let expected = "{\n  \"a\": [\n    [1, 2],\n    []\n  ],\n  \"b\": {}\n}\n";
        let value =
            BTreeMap::from([("a", tree(&[vec![1, 2], vec![]]).unwrap()), ("b", serde_json::json!({}))]);
        assert_eq!(pretty(&value).unwrap(), expected);
    }

    #[test]
    fn pretty_and_compact_hold_the_same_value() {
        let read = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        assert_eq!(read(pretty(&point()).unwrap()), read(compact(&point()).unwrap()));
    }

    #[test]
    fn refuses_what_has_no_json_form() {
        assert_eq!(compact(&BTreeMap::from([(vec![1u8], 1)])), Err(JsonError::Key("a sequence")));
        assert_eq!(compact(&u128::MAX), Err(JsonError::Integer(u128::MAX.to_string())));
    }

    proptest! {
        #[test]
        fn every_finite_number_reads_back_bit_for_bit(bits: u64) {
            let x = f64::from_bits(bits);
            prop_assume!(x.is_finite());
            let back: f64 = serde_json::from_str(&compact(&x).unwrap()).unwrap();
            prop_assert_eq!(back.to_bits(), bits);
        }

        #[test]
        fn every_finite_f32_reads_back_bit_for_bit(bits: u32) {
            let x = f32::from_bits(bits);
            prop_assume!(x.is_finite());
            let back: f64 = serde_json::from_str(&compact(&x).unwrap()).unwrap();
            prop_assert_eq!((back as f32).to_bits(), bits);
        }
    }
}
