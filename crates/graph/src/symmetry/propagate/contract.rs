//! Products that sum over what their arguments share.

use super::{Kind, Law, NONE, Operand, Propagation, State, alike};
use crate::graph::Value;
use crate::primitive::{Convolution, DotGeneral};
use crate::symmetry::state::{Component, Part, View, places};

const PRODUCT: [i64; 2] = [1, 1];

impl Propagation<'_> {
    pub(super) fn dot(&mut self, value: Value, op: &DotGeneral, args: &[usize]) -> usize {
        let [lhs, rhs] = [0, 1].map(|i| self.shape(args[i]).to_vec());
        let mut sizes = Vec::new();
        let mut variables = [vec![NONE; lhs.len()], vec![NONE; rhs.len()]];
        let mut name = |size: usize, left: Option<usize>, right: Option<usize>| {
            left.into_iter().for_each(|a| variables[0][a] = sizes.len());
            right.into_iter().for_each(|a| variables[1][a] = sizes.len());
            sizes.push(size);
        };
        let pairs = |l: &[usize], r: &[usize]| l.iter().copied().zip(r.iter().copied()).collect::<Vec<_>>();
        for (l, r) in pairs(&op.lhs_batch, &op.rhs_batch) {
            name(lhs[l], Some(l), Some(r));
        }
        op.lhs_free(lhs.len()).iter().for_each(|&a| name(lhs[a], Some(a), None));
        op.rhs_free(rhs.len()).iter().for_each(|&a| name(rhs[a], None, Some(a)));
        for (l, r) in pairs(&op.lhs_contract, &op.rhs_contract) {
            name(lhs[l], Some(l), Some(r));
        }
        let out: Vec<usize> = (0..sizes.len() - op.lhs_contract.len()).collect();
        let operands: Vec<Operand> =
            args.iter().zip(variables).map(|(&entry, variables)| Operand { entry, variables }).collect();
        let law = || Law::Linear(PRODUCT.to_vec());
        let entry = self.product(value, &sizes, &operands, &out, [law(), law()]);
        let record = self.records.last_mut().expect("a product is recorded");
        let summed = |c: &Component| c.out.as_ref().is_none_or(|(_, map)| map.is_some());
        record.contracts = record.components.iter().position(summed);
        entry
    }

    pub(super) fn convolution(&mut self, value: Value, op: &Convolution, args: &[usize]) -> usize {
        let (lhs, rhs) = (self.apart(args[0]), self.apart(args[1]));
        let dims = &op.dims;
        let part = |p: &Self, entry: usize, axis: usize| p.entries[entry].state.part_of(axis);
        for (entry, axes) in [(lhs, &dims.lhs_spatial), (rhs, &dims.rhs_spatial)] {
            axes.iter().for_each(|&axis| self.fix_part(entry, part(self, entry, axis)));
        }
        let [batch, feature] = [dims.lhs_batch, dims.lhs_feature].map(|axis| part(self, lhs, axis));
        let [input, output] = [dims.rhs_input, dims.rhs_output].map(|axis| part(self, rhs, axis));
        if op.batch_groups > 1 {
            self.fix_part(lhs, batch);
            self.fix_part(rhs, output);
        }
        let mut components = Vec::new();
        let mut broken = Vec::new();
        if op.feature_groups == 1 {
            let count = self.shape(lhs)[dims.lhs_feature];
            let operands = [
                Operand { entry: lhs, variables: alone(op.window.len() + 2, dims.lhs_feature) },
                Operand { entry: rhs, variables: alone(op.window.len() + 2, dims.rhs_input) },
            ];
            components.extend(self.joined(&[count], &[0], &operands).1);
        } else {
            self.fix_part(rhs, input);
            components.extend(self.grouped(op, (lhs, feature), (rhs, output)));
            if components.is_empty() {
                broken = vec![(0, feature), (1, output)];
            }
        }
        let rank = op.window.len() + 2;
        let mut state = State::default();
        for axis in 0..rank {
            let (arg, from) = match axis {
                axis if axis == dims.out_batch => (0, batch),
                axis if axis == dims.out_feature => (1, output),
                _ => {
                    state.parts.push(Part { axes: [axis].into_iter().collect(), kind: Kind::Fixed });
                    continue;
                }
            };
            let kind = match op.batch_groups {
                1 => self.entries[[lhs, rhs][arg]].state.parts[from].kind.clone(),
                _ => Kind::Fixed,
            };
            let grouped = op.feature_groups > 1 && axis == dims.out_feature && !components.is_empty();
            match &kind {
                Kind::Points(_) if grouped => components[0].out = Some((state.parts.len(), None)),
                Kind::Points(base) => components.push(Component {
                    base: base.clone(),
                    views: vec![View { arg, part: Some(from), map: None }],
                    out: Some((state.parts.len(), None)),
                }),
                _ => {}
            }
            state.parts.push(Part { axes: [axis].into_iter().collect(), kind });
        }
        let out = self.enter(value, state);
        let law = || Law::Linear(PRODUCT.to_vec());
        let contracts = (op.feature_groups == 1).then_some(0).filter(|_| !components.is_empty());
        self.record(out, vec![lhs, rhs], components, [law(), law()]);
        let record = self.records.last_mut().expect("just recorded");
        record.broken = broken;
        record.contracts = contracts.filter(|&c| record.components[c].out.is_none());
        out
    }

    /// Groups of features move as wholes. Where each holds one feature of the input, the
    /// component of the result's features is returned.
    fn grouped(&mut self, op: &Convolution, lhs: (usize, usize), rhs: (usize, usize)) -> Option<Component> {
        let groups = self.structure.fresh(op.feature_groups);
        let sizes = [self.shape(lhs.0)[op.dims.lhs_feature], self.shape(rhs.0)[op.dims.rhs_output]];
        let mut points = [None, None];
        for (i, (entry, part)) in [lhs, rhs].into_iter().enumerate() {
            let each = sizes[i] / op.feature_groups;
            match self.entries[entry].state.parts[part].kind.clone() {
                Kind::Free => {}
                Kind::Fixed => self.structure.pin(&groups),
                Kind::Points(array) => {
                    let [label, place] = [self.structure.label(), self.structure.label()];
                    for (c, &point) in array.iter().enumerate() {
                        self.structure.edges.push((label, point, groups[c / each]));
                        if i == 0 {
                            self.structure.marks.push((point, place, (c % each) as u32));
                        }
                    }
                    points[i] = Some(array);
                }
            }
        }
        let base = points[1].clone()?;
        if sizes[0] != op.feature_groups || points[0].is_none() {
            return None;
        }
        let map = places(&[op.feature_groups, sizes[1] / op.feature_groups], &[0]);
        let views = vec![
            View { arg: 0, part: Some(lhs.1), map: Some(map) },
            View { arg: 1, part: Some(rhs.1), map: None },
        ];
        Some(Component { base, views, out: None })
    }

    /// Axes that an operation treats by themselves: those marked lose their order's freedom,
    /// the others go on as they are.
    pub(super) fn along_others(&mut self, value: Value, arg: usize, moved: &[bool], laws: [Law; 2]) -> usize {
        let joint = |p: &Self| {
            let parts = &p.entries[arg].state.parts;
            parts.iter().any(|part| part.axes.len() > 1 && part.axes.iter().any(|&a| moved[a]))
        };
        let arg = if joint(self) { self.apart(arg) } else { arg };
        let mut state = State::default();
        let mut components = Vec::new();
        for (at, part) in self.entries[arg].state.parts.clone().into_iter().enumerate() {
            if part.axes.iter().any(|&a| moved[a]) {
                self.fix_part(arg, at);
                state.parts.push(Part { axes: part.axes, kind: Kind::Fixed });
                continue;
            }
            if let Kind::Points(base) = &part.kind {
                let views = vec![View { arg: 0, part: Some(at), map: None }];
                components.push(Component {
                    base: base.clone(),
                    views,
                    out: Some((state.parts.len(), None)),
                });
            }
            state.parts.push(part);
        }
        let out = self.enter(value, state);
        self.record(out, vec![arg], components, laws);
        out
    }

    pub(super) fn gather(&mut self, value: Value, op: &crate::primitive::Gather, args: &[usize]) -> usize {
        let (operand, indices) = (self.apart(args[0]), args[1]);
        self.fix(indices);
        let dims = &op.dims;
        let shape = self.shape(operand).to_vec();
        let rank = self.graph.node(value).ty.rank();
        let windows = dims.window_axes(shape.len());
        let mut state = State::uniform(rank, &Kind::Fixed);
        let mut components = Vec::new();
        for axis in 0..shape.len() {
            let part = self.entries[operand].state.part_of(axis);
            let place = windows.iter().position(|&w| w == axis);
            let whole = op.slice_sizes[axis] == shape[axis] && !dims.start_index_map.contains(&axis);
            let (Some(place), true) = (place, whole) else {
                self.fix_part(operand, part);
                continue;
            };
            let to = dims.offset[place];
            let kind = self.entries[operand].state.parts[part].kind.clone();
            if let Kind::Points(base) = &kind {
                let views = vec![View { arg: 0, part: Some(part), map: None }];
                components.push(Component { base: base.clone(), views, out: Some((to, None)) });
            }
            state.parts[to].kind = kind;
        }
        let out = self.enter(value, state);
        self.record(out, vec![operand], components, alike());
        out
    }
}

/// Variables of an argument of which one axis alone is looked at.
fn alone(rank: usize, axis: usize) -> Vec<usize> {
    (0..rank).map(|a| if a == axis { 0 } else { NONE }).collect()
}
