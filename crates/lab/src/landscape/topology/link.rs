//! The ring of neighbours around a vertex.

use super::Mesh;
use super::persistence::Order;

/// Which of the six neighbours are there and below the vertex, in the order in which they go around.
pub struct Link([bool; 6]);

impl Link {
    pub fn new(grid: &Mesh<'_>, order: &Order, vertex: usize) -> Self {
        let below = |around| grid.neighbour(vertex, around).is_some_and(|v| order.is_below(v, vertex));
        Self([0, 1, 2, 3, 4, 5].map(below))
    }

    /// 1 − χ of the lower part: its vertices minus the edges between neighbours among them. With both
    /// ends and the vertex itself finite, each such edge belongs to a triangle that is there.
    pub fn index(&self) -> isize {
        let vertices = self.0.iter().filter(|&&below| below).count();
        let edges = (0..6).filter(|&i| self.0[i] && self.0[(i + 1) % 6]).count();
        1 - (vertices as isize - edges as isize)
    }
}
