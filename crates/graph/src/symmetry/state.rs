//! What is known of a value's axes: which move, which stay, which do not matter.

use std::rc::Rc;

use super::structure::{Point, Structure};
use crate::Axes;

/// How a symmetry may act along some axes of a value.
#[derive(Clone)]
pub(super) enum Kind {
    /// The value is constant along the axis, so that any permutation does nothing.
    Free,
    /// Nothing moves.
    Fixed,
    /// Places move as these points do, in row-major order over the part's axes.
    Points(Rc<[Point]>),
}

/// Axes of a value along which a symmetry acts jointly; joint axes are longer than 1.
#[derive(Clone)]
pub(super) struct Part {
    /// The axes, increasing; one, unless the kind is `Points`.
    pub axes: Axes,
    /// How it acts.
    pub kind: Kind,
}

/// What is known of one value: its parts cover each axis once.
#[derive(Clone, Default)]
pub(super) struct State {
    /// The parts.
    pub parts: Vec<Part>,
}

impl State {
    /// The part that an axis belongs to.
    pub fn part_of(&self, axis: usize) -> usize {
        self.parts.iter().position(|part| part.axes.contains(&axis)).expect("every axis has a part")
    }

    /// The same kind for each axis.
    pub fn uniform(rank: usize, kind: &Kind) -> Self {
        let parts = (0..rank).map(|axis| Part { axes: [axis].into_iter().collect(), kind: kind.clone() });
        Self { parts: parts.collect() }
    }
}

/// A part of an argument within a [`Component`]: where each place of the component finds it.
pub(super) struct View {
    /// Which argument of the record.
    pub arg: usize,
    /// Which of its parts; `None` where nothing moves.
    pub part: Option<usize>,
    /// For each place the place in the part, or [`NOWHERE`]; `None` is the same place.
    pub map: Option<Vec<u32>>,
}

/// No place.
pub(super) const NOWHERE: u32 = u32::MAX;

/// Index variables of an operation that are tied by joint axes, and what moves along them.
pub(super) struct Component {
    /// The points of the places, row-major.
    pub base: Rc<[Point]>,
    /// The arguments' parts.
    pub views: Vec<View>,
    /// The result's part, and where each place is found in it.
    pub out: Option<(usize, Option<Vec<u32>>)>,
}

/// For each place of a row-major array of these sizes, the place in the array of the chosen variables.
pub(super) fn places(sizes: &[usize], chosen: &[usize]) -> Vec<u32> {
    let mut strides = vec![0usize; sizes.len()];
    let mut stride = 1;
    for &variable in chosen.iter().rev() {
        strides[variable] = stride;
        stride *= sizes[variable];
    }
    let total: usize = sizes.iter().product();
    let mut out = Vec::with_capacity(total);
    let mut index = vec![0usize; sizes.len()];
    let mut at = 0usize;
    for _ in 0..total {
        out.push(at as u32);
        for variable in (0..sizes.len()).rev() {
            index[variable] += 1;
            at += strides[variable];
            if index[variable] < sizes[variable] {
                break;
            }
            at -= strides[variable] * sizes[variable];
            index[variable] = 0;
        }
    }
    out
}

/// One part as it is seen from a set of variables.
pub(super) struct Seen<'a> {
    /// Its kind.
    pub kind: &'a Kind,
    /// For each place the part's place, or [`NOWHERE`]; `None` is the same place.
    pub map: Option<Vec<u32>>,
    /// Whether the map is onto and one to one.
    pub whole: bool,
}

/// What moves along variables that several parts are seen from; `count` places, of one variable if `single`.
pub(super) fn combine(structure: &mut Structure, count: usize, single: bool, seen: &[Seen]) -> Kind {
    let whole = seen.iter().find_map(|s| match s.kind {
        Kind::Points(points) if s.whole => Some(match &s.map {
            None => points.clone(),
            Some(map) => map.iter().map(|&at| points[at as usize]).collect(),
        }),
        _ => None,
    });
    let moves = seen.iter().any(|s| matches!(s.kind, Kind::Points(_)));
    let base = match whole {
        Some(points) => points,
        None if moves => structure.fresh(count),
        None if single && seen.iter().all(|s| matches!(s.kind, Kind::Free)) => return Kind::Free,
        None => return Kind::Fixed,
    };
    for s in seen {
        let at = |p: usize| s.map.as_ref().map_or(p as u32, |map| map[p]);
        match s.kind {
            Kind::Free => {}
            Kind::Fixed if single && s.map.is_none() => structure.pin(&base),
            Kind::Fixed => {
                let label = structure.label();
                for p in (0..count).filter(|&p| at(p) != NOWHERE) {
                    structure.marks.push((base[p], label, at(p)));
                }
            }
            Kind::Points(points) if s.whole => {
                (0..count).for_each(|p| structure.tie(base[p], points[at(p) as usize]));
            }
            Kind::Points(points) => {
                let label = structure.label();
                for p in (0..count).filter(|&p| at(p) != NOWHERE) {
                    structure.edges.push((label, base[p], points[at(p) as usize]));
                }
            }
        }
    }
    Kind::Points(base)
}
