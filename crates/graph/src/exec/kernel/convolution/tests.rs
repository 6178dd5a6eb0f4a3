//! Each way to compute a convolution, on every machine that this one can be, against loops in f64.

use super::*;
use crate::exec::Kernel;
use crate::primitive::{ConvolutionDims, Window};
use crate::{Element, Shape};

/// Deterministic numbers in (−1, 1).
fn number(seed: usize) -> f64 {
    ((seed * 7 + 3) as f64 * 0.618_033_988_75).fract() * 2.0 - 1.0
}

/// A convolution with its arrays: lhs `[batch, feature, spatial…]`, rhs `[output, input, spatial…]` in memory, read
/// with axes exchanged where a flag says so.
struct Case {
    op: Convolution,
    lhs: Vec<usize>,
    rhs: Vec<usize>,
    exchanged: bool,
}

impl Case {
    fn new(lhs: &[usize], rhs: &[usize], window: &[Window], groups: (usize, usize)) -> Self {
        let dims = ConvolutionDims::channels_first(window.len());
        let op =
            Convolution { dims, window: window.into(), feature_groups: groups.0, batch_groups: groups.1 };
        Self { op, lhs: lhs.into(), rhs: rhs.into(), exchanged: false }
    }

    /// Batch and features exchanged in memory, of lhs and the result, and likewise in rhs.
    fn exchanged(mut self) -> Self {
        self.exchanged = true;
        let dims = &mut self.op.dims;
        (dims.lhs_batch, dims.lhs_feature) = (1, 0);
        (dims.rhs_output, dims.rhs_input) = (1, 0);
        (dims.out_batch, dims.out_feature) = (1, 0);
        self
    }

    fn types(&self, dtype: DType) -> [Type; 3] {
        let order = |shape: &[usize]| -> Shape {
            let mut shape: Shape = shape.into();
            if self.exchanged {
                shape.swap(0, 1);
            }
            shape
        };
        let [lhs, rhs] = [&self.lhs, &self.rhs].map(|s| Type { dtype, shape: order(s) });
        let out = crate::primitive::Primitive::infer(&self.op, &[&lhs, &rhs]).unwrap();
        [lhs, rhs, out]
    }

    /// The result and the sums of sizes of terms, in the result's order.
    fn reference(&self, [lhs, rhs, out]: &[Type; 3], x: &[f64], w: &[f64]) -> Vec<(f64, f64)> {
        let views = [lhs, rhs, out].map(Strided::contiguous);
        let (dims, spatial) = (&self.op.dims, self.op.window.len());
        let index = |shape: &[usize], mut at: usize| -> Vec<usize> {
            let mut index = vec![0; shape.len()];
            for axis in (0..shape.len()).rev() {
                index[axis] = at % shape[axis];
                at /= shape[axis];
            }
            index
        };
        let place = |view: &Strided, index: &[usize]| -> usize {
            index.iter().zip(&view.strides).map(|(&i, &s)| i * s as usize).sum()
        };
        let groups = self.op.feature_groups * self.op.batch_groups;
        let mut result = vec![(0.0, 0.0); out.size()];
        for (at, sum) in result.iter_mut().enumerate() {
            let o = index(&out.shape, at);
            for term in 0..rhs.size() {
                let r = index(&rhs.shape, term);
                if r[dims.rhs_output] != o[dims.out_feature] {
                    continue;
                }
                let group = o[dims.out_feature] / (out.shape[dims.out_feature] / groups);
                let mut l = vec![0; spatial + 2];
                let (across, within) = (
                    group * usize::from(self.op.batch_groups > 1),
                    group * usize::from(self.op.feature_groups > 1),
                );
                l[dims.lhs_batch] = o[dims.out_batch] + across * out.shape[dims.out_batch];
                l[dims.lhs_feature] = r[dims.rhs_input] + within * rhs.shape[dims.rhs_input];
                let inside = (0..spatial).all(|i| {
                    let (window, of) = (&self.op.window[i], rhs.shape[dims.rhs_spatial[i]]);
                    let j = r[dims.rhs_spatial[i]];
                    let j = if window.reversed { of - 1 - j } else { j };
                    let q = (o[dims.out_spatial[i]] * window.stride + j * window.rhs_dilation) as isize
                        - window.low;
                    let d = window.lhs_dilation as isize;
                    let size = lhs.shape[dims.lhs_spatial[i]] as isize;
                    l[dims.lhs_spatial[i]] = (q.max(0) / d) as usize;
                    q >= 0 && q % d == 0 && q / d < size
                });
                if inside {
                    let product = x[place(&views[0], &l)] * w[place(&views[1], &r)];
                    *sum = (sum.0 + product, sum.1 + product.abs());
                }
            }
        }
        result
    }

