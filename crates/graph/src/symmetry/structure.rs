//! A structure whose automorphisms are symmetries: points, functions between them, and marks.

use std::collections::HashMap;
use std::rc::Rc;

/// A place along an axis of some value; places that must move together are one point.
pub(super) type Point = u32;

/// Points, partial functions from points to points, marks and fixed points.
///
/// An automorphism permutes points so that each stays in the arrays that it belongs to,
/// functions commute with it, marks are kept and fixed points stay.
#[derive(Default)]
pub(super) struct Structure {
    parent: Vec<Point>,
    home: Vec<u32>,
    arrays: u32,
    labels: u32,
    /// (function, argument, value).
    pub edges: Vec<(u32, Point, Point)>,
    /// (point, function, number).
    pub marks: Vec<(Point, u32, u32)>,
    pins: Vec<Point>,
}

impl Structure {
    /// Points of a new array.
    pub fn fresh(&mut self, count: usize) -> Rc<[Point]> {
        let first = self.parent.len() as Point;
        let array: Rc<[Point]> = (first..first + count as Point).collect();
        self.parent.extend(array.iter());
        self.home.resize(self.parent.len(), self.arrays);
        self.arrays += 1;
        array
    }

    /// A name for a new function.
    pub fn label(&mut self) -> u32 {
        self.labels += 1;
        self.labels
    }

    /// How many points there ever were.
    pub fn len(&self) -> usize {
        self.parent.len()
    }

    /// The point that stands for all those tied to this one.
    pub fn root(&self, point: Point) -> Point {
        let mut at = point;
        while self.parent[at as usize] != at {
            at = self.parent[at as usize];
        }
        at
    }

    fn root_mut(&mut self, point: Point) -> Point {
        let root = self.root(point);
        let mut at = point;
        while self.parent[at as usize] != root {
            at = std::mem::replace(&mut self.parent[at as usize], root);
        }
        root
    }

    /// Lets two points move together.
    pub fn tie(&mut self, a: Point, b: Point) {
        let (a, b) = (self.root_mut(a), self.root_mut(b));
        self.parent[a.max(b) as usize] = a.min(b);
    }

    /// Lets points stay where they are.
    pub fn pin(&mut self, points: &[Point]) {
        self.pins.extend(points);
    }

    /// For each point, whether it stands for itself; and whether it is fixed.
    pub fn roots_and_pins(&self) -> (Vec<Point>, Vec<bool>) {
        let roots = (0..self.len() as Point).map(|p| self.root(p)).collect();
        let mut pinned = vec![false; self.len()];
        self.pins.iter().for_each(|&p| pinned[self.root(p) as usize] = true);
        (roots, pinned)
    }

    /// A colour for each point from the arrays that it belongs to, by root.
    pub fn homes(&self, roots: &[Point]) -> Vec<Vec<u32>> {
        let mut homes = vec![Vec::new(); self.len()];
        for (point, &root) in roots.iter().enumerate() {
            homes[root as usize].push(self.home[point]);
        }
        homes.iter_mut().for_each(|h| h.sort_unstable());
        homes
    }

    /// Fixes the points of arrays in which two places are one point: what maps the array to
    /// itself could not tell which goes where.
    pub fn pin_repeated(&mut self) {
        let mut seen: HashMap<(u32, Point), u32> = HashMap::new();
        for point in 0..self.len() as Point {
            let root = self.root(point);
            *seen.entry((self.home[point as usize], root)).or_default() += 1;
        }
        let repeated: Vec<Point> = seen.into_iter().filter(|&(_, n)| n > 1).map(|((_, p), _)| p).collect();
        self.pin(&repeated);
    }
}
