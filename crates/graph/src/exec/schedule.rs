//! Which elementwise nodes are computed together, and in which order everything runs.

use std::collections::HashMap;

use super::Strided;
use super::pointwise::Pointwise;
use crate::Shape;

/// A value that something computes while the program runs.
pub(super) struct Task {
    /// Buffer that is written.
    pub buffer: usize,
    /// Buffers that are read, each as a view.
    pub reads: Vec<(usize, Strided)>,
    /// Type of the result.
    pub result: Strided,
    /// What is done.
    pub kind: Kind,
}

/// How a task is done.
pub(super) enum Kind {
    /// Element by element; `None` copies.
    Pointwise(Option<Pointwise>),
    /// By a kernel.
    Kernel(Box<dyn super::Kernel>),
}

impl Task {
    fn is_pointwise(&self) -> bool {
        matches!(self.kind, Kind::Pointwise(_))
    }

    /// Whether the read `(buffer, view)` of this elementwise task can stay in a
    /// block that the elementwise task `producer` filled.
    fn continues(&self, view: &Strided, producer: &Task) -> bool {
        self.is_pointwise()
            && producer.is_pointwise()
            && producer.result.shape == self.result.shape
            && view.offset == 0
            && view.is_contiguous()
    }
}

/// Groups tasks that run together, in an order in which everything is computed
/// before it is read. A kernel is a group of its own.
///
/// Each task gets a level: above what it reads, except that an elementwise task
/// may share the level of another of the same shape whose result it reads
/// element by element. Tasks of one level and shape then depend on each other
/// only inside their group.
pub(super) fn schedule(tasks: &[Task], writer: &HashMap<usize, usize>) -> Vec<Vec<usize>> {
    let mut levels = vec![0usize; tasks.len()];
    for (i, task) in tasks.iter().enumerate() {
        levels[i] = task
            .reads
            .iter()
            .filter_map(|(buffer, view)| {
                let &producer = writer.get(buffer)?;
                Some(levels[producer] + usize::from(!task.continues(view, &tasks[producer])))
            })
            .max()
            .unwrap_or(0);
    }
    sink(tasks, writer, &mut levels);
    let mut groups: HashMap<(usize, &Shape), Vec<usize>> = HashMap::new();
    let mut order: Vec<(usize, usize, Vec<usize>)> = Vec::new();
    for (i, task) in tasks.iter().enumerate() {
        if task.is_pointwise() {
            groups.entry((levels[i], &task.result.shape)).or_default().push(i);
        } else {
            order.push((levels[i], i, vec![i]));
        }
    }
    order.extend(groups.into_iter().map(|((level, _), members)| (level, members[0], members)));
    order.sort_unstable();
    order.into_iter().map(|(_, _, members)| members).collect()
}

/// Moves cheap elementwise work down to where it is used, if it reads at most
/// one computed buffer: that buffer is then kept instead of the result, and the
/// result never leaves the blocks.
fn sink(tasks: &[Task], writer: &HashMap<usize, usize>, levels: &mut [usize]) {
    let mut readers: Vec<Vec<(usize, bool)>> = vec![Vec::new(); tasks.len()];
    for (i, task) in tasks.iter().enumerate() {
        for (buffer, view) in &task.reads {
            if let Some(&producer) = writer.get(buffer) {
                readers[producer].push((i, task.continues(view, &tasks[producer])));
            }
        }
    }
    for i in (0..tasks.len()).rev() {
        let mut sources: Vec<usize> =
            tasks[i].reads.iter().map(|r| r.0).filter(|b| writer.contains_key(b)).collect();
        sources.dedup();
        if !tasks[i].is_pointwise() || sources.len() > 1 {
            continue;
        }
        let latest = readers[i].iter().map(|&(r, joins)| levels[r] - usize::from(!joins)).min();
        if let Some(latest) = latest {
            levels[i] = levels[i].max(latest);
        }
    }
}
