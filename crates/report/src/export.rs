//! Surfaces and curves for other programs: VTK files for ParaView, CSV, HDF5.
//!
//! What is written is what the report draws, a [`Surface`](crate::model::Surface), with any further numbers at its
//! points as [`Field`]s.

mod base64;
mod csv;
mod hdf5;
mod vtk;

pub use csv::{columns, surface_csv};
pub use hdf5::loss_landscape;
pub use vtk::{Kind, landmarks, paths, surface};

/// Numbers at the points of a surface or a curve, under a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The name.
    pub name: String,
    /// The numbers; of a surface row-major, as its values.
    pub values: Vec<f64>,
}

impl Field {
    /// Numbers under a name.
    pub fn new(name: impl Into<String>, values: Vec<f64>) -> Self {
        Self { name: name.into(), values }
    }
}
