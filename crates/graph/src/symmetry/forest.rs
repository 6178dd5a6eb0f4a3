//! Automorphisms as a forest of interchangeable units.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::refine::Colouring;
use super::structure::{Point, Structure};

/// Points that move as one: units, each with as many points as there are colours in it.
pub(super) struct Cluster {
    /// Number of units.
    pub units: usize,
    /// The cluster whose units these belong to, and the unit of each.
    pub parent: Option<(usize, Vec<u32>)>,
}

/// All clusters, and where each point belongs.
pub(super) struct Forest {
    /// The clusters.
    pub clusters: Vec<Cluster>,
    /// For each root that can move, its cluster and unit.
    pub place: HashMap<Point, (u32, u32)>,
}

/// Reads the units off a colouring; or else the points that have to be fixed for that,
/// since what joins them is no forest. `acted` are points of the program's inputs.
///
/// In a forest every permutation of the units below one unit of the parent, which takes
/// along what is below them, is an automorphism: functions lead from a unit to units above it.
pub(super) fn forest(
    structure: &Structure,
    colours: &Colouring,
    acted: &dyn Fn(Point) -> bool,
) -> Result<Forest, Vec<Point>> {
    let root = |p: Point| colours.roots[p as usize];
    let colour = |p: Point| colours.colour[root(p) as usize] as usize;
    let moves = |p: Point| !colours.pinned[root(p) as usize];
    let mut members: BTreeMap<usize, Vec<Point>> = BTreeMap::new();
    for p in (0..structure.len() as Point).filter(|&p| root(p) == p && moves(p)) {
        members.entry(colour(p)).or_default().push(p);
    }
    let mut functions: BTreeMap<(usize, usize, u32), Vec<(Point, Point)>> = BTreeMap::new();
    for &(label, a, b) in &structure.edges {
        if moves(a) && moves(b) {
            functions.entry((colour(a), colour(b), label)).or_default().push((root(a), root(b)));
        }
    }
    for pairs in functions.values_mut() {
        pairs.sort_unstable();
        pairs.dedup();
        // A point with two values of one function: nothing is known of such structures.
        if pairs.windows(2).any(|w| w[0].0 == w[1].0) {
            return Err(pairs.iter().flat_map(|&(a, b)| [a, b]).collect());
        }
    }
    let mut forest = clusters(&members, &functions)?;
    let mut arrows: Arrows = BTreeMap::new();
    for pairs in functions.values() {
        let places = |&(a, b): &(Point, Point)| (forest.place[&a], forest.place[&b]);
        let ((from, _), (to, _)) = places(&pairs[0]);
        if from == to {
            continue;
        }
        let mut map = vec![UNKNOWN; forest.clusters[from as usize].units];
        pairs.iter().map(places).for_each(|((_, a), (_, b))| map[a as usize] = b);
        let known =
            arrows.entry(from as usize).or_default().entry(to as usize).or_insert_with(|| map.clone());
        if *known != map {
            return Err(forest.points(&[from as usize, to as usize]));
        }
    }
    let needed: HashSet<u32> =
        forest.place.iter().filter(|&(&p, _)| acted(p)).map(|(_, &(cluster, _))| cluster).collect();
    forest.plant(arrows, &|cluster| needed.contains(&(cluster as u32)))?;
    Ok(forest)
}

/// For each cluster the clusters that its units lead to, and the unit of each.
type Arrows = BTreeMap<usize, BTreeMap<usize, Vec<u32>>>;

const UNKNOWN: u32 = u32::MAX;

impl Forest {
    fn points(&self, clusters: &[usize]) -> Vec<Point> {
        let mut points: Vec<Point> = self
            .place
            .iter()
            .filter(|(_, (cluster, _))| clusters.contains(&(*cluster as usize)))
            .map(|(&p, _)| p)
            .collect();
        points.sort_unstable();
        points
    }

