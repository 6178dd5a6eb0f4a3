//! Products of matrices, and sums of products by a formula.

use crate::onnx::array::{Outcome, joined};
use crate::onnx::call::Call;
use crate::onnx::emitter::{Emitter, Tensor};

pub fn matmul(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    Ok(vec![product(e, call.arg(0)?, call.arg(1)?)?])
}

/// NumPy's `matmul`. A matrix times a stack of matrices contracts one axis and copies nothing.
pub fn product(e: &mut Emitter, x: &Tensor, y: &Tensor) -> Outcome<Tensor> {
    let (left, right) = (e.shape(x), e.shape(y));
    if left.is_empty() || right.is_empty() {
        return Err(format!("arrays with axes are expected, not shapes {left:?} and {right:?}"));
    }
    // A vector stands for a matrix of one row or one column, which then disappears.
    if left.len() == 1 {
        let row = e.reshape(x, &[1, left[0]])?;
        let product = product(e, &row, y)?;
        let mut shape = e.shape(&product);
        shape.remove(shape.len() - if right.len() == 1 { 1 } else { 2 });
        return e.reshape(&product, &shape);
    }
    if right.len() == 1 {
        return e.contract(x, y, &[], &[(left.len() - 1, 0)]);
    }
    let (stack_x, stack_y) = (&left[..left.len() - 2], &right[..right.len() - 2]);
    let (m, k, n) = (left[left.len() - 2], right[right.len() - 2], right[right.len() - 1]);
    if left[left.len() - 1] != k {
        return Err(format!("shapes {left:?} and {right:?} cannot be multiplied"));
    }
    let stack = joined(stack_x, stack_y)?;
    let shape: Vec<usize> = stack.iter().copied().chain([m, n]).collect();
    if stack_y.iter().all(|&n| n == 1) {
        let y = e.reshape(y, &[k, n])?;
        let product = e.contract(x, &y, &[], &[(left.len() - 1, 0)])?;
        return e.reshape(&product, &shape);
    }
    let wide = |e: &mut Emitter, x: &Tensor, last: [usize; 2]| {
        let shape: Vec<usize> = stack.iter().copied().chain(last).collect();
        e.broadcast(x, &shape)
    };
    let (x, y) = (wide(e, x, [m, k])?, wide(e, y, [k, n])?);
    let batch: Vec<(usize, usize)> = (0..stack.len()).map(|axis| (axis, axis)).collect();
    e.contract(&x, &y, &batch, &[(stack.len() + 1, stack.len())])
}

/// α A B + β C, with A and B transposed if asked for.
pub fn gemm(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let (a, b) = (call.arg(0)?, call.arg(1)?);
    let [a_turned, b_turned] = [call.flag("transA", false)?, call.flag("transB", false)?];
    if e.rank(a) != 2 || e.rank(b) != 2 {
        return Err(format!("two matrices are expected, not shapes {:?} and {:?}", e.shape(a), e.shape(b)));
    }
    let product = e.contract(a, b, &[], &[(usize::from(!a_turned), usize::from(b_turned))])?;
    let mut result = e.scale(&product, call.float_or("alpha", 1.0)?)?;
    let beta = call.float_or("beta", 1.0)?;
    if let Some(c) = call.optional(2) {
        let term = e.scale(c, beta)?;
        let shape = e.shape(&result);
        let term = e.broadcast(&term, &shape)?;
        result = e.add(&result, &term)?;
    }
    Ok(vec![result])
}

