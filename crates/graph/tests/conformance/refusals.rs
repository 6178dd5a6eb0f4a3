//! What does not fit is refused with a reason, not with a panic.

use thalweg_graph::primitive::*;
use thalweg_graph::{Builder, DType, Type};

fn float(shape: &[usize]) -> Type {
    Type::new(DType::F64, shape.iter().copied())
}

fn other(dtype: DType, shape: &[usize]) -> Type {
    Type::new(dtype, shape.iter().copied())
}

fn refuse(op: impl Into<Op>, args: &[Type]) {
    let op = op.into();
    let mut b = Builder::new();
    let values: Vec<_> = args.iter().map(|ty| b.input(ty.clone())).collect();
    match b.try_emit(op.clone(), &values) {
        Ok(value) => panic!("{op:?} of {args:?} gave {}", b.ty(value)),
        Err(error) => {
            assert_eq!(error.arguments, args);
            assert!(!error.reason.is_empty() && error.to_string().starts_with(op.rules().name()), "{error}");
        }
    }
}

#[test]
fn elementwise() {
    let (x, i, p) = (float(&[3]), other(DType::I32, &[3]), other(DType::Bool, &[3]));
    refuse(Op::Input(0), &[]);
    refuse(Unary::Tanh, &[]);
    refuse(Unary::Tanh, &[x.clone(), x.clone()]);
    refuse(Unary::Tanh, std::slice::from_ref(&i));
    refuse(Unary::Not, std::slice::from_ref(&x));
    refuse(Unary::IsFinite, std::slice::from_ref(&p));
    refuse(Binary::Add, std::slice::from_ref(&x));
    refuse(Binary::Add, &[x.clone(), i.clone()]);
    refuse(Binary::Add, &[x.clone(), float(&[1])]);
    refuse(Binary::Add, &[p.clone(), p.clone()]);
    refuse(Unary::Ceil, std::slice::from_ref(&i));
    refuse(Unary::Negate, std::slice::from_ref(&p));
    refuse(Binary::Power, &[i.clone(), i.clone()]);
    refuse(Binary::Divide, &[p.clone(), p.clone()]);
    refuse(Binary::Remainder, &[i.clone(), x.clone()]);
    refuse(Binary::And, &[x.clone(), x.clone()]);
    refuse(Compare(Direction::Lt), &[p.clone(), p.clone()]);
    refuse(Compare(Direction::Eq), &[x.clone(), float(&[3, 1])]);
    refuse(Select, &[x.clone(), x.clone(), x.clone()]);
    refuse(Select, &[other(DType::Bool, &[]), x.clone(), x.clone()]);
    refuse(Select, &[p, x.clone(), i]);
    refuse(Convert(DType::F32), &[]);
    refuse(Iota { ty: float(&[3]), axis: 1 }, &[]);
    refuse(Iota { ty: other(DType::Bool, &[3]), axis: 0 }, &[]);
    refuse(Iota { ty: float(&[3]), axis: 0 }, std::slice::from_ref(&x));
    refuse(Op::Constant(thalweg_graph::Literal::scalar(DType::F64, 1.0)), &[x]);
}

