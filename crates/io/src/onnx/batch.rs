//! Files that were exported for a fixed number of examples, used with another.
//!
//! Such a file has the number written into its shapes: `Reshape` to [1, 512] where a
//! batch of 1 was traced. The graph is walked through once with a prime number of
//! examples that no other size is a multiple of, so that it shows which axes are the
//! batch; where a written size means the leading one, it is replaced.

use super::array::Outcome;
use super::emitter::{Emitter, Tensor};
use super::limits;
use super::operator::resolve;

/// Which sizes are replaced, in the order of the nodes that are asked about.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    /// Examples that the file was made for, if it has their number written into it.
    made_for: Option<usize>,
    /// Examples that there are.
    examples: usize,
    decisions: Vec<bool>,
    /// Decisions that were taken from the list; none where it is being made.
    replayed: Option<usize>,
}

impl Batch {
    /// Finds out which sizes mean the batch; `prime` divides no other size.
    pub fn probing(made_for: usize, prime: usize) -> Self {
        Self { made_for: Some(made_for), examples: prime, decisions: Vec::new(), replayed: None }
    }

    /// Does what was found out for another number of examples.
    pub fn replaying(probed: &Batch, examples: usize) -> Self {
        Self { examples, replayed: Some(0), ..probed.clone() }
    }

    /// Takes the next decision from the list, or makes it.
    fn decide(&mut self, make: impl FnOnce() -> Outcome<bool>) -> Outcome<bool> {
        match &mut self.replayed {
            Some(next) => {
                *next += 1;
                let decided = self.decisions.get(*next - 1).copied();
                decided.ok_or_else(|| "the graph is another for another batch".to_owned())
            }
            None => {
                let decision = make()?;
                self.decisions.push(decision);
                Ok(decision)
            }
        }
    }

    /// The shape that a target means, if its leading extent was written for another batch.
    pub fn reshape(
        &mut self,
        from: &[usize],
        target: &[i64],
        keep_zeros: bool,
    ) -> Option<Outcome<Vec<usize>>> {
        let (made_for, examples) = (self.made_for?, self.examples);
        let count: usize = from.iter().product();
        let decision = self.decide(|| {
            let derived = target.iter().any(|&n| n > 0 && n % examples as i64 == 0);
            if count == 0 || !count.is_multiple_of(examples) || derived {
                return Ok(false);
            }
            match from.first().is_some_and(|n| n.is_multiple_of(examples)) {
                true => Ok(true),
                false => Err(fixed(made_for)),
            }
        });
        match decision {
            Err(reason) => Some(Err(reason)),
            Ok(false) => None,
            Ok(true) => {
                let mut traced = from.to_vec();
                traced[0] = (traced[0] / examples).saturating_mul(made_for);
                if let Err(reason) = limits::elements(&traced) {
                    return Some(Err(reason));
                }
                let shape =
                    resolve(&traced, target, keep_zeros).and_then(|mut shape| match shape.first_mut() {
                        Some(leading) if leading.is_multiple_of(made_for) => {
                            *leading = (*leading / made_for).saturating_mul(examples);
                            Ok(shape)
                        }
                        _ => Err(fixed(made_for)),
                    });
                Some(shape)
            }
        }
    }
}

impl Emitter<'_> {
    /// Parts to be joined; those that were written for a batch of one are repeated for each example.
    pub fn batched_parts(&mut self, parts: Vec<Tensor>, axis: usize) -> Outcome<Vec<Tensor>> {
        let Some(made_for) = self.batch.made_for else { return Ok(parts) };
        let examples = self.batch.examples;
        let shapes: Vec<Vec<usize>> = parts.iter().map(|part| self.shape(part)).collect();
        let leading = |shape: &Vec<usize>| shape.first().copied().unwrap_or(0);
        let decision = self.batch.decide(|| {
            let (batched, written) =
                shapes.iter().partition::<Vec<_>, _>(|shape| leading(shape).is_multiple_of(examples));
            if axis == 0 || batched.is_empty() || written.is_empty() {
                return Ok(false);
            }
            match made_for == 1 && written.iter().all(|shape| leading(shape) == 1) {
                true => Ok(true),
                false => Err(fixed(made_for)),
            }
        })?;
        if !decision {
            return Ok(parts);
        }
        let wide = shapes.iter().map(leading).max().unwrap_or(1);
        let parts = parts.iter().zip(shapes).map(|(part, mut shape)| {
            shape[0] = wide;
            self.broadcast(part, &shape)
        });
        parts.collect()
    }
}

fn fixed(made_for: usize) -> String {
    format!(
        "the file was exported for {made_for} examples, and this node depends on it; \
         export it with a symbolic batch axis (dynamic_shapes, or dynamic_axes)"
    )
}
