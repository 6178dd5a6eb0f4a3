//! From points to groups: where units lie in the inputs, and which factors they have.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::forest::Forest;
use super::propagate::Propagation;
use super::refine::Colouring;
use super::state::Kind;
use super::structure::Point;
use super::weights::{Exponent, Factors, Solutions, WHOLE, Weights};
use super::{Activation, Group, Occurrence, Scaling, Symmetries};

/// Roots of the points of the inputs that are acted on.
pub(super) fn acted_points(propagation: &Propagation, colours: &Colouring) -> HashSet<Point> {
    let inputs = inputs(propagation);
    let parts = inputs.iter().flat_map(|&(_, entry)| &propagation.entries[entry].state.parts);
    let points = parts.filter_map(|part| match &part.kind {
        Kind::Points(points) => Some(points),
        _ => None,
    });
    points.flat_map(|points| points.iter().map(|&p| colours.roots[p as usize])).collect()
}

/// The inputs that are acted on, with their entries.
fn inputs(propagation: &Propagation) -> Vec<(usize, usize)> {
    let graph = propagation.graph;
    let entries = graph.inputs().iter().map(|v| propagation.current[v.index()]);
    entries.enumerate().filter(|&(input, _)| propagation.moves[input]).collect()
}

/// Where a cluster shows in an entry: part, colour, and the place of each unit.
struct Show {
    part: usize,
    axes: Vec<usize>,
    colour: u32,
    positions: Vec<usize>,
}

struct Reader<'a> {
    propagation: &'a Propagation<'a>,
    colours: &'a Colouring,
    forest: &'a Forest,
}

pub(super) fn extract(
    propagation: &Propagation,
    colours: &Colouring,
    forest: &Forest,
    epsilon: f64,
) -> Symmetries {
    let solve = |factors| Weights { propagation, colours, forest, factors }.solve();
    let signs = solve(Factors::Signs);
    let exact = solve(Factors::Scales { epsilon: 0.0 });
    let nearly = solve(Factors::Scales { epsilon });
    let reader = Reader { propagation, colours, forest };
    let shows: Vec<(usize, usize, Vec<(u32, Show)>)> =
        inputs(propagation).into_iter().map(|(i, entry)| (i, entry, reader.shows(entry))).collect();
    let activations = reader.activations();
    let order = reader.order(&shows);
    let mut groups: Vec<Group> = Vec::new();
    let mut number: HashMap<usize, usize> = HashMap::new();
    let mut ranks: HashMap<usize, Vec<usize>> = HashMap::new();
    for cluster in order {
        let source = &forest.clusters[cluster];
        let mut units: Vec<usize> = (0..source.units).collect();
        let parent = source.parent.as_ref().map(|(p, map)| {
            units.sort_by_key(|&u| ranks[p][map[u] as usize]);
            number[p]
        });
        let mut rank = vec![0; units.len()];
        units.iter().enumerate().for_each(|(at, &u)| rank[u] = at);
        let placed = |show: &Show| units.iter().map(|&u| show.positions[u]).collect::<Vec<_>>();
        let mine: Vec<(usize, usize, &Show)> = shows
            .iter()
            .flat_map(|(i, entry, all)| {
                all.iter().filter(|(c, _)| *c as usize == cluster).map(|(_, show)| (*i, *entry, show))
            })
            .collect();
        let keys: Vec<Exponent> =
            mine.iter().map(|(_, entry, show)| (*entry as u32, show.part as u32, show.colour)).collect();
        let of = |solutions: &Solutions| solutions.get(&(cluster as u32)).cloned().unwrap_or_default();
        let flips = echelon(&of(&signs), &keys, true);
        let strict = echelon(&of(&exact), &keys, false);
        let scales = extended(&strict, &of(&nearly), &keys);
        let occurrences = mine.iter().zip(&keys).map(|((input, _, show), key)| Occurrence {
            input: *input,
            axis: show.axes[0],
            positions: placed(show),
            signs: flips.iter().map(|f| f.contains_key(key)).collect(),
            scales: scales.iter().map(|s| s.get(key).copied().unwrap_or(0.0)).collect(),
        });
        let occurrences: Vec<Occurrence> = occurrences.collect();
        let active = activations.iter().filter(|(_, c, _)| *c as usize == cluster);
        let active = active.map(|(entry, _, show)| Activation {
            value: propagation.entries[*entry].value,
            axes: show.axes.clone(),
            positions: placed(show),
            signs: flips
                .iter()
                .map(|f| f.contains_key(&(*entry as u32, show.part as u32, show.colour)))
                .collect(),
        });
        number.insert(cluster, groups.len());
        ranks.insert(cluster, rank);
        groups.push(Group {
            parent,
            fiber: units.len() / parent.map_or(1, |p| groups[p].units),
            units: units.len(),
            activations: active.collect(),
            occurrences,
            signs: flips.len(),
            scales: (0..scales.len()).map(|s| s < strict.len()).collect(),
        });
    }
    let scalings = reader.scalings(&exact, &nearly);
    trimmed(Symmetries { groups, scalings })
}

