//! What the builder writes instead of what was asked for.

use crate::exec::fold;
use crate::primitive::{Binary, BroadcastInDim, Op, Pad, PoolWindow, Reducer, Unary};
use crate::{Axes, Builder, Literal, Shape, Type, Value};

/// Constants of at most this many elements are computed while building.
const FOLD_LIMIT: usize = 64;

/// A simpler value equal to `op(args)`, if there is one.
///
/// Identities hold for finite and non-finite elements alike, the sign of zero
/// excepted; x · 0 therefore stays as it is.
pub(crate) fn rewrite(b: &mut Builder, op: &Op, args: &[Value], ty: &Type) -> Option<Value> {
    if let Some(value) = identity(b, op, args, ty) {
        return Some(value);
    }
    if args.is_empty() {
        return None;
    }
    if elementwise(op) && ty.size() > 1 {
        // The same function of scalars, repeated.
        let splats: Option<Vec<f64>> = args.iter().map(|&a| b.splat(a)).collect();
        let scalars: Vec<Literal> =
            splats?.into_iter().zip(args).map(|(value, &a)| Literal::scalar(b.ty(a).dtype, value)).collect();
        let scalar = b.literal(fold(op, &scalars, &Type::scalar(ty.dtype)));
        return Some(b.broadcast_in_dim(scalar, &ty.shape, &[]));
    }
    if elementwise(op)
        && let Some(value) = before_broadcast(b, op, args, ty)
    {
        return Some(value);
    }
    if ty.size() > FOLD_LIMIT || op.is_free() {
        return None;
    }
    let constants: Option<Vec<Literal>> = args
        .iter()
        .map(|&a| match &b.node(a).op {
            Op::Constant(literal) if literal.ty().size() <= FOLD_LIMIT => Some(literal.clone()),
            _ => None,
        })
        .collect();
    Some(b.literal(fold(op, &constants?, ty)))
}

/// Elementwise work on arguments that are all broadcast alike is done before the broadcast.
fn before_broadcast(b: &mut Builder, op: &Op, args: &[Value], ty: &Type) -> Option<Value> {
    let mut common: Option<(Axes, Shape)> = None;
    for &arg in args.iter().filter(|&&a| b.splat(a).is_none()) {
        let Op::BroadcastInDim(broadcast) = &b.node(arg).op else { return None };
        let inner = &b.ty(b.node(arg).args[0]).shape;
        match &common {
            None => common = Some((broadcast.axes.clone(), inner.clone())),
            Some((axes, shape)) if *axes == broadcast.axes && shape == inner => {}
            Some(_) => return None,
        }
    }
    let (axes, shape) = common?;
    let inner: Vec<Value> = args
        .iter()
        .map(|&arg| match b.splat(arg) {
            Some(value) => {
                let ty = Type { dtype: b.ty(arg).dtype, shape: shape.clone() };
                b.full(&ty, value)
            }
            None => b.node(arg).args[0],
        })
        .collect();
    let small = b.emit(op.clone(), &inner);
    Some(b.broadcast_in_dim(small, &ty.shape, &axes))
}

fn elementwise(op: &Op) -> bool {
    matches!(
        op,
        Op::Unary(_) | Op::Binary(_) | Op::Compare(_) | Op::Select(_) | Op::Convert(_) | Op::Uniform(_)
    )
}

fn identity(b: &mut Builder, op: &Op, args: &[Value], ty: &Type) -> Option<Value> {
    match op {
        Op::Binary(Binary::Add) => {
            let simpler = binary_identity(b, Binary::Add, args[0], args[1]);
            simpler.or_else(|| sum_of_neighbours(b, args[0], args[1]))
        }
        Op::Binary(binary) => binary_identity(b, *binary, args[0], args[1]),
        Op::Unary(Unary::Negate) => match b.node(args[0]).op {
            Op::Unary(Unary::Negate) => Some(b.node(args[0]).args[0]),
            _ => None,
        },
        Op::Select(_) if args[1] == args[2] => Some(args[1]),
        Op::Select(_) => b.splat(args[0]).map(|choice| if choice != 0.0 { args[1] } else { args[2] }),
        Op::Pad(pad) if b.ty(args[0]) == ty && keeps_its_place(pad, &ty.shape) => Some(args[0]),
        Op::Pad(pad)
            if pad.low.iter().chain(&pad.high).all(|&p| p <= 0) && pad.interior.iter().all(|&i| i == 0) =>
        {
            let start: Axes = pad.low.iter().map(|&l| (-l) as usize).collect();
            let limit: Axes = start.iter().zip(&ty.shape).map(|(s, n)| s + n).collect();
            Some(b.slice_strided(args[0], &start, &limit, &Axes::from_elem(1, start.len())))
        }
        Op::Concatenate(_) if args.len() == 1 => Some(args[0]),
        Op::Concatenate(concatenate) => {
            let parts = |&arg: &Value| match &b.node(arg).op {
                Op::Concatenate(inner) if inner.axis == concatenate.axis => b.node(arg).args.to_vec(),
                _ => vec![arg],
            };
            let flat: Vec<Value> = args.iter().flat_map(parts).collect();
            (flat.len() > args.len()).then(|| b.concatenate(&flat, concatenate.axis))
        }
        Op::Reverse(reverse) if reverse.0.is_empty() => Some(args[0]),
        Op::Slice(_) if b.ty(args[0]) == ty => Some(args[0]),
        Op::Convert(_) if b.ty(args[0]) == ty => Some(args[0]),
        Op::Reduce(reduce) if reduce.axes.is_empty() => Some(args[0]),
        Op::Reduce(reduce) if reduce.reducer == Reducer::Sum => sum_of_splat(b, args[0], ty),
        Op::ReduceWindow(op) if op.window.iter().all(|w| *w == PoolWindow::SINGLE) => Some(args[0]),
        Op::Reshape(_) if b.ty(args[0]) == ty => Some(args[0]),
        Op::Reshape(_) => match b.node(args[0]).op {
            Op::Reshape(_) => {
                let inner = b.node(args[0]).args[0];
                Some(b.reshape(inner, &ty.shape))
            }
            _ => None,
        },
        Op::Transpose(transpose) if transpose.0.iter().enumerate().all(|(i, &a)| i == a) => Some(args[0]),
        Op::Transpose(transpose) => {
            let Op::Transpose(first) = b.node(args[0]).op.clone() else { return None };
            let inner = b.node(args[0]).args[0];
            let composed: Axes = transpose.0.iter().map(|&a| first.0[a]).collect();
            Some(b.transpose(inner, &composed))
        }
        Op::BroadcastInDim(_) if b.ty(args[0]) == ty => Some(args[0]),
        Op::BroadcastInDim(BroadcastInDim { axes, .. }) => {
            let Op::BroadcastInDim(first) = b.node(args[0]).op.clone() else { return None };
            let inner = b.node(args[0]).args[0];
            let composed: Axes = first.axes.iter().map(|&a| axes[a]).collect();
            Some(b.broadcast_in_dim(inner, &ty.shape, &composed))
        }
        _ => None,
    }
}

