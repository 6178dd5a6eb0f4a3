//! Transposition of linear programs, and reverse differentiation made of it.

use super::jvp::{inputs, push_forward};
use crate::graph::{Args, Graph, Value};
use crate::{Builder, Type};

impl Builder {
    /// The cotangents of `linear` for the given cotangents of values that
    /// depend on them linearly.
    ///
    /// # Panics
    /// If a value between them is not linear.
    pub fn pull_back(&mut self, linear: &[Value], outputs: &[(Value, Value)]) -> Vec<Option<Value>> {
        let last = outputs.iter().map(|o| o.0.index()).max().map_or(0, |i| i + 1);
        let mut depends = vec![false; last.max(linear.iter().map(|v| v.index() + 1).max().unwrap_or(0))];
        linear.iter().for_each(|v| depends[v.index()] = true);
        for i in 0..last {
            let args = &self.node(Value(i as u32)).args;
            depends[i] = depends[i] || args.iter().any(|a| depends[a.index()]);
        }
        let mut cotangents: Vec<Option<Value>> = vec![None; depends.len()];
        for &(value, cotangent) in outputs.iter().filter(|o| depends[o.0.index()]) {
            cotangents[value.index()] = self.add_tangents(cotangents[value.index()], Some(cotangent));
        }
        for i in (0..last).rev().filter(|&i| depends[i]) {
            let (Some(cotangent), node) = (cotangents[i], self.node(Value(i as u32)).clone()) else {
                continue;
            };
            let args: Args = node.args;
            let linear: Vec<bool> = args.iter().map(|a| depends[a.index()]).collect();
            if !linear.contains(&true) {
                continue;
            }
            let parts = node.op.rules().transpose(self, &args, &linear, cotangent);
            for ((arg, linear), part) in args.iter().zip(linear).zip(parts) {
                if linear && let Some(part) = part {
                    debug_assert_eq!(self.ty(part), self.ty(*arg), "cotangent of {:?}", node.op);
                    cotangents[arg.index()] = self.add_tangents(cotangents[arg.index()], Some(part));
                }
            }
        }
        linear.iter().map(|v| cotangents[v.index()]).collect()
    }

    /// Reverse differentiation of a graph called on `args`: its outputs, and
    /// for the inputs `wrt` the cotangents that the given cotangents of its
    /// outputs pull back to.
    pub fn vjp(
        &mut self,
        graph: &Graph,
        args: &[Value],
        wrt: &[usize],
        cotangents: impl FnOnce(&mut Builder, &[Value]) -> Vec<Option<Value>>,
    ) -> (Vec<Value>, Vec<Option<Value>>) {
        let mut seeds = vec![None; args.len()];
        // Placeholders for the tangents: they vanish when the linear part is transposed.
        let placeholders: Vec<Value> = wrt.iter().map(|&i| self.placeholder(args[i])).collect();
        for (&i, &p) in wrt.iter().zip(&placeholders) {
            seeds[i] = Some(p);
        }
        let forward = push_forward(self, graph, args, &seeds);
        let outputs: Vec<Value> = graph.outputs.iter().map(|v| forward.values[v.index()]).collect();
        let given = cotangents(self, &outputs);
        assert_eq!(given.len(), outputs.len(), "one cotangent an output");
        let pairs: Vec<(Value, Value)> = graph
            .outputs
            .iter()
            .zip(given)
            .filter_map(|(v, c)| Some((forward.tangents[v.index()]?, c?)))
            .collect();
        let pulled = self.pull_back(&placeholders, &pairs);
        (outputs, pulled)
    }
}

impl Graph {
    /// Value and gradient of the first output, which must be a float scalar.
    ///
    /// Inputs: this graph's. Outputs: this graph's, then the gradient with
    /// respect to each input of `wrt`. Reverse differentiation: the graph is
    /// linearized, and its linear part transposed (Radul et al. 2023, "You only
    /// linearize once").
    ///
    /// # Panics
    /// If the first output is not a float scalar, or an input of `wrt` not a float.
    pub fn grad(&self, wrt: &[usize]) -> Graph {
        let ty = &self.node(self.outputs[0]).ty;
        assert!(ty.rank() == 0 && ty.dtype.is_float(), "the first output is {ty}, not a float scalar");
        let mut b = Builder::new();
        let args = inputs(&mut b, &self.input_types());
        let (mut outputs, gradients) = b.vjp(self, &args, wrt, |b, outputs| {
            let one = b.full_like(outputs[0], 1.0);
            outputs.iter().enumerate().map(|(i, _)| (i == 0).then_some(one)).collect()
        });
        for (&i, gradient) in wrt.iter().zip(gradients) {
            outputs.push(gradient.unwrap_or_else(|| b.zeros_like(args[i])));
        }
        b.finish_with(&args, &outputs)
    }

    /// The transpose of a program that is linear in the inputs `linear` together.
    ///
    /// Inputs: the other inputs, then a cotangent for each output. Outputs: the
    /// cotangent of each input of `linear`.
    ///
    /// # Panics
    /// If the program is not linear in them.
    pub fn transpose(&self, linear: &[usize]) -> Graph {
        let mut b = Builder::new();
        let args = inputs(&mut b, &self.input_types());
        let values = b.copy(self, &args);
        let results: Vec<Value> = self.outputs.iter().map(|v| values[v.index()]).collect();
        let types: Vec<Type> = results.iter().map(|&v| b.ty(v).clone()).collect();
        let cotangents = inputs(&mut b, &types);
        let pairs: Vec<(Value, Value)> = results.into_iter().zip(cotangents.iter().copied()).collect();
        let chosen: Vec<Value> = linear.iter().map(|&i| args[i]).collect();
        let pulled = b.pull_back(&chosen, &pairs);
        let outputs: Vec<Value> =
            pulled.into_iter().zip(&chosen).map(|(p, &x)| p.unwrap_or_else(|| b.zeros_like(x))).collect();
        let mut kept: Vec<Value> =
            args.iter().enumerate().filter(|(i, _)| !linear.contains(i)).map(|(_, &v)| v).collect();
        kept.extend(cotangents);
        b.finish_with(&kept, &outputs)
    }
}
