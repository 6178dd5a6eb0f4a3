//! How each primitive becomes operators of ONNX.

use thalweg_graph::primitive::{
    Binary, Convolution, ConvolutionDims, Direction, DotGeneral, Gather, GatherDims, Iota, Op, PoolWindow,
    ReduceWindow, Reducer, Unary, Window,
};
use thalweg_graph::{DType, Value};

use super::writer::{Size, Writer, code, int, ints, text};

/// Writes node `at` of the program.
pub(super) fn write(w: &mut Writer, at: usize) -> Result<(), String> {
    let (node, more) = w.node(at);
    if w.has(at) || matches!(node.op, Op::Input(_)) {
        return Ok(());
    }
    if !node.args.iter().all(|arg| w.has(arg.index())) {
        return Err("it draws random numbers for each example, as dropout does".into());
    }
    let args = &node.args;
    let whole = |w: &mut Writer| -> Vec<String> { args.iter().map(|&arg| w.whole(arg)).collect() };
    let name = match (&node.op, &more.op) {
        (Op::Constant(literal), Op::Constant(other)) if literal.ty() == other.ty() => {
            w.literal(at, literal);
            return Ok(());
        }
        (Op::Constant(_), _) => return Err("a constant depends on the number of examples".into()),
        (Op::Iota(iota), _) => return counting(w, at, iota),
        (Op::Unary(op), _) => return elementwise(w, at, |w, x| unary(w, *op, node.ty.dtype, x)),
        (Op::Binary(op), _) => return elementwise(w, at, |w, x| binary(w, *op, x)),
        (Op::Compare(op), _) => return elementwise(w, at, |w, x| compare(w, op.0, x)),
        (Op::Select(_), _) => return elementwise(w, at, |w, x| w.emit("Where", x, vec![])),
        (Op::Convert(to), _) => {
            let to = int("to", code(to.0).0.into());
            return elementwise(w, at, |w, x| w.emit("Cast", x, vec![to]));
        }
        (Op::BroadcastInDim(op), _) => {
            let mut shape = vec![Size::Fixed(1); op.shape.len()];
            for (&axis, &size) in op.axes.iter().zip(w.stored(args[0])) {
                shape[axis] = size;
            }
            return reshape(w, at, args[0], shape, false);
        }
        (Op::Reshape(_), _) if w.stored(args[0]).iter().all(|&size| size == Size::Fixed(1)) => {
            return reshape(w, at, args[0], vec![Size::Fixed(1); node.ty.rank()], false);
        }
        (Op::Reshape(_), _) => {
            let shape = w.shape(at);
            return reshape(w, at, args[0], shape, true);
        }
        (Op::Transpose(op), _) => {
            let stored = w.stored(args[0]).to_vec();
            let order = ints("perm", op.0.iter().map(|&a| a as i64));
            let x = w.loose(args[0]);
            let name = w.emit("Transpose", vec![x], vec![order]);
            w.set(at, name, Some(op.0.iter().map(|&a| stored[a]).collect()));
            return Ok(());
        }
        (Op::Reverse(op), _) => {
            let x = whole(w);
            let axes: Vec<i64> = op.0.iter().map(|&a| a as i64).collect();
            sliced(w, x, &axes.iter().map(|&a| (a, -1, i64::MIN, -1)).collect::<Vec<_>>())
        }
        (Op::Slice(op), Op::Slice(other)) => {
            let (x, shape) = (whole(w), w.shape(args[0].index()));
            let size = |axis: usize| w.node(args[0].index()).0.ty.shape[axis];
            let mut parts = Vec::new();
            for axis in 0..shape.len() {
                let (start, limit, stride) = (op.start[axis], op.limit[axis], op.stride[axis]);
                if (start, limit, stride) == (0, size(axis), 1) {
                    continue;
                }
                if matches!(shape[axis], Size::Examples(_)) || limit != other.limit[axis] {
                    return Err("some examples are taken out of all".into());
                }
                parts.push((axis as i64, start as i64, limit as i64, stride as i64));
            }
            sliced(w, x, &parts)
        }
        (Op::Pad(op), _) if op.interior.iter().all(|&n| n == 0) => {
            let mut x = whole(w);
            x.insert(1, w.numbers(&op.low.iter().chain(&op.high).copied().collect::<Vec<_>>()));
            w.emit("Pad", x, vec![])
        }
        (Op::Concatenate(op), _) => {
            let x = whole(w);
            w.emit("Concat", x, vec![int("axis", op.axis as i64)])
        }
        (Op::Reduce(op), _) => {
            let mut x = whole(w);
            x.push(w.numbers(&op.axes.iter().map(|&a| a as i64).collect::<Vec<_>>()));
            let name = match op.reducer {
                Reducer::Sum => "ReduceSum",
                Reducer::Max => "ReduceMax",
                Reducer::Min => "ReduceMin",
            };
            w.emit(name, x, vec![int("keepdims", 0)])
        }
        (Op::ReduceWindow(op), _) => {
            let x = whole(w);
            pool(w, op, node.ty.dtype, x)?
        }
        (Op::ArgMax(op), _) => {
            let x = whole(w);
            let axis = int("axis", op.axis as i64);
            let places = w.emit("ArgMax", x, vec![axis, int("keepdims", 0)]);
            w.emit("Cast", vec![places], vec![int("to", code(DType::I32).0.into())])
        }
        (Op::CumSum(op), _) => {
            let mut x = whole(w);
            x.push(w.constant(DType::I32, &[], &(op.axis as i32).to_le_bytes()));
            let flags = [("exclusive", op.exclusive), ("reverse", op.reverse)];
            w.emit("CumSum", x, flags.map(|(name, on)| int(name, on.into())).to_vec())
        }
        (Op::Gather(op), _) => {
            let x = whole(w);
            rows(w, op, args, x)?
        }
        (Op::DotGeneral(op), _) => {
            let x = whole(w);
            let ranks = [0, 1].map(|i| w.node(args[i].index()).0.ty.rank());
            let equation = text("equation", equation(op, ranks));
            w.emit("Einsum", x, vec![equation])
        }
        (Op::Convolution(op), _) => {
            let x = whole(w);
            convolution(w, op, x)?
        }
        (op, _) => return Err(format!("the operation {} is not translated", op.rules().name())),
    };
    w.set(at, name, None);
    Ok(())
}

