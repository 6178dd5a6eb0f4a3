//! The same elements in another shape, a part of them, or several arrays put together.

use super::{Operand, Propagation, alike};
use crate::Axes;
use crate::graph::Value;
use crate::primitive::{Pad, Slice};
use crate::symmetry::law::Law;
use crate::symmetry::state::{Component, Kind, NOWHERE, Part, Seen, State, View, combine, places};

/// Axes of a result and those of an argument that hold the same elements.
struct Block {
    from: Vec<usize>,
    to: Vec<usize>,
}

impl Propagation<'_> {
    pub(super) fn reshape(&mut self, value: Value, arg: usize) -> usize {
        let (from, to) = (self.shape(arg).to_vec(), self.graph.node(value).ty.shape.clone());
        let mut state = State::default();
        let mut components = Vec::new();
        for block in self.blocks(arg, &from, &to) {
            let sizes: Vec<usize> = block.to.iter().map(|&a| to[a]).collect();
            let count: usize = sizes.iter().product();
            let parts: Vec<usize> = {
                let parts = &self.entries[arg].state.parts;
                (0..parts.len()).filter(|&i| parts[i].axes.iter().any(|a| block.from.contains(a))).collect()
            };
            let local: Vec<usize> = block.from.iter().map(|&a| from[a]).collect();
            let mut seen = Vec::new();
            let mut views = Vec::new();
            for &part in &parts {
                let Part { axes, kind } = self.entries[arg].state.parts[part].clone();
                let chosen: Vec<usize> =
                    axes.iter().filter_map(|a| block.from.iter().position(|f| f == a)).collect();
                // Runs keep their order, so that linear places before and after agree.
                let map = places(&local, &chosen);
                if matches!(kind, Kind::Points(_)) {
                    views.push(View { arg: 0, part: Some(part), map: Some(map.clone()) });
                }
                seen.push((kind, map, chosen.len() == local.len()));
            }
            let single = block.to.len() == 1 && block.from.len() == 1;
            let seen: Vec<Seen> = seen
                .iter()
                .map(|(kind, map, whole)| Seen { kind, map: (!single).then(|| map.clone()), whole: *whole })
                .collect();
            let free = seen.iter().all(|s| matches!(s.kind, Kind::Free));
            let kind = combine(&mut self.structure, count, true, &seen);
            match kind {
                Kind::Points(base) => {
                    let out = Some((state.parts.len(), None));
                    components.push(Component { base: base.clone(), views, out });
                    state
                        .parts
                        .push(Part { axes: block.to.iter().copied().collect(), kind: Kind::Points(base) });
                }
                _ => state.parts.extend(block.to.iter().map(|&a| Part {
                    axes: [a].into_iter().collect(),
                    kind: if free { Kind::Free } else { Kind::Fixed },
                })),
            }
        }
        let units = (0..to.len()).filter(|&a| to[a] == 1);
        state.parts.extend(units.map(|a| Part { axes: [a].into_iter().collect(), kind: Kind::Free }));
        let out = self.enter(value, state);
        self.record(out, vec![arg], components, alike());
        out
    }

    /// Runs of axes (those of size 1 left out) that hold the same elements before and after,
    /// joined where axes of the argument move jointly.
    fn blocks(&self, arg: usize, from: &[usize], to: &[usize]) -> Vec<Block> {
        let [mut i, mut j] = [0, 0];
        let mut blocks: Vec<Block> = Vec::new();
        while i < from.len() || j < to.len() {
            let (mut block, mut sizes) = (Block { from: vec![], to: vec![] }, [1, 1]);
            loop {
                if i < from.len() && (sizes[0] < sizes[1] || from[i] == 1 || block.from.is_empty()) {
                    sizes[0] *= from[i];
                    block.from.extend((from[i] != 1).then_some(i));
                    i += 1;
                } else if j < to.len() && (sizes[1] < sizes[0] || to[j] == 1) {
                    sizes[1] *= to[j];
                    block.to.extend((to[j] != 1).then_some(j));
                    j += 1;
                } else {
                    break;
                }
            }
            blocks.extend((!block.from.is_empty()).then_some(block));
        }
        for part in self.entries[arg].state.parts.iter().filter(|part| part.axes.len() > 1) {
            let touches = |b: &Block| b.from.iter().any(|a| part.axes.contains(a));
            let (joint, rest): (Vec<Block>, Vec<Block>) = blocks.into_iter().partition(touches);
            blocks = rest;
            let [mut from, mut to] = [vec![], vec![]];
            joint.into_iter().for_each(|b| {
                from.extend(b.from);
                to.extend(b.to);
            });
            from.sort_unstable();
            to.sort_unstable();
            blocks.push(Block { from, to });
        }
        blocks
    }

    pub(super) fn slice(&mut self, value: Value, op: &Slice, arg: usize) -> usize {
        let from = self.shape(arg).to_vec();
        let source = |axis: usize, i: usize| Some(op.start[axis] + i * op.stride[axis]);
        self.picked(value, arg, &from, source, true)
    }

    pub(super) fn pad(&mut self, value: Value, op: &Pad, args: &[usize], zero: bool) -> usize {
        let from = self.shape(args[0]).to_vec();
        let source = |axis: usize, i: usize| {
            let at = i as i64 - op.low[axis];
            let step = op.interior[axis] as i64 + 1;
            let inside = at >= 0 && at % step == 0 && at / step < from[axis] as i64;
            inside.then(|| (at / step) as usize)
        };
        self.picked(value, args[0], &from, source, zero)
    }

    /// The rule of a result whose element at each index is that of the argument at the index
    /// that `source` gives axis by axis, or one and the same number, which any factor
    /// leaves as it is if `neutral`.
    fn picked(
        &mut self,
        value: Value,
        arg: usize,
        from: &[usize],
        source: impl Fn(usize, usize) -> Option<usize>,
        neutral: bool,
    ) -> usize {
        let to = self.graph.node(value).ty.shape.clone();
        let mut state = State::default();
        let mut components = Vec::new();
        for (at, part) in self.entries[arg].state.parts.clone().into_iter().enumerate() {
            let kept =
                part.axes.iter().all(|&a| to[a] == from[a] && (0..to[a]).all(|i| source(a, i) == Some(i)));
            let sizes: Vec<usize> = part.axes.iter().map(|&a| to[a]).collect();
            let count: usize = sizes.iter().product();
            let mut map = None;
            let kind = match part.kind {
                Kind::Points(base) if kept => Kind::Points(base),
                kind if kept => kind,
                Kind::Points(points) => {
                    let mut sources = vec![0; count];
                    for (i, &axis) in part.axes.iter().enumerate() {
                        let index = places(&sizes, &[i]);
                        for (place, &i) in sources.iter_mut().zip(&index) {
                            let found = source(axis, i as usize);
                            *place = match (found, *place) {
                                (Some(s), p) if p != NOWHERE => p * from[axis] as u32 + s as u32,
                                _ => NOWHERE,
                            };
                        }
                    }
                    let seen = Seen { kind: &Kind::Points(points), map: Some(sources.clone()), whole: false };
                    let kind = combine(&mut self.structure, count, false, &[seen]);
                    map = Some(sources);
                    kind
                }
                Kind::Free if part.axes.iter().all(|&a| (0..to[a]).all(|i| source(a, i).is_some())) => {
                    Kind::Free
                }
                _ => Kind::Fixed,
            };
            let Kind::Points(base) = kind else {
                state.parts.push(Part { axes: part.axes, kind });
                continue;
            };
            let view = View { arg: 0, part: Some(at), map };
            let long: Axes = part.axes.iter().copied().filter(|&a| to[a] > 1).collect();
            let unit = part.axes.iter().copied().filter(|&a| to[a] == 1);
            if long.is_empty() {
                components.push(Component { base, views: vec![view], out: None });
            } else {
                let out = Some((state.parts.len(), None));
                components.push(Component { base: base.clone(), views: vec![view], out });
                state.parts.push(Part { axes: long, kind: Kind::Points(base) });
            }
            state.parts.extend(unit.map(|a| Part { axes: [a].into_iter().collect(), kind: Kind::Free }));
        }
        let out = self.enter(value, state);
        let laws = if neutral { alike() } else { [Law::Broken, Law::Broken] };
        self.record(out, vec![arg], components, laws);
        out
    }

    pub(super) fn concatenate(&mut self, value: Value, axis: usize, args: &[usize]) -> usize {
        let to = self.graph.node(value).ty.shape.to_vec();
        let operands: Vec<Operand> =
            args.iter().map(|&entry| Operand { entry, variables: (0..to.len()).collect() }).collect();
        let all: Vec<usize> = (0..to.len()).collect();
        let mut state = State::default();
        let mut components = Vec::new();
        for group in self.groups(to.len(), &operands, &all) {
            let out = Some((state.parts.len(), None));
            let (kind, component) = match group.contains(&axis) {
                false => self.joined(&to, &group, &operands),
                true => self.strung(&to, &group, axis, args),
            };
            components.extend(component.map(|c| Component { out, ..c }));
            state.parts.push(Part { axes: group.into_iter().collect(), kind });
        }
        let out = self.enter(value, state);
        self.record(out, args.to_vec(), components, alike());
        out
    }

    /// What moves along axes of which one strings arguments together.
    fn strung(
        &mut self,
        to: &[usize],
        group: &[usize],
        axis: usize,
        args: &[usize],
    ) -> (Kind, Option<Component>) {
        let sizes: Vec<usize> = group.iter().map(|&a| to[a]).collect();
        let count: usize = sizes.iter().product();
        let along = group.iter().position(|&a| a == axis).expect("the axis is in its group");
        let position = places(&sizes, &[along]);
        let mut found: Vec<(Kind, Vec<u32>)> = Vec::new();
        let mut views = Vec::new();
        let mut first = 0;
        for (arg, &entry) in args.iter().enumerate() {
            let shape = self.shape(entry).to_vec();
            let range = first..first + shape[axis] as u32;
            first = range.end;
            for (at, part) in self.entries[entry].state.parts.iter().enumerate() {
                let chosen: Vec<usize> =
                    part.axes.iter().filter_map(|a| group.iter().position(|g| g == a)).collect();
                if chosen.is_empty() {
                    continue;
                }
                let mut map = vec![0u32; count];
                for &c in &chosen {
                    let index = places(&sizes, &[c]);
                    for (place, &i) in map.iter_mut().zip(&index) {
                        let i = if c == along { i.wrapping_sub(range.start) } else { i };
                        *place = place.wrapping_mul(shape[group[c]] as u32).wrapping_add(i);
                    }
                }
                map.iter_mut()
                    .zip(&position)
                    .filter(|(_, p)| !range.contains(p))
                    .for_each(|(m, _)| *m = NOWHERE);
                // A constant along the axis is still told apart from the other arguments.
                let kind = part.kind.clone();
                let (kind, map) = match kind {
                    Kind::Free => {
                        (Kind::Fixed, map.iter().map(|&m| if m == NOWHERE { NOWHERE } else { 0 }).collect())
                    }
                    kind => (kind, map),
                };
                let moving = matches!(kind, Kind::Points(_));
                views.push(View { arg, part: moving.then_some(at), map: Some(map.clone()) });
                found.push((kind, map));
            }
        }
        let seen: Vec<Seen> =
            found.iter().map(|(kind, map)| Seen { kind, map: Some(map.clone()), whole: false }).collect();
        match combine(&mut self.structure, count, false, &seen) {
            Kind::Points(base) => (Kind::Points(base.clone()), Some(Component { base, views, out: None })),
            _ => (Kind::Fixed, None),
        }
    }
}
