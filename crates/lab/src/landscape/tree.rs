//! Which minima are joined below which level.

use serde::{Deserialize, Serialize};

/// A disconnectivity tree: minima as leaves with their energies, and the levels at which they are joined.
///
/// Nodes are numbered: 0 to L − 1 are the leaves, L and on the merges, lowest first.
/// Source: Becker & Karplus, *The topology of multidimensional potential energy surfaces*, J. Chem. Phys. 106 (1997).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    /// The energies of the leaves.
    pub leaves: Vec<f64>,
    /// Where parts are joined, the lowest level first.
    pub merges: Vec<Merge>,
}

/// Two parts of a tree that are joined from a level on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merge {
    /// The level.
    pub level: f64,
    /// The nodes that are joined; the one with the lower minimum first.
    pub parts: [usize; 2],
}

impl Tree {
    /// The tree of leaves with these energies and of ways (leaf, leaf, highest level) between them, by Kruskal's
    /// algorithm: a way joins what no lower one has joined.
    ///
    /// # Panics
    /// If a way names a leaf that does not exist.
    ///
    /// ```
    /// use thalweg_lab::landscape::Tree;
    ///
    /// let tree = Tree::new(vec![0.0, 1.0, 2.0], &[(0, 1, 5.0), (1, 2, 3.0), (0, 2, 9.0)]);
    /// assert_eq!(tree.merges.iter().map(|m| m.level).collect::<Vec<_>>(), [3.0, 5.0]);
    /// assert_eq!(tree.level(0, 2), Some(5.0));
    /// ```
    pub fn new(leaves: Vec<f64>, ways: &[(usize, usize, f64)]) -> Self {
        let mut order: Vec<usize> = (0..ways.len()).collect();
        order.sort_by(|&a, &b| ways[a].2.total_cmp(&ways[b].2).then(a.cmp(&b)));
        let mut tree = Self { leaves, merges: Vec::new() };
        // The node that each leaf hangs from at present.
        let mut tops: Vec<usize> = (0..tree.leaves.len()).collect();
        for (a, b, level) in order.into_iter().map(|i| ways[i]) {
            let (a, b) = (tops[a], tops[b]);
            if a == b {
                continue;
            }
            let parts = if tree.lowest(a) <= tree.lowest(b) { [a, b] } else { [b, a] };
            tree.merges.push(Merge { level, parts });
            let node = tree.leaves.len() + tree.merges.len() - 1;
            tops.iter_mut().filter(|top| **top == a || **top == b).for_each(|top| *top = node);
        }
        tree
    }

    /// The nodes that hang from nothing: one if all leaves are joined. Lowest first.
    pub fn roots(&self) -> Vec<usize> {
        let nodes = self.leaves.len() + self.merges.len();
        let mut free = vec![true; nodes];
        self.merges.iter().flat_map(|merge| merge.parts).for_each(|part| free[part] = false);
        let mut roots: Vec<usize> = (0..nodes).filter(|&node| free[node]).collect();
        roots.sort_by(|&a, &b| self.lowest(a).total_cmp(&self.lowest(b)).then(a.cmp(&b)));
        roots
    }

    /// The leaves below a node, in an order in which no branches cross.
    pub fn below(&self, node: usize) -> Vec<usize> {
        match self.merge(node) {
            None => vec![node],
            Some(merge) => merge.parts.iter().flat_map(|&part| self.below(part)).collect(),
        }
    }

    /// The merge that a node is; `None` for a leaf.
    pub fn merge(&self, node: usize) -> Option<&Merge> {
        node.checked_sub(self.leaves.len()).map(|at| &self.merges[at])
    }

    /// The lowest energy below a node.
    pub fn lowest(&self, node: usize) -> f64 {
        self.below(node).into_iter().map(|leaf| self.leaves[leaf]).fold(f64::INFINITY, f64::min)
    }

    /// The level from which on two leaves are joined; `None` if no way was found. That of a leaf with itself is its energy.
    pub fn level(&self, a: usize, b: usize) -> Option<f64> {
        if a == b {
            return Some(self.leaves[a]);
        }
        let first = (self.leaves.len()..self.leaves.len() + self.merges.len()).find(|&node| {
            let below = self.below(node);
            below.contains(&a) && below.contains(&b)
        });
        first.and_then(|node| self.merge(node)).map(|merge| merge.level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Levels by their definition: the least over all paths of the highest level on them.
    fn minimax(n: usize, ways: &[(usize, usize, f64)]) -> Vec<Vec<f64>> {
        let mut level = vec![vec![f64::INFINITY; n]; n];
        for &(a, b, l) in ways {
            level[a][b] = level[a][b].min(l);
            level[b][a] = level[a][b];
        }
        for k in 0..n {
            for i in 0..n {
                for j in 0..n {
                    level[i][j] = level[i][j].min(level[i][k].max(level[k][j]));
                }
            }
        }
        level
    }

    #[test]
    fn levels_are_the_lowest_of_all_paths() {
        let mut stream = crate::random::Stream::new(5, "tree", 0);
        for _ in 0..20 {
            let n = 7;
            let mut numbers = vec![0.0; 30];
            stream.fill_uniform(0.0, 1.0, &mut numbers);
            let ways: Vec<(usize, usize, f64)> = numbers
                .chunks(3)
                .map(|c| ((c[0] * 6.99) as usize, (c[1] * 6.99) as usize, 1.0 + c[2]))
                .collect();
            let tree = Tree::new((0..n).map(|i| i as f64 / 10.0).collect(), &ways);
            let expected = minimax(n, &ways);
            for i in 0..n {
                for j in (0..n).filter(|j| *j != i) {
                    assert_eq!(tree.level(i, j).unwrap_or(f64::INFINITY), expected[i][j]);
                }
            }
            let mut all: Vec<usize> = tree.roots().iter().flat_map(|&root| tree.below(root)).collect();
            all.sort_unstable();
            assert_eq!(all, (0..n).collect::<Vec<_>>());
            assert!(tree.merges.is_sorted_by_key(|merge| merge.level));
        }
    }

    #[test]
    fn a_lonely_leaf_is_its_own_root() {
        let tree = Tree::new(vec![3.0, 1.0, 2.0], &[(0, 2, 4.0), (0, 0, 3.5)]);
        assert_eq!(tree.roots(), [1, 3]);
        assert_eq!((tree.level(0, 1), tree.level(1, 1)), (None, Some(1.0)));
        assert_eq!(tree.merges, [Merge { level: 4.0, parts: [2, 0] }]);
    }
}