/// What repeats its arguments as NumPy does.
fn elementwise(
    w: &mut Writer,
    at: usize,
    emit: impl FnOnce(&mut Writer, Vec<String>) -> String,
) -> Result<(), String> {
    let args = w.node(at).0.args.clone();
    let mut shape = vec![Size::Fixed(1); w.node(at).0.ty.rank()];
    for &arg in &args {
        for (size, &stored) in shape.iter_mut().zip(w.stored(arg)) {
            if stored != Size::Fixed(1) {
                *size = stored;
            }
        }
    }
    let names = args.iter().map(|&arg| w.loose(arg)).collect();
    let name = emit(w, names);
    w.set(at, name, Some(shape));
    Ok(())
}

fn unary(w: &mut Writer, op: Unary, dtype: DType, x: Vec<String>) -> String {
    let one = |w: &mut Writer, name: &str, x: String| w.emit(name, vec![x], vec![]);
    let name = match op {
        Unary::Negate => "Neg",
        Unary::Abs => "Abs",
        Unary::Sign => "Sign",
        Unary::Sqrt => "Sqrt",
        Unary::Exponential => "Exp",
        Unary::Log => "Log",
        Unary::Tanh => "Tanh",
        Unary::Logistic => "Sigmoid",
        Unary::Softplus => "Softplus",
        Unary::Erf => "Erf",
        Unary::Sine => "Sin",
        Unary::Cosine => "Cos",
        Unary::Floor => "Floor",
        Unary::Ceil => "Ceil",
        Unary::RoundNearestEven => "Round",
        Unary::Not => "Not",
        Unary::Rsqrt => {
            let root = w.emit("Sqrt", x, vec![]);
            return one(w, "Reciprocal", root);
        }
        Unary::ExponentialMinusOne => {
            let power = w.emit("Exp", x, vec![]);
            let one = number(w, dtype, 1.0);
            return w.emit("Sub", vec![power, one], vec![]);
        }
        Unary::LogPlusOne => {
            let one = number(w, dtype, 1.0);
            let sum = w.emit("Add", vec![x[0].clone(), one], vec![]);
            return w.emit("Log", vec![sum], vec![]);
        }
        Unary::IsFinite => {
            let (nan, infinite) = (w.emit("IsNaN", x.clone(), vec![]), w.emit("IsInf", x, vec![]));
            let either = w.emit("Or", vec![nan, infinite], vec![]);
            return one(w, "Not", either);
        }
    };
    w.emit(name, x, vec![])
}

