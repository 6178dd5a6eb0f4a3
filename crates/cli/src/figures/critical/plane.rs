//! A function of two coordinates with its critical points.

use thalweg_lab::Scalar;
use thalweg_lab::landscape::Plane;
use thalweg_report::model::{Figure, Glyph, Landmark, Shade, Surface, TrajectoryPoint};

use crate::chapters::critical::{Gathered, Summary};

/// Ways that are drawn.
const DRAWN: usize = 24;

/// The function over the box, its points, and the ways down from its saddles.
pub fn figure<T: Scalar>(what: &str, gathered: &Gathered<'_, T>, summary: &Summary, plane: &Plane) -> Figure {
    let axes = ["x[0]", "x[1]"].map(str::to_owned);
    let [x, y] = axes;
    let mut surface = Surface::new(what, x, y, plane.u.clone(), plane.v.clone(), plane.values.clone());
    if surface.shade == Shade::Linear {
        surface = surface.shade(Shade::Rank);
    }
    let inside = |[x, y]: [f64; 2]| {
        let within = |at: f64, places: &[f64]| at >= places[0] && at <= places[places.len() - 1];
        within(x, &plane.u) && within(y, &plane.v)
    };
    let found = gathered.catalogue.found();
    let mut outside = 0;
    for (&at, point) in gathered.order.iter().zip(&summary.points) {
        let place = [found[at].x[0].wide(), found[at].x[1].wide()];
        if inside(place) {
            let (label, kind) = (point.name.to_owned(), glyph(point.name));
            surface.landmarks.push(Landmark { label, kind, x: place[0], y: place[1] });
        } else {
            outside += 1;
        }
    }
    for (number, ways) in gathered.ways.iter().enumerate().take(DRAWN) {
        let [left, right] = &ways.sides;
        let level = left.values.first().copied().unwrap_or(f64::NAN);
        let saddle = (&ways.saddle, level);
        let up = left.path.iter().zip(left.values.iter().copied()).rev();
        let down = right.path.iter().zip(right.values.iter().copied());
        let points: Vec<TrajectoryPoint> = up
            .chain([saddle])
            .chain(down)
            .map(|(x, value)| [x[0].wide(), x[1].wide(), value])
            .filter(|[x, y, _]| inside([*x, *y]))
            .enumerate()
            .map(|(step, [x, y, loss])| TrajectoryPoint {
                step: step as f64,
                x,
                y,
                loss,
                plane_loss: loss,
                distance: 0.0,
            })
            .collect();
        if points.len() > 1 {
            surface = surface.trajectory(format!("pass {}", number + 1), points);
        }
    }
    let ways = match gathered.ways.is_empty() {
        true => "",
        false => " Lines: the ways down the gradient flow from each saddle of index 1 to both sides.",
    };
    let beyond = match outside {
        0 => String::new(),
        1 => " One more point was found outside the box.".to_owned(),
        more => format!(" {more} more points were found outside the box."),
    };
    Figure::new("critical-plane", "The function and its critical points", surface)
        .caption(format!("The whole function over the box, with the critical points found.{ways}{beyond}"))
}

fn glyph(name: &str) -> Glyph {
    match name {
        "minimum" => Glyph::Minimum,
        "saddle" => Glyph::Saddle,
        "maximum" => Glyph::Maximum,
        _ => Glyph::Place,
    }
}
