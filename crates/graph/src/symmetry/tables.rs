//! Values of a program as tables of what their axes hold.

use crate::{Axes, Builder, Graph, Value};

impl Graph {
    /// The program that computes, for each value and axes of it, the table with a row for each
    /// index of its other axes and a column for each place along these, all in row-major order.
    ///
    /// # Panics
    /// If a value or an axis is not there.
    pub fn tables(&self, wanted: &[(Value, Vec<usize>)]) -> Graph {
        let mut b = Builder::new();
        let args: Vec<Value> = self.input_types().into_iter().map(|ty| b.input(ty)).collect();
        let copies = b.copy(self, &args);
        let tables: Vec<Value> = wanted
            .iter()
            .map(|(value, axes)| {
                let value = copies[value.index()];
                let shape = b.shape(value).to_vec();
                let mut order: Axes = (0..shape.len()).filter(|a| !axes.contains(a)).collect();
                order.extend(axes.iter().copied());
                let turned = b.transpose(value, &order);
                let columns: usize = axes.iter().map(|&a| shape[a]).product();
                let rows = shape.iter().product::<usize>() / columns.max(1);
                b.reshape(turned, &[rows, columns])
            })
            .collect();
        b.finish(&tables)
    }
}
