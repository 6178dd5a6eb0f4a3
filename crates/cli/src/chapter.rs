//! A chapter: what one part of a study found, ready to be written, drawn, printed and saved.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thalweg_io::NamedArrays;
use thalweg_report::json;
use thalweg_report::model::{Headline, Section};

use crate::error::Error;

/// What one part of a study found. Plain data: a saved chapter reads back as it was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Chapter {
    /// Keys of `results.json`, in the form of [`json::tree`].
    pub results: Map<String, Value>,
    /// What was measured by the clock: no part of the results, which are the same whenever they are made.
    #[serde(default)]
    pub timings: Map<String, Value>,
    /// Numbers for the top of the report.
    pub headline: Vec<Headline>,
    /// Chapters of the report.
    pub sections: Vec<Section>,
    /// Lines for the terminal: what, and how much.
    pub summary: Vec<[String; 2]>,
    /// What was not computed, or is not as asked.
    pub notes: Vec<String>,
    /// Why nothing that comes after can be done, if that is so.
    pub halt: Option<String>,
    /// Arrays for the chapter's `.npz`; saved beside the rest.
    #[serde(skip)]
    pub arrays: NamedArrays,
}

impl Chapter {
    /// A chapter that holds nothing yet.
    pub fn new(name: &str) -> Self {
        Self { arrays: NamedArrays::new(name), ..Self::default() }
    }

    /// Adds a key of `results.json`.
    pub fn result<V: Serialize + ?Sized>(&mut self, key: &str, value: &V) -> Result<(), Error> {
        self.results.insert(key.to_owned(), json::tree(value)?);
        Ok(())
    }

    /// Adds the keys of a structure, each on its own.
    pub fn results_of<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), Error> {
        match json::tree(value)? {
            Value::Object(entries) => self.results.extend(entries),
            other => unreachable!("a structure has keys, {other} has none"),
        }
        Ok(())
    }

    /// Adds a line for the terminal.
    pub fn say(&mut self, what: impl Into<String>, how_much: impl Into<String>) {
        self.summary.push([what.into(), how_much.into()]);
    }
}
