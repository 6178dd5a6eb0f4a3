//! Planes through the point.

use thalweg_lab::landscape::{EigenvalueMap, Normalization, Plane};
use thalweg_report::model::TrajectoryPoint as Drawn;
use thalweg_report::model::{Axis, Bars, Figure, Landmark, Lines, Section, Series, Shade, Stroke, Surface};

use super::shape;
use super::slices::{scaled, unit};
use crate::chapters::planes::{Look, Seen};
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
    look: &Look,
    eigenvalues: [Option<f64>; 2],
    normalization: Normalization,
) -> Vec<Figure> {
    let plane = &look.plane;
    let random = plane.directions[0].starts_with("random");
    let label = |i: usize| match (eigenvalues[i], random) {
        (Some(lambda), _) => format!("{} (λ = {})", plane.directions[i], short(lambda)),
        (None, true) => format!("{}: {}", plane.directions[i], unit(normalization)),
        (None, false) => plane.directions[i].clone(),
    };
    let surface = surface(what, look, label(0), label(1)).landmark("here", 0.0, 0.0);
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
    let caption = caption + &cosine(plane) + &holes(plane) + &remarks(look);
    let shade = surface.shade;
    let mut figures = vec![Figure::new(name, title, surface).caption(caption)];
    figures.extend(layers(name, what, look, shade));
    figures
}

/// The plane of a trajectory, with how far off it the trajectory is.
pub fn trajectory(name: &str, what: &str, look: &Look, seen: &Seen<'_>, known: &[Landmark]) -> Vec<Figure> {
    let plane = &look.plane;
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
    let mut surface = surface(what, look, label(0), label(1)).trajectory("the way here", points.collect());
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
    let shade = surface.shade;
    let mut figures =
        vec![Figure::new(name, title, surface).caption(caption + &holes(plane) + &remarks(look))];
    if !seen.explained.is_empty() {
        figures.push(off_plane(seen).half());
        figures.push(explained(seen).half());
    }
    figures.extend(layers(name, what, look, shade));
    figures
}

fn surface(what: &str, look: &Look, x: String, y: String) -> Surface {
    let plane = &look.plane;
    let mut surface = Surface::new(what, x, y, plane.u.clone(), plane.v.clone(), plane.values.clone());
    if let Some([low, high]) = look.limits {
        let shade = if low > 0.0 && high >= 20.0 * low { Shade::Log } else { Shade::Linear };
        surface = surface.limits(low, high).shade(shade);
    }
    if let Some(found) = &look.refinement {
        let known = || (0..plane.values.len()).filter(|&at| found.known[at]);
        let columns = plane.u.len();
        surface = surface.evaluated(
            known().map(|at| plane.u[at % columns]).collect(),
            known().map(|at| plane.v[at / columns]).collect(),
        );
    }
    shape::marked(surface, &look.topology, look.basins)
}

/// What is added to the caption of every plane.
fn remarks(look: &Look) -> String {
    shape::words(&look.topology) + &look.words()
}

/// What else was looked at on the plane, figure by figure.
fn layers(name: &str, what: &str, look: &Look, shade: Shade) -> Vec<Figure> {
    let mut figures = match look.basins {
        true => shape::figures(name, what, &look.topology, shade),
        false => Vec::new(),
    };
    let plane = &look.plane;
    if let Some(errors) = look.errors.as_ref().filter(|_| look.refinement.is_none()) {
        let layer = |label: String, values: &[f64]| {
            let [x, y] = plane.directions.clone();
            Surface::new(label, x, y, plane.u.clone(), plane.v.clone(), values.to_vec()).flat()
        };
        let examples = errors.examples;
        let paired = layer(format!("standard error of {what} − {what} here"), &errors.paired);
        let own = layer(format!("standard error of the {what}"), &errors.own);
        figures.push(
            Figure::new(format!("{name}-errors"), "How certain the shape is", paired)
                .caption(format!(
                    "Standard error over the {examples} examples of the difference from the centre, example by \
                     example: features smaller than this may look otherwise on other examples."
                ))
                .half(),
        );
        figures.push(
            Figure::new(format!("{name}-errors-own"), "How certain the height is", own)
                .caption("The same for the values by themselves. Near the centre most of it is common to all points: it moves the surface up or down as a whole.")
                .half(),
        );
    }
    if let Some(map) = &look.eigenvalues {
        figures.extend(curvature(name, plane, map));
    }
    figures
}

fn curvature(name: &str, plane: &Plane, map: &EigenvalueMap) -> [Figure; 2] {
    let layer = |label: &str, values: &[f64]| {
        let [x, y] = plane.directions.clone();
        Surface::new(label, x, y, map.u.clone(), map.v.clone(), values.to_vec())
            .flat()
            .landmark("here", 0.0, 0.0)
    };
    let negative = map.min.iter().filter(|&&v| v < 0.0).count();
    let residual = map.min_residuals.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
    [
        Figure::new(format!("{name}-convexity"), "How convex it is, in all directions", layer("|λ_min / λ_max|", &map.ratio))
            .caption(
                "|λ_min / λ_max| of the full Hessian at each point (Li et al. 2018). Near 0, what looks convex is \
                 nearly so in all directions; towards 1 it is not, whatever the surface above shows. Where λ_min is \
                 positive the ratio is 1 over the condition number.",
            )
            .half(),
        Figure::new(format!("{name}-lambda-min"), "The most negative curvature", layer("λ_min", &map.min))
            .caption(format!(
                "λ_min of the full Hessian, negative at {negative} of {} points; residuals up to {}.",
                map.min.len(),
                short(residual)
            ))
            .half(),
    ]
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
