//! Symmetries of a network's objective, derived from its program.

use thalweg_graph::{Graph, Program, Value};

use super::model::Statistics;
use super::objective::Network;
use super::programs::Programs;
use super::settings::BatchNorm;
use crate::Scalar;
use crate::symmetry::{Activity, Group, Occurrence, Scaling, Symmetries, name};

/// Examples of the program that symmetries are read from: more than one, so that what
/// couples examples is there.
const EXAMPLES: usize = 2;
/// Constants that are added and not larger than this count as nothing: the ε of normalization.
const EPSILON: f64 = 1e-3;
/// Rows of a table of activations.
const ROWS: usize = 4096;

impl<T: Scalar> Network<T> {
    /// The permutations, changes of sign and scalings of the parameters that leave the data loss
    /// as it is, whatever the data: derived from the program, for any model.
    ///
    /// Permutations and signs leave the penalty as it is, too; scalings do not. With frozen
    /// statistics of batch normalization the channels that have them stay in their
    /// places; statistics that are estimated anew follow the parameters, which is how they
    /// are treated here. What is found are symmetries of
    /// places: permutations, signs and scales. Rotations between linear layers are not among them.
    ///
    /// Cost: no evaluation; a time proportional to the lengths of the program's axes.
    pub fn symmetries(&self) -> Symmetries {
        let graph = self.symmetric_program(EXAMPLES);
        let found = graph.symmetries(&self.acted(&graph), EPSILON);
        let blocks = self.layout.blocks().len();
        let groups = found.groups.into_iter().map(|g| {
            let occurrences: Vec<Occurrence> = g
                .occurrences
                .into_iter()
                .map(|o| Occurrence {
                    block: o.input,
                    axis: o.axis,
                    positions: o.positions,
                    signs: o.signs,
                    scales: o.scales,
                })
                .collect();
            Group {
                name: name(&self.layout, &occurrences),
                parent: g.parent,
                fiber: g.fiber,
                units: g.units,
                occurrences,
                signs: g.signs,
                scales: g.scales,
            }
        });
        let scalings = found
            .scalings
            .into_iter()
            .map(|s| Scaling { powers: s.powers[..blocks].to_vec(), exact: s.exact });
        Symmetries { groups: groups.collect(), scalings: scalings.collect() }
    }

    /// What the units of each group compute at x on the first `examples` examples: the
    /// values that the next layers take, at most 4096 rows of each, evenly spread.
    ///
    /// Groups are those of [`symmetries`](Self::symmetries). Costs one evaluation of the
    /// outputs of these examples, all in one batch.
    pub fn activities(&self, x: &[T], examples: usize) -> Vec<Activity> {
        let examples = examples.clamp(1, self.data.examples());
        let graph = self.symmetric_program(examples);
        let found = graph.symmetries(&self.acted(&graph), EPSILON);
        let wanted: Vec<(usize, thalweg_graph::symmetry::Activation)> = found
            .groups
            .into_iter()
            .enumerate()
            .flat_map(|(g, group)| group.activations.into_iter().map(move |a| (g, a)))
            .collect();
        let mut values: Vec<(Value, Vec<usize>)> = Vec::new();
        for (_, a) in &wanted {
            let value = (a.value, a.axes.clone());
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let tables = self.tables(&graph, &values, x, examples);
        wanted
            .into_iter()
            .map(|(group, a)| {
                let at = values.iter().position(|v| *v == (a.value, a.axes.clone()));
                let (columns, table) = &tables[at.expect("it was asked for")];
                let rows = table.len() / columns;
                let step = rows.div_ceil(ROWS).max(1);
                let rows = table.chunks_exact(*columns).step_by(step);
                let rows = rows.flat_map(|row| a.positions.iter().map(|&p| row[p].wide())).collect();
                Activity { group, rows, signs: a.signs }
            })
            .collect()
    }

    fn tables(
        &self,
        graph: &Graph,
        values: &[(Value, Vec<usize>)],
        x: &[T],
        examples: usize,
    ) -> Vec<(usize, Vec<T>)> {
        let program = Program::compile(&graph.tables(values));
        let mut tables: Vec<(usize, Vec<T>)> =
            program.outputs().iter().map(|ty| (ty.shape[1], vec![T::zero(); ty.size()])).collect();
        let indices: Vec<u32> = (0..examples as u32).collect();
        let data = self.data.select(&indices);
        let buffers = self.buffers_at(x, &self.settings.threads);
        let weight = self.weight();
        let mut inputs = self.inputs(x, &buffers, &weight);
        let first = inputs.len() - 4;
        inputs[first] = &inputs[first][..4 * examples];
        for (at, bytes) in data.bytes().into_iter().enumerate() {
            inputs[first + 1 + at] = bytes;
        }
        let mut outputs: Vec<&mut [u8]> =
            tables.iter_mut().map(|(_, table)| bytemuck::cast_slice_mut(table)).collect();
        program.run(&inputs, &mut outputs, &self.settings.threads);
        tables
    }

    /// The losses of some examples, with statistics as functions of the parameters unless they are frozen.
    fn symmetric_program(&self, examples: usize) -> Graph {
        let statistics = match self.settings.batch_norm {
            BatchNorm::Frozen => Statistics::Fixed,
            BatchNorm::Batch { .. } | BatchNorm::Reestimated { .. } => Statistics::Batch,
        };
        Programs { statistics, ..self.programs.clone() }.losses(examples)
    }

    fn acted(&self, graph: &Graph) -> Vec<bool> {
        (0..graph.inputs().len()).map(|i| i < self.layout.blocks().len()).collect()
    }
}