    fn check<T: Float>(&self, machines: impl Iterator<Item = &'static Machine>) -> usize {
        let dtype = <T as Element>::DTYPE;
        let types = self.types(dtype);
        let make =
            |ty: &Type, seed: usize| (0..ty.size()).map(|i| T::of(number(seed + i))).collect::<Vec<T>>();
        let (x, w) = (make(&types[0], 1), make(&types[1], 5000));
        let wide = |values: &[T]| values.iter().map(|v| v.wide()).collect::<Vec<f64>>();
        let wanted = self.reference(&types, &wide(&x), &wide(&w));
        let epsilon = if dtype == DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
        let mut ways = 0;
        for machine in machines {
            let views = [Strided::contiguous(&types[0]), Strided::contiguous(&types[1])];
            let problem = Problem::new(&self.op, &views, &types[2], machine);
            let kernels: [(&str, Option<Box<dyn Kernel>>); 4] = [
                ("windows", Some(Box::new(Windows::<T>::new(&problem)))),
                ("correlation", Correlation::<T>::new(&problem).map(|k| Box::new(k) as Box<dyn Kernel>)),
                ("across", Across::<T>::new(&problem).map(|k| Box::new(k) as Box<dyn Kernel>)),
                ("tiled", if dtype == DType::F32 { tiled(&problem) } else { None }),
            ];
            for (name, kernel) in kernels {
                let Some(kernel) = kernel else { continue };
                ways += 1;
                let run = |threads: usize| {
                    let mut out = vec![T::of(f64::NAN); types[2].size()];
                    let arrays: [&[u8]; 2] = [bytemuck::cast_slice(&x), bytemuck::cast_slice(&w)];
                    kernel.run(&arrays, bytemuck::cast_slice_mut(&mut out), &Threads::new(threads));
                    out
                };
                let one = run(1);
                for (i, (got, &(wanted, size))) in one.iter().zip(&wanted).enumerate() {
                    let bound = epsilon * (types[1].size() + 8) as f64 * size;
                    assert!(
                        (got.wide() - wanted).abs() <= bound,
                        "{name}, {} lanes, {:?} of {:?} and {:?}, element {i}: {got:?} instead of {wanted}",
                        machine.lanes,
                        self.op,
                        self.lhs,
                        self.rhs
                    );
                }
                assert!(
                    [2, 7].into_iter().all(|threads| run(threads) == one),
                    "{name}: threads change {:?}",
                    self.op
                );
            }
        }
        ways
    }
}

/// On the matrix unit, if there is one and it can.
fn tiled(problem: &Problem) -> Option<Box<dyn Kernel>> {
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    return tiled::Tiled::new(problem).map(|k| Box::new(k) as Box<dyn Kernel>);
    #[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
    None
}

