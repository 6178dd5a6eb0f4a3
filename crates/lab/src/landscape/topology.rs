//! The shape of a surface by its sublevel sets: critical vertices, merge tree, persistence.

mod link;
mod persistence;

use serde::Serialize;

use link::Link;
use persistence::{Order, merge};

/// What happens to the sublevel sets {f ≤ t} as t passes the value of a vertex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VertexKind {
    /// A component appears.
    Minimum,
    /// Components meet, or one closes a ring.
    Saddle,
    /// A ring fills up.
    Maximum,
}

/// A critical vertex of the piecewise-linear surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CriticalVertex {
    /// Its number, row-major.
    pub vertex: usize,
    /// What it is.
    pub kind: VertexKind,
    /// 1; of a saddle the number of simple saddles that it amounts to: 2 for a monkey saddle.
    pub multiplicity: usize,
    /// Whether it lies on the edge of the picture or beside a cell that is left out, so that
    /// the surface may go on to lower values behind it.
    pub edge: bool,
}

/// A branch of the merge tree: a minimum, and where its basin meets that of a lower one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Branch {
    /// The vertex at which it begins.
    pub minimum: usize,
    /// f there.
    pub birth: f64,
    /// The vertex at which it meets a branch that began lower; none for the lowest minimum of each
    /// connected part of the picture.
    pub saddle: Option<usize>,
    /// f there.
    pub death: Option<f64>,
    /// Which branch it meets, among the branches of the tree.
    pub parent: Option<usize>,
    /// Vertices of its basin below the saddle.
    pub vertices: usize,
}

/// A ring of the sublevel sets: the saddle that closes it, and the maximum that fills it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ring {
    /// The vertex that closes it.
    pub saddle: usize,
    /// f there.
    pub birth: f64,
    /// The vertex that fills it.
    pub maximum: usize,
    /// f there.
    pub death: f64,
}

/// The critical vertices of a surface, its merge tree and its persistence pairs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Topology {
    /// All critical vertices, in the order of their values.
    pub critical: Vec<CriticalVertex>,
    /// The branches of the merge tree, the most persistent first.
    pub branches: Vec<Branch>,
    /// The rings that are filled within the picture, the most persistent first.
    pub rings: Vec<Ring>,
    /// Vertices whose value is not finite, which are left out.
    pub excluded: usize,
}

impl Branch {
    /// How far f rises from the minimum to where it meets a lower one; infinite for the lowest.
    pub fn persistence(&self) -> f64 {
        self.death.map_or(f64::INFINITY, |death| death - self.birth)
    }
}

impl Ring {
    /// How far f rises from the saddle to the maximum.
    pub fn persistence(&self) -> f64 {
        self.death - self.birth
    }
}

impl Topology {
    /// The topology of values on a grid, row-major with so many columns.
    ///
    /// The surface is linear on triangles: each cell is cut along the diagonal from its lower left to
    /// its upper right corner, so that a vertex has six neighbours. Equal values count as rising with
    /// the vertex's number (simulation of simplicity, Edelsbrunner & Mücke 1990), so that every vertex
    /// is regular or critical and no flat piece has an opinion of its own. Triangles with a corner
    /// that is not finite are not there.
    ///
    /// *Critical vertices* (Banchoff 1970; Edelsbrunner, Harer & Zomorodian 2003) by the lower part
    /// of the link, L = {neighbours below}: the index is 1 − χ(L), that is 1 for a minimum (L is
    /// empty) and a maximum (L is the whole ring), 0 for a regular vertex, and −m for a saddle of
    /// multiplicity m, where L has m + 1 pieces. Their sum is χ of the picture, 1 without holes.
    ///
    /// *Merge tree* and *persistence*: vertices join in rising order; where components meet, all but the
    /// one that began lowest end (the elder rule), at the same vertex if it is a multiple saddle. Rings
    /// are the same from above (Alexander duality): maxima of {f > t}, with all that lies outside the
    /// picture or is left out as one component that began first. Rings around what is left out are never
    /// filled and do not appear.
    ///
    /// Cost: N log N for N vertices, 2 union-finds.
    ///
    /// What goes wrong: a critical vertex is one of the *sampled* surface. A narrow valley that runs
    /// across the grid breaks into beads, minima of small persistence that are not there; see
    /// [`branches_above`](Self::branches_above). And a minimum of a plane is in general no critical
    /// point of the function: all but two of the derivatives are not seen.
    ///
    /// # Panics
    /// If `columns` is 0 or does not divide the number of values.
    pub fn new(columns: usize, values: &[f64]) -> Self {
        assert!(columns > 0 && values.len().is_multiple_of(columns), "whole rows of {columns}");
        let grid = Mesh { columns, rows: values.len() / columns, values };
        let order = Order::rising(values);
        let critical = order.vertices().filter_map(|vertex| critical(&grid, &order, vertex)).collect();
        let mut branches = merge(&grid, &order);
        persistence::sort(&mut branches);
        let rings = persistence::rings(&grid, &order);
        Self { critical, branches, rings, excluded: values.len() - order.vertices().count() }
    }