fn binary(w: &mut Writer, op: Binary, x: Vec<String>) -> String {
    let name = match op {
        Binary::Add => "Add",
        Binary::Subtract => "Sub",
        Binary::Multiply => "Mul",
        Binary::Divide => "Div",
        Binary::Maximum => "Max",
        Binary::Minimum => "Min",
        Binary::Power => "Pow",
        Binary::And => "And",
        Binary::Or => "Or",
        Binary::Remainder => return w.emit("Mod", x, vec![int("fmod", 1)]),
    };
    w.emit(name, x, vec![])
}

fn compare(w: &mut Writer, direction: Direction, x: Vec<String>) -> String {
    let name = match direction {
        Direction::Eq => "Equal",
        Direction::Lt => "Less",
        Direction::Le => "LessOrEqual",
        Direction::Gt => "Greater",
        Direction::Ge => "GreaterOrEqual",
        Direction::Ne => {
            let equal = w.emit("Equal", x, vec![]);
            return w.emit("Not", vec![equal], vec![]);
        }
    };
    w.emit(name, x, vec![])
}

/// A number that is repeated where it is used.
fn number(w: &mut Writer, dtype: DType, value: f64) -> String {
    match dtype {
        DType::F32 => w.constant(dtype, &[], &(value as f32).to_le_bytes()),
        _ => w.constant(dtype, &[], &value.to_le_bytes()),
    }
}

/// 0, 1, 2 … along an axis.
fn counting(w: &mut Writer, at: usize, iota: &Iota) -> Result<(), String> {
    let Size::Fixed(count) = w.shape(at)[iota.axis] else {
        return Err("it counts its examples".into());
    };
    let mut shape = vec![1; iota.ty.rank()];
    shape[iota.axis] = count;
    let bytes: Vec<u8> = match iota.ty.dtype {
        DType::F32 => (0..count).flat_map(|i| (i as f32).to_le_bytes()).collect(),
        DType::F64 => (0..count).flat_map(|i| (i as f64).to_le_bytes()).collect(),
        _ => (0..count).flat_map(|i| (i as i32).to_le_bytes()).collect(),
    };
    let name = w.constant(iota.ty.dtype, &shape, &bytes);
    w.set(at, name, Some(shape.into_iter().map(Size::Fixed).collect()));
    Ok(())
}

/// The elements in another shape: all of them, or those that are in the file.
fn reshape(w: &mut Writer, at: usize, arg: Value, shape: Vec<Size>, all: bool) -> Result<(), String> {
    let x = if all { w.whole(arg) } else { w.loose(arg) };
    if !all && w.stored(arg) == shape {
        w.set(at, x, Some(shape));
        return Ok(());
    }
    let open = |size: &Size| matches!(size, Size::Examples(_));
    let to = match shape.iter().filter(|size| open(size)).count() {
        // The one extent that is not known follows from the others.
        1 => {
            let extents = shape.iter().map(|size| if let Size::Fixed(n) = size { *n as i64 } else { -1 });
            let extents: Vec<i64> = extents.collect();
            w.numbers(&extents)
        }
        _ => w.shape_value(&shape),
    };
    let name = w.emit("Reshape", vec![x, to], vec![]);
    w.set(at, name, Some(shape));
    Ok(())
}

/// Parts along axes: each axis with its first place, the place behind the last, and the step.
fn sliced(w: &mut Writer, mut x: Vec<String>, parts: &[(i64, i64, i64, i64)]) -> String {
    let columns: [Vec<i64>; 4] = [
        parts.iter().map(|p| p.1).collect(),
        parts.iter().map(|p| p.2).collect(),
        parts.iter().map(|p| p.0).collect(),
        parts.iter().map(|p| p.3).collect(),
    ];
    for column in columns {
        x.push(w.numbers(&column));
    }
    w.emit("Slice", x, vec![])
}

