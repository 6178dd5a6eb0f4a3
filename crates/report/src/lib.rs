//! Run directories and the HTML report: the only floor that knows how results
//! are written and drawn.
//!
//! * [`model`] describes a report as plain data: sections of figures, each with
//!   the caption that says what it shows and how far to trust it.
//! * [`html()`] turns a [`Report`] into one self-contained page that opens offline.
//! * [`export`] writes surfaces for other programs: VTK, CSV, HDF5.
//! * [`run`] writes a run directory, atomically and resumably: `manifest.json`,
//!   `results.json`, other files, `report.html`.
//! * [`json`] prints any serializable value canonically: the same value always
//!   becomes the same bytes, and a number that is not finite stays visible.
//!
//! ```
//! use thalweg_report::model::*;
//!
//! let steps: Vec<f64> = (0..5).map(f64::from).collect();
//! let loss = vec![2.3, 1.1, 0.6, f64::NAN, 0.4];
//! let curve = Lines::new(Axis::linear("step"), Axis::log("loss")).with(Series::line("data loss", steps, loss));
//! let report = Report::new("A first run").section(
//!     Section::new("training", "Training")
//!         .figure(Figure::new("loss", "Loss", curve).caption("Mean over the training set, every step.")),
//! );
//! let page = thalweg_report::html(&report)?;
//! assert!(page.starts_with("<!doctype html>"));
//! # Ok::<(), thalweg_report::ReportError>(())
//! ```

#![forbid(unsafe_code)]

pub mod export;
mod html;
pub mod json;
pub mod model;
pub mod real;
pub mod run;

pub use html::html;
pub use model::{Report, ReportError};
pub use run::{Existing, Manifest, RunDir, RunError};