impl Reader<'_> {
    /// Where clusters show in an entry.
    fn shows(&self, entry: usize) -> Vec<(u32, Show)> {
        let mut found = Vec::new();
        for (part, p) in self.propagation.entries[entry].state.parts.iter().enumerate() {
            let Kind::Points(points) = &p.kind else { continue };
            let mut by_colour: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
            for (at, &point) in points.iter().enumerate() {
                let root = self.colours.roots[point as usize];
                let Some(&(cluster, unit)) = self.forest.place.get(&root) else { continue };
                let units = self.forest.clusters[cluster as usize].units;
                let colour = self.colours.colour[root as usize];
                let positions = by_colour.entry((colour, cluster)).or_insert_with(|| vec![0; units]);
                if units > 0 {
                    positions[unit as usize] = at;
                }
            }
            found.extend(by_colour.into_iter().map(|((colour, cluster), positions)| {
                (cluster, Show { part, axes: p.axes.to_vec(), colour, positions })
            }));
        }
        found
    }

    /// Values that depend on what stays and are summed over, with the clusters that show in them.
    fn activations(&self) -> Vec<(usize, u32, Show)> {
        let graph = self.propagation.graph;
        let data: Vec<usize> = (0..graph.inputs().len()).filter(|&i| !self.propagation.moves[i]).collect();
        let depends = graph.depends_on(&data);
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for record in &self.propagation.records {
            let Some(component) = record.contracts.map(|c| &record.components[c]) else { continue };
            for view in &component.views {
                let (Some(part), entry) = (view.part, record.args[view.arg]) else { continue };
                let value = self.propagation.entries[entry].value;
                if depends[value.index()] && seen.insert((value, part)) {
                    let shows = self.shows(entry).into_iter().filter(|(_, show)| show.part == part);
                    found.extend(shows.map(|(cluster, show)| (entry, cluster, show)));
                }
            }
        }
        found
    }

    /// The clusters that show in inputs, and those above them, parents first.
    fn order(&self, shows: &[(usize, usize, Vec<(u32, Show)>)]) -> Vec<usize> {
        let mut order = Vec::new();
        let mut seen = HashSet::new();
        for (cluster, _) in shows.iter().flat_map(|(_, _, all)| all) {
            let mut chain = Vec::new();
            let mut at = Some(*cluster as usize);
            while let Some(c) = at.filter(|&c| !seen.contains(&c) && self.forest.clusters[c].units > 0) {
                seen.insert(c);
                chain.push(c);
                at = self.forest.clusters[c].parent.as_ref().map(|(p, _)| *p);
            }
            order.extend(chain.into_iter().rev());
        }
        order
    }

    /// Scalings of whole inputs that no scalings of units add up to.
    fn scalings(&self, exact: &Solutions, nearly: &Solutions) -> Vec<Scaling> {
        let inputs = inputs(self.propagation);
        let mut found = Vec::new();
        let mut span = Span::default();
        for (solutions, exact) in [(exact, true), (nearly, false)] {
            for (_, basis) in solutions.iter().filter(|(c, _)| **c != WHOLE) {
                basis.iter().for_each(|solution| _ = span.add(self.coordinates(&inputs, solution)));
            }
            for solution in solutions.get(&WHOLE).into_iter().flatten() {
                if span.add(self.coordinates(&inputs, solution)) {
                    let mut powers = vec![0.0; self.propagation.graph.inputs().len()];
                    for &(input, entry) in &inputs {
                        let power = solution.get(&(entry as u32, WHOLE, WHOLE));
                        powers[input] = power.copied().unwrap_or(0.0);
                    }
                    found.push(Scaling { powers, exact });
                }
            }
        }
        found
    }

    /// A scaling as a function of the elements of the inputs: its value at the first place of
    /// each input, and how much it differs at other colours along each axis.
    fn coordinates(
        &self,
        inputs: &[(usize, usize)],
        solution: &HashMap<Exponent, f64>,
    ) -> BTreeMap<(usize, usize, u32), f64> {
        let mut out = BTreeMap::new();
        for &(input, entry) in inputs {
            let mut first = solution.get(&(entry as u32, WHOLE, WHOLE)).copied().unwrap_or(0.0);
            for (part, p) in self.propagation.entries[entry].state.parts.iter().enumerate() {
                let Kind::Points(points) = &p.kind else { continue };
                let at = |point: Point| {
                    let colour = self.colours.colour[self.colours.roots[point as usize] as usize];
                    (colour, solution.get(&(entry as u32, part as u32, colour)).copied().unwrap_or(0.0))
                };
                let base = at(points[0]).1;
                first += base;
                for &point in points.iter() {
                    let (colour, value) = at(point);
                    if value != base {
                        out.insert((input, part, colour), value - base);
                    }
                }
            }
            if first != 0.0 {
                out.insert((input, usize::MAX, 0), first);
            }
        }
        out
    }
}

