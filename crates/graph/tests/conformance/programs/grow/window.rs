//! Steps with windows, running sums and orders.

use smallvec::SmallVec;
use thalweg_graph::DType;
use thalweg_graph::primitive::*;

use super::{Digits, Grown};

impl Grown {
    /// Sums over windows or from the start, or where there may be kinks extrema, or sorted lines.
    pub(super) fn windowed(&mut self, a: usize, d: &mut Digits) {
        let shape = self.shape(a);
        let axis = d.below(shape.len().max(1));
        match d.below(if self.smooth { 3 } else { 5 }) {
            _ if shape.is_empty() || shape[axis] == 0 => {}
            0 => {
                let sum =
                    self.push(CumSum { axis, reverse: d.below(2) == 1, exclusive: d.below(2) == 1 }, &[a]);
                let share = self.constant(1.0 / shape[axis] as f64, &shape);
                self.push(Binary::Multiply, &[sum, share]);
            }
            4 => {
                let order = self.push(ArgSort { axis, descending: d.below(2) == 1 }, &[a]);
                let places = self.push(Convert(DType::F64), &[order]);
                self.push(Binary::Multiply, &[a, places]);
            }
            kind => {
                let window = PoolWindow::new(1 + d.below(3), 1 + d.below(2)).padded(d.below(2) as isize, 2);
                let window = window.dilated(1 + d.below(2));
                let mut windows = SmallVec::from_elem(PoolWindow::SINGLE, shape.len());
                windows[axis] = window;
                let reducer = if kind == 3 { Reducer::Max } else { Reducer::Sum };
                let reduced = self.push(ReduceWindow { reducer, window: windows }, &[a]);
                // The maximum of padding alone is −∞.
                let floor = self.constant(-3.0, &self.shape(reduced));
                let third = self.constant(1.0 / 3.0, &self.shape(reduced));
                match kind {
                    3 => self.push(Binary::Maximum, &[reduced, floor]),
                    _ => self.push(Binary::Multiply, &[reduced, third]),
                };
            }
        }
    }
}
