//! Pairs of births and deaths of components, by union-find.

use super::{Branch, Mesh, Ring};

/// The vertices with finite values, from low to high; equal values by their numbers.
pub struct Order {
    rising: Vec<usize>,
    rank: Vec<usize>,
}

impl Order {
    pub fn rising(values: &[f64]) -> Self {
        let mut rising: Vec<usize> = (0..values.len()).filter(|&v| values[v].is_finite()).collect();
        // −0 and 0 are equal.
        rising.sort_by(|&a, &b| (values[a] + 0.0).total_cmp(&(values[b] + 0.0)).then(a.cmp(&b)));
        let mut rank = vec![usize::MAX; values.len()];
        rising.iter().enumerate().for_each(|(i, &v)| rank[v] = i);
        Self { rising, rank }
    }

    pub fn vertices(&self) -> impl DoubleEndedIterator<Item = usize> {
        self.rising.iter().copied()
    }

    pub fn is_below(&self, a: usize, b: usize) -> bool {
        self.rank[a] < self.rank[b]
    }

    pub fn is_lowest_of(&self, vertex: usize, mut neighbours: impl Iterator<Item = usize>) -> bool {
        neighbours.all(|v| self.is_below(vertex, v))
    }
}

/// Disjoint sets of vertices, each with the vertex that began it and its size.
struct Sets {
    parent: Vec<usize>,
    began: Vec<usize>,
    size: Vec<usize>,
}

impl Sets {
    fn new(count: usize) -> Self {
        Self { parent: (0..count).collect(), began: (0..count).collect(), size: vec![1; count] }
    }

    fn root(&mut self, mut v: usize) -> usize {
        while self.parent[v] != v {
            self.parent[v] = self.parent[self.parent[v]];
            v = self.parent[v];
        }
        v
    }

    /// Joins two roots; what began first is kept.
    fn join(&mut self, elder: usize, younger: usize) {
        let began = self.began[elder];
        let (large, small) =
            if self.size[elder] >= self.size[younger] { (elder, younger) } else { (younger, elder) };
        self.parent[small] = large;
        self.size[large] += self.size[small];
        self.began[large] = began;
    }
}

/// The branches of the merge tree, in the order in which they end; the lowest come last.
pub fn merge(grid: &Mesh<'_>, order: &Order) -> Vec<Branch> {
    let mut sets = Sets::new(grid.values.len());
    // For each vertex that is a minimum, the number of its branch.
    let mut branch = vec![usize::MAX; grid.values.len()];
    let mut branches: Vec<Branch> = Vec::new();
    for vertex in order.vertices() {
        let mut met: Vec<usize> =
            grid.neighbours(vertex).filter(|&v| order.is_below(v, vertex)).map(|v| sets.root(v)).collect();
        met.sort_by_key(|&root| order.rank[sets.began[root]]);
        met.dedup();
        let Some((&elder, younger)) = met.split_first() else {
            branch[vertex] = branches.len();
            let birth = grid.values[vertex];
            branches.push(Branch {
                minimum: vertex,
                birth,
                saddle: None,
                death: None,
                parent: None,
                vertices: 1,
            });
            continue;
        };
        let parent = branch[sets.began[elder]];
        for &root in younger {
            let ended = &mut branches[branch[sets.began[root]]];
            (ended.saddle, ended.death) = (Some(vertex), Some(grid.values[vertex]));
            (ended.parent, ended.vertices) = (Some(parent), sets.size[root]);
        }
        let mut elder = elder;
        for &root in younger {
            sets.join(elder, root);
            elder = sets.root(elder);
        }
        sets.join(elder, vertex);
    }
    for at in 0..branches.len() {
        if branches[at].death.is_none() {
            let root = sets.root(branches[at].minimum);
            branches[at].vertices = sets.size[root];
        }
    }
    branches
}

/// The most persistent first, then the lowest; the parents' numbers follow.
pub fn sort(branches: &mut Vec<Branch>) {
    let mut numbers: Vec<usize> = (0..branches.len()).collect();
    let key = |&i: &usize| (-branches[i].persistence(), branches[i].birth, branches[i].minimum);
    numbers.sort_by(|a, b| {
        let ((p, b1, m), (q, b2, n)) = (key(a), key(b));
        p.total_cmp(&q).then(b1.total_cmp(&b2)).then(m.cmp(&n))
    });
    let mut place = vec![0; branches.len()];
    numbers.iter().enumerate().for_each(|(to, &from)| place[from] = to);
    *branches = numbers
        .iter()
        .map(|&from| Branch { parent: branches[from].parent.map(|p| place[p]), ..branches[from] })
        .collect();
}

/// The rings that a maximum fills: components of what lies above, joined from high to low, where
/// the outside is there from the beginning.
pub fn rings(grid: &Mesh<'_>, order: &Order) -> Vec<Ring> {
    let outside = grid.values.len();
    let mut sets = Sets::new(outside + 1);
    // The outside began before all others.
    let age = |order: &Order, began: usize| match began {
        v if v == outside => 0,
        v => order.rising.len() - order.rank[v],
    };
    let mut rings = Vec::new();
    for vertex in order.vertices().rev() {
        let mut met: Vec<usize> =
            grid.neighbours(vertex).filter(|&v| order.is_below(vertex, v)).map(|v| sets.root(v)).collect();
        if grid.is_edge(vertex) {
            met.push(sets.root(outside));
        }
        met.sort_by_key(|&root| age(order, sets.began[root]));
        met.dedup();
        let Some((&elder, younger)) = met.split_first() else { continue };
        for &root in younger {
            let maximum = sets.began[root];
            let (birth, death) = (grid.values[vertex], grid.values[maximum]);
            rings.push(Ring { saddle: vertex, birth, maximum, death });
        }
        let mut elder = elder;
        for &root in younger {
            sets.join(elder, root);
            elder = sets.root(elder);
        }
        sets.join(elder, vertex);
    }
    rings.sort_by(|a: &Ring, b: &Ring| {
        b.persistence()
            .total_cmp(&a.persistence())
            .then(a.saddle.cmp(&b.saddle))
            .then(a.maximum.cmp(&b.maximum))
    });
    rings
}
