//! Tables of comma-separated values (RFC 4180).

use super::Field;
use crate::model::Surface;
use crate::real::name;

/// One row a point of the grid: both coordinates, the value, and the fields. Numbers are written so that
/// they read back as they were; those that are not finite as `NaN`, `inf` and `-inf`.
///
/// # Panics
/// If a field has another length than the surface's values.
pub fn surface_csv(surface: &Surface, fields: &[Field]) -> Vec<u8> {
    let columns = surface.xs.len();
    let mut all = vec![
        Field::new(&surface.x.label, (0..surface.z.len()).map(|i| surface.xs[i % columns]).collect()),
        Field::new(&surface.y.label, (0..surface.z.len()).map(|i| surface.ys[i / columns]).collect()),
        Field::new(&surface.label, surface.z.clone()),
    ];
    all.extend(fields.iter().cloned());
    self::columns(&all)
}

/// A table with a heading and one column a field.
///
/// # Panics
/// If the fields differ in length.
pub fn columns(fields: &[Field]) -> Vec<u8> {
    let rows = fields.first().map_or(0, |field| field.values.len());
    assert!(fields.iter().all(|field| field.values.len() == rows), "columns of one length");
    let mut text = line(fields.iter().map(|field| quoted(&field.name)));
    for row in 0..rows {
        text.push_str(&line(fields.iter().map(|field| number(field.values[row]))));
    }
    text.into_bytes()
}

fn line(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<String>>().join(",") + "\n"
}

fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { name(value).to_owned() }
}

fn quoted(text: &str) -> String {
    match text.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surface_becomes_rows() {
        let z = vec![1.0, f64::NAN, 0.1 + 0.2, f64::NEG_INFINITY];
        let surface = Surface::new("loss", "t, \"first\"", "s", vec![0.0, 1.0], vec![-1.0, 2.5], z);
        let text = surface_csv(&surface, &[Field::new("error", vec![0.5, 0.0, 1e-300, 2.0])]);
        let expected = "\"t, \"\"first\"\"\",s,loss,error\n0,-1,1,0.5\n1,-1,NaN,0\n0,2.5,0.30000000000000004,\
                        0.000000";
        assert!(String::from_utf8(text.clone()).unwrap().starts_with(expected));
        let last = String::from_utf8(text).unwrap().lines().last().unwrap().to_owned();
        assert_eq!(last, "1,2.5,-inf,2");
    }
}
