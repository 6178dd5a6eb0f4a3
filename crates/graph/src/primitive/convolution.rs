//! `convolution`: windows of one array times the filters of another.

mod batch;
mod transpose;
mod window;

use smallvec::{SmallVec, smallvec};

use super::batching::batch_size;
use super::{Cotangents, Primitive, arity, distinct_axes};
use crate::exec::{Eval, Strided, kernel};
use crate::{Axes, Builder, Type, Value};

pub(crate) use transpose::regrouped;
pub use window::Window;

/// Most spatial axes.
const SPATIAL: usize = 3;

/// `convolution`: out[n, o, i…] = Σ_{c, j…} lhs[n, c, q…] · rhs[c, o, j…], where along each
/// spatial axis q · lhs_dilation = i · stride + j · rhs_dilation − low; terms whose q is
/// not an element of lhs (padding, gaps of its dilation) are 0.
///
/// With `feature_groups` = g > 1, features of lhs and of the result fall into g runs of
/// equal length, and each run of the result sees its own run of lhs: rhs has 1/g of
/// the input features. With `batch_groups` = g > 1, the batch of lhs and the features of
/// the result fall into g runs, and run k of the features is computed from run k of
/// the batch. One of the two is 1.
///
/// Cost: as many multiplications as rhs has elements, for each position of the
/// window and each example of the result. Where rhs is not finite, a term of
/// padding or of a gap may count as NaN instead of 0.
///
/// Source: `convolution` of the StableHLO specification.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Convolution {
    /// Which axis means what.
    pub dims: ConvolutionDims,
    /// One entry a spatial axis, of which there are at most three.
    pub window: SmallVec<[Window; 3]>,
    /// Number of groups of features.
    pub feature_groups: usize,
    /// Number of groups of examples.
    pub batch_groups: usize,
}

/// Axis numbers of a [`Convolution`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConvolutionDims {
    /// Axis of lhs along which examples lie.
    pub lhs_batch: usize,
    /// Axis of lhs along which features lie.
    pub lhs_feature: usize,
    /// Axes of lhs along which the window moves.
    pub lhs_spatial: Axes,
    /// Axis of rhs that is contracted with the features of lhs.
    pub rhs_input: usize,
    /// Axis of rhs that becomes the features of the result.
    pub rhs_output: usize,
    /// Axes of rhs that are the window.
    pub rhs_spatial: Axes,
    /// Axis of the result along which examples lie.
    pub out_batch: usize,
    /// Axis of the result along which features lie.
    pub out_feature: usize,
    /// Axes of the result along which positions of the window lie.
    pub out_spatial: Axes,
}

impl ConvolutionDims {
    /// The layout of PyTorch and ONNX: lhs `[batch, feature, spatial…]`, rhs
    /// `[output, input, spatial…]`, the result like lhs.
    pub fn channels_first(spatial: usize) -> Self {
        let axes: Axes = (2..spatial + 2).collect();
        Self {
            lhs_batch: 0,
            lhs_feature: 1,
            lhs_spatial: axes.clone(),
            rhs_input: 1,
            rhs_output: 0,
            rhs_spatial: axes.clone(),
            out_batch: 0,
            out_feature: 1,
            out_spatial: axes,
        }
    }
}

impl Convolution {
    /// Sizes of lhs, rhs and the result along spatial axis `i`.
    fn sizes(&self, i: usize, lhs: &Type, rhs: &Type, out: &Type) -> [usize; 3] {
        let dims = &self.dims;
        [lhs.shape[dims.lhs_spatial[i]], rhs.shape[dims.rhs_spatial[i]], out.shape[dims.out_spatial[i]]]
    }

    /// Whether the axis numbers belong to the arguments and to the result.
    fn check_axes(&self, lhs: &Type, rhs: &Type) -> Result<(), String> {
        let (dims, spatial) = (&self.dims, self.window.len());
        if spatial > SPATIAL {
            return Err(format!("expected at most {SPATIAL} spatial axes, found {spatial} windows"));
        }
        if lhs.rank() != spatial + 2 || rhs.rank() != spatial + 2 {
            return Err(format!(
                "{spatial} windows do not fit arrays of {} and {} axes",
                lhs.rank(),
                rhs.rank()
            ));
        }
        for (name, ty, first, second, rest) in [
            ("lhs", lhs, dims.lhs_batch, dims.lhs_feature, &dims.lhs_spatial),
            ("rhs", rhs, dims.rhs_input, dims.rhs_output, &dims.rhs_spatial),
            ("the result", lhs, dims.out_batch, dims.out_feature, &dims.out_spatial),
        ] {
            if rest.len() != spatial {
                return Err(format!("expected {spatial} spatial axes of {name}, found {rest:?}"));
            }
            let mut all: Axes = smallvec![first, second];
            all.extend_from_slice(rest);
            distinct_axes(&all, ty).map_err(|reason| format!("axes of {name}: {reason}"))?;
        }
        Ok(())
    }

