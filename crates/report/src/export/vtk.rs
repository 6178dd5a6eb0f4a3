//! VTK's XML files, for ParaView and VTK: `.vtp` (polygons and lines) and `.vtu` (unstructured grids).
//!
//! Arrays are written as base64 of little-endian numbers after their length in bytes (`format="binary"`,
//! `header_type="UInt64"`), as *The VTK User's Guide*, chapter "VTK file formats", has them; numbers that are not finite
//! keep their bits.

use super::{Field, base64};
use crate::model::{Glyph, Shade, Surface};

/// Which of the two file types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `PolyData`, in `.vtp`.
    Polygons,
    /// `UnstructuredGrid`, in `.vtu`.
    Cells,
}

/// VTK's numbers of cell types.
const TRIANGLE: u8 = 5;
const QUAD: u8 = 9;

/// A surface as polygons: two triangles a cell, along the diagonal from the lower left to the upper
/// right; or the squares of `leaves` (column, row, side) where only their corners were evaluated.
///
/// A point lies at (x, y, h). h is the value as the report draws it at first (linear or logarithmic), scaled
/// so that all finite values span half of the longer side; the values themselves are the array named as the
/// surface is. Points whose value is not finite have h = 0 and belong to no polygon.
///
/// # Panics
/// If a field has another length than the surface's values.
pub fn surface(surface: &Surface, fields: &[Field], leaves: Option<&[[usize; 3]]>, kind: Kind) -> Vec<u8> {
    let columns = surface.xs.len();
    let scale = Scale::of(surface);
    let places: Vec<[f64; 3]> = surface
        .z
        .iter()
        .enumerate()
        .map(|(i, &value)| [surface.xs[i % columns], surface.ys[i / columns], scale.height(value)])
        .collect();
    let mut polygons = match leaves {
        Some(leaves) => squares(columns, leaves),
        None => triangles(columns, surface.ys.len()),
    };
    polygons.retain(|polygon| polygon.iter().all(|&at| surface.z[at].is_finite()));
    let mut all = vec![Field::new(&surface.label, surface.z.clone())];
    all.extend(fields.iter().cloned());
    let file = File { places, fields: all, cells: polygons };
    match kind {
        Kind::Polygons => file.poly_data("Polys"),
        Kind::Cells => file.unstructured(),
    }
}

/// The paths on a surface as lines with their steps, true values, values on the plane and distances off it;
/// `None` where there are none. Heights are those of the values on the plane.
pub fn paths(surface: &Surface) -> Option<Vec<u8>> {
    let scale = Scale::of(surface);
    let points = || surface.trajectories.iter().flat_map(|path| &path.points);
    let places: Vec<[f64; 3]> = points().map(|p| [p.x, p.y, scale.height(p.plane_loss)]).collect();
    let mut cells = Vec::new();
    let mut paths = Vec::new();
    for (number, path) in surface.trajectories.iter().enumerate() {
        cells.push((paths.len()..paths.len() + path.points.len()).collect());
        paths.extend(vec![number as f64; path.points.len()]);
    }
    let fields = vec![
        Field::new("path", paths),
        Field::new("step", points().map(|p| p.step).collect()),
        Field::new("true value", points().map(|p| p.loss).collect()),
        Field::new("value on the plane", points().map(|p| p.plane_loss).collect()),
        Field::new("distance off the plane", points().map(|p| p.distance).collect()),
    ];
    (!places.is_empty()).then(|| File { places, fields, cells }.poly_data("Lines"))
}

/// The marked points of a surface with `kind`: 0 for a place, 1 for a minimum, 2 for a saddle, 3 for a
/// maximum; `None` where there are none. Heights are those of the nearest grid points.
pub fn landmarks(surface: &Surface) -> Option<Vec<u8>> {
    let scale = Scale::of(surface);
    let nearest = |places: &[f64], at: f64| {
        let gap = |i: &usize| (places[*i] - at).abs();
        (0..places.len()).min_by(|i, j| gap(i).total_cmp(&gap(j))).expect("an axis has points")
    };
    let value = |x, y| surface.z[nearest(&surface.ys, y) * surface.xs.len() + nearest(&surface.xs, x)];
    let marks = &surface.landmarks;
    let places: Vec<[f64; 3]> = marks.iter().map(|m| [m.x, m.y, scale.height(value(m.x, m.y))]).collect();
    let kinds = marks.iter().map(|mark| match mark.kind {
        Glyph::Place => 0.0,
        Glyph::Minimum => 1.0,
        Glyph::Saddle => 2.0,
        Glyph::Maximum => 3.0,
    });
    let fields = vec![
        Field::new("kind", kinds.collect()),
        Field::new(&surface.label, marks.iter().map(|m| value(m.x, m.y)).collect()),
    ];
    let cells = (0..places.len()).map(|i| vec![i]).collect();
    (!places.is_empty()).then(|| File { places, fields, cells }.poly_data("Verts"))
}

/// From values to heights.
struct Scale {
    shade: Shade,
    low: f64,
    factor: f64,
}

