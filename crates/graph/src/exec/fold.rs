//! Evaluation of single primitives on constants, for the builder.

use super::fused::{Action, Fused, Slot, Step};
use super::pointwise::Pointwise;
use super::{Eval, Strided, Threads};
use crate::primitive::Op;
use crate::{Literal, Type};

/// The constant `op(args)` of type `ty`.
pub(crate) fn fold(op: &Op, args: &[Literal], ty: &Type) -> Literal {
    let views: Vec<Strided> = args.iter().map(|a| Strided::contiguous(a.ty())).collect();
    let buffers: Vec<&[u8]> = args.iter().map(Literal::bytes).collect();
    let mut words = vec![0u64; ty.bytes().div_ceil(8)];
    let out = &mut bytemuck::cast_slice_mut(&mut words)[..ty.bytes()];
    let threads = Threads::default();
    let copy = |view: &Strided, op: Option<Pointwise>, out: &mut [u8]| {
        let slots = (0..args.len()).map(Slot::Input).collect();
        let arg_dtype = args.last().map_or(ty.dtype, |a| a.ty().dtype);
        let action = op.map_or(Action::Copy, Action::One);
        let step = Step { action, args: slots, arg_dtype, out: Slot::Output(0), dtype: ty.dtype };
        let inputs = if op.is_some() { views.clone() } else { vec![view.clone()] };
        Fused::new(&inputs, vec![step], vec![ty.dtype], 0, ty.size()).run(&buffers, &mut [out], &threads);
    };
    match op.rules().eval(&views, ty) {
        Eval::Constant(literal) => return literal,
        Eval::ConstantView(..) => unreachable!("counters have no arguments to fold"),
        Eval::View(view) => copy(&view, None, out),
        Eval::Copy => copy(&views[0], None, out),
        Eval::Pointwise(op) => copy(&views[0], Some(op), out),
        Eval::Kernel(kernel) => kernel.run(&buffers, out, &threads),
    }
    Literal::from_bytes(ty, out)
}