#[test]
fn layout() {
    let x = [float(&[2, 3])];
    let broadcast =
        |shape: &[usize], axes: &[usize]| BroadcastInDim { shape: shape.into(), axes: axes.into() };
    refuse(broadcast(&[2, 3], &[0]), &x);
    refuse(broadcast(&[2, 3], &[0, 2]), &x);
    refuse(broadcast(&[2, 3], &[1, 0]), &x);
    refuse(broadcast(&[2, 3], &[1, 1]), &x);
    refuse(broadcast(&[2, 4], &[0, 1]), &x);
    refuse(Reshape([5].as_slice().into()), &x);
    refuse(Transpose([0].as_slice().into()), &x);
    refuse(Transpose([0, 0].as_slice().into()), &x);
    refuse(Transpose([0, 2].as_slice().into()), &x);
    refuse(Reverse([2].as_slice().into()), &x);
    refuse(Reverse([0, 0].as_slice().into()), &x);
    let slice = |start: &[usize], limit: &[usize], stride: &[usize]| Slice {
        start: start.into(),
        limit: limit.into(),
        stride: stride.into(),
    };
    refuse(slice(&[0], &[2], &[1]), &x);
    refuse(slice(&[0, 0], &[2, 4], &[1, 1]), &x);
    refuse(slice(&[0, 2], &[2, 1], &[1, 1]), &x);
    refuse(slice(&[0, 0], &[2, 3], &[1, 0]), &x);
    let pad = |low: &[i64], high: &[i64], interior: &[usize]| Pad {
        low: low.into(),
        high: high.into(),
        interior: interior.into(),
    };
    let [x] = x;
    refuse(pad(&[0, 0], &[0, 0], &[0, 0]), std::slice::from_ref(&x));
    refuse(pad(&[0, 0], &[0, 0], &[0, 0]), &[x.clone(), float(&[1])]);
    refuse(pad(&[0], &[0, 0], &[0, 0]), &[x.clone(), float(&[])]);
    refuse(pad(&[-2, 0], &[-1, 0], &[0, 0]), &[x.clone(), float(&[])]);
    refuse(Concatenate { axis: 0 }, &[]);
    refuse(Concatenate { axis: 2 }, &[x.clone(), x.clone()]);
    refuse(Concatenate { axis: 0 }, &[x.clone(), float(&[2])]);
    refuse(Concatenate { axis: 0 }, &[x.clone(), float(&[2, 2])]);
    refuse(Concatenate { axis: 0 }, &[x, other(DType::F32, &[2, 3])]);
}

#[test]
fn reductions_and_products() {
    let x = float(&[2, 3]);
    let sum = |axes: &[usize]| Reduce { reducer: Reducer::Sum, axes: axes.into() };
    refuse(sum(&[2]), std::slice::from_ref(&x));
    refuse(sum(&[0, 0]), std::slice::from_ref(&x));
    refuse(sum(&[1, 0]), std::slice::from_ref(&x));
    refuse(sum(&[0]), &[other(DType::I32, &[2, 3])]);
    refuse(ArgMax { axis: 2 }, std::slice::from_ref(&x));
    refuse(ArgMax { axis: 1 }, &[float(&[2, 0])]);
    refuse(ArgMax { axis: 0 }, &[other(DType::I32, &[2])]);
    refuse(DotGeneral::contract(1, 0), &[x.clone(), x.clone()]);
    refuse(DotGeneral::contract(2, 0), &[x.clone(), x.clone()]);
    refuse(DotGeneral::contract(1, 1), &[x.clone(), other(DType::F32, &[2, 3])]);
    refuse(DotGeneral::contract(0, 0), &[other(DType::I32, &[2]), other(DType::I32, &[2])]);
    let dot = |lhs_batch: &[usize], rhs_batch: &[usize], lhs: &[usize], rhs: &[usize]| DotGeneral {
        lhs_batch: lhs_batch.into(),
        rhs_batch: rhs_batch.into(),
        lhs_contract: lhs.into(),
        rhs_contract: rhs.into(),
    };
    refuse(dot(&[0], &[], &[1], &[1]), &[x.clone(), x.clone()]);
    refuse(dot(&[0], &[0], &[0], &[0]), &[x.clone(), x.clone()]);
    refuse(dot(&[0], &[1], &[], &[]), &[x.clone(), x]);
}