impl Scale {
    fn of(surface: &Surface) -> Self {
        // By rank would be a picture, not a surface; logarithms need positive values.
        let positive = surface.z.iter().all(|v| !v.is_finite() || *v > 0.0);
        let shade = if surface.shade == Shade::Log && positive { Shade::Log } else { Shade::Linear };
        let one = Self { shade, low: 0.0, factor: 1.0 };
        let heights = || surface.z.iter().filter(|v| v.is_finite()).map(|&v| one.height(v));
        let (low, high) =
            (heights().fold(f64::INFINITY, f64::min), heights().fold(f64::NEG_INFINITY, f64::max));
        let side = |places: &[f64]| places[places.len() - 1] - places[0];
        let longer = side(&surface.xs).max(side(&surface.ys));
        Self { shade, low, factor: if high > low { 0.5 * longer / (high - low) } else { 0.0 } }
    }

    fn height(&self, value: f64) -> f64 {
        let level = if self.shade == Shade::Log { value.log10() } else { value };
        let height = (level - self.low) * self.factor;
        if height.is_finite() { height } else { 0.0 }
    }
}

fn triangles(columns: usize, rows: usize) -> Vec<Vec<usize>> {
    let cells = (0..rows - 1).flat_map(|row| (0..columns - 1).map(move |column| row * columns + column));
    cells.flat_map(|a| [vec![a, a + 1, a + columns + 1], vec![a, a + columns + 1, a + columns]]).collect()
}

fn squares(columns: usize, leaves: &[[usize; 3]]) -> Vec<Vec<usize>> {
    let corners = |&[column, row, side]: &[usize; 3]| {
        let (low, high) = (row * columns + column, (row + side) * columns + column);
        vec![low, low + side, high + side, high]
    };
    leaves.iter().map(corners).collect()
}

/// What a file holds: places, numbers at them, and cells between them.
struct File {
    places: Vec<[f64; 3]>,
    fields: Vec<Field>,
    cells: Vec<Vec<usize>>,
}

impl File {
    /// `part` is the only kind of cells: Verts, Lines or Polys.
    fn poly_data(&self, part: &str) -> Vec<u8> {
        let counts = ["Verts", "Lines", "Strips", "Polys"]
            .map(|name| format!(" NumberOf{name}=\"{}\"", if name == part { self.cells.len() } else { 0 }));
        let cells = format!("<{part}>\n{}</{part}>\n", self.connections());
        self.wrapped("PolyData", &counts.concat(), &cells)
    }

    fn unstructured(&self) -> Vec<u8> {
        let types: Vec<u8> =
            self.cells.iter().map(|cell| if cell.len() == 3 { TRIANGLE } else { QUAD }).collect();
        let types = array("UInt8", "types", 1, &types);
        let cells = format!("<Cells>\n{}{types}</Cells>\n", self.connections());
        self.wrapped("UnstructuredGrid", &format!(" NumberOfCells=\"{}\"", self.cells.len()), &cells)
    }

    fn connections(&self) -> String {
        let numbers = |numbers: &mut dyn Iterator<Item = usize>| -> Vec<u8> {
            numbers.flat_map(|at| (at as i64).to_le_bytes()).collect()
        };
        let connectivity = numbers(&mut self.cells.iter().flatten().copied());
        let ends = self.cells.iter().scan(0, |end, cell| {
            *end += cell.len();
            Some(*end)
        });
        let offsets = numbers(&mut { ends });
        array("Int64", "connectivity", 1, &connectivity) + &array("Int64", "offsets", 1, &offsets)
    }

    fn wrapped(&self, kind: &str, counts: &str, cells: &str) -> Vec<u8> {
        let count = self.places.len();
        assert!(self.fields.iter().all(|field| field.values.len() == count), "a number for each point");
        let fields: String =
            self.fields.iter().map(|field| array("Float64", &field.name, 1, &bytes(&field.values))).collect();
        let scalars =
            self.fields.first().map_or(String::new(), |f| format!(" Scalars=\"{}\"", escaped(&f.name)));
        let points = array("Float64", "Points", 3, &bytes(self.places.as_flattened()));
        format!(
            "<?xml version=\"1.0\"?>\n<VTKFile type=\"{kind}\" version=\"1.0\" byte_order=\"LittleEndian\" \
             header_type=\"UInt64\">\n<{kind}>\n<Piece NumberOfPoints=\"{count}\"{counts}>\n\
             <PointData{scalars}>\n{fields}</PointData>\n<Points>\n{points}</Points>\n{cells}</Piece>\n</{kind}>\n</VTKFile>\n"
        )
        .into_bytes()
    }
}

fn bytes(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn array(element: &str, name: &str, components: usize, data: &[u8]) -> String {
    let mut whole = (data.len() as u64).to_le_bytes().to_vec();
    whole.extend_from_slice(data);
    format!(
        "<DataArray type=\"{element}\" Name=\"{}\" NumberOfComponents=\"{components}\" format=\"binary\">{}</DataArray>\n",
        escaped(name),
        base64::encode(&whole)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
