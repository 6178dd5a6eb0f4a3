//! Factors that leave the outputs as they are: signs, and powers of positive numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::forest::Forest;
use super::law::Law;
use super::linear::{Field, Row, nullspace};
use super::propagate::{Propagation, Record};
use super::refine::Colouring;
use super::state::{Component, Kind, NOWHERE};
use super::structure::Point;

/// Which factors.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Factors {
    /// ±1: exponents modulo 2.
    Signs,
    /// Positive numbers: rational exponents.
    Scales {
        /// Constants that are added and not larger than this count as zero.
        epsilon: f64,
    },
}

/// An exponent: that of a colour in a part of an entry, or that of all of an entry.
pub(super) type Exponent = (u32, u32, u32);

/// Stands for the part and colour of an exponent of all of an entry.
pub(super) const WHOLE: u32 = u32::MAX;

/// What there is to know for writing equations down.
pub(super) struct Weights<'a> {
    pub propagation: &'a Propagation<'a>,
    pub colours: &'a Colouring,
    pub forest: &'a Forest,
    pub factors: Factors,
}

/// A basis of the exponents that the program allows: for each cluster ([`WHOLE`] for factors
/// of whole arrays) vectors by exponent.
pub(super) type Solutions = BTreeMap<u32, Vec<HashMap<Exponent, f64>>>;

