//! All ways on one plane, and what the plane hides.

use thalweg_report::model::TrajectoryPoint as Dot;
use thalweg_report::model::{Axis, Bars, Figure, Lines, Section, Series, Shade, Stroke, Surface};

use super::chapter;
use crate::chapters::trajectory::Drawn;
use crate::words::{percent, short};

/// Components whose variance is drawn.
const COMPONENTS: usize = 8;
/// From which ratio of highest to lowest value heights are logarithms at first.
const STEEP: f64 = 100.0;

/// The plane and what it hides.
pub fn section(drawn: &Drawn<'_>, what: &str) -> Section {
    let section = chapter().figure(surface(drawn, what));
    if drawn.explained.is_empty() {
        return section;
    }
    let section = section.figure(losses(drawn, what).half()).figure(distances(drawn).half());
    section.figure(explained(drawn))
}

fn surface(drawn: &Drawn<'_>, what: &str) -> Figure {
    let plane = &drawn.plane;
    let whole = drawn.explained.is_empty();
    let label = |k: usize| match drawn.explained.get(k) {
        Some(share) => format!("principal component {} ({})", k + 1, percent(*share)),
        None => plane.directions[k].clone(),
    };
    let (u, v, z) = (plane.u.clone(), plane.v.clone(), plane.values.clone());
    let mut surface = Surface::new(what, label(0), label(1), u, v, z);
    if let (Some(low), Some(high)) = (drawn.lowest, drawn.highest)
        && low > 0.0
        && high / low > STEEP
    {
        surface.shade = Shade::Log;
    }
    surface.landmarks.extend(drawn.known.iter().cloned());
    for way in &drawn.ways {
        let dots = way.points.iter().map(|p| Dot {
            step: p.step as f64,
            x: p.u,
            y: p.v,
            loss: p.loss,
            plane_loss: p.plane_loss,
            distance: p.off_plane,
        });
        surface = surface.trajectory(way.name, dots.collect());
    }
    let mut caption = match whole {
        true => "The whole function: it has two coordinates, so the ways lie in the picture.".to_owned(),
        false => format!(
            "The plane of the first two principal components of all points, through their mean: {} of their variance. \
             One surface and one scale of colours for all. {}A point's true {what} and its distance off the plane \
             stand beside the plane's {what} on hovering, and below.",
            percent(drawn.explained.iter().take(2).sum()),
            null(drawn)
        ),
    };
    if drawn.thinned {
        caption.push_str(" Of longer ways a hundred points are shown, evenly spread.");
    }
    if !drawn.known.is_empty() {
        caption.push_str(" Diamonds: critical points that are known in closed form.");
    }
    if drawn.non_finite > 0 {
        caption.push_str(&format!(" {} cells are not finite and left as holes.", drawn.non_finite));
    }
    let title = if drawn.ways.len() > 1 { "The ways on one plane" } else { "The plane of the way" };
    Figure::new("trajectory-plane", title, surface).caption(caption)
}

/// What a random walk would have, in words.
fn null(drawn: &Drawn<'_>) -> String {
    let walk: f64 = drawn.random_walk.iter().take(2).sum();
    if walk > 0.0 {
        return format!(
            "A random walk of as many points has {} in its own first two, so a smooth curve proves nothing by itself. ",
            percent(walk)
        );
    }
    let own: Vec<String> = drawn
        .ways
        .iter()
        .filter_map(|way| {
            let walk = way.random_walk.map(|walk| format!(" (a random walk: {})", percent(walk)));
            Some(format!("{} of *{}*{}", percent(way.within?), way.name, walk.unwrap_or_default()))
        })
        .collect();
    format!(
        "Of each way's own variance it holds {}; the walk's share is that of as many points in the plane that suits it best. ",
        own.join(", ")
    )
}

fn losses(drawn: &Drawn<'_>, what: &str) -> Figure {
    let mut lines = Lines::new(Axis::linear("step"), Axis::log(what));
    for way in &drawn.ways {
        let steps: Vec<f64> = way.points.iter().map(|p| p.step as f64).collect();
        let name = |kind: &str| match drawn.ways.len() {
            1 => kind.to_owned(),
            _ => format!("{}: {kind}", way.name),
        };
        let truth = way.points.iter().map(|p| p.loss).collect();
        let shadow = way.points.iter().map(|p| p.plane_loss).collect();
        lines = lines
            .with(Series::line(name("at the point"), steps.clone(), truth))
            .with(Series::line(name("on the plane"), steps, shadow).stroke(Stroke::Dashed));
    }
    Figure::new("trajectory-losses", "What the plane misrepresents", lines).caption(format!(
        "The {what} at each point and, dashed, at its shadow on the plane. Where they differ, the surface above \
         misrepresents the way."
    ))
}

fn distances(drawn: &Drawn<'_>) -> Figure {
    let mut lines = Lines::new(Axis::linear("step"), Axis::linear("distance off the plane"));
    for way in &drawn.ways {
        let steps: Vec<f64> = way.points.iter().map(|p| p.step as f64).collect();
        lines = lines.with(Series::line(way.name, steps, way.points.iter().map(|p| p.off_plane).collect()));
    }
    let width = drawn.plane.u.last().zip(drawn.plane.u.first()).map_or(0.0, |(last, first)| last - first);
    let far = drawn.ways.iter().map(|way| way.farthest).fold(0.0, f64::max);
    Figure::new("trajectory-off-plane", "How far off the plane", lines).caption(format!(
        "Distances in parameter space; the picture of the plane is {} wide, and the farthest point lies {} off it.",
        short(width),
        short(far)
    ))
}

fn explained(drawn: &Drawn<'_>) -> Figure {
    let shares = drawn.explained.iter().take(COMPONENTS).enumerate();
    let bars = shares
        .fold(Bars::new("principal component", Axis::linear("share of variance")), |bars, (k, share)| {
            bars.bar((k + 1).to_string(), *share)
        });
    let walk: Vec<String> = drawn.random_walk.iter().take(3).map(|share| percent(*share)).collect();
    let caption = match walk.is_empty() {
        true => "Of all points of all ways together; differences between the ways count as well.".to_owned(),
        false => format!(
            "A random walk of as many points would have {} along its first three (Antognini & Sohl-Dickstein 2018).",
            walk.join(", ")
        ),
    };
    Figure::new("trajectory-explained", "Variance along the components", bars.cumulative()).caption(caption)
}
