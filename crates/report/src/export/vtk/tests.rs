//! The files beside this one come from `make.py`, which packs the numbers of `example` with NumPy and Python's base64; VTK
//! 9.7.2 and meshio 5.3.5 read them back: the hole's polygons are left out, NaN is kept.

use super::*;
use crate::model::TrajectoryPoint;

/// 4 × 3 points; one value is missing.
fn example() -> Surface {
    let mut z: Vec<f64> = (0..12).map(|i| f64::from(i * i) + 0.5).collect();
    z[11] = f64::NAN;
    let point = |step: f64| TrajectoryPoint {
        step,
        x: step,
        y: 0.5,
        loss: 2.0,
        plane_loss: 1.0 + step,
        distance: 0.25,
    };
    Surface::new("loss <mean>", "u", "v", vec![0.0, 1.0, 2.0, 3.0], vec![0.0, 0.5, 2.0], z)
        .trajectory("way", vec![point(0.0), point(1.5)])
        .mark(Glyph::Saddle, "a", 1.1, 0.4)
        .landmark("here", 0.0, 2.0)
}

fn error() -> Field {
    Field::new("error", (0..12).map(f64::from).collect())
}

fn golden(name: &str, found: &[u8]) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/export/vtk").join(name);
    let expected = std::fs::read(&path).unwrap_or_default();
    assert!(found == expected, "{name} differs");
}

#[test]
fn files_are_those_that_vtk_reads() {
    let surface_of = |leaves, kind| surface(&example(), &[error()], leaves, kind);
    golden("triangles.vtp", &surface_of(None, Kind::Polygons));
    golden("squares.vtu", &surface_of(Some(&[[0, 0, 2], [0, 0, 1]][..]), Kind::Cells));
    golden("triangles.vtu", &surface_of(None, Kind::Cells));
    golden("way.vtp", &paths(&example()).unwrap());
    golden("marks.vtp", &landmarks(&example()).unwrap());
    let bare = Surface::new("loss", "u", "v", vec![0.0, 1.0], vec![0.0, 1.0], vec![1.0; 4]);
    assert!(paths(&bare).is_none() && landmarks(&bare).is_none());
    let flat = String::from_utf8(surface(&bare, &[], None, Kind::Polygons)).unwrap();
    assert_eq!(decoded(&flat, "Points")[2], 0.0);
}

/// The numbers of an array, by another way back from base64.
fn decoded(text: &str, name: &str) -> Vec<f64> {
    let start = text.find(&format!("Name=\"{name}\"")).unwrap();
    let data = &text[start..];
    let data = &data[data.find('>').unwrap() + 1..data.find("</DataArray>").unwrap()];
    let value = |c: char| match c {
        'A'..='Z' => c as u32 - 65,
        'a'..='z' => c as u32 - 71,
        '0'..='9' => c as u32 + 4,
        '+' => 62,
        _ => 63,
    };
    let mut bits = String::new();
    data.chars().filter(|&c| c != '=').for_each(|c| bits.push_str(&format!("{:06b}", value(c))));
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|b| u8::from_str_radix(std::str::from_utf8(b).unwrap(), 2).unwrap())
        .collect();
    assert_eq!(u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize, bytes.len() - 8);
    bytes[8..].chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect()
}

#[test]
fn heights_are_half_of_the_longer_side_in_the_reports_scale() {
    let text = String::from_utf8(surface(&example(), &[error()], None, Kind::Polygons)).unwrap();
    let points = decoded(&text, "Points");
    // From 0.5 to 100.5 the values span more than a factor of 20, so that the scale is logarithmic.
    assert_eq!((points[2], points[3 * 10 + 2]), (0.0, 1.5));
    let middle = 1.5 * (1.5f64 / 0.5).log10() / (100.5f64 / 0.5).log10();
    assert!((points[5] - middle).abs() < 1e-14);
    assert_eq!(points[3 * 11..], [3.0, 2.0, 0.0]);
    let values = decoded(&text, "loss &lt;mean&gt;");
    assert!(values[11].is_nan() && values[10] == 100.5);
    assert_eq!(decoded(&text, "error"), error().values);
}
