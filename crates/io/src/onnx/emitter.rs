//! Operations on tensors that are known or computed.
//!
//! An operator of ONNX is written once, as a composition of these. Where all that goes
//! in is known and the result is small, an operation is carried out at once, in 64
//! bits: this is how the arithmetic on shapes vanishes that exporters leave behind.
//! Otherwise it becomes nodes of the program.

mod elementwise;
mod indexed;
mod layout;
mod reduce;

pub(super) use layout::Cut;

use thalweg_graph::primitive::Op;
use thalweg_graph::{Builder, DType, Value};

use super::array::{Array, Kind, Outcome};
use super::batch::Batch;
use super::limits::{self, FOLDED, FOLDED_TOTAL};

/// A value of an ONNX graph.
#[derive(Clone, Debug)]
pub(super) enum Tensor {
    /// Its elements are known.
    Known(Array),
    /// The program computes it.
    Live(Value, Origin),
}

/// Where a computed value comes from, as far as it matters to what is done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is the model's input, or that converted.
    Input,
    /// It is the array of this number.
    Array(usize),
    /// Anything else.
    Other,
}

/// Where batch normalization takes mean and variance from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Normalization {
    /// From where the file says: the batch where `training_mode` is set, else its own statistics.
    #[default]
    File,
    /// From the batch at hand, differentiated through.
    Batch,
    /// From the file's statistics, or those that take their place.
    Fixed,
}

/// Writes operations into a program.
pub(super) struct Emitter<'b> {
    pub b: &'b mut Builder,
    /// Precision of the program's floats.
    pub float: DType,
    /// What a batch axis that is written into the file becomes.
    pub batch: Batch,
    /// What normalization layers divide by.
    pub normalization: Normalization,
    /// The batch's value for statistics that layers were given: their arrays' numbers, and values.
    pub found: Vec<(usize, Value)>,
    /// The smallest number of slices that the model's input chooses among: tokens are below it.
    pub vocabulary: Option<usize>,
    /// Elements that may still be computed at once.
    left: usize,
}

impl From<Array> for Tensor {
    fn from(array: Array) -> Self {
        Tensor::Known(array)
    }
}

impl From<Value> for Tensor {
    fn from(value: Value) -> Self {
        Tensor::Live(value, Origin::Other)
    }
}

impl Tensor {
    /// A known number.
    pub fn scalar(value: f64) -> Self {
        Array::floats([], vec![value]).into()
    }

    /// A known integer.
    pub fn int(value: i64) -> Self {
        Array::ints([], vec![value]).into()
    }

    pub fn known(&self) -> Option<&Array> {
        match self {
            Tensor::Known(array) => Some(array),
            Tensor::Live(..) => None,
        }
    }
}

impl<'b> Emitter<'b> {
    pub fn new(b: &'b mut Builder, float: DType) -> Self {
        Self {
            b,
            float,
            batch: Batch::default(),
            normalization: Normalization::File,
            found: Vec::new(),
            vocabulary: None,
            left: FOLDED_TOTAL,
        }
    }

    /// Extents of a tensor.
    pub fn shape(&self, x: &Tensor) -> Vec<usize> {
        match x {
            Tensor::Known(array) => array.shape.clone(),
            Tensor::Live(value, _) => self.b.shape(*value).to_vec(),
        }
    }

    pub fn rank(&self, x: &Tensor) -> usize {
        match x {
            Tensor::Known(array) => array.shape.len(),
            Tensor::Live(value, _) => self.b.shape(*value).len(),
        }
    }

    pub fn kind(&self, x: &Tensor) -> Kind {
        match x {
            Tensor::Known(array) => array.kind(),
            Tensor::Live(value, _) => Kind::of(self.b.ty(*value).dtype),
        }
    }

    /// The tensor as a value of the program.
    pub fn value(&mut self, x: &Tensor) -> Outcome<Value> {
        match x {
            Tensor::Live(value, _) => Ok(*value),
            Tensor::Known(array) => match array.splat() {
                Some(value) => {
                    let single = Array::full(&[], array.kind(), value).literal(self.float)?;
                    let single = self.b.literal(single);
                    Ok(self.b.broadcast_in_dim(single, &array.shape, &[]))
                }
                None => {
                    let literal = array.literal(self.float)?;
                    Ok(self.b.literal(literal))
                }
            },
        }
    }

    /// Applies a primitive, or says why it does not fit. The caller has seen to it
    /// that the result is no larger than is allowed.
    pub fn push(&mut self, op: impl Into<Op>, args: &[Value]) -> Outcome<Tensor> {
        self.b.try_emit(op, args).map(Tensor::from).map_err(|error| error.to_string())
    }

    /// Whether a result of this shape may be computed at once; if so, that is counted.
    fn folds(&mut self, shape: &[usize]) -> bool {
        let count: usize = shape.iter().product();
        let fits = count <= FOLDED.min(self.left);
        if fits {
            self.left -= count;
        }
        fits
    }

    /// One element repeated.
    pub fn full(&mut self, shape: &[usize], kind: Kind, value: f64) -> Outcome<Tensor> {
        limits::elements(shape)?;
        if self.folds(shape) {
            return Ok(Array::full(shape, kind, value).into());
        }
        let single = self.value(&Array::full(&[], kind, value).into())?;
        Ok(self.b.broadcast_in_dim(single, shape, &[]).into())
    }
}

/// The axis that a number from −rank to rank − 1 means.
pub(super) fn axis(number: i64, rank: usize) -> Outcome<usize> {
    let from_front = if number < 0 { number.checked_add(rank as i64) } else { Some(number) };
    match from_front {
        Some(axis) if (0..rank as i64).contains(&axis) => Ok(axis as usize),
        _ => Err(format!("axis {number} of an array that has {rank} axes")),
    }
}

/// The axes that distinct numbers mean, in increasing order.
pub(super) fn axes(numbers: &[i64], rank: usize) -> Outcome<Vec<usize>> {
    let mut axes = numbers.iter().map(|&number| axis(number, rank)).collect::<Outcome<Vec<_>>>()?;
    axes.sort_unstable();
    match axes.windows(2).any(|pair| pair[0] == pair[1]) {
        true => Err(format!("the axes {numbers:?} name one axis twice")),
        false => Ok(axes),
    }
}