fn binary_identity(b: &mut Builder, op: Binary, x: Value, y: Value) -> Option<Value> {
    let (left, right) = (b.splat(x), b.splat(y));
    match op {
        Binary::Add | Binary::Subtract if right == Some(0.0) => Some(x),
        Binary::Add if left == Some(0.0) => Some(y),
        Binary::Subtract if left == Some(0.0) && b.ty(x).dtype.is_float() => Some(b.neg(y)),
        Binary::Multiply | Binary::Divide if right == Some(1.0) => Some(x),
        Binary::Multiply if left == Some(1.0) => Some(y),
        Binary::Multiply if right == Some(-1.0) && b.ty(x).dtype.is_float() => Some(b.neg(x)),
        Binary::Multiply if left == Some(-1.0) && b.ty(x).dtype.is_float() => Some(b.neg(y)),
        Binary::Power if right == Some(0.0) => Some(b.full_like(x, 1.0)),
        Binary::Power if right == Some(1.0) => Some(x),
        Binary::Power if right == Some(2.0) => Some(b.mul(x, x)),
        Binary::And | Binary::Or => {
            let neutral = if op == Binary::And { 1.0 } else { 0.0 };
            match (left, right) {
                (Some(c), _) => Some(if c == neutral { y } else { x }),
                (_, Some(c)) => Some(if c == neutral { x } else { y }),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A sum of two arrays that are padded with zeros and lie side by side: the cotangents of an
/// array's slices. They are put together instead of being added.
fn sum_of_neighbours(b: &mut Builder, x: Value, y: Value) -> Option<Value> {
    let (Op::Pad(p), Op::Pad(q)) = (b.node(x).op.clone(), b.node(y).op.clone()) else { return None };
    let zeros = [x, y].iter().all(|&v| b.splat(b.node(v).args[1]) == Some(0.0));
    let whole = |pad: &Pad| pad.interior.iter().all(|&i| i == 0);
    let mut axes = (0..p.low.len()).filter(|&a| (p.low[a], p.high[a]) != (q.low[a], q.high[a]));
    let (axis, None) = (axes.next()?, axes.next()) else { return None };
    let grown = |pad: &Pad| pad.low[axis] >= 0 && pad.high[axis] >= 0;
    if !(zeros && whole(&p) && whole(&q) && grown(&p) && grown(&q)) {
        return None;
    }
    let [first, second] = [x, y].map(|v| b.node(v).args[0]);
    let end = |pad: &Pad, part: Value| pad.low[axis] + b.shape(part)[axis] as i64;
    let (parts, low, high) = if end(&p, first) == q.low[axis] {
        ([first, second], p.low, q.high)
    } else if end(&q, second) == p.low[axis] {
        ([second, first], q.low, p.high)
    } else {
        return None;
    };
    let joined = b.concatenate(&parts, axis);
    Some(b.pad(joined, low, high, p.interior))
}

/// Whether a padding that does not change the shape moves no element either.
fn keeps_its_place(pad: &Pad, shape: &[usize]) -> bool {
    pad.low.iter().all(|&l| l == 0) && pad.interior.iter().zip(shape).all(|(&i, &n)| i == 0 || n <= 1)
}

/// A sum of n equal constants c is n · c.
fn sum_of_splat(b: &mut Builder, x: Value, ty: &Type) -> Option<Value> {
    let value = b.splat(x)?;
    let count = b.ty(x).size().checked_div(ty.size())?;
    Some(b.full(ty, if count == 0 { 0.0 } else { value * count as f64 }))
}
