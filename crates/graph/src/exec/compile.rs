//! From a graph to instructions: views, fusion, and a place for every buffer.

use std::collections::HashMap;

use smallvec::SmallVec;

use super::chain::Chain;
use super::fused::{Action, Fused, Slot, Step};
use super::memory::{Access, LINE, Place};
use super::program::{Instruction, Program, Work};
use super::schedule::{Kind, Task, schedule};
use super::{Eval, Strided};
use crate::primitive::Op;
use crate::{DType, Graph, Literal};

/// A value as a view of a buffer.
#[derive(Clone)]
struct Located {
    buffer: usize,
    view: Strided,
}

#[derive(Default)]
struct Compiler {
    constants: Vec<Literal>,
    /// Place of each buffer, once it is known, and its size in bytes.
    places: Vec<Option<Place>>,
    bytes: Vec<usize>,
    tasks: Vec<Task>,
    /// The task that writes a buffer.
    writer: HashMap<usize, usize>,
}

/// Compiles a graph.
pub(super) fn compile(graph: &Graph) -> Program {
    let mut c = Compiler::default();
    let mut values: Vec<Located> = Vec::with_capacity(graph.nodes().len());
    for node in graph.nodes() {
        let reads: Vec<Located> = node.args.iter().map(|a| values[a.index()].clone()).collect();
        let whole = Strided::contiguous(&node.ty);
        let located = match node.op {
            Op::Input(i) => Located { buffer: c.buffer(node.ty.bytes(), Some(Place::Input(i))), view: whole },
            _ => {
                let views: Vec<Strided> = reads.iter().map(|l| l.view.clone()).collect();
                match node.op.rules().eval(&views, &node.ty) {
                    Eval::Constant(literal) => Located { buffer: c.constant(literal), view: whole },
                    Eval::ConstantView(literal, view) => Located { buffer: c.constant(literal), view },
                    Eval::View(view) => Located { buffer: reads[0].buffer, view },
                    Eval::Copy => c.copy(&reads[0], whole, None),
                    Eval::Pointwise(op) => c.task(reads, whole, Kind::Pointwise(Some(op)), None),
                    Eval::Kernel(kernel) => c.task(reads, whole, Kind::Kernel(kernel), None),
                }
            }
        };
        values.push(located);
    }
    for (i, (&value, ty)) in graph.outputs().iter().zip(graph.output_types()).enumerate() {
        let located = &values[value.index()];
        let whole = Strided::contiguous(&ty);
        let free = c.places[located.buffer].is_none() && c.bytes[located.buffer] == ty.bytes();
        if free && located.view.offset == 0 && located.view.is_contiguous() {
            c.places[located.buffer] = Some(Place::Output(i));
        } else {
            c.copy(&located.clone(), whole, Some(Place::Output(i)));
        }
    }
    c.finish(graph)
}

impl Compiler {
    fn buffer(&mut self, bytes: usize, place: Option<Place>) -> usize {
        self.places.push(place);
        self.bytes.push(bytes);
        self.places.len() - 1
    }

    fn constant(&mut self, literal: Literal) -> usize {
        let known = self.constants.iter().position(|c| *c == literal);
        let index = known.unwrap_or_else(|| {
            self.constants.push(literal);
            self.constants.len() - 1
        });
        self.buffer(self.constants[index].ty().bytes(), Some(Place::Constant(index)))
    }

    fn task(&mut self, reads: Vec<Located>, result: Strided, kind: Kind, place: Option<Place>) -> Located {
        let buffer = self.buffer(result.size() * result.dtype.size(), place);
        let reads = reads.into_iter().map(|l| (l.buffer, l.view)).collect();
        self.writer.insert(buffer, self.tasks.len());
        self.tasks.push(Task { buffer, reads, result: result.clone(), kind });
        Located { buffer, view: result }
    }

    /// A row-major copy; `result` may have another shape than the view that is copied.
    fn copy(&mut self, from: &Located, result: Strided, place: Option<Place>) -> Located {
        let flat = Strided { shape: from.view.shape.clone(), ..contiguous_like(&from.view) };
        let located = self.task(vec![from.clone()], flat, Kind::Pointwise(None), place);
        Located { view: result, ..located }
    }

