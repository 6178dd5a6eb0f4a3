//! A report as plain data: what is shown, in which words, and how far to trust it.
//!
//! The same data, as JSON in the convention of [`crate::json`], is embedded in
//! the page, where the scripts under `web/` draw it. So the field names below
//! are the documented format.
//!
//! # Text
//!
//! Titles, labels, captions and notes are plain text with five marks:
//! `` `code` ``, `*emphasis*`, a subscript `λ_max` or `λ_{max}`, and a
//! superscript `10^{-3}`. Blank lines separate paragraphs. Anything else,
//! angle brackets included, appears as it stands; a backslash before a mark
//! takes its meaning away. Axis and legend labels take the same marks.

mod bars;
mod card;
mod cell;
mod check;
mod density;
mod lines;
mod surface;
mod table;
mod tree;

pub use bars::{Bar, Bars};
pub use card::{Card, Row, Tone, Verdict};
pub use cell::{Cell, Uncertainty};
pub use check::ReportError;
pub use density::{Density, Eigenvalue};
pub use lines::{Axis, Direction, Lines, Mark, Scale, Series, Side, Spread, Stroke};
pub use surface::{Landmark, Shade, Surface, Trajectory, TrajectoryPoint};
pub use table::{Align, Column, Table};
pub use tree::{Joint, Leaf, Tree};

use serde::{Deserialize, Serialize};

/// A whole report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What the page is called.
    pub title: String,
    /// One or two sentences under the title: the model, the data, the answer in brief.
    pub subtitle: String,
    /// The few numbers that a reader wants first.
    pub headline: Vec<Headline>,
    /// The chapters, in order.
    pub sections: Vec<Section>,
    /// Where the numbers come from.
    pub provenance: Provenance,
}

/// One of the numbers at the top of the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Headline {
    /// What it is, in a word or two: `training loss`.
    pub label: String,
    /// The number, or a word.
    pub value: Cell,
    /// Unit, or empty.
    pub unit: String,
    /// How certain it is, or what to compare it with; may be empty.
    pub note: String,
}

/// A chapter of the report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Unique in the report; small letters, digits and hyphens.
    pub id: String,
    /// Heading.
    pub title: String,
    /// The answer in words, before the figures; may be empty.
    pub lead: String,
    /// The figures, in order.
    pub figures: Vec<Figure>,
}

/// One figure: a drawing, a table or the point card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Unique in the report; small letters, digits and hyphens. Names saved files too.
    pub id: String,
    /// Title above the drawing.
    pub title: String,
    /// What it shows and how far to trust it.
    pub caption: String,
    /// Whether it takes the whole width of the page or shares it.
    pub width: Width,
    /// What is drawn.
    pub content: Content,
}

/// How much of the page's width a figure takes. Narrow screens stack all figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Width {
    /// All of it.
    #[default]
    Full,
    /// Half, so that two neighbours stand side by side.
    Half,
}

/// The kinds of figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// The verdict on a point and the numbers that support it.
    Card(Card),
    /// Curves over a common axis.
    Lines(Lines),
    /// A spectral density with marked eigenvalues.
    Density(Density),
    /// A function over a plane, in 3-D and as contours.
    Surface(Surface),
    /// Rows and columns.
    Table(Table),
    /// Bars, one a category.
    Bars(Bars),
    /// Minima, and the levels at which they are joined.
    Tree(Tree),
}

/// Where a report's numbers come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The command that makes this report again; may be empty.
    pub command: String,
    /// Version, seed, hashes, counts: label and value, in order.
    pub facts: Vec<Fact>,
    /// What was not computed, or differs from what was asked; may be empty.
    pub notes: Vec<String>,
}

/// One line of the provenance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// Its value, shown as it stands.
    pub value: String,
}

impl Report {
    /// An empty report of that title.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Sets the text under the title.
    pub fn subtitle(mut self, text: impl Into<String>) -> Self {
        self.subtitle = text.into();
        self
    }

    /// Adds a number at the top.
    pub fn headline(mut self, headline: Headline) -> Self {
        self.headline.push(headline);
        self
    }

    /// Adds a chapter.
    pub fn section(mut self, section: Section) -> Self {
        self.sections.push(section);
        self
    }

    /// Sets where the numbers come from.
    pub fn provenance(mut self, provenance: Provenance) -> Self {
        self.provenance = provenance;
        self
    }
}

impl Headline {
    /// A number at the top, without unit or note.
    pub fn new(label: impl Into<String>, value: impl Into<Cell>) -> Self {
        Self { label: label.into(), value: value.into(), unit: String::new(), note: String::new() }
    }

    /// Sets the unit.
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// Sets the line under the number.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

impl Section {
    /// An empty chapter.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self { id: id.into(), title: title.into(), ..Self::default() }
    }

    /// Sets the text before the figures.
    pub fn lead(mut self, text: impl Into<String>) -> Self {
        self.lead = text.into();
        self
    }

    /// Adds a figure.
    pub fn figure(mut self, figure: Figure) -> Self {
        self.figures.push(figure);
        self
    }
}

impl Figure {
    /// A figure over the whole width, as yet without a caption.
    pub fn new(id: impl Into<String>, title: impl Into<String>, content: impl Into<Content>) -> Self {
        let (id, title, content) = (id.into(), title.into(), content.into());
        Self { id, title, caption: String::new(), width: Width::Full, content }
    }

    /// Sets the line that says what the figure shows and how far to trust it.
    pub fn caption(mut self, text: impl Into<String>) -> Self {
        self.caption = text.into();
        self
    }

    /// Lets the figure share the page's width with a neighbour.
    pub fn half(mut self) -> Self {
        self.width = Width::Half;
        self
    }
}

impl Provenance {
    /// Provenance with the command that makes the report again.
    pub fn new(command: impl Into<String>) -> Self {
        Self { command: command.into(), ..Self::default() }
    }

    /// Adds a line.
    pub fn fact(mut self, label: impl Into<String>, value: impl ToString) -> Self {
        self.facts.push(Fact { label: label.into(), value: value.to_string() });
        self
    }

    /// Adds a note on what was not computed.
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }
}

macro_rules! content {
    ($($kind:ident),+) => {
        $(impl From<$kind> for Content {
            fn from(value: $kind) -> Self {
                Content::$kind(value)
            }
        })+
    };
}

content!(Card, Lines, Density, Surface, Table, Bars, Tree);