    /// The branches whose persistence is above a threshold. Those below hang on these alone:
    /// a branch is never more persistent than the one that it meets.
    pub fn branches_above(&self, threshold: f64) -> impl Iterator<Item = &Branch> {
        self.branches.iter().filter(move |branch| branch.persistence() > threshold)
    }

    /// The rings whose persistence is above a threshold.
    pub fn rings_above(&self, threshold: f64) -> impl Iterator<Item = &Ring> {
        self.rings.iter().filter(move |ring| ring.persistence() > threshold)
    }

    /// The critical vertices that take part in a pair above a threshold, in the order of their values;
    /// the others cancel in pairs.
    pub fn critical_above(&self, threshold: f64) -> Vec<CriticalVertex> {
        let branches = self.branches_above(threshold).flat_map(|b| [Some(b.minimum), b.saddle]);
        let rings = self.rings_above(threshold).flat_map(|r| [Some(r.saddle), Some(r.maximum)]);
        let kept: std::collections::HashSet<usize> = branches.chain(rings).flatten().collect();
        self.critical.iter().copied().filter(|critical| kept.contains(&critical.vertex)).collect()
    }
}

/// The grid as a triangulated surface.
pub(super) struct Mesh<'v> {
    columns: usize,
    rows: usize,
    values: &'v [f64],
}

/// Columns and rows to the six neighbours, in the order in which they go around.
const AROUND: [[isize; 2]; 6] = [[1, 0], [1, 1], [0, 1], [-1, 0], [-1, -1], [0, -1]];

impl Mesh<'_> {
    /// The neighbour in one of the six directions, if it is there and finite.
    fn neighbour(&self, vertex: usize, around: usize) -> Option<usize> {
        let [dc, dr] = AROUND[around % 6];
        let column = (vertex % self.columns).checked_add_signed(dc).filter(|&c| c < self.columns)?;
        let row = (vertex / self.columns).checked_add_signed(dr).filter(|&r| r < self.rows)?;
        Some(row * self.columns + column).filter(|&v| self.values[v].is_finite())
    }

    fn neighbours(&self, vertex: usize) -> impl Iterator<Item = usize> {
        (0..6).filter_map(move |around| self.neighbour(vertex, around))
    }

    /// Whether some of the six is not there.
    fn is_edge(&self, vertex: usize) -> bool {
        self.neighbours(vertex).count() < 6
    }
}

fn critical(grid: &Mesh<'_>, order: &Order, vertex: usize) -> Option<CriticalVertex> {
    let (kind, multiplicity) = match Link::new(grid, order, vertex).index() {
        1 if order.is_lowest_of(vertex, grid.neighbours(vertex)) => (VertexKind::Minimum, 1),
        1 => (VertexKind::Maximum, 1),
        0 => return None,
        index => (VertexKind::Saddle, index.unsigned_abs()),
    };
    Some(CriticalVertex { vertex, kind, multiplicity, edge: grid.is_edge(vertex) })
}

#[cfg(test)]
mod tests;