    /// Finds each cluster's parent.
    fn plant(&mut self, mut arrows: Arrows, acted: &dyn Fn(usize) -> bool) -> Result<(), Vec<Point>> {
        // Through each cluster's nearest target all others are reached; what is learned of
        // targets so may concern clusters that were looked at before.
        loop {
            let mut learned: Vec<(usize, usize, Vec<u32>)> = Vec::new();
            for (&from, targets) in &arrows {
                let Some(nearest) = self.nearest(targets) else { continue };
                for (&far, map) in targets.iter().filter(|&(&far, _)| far != nearest) {
                    let Some(between) = factor(&targets[&nearest], map, self.clusters[nearest].units) else {
                        if targets.len() == 2 && !acted(from) && self.is_product(from, targets) {
                            continue;
                        }
                        return Err(self.points(&[from, nearest, far]));
                    };
                    match arrows.get(&nearest).and_then(|t| t.get(&far)) {
                        Some(known) if *known == between => {}
                        Some(_) => return Err(self.points(&[from, nearest, far])),
                        None => learned.push((nearest, far, between)),
                    }
                }
            }
            if learned.is_empty() {
                break;
            }
            for (from, to, map) in learned {
                let known = arrows.entry(from).or_default().entry(to).or_insert_with(|| map.clone());
                if *known != map {
                    return Err(self.points(&[from, to]));
                }
            }
        }
        for (from, mut targets) in arrows {
            let Some(nearest) = self.nearest(&targets) else { continue };
            if targets.iter().any(|(far, map)| {
                factor(&targets[&nearest], map, self.clusters[nearest].units).is_none() && *far != nearest
            }) {
                // A product of two others has no permutations of its own; nothing may hang on it.
                self.clusters[from].units = 0;
                continue;
            }
            let map = targets.remove(&nearest).expect("the nearest is a target");
            self.clusters[from].parent = Some((nearest, map));
        }
        let loose = |c: &Cluster| c.parent.as_ref().is_some_and(|(p, _)| self.clusters[*p].units == 0);
        match (0..self.clusters.len()).find(|&c| loose(&self.clusters[c])) {
            Some(c) => {
                let (parent, _) = self.clusters[c].parent.as_ref().expect("it has a parent");
                Err(self.points(&[c, *parent]))
            }
            None => Ok(()),
        }
    }

    /// The target with the most units.
    fn nearest(&self, targets: &BTreeMap<usize, Vec<u32>>) -> Option<usize> {
        targets.keys().copied().max_by_key(|&t| (self.clusters[t].units, std::cmp::Reverse(t)))
    }

    /// Whether units are all pairs of units of their two targets, each once.
    fn is_product(&self, from: usize, targets: &BTreeMap<usize, Vec<u32>>) -> bool {
        let sizes: usize = targets.keys().map(|&t| self.clusters[t].units).product();
        let maps: Vec<&Vec<u32>> = targets.values().collect();
        let pairs: HashSet<(u32, u32)> = maps[0].iter().copied().zip(maps[1].iter().copied()).collect();
        self.clusters[from].units == sizes && pairs.len() == sizes
    }
}

/// h with far = h ∘ near, if there is one.
fn factor(near: &[u32], far: &[u32], units: usize) -> Option<Vec<u32>> {
    let mut between = vec![UNKNOWN; units];
    for (&n, &f) in near.iter().zip(far) {
        match between[n as usize] {
            UNKNOWN => between[n as usize] = f,
            known if known != f => return None,
            _ => {}
        }
    }
    Some(between)
}

/// Joins colours that a function maps one to one.
fn clusters(
    members: &BTreeMap<usize, Vec<Point>>,
    functions: &BTreeMap<(usize, usize, u32), Vec<(Point, Point)>>,
) -> Result<Forest, Vec<Point>> {
    let mut beside: BTreeMap<usize, Vec<(usize, HashMap<Point, Point>)>> = BTreeMap::new();
    for (&(from, to, _), pairs) in functions {
        if members[&from].len() == members[&to].len() {
            beside.entry(from).or_default().push((to, pairs.iter().copied().collect()));
            beside.entry(to).or_default().push((from, pairs.iter().map(|&(a, b)| (b, a)).collect()));
        }
    }
    let mut forest = Forest { clusters: Vec::new(), place: HashMap::new() };
    for (&colour, points) in members {
        if forest.place.contains_key(&points[0]) {
            continue;
        }
        let cluster = forest.clusters.len() as u32;
        forest.clusters.push(Cluster { units: points.len(), parent: None });
        points.iter().zip(0..).for_each(|(&p, unit)| _ = forest.place.insert(p, (cluster, unit)));
        let mut open = vec![colour];
        while let Some(from) = open.pop() {
            for (to, map) in beside.get(&from).into_iter().flatten() {
                let known = forest.place.contains_key(&members[to][0]);
                for p in &members[&from] {
                    let place = forest.place[p];
                    let Some(&image) = map.get(p) else { return Err(all(members, &[from, *to])) };
                    if *forest.place.entry(image).or_insert(place) != place {
                        return Err(all(members, &[from, *to]));
                    }
                }
                if !known {
                    open.push(*to);
                }
            }
        }
    }
    Ok(forest)
}

fn all(members: &BTreeMap<usize, Vec<Point>>, colours: &[usize]) -> Vec<Point> {
    colours.iter().flat_map(|c| members[c].iter().copied()).collect()
}
