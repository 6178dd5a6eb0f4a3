//! The point card: what kind of point this is, and the numbers behind the verdict.

use super::{Cell, Uncertainty};
use serde::{Deserialize, Serialize};

/// The verdict on a point and the numbers that support it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The verdict.
    pub verdict: Verdict,
    /// The numbers, in order.
    pub rows: Vec<Row>,
}

/// What kind of point it is, in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Short and large: `Saddle point`, `Minimum`, `Not critical`.
    pub title: String,
    /// Beside the title, where it applies: `index 12`; may be empty.
    pub badge: String,
    /// One or two sentences with the evidence.
    pub evidence: String,
    /// Colour.
    pub tone: Tone,
}

/// The colour of a verdict; always beside its words, never instead of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// A minimum.
    Minimum,
    /// A saddle.
    Saddle,
    /// A maximum.
    Maximum,
    /// A plateau: flat to first and second order.
    Plateau,
    /// The gradient is not small.
    Moving,
    /// The evidence does not decide.
    Undecided,
}

/// One line of the card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Name: `sharpness λ_max`.
    pub label: String,
    /// The value.
    pub value: Cell,
    /// Unit, or empty.
    pub unit: String,
    /// How far it can be off; `null` where that has no meaning.
    pub uncertainty: Option<Uncertainty>,
    /// What the number means, for someone who does not know it.
    pub note: String,
}

impl Card {
    /// A card with its verdict, as yet without numbers.
    pub fn new(verdict: Verdict) -> Self {
        Self { verdict, rows: Vec::new() }
    }

    /// Adds a line.
    pub fn row(mut self, row: Row) -> Self {
        self.rows.push(row);
        self
    }
}

impl Row {
    /// A line with label and value.
    pub fn new(label: impl Into<String>, value: impl Into<Cell>) -> Self {
        let (label, value) = (label.into(), value.into());
        Self { label, value, unit: String::new(), uncertainty: None, note: String::new() }
    }

    /// Sets the unit.
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// Sets how far the value can be off.
    pub fn uncertainty(mut self, uncertainty: Uncertainty) -> Self {
        self.uncertainty = Some(uncertainty);
        self
    }

    /// Sets what the number means.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}
