//! `dot_general`: products with batch and contracting axes.

use smallvec::smallvec;

use super::batching::with_axis;
use super::{Cotangents, Primitive, arity, distinct_axes};
use crate::exec::{Eval, Strided, kernel};
use crate::{Axes, Builder, Type, Value};

/// `dot_general`: out[b…, m…, n…] = Σ_k lhs[b…, m…, k…] · rhs[b…, n…, k…],
/// each argument's axes in any order. Batch axes come first in the result, then
/// the free axes of the left argument, then those of the right one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DotGeneral {
    /// Batch axes of the left argument.
    pub lhs_batch: Axes,
    /// Batch axes of the right argument, in the same order.
    pub rhs_batch: Axes,
    /// Contracting axes of the left argument.
    pub lhs_contract: Axes,
    /// Contracting axes of the right argument, in the same order.
    pub rhs_contract: Axes,
}

impl DotGeneral {
    /// A product that contracts one axis of each argument.
    pub fn contract(lhs: usize, rhs: usize) -> Self {
        Self {
            lhs_batch: Axes::new(),
            rhs_batch: Axes::new(),
            lhs_contract: smallvec![lhs],
            rhs_contract: smallvec![rhs],
        }
    }

    /// Free axes of the left argument, given its rank.
    pub fn lhs_free(&self, rank: usize) -> Axes {
        free(rank, &self.lhs_batch, &self.lhs_contract)
    }

    /// Free axes of the right argument, given its rank.
    pub fn rhs_free(&self, rank: usize) -> Axes {
        free(rank, &self.rhs_batch, &self.rhs_contract)
    }

    /// The same product with its arguments exchanged; the free axes of the result are then exchanged too.
    fn swapped(&self) -> Self {
        Self {
            lhs_batch: self.rhs_batch.clone(),
            rhs_batch: self.lhs_batch.clone(),
            lhs_contract: self.rhs_contract.clone(),
            rhs_contract: self.lhs_contract.clone(),
        }
    }

    /// The left argument's cotangent; `first` is where the left free axes begin in the result.
    fn transpose_lhs(
        &self,
        b: &mut Builder,
        (lhs, rhs): (Value, Value),
        cotangent: Value,
        rhs_first: usize,
    ) -> Value {
        let (lhs_rank, rhs_rank) = (b.ty(lhs).rank(), b.ty(rhs).rank());
        let batch = self.lhs_batch.len();
        let rhs_free = self.rhs_free(rhs_rank);
        let back = DotGeneral {
            lhs_batch: (0..batch).collect(),
            rhs_batch: self.rhs_batch.clone(),
            lhs_contract: (rhs_first..rhs_first + rhs_free.len()).collect(),
            rhs_contract: rhs_free,
        };
        let product = b.emit(back, &[cotangent, rhs]);
        // The product's axes: batch, free axes of lhs, then rhs's contracting axes in increasing order.
        let mut order: Axes = (0..self.rhs_contract.len()).collect();
        order.sort_by_key(|&i| self.rhs_contract[i]);
        let mut axes = self.lhs_batch.clone();
        axes.extend(self.lhs_free(lhs_rank));
        axes.extend(order.iter().map(|&i| self.lhs_contract[i]));
        let mut permutation: Axes = smallvec![0; lhs_rank];
        for (from, &to) in axes.iter().enumerate() {
            permutation[to] = from;
        }
        b.transpose(product, &permutation)
    }
}

fn free(rank: usize, batch: &[usize], contract: &[usize]) -> Axes {
    (0..rank).filter(|a| !batch.contains(a) && !contract.contains(a)).collect()
}