fn cases() -> Vec<Case> {
    let w = Window::new;
    let same = [w().padding(1, 1); 2];
    let plain = |lhs: &[usize], rhs: &[usize], window: &[Window]| Case::new(lhs, rhs, window, (1, 1));
    let mut cases = vec![
        // Layers as they are in networks, in sizes that leave remainders.
        plain(&[2, 3, 9, 32], &[5, 3, 3, 3], &same),
        plain(&[3, 5, 8, 8], &[17, 5, 3, 3], &same),
        plain(&[2, 4, 7, 13], &[3, 4, 5, 5], &[w().padding(2, 2); 2]),
        plain(&[2, 6, 11, 17], &[18, 6, 3, 3], &[w().stride(2).padding(1, 1); 2]),
        plain(&[2, 18, 6, 9], &[6, 18, 3, 3], &[w().lhs_dilation(2).padding(1, 2).reversed(); 2]),
        plain(&[2, 3, 12, 10], &[4, 3, 1, 1], &[w().stride(2); 2]),
        plain(&[2, 2, 20, 20], &[2, 2, 3, 3], &[w().dilation(2), w().dilation(3).padding(1, 0)]),
        plain(&[3, 40, 6, 6], &[4, 40, 3, 3], &same),
        // Derivatives by filters: few positions of long windows.
        plain(&[19, 3, 10, 10], &[5, 3, 8, 8], &[w(); 2]).exchanged(),
        plain(&[3, 5, 9, 9], &[7, 5, 5, 5], &[w().padding(1, 0).dilation(2); 2]).exchanged(),
        plain(&[33, 2, 6, 6], &[3, 2, 6, 6], &same),
        // Other numbers of axes, groups, and all at once.
        plain(&[2, 3, 40], &[5, 3, 7], &[w().padding(3, 3)]),
        plain(&[2, 2, 4, 5, 6], &[3, 2, 3, 2, 3], &[w().padding(1, 1), w(), w().stride(2).padding(1, 1)]),
        plain(&[2, 2, 3, 6, 6], &[3, 2, 1, 3, 3], &[w(), w(), w()]),
        plain(&[2, 2, 5, 4, 4], &[3, 2, 4, 3, 3], &[w().dilation(1), w().padding(1, 1), w().padding(1, 1)]),
        Case::new(&[2, 6, 5, 8], &[4, 3, 3, 3], &same, (2, 1)),
        Case::new(&[2, 5, 6, 6], &[5, 1, 3, 3], &same, (5, 1)),
        Case::new(&[6, 4, 5, 7], &[6, 4, 3, 3], &same, (1, 3)),
        plain(&[1, 1, 9], &[2, 1, 4], &[w().stride(3).lhs_dilation(4).dilation(2).padding(3, -1).reversed()]),
        plain(&[1, 2, 9, 4], &[2, 2, 3, 2], &[w().padding(-2, -1), w().lhs_dilation(3).padding(5, 7)]),
        plain(&[2, 1, 3], &[1, 1, 2], &[w().stride(1 << 40)]),
        plain(&[2, 1, 2], &[2, 1, 2], &[w().stride(1 << 40).padding(1 << 40, 1)]),
        plain(&[2, 1, 3], &[1, 1, 2], &[w().dilation(1 << 40).padding(0, 1 << 40)]),
        plain(&[1, 1, 1], &[2, 1, 2], &[w().lhs_dilation(1 << 50).padding(2, 3)]),
    ];
    cases.extend(
        [
            plain(&[2, 5, 6, 16], &[6, 5, 3, 3], &same),
            plain(&[3, 4, 9, 5], &[2, 4, 3, 3], &[w().lhs_dilation(2), w().padding(1, 1)]),
            plain(&[2, 3, 20], &[4, 3, 3], &[w()]),
        ]
        .map(Case::exchanged),
    );
    cases
}

#[test]
fn all_ways_agree_with_loops() {
    let mut ways = 0;
    for case in cases() {
        ways += case.check::<f32>(Machine::all_f32());
        ways += case.check::<f64>(Machine::all_f64());
    }
    // Most convolutions can be computed in all three ways.
    assert!(ways > 4 * cases().len(), "{ways} ways");
}

/// Sums that are cut into blocks, and images that do not fit a buffer together.
#[test]
fn large_convolutions_agree_with_loops() {
    let same = [Window::new().padding(1, 1); 2];
    let cases = [
        Case::new(&[4, 33, 8, 8], &[15, 33, 3, 3], &same, (1, 1)),
        Case::new(&[5, 130, 5, 5], &[3, 130, 3, 3], &same, (1, 1)),
        Case::new(&[20, 40, 14, 14], &[2, 40, 14, 14], &same, (1, 1)),
    ];
    for case in cases {
        case.check::<f32>(Machine::all_f32().take(1));
        case.check::<f64>(Machine::all_f64().take(1));
    }
}