    fn finish(mut self, graph: &Graph) -> Program {
        let groups = schedule(&self.tasks, &self.writer);
        let mut last_use = vec![0usize; self.places.len()];
        for (at, group) in groups.iter().enumerate() {
            for &t in group {
                last_use[self.tasks[t].buffer] = last_use[self.tasks[t].buffer].max(at);
                self.tasks[t].reads.iter().for_each(|r| last_use[r.0] = last_use[r.0].max(at));
            }
        }
        let in_group: HashMap<usize, usize> =
            groups.iter().enumerate().flat_map(|(at, g)| g.iter().map(move |&t| (t, at))).collect();
        // A result leaves its group if it is an output or another group reads it.
        let mut leaves: Vec<bool> = self.tasks.iter().map(|t| self.places[t.buffer].is_some()).collect();
        for (i, task) in self.tasks.iter().enumerate() {
            for (buffer, _) in &task.reads {
                if let Some(&w) = self.writer.get(buffer) {
                    leaves[w] |= in_group[&w] != in_group[&i];
                }
            }
        }
        let arena = self.lay_out(&groups, &last_use, &leaves);
        let mut tasks: Vec<Option<Task>> = std::mem::take(&mut self.tasks).into_iter().map(Some).collect();
        let instructions = groups
            .iter()
            .map(|group| {
                let members: Vec<Task> =
                    group.iter().map(|&t| tasks[t].take().expect("each task runs once")).collect();
                let leaving: Vec<bool> = group.iter().map(|&t| leaves[t]).collect();
                self.instruction(members, &leaving)
            })
            .collect();
        Program::new(instructions, self.constants, arena, graph.input_types(), graph.output_types())
    }

    /// Gives every remaining buffer its bytes of the arena: the lowest gap that
    /// is free for as long as it lives. Returns the arena's size.
    fn lay_out(&mut self, groups: &[Vec<usize>], last_use: &[usize], leaves: &[bool]) -> usize {
        let mut live: Vec<(usize, usize, usize)> = Vec::new();
        let mut size = 0;
        for (at, group) in groups.iter().enumerate() {
            live.retain(|&(_, _, end)| end >= at);
            for &t in group {
                let buffer = self.tasks[t].buffer;
                if !leaves[t] || self.places[buffer].is_some() {
                    continue;
                }
                let bytes = self.bytes[buffer].next_multiple_of(LINE);
                live.sort_unstable();
                let mut start = 0;
                for &(from, to, _) in &live {
                    if from >= start + bytes {
                        break;
                    }
                    start = start.max(to);
                }
                live.push((start, start + bytes, last_use[buffer]));
                size = size.max(start + bytes);
                self.places[buffer] = Some(Place::Arena(start..start + self.bytes[buffer]));
            }
        }
        size
    }

    fn place(&self, buffer: usize) -> Place {
        self.places[buffer].clone().expect("a buffer that leaves its group has a place")
    }

