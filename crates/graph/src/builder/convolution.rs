//! Convolutions in the layout of PyTorch and ONNX.

use crate::primitive::{Convolution, ConvolutionDims, Window, regrouped};
use crate::{Builder, TypeError, Value};

/// Every method panics, as [`Builder::emit`] does, if the types do not fit.
impl Builder {
    /// y[n, o, i…] = Σ_{c, j…} x[n, c, q…] · w[o, c, j…] with q = i · stride + j · dilation − low
    /// along each spatial axis; x is 0 outside.
    ///
    /// x: `[N, C, spatial…]`, w: `[O, C / feature_groups, window…]`, y: `[N, O, spatial…]` with
    /// ⌊(size + low + high − dilation · (window − 1) − 1) / stride⌋ + 1 positions along each axis.
    /// With groups, run k of the output features sees run k of the input features alone.
    /// The meaning is that of PyTorch's `conv1d`, `conv2d`, `conv3d` and of ONNX's `Conv`.
    ///
    /// ```
    /// use thalweg_graph::primitive::Window;
    /// use thalweg_graph::{Builder, DType, Type, evaluate};
    /// let mut b = Builder::new();
    /// let x = b.input(Type::new(DType::F64, [1, 1, 4]));
    /// let w = b.input(Type::new(DType::F64, [1, 1, 3]));
    /// let y = b.convolution(x, w, &[Window::new().padding(1, 1)], 1);
    /// let outputs = evaluate::<f64>(&b.finish(&[y]), &[&[1.0, 2.0, 3.0, 4.0], &[1.0, 0.0, -1.0]]);
    /// assert_eq!(outputs, [[-2.0, -2.0, -2.0, 3.0]]);
    /// ```
    #[track_caller]
    pub fn convolution(&mut self, x: Value, w: Value, window: &[Window], feature_groups: usize) -> Value {
        let dims = ConvolutionDims::channels_first(window.len());
        self.emit(Convolution { dims, window: window.into(), feature_groups, batch_groups: 1 }, &[x, w])
    }

    /// The transpose of [`convolution`](Self::convolution) with the same filters and window:
    /// y[n, o, q…] = Σ_{c, i…, j…} x[n, c, i…] · w[c, o, j…] over all i and j with
    /// i · stride + j · dilation − low = q.
    ///
    /// x: `[N, C, spatial…]`, w: `[C, O / groups, window…]`, y: `[N, O, spatial…]` with
    /// (size − 1) · stride + dilation · (window − 1) + 1 − low − high + output_padding
    /// positions along each axis. The meaning is that of PyTorch's `conv_transpose1d`,
    /// `conv_transpose2d`, `conv_transpose3d` and of ONNX's `ConvTranspose`.
    #[track_caller]
    pub fn conv_transpose(
        &mut self,
        x: Value,
        w: Value,
        window: &[Window],
        output_padding: &[usize],
        groups: usize,
    ) -> Value {
        match self.try_conv_transpose(x, w, window, output_padding, groups) {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        }
    }

    /// Like [`conv_transpose`](Self::conv_transpose), or says why the arguments do not fit.
    pub fn try_conv_transpose(
        &mut self,
        x: Value,
        w: Value,
        window: &[Window],
        output_padding: &[usize],
        groups: usize,
    ) -> Result<Value, TypeError> {
        let arguments = vec![self.ty(x).clone(), self.ty(w).clone()];
        let refused = |reason| TypeError { primitive: "conv_transpose", arguments, reason };
        let spatial = window.len();
        let shape = self.shape(w);
        if shape.len() != spatial + 2 || output_padding.len() != spatial {
            return Err(refused(format!(
                "{spatial} windows and {} output paddings do not fit filters of {} axes",
                output_padding.len(),
                shape.len()
            )));
        }
        if groups == 0 || !shape[0].is_multiple_of(groups) {
            return Err(refused(format!("{} input features do not fall into {groups} groups", shape[0])));
        }
        let window = (window.iter().zip(&shape[2..]).zip(output_padding))
            .map(|((window, &size), &extra)| window.transposed(size, extra))
            .collect::<Result<_, _>>()
            .map_err(refused)?;
        let filters = regrouped(self, w, groups, 0, 1);
        let mut dims = ConvolutionDims::channels_first(spatial);
        (dims.rhs_input, dims.rhs_output) = (0, 1);
        self.try_emit(Convolution { dims, window, feature_groups: groups, batch_groups: 1 }, &[x, filters])
    }
}
