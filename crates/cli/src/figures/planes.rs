//! Planes through the point.

use thalweg_lab::landscape::{Normalization, Plane};
use thalweg_report::model::TrajectoryPoint as Drawn;
use thalweg_report::model::{Axis, Bars, Figure, Landmark, Lines, Section, Series, Stroke, Surface};

use super::slices::{scaled, unit};
use crate::chapters::planes::Seen;
use crate::words::{percent, short};

/// Components whose variance is drawn.
const COMPONENTS: usize = 8;

/// The part on planes of the chapter on the landscape.
pub fn section(figures: Vec<Figure>) -> Section {
    figures.into_iter().fold(Section::new("landscape", "The landscape around it"), Section::figure)
}

/// A plane along two directions.
pub fn between(
    name: &str,
    what: &str,
    plane: &Plane,
    eigenvalues: [Option<f64>; 2],
    normalization: Normalization,
) -> Vec<Figure> {
    let random = plane.directions[0].starts_with("random");
    let label = |i: usize| match (eigenvalues[i], random) {
        (Some(lambda), _) => format!("{} (λ = {})", plane.directions[i], short(lambda)),
        (None, true) => format!("{}: {}", plane.directions[i], unit(normalization)),
        (None, false) => plane.directions[i].clone(),
    };
    let surface = surface(what, plane, label(0), label(1)).landmark("here", 0.0, 0.0);
    let [a, b] = &plane.directions;
    let title = if random { "A random plane".into() } else { format!("The plane of {a} and {b}") };
    let caption = if random {
        format!(
            "{} The plane shows two of many dimensions, the same for every network of these layers.",
            scaled(normalization)
        )
    } else {
        "Unit directions; distances are Euclidean. Beyond the first contour lines the curvature at the centre \
         says little."
            .to_owned()
    };
    vec![Figure::new(name, title, surface).caption(caption + &cosine(plane) + &holes(plane))]
}

/// The plane of a trajectory, with how far off it the trajectory is.
pub fn trajectory(name: &str, what: &str, plane: &Plane, seen: &Seen<'_>, known: &[Landmark]) -> Vec<Figure> {
    let points = seen.points.iter().map(|p| Drawn {
        step: p.step as f64,
        x: p.u,
        y: p.v,
        loss: p.loss,
        plane_loss: p.plane_loss,
        distance: p.off_plane,
    });
    let label = |k: usize| match seen.explained.get(k) {
        Some(share) => format!("principal component {} ({})", k + 1, percent(*share)),
        None => plane.directions[k].clone(),
    };
    let mut surface = surface(what, plane, label(0), label(1)).trajectory("the way here", points.collect());
    surface.landmarks.extend(known.iter().cloned());
    let far = seen.points.iter().map(|p| p.off_plane).fold(0.0, f64::max);
    let share: f64 = seen.explained.iter().take(2).sum();
    let walk: f64 = seen.random_walk.iter().take(2).sum();
    let whole = seen.explained.is_empty();
    let title = if whole { "The function and the way" } else { "The plane of the trajectory" };
    let caption = match whole {
        true => {
            let marks = if known.is_empty() {
                ""
            } else {
                " Diamonds: critical points that are known in closed form."
            };
            format!("The whole function: it has two coordinates, so the way lies in the picture.{marks}")
        }
        false => format!(
            "The plane of the trajectory's first two principal components, through its end: {} of the variance. \
             A random walk of as many points has {} in its first two, so a smooth curve proves nothing by \
             itself. Points lie up to {} off the plane; each one's true loss stands beside the plane's on \
             hovering, and below.",
            percent(share),
            percent(walk),
            short(far)
        ),
    };
    let mut figures = vec![Figure::new(name, title, surface).caption(caption + &holes(plane))];
    if !seen.explained.is_empty() {
        figures.push(off_plane(seen).half());
        figures.push(explained(seen).half());
    }
    figures
}

fn surface(what: &str, plane: &Plane, x: String, y: String) -> Surface {
    Surface::new(what, x, y, plane.u.clone(), plane.v.clone(), plane.values.clone())
}

fn cosine(plane: &Plane) -> String {
    match plane.cosine.abs() < 0.05 {
        true => String::new(),
        false => format!(
            " The directions' cosine is {}: right angles are drawn where there are none.",
            short(plane.cosine)
        ),
    }
}

fn holes(plane: &Plane) -> String {
    match plane.non_finite.len() {
        0 => String::new(),
        n => format!(" {n} of {} cells are not finite and left as holes.", plane.values.len()),
    }
}

fn off_plane(seen: &Seen<'_>) -> Figure {
    let steps = || seen.points.iter().map(|p| p.step as f64).collect::<Vec<f64>>();
    let series = |name: &str, y: Vec<f64>| Series::line(name, steps(), y).stroke(Stroke::Dotted);
    let lines = Lines::new(Axis::linear("step"), Axis::log("loss"))
        .with(series("true loss", seen.points.iter().map(|p| p.loss).collect()))
        .with(series("loss on the plane", seen.points.iter().map(|p| p.plane_loss).collect()))
        .right(Axis::linear("distance off the plane"))
        .with(series("distance", seen.points.iter().map(|p| p.off_plane).collect()).right());
    Figure::new("off-plane", "What the plane hides", lines).caption(
        "The loss at each point of the trajectory and at its shadow on the plane. Where they differ, the \
         surface above misrepresents the way.",
    )
}

fn explained(seen: &Seen<'_>) -> Figure {
    let shares = seen.explained.iter().take(COMPONENTS).enumerate();
    let bars = shares
        .fold(Bars::new("principal component", Axis::linear("share of variance")), |bars, (k, share)| {
            bars.bar((k + 1).to_string(), *share)
        });
    let walk: Vec<String> = seen.random_walk.iter().take(3).map(|share| percent(*share)).collect();
    Figure::new("explained", "Variance along the components", bars.cumulative())
        .caption(format!("A random walk would have {} along its first three.", walk.join(", ")))
}
