//! Which points can be told apart: colour refinement.

use std::collections::HashMap;

use super::structure::{Point, Structure};

/// The coarsest colouring in which points of one colour lie in the same arrays, have the same
/// marks, and are joined by each function to the same number of points of each colour.
///
/// Every automorphism keeps it. Fixed points have colours of their own.
pub(super) struct Colouring {
    /// The point that stands for each.
    pub roots: Vec<Point>,
    /// Its colour, by root.
    pub colour: Vec<u32>,
    /// Whether it is fixed, by root.
    pub pinned: Vec<bool>,
}

/// Refines until nothing changes; each round takes time linear in the structure.
pub(super) fn refine(structure: &Structure) -> Colouring {
    let (roots, pinned) = structure.roots_and_pins();
    let mut marks: Vec<Vec<(u32, u32)>> = vec![Vec::new(); roots.len()];
    for &(point, label, number) in &structure.marks {
        marks[roots[point as usize] as usize].push((label, number));
    }
    marks.iter_mut().for_each(|m| {
        m.sort_unstable();
        m.dedup();
    });
    let homes = structure.homes(&roots);
    let mut numbers = HashMap::new();
    let mut colour: Vec<u32> = (0..roots.len())
        .map(|p| {
            let own = if pinned[p] { p as u32 } else { u32::MAX };
            let count = numbers.len() as u32;
            *numbers.entry((own, &homes[p], &marks[p])).or_insert(count)
        })
        .collect();
    let mut edges: Vec<(u32, Point, Point)> =
        structure.edges.iter().map(|&(label, a, b)| (label, roots[a as usize], roots[b as usize])).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut count = numbers.len();
    loop {
        let mut around: Vec<Vec<(u32, bool, u32)>> = vec![Vec::new(); roots.len()];
        for &(label, a, b) in &edges {
            around[a as usize].push((label, false, colour[b as usize]));
            around[b as usize].push((label, true, colour[a as usize]));
        }
        around.iter_mut().for_each(|a| a.sort_unstable());
        let mut numbers = HashMap::new();
        colour = (0..roots.len())
            .map(|p| {
                let next = numbers.len() as u32;
                *numbers.entry((colour[p], &around[p])).or_insert(next)
            })
            .collect();
        let refined = numbers.len();
        if refined == count {
            return Colouring { roots, colour, pinned };
        }
        count = refined;
    }
}