#[test]
fn gathers_and_scatters() {
    let (x, i) = (float(&[4, 3]), other(DType::I32, &[5]));
    let rows = GatherDims::rows(2, 1);
    let gather = |dims: GatherDims, sizes: &[usize]| Gather { dims, slice_sizes: sizes.into() };
    let refuse_dims = |change: &dyn Fn(&mut GatherDims), sizes: &[usize], indices: &[usize]| {
        let mut dims = rows.clone();
        change(&mut dims);
        refuse(gather(dims, sizes), &[x.clone(), other(DType::I32, indices)]);
    };
    refuse(gather(rows.clone(), &[1, 3]), std::slice::from_ref(&x));
    refuse(gather(rows.clone(), &[1, 3]), &[x.clone(), float(&[5])]);
    refuse(gather(rows.clone(), &[1]), &[x.clone(), i.clone()]);
    refuse(gather(rows.clone(), &[1, 4]), &[x.clone(), i.clone()]);
    refuse(gather(rows.clone(), &[2, 3]), &[x.clone(), i.clone()]);
    refuse(gather(rows.clone(), &[1, 3]), &[float(&[0, 3]), i.clone()]);
    refuse_dims(&|d| d.index_vector = 2, &[1, 3], &[5]);
    refuse_dims(&|d| d.index_vector = 0, &[1, 3], &[5]);
    refuse_dims(&|d| d.start_index_map = [2].as_slice().into(), &[1, 3], &[5]);
    refuse_dims(&|d| d.start_index_map = [0, 0].as_slice().into(), &[1, 3], &[5]);
    refuse_dims(&|d| d.collapsed = [2].as_slice().into(), &[1, 3], &[5]);
    refuse_dims(&|d| d.collapsed = [0, 0].as_slice().into(), &[1, 3], &[5]);
    refuse_dims(&|d| d.collapsed.clear(), &[1, 3], &[5]);
    refuse_dims(&|d| d.offset = [2].as_slice().into(), &[1, 3], &[5]);
    refuse_dims(&|d| d.offset = [0, 1].as_slice().into(), &[1, 3], &[5]);
    refuse_dims(&|d| d.operand_batching = [1].as_slice().into(), &[1, 1], &[5]);
    let batching = |operand: &'static [usize], indices: &'static [usize]| {
        move |d: &mut GatherDims| {
            d.offset.clear();
            d.operand_batching = operand.into();
            d.indices_batching = indices.into();
        }
    };
    refuse_dims(&batching(&[1], &[0]), &[1, 1], &[5]);
    refuse_dims(&batching(&[1], &[1]), &[1, 1], &[3]);
    refuse_dims(&batching(&[1], &[7]), &[1, 1], &[3]);
    refuse_dims(&batching(&[0], &[0]), &[1, 1], &[4]);
    // An axis cannot be both positioned and matched, nor matched twice.
    let both = GatherDims {
        offset: [1].as_slice().into(),
        collapsed: [].as_slice().into(),
        operand_batching: [0].as_slice().into(),
        indices_batching: [0].as_slice().into(),
        start_index_map: [0].as_slice().into(),
        index_vector: 1,
    };
    refuse(gather(both, &[1, 3]), &[x.clone(), other(DType::I32, &[4])]);
    let twice = GatherDims {
        offset: [].as_slice().into(),
        collapsed: [].as_slice().into(),
        operand_batching: [0, 1].as_slice().into(),
        indices_batching: [0, 0].as_slice().into(),
        start_index_map: [].as_slice().into(),
        index_vector: 1,
    };
    refuse(gather(twice, &[1, 1]), &[float(&[3, 3]), other(DType::I32, &[3, 0])]);
    let scatter = ScatterAdd { dims: rows };
    refuse(scatter.clone(), &[x.clone(), i.clone()]);
    refuse(scatter.clone(), &[x.clone(), i.clone(), float(&[5, 4])]);
    refuse(scatter.clone(), &[x.clone(), i.clone(), float(&[4, 3])]);
    refuse(scatter.clone(), &[x, i.clone(), float(&[])]);
    refuse(scatter, &[other(DType::I32, &[4, 3]), i, other(DType::I32, &[5, 3])]);
}