    /// Whether the groups divide what they group.
    fn check_groups(&self, lhs: &Type, rhs: &Type) -> Result<(), String> {
        let (dims, features, batches) = (&self.dims, self.feature_groups, self.batch_groups);
        if features == 0 || batches == 0 || (features > 1 && batches > 1) {
            return Err(format!(
                "expected positive numbers of groups, one of them 1, found {features} of features and {batches} of \
                 examples"
            ));
        }
        for (what, size, groups) in [
            ("examples", lhs.shape[dims.lhs_batch], batches),
            ("input features", lhs.shape[dims.lhs_feature], features),
            ("output features", rhs.shape[dims.rhs_output], features * batches),
        ] {
            if size % groups != 0 {
                return Err(format!("{size} {what} do not fall into {groups} groups"));
            }
        }
        let (given, wanted) = (rhs.shape[dims.rhs_input], lhs.shape[dims.lhs_feature] / features);
        if given != wanted {
            return Err(format!("expected {wanted} input features of rhs, found {given}"));
        }
        Ok(())
    }
}

impl Primitive for Convolution {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn infer(&self, args: &[&Type]) -> Result<Type, String> {
        arity::<2>(args)?;
        let (lhs, rhs) = (args[0], args[1]);
        if lhs.dtype != rhs.dtype || !lhs.dtype.is_float() {
            return Err("expected two float arrays of one element type".into());
        }
        self.check_axes(lhs, rhs)?;
        self.check_groups(lhs, rhs)?;
        let dims = &self.dims;
        let mut shape: Axes = smallvec![0; lhs.rank()];
        shape[dims.out_batch] = lhs.shape[dims.lhs_batch] / self.batch_groups;
        shape[dims.out_feature] = rhs.shape[dims.rhs_output];
        for (i, window) in self.window.iter().enumerate() {
            let (from, of) = (lhs.shape[dims.lhs_spatial[i]], rhs.shape[dims.rhs_spatial[i]]);
            let positions = window.positions(from, of);
            shape[dims.out_spatial[i]] = positions.map_err(|reason| format!("spatial axis {i}: {reason}"))?;
        }
        let bytes = shape.iter().try_fold(lhs.dtype.size(), |bytes, &n| bytes.checked_mul(n));
        match bytes.filter(|&bytes| bytes <= isize::MAX as usize) {
            Some(_) => Ok(lhs.with_shape(shape)),
            None => Err(format!("a result of shape {shape:?} is too large")),
        }
    }

    fn eval(&self, args: &[Strided], out: &Type) -> Eval {
        kernel::convolution(self, args, out)
    }

    fn jvp(&self, b: &mut Builder, args: &[Value], _: Value, tangents: &[Option<Value>]) -> Option<Value> {
        let left = tangents[0].map(|t| b.emit(self.clone(), &[t, args[1]]));
        let right = tangents[1].map(|t| b.emit(self.clone(), &[args[0], t]));
        b.add_tangents(left, right)
    }

    fn transpose(&self, b: &mut Builder, args: &[Value], linear: &[bool], cotangent: Value) -> Cotangents {
        assert!(!(linear[0] && linear[1]), "convolution is not linear in both arguments together");
        if [args[0], args[1], cotangent].iter().any(|&v| b.ty(v).size() == 0) {
            return smallvec![None, None];
        }
        smallvec![
            linear[0].then(|| self.transpose_lhs(b, args, cotangent)),
            linear[1].then(|| self.transpose_rhs(b, args, cotangent)),
        ]
    }

    fn batch(&self, b: &mut Builder, args: &[Value], axes: &[Option<usize>]) -> (Value, usize) {
        if batch_size(b, args, axes) == 0 {
            return self.batch_nothing(b, args, axes);
        }
        match (axes[0], axes[1]) {
            (Some(at), None) => self.batch_lhs(b, args, at),
            (None, Some(at)) => self.batch_rhs(b, args, at),
            (left, right) => self.batch_both(
                b,
                args,
                left.expect("a batched argument"),
                right.expect("a batched argument"),
            ),
        }
    }
}