fn pool(w: &mut Writer, op: &ReduceWindow, dtype: DType, x: Vec<String>) -> Result<String, String> {
    let (leading, windows) = op.window.split_at(op.window.len().min(2));
    if leading.iter().any(|window| *window != PoolWindow::SINGLE) || windows.is_empty() {
        return Err("a window moves over examples or channels".into());
    }
    if windows.iter().any(|window| window.base_dilation != 1 || window.low < 0 || window.high < 0) {
        return Err("a window moves over spread or cut elements".into());
    }
    let of = |f: fn(&PoolWindow) -> i64| windows.iter().map(f).collect::<Vec<_>>();
    let mut attributes = vec![
        ints("kernel_shape", of(|window| window.size as i64)),
        ints("strides", of(|window| window.stride as i64)),
        ints("pads", [of(|window| window.low as i64), of(|window| window.high as i64)].concat()),
    ];
    let dilated = windows.iter().any(|window| window.window_dilation != 1);
    match op.reducer {
        Reducer::Max => {
            attributes.push(ints("dilations", of(|window| window.window_dilation as i64)));
            Ok(w.emit("MaxPool", x, attributes))
        }
        Reducer::Sum if !dilated => {
            attributes.push(int("count_include_pad", 1));
            let mean = w.emit("AveragePool", x, attributes);
            let size = windows.iter().map(|window| window.size as f64).product();
            let size = number(w, dtype, size);
            Ok(w.emit("Mul", vec![mean, size], vec![]))
        }
        reducer => Err(format!("{reducer:?} over windows is not translated")),
    }
}

/// Rows of an array.
fn rows(w: &mut Writer, op: &Gather, args: &[Value], x: Vec<String>) -> Result<String, String> {
    let shape = &w.node(args[0].index()).0.ty.shape;
    let indices = w.node(args[1].index()).0.ty.rank();
    let whole = op.slice_sizes[0] == 1 && op.slice_sizes[1..] == shape[1..];
    if !whole || op.dims != GatherDims::rows(shape.len(), indices) {
        return Err("something other than rows is looked up".into());
    }
    Ok(w.emit("Gather", x, vec![int("axis", 0)]))
}

/// Einstein's notation of a product.
fn equation(op: &DotGeneral, ranks: [usize; 2]) -> String {
    let mut letters = ('a'..='z').chain('A'..='Z');
    let mut fresh = || letters.next().expect("no more than 52 axes");
    let (mut left, mut right) = (vec![' '; ranks[0]], vec![' '; ranks[1]]);
    let mut out = String::new();
    for (&l, &r) in op.lhs_batch.iter().zip(&op.rhs_batch) {
        let letter = fresh();
        (left[l], right[r]) = (letter, letter);
        out.push(letter);
    }
    for (&l, &r) in op.lhs_contract.iter().zip(&op.rhs_contract) {
        let letter = fresh();
        (left[l], right[r]) = (letter, letter);
    }
    for letter in left.iter_mut().chain(&mut right).filter(|letter| **letter == ' ') {
        *letter = fresh();
        out.push(*letter);
    }
    let text = |letters: Vec<char>| letters.into_iter().collect::<String>();
    format!("{},{}->{out}", text(left), text(right))
}

fn convolution(w: &mut Writer, op: &Convolution, x: Vec<String>) -> Result<String, String> {
    let plain =
        |window: &Window| window.lhs_dilation == 1 && !window.reversed && window.low >= 0 && window.high >= 0;
    let usual = op.dims == ConvolutionDims::channels_first(op.window.len());
    if !usual || op.batch_groups != 1 || !op.window.iter().all(plain) {
        return Err("a convolution is not of the usual kind".into());
    }
    let of = |f: fn(&Window) -> i64| op.window.iter().map(f).collect::<Vec<_>>();
    let attributes = vec![
        ints("strides", of(|window| window.stride as i64)),
        ints("pads", [of(|window| window.low as i64), of(|window| window.high as i64)].concat()),
        ints("dilations", of(|window| window.rhs_dilation as i64)),
        int("group", op.feature_groups as i64),
    ];
    Ok(w.emit("Conv", x, attributes))
}