#[test]
fn windows() {
    let x = float(&[4]);
    let reduce =
        |reducer: Reducer, window: PoolWindow| ReduceWindow { reducer, window: [window].as_slice().into() };
    let pair = PoolWindow::new(2, 1);
    for window in [
        PoolWindow { size: 0, ..pair },
        PoolWindow { stride: 0, ..pair },
        PoolWindow { base_dilation: 0, ..pair },
        PoolWindow { window_dilation: 0, ..pair },
        pair.padded(-3, -2),
        pair.padded(isize::MAX, isize::MAX),
        pair.padded(isize::MAX, isize::MIN),
        PoolWindow { size: usize::MAX, ..pair },
        PoolWindow { stride: usize::MAX, ..pair },
        PoolWindow { base_dilation: usize::MAX, ..pair },
        PoolWindow { window_dilation: usize::MAX, ..pair },
    ] {
        refuse(reduce(Reducer::Sum, window), std::slice::from_ref(&x));
        refuse(reduce(Reducer::Max, window), std::slice::from_ref(&x));
    }
    refuse(reduce(Reducer::Sum, pair), &[x.clone(), x.clone()]);
    refuse(reduce(Reducer::Sum, pair), &[float(&[4, 4])]);
    refuse(reduce(Reducer::Max, pair), &[other(DType::I32, &[4])]);
    // More elements than an i32 can number; a sum numbers none.
    let huge = float(&[1 << 31]);
    refuse(reduce(Reducer::Max, pair), std::slice::from_ref(&huge));
    let mut b = Builder::new();
    let value = b.input(huge);
    assert!(b.try_emit(reduce(Reducer::Sum, pair), &[value]).is_ok());
    let places = |reducer: Reducer, leading: usize| WindowArg {
        reducer,
        window: [PoolWindow::SINGLE, pair].as_slice().into(),
        leading,
    };
    let plane = float(&[3, 4]);
    refuse(places(Reducer::Sum, 1), std::slice::from_ref(&plane));
    refuse(places(Reducer::Max, 2), std::slice::from_ref(&plane));
    refuse(places(Reducer::Max, 3), std::slice::from_ref(&plane));
    refuse(places(Reducer::Max, 1), std::slice::from_ref(&x));
    refuse(places(Reducer::Max, 1), &[other(DType::Bool, &[3, 4])]);
    refuse(places(Reducer::Min, 0), &[float(&[1 << 16, 1 << 15])]);
    let mut b = Builder::new();
    let value = b.input(float(&[1 << 16, 1 << 15]));
    assert!(b.try_emit(places(Reducer::Min, 1), &[value]).is_ok());
}