impl Weights<'_> {
    /// Solves for all exponents.
    pub fn solve(&self) -> Solutions {
        let mut systems: BTreeMap<u32, (BTreeSet<Exponent>, Vec<Row<Exponent>>)> = BTreeMap::new();
        for (entry, e) in self.propagation.entries.iter().enumerate() {
            if self.factors != Factors::Signs && self.propagation.graph.node(e.value).ty.dtype.is_float() {
                systems.entry(WHOLE).or_default().0.insert((entry as u32, WHOLE, WHOLE));
            }
            for (at, part) in e.state.parts.iter().enumerate() {
                let Kind::Points(points) = &part.kind else { continue };
                for &p in points.iter() {
                    if let Some((cluster, exponent)) = self.exponent(entry, at, p) {
                        systems.entry(cluster).or_default().0.insert(exponent);
                    }
                }
            }
        }
        for record in &self.propagation.records {
            self.rows(record, &mut |cluster, row| {
                if let Some(system) = systems.get_mut(&cluster) {
                    system.1.push(row);
                }
            });
        }
        self.sources(&mut systems);
        let field = if self.factors == Factors::Signs { Field::Two } else { Field::Rational };
        systems
            .into_iter()
            .map(|(cluster, (unknowns, rows))| (cluster, nullspace(&unknowns, &rows, field)))
            .collect()
    }

    /// The exponent of a point's colour in a part, if it may have one.
    fn exponent(&self, entry: usize, part: usize, point: Point) -> Option<(u32, Exponent)> {
        let root = self.colours.roots[point as usize];
        let &(cluster, _) = self.forest.place.get(&root)?;
        Some((cluster, (entry as u32, part as u32, self.colours.colour[root as usize])))
    }

    /// Arrays that stay as they are have no factor.
    fn sources(&self, systems: &mut BTreeMap<u32, (BTreeSet<Exponent>, Vec<Row<Exponent>>)>) {
        let Some((_, rows)) = systems.get_mut(&WHOLE) else { return };
        for (&entry, node) in self.propagation.current.iter().zip(self.propagation.graph.nodes()) {
            if node.args.is_empty() && !self.propagation.is_acted(node) {
                rows.push(vec![((entry as u32, WHOLE, WHOLE), 1)]);
            }
        }
    }

    /// Whether any factor leaves an argument as it is: it is zero, or as good as zero, or no number.
    fn is_zero(&self, entry: usize) -> bool {
        let value = self.propagation.entries[entry].value;
        if !self.propagation.graph.node(value).ty.dtype.is_float() {
            return true;
        }
        match (self.propagation.splats[value.index()], self.factors) {
            (Some(c), Factors::Scales { epsilon }) => c.abs() <= epsilon,
            (splat, Factors::Signs) => splat == Some(0.0),
            (None, _) => false,
        }
    }

    fn rows(&self, record: &Record, emit: &mut dyn FnMut(u32, Row<Exponent>)) {
        let law = &record.laws[usize::from(self.factors != Factors::Signs)];
        let whole = |entry: usize| vec![((entry as u32, WHOLE, WHOLE), 1)];
        for &(arg, part) in &record.broken {
            self.each(record.args[arg], part, emit);
        }
        if *law == Law::Broken {
            for &entry in record.args.iter().chain([&record.out]) {
                emit(WHOLE, whole(entry));
                (0..self.propagation.entries[entry].state.parts.len())
                    .for_each(|part| self.each(entry, part, emit));
            }
            return;
        }
        let mut terms: Vec<Option<(usize, Row<Exponent>)>> = vec![Some((NO_ARG, whole(record.out)))];
        terms.extend(record.args.iter().enumerate().map(|(i, &a)| Some((i, whole(a)))));
        self.law(law, record, &terms.into_iter().flatten().collect::<Vec<_>>(), &mut |row| emit(WHOLE, row));
        let mut done: BTreeSet<Vec<(usize, Exponent)>> = BTreeSet::new();
        for component in &record.components {
            for place in 0..component.base.len() {
                self.place(record, law, component, place, &mut done, emit);
            }
        }
    }

    /// No factor of a part.
    fn each(&self, entry: usize, part: usize, emit: &mut dyn FnMut(u32, Row<Exponent>)) {
        let Kind::Points(points) = &self.propagation.entries[entry].state.parts[part].kind else { return };
        let all: BTreeSet<(u32, Exponent)> =
            points.iter().filter_map(|&p| self.exponent(entry, part, p)).collect();
        all.into_iter().for_each(|(cluster, exponent)| emit(cluster, vec![(exponent, 1)]));
    }

    /// What an operation asks at one place of a component.
    fn place(
        &self,
        record: &Record,
        law: &Law,
        component: &Component,
        place: usize,
        done: &mut BTreeSet<Vec<(usize, Exponent)>>,
        emit: &mut dyn FnMut(u32, Row<Exponent>),
    ) {
        let unit = self.forest.place.get(&self.colours.roots[component.base[place] as usize]);
        let mut key: Vec<(usize, Exponent)> = Vec::new();
        let mut terms: Vec<(usize, Row<Exponent>)> = Vec::new();
        let mut foreign: Vec<(u32, Exponent)> = Vec::new();
        let mut see =
            |arg: usize, entry: usize, part: usize, at: usize, terms: &mut Vec<(usize, Row<Exponent>)>| {
                let Kind::Points(points) = &self.propagation.entries[entry].state.parts[part].kind else {
                    return;
                };
                let Some((cluster, exponent)) = self.exponent(entry, part, points[at]) else { return };
                let own = self.forest.place.get(&self.colours.roots[points[at] as usize]);
                key.push((2 * arg.wrapping_add(1) + usize::from(own == unit), exponent));
                match own == unit {
                    true => terms
                        .iter_mut()
                        .filter(|(a, _)| *a == arg)
                        .for_each(|(_, row)| row.push((exponent, 1))),
                    // A factor that belongs to other units than the place does is given up.
                    false => foreign.push((cluster, exponent)),
                }
            };
        terms.push((NO_ARG, vec![]));
        if let Some((part, map)) = &component.out {
            let at = map.as_ref().map_or(place as u32, |m| m[place]);
            see(NO_ARG, record.out, *part, at as usize, &mut terms);
        }
        for view in &component.views {
            let at = view.map.as_ref().map_or(place as u32, |m| m[place]);
            if at == NOWHERE {
                continue;
            }
            if !terms.iter().any(|(a, _)| *a == view.arg) {
                terms.push((view.arg, vec![]));
            }
            if let Some(part) = view.part {
                see(view.arg, record.args[view.arg], part, at as usize, &mut terms);
            }
        }
        key.extend(terms.iter().map(|(a, _)| (a.wrapping_add(1), (WHOLE, WHOLE, WHOLE))));
        if !done.insert(key) {
            return;
        }
        foreign.into_iter().for_each(|(cluster, exponent)| emit(cluster, vec![(exponent, 1)]));
        if let Some(&(cluster, _)) = unit {
            self.law(law, record, &terms, &mut |row| emit(cluster, row));
        }
    }

    /// The equations of a law between the exponents of the result and of the arguments.
    fn law(
        &self,
        law: &Law,
        record: &Record,
        terms: &[(usize, Row<Exponent>)],
        emit: &mut dyn FnMut(Row<Exponent>),
    ) {
        let (out, args) = terms.split_first().expect("the result comes first");
        let sum = |a: &Row<Exponent>, times: i64, b: &Row<Exponent>, by: i64| -> Row<Exponent> {
            let first = a.iter().map(|&(e, c)| (e, c * times));
            first.chain(b.iter().map(|&(e, c)| (e, c * by))).collect()
        };
        match law {
            Law::Linear(by) => {
                let row = args.iter().fold(out.1.clone(), |row, (arg, term)| sum(&row, 1, term, -by[*arg]));
                emit(row);
            }
            Law::Half(by) => args.iter().for_each(|(_, term)| emit(sum(&out.1, 2, term, -by))),
            Law::Alike => {
                for (_, term) in args.iter().filter(|(arg, _)| !self.is_zero(record.args[*arg])) {
                    emit(sum(&out.1, 1, term, -1));
                }
            }
            Law::AlikeUnfelt => {
                emit(out.1.clone());
                let counting: Vec<_> =
                    args.iter().filter(|(arg, _)| !self.is_zero(record.args[*arg])).collect();
                counting.windows(2).for_each(|w| emit(sum(&w[0].1, 1, &w[1].1, -1)));
            }
            Law::Unfelt => emit(out.1.clone()),
            Law::Broken => unreachable!("dealt with before"),
        }
    }
}

const NO_ARG: usize = usize::MAX;