impl Primitive for DotGeneral {
    fn name(&self) -> &'static str {
        "dot_general"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<2>(args)?;
        let (lhs, rhs) = (args[0], args[1]);
        if lhs.dtype != rhs.dtype || !lhs.dtype.is_float() {
            return Err("expected two float arrays of one element type".into());
        }
        let joined = |a: &Axes, b: &Axes| a.iter().chain(b).copied().collect::<Axes>();
        distinct_axes(&joined(&self.lhs_batch, &self.lhs_contract), lhs)?;
        distinct_axes(&joined(&self.rhs_batch, &self.rhs_contract), rhs)?;
        for (kind, left, right) in [
            ("batch", &self.lhs_batch, &self.rhs_batch),
            ("contracting", &self.lhs_contract, &self.rhs_contract),
        ] {
            let sizes = |ty: &Type, axes: &Axes| axes.iter().map(|&a| ty.shape[a]).collect::<Axes>();
            if sizes(lhs, left) != sizes(rhs, right) {
                return Err(format!("sizes of the {kind} axes {left:?} and {right:?} differ"));
            }
        }
        let batch = self.lhs_batch.iter().map(|&a| lhs.shape[a]);
        let (left, right) = (self.lhs_free(lhs.rank()), self.rhs_free(rhs.rank()));
        Ok(lhs.with_shape(
            batch.chain(left.iter().map(|&a| lhs.shape[a])).chain(right.iter().map(|&a| rhs.shape[a])),
        ))
    }

    fn eval(&self, args: &[Strided], out: &Type) -> Eval {
        kernel::dot(self, args, out)
    }

    fn jvp(&self, b: &mut Builder, args: &[Value], _: Value, tangents: &[Option<Value>]) -> Option<Value> {
        let left = tangents[0].map(|t| b.emit(self.clone(), &[t, args[1]]));
        let right = tangents[1].map(|t| b.emit(self.clone(), &[args[0], t]));
        b.add_tangents(left, right)
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], linear: &[bool], cotangent: Value) -> Cotangents {
        assert!(!(linear[0] && linear[1]), "dot_general is not linear in both arguments together");
        let (lhs, rhs) = (args[0], args[1]);
        let batch = self.lhs_batch.len();
        let left_free = b.ty(lhs).rank() - batch - self.lhs_contract.len();
        let left = linear[0].then(|| self.transpose_lhs(b, (lhs, rhs), cotangent, batch + left_free));
        let right = linear[1].then(|| self.swapped().transpose_lhs(b, (rhs, lhs), cotangent, batch));
        smallvec![left, right]
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        let shift = |axes: &Axes, at: usize| axes.iter().map(|&a| a + usize::from(a >= at)).collect::<Axes>();
        match (axes[0], axes[1]) {
            (Some(at), None) => {
                let op = Self {
                    lhs_batch: shift(&self.lhs_batch, at),
                    lhs_contract: shift(&self.lhs_contract, at),
                    ..self.clone()
                };
                let free = op.lhs_free(b.ty(args[0]).rank());
                let position = free.iter().position(|&a| a == at).expect("the batch axis is free");
                (b.emit(op, args), self.lhs_batch.len() + position)
            }
            (None, Some(at)) => {
                let op = Self {
                    rhs_batch: shift(&self.rhs_batch, at),
                    rhs_contract: shift(&self.rhs_contract, at),
                    ..self.clone()
                };
                let free = op.rhs_free(b.ty(args[1]).rank());
                let position = free.iter().position(|&a| a == at).expect("the batch axis is free");
                let left = b.ty(args[0]).rank() - self.lhs_contract.len();
                (b.emit(op, args), left + position)
            }
            (left, right) => {
                let size = b.shape(args[0])[left.expect("a batched argument")];
                let lhs = with_axis(b, args[0], left, size, 0);
                let rhs = with_axis(b, args[1], right, size, 0);
                let grown = |axes: &Axes| {
                    let mut grown = shift(axes, 0);
                    grown.insert(0, 0);
                    grown
                };
                let op = Self {
                    lhs_batch: grown(&self.lhs_batch),
                    rhs_batch: grown(&self.rhs_batch),
                    lhs_contract: shift(&self.lhs_contract, 0),
                    rhs_contract: shift(&self.rhs_contract, 0),
                };
                (b.emit(op, &[lhs, rhs]), 0)
            }
        }
    }
}
