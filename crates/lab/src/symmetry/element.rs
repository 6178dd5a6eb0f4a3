//! One element of the group: permutations and changes of sign.

use serde::{Deserialize, Serialize};

use super::{Group, Symmetries};
use crate::random::Stream;
use crate::{Layout, Scalar};

/// What an element does to the units of one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// For each unit the unit whose weights it gets.
    pub sources: Vec<u32>,
    /// For each independent change of sign, whether a unit's signs change once it has its weights.
    pub flips: Vec<Vec<bool>>,
}

/// An element of the group of permutations and changes of sign: a move for each group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// The moves, in the order of the groups.
    pub moves: Vec<Move>,
}

impl Move {
    fn identity(group: &Group) -> Self {
        Self {
            sources: (0..group.units as u32).collect(),
            flips: vec![vec![false; group.units]; group.signs],
        }
    }

    /// Units that get another unit's weights.
    pub fn moved(&self) -> usize {
        self.sources.iter().zip(0..).filter(|&(&s, u)| s != u).count()
    }

    /// Units some of whose signs change.
    pub fn flipped(&self) -> usize {
        (0..self.sources.len()).filter(|&u| self.flips.iter().any(|f| f[u])).count()
    }
}

impl Element {
    /// The element that changes nothing.
    pub fn identity(symmetries: &Symmetries) -> Self {
        Self { moves: symmetries.groups.iter().map(Move::identity).collect() }
    }

    /// A uniformly random element, a function of seed and index.
    pub fn random(symmetries: &Symmetries, seed: u64, index: u64) -> Self {
        let mut stream = Stream::new(seed, "symmetry", index);
        let mut moves: Vec<Move> = Vec::new();
        for group in &symmetries.groups {
            let mut sources = Vec::with_capacity(group.units);
            for above in 0..group.units / group.fiber {
                let from = group.parent.map_or(0, |p| moves[p].sources[above]) * group.fiber as u32;
                sources.extend(stream.permutation(group.fiber).into_iter().map(|s| from + s));
            }
            let mut signs = vec![0.0f64; group.units * group.signs];
            stream.fill_rademacher(&mut signs);
            let flips = (0..group.signs)
                .map(|s| signs[s * group.units..(s + 1) * group.units].iter().map(|&v| v < 0.0).collect());
            moves.push(Move { sources, flips: flips.collect() });
        }
        Self { moves }
    }

    /// The element that undoes this one.
    pub fn inverse(&self) -> Self {
        let moves = self.moves.iter().map(|m| {
            let mut sources = vec![0; m.sources.len()];
            let mut flips = vec![vec![false; m.sources.len()]; m.flips.len()];
            for (unit, &source) in m.sources.iter().enumerate() {
                sources[source as usize] = unit as u32;
                (0..flips.len()).for_each(|s| flips[s][source as usize] = m.flips[s][unit]);
            }
            Move { sources, flips }
        });
        Self { moves: moves.collect() }
    }

    /// The element that does `first`, then this one.
    #[must_use]
    pub fn after(&self, first: &Self) -> Self {
        let moves = self.moves.iter().zip(&first.moves).map(|(m, n)| Move {
            sources: m.sources.iter().map(|&s| n.sources[s as usize]).collect(),
            flips: (0..m.flips.len())
                .map(|s| {
                    let units = m.sources.iter().enumerate();
                    units.map(|(u, &from)| m.flips[s][u] ^ n.flips[s][from as usize]).collect()
                })
                .collect(),
        });
        Self { moves: moves.collect() }
    }

    /// Whether it changes nothing.
    pub fn is_identity(&self) -> bool {
        self.moves.iter().all(|m| m.moved() == 0 && m.flipped() == 0)
    }

    /// Acts on a point: each number moves, and may change its sign; no bit of its size changes.
    ///
    /// # Panics
    /// If the element or the point belong to other symmetries or to another layout.
    pub fn apply<T: Scalar>(&self, symmetries: &Symmetries, layout: &Layout, x: &[T]) -> Vec<T> {
        let mut out = x.to_vec();
        for block in 0..layout.blocks().len() {
            self.apply_to_block(symmetries, layout, block, None, x, &mut out);
        }
        out
    }

    /// Acts on one block along all its axes but `except`.
    pub(crate) fn apply_to_block<T: Scalar>(
        &self,
        symmetries: &Symmetries,
        layout: &Layout,
        block: usize,
        except: Option<usize>,
        x: &[T],
        out: &mut [T],
    ) {
        let shape = &layout.blocks()[block].shape;
        let range = layout.blocks()[block].range.clone();
        assert_eq!(x.len(), layout.dimension(), "length of the parameter vector");
        let axes = self.axes(symmetries, shape, block, except);
        if axes.iter().all(Option::is_none) {
            out[range.clone()].copy_from_slice(&x[range]);
            return;
        }
        let (from, to) = (&x[range.clone()], &mut out[range]);
        let mut index = vec![0usize; shape.len()];
        for value in to {
            let (mut at, mut negative) = (0, false);
            for (axis, &i) in index.iter().enumerate() {
                let (source, flip) = axes[axis].as_ref().map_or((i, false), |a| a[i]);
                at = at * shape[axis] + source;
                negative ^= flip;
            }
            *value = if negative { -from[at] } else { from[at] };
            for axis in (0..shape.len()).rev() {
                index[axis] += 1;
                if index[axis] < shape[axis] {
                    break;
                }
                index[axis] = 0;
            }
        }
    }

    /// For each axis, the source of each place and whether its sign changes.
    fn axes(
        &self,
        symmetries: &Symmetries,
        shape: &[usize],
        block: usize,
        except: Option<usize>,
    ) -> Vec<Option<Vec<(usize, bool)>>> {
        let mut axes: Vec<Option<Vec<(usize, bool)>>> = vec![None; shape.len()];
        for (group, m) in symmetries.groups.iter().zip(&self.moves) {
            for o in group.occurrences.iter().filter(|o| o.block == block && Some(o.axis) != except) {
                let map =
                    axes[o.axis].get_or_insert_with(|| (0..shape[o.axis]).map(|i| (i, false)).collect());
                for (unit, &source) in m.sources.iter().enumerate() {
                    let flip =
                        o.signs.iter().zip(&m.flips).fold(false, |f, (&s, flips)| f ^ (s && flips[unit]));
                    map[o.positions[unit]] = (o.positions[source as usize], flip);
                }
            }
        }
        axes
    }
}
