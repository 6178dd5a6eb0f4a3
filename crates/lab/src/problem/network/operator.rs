//! Curvature matrices of a network as operators.

use std::sync::Arc;

use thalweg_graph::{Bound, Linearized, Point, Threads};

use super::objective::{Network, split_blocks};
use crate::krylov::{SymmetricOperator, Workers};
use crate::{Curvature, Layout, Scalar, Stop};

/// A curvature matrix at one point.
pub(super) struct Operator<'a, T: Scalar> {
    network: &'a Network<T>,
    point: Point<'a>,
    /// Whether the penalty's Hessian λ I belongs to the matrix.
    decays: bool,
    /// Whether vectors go through the program one by one, and find all that they need.
    alone: bool,
    /// Vectors and products, block by block.
    packed: [Vec<T>; 2],
}

impl<'a, T: Scalar> Operator<'a, T> {
    pub fn new(network: &'a Network<T>, product: &'a Linearized, curvature: Curvature, x: &[T]) -> Self {
        assert_eq!(x.len(), network.layout.dimension(), "length of the parameter vector");
        let weight = network.weight();
        let blocks = network.layout.blocks();
        let mut inputs: Vec<Bound<'a>> =
            blocks.iter().map(|block| Bound::copy(bytemuck::cast_slice(&x[block.range.clone()]))).collect();
        inputs.extend(network.constants(x));
        inputs.push(Bound::copy(bytemuck::cast_slice(&weight)));
        inputs.extend(blocks.iter().map(|_| Bound::Borrowed(&[])));
        let memory = network.settings.memory.unwrap_or(usize::MAX);
        let point = product.at(inputs, memory, &network.settings.threads);
        let decays = matches!(curvature, Curvature::Hessian | Curvature::GaussNewton);
        let (kept, all) = point.kept_shards();
        let alone = kept == all && product.together() == 1;
        Self { network, point, decays, alone, packed: Default::default() }
    }
}

impl<T: Scalar> SymmetricOperator<T> for Operator<'_, T> {
    fn dimension(&self) -> usize {
        self.network.layout.dimension()
    }

    fn workers(&self) -> Arc<dyn Workers> {
        Arc::new(Pool(self.network.settings.threads.clone()))
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        let n = self.network.layout.dimension();
        let threads = &self.network.settings.threads;
        if self.alone && n > 0 {
            // Vectors that share nothing need not be packed together.
            let pairs = vectors.chunks_exact(n).zip(products.chunks_exact_mut(n));
            match self.point.shares(vectors.len() / n, threads) {
                true => threads.for_each(pairs.collect(), |(v, out)| self.one(&Threads::default(), v, out)),
                false => pairs.for_each(|(v, out)| self.one(threads, v, out)),
            }
            self.decay(vectors, products);
            return Ok(());
        }
        let mut rest = vectors.len() / n.max(1);
        let (mut from, mut into) = (vectors, &mut *products);
        while rest > 0 {
            // Halves of the width rather than any number: each width has buffers of its own.
            let mut count = self.network.width;
            while count > rest {
                count = count.div_ceil(2);
            }
            let (now, later) = from.split_at(count * n);
            let (out, later_out) = into.split_at_mut(count * n);
            self.block(now, count, out);
            (from, into, rest) = (later, later_out, rest - count);
        }
        self.decay(vectors, products);
        Ok(())
    }
}

/// The network's threads.
struct Pool(Threads);

impl Workers for Pool {
    fn count(&self) -> usize {
        self.0.count()
    }

    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
        self.0.for_each((0..pieces).collect(), work);
    }
}

impl<T: Scalar> Operator<'_, T> {
    /// Adds the penalty's part, where there is one.
    fn decay(&self, vectors: &[T], products: &mut [T]) {
        if self.decays {
            self.network.add_decay(vectors, products);
        }
    }

    /// The product with one vector.
    fn one(&self, threads: &Threads, vector: &[T], product: &mut [T]) {
        let layout = &self.network.layout;
        let tangents: Vec<&[u8]> =
            layout.blocks().iter().map(|b| bytemuck::cast_slice(&vector[b.range.clone()])).collect();
        self.point.apply_on(threads, &tangents, 1, &mut split_blocks(layout, product));
    }

    fn block(&mut self, vectors: &[T], count: usize, products: &mut [T]) {
        let layout = &self.network.layout;
        if count == 1 {
            return self.one(&self.network.settings.threads, vectors, products);
        }
        let [packed, results] = &mut self.packed;
        packed.resize(vectors.len(), T::zero());
        results.resize(vectors.len(), T::zero());
        pack(layout, count, vectors, packed);
        let spans = |b: &crate::Block| b.range.start * count..b.range.end * count;
        let tangents: Vec<&[u8]> =
            layout.blocks().iter().map(|b| bytemuck::cast_slice(&packed[spans(b)])).collect();
        let mut rest = &mut results[..];
        let mut outputs: Vec<&mut [u8]> = Vec::new();
        for block in layout.blocks() {
            let (head, tail) = std::mem::take(&mut rest).split_at_mut(block.range.len() * count);
            outputs.push(bytemuck::cast_slice_mut(head));
            rest = tail;
        }
        self.point.apply(&tangents, count, &mut outputs);
        unpack(layout, count, results, products);
    }
}

/// From vector by vector to block by block.
fn pack<T: Copy>(layout: &Layout, count: usize, vectors: &[T], packed: &mut [T]) {
    let n = layout.dimension();
    for block in layout.blocks() {
        let (start, len) = (block.range.start * count, block.range.len());
        for (i, vector) in vectors.chunks_exact(n).enumerate() {
            packed[start + i * len..start + (i + 1) * len].copy_from_slice(&vector[block.range.clone()]);
        }
    }
}

/// From block by block to vector by vector.
fn unpack<T: Copy>(layout: &Layout, count: usize, packed: &[T], vectors: &mut [T]) {
    let n = layout.dimension();
    for block in layout.blocks() {
        let (start, len) = (block.range.start * count, block.range.len());
        for (i, vector) in vectors.chunks_exact_mut(n).enumerate() {
            vector[block.range.clone()].copy_from_slice(&packed[start + i * len..start + (i + 1) * len]);
        }
    }
}
