//! Rows and columns.

use super::Cell;
use serde::{Deserialize, Serialize};

/// A table that the reader can sort by any column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows; each has one cell a column.
    pub rows: Vec<Vec<Cell>>,
}

/// A column of a [`Table`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Heading.
    pub label: String,
    /// Unit under the heading, or empty.
    pub unit: String,
    /// What the column means, shown on hovering; may be empty.
    pub note: String,
    /// Alignment of heading and cells.
    pub align: Align,
    /// Whether a bar behind each number shows its size beside the others.
    pub bar: bool,
}

/// The alignment of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// To the left, for text.
    #[default]
    Left,
    /// To the right, for numbers.
    Right,
}

impl Table {
    /// A table without rows.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(mut self, cells: impl IntoIterator<Item = Cell>) -> Self {
        self.rows.push(cells.into_iter().collect());
        self
    }
}

impl Column {
    /// A column of text.
    pub fn text(label: impl Into<String>) -> Self {
        let label = label.into();
        Self { label, unit: String::new(), note: String::new(), align: Align::Left, bar: false }
    }

    /// A column of numbers.
    pub fn number(label: impl Into<String>) -> Self {
        Self { align: Align::Right, ..Self::text(label) }
    }

    /// Sets the unit.
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// Sets what the column means.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Puts a bar behind each number.
    pub fn bar(mut self) -> Self {
        self.bar = true;
        self
    }
}