#[test]
fn convolutions() {
    let w = Window::new();
    let (x, y) = (float(&[2, 4, 5]), float(&[6, 4, 3]));
    let plain = Convolution {
        dims: ConvolutionDims::channels_first(1),
        window: [w].as_slice().into(),
        feature_groups: 1,
        batch_groups: 1,
    };
    let both = [x.clone(), y.clone()];
    refuse(plain.clone(), std::slice::from_ref(&x));
    refuse(plain.clone(), &[x.clone(), other(DType::F32, &[6, 4, 3])]);
    refuse(plain.clone(), &[other(DType::I32, &[2, 4, 5]), other(DType::I32, &[6, 4, 3])]);
    refuse(plain.clone(), &[float(&[2, 4, 5, 1]), y.clone()]);
    refuse(plain.clone(), &[x.clone(), float(&[6, 4])]);
    // Sizes that do not match, and groups that do not divide.
    refuse(plain.clone(), &[x.clone(), float(&[6, 3, 3])]);
    let grouped =
        |feature_groups, batch_groups| Convolution { feature_groups, batch_groups, ..plain.clone() };
    for groups in [[0, 1], [1, 0], [2, 2], [2, 1], [3, 1], [1, 3], [1, 4]] {
        refuse(grouped(groups[0], groups[1]), &both);
    }
    refuse(grouped(4, 1), &[x.clone(), float(&[6, 1, 3])]);
    refuse(grouped(1, 2), &[x.clone(), float(&[5, 4, 3])]);
    // Axes that are missing, named twice, or not there.
    let refuse_dims = |change: &dyn Fn(&mut ConvolutionDims)| {
        let mut op = plain.clone();
        change(&mut op.dims);
        refuse(op, &both);
    };
    refuse_dims(&|d| d.lhs_batch = 1);
    refuse_dims(&|d| d.lhs_feature = 3);
    refuse_dims(&|d| d.lhs_spatial.clear());
    refuse_dims(&|d| d.lhs_spatial.push(2));
    refuse_dims(&|d| d.rhs_input = 2);
    refuse_dims(&|d| d.rhs_output = usize::MAX);
    refuse_dims(&|d| d.rhs_spatial[0] = 0);
    refuse_dims(&|d| d.out_batch = 2);
    refuse_dims(&|d| d.out_feature = 7);
    refuse_dims(&|d| d.out_spatial = [0, 2].as_slice().into());
    // Windows that stand still, are missing or too many, and sizes beyond any array.
    let most = isize::MAX;
    for window in [
        &[][..],
        &[w, w],
        &[w.stride(0)],
        &[w.dilation(0)],
        &[w.lhs_dilation(0)],
        &[w.dilation(usize::MAX)],
        &[w.lhs_dilation(usize::MAX / 2)],
        &[w.padding(most, most)],
        &[w.padding(isize::MIN, 0)],
        &[w.padding(most / 16, most / 16)],
    ] {
        refuse(Convolution { window: window.into(), ..plain.clone() }, &both);
    }
    let many = Convolution {
        dims: ConvolutionDims::channels_first(4),
        window: [w; 4].as_slice().into(),
        feature_groups: 1,
        batch_groups: 1,
    };
    refuse(many, &[float(&[1; 6]), float(&[1; 6])]);
}

#[test]
fn transposed_convolutions() {
    let w = Window::new();
    let filters = &[4, 3, 2][..];
    for (shape, window, extra, groups, reason) in [
        (filters, w, &[0][..], 3, "groups"),
        (filters, w, &[0], 0, "groups"),
        (&[4, 3], w, &[0], 1, "axes"),
        (filters, w, &[], 1, "paddings"),
        (filters, w, &[usize::MAX], 1, "too large"),
        (filters, w.stride(0), &[0], 1, "stride"),
        (filters, w.dilation(usize::MAX), &[0], 1, "too large"),
        (&[3, 3, 2], w, &[0], 1, "input features"),
    ] {
        let mut b = Builder::new();
        let (x, y) = (b.input(float(&[2, 4, 5])), b.input(float(shape)));
        let error = b.try_conv_transpose(x, y, &[window], extra, groups).expect_err("arguments do not fit");
        assert!(error.reason.contains(reason), "{error}");
    }
}

#[test]
fn sums_orders_and_random_numbers() {
    let x = float(&[2, 3]);
    let cumsum = |axis: usize| CumSum { axis, reverse: false, exclusive: false };
    refuse(cumsum(2), std::slice::from_ref(&x));
    refuse(cumsum(0), &[float(&[])]);
    refuse(cumsum(0), &[x.clone(), x.clone()]);
    refuse(cumsum(0), &[other(DType::Bool, &[3])]);
    let sort = |axis: usize| ArgSort { axis, descending: false };
    refuse(sort(2), std::slice::from_ref(&x));
    refuse(sort(0), &[other(DType::I32, &[3])]);
    refuse(sort(0), &[float(&[1 << 31])]);
    refuse(Uniform { seed: 1, dtype: DType::F64 }, std::slice::from_ref(&x));
    refuse(Uniform { seed: 1, dtype: DType::I32 }, &[other(DType::I32, &[3])]);
    refuse(Uniform { seed: 1, dtype: DType::F32 }, &[]);
}
