//! Steps of a growing program that multiply arrays with each other.

use thalweg_graph::primitive::*;
use thalweg_graph::{Axes, DType, Type};

use super::{Digits, Grown, LARGEST};

impl Grown {
    /// Contracts one pair of axes of equal size, and matches another as a batch.
    pub(super) fn product(&mut self, a: usize, c: usize, d: &mut Digits) {
        let (lhs, rhs) = (self.shape(a), self.shape(c));
        let mut pairs: Vec<(usize, usize)> = (0..lhs.len())
            .flat_map(|i| (0..rhs.len()).map(move |j| (i, j)))
            .filter(|&(i, j)| lhs[i] == rhs[j])
            .collect();
        let mut take = |wanted: bool| {
            let pair = (wanted && !pairs.is_empty()).then(|| pairs[d.below(pairs.len())]);
            if let Some((i, j)) = pair {
                pairs.retain(|p| p.0 != i && p.1 != j);
            }
            pair
        };
        let (contract, batch) = (take(true), take((a + c).is_multiple_of(2)));
        let one = |axis: Option<usize>| axis.into_iter().collect::<Axes>();
        let op = DotGeneral {
            lhs_batch: one(batch.map(|p| p.0)),
            rhs_batch: one(batch.map(|p| p.1)),
            lhs_contract: one(contract.map(|p| p.0)),
            rhs_contract: one(contract.map(|p| p.1)),
        };
        let count = contract.map_or(1, |p| lhs[p.0]);
        let free = |shape: &[usize], gone: [Option<usize>; 2]| -> Vec<usize> {
            (0..shape.len()).filter(|&i| !gone.contains(&Some(i))).map(|i| shape[i]).collect()
        };
        let sizes = [
            batch.map(|p| lhs[p.0]).into_iter().collect(),
            free(&lhs, [contract.map(|p| p.0), batch.map(|p| p.0)]),
            free(&rhs, [contract.map(|p| p.1), batch.map(|p| p.1)]),
        ]
        .concat();
        if sizes.len() <= 4 && sizes.iter().product::<usize>() <= LARGEST {
            let product = self.push(op, &[a, c]);
            let share = self.constant(1.0 / count.max(1) as f64, &sizes);
            self.push(Binary::Multiply, &[product, share]);
        }
    }

    /// An array with a part of itself as the filters, which has as many examples as outputs.
    pub(super) fn convolved(&mut self, a: usize, d: &mut Digits) {
        let shape = self.shape(a);
        if shape.len() < 2 || shape.contains(&0) {
            return;
        }
        let mut axes: Axes = (0..shape.len()).collect();
        (1..axes.len()).for_each(|i| axes.swap(i, d.below(i + 1)));
        let (batch, feature) = (axes[0], axes[1]);
        let spatial: Axes = axes[2..].into();
        let mut limit: Axes = shape.as_slice().into();
        spatial.iter().for_each(|&axis| limit[axis] = 1 + d.below(limit[axis].min(2)));
        let (start, stride) = (Axes::from_elem(0, shape.len()), Axes::from_elem(1, shape.len()));
        let count: usize = spatial.iter().map(|&axis| limit[axis]).product::<usize>() * shape[feature];
        let windows = spatial.iter().map(|_| {
            let window = Window::new().stride(1 + d.below(2)).dilation(1 + d.below(2));
            window.padding(d.below(3) as isize - 1, d.below(2) as isize).lhs_dilation(1 + d.below(2))
        });
        let op = Convolution {
            window: windows.collect(),
            dims: ConvolutionDims {
                lhs_batch: batch,
                lhs_feature: feature,
                lhs_spatial: spatial.clone(),
                rhs_input: feature,
                rhs_output: batch,
                rhs_spatial: spatial.clone(),
                out_batch: feature,
                out_feature: batch,
                out_spatial: spatial,
            },
            feature_groups: 1,
            batch_groups: 1,
        };
        let types = [shape, limit.to_vec()].map(|shape| Type::new(DType::F64, shape));
        if op.infer(&[&types[0], &types[1]]).is_ok_and(|out| out.size() <= LARGEST) {
            let filters = self.push(Slice { start, limit, stride }, &[a]);
            let product = self.push(op, &[a, filters]);
            let share = self.constant(1.0 / count as f64, &self.shape(product));
            self.push(Binary::Multiply, &[product, share]);
        }
    }
}
