//! A compiled graph.

use std::sync::Mutex;

use super::compile::compile;
use super::fused::Fused;
use super::memory::{Access, LINE, Line, Memory, Reads, Writes};
use super::{Kernel, Threads};
use crate::{Element, Float, Graph, Literal, Type};

/// What an instruction does.
pub(super) enum Work {
    Fused(Fused),
    Kernel(Box<dyn Kernel>),
}

/// One pass over memory.
pub(super) struct Instruction {
    pub access: Access,
    pub work: Work,
}

/// A compiled graph, to be run many times and from many threads.
///
/// Inputs and outputs are contiguous row-major arrays, given as bytes (see
/// [`bytemuck::cast_slice`]). Workspaces are kept between runs: once as many as
/// run at the same time exist, running on one thread allocates nothing, except
/// where one pass reads or writes more than 32 buffers, or where one operand has more
/// than 8 axes that no fewer describe. Sharing an operation among threads takes a list
/// of its parts.
pub struct Program {
    instructions: Vec<Instruction>,
    constants: Vec<Literal>,
    arena: usize,
    inputs: Vec<Type>,
    outputs: Vec<Type>,
    idle: Mutex<Vec<Workspace>>,
}

/// The memory that one run of a [`Program`] needs.
pub struct Workspace(Vec<Line>);

impl Program {
    /// Compiles a graph.
    pub fn compile(graph: &Graph) -> Self {
        compile(graph)
    }

    pub(super) fn new(
        instructions: Vec<Instruction>,
        constants: Vec<Literal>,
        arena: usize,
        inputs: Vec<Type>,
        outputs: Vec<Type>,
    ) -> Self {
        Self { instructions, constants, arena, inputs, outputs, idle: Mutex::default() }
    }

    /// Types of the inputs.
    pub fn inputs(&self) -> &[Type] {
        &self.inputs
    }

    /// Types of the outputs.
    pub fn outputs(&self) -> &[Type] {
        &self.outputs
    }

    /// Bytes of working memory of one run, beside inputs, outputs and constants.
    pub fn arena_bytes(&self) -> usize {
        self.arena
    }

    /// Number of passes over memory that a run makes.
    pub fn passes(&self) -> usize {
        self.instructions.len()
    }

    /// Runs the program.
    ///
    /// # Panics
    /// If a slice does not have the size of its input or output.
    pub fn run(&self, inputs: &[&[u8]], outputs: &mut [&mut [u8]], threads: &Threads) {
        check("input", inputs.iter().map(|i| i.len()), &self.inputs);
        check("output", outputs.iter().map(|o| o.len()), &self.outputs);
        let idle = self.idle.lock().unwrap_or_else(|e| e.into_inner()).pop();
        let mut workspace = idle.unwrap_or_else(|| Workspace(vec![Line::ZERO; self.arena.div_ceil(LINE)]));
        let mut memory = Memory::new(inputs, &self.constants, outputs, &mut workspace.0);
        for instruction in &self.instructions {
            let (mut reads, mut writes) = (Reads::new(), Writes::new());
            memory.access(&instruction.access, &mut reads, &mut writes);
            match &instruction.work {
                Work::Fused(fused) => fused.run(&reads, &mut writes, threads),
                Work::Kernel(kernel) => kernel.run(&reads, writes[0], threads),
            }
        }
        self.idle.lock().unwrap_or_else(|e| e.into_inner()).push(workspace);
    }
}

fn check(what: &str, lengths: impl ExactSizeIterator<Item = usize>, types: &[Type]) {
    assert_eq!(lengths.len(), types.len(), "number of {what}s");
    for (i, (length, ty)) in lengths.zip(types).enumerate() {
        assert_eq!(length, ty.bytes(), "bytes of {what} {i}, which is {ty}");
    }
}

/// Compiles and runs a graph whose inputs and outputs all have element type `T`.
///
/// # Panics
/// If they have not, or if an input does not have the size of its type.
pub fn evaluate<T: Float>(graph: &Graph, inputs: &[&[T]]) -> Vec<Vec<T>> {
    let program = Program::compile(graph);
    let inputs: Vec<&[u8]> = inputs.iter().map(|x| bytemuck::cast_slice(x)).collect();
    assert!(program.inputs.iter().chain(&program.outputs).all(|t| t.dtype == <T as Element>::DTYPE));
    let mut outputs: Vec<Vec<T>> = program.outputs.iter().map(|t| vec![T::zero(); t.size()]).collect();
    let mut slices: Vec<&mut [u8]> = outputs.iter_mut().map(|o| bytemuck::cast_slice_mut(o)).collect();
    program.run(&inputs, &mut slices, &Threads::default());
    outputs
}
