//! How windows move over the spatial axes, as convolutions and pools say it.

use crate::onnx::array::Outcome;
use crate::onnx::call::Call;

/// No size, stride or padding is larger.
const LARGEST: i64 = 1 << 24;

/// Windows over spatial axes of arrays `[N, C, spatial…]`.
pub struct Windows {
    /// Elements of a window along each axis.
    pub size: Vec<usize>,
    pub stride: Vec<usize>,
    pub dilation: Vec<usize>,
    /// Padding before and after.
    pub pads: Vec<(isize, isize)>,
    /// How the padding is chosen, where it is not given.
    pub auto: Auto,
}

/// How padding is chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Auto {
    /// It is given.
    No,
    /// There is none.
    Valid,
    /// As many results as elements divided by the stride; of an odd number of zeros the
    /// additional one stands at the end (`upper`) or at the beginning.
    Same { upper: bool },
}

impl Windows {
    /// What a node's attributes say about `spatial` axes; `size` where it has no `kernel_shape`.
    pub fn of(call: &Call, spatial: usize, size: Option<&[usize]>) -> Outcome<Self> {
        let list = |name: &'static str, default: i64, least: i64, count: usize| {
            let numbers = match call.ints(name)? {
                Some(numbers) => numbers.to_vec(),
                None => vec![default; count],
            };
            let fits = numbers.len() == count && numbers.iter().all(|n| (least..=LARGEST).contains(n));
            match fits {
                true => Ok(numbers),
                false => Err(format!("{name} is {numbers:?}; {count} numbers from {least} are expected")),
            }
        };
        let natural = |numbers: Vec<i64>| numbers.into_iter().map(|n| n as usize).collect::<Vec<_>>();
        let kernel = call.ints("kernel_shape")?.map(<[i64]>::to_vec);
        let size = match (kernel, size) {
            (None, None) => return Err("the attribute kernel_shape is missing".to_owned()),
            (None, Some(size)) => size.to_vec(),
            (Some(_), size) => {
                let kernel = natural(list("kernel_shape", 1, 1, spatial)?);
                if let Some(size) = size.filter(|size| *size != kernel) {
                    return Err(format!("kernel_shape is {kernel:?}, the weights have {size:?}"));
                }
                kernel
            }
        };
        let pads = list("pads", 0, -LARGEST, 2 * spatial)?;
        let auto = match call.text_or("auto_pad", "NOTSET")? {
            "NOTSET" | "" => Auto::No,
            "VALID" => Auto::Valid,
            "SAME_UPPER" => Auto::Same { upper: true },
            "SAME_LOWER" => Auto::Same { upper: false },
            other => return Err(format!("auto_pad is {other:?}, which is not known")),
        };
        let given = auto == Auto::No;
        Ok(Self {
            size,
            stride: natural(list("strides", 1, 1, spatial)?),
            dilation: natural(list("dilations", 1, 1, spatial)?),
            pads: (0..spatial)
                .map(|i| if given { (pads[i] as isize, pads[spatial + i] as isize) } else { (0, 0) })
                .collect(),
            auto,
        })
    }

    /// Elements from the first to the last of a window along axis `i`.
    pub fn reach(&self, i: usize) -> usize {
        (self.size[i].max(1) - 1) * self.dilation[i] + 1
    }

    /// Chooses the padding of windows that slide over axes of these sizes.
    pub fn slide_over(&mut self, sizes: &[usize]) {
        if let Auto::Same { upper } = self.auto {
            for (i, &n) in sizes.iter().enumerate() {
                let results = n.div_ceil(self.stride[i]);
                let covered = results.saturating_sub(1) * self.stride[i] + self.reach(i);
                self.pads[i] = divided(covered.saturating_sub(n) as isize, upper);
            }
        }
    }

    /// The number of results along axis `i` of n elements. With `ceil`, a last window that
    /// does not fit counts if it begins among the elements or the padding before them.
    pub fn results(&self, i: usize, n: usize, ceil: bool) -> Outcome<usize> {
        let (low, high) = self.pads[i];
        let (n, reach, stride) = (n as isize, self.reach(i) as isize, self.stride[i] as isize);
        let room = n + low + high - reach;
        if room < 0 {
            return Err(format!("a window of {reach} does not fit {n} elements padded by {low} and {high}"));
        }
        let mut results = room / stride + 1;
        if ceil && room % stride != 0 && results * stride < n + low {
            results += 1;
        }
        Ok(results as usize)
    }
}

/// Padding divided between both sides; an odd element goes to the end or the beginning.
pub fn divided(total: isize, upper: bool) -> (isize, isize) {
    let less = total.div_euclid(2);
    if upper { (less, total - less) } else { (total - less, less) }
}
