//! Operators with a known spectrum, for tests.

use crate::krylov::{Keep, Shelf, ShelfError, Shelves, SymmetricOperator};
use crate::random::Stream;
use crate::{Scalar, Stop};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// R₃R₂R₁ diag(values) R₁R₂R₃ with random reflections Rᵢ = I − 2uᵢuᵢᵀ: exact
/// spectrum, dense eigenvectors, O(n) a product. Counts its products.
pub struct Reflected {
    pub values: Vec<f64>,
    mirrors: Vec<Vec<f64>>,
    pub products: u64,
}

impl Reflected {
    pub fn new(values: Vec<f64>, seed: u64) -> Self {
        let mirrors = (0..3)
            .map(|index| {
                let mut u = vec![0.0; values.len()];
                Stream::new(seed, "mirror", index).fill_normal(&mut u);
                let length = u.iter().map(|x| x * x).sum::<f64>().sqrt();
                u.iter().map(|x| x / length).collect()
            })
            .collect();
        Self { values, mirrors, products: 0 }
    }
}

fn reflect(x: &mut [f64], u: &[f64]) {
    let along: f64 = x.iter().zip(u).map(|(x, u)| x * u).sum();
    x.iter_mut().zip(u).for_each(|(x, u)| *x -= 2.0 * along * u);
}

impl<T: Scalar> SymmetricOperator<T> for Reflected {
    fn dimension(&self) -> usize {
        self.values.len()
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        let n = self.values.len();
        for (v, out) in vectors.chunks_exact(n).zip(products.chunks_exact_mut(n)) {
            self.products += 1;
            let mut x: Vec<f64> = v.iter().map(|v| v.wide()).collect();
            self.mirrors.iter().rev().for_each(|u| reflect(&mut x, u));
            x.iter_mut().zip(&self.values).for_each(|(x, value)| *x *= value);
            self.mirrors.iter().for_each(|u| reflect(&mut x, u));
            out.iter_mut().zip(&x).for_each(|(out, x)| *out = T::of(*x));
        }
        Ok(())
    }
}

/// A matrix held whole, n × n.
pub struct Whole {
    pub n: usize,
    pub entries: Vec<f64>,
}

impl Whole {
    /// The Gaussian orthogonal ensemble, scaled so that the spectrum tends to the semicircle on [−2, 2].
    pub fn wigner(n: usize, seed: u64) -> Self {
        let mut g = vec![0.0; n * n];
        Stream::new(seed, "wigner", 0).fill_normal(&mut g);
        let entries = (0..n * n).map(|t| (g[t] + g[t % n * n + t / n]) / (2.0 * n as f64).sqrt()).collect();
        Self { n, entries }
    }
}

impl<T: Scalar> SymmetricOperator<T> for Whole {
    fn dimension(&self) -> usize {
        self.n
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        let n = self.n;
        for (v, out) in vectors.chunks_exact(n).zip(products.chunks_exact_mut(n)) {
            for (row, out) in self.entries.chunks_exact(n).zip(out) {
                *out = T::of(row.iter().zip(v).map(|(a, v)| a * v.wide()).sum());
            }
        }
        Ok(())
    }
}

/// Checks that z-scores (estimate − truth) / stderr look like a centred
/// distribution of unit width, with room for Student's tails and few samples.
pub fn coverage(scores: &[f64]) {
    let k = scores.len() as f64;
    let within = |limit: f64| scores.iter().filter(|z| z.abs() <= limit).count() as f64 / k;
    let mean = scores.iter().sum::<f64>() / k;
    assert!(mean.abs() < 4.5 / k.sqrt(), "bias: mean z-score {mean}");
    assert!((0.55..0.80).contains(&within(1.0)), "{} within one standard error", within(1.0));
    assert!(within(2.0) > 0.88, "{} within two standard errors", within(2.0));
    assert!(within(5.0) == 1.0, "a z-score beyond five: {scores:?}");
}

/// ‖b − (A + shift·I)x‖.
pub fn true_residual(operator: &mut dyn SymmetricOperator<f64>, x: &[f64], b: &[f64], shift: f64) -> f64 {
    let mut product = vec![0.0; x.len()];
    operator.apply(x, &mut product).unwrap();
    (0..x.len()).map(|i| (b[i] - product[i] - shift * x[i]).powi(2)).sum::<f64>().sqrt()
}

impl<T: Scalar> SymmetricOperator<T> for &mut Whole {
    fn dimension(&self) -> usize {
        self.n
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        (**self).apply(vectors, products)
    }
}

/// Another operator whose bases are kept as told.
pub struct Kept<'a, O>(pub O, pub Keep<'a>);

impl<T: Scalar, O: SymmetricOperator<T>> SymmetricOperator<T> for Kept<'_, O> {
    fn dimension(&self) -> usize {
        self.0.dimension()
    }

    fn apply(&mut self, vectors: &[T], products: &mut [T]) -> Result<(), Stop> {
        self.0.apply(vectors, products)
    }

    fn keep(&self) -> Keep<'_> {
        self.1
    }
}

/// Shelves in memory, for tests; full after so many bytes each.
pub struct Cupboard {
    pub room: usize,
    /// Bytes of the shelves that were opened.
    pub used: Rc<Cell<usize>>,
}

impl Cupboard {
    pub fn new(room: usize) -> Self {
        Self { room, used: Rc::default() }
    }
}

struct Board {
    bytes: RefCell<Vec<u8>>,
    room: usize,
    used: Rc<Cell<usize>>,
}

impl Shelves for Cupboard {
    fn open(&self) -> Result<Box<dyn Shelf>, ShelfError> {
        Ok(Box::new(Board { bytes: RefCell::default(), room: self.room, used: self.used.clone() }))
    }
}

impl Shelf for Board {
    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), ShelfError> {
        let (at, mut all) = (at as usize, self.bytes.borrow_mut());
        if at + bytes.len() > self.room {
            return Err(ShelfError("the cupboard is full".into()));
        }
        let end = all.len().max(at + bytes.len());
        self.used.set(self.used.get() + end - all.len());
        all.resize(end, 0);
        all[at..at + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn read(&self, at: u64, bytes: &mut [u8]) -> Result<(), ShelfError> {
        let at = at as usize;
        bytes.copy_from_slice(&self.bytes.borrow()[at..at + bytes.len()]);
        Ok(())
    }
}
