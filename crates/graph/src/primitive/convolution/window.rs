//! How a window moves along one axis.

/// How the window moves along one spatial axis.
///
/// The window's position `i` meets element `q` of the left argument with its
/// element `j` where q · `lhs_dilation` = i · `stride` + j · `rhs_dilation` − `low`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Window {
    /// Distance between neighbouring positions.
    pub stride: usize,
    /// Zeros before the first element; negative crops.
    pub low: isize,
    /// Zeros after the last element; negative crops.
    pub high: isize,
    /// Distance between the left argument's elements, with zeros between them.
    pub lhs_dilation: usize,
    /// Distance between the window's elements.
    pub rhs_dilation: usize,
    /// Whether the window is turned round: its element j is then number `size − 1 − j` of the right argument.
    pub reversed: bool,
}

impl Default for Window {
    fn default() -> Self {
        Self { stride: 1, low: 0, high: 0, lhs_dilation: 1, rhs_dilation: 1, reversed: false }
    }
}

/// Sizes and paddings beyond this do not belong to any array.
const MOST: isize = isize::MAX / 8;

impl Window {
    /// Steps of 1, no padding, no dilation, not reversed.
    pub fn new() -> Self {
        Self::default()
    }

    /// With another distance between positions.
    pub fn stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// With zeros before and after the left argument's elements.
    pub fn padding(self, low: isize, high: isize) -> Self {
        Self { low, high, ..self }
    }

    /// With another distance between the window's elements.
    pub fn dilation(self, rhs_dilation: usize) -> Self {
        Self { rhs_dilation, ..self }
    }

    /// With another distance between the left argument's elements.
    pub fn lhs_dilation(self, lhs_dilation: usize) -> Self {
        Self { lhs_dilation, ..self }
    }

    /// Turned round.
    pub fn reversed(self) -> Self {
        Self { reversed: !self.reversed, ..self }
    }

    /// Number of positions of a window of `rhs` elements over `lhs` elements, or why there is none.
    pub(super) fn positions(&self, lhs: usize, rhs: usize) -> Result<usize, String> {
        if self.stride == 0 || self.lhs_dilation == 0 || self.rhs_dilation == 0 {
            return Err(format!("{self:?} has a stride or dilation of 0"));
        }
        let too_large = || format!("{self:?} over {lhs} elements is too large");
        if [self.low, self.high].iter().any(|p| p.unsigned_abs() > MOST as usize) {
            return Err(too_large());
        }
        let (Some(inner), Some(window)) = (extent(lhs, self.lhs_dilation), extent(rhs, self.rhs_dilation))
        else {
            return Err(too_large());
        };
        let padded = self.low + inner + self.high;
        if padded <= 0 || window > padded {
            return Ok(0);
        }
        Ok((padded - window) as usize / self.stride + 1)
    }

    /// The window of the transpose, which moves over the result to make the left
    /// argument with `extra` more elements, of a window of `rhs` elements.
    pub(crate) fn transposed(&self, rhs: usize, extra: usize) -> Result<Self, String> {
        self.positions(0, rhs)?;
        let window = extent(rhs, self.rhs_dilation).expect("a size that was just checked");
        if extra > MOST as usize {
            return Err(format!("an output padding of {extra} is too large"));
        }
        Ok(Self {
            stride: self.lhs_dilation,
            low: window - 1 - self.low,
            high: window - 1 - self.high + extra as isize,
            lhs_dilation: self.stride,
            rhs_dilation: self.rhs_dilation,
            reversed: !self.reversed,
        })
    }

    /// The window under which the result's cotangent meets the right argument:
    /// it moves over `out` elements to make `lhs` of them.
    pub(super) fn over_out(&self, lhs: usize, rhs: usize, out: usize) -> Self {
        let [inner, window, spread] = self.extents(lhs, rhs, out);
        let turned = self.transposed(rhs, 0).expect("a window that the type rule has checked");
        Self { high: inner + window - 1 - spread - turned.low, ..turned }
    }

    /// The window that the result's cotangent is when it moves over the left
    /// argument to make the right one, in order.
    pub(super) fn of_out(&self, lhs: usize, rhs: usize, out: usize) -> Self {
        let [inner, window, spread] = self.extents(lhs, rhs, out);
        Self {
            stride: self.rhs_dilation,
            low: self.low,
            high: window - 1 + spread - self.low - inner,
            lhs_dilation: self.lhs_dilation,
            rhs_dilation: self.stride,
            reversed: false,
        }
    }

    /// Dilated sizes of both arguments and of the result, none of which is empty.
    fn extents(&self, lhs: usize, rhs: usize, out: usize) -> [isize; 3] {
        [(lhs, self.lhs_dilation), (rhs, self.rhs_dilation), (out, self.stride)]
            .map(|(size, dilation)| extent(size, dilation).expect("sizes that the type rule has checked"))
    }
}

/// Elements from the first to the last of `size` elements at distance `dilation`.
fn extent(size: usize, dilation: usize) -> Option<isize> {
    let Some(last) = size.checked_sub(1) else { return Some(0) };
    isize::try_from(last.checked_mul(dilation)?).ok().filter(|&e| e < MOST).map(|e| e + 1)
}