/// A space of vectors, in echelon form.
#[derive(Default)]
struct Span(Vec<((usize, usize, u32), BTreeMap<(usize, usize, u32), f64>)>);

impl Span {
    /// Adds a vector; whether it is new.
    fn add(&mut self, mut vector: BTreeMap<(usize, usize, u32), f64>) -> bool {
        for (pivot, row) in &self.0 {
            let by = vector.get(pivot).copied().unwrap_or(0.0);
            if by != 0.0 {
                row.iter().for_each(|(&k, &v)| *vector.entry(k).or_default() -= by * v);
            }
        }
        vector.retain(|_, v| v.abs() > 1e-9);
        let Some((&pivot, &lead)) = vector.iter().next() else { return false };
        vector.values_mut().for_each(|v| *v /= lead);
        self.0.push((pivot, vector));
        true
    }
}

/// Solutions that differ on the given exponents, so combined that each is alone in its first one.
fn echelon(basis: &[HashMap<Exponent, f64>], keys: &[Exponent], signs: bool) -> Vec<HashMap<Exponent, f64>> {
    let mut rows: Vec<(Exponent, HashMap<Exponent, f64>)> = Vec::new();
    let subtract = |from: &mut HashMap<Exponent, f64>, row: &HashMap<Exponent, f64>, by: f64| {
        for (&k, &v) in row {
            let entry = from.entry(k).or_default();
            *entry = if signs { (*entry + by * v) % 2.0 } else { *entry - by * v };
        }
        from.retain(|_, v| v.abs() > 1e-9);
    };
    for solution in basis {
        let mut solution = solution.clone();
        for (pivot, row) in &rows {
            if let Some(&by) = solution.get(pivot) {
                subtract(&mut solution, row, by);
            }
        }
        let Some(&pivot) = keys.iter().find(|k| solution.contains_key(k)) else { continue };
        let lead = solution[&pivot];
        solution.values_mut().for_each(|v| *v /= lead);
        for (_, row) in &mut rows {
            if let Some(&by) = row.get(&pivot) {
                subtract(row, &solution, by);
            }
        }
        rows.push((pivot, solution));
    }
    rows.sort_by_key(|(pivot, _)| keys.iter().position(|k| k == pivot));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// `strict`, followed by what `basis` adds to it on the given exponents.
fn extended(
    strict: &[HashMap<Exponent, f64>],
    basis: &[HashMap<Exponent, f64>],
    keys: &[Exponent],
) -> Vec<HashMap<Exponent, f64>> {
    let mut all = strict.to_vec();
    for solution in echelon(basis, keys, false) {
        let mut with = all.clone();
        with.push(solution.clone());
        if echelon(&with, keys, false).len() > echelon(&all, keys, false).len() {
            all.push(solution);
        }
    }
    all
}

/// Without groups that do nothing.
fn trimmed(symmetries: Symmetries) -> Symmetries {
    let Symmetries { groups, scalings } = symmetries;
    let mut kept = vec![false; groups.len()];
    for (i, group) in groups.iter().enumerate().rev() {
        kept[i] |= group.fiber > 1 || group.signs > 0 || !group.scales.is_empty();
        if let (true, Some(parent)) = (kept[i], group.parent) {
            kept[parent] = true;
        }
    }
    let mut number = vec![usize::MAX; groups.len()];
    let mut left = Vec::new();
    for (i, mut group) in groups.into_iter().enumerate().filter(|&(i, _)| kept[i]) {
        number[i] = left.len();
        group.parent = group.parent.map(|p| number[p]);
        left.push(group);
    }
    Symmetries { groups: left, scalings }
}
