//! What moves along index variables that several arguments have.

use std::rc::Rc;

use super::{Kind, NONE, Operand, Propagation, State, alike};
use crate::symmetry::state::{Component, Part, Seen, View, combine, places};
use crate::symmetry::structure::Point;

impl Propagation<'_> {
    /// Variables that arguments' joint axes tie, each group with those of the result first, in its order.
    pub(super) fn groups(&self, variables: usize, operands: &[Operand], out: &[usize]) -> Vec<Vec<usize>> {
        let mut group: Vec<usize> = (0..variables).collect();
        for operand in operands {
            for part in &self.entries[operand.entry].state.parts {
                let mut named = part.axes.iter().map(|&a| operand.variables[a]).filter(|&v| v != NONE);
                let Some(first) = named.next() else { continue };
                for other in named {
                    let (from, to) = (group[other], group[first]);
                    group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
                }
            }
        }
        let mut order: Vec<usize> = out.to_vec();
        order.extend((0..variables).filter(|v| !out.contains(v)));
        let mut found: Vec<(usize, Vec<usize>)> = Vec::new();
        for v in order {
            match found.iter_mut().find(|(g, _)| *g == group[v]) {
                Some((_, members)) => members.push(v),
                None => found.push((group[v], vec![v])),
            }
        }
        found.into_iter().map(|(_, members)| members).collect()
    }

    /// What moves along a group of variables.
    pub(super) fn joined(
        &mut self,
        sizes: &[usize],
        group: &[usize],
        operands: &[Operand],
    ) -> (Kind, Option<Component>) {
        let local: Vec<usize> = group.iter().map(|&v| sizes[v]).collect();
        let count: usize = local.iter().product();
        let mut found: Vec<(usize, usize, Kind, Option<Vec<u32>>, bool)> = Vec::new();
        let mut views = Vec::new();
        for (arg, operand) in operands.iter().enumerate() {
            let mut sees = false;
            for (at, part) in self.entries[operand.entry].state.parts.iter().enumerate() {
                let chosen: Vec<usize> = part
                    .axes
                    .iter()
                    .filter_map(|&a| group.iter().position(|&v| v == operand.variables[a]))
                    .collect();
                if chosen.is_empty() {
                    continue;
                }
                sees |= matches!(part.kind, Kind::Points(_));
                let same = chosen.iter().copied().eq(0..group.len());
                let map = (!same).then(|| places(&local, &chosen));
                found.push((arg, at, part.kind.clone(), map, chosen.len() == group.len()));
            }
            if !sees {
                views.push(View { arg, part: None, map: None });
            }
        }
        let seen: Vec<Seen> = found
            .iter()
            .map(|(_, _, kind, map, whole)| Seen { kind, map: map.clone(), whole: *whole })
            .collect();
        let kind = combine(&mut self.structure, count, group.len() == 1, &seen);
        let Kind::Points(base) = &kind else { return (kind, None) };
        let moving = found.into_iter().filter(|(_, _, kind, ..)| matches!(kind, Kind::Points(_)));
        views.extend(moving.map(|(arg, part, _, map, _)| View { arg, part: Some(part), map }));
        let component = Component { base: base.clone(), views, out: None };
        (kind, Some(component))
    }

    /// New points that those of an array belong to, by `map`.
    pub(super) fn projected(&mut self, base: &Rc<[Point]>, map: &[u32]) -> Kind {
        let count = map.iter().max().map_or(0, |&m| m as usize + 1);
        if count == 1 {
            return Kind::Free;
        }
        let points = self.structure.fresh(count);
        let label = self.structure.label();
        for (&point, &to) in base.iter().zip(map) {
            self.structure.edges.push((label, point, points[to as usize]));
        }
        Kind::Points(points)
    }

    /// The same value with each axis by itself: joint axes then move as products.
    pub(super) fn apart(&mut self, entry: usize) -> usize {
        if self.entries[entry].state.parts.iter().all(|part| part.axes.len() == 1) {
            return entry;
        }
        let shape = self.shape(entry).to_vec();
        let value = self.entries[entry].value;
        let (mut state, mut components) = (State::default(), Vec::new());
        for (at, part) in self.entries[entry].state.parts.clone().into_iter().enumerate() {
            let view = || vec![View { arg: 0, part: Some(at), map: None }];
            match &part.kind {
                Kind::Points(points) if part.axes.len() > 1 => {
                    let sizes: Vec<usize> = part.axes.iter().map(|&a| shape[a]).collect();
                    for (i, &axis) in part.axes.iter().enumerate() {
                        let map = places(&sizes, &[i]);
                        let kind = self.projected(points, &map);
                        let out = Some((state.parts.len(), Some(map)));
                        components.push(Component { base: points.clone(), views: view(), out });
                        state.parts.push(Part { axes: [axis].into_iter().collect(), kind });
                    }
                }
                kind => {
                    if let Kind::Points(points) = kind {
                        let out = Some((state.parts.len(), None));
                        components.push(Component { base: points.clone(), views: view(), out });
                    }
                    state.parts.push(part);
                }
            }
        }
        let out = self.enter(value, state);
        self.record(out, vec![entry], components, alike());
        out
    }
}
