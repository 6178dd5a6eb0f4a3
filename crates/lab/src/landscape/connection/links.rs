//! Which pairs of many solutions are connected, and which to try next.

use serde::{Deserialize, Serialize};

use crate::landscape::tree::Tree;

/// A path between two solutions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Which solutions.
    pub ends: [usize; 2],
    /// The highest value on the path.
    pub level: f64,
}

/// The paths that are known between many solutions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Links {
    /// All of them; a pair may have several.
    pub all: Vec<Link>,
}

impl Links {
    /// The disconnectivity tree of solutions with these values: at which level the paths that are known connect
    /// them. Paths whose level is not finite connect nothing.
    ///
    /// A level is an upper bound of the lowest pass, since a lower path may exist.
    pub fn tree(&self, values: &[f64]) -> Tree {
        let ways = self.all.iter().filter(|link| link.level.is_finite()).map(|link| {
            let [a, b] = link.ends;
            (a, b, link.level.max(values[a]).max(values[b]))
        });
        Tree::new(values.to_vec(), &ways.collect::<Vec<_>>())
    }

    /// A minimum spanning tree, or forest, of `count` solutions: the paths of the lowest levels that are needed.
    pub fn spanning(&self, count: usize) -> Vec<Link> {
        let mut links: Vec<Link> = self.all.iter().copied().filter(|link| link.level.is_finite()).collect();
        links.sort_by(|a, b| a.level.total_cmp(&b.level));
        let mut parts: Vec<usize> = (0..count).collect();
        links.retain(|link| join(&mut parts, link));
        links
    }

    /// The pair to connect next, among those that `tried` does not hold; `None` if no pair can help.
    ///
    /// While some solutions are not connected, the nearest pair across two parts is next. After that the
    /// highest path of the minimum spanning tree is put in question: without it the tree falls in two, and the
    /// nearest pair across that has not been tried is next; where all of them were, the second highest path is
    /// put in question, and so on. Draxler et al. 2018, §3.4, who begin with the paths from one minimum to all
    /// others instead.
    pub fn next(
        &self,
        count: usize,
        distance: &dyn Fn(usize, usize) -> f64,
        tried: &[[usize; 2]],
    ) -> Option<[usize; 2]> {
        let untried = |a: usize, b: usize| !tried.contains(&[a, b]) && !tried.contains(&[b, a]);
        let nearest = |side: &[usize]| {
            let mut best: Option<(f64, [usize; 2])> = None;
            for a in 0..count {
                for b in a + 1..count {
                    let far = distance(a, b);
                    if side[a] != side[b] && untried(a, b) && best.is_none_or(|(least, _)| far < least) {
                        best = Some((far, [a, b]));
                    }
                }
            }
            best.map(|(_, pair)| pair)
        };
        // Without the i-th path of the spanning tree; the last one is the highest.
        let spanning = self.spanning(count);
        let without = |i: usize| {
            let mut parts: Vec<usize> = (0..count).collect();
            let rest = spanning.iter().enumerate().filter(|(j, _)| *j != i);
            rest.for_each(|(_, link)| _ = join(&mut parts, link));
            parts
        };
        nearest(&without(usize::MAX)).or_else(|| (0..spanning.len()).rev().find_map(|i| nearest(&without(i))))
    }
}

/// Joins the parts of a path's ends; `false` if they were one already.
fn join(parts: &mut [usize], link: &Link) -> bool {
    let [a, b] = link.ends.map(|end| parts[end]);
    parts.iter_mut().filter(|part| **part == b).for_each(|part| *part = a);
    a != b
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Solutions on a line at 0, 1, 3: first the neighbours, then the pair that may undercut the highest path.
    #[test]
    fn near_pairs_come_first_and_high_paths_are_put_in_question() {
        let places = [0.0f64, 1.0, 3.0];
        let far = |a: usize, b: usize| (places[a] - places[b]).abs();
        let values = [0.0, 0.1, 0.2];
        let mut links = Links::default();
        let mut tried = Vec::new();
        let levels = [([0, 1], 5.0), ([1, 2], 2.0), ([0, 2], 3.0)];
        for (pair, level) in levels {
            assert_eq!(links.next(3, &far, &tried), Some(pair));
            tried.push(pair);
            links.all.push(Link { ends: pair, level });
        }
        assert_eq!(links.next(3, &far, &tried), None);
        let tree = links.tree(&values);
        assert_eq!(tree.level(0, 1), Some(3.0), "by way of the third");
        assert_eq!(tree.level(1, 2), Some(2.0));
    }

    /// A band that failed leaves the pair unconnected and is not tried again.
    #[test]
    fn failed_pairs_are_not_tried_again() {
        let far = |a: usize, b: usize| a.abs_diff(b) as f64;
        let links = Links::default();
        assert_eq!(links.next(3, &far, &[[0, 1]]), Some([1, 2]));
        assert_eq!(links.next(3, &far, &[[0, 1], [1, 2], [0, 2]]), None);
    }
}
