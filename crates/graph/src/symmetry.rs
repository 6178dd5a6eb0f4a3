//! Symmetries of a program, derived from its operations: permutations, signs and scales of its
//! inputs that leave its outputs as they are.
//!
//! A permutation of an input's places along an axis passes through the program as a
//! permutation of the places of its values. Each primitive says what has to move together: the
//! two sides of an elementwise operation place by place, the axes that a product sums over with
//! each other, an axis that is split with its factors. Places that nothing tells apart then form
//! a group. What an operation does not understand stays where it is, so that nothing is found
//! that is not there; symmetries that mix different operations (a rotation of what a linear
//! layer hands to the next) are no permutations of places, and are not looked for.

mod extract;
mod forest;
mod law;
mod linear;
mod propagate;
mod refine;
mod state;
mod structure;
mod tables;
mod weights;

use crate::{Graph, Value};

/// The symmetries of a program, as groups that act on its inputs independently of each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Symmetries {
    /// Groups of interchangeable units; a parent comes before its children.
    pub groups: Vec<Group>,
    /// Scalings of whole inputs that are no scalings of units.
    pub scalings: Vec<Scaling>,
}

/// Units of which any two below the same unit of the parent may change places, taking along the
/// units of other groups below them.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The group whose units these are parts of, such as the heads of an attention.
    pub parent: Option<usize>,
    /// Number of units below each unit of the parent; all of them where there is none.
    pub fiber: usize,
    /// Number of units; `fiber` consecutive ones belong to each unit of the parent.
    pub units: usize,
    /// Where the units lie in the inputs.
    pub occurrences: Vec<Occurrence>,
    /// Values of the program that hold a number for each unit, and are multiplied with inputs.
    pub activations: Vec<Activation>,
    /// Number of independent changes of sign of each unit.
    pub signs: usize,
    /// For each independent scaling of a unit by a positive number α whether it is exact, or
    /// holds where small constants (of normalization) do not matter.
    pub scales: Vec<bool>,
}

/// Places along an axis of an input that belong to units.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurrence {
    /// The input.
    pub input: usize,
    /// The axis.
    pub axis: usize,
    /// The place of each unit.
    pub positions: Vec<usize>,
    /// Which changes of sign change the sign here.
    pub signs: Vec<bool>,
    /// The power of α that each scaling multiplies by here.
    pub scales: Vec<f64>,
}

/// Places along axes of a value that belong to units.
#[derive(Clone, Debug, PartialEq)]
pub struct Activation {
    /// The value.
    pub value: Value,
    /// The axes, which are counted in row-major order.
    pub axes: Vec<usize>,
    /// The place of each unit.
    pub positions: Vec<usize>,
    /// Which changes of sign change the sign here.
    pub signs: Vec<bool>,
}

/// A scaling of inputs by powers of a positive number α.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// The power for each input; 0 for those that stay.
    pub powers: Vec<f64>,
    /// Whether it is exact, or holds where small constants (of normalization) do not matter.
    pub exact: bool,
}

impl Graph {
    /// Symmetries of the outputs in the inputs that are `acted` on, for any values of the
    /// others.
    ///
    /// Constants of at most `epsilon` that are added count as zero for scalings, which are
    /// then marked as not exact. Works for any program; takes a time that is proportional to the
    /// lengths of the axes rather than to the work of running it, except where an axis
    /// is split and joined with others. Axes of size 0 and 1 have no symmetries of permutation.
    ///
    /// ```
    /// use thalweg_graph::{Builder, DType, Type};
    /// let mut b = Builder::new();
    /// let float = |shape: &[usize]| Type::new(DType::F64, shape.iter().copied());
    /// let [x, w, v] = [[5, 3], [7, 3], [2, 7]].map(|shape| b.input(float(&shape)));
    /// let h = b.dot(x, 1, w, 1);
    /// let h = b.tanh(h);
    /// let y = b.dot(h, 1, v, 1);
    /// let found = b.finish(&[y]).symmetries(&[false, true, true], 0.0);
    /// assert_eq!((found.groups.len(), found.groups[0].fiber, found.groups[0].signs), (1, 7, 1));
    /// ```
    ///
    /// # Panics
    /// If `acted` does not have one mark for each input.
    pub fn symmetries(&self, acted: &[bool], epsilon: f64) -> Symmetries {
        assert_eq!(acted.len(), self.inputs.len(), "a mark for each input");
        let mut propagation = propagate::propagate(self, acted);
        loop {
            let colours = refine::refine(&propagation.structure);
            let inputs = extract::acted_points(&propagation, &colours);
            match forest::forest(&propagation.structure, &colours, &|p| inputs.contains(&p)) {
                Ok(forest) => return extract::extract(&propagation, &colours, &forest, epsilon),
                // Each round fixes points that were not fixed before.
                Err(points) => propagation.structure.pin(&points),
            }
        }
    }
}