    fn instruction(&self, mut members: Vec<Task>, leaving: &[bool]) -> Instruction {
        if let [Task { kind: Kind::Kernel(_), .. }] = members[..] {
            let Some(Task { buffer, reads, kind: Kind::Kernel(kernel), .. }) = members.pop() else {
                unreachable!()
            };
            let reads = reads.iter().map(|r| self.place(r.0)).collect();
            let access = Access::new(reads, SmallVec::from_iter([self.place(buffer)]));
            return Instruction { access, work: Work::Kernel(kernel) };
        }
        let size = members[0].result.size();
        let passes = passes(members, leaving);
        let mut inputs: Vec<(usize, Strided)> = Vec::new();
        let mut slots: HashMap<usize, Slot> = HashMap::new();
        let mut outputs = Vec::new();
        let mut writes = SmallVec::new();
        let mut last_step: HashMap<usize, usize> = HashMap::new();
        for (i, pass) in passes.iter().enumerate() {
            pass.reads.iter().for_each(|r| _ = last_step.insert(r.0, i));
        }
        let (mut blocks, mut free): (usize, Vec<usize>) = (0, Vec::new());
        let mut steps = Vec::with_capacity(passes.len());
        for (i, pass) in passes.iter().enumerate() {
            let args: SmallVec<[Slot; 3]> = pass
                .reads
                .iter()
                .map(|read| {
                    slots.get(&read.0).copied().unwrap_or_else(|| {
                        let known = inputs.iter().position(|input| input == read);
                        Slot::Input(known.unwrap_or_else(|| {
                            inputs.push(read.clone());
                            inputs.len() - 1
                        }))
                    })
                })
                .collect();
            let out = if pass.leaves {
                outputs.push(pass.dtype);
                writes.push(self.place(pass.buffer));
                Slot::Output(outputs.len() - 1)
            } else {
                Slot::Block(free.pop().unwrap_or_else(|| {
                    blocks += 1;
                    blocks - 1
                }))
            };
            slots.insert(pass.buffer, out);
            let arg_dtype = pass.reads.last().expect("an operand").1.dtype;
            for slot in freed(pass, &last_step, &slots, i) {
                free.push(slot);
            }
            steps.push(Step { action: pass.action, args, arg_dtype, out, dtype: pass.dtype });
        }
        let views: Vec<Strided> = inputs.iter().map(|i| i.1.clone()).collect();
        Instruction {
            access: Access::new(inputs.iter().map(|i| self.place(i.0)).collect(), writes),
            work: Work::Fused(Fused::new(&views, steps, outputs, blocks, size)),
        }
    }
}

/// A step before its operands have their slots.
struct Pass {
    action: Action,
    reads: Vec<(usize, Strided)>,
    buffer: usize,
    dtype: DType,
    /// Whether something outside the group reads the result.
    leaves: bool,
}

/// The passes of a group: one a task, or one for two tasks of which only the second reads the first.
fn passes(members: Vec<Task>, leaving: &[bool]) -> Vec<Pass> {
    let mut readers: HashMap<usize, usize> = HashMap::new();
    members.iter().flat_map(|t| &t.reads).for_each(|r| *readers.entry(r.0).or_default() += 1);
    let mut passes: Vec<Pass> = Vec::with_capacity(members.len());
    for (task, &leaves) in members.into_iter().zip(leaving) {
        let Kind::Pointwise(op) = task.kind else { unreachable!("a kernel is alone in its group") };
        let action = op.map_or(Action::Copy, Action::One);
        let mut pass =
            Pass { action, reads: task.reads, buffer: task.buffer, dtype: task.result.dtype, leaves };
        let joined = pass.reads.iter().enumerate().find_map(|(at, (buffer, _))| {
            let first = passes.iter().position(|p| p.buffer == *buffer)?;
            let inner = &passes[first];
            let (Action::One(inner_op), Action::One(outer_op)) = (inner.action, action) else { return None };
            let alone = !inner.leaves && readers[buffer] == 1 && pass.dtype.is_float();
            Some((at, first, Chain::new(inner_op, outer_op, at).filter(|_| alone)?))
        });
        if let Some((at, first, chain)) = joined {
            let inner = passes.remove(first);
            let other = pass.reads.swap_remove(1 - at);
            pass.action = Action::Two(chain);
            pass.reads = inner.reads;
            pass.reads.push(other);
        }
        passes.push(pass);
    }
    passes
}

/// Scratch blocks that step `i` is the last to read.
fn freed(pass: &Pass, last: &HashMap<usize, usize>, slots: &HashMap<usize, Slot>, i: usize) -> Vec<usize> {
    let mut freed: Vec<usize> = pass
        .reads
        .iter()
        .filter(|r| last[&r.0] == i)
        .filter_map(|r| match slots.get(&r.0) {
            Some(&Slot::Block(block)) => Some(block),
            _ => None,
        })
        .collect();
    freed.sort_unstable();
    freed.dedup();
    freed
}

fn contiguous_like(view: &Strided) -> Strided {
    Strided::contiguous(&crate::Type { dtype: view.dtype, shape: view.shape.clone() })
}