/// Einstein's sums: axes with one letter are multiplied, those that the result has not are summed.
pub fn einsum(e: &mut Emitter, call: &Call) -> Outcome<Vec<Tensor>> {
    let args = call.args()?;
    let equation: String = call.text_or("equation", "")?.chars().filter(|c| !c.is_whitespace()).collect();
    let ranks: Vec<usize> = args.iter().map(|x| e.rank(x)).collect();
    let (inputs, output) = labels(&equation, &ranks)?;
    let mut all = inputs.into_iter().zip(args.into_iter().cloned());
    let (mut own, mut result) = all.next().ok_or("there are no operands")?;
    let mut rest: Vec<(Vec<char>, Tensor)> = all.collect();
    rest.reverse();
    loop {
        // What nothing later needs is summed away first.
        let needed =
            |label: &char| output.contains(label) || rest.iter().any(|(other, _)| other.contains(label));
        (own, result) = summed(e, own, &result, needed)?;
        let Some((next, y)) = rest.pop() else { break };
        let needed =
            |label: &char| output.contains(label) || rest.iter().any(|(other, _)| other.contains(label));
        let shared = |label: &char| own.contains(label);
        let (next, y) = summed(e, next, &y, |label| needed(label) || shared(label))?;
        let pair = |label: &char| {
            let position = |labels: &[char]| labels.iter().position(|l| l == label).expect("a shared label");
            (position(&own), position(&next))
        };
        let common: Vec<char> = own.iter().copied().filter(|label| next.contains(label)).collect();
        let (batch, contracted): (Vec<char>, Vec<char>) = common.iter().partition(|label| needed(label));
        let product = e.contract(
            &result,
            &y,
            &batch.iter().map(pair).collect::<Vec<_>>(),
            &contracted.iter().map(pair).collect::<Vec<_>>(),
        )?;
        let free =
            |labels: &[char]| labels.iter().copied().filter(|l| !common.contains(l)).collect::<Vec<_>>();
        own = [batch, free(&own), free(&next)].concat();
        result = product;
    }
    let order = output.iter().map(|label| own.iter().position(|l| l == label));
    let order: Option<Vec<usize>> = order.collect();
    let order = order.ok_or_else(|| format!("{equation:?}: the result has a letter that no operand has"))?;
    Ok(vec![e.transpose(&result, &order)?])
}

/// The letters of each operand and of the result; axes under an ellipsis get letters of their own.
fn labels(equation: &str, ranks: &[usize]) -> Outcome<(Vec<Vec<char>>, Vec<char>)> {
    let refused = |why: &str| format!("the equation {equation:?} {why}");
    let (left, right) = match equation.split_once("->") {
        Some((left, right)) => (left, Some(right)),
        None => (equation, None),
    };
    let terms: Vec<&str> = left.split(',').collect();
    if terms.len() != ranks.len() {
        return Err(refused(&format!("has {} terms for {} operands", terms.len(), ranks.len())));
    }
    // Letters beyond the alphabet for axes under the ellipsis, counted from the last.
    let hidden = |count: usize| (0..count).rev().map(|i| char::from_u32(0x1000 + i as u32).unwrap_or('\0'));
    let mut widest = 0;
    let mut inputs = Vec::new();
    for (term, &rank) in terms.iter().zip(ranks) {
        let letters = term.replace("...", "");
        let covered = match (rank.checked_sub(letters.chars().count()), term.contains("...")) {
            (Some(covered), true) => covered,
            (Some(0), false) => 0,
            _ => return Err(refused(&format!("has {term:?} for an operand of {rank} axes"))),
        };
        widest = widest.max(covered);
        inputs.push(expanded(term, hidden(covered)));
    }
    let plain = |label: &char| label.is_ascii_alphabetic() || (0x1000..0x1100).contains(&u32::from(*label));
    let output = match right {
        Some(right) => expanded(right, hidden(widest)),
        None => {
            let all: Vec<char> = inputs.iter().flatten().copied().collect();
            let mut once: Vec<char> = all.iter().copied().filter(char::is_ascii_alphabetic).collect();
            once.retain(|label| all.iter().filter(|l| *l == label).count() == 1);
            once.sort_unstable();
            hidden(widest).chain(once).collect()
        }
    };
    for labels in inputs.iter().chain([&output]) {
        if !labels.iter().all(plain) {
            return Err(refused("has something else than letters, commas and an arrow"));
        }
        if labels.iter().enumerate().any(|(i, label)| labels[..i].contains(label)) {
            return Err(refused("has a letter twice in one term, which is not supported"));
        }
    }
    Ok((inputs, output))
}

fn expanded(term: &str, hidden: impl Iterator<Item = char>) -> Vec<char> {
    match term.split_once("...") {
        Some((before, after)) => before.chars().chain(hidden).chain(after.chars()).collect(),
        None => term.chars().collect(),
    }
}

/// Sums over the axes whose letters are not needed.
fn summed(
    e: &mut Emitter,
    labels: Vec<char>,
    x: &Tensor,
    needed: impl Fn(&char) -> bool,
) -> Outcome<(Vec<char>, Tensor)> {
    let gone: Vec<usize> = (0..labels.len()).filter(|&i| !needed(&labels[i])).collect();
    if gone.is_empty() {
        return Ok((labels, x.clone()));
    }
    let sum = e.sum(x, &gone)?;
    let shape = e.shape(&sum);
    let kept: Vec<usize> = (0..labels.len()).filter(|i| !gone.contains(i)).collect();
    let sum = e.reshape(&sum, &kept.iter().map(|&i| shape[i]).collect::<Vec<_>>())?;
    Ok((kept.into_iter().map(|i| labels[i]).collect(), sum))
}
