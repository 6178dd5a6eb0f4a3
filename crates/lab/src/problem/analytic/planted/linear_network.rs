//! Deep linear networks on whitened data.

use super::super::registry::{Entry, SpecError, named};
use super::{Function, Known, lowest, numbers};
use crate::Layout;

/// The table's row.
pub(in super::super) const ENTRY: Entry = Entry {
    name: "linear-network",
    usage: "linear-network:S1,S2,…[,layers=L]",
    examples: &["linear-network:3,2", "linear-network:3,2,1,0", "linear-network:2,1,layers=3"],
    summary: "½‖W_L … W₁ − diag(S)‖² with L layers (2): all minima are global",
    source: "Baldi & Hornik 1989; Kawaguchi 2016",
    build: parse,
};

/// ½‖W_L ⋯ W₁ − Φ‖² with square layers and Φ = diag(σ), σ ≥ 0: the squared error of a deep linear network on
/// whitened inputs.
///
/// For each set S of singular values, layers of diag(σᵢ^(1/L) on S) make a critical point of value ½ Σ_{i ∉ S} σᵢ².
/// For two layers (Baldi & Hornik 1989) its index is (n − |S|) #{i ∉ S: σᵢ > 0} + #{i ∉ S, j ∈ S: σᵢ > σⱼ}. For
/// more layers all are saddles that may be degenerate (Kawaguchi 2016): listed are the minimum and the origin, whose Hessian
/// is null.
///
/// # Panics
/// If there are no singular values or less than two layers.
pub fn linear_network(singular: &[f64], layers: usize) -> Function {
    assert!(layers >= 2, "a deep linear network has at least two layers");
    let n = singular.len();
    let text: Vec<String> = singular.iter().map(f64::to_string).collect();
    let suffix = if layers == 2 { String::new() } else { format!(",layers={layers}") };
    let diagonal = |values: &dyn Fn(usize) -> f64| -> Vec<f64> {
        (0..n * n).map(|k| if k / n == k % n { values(k / n) } else { 0.0 }).collect()
    };
    let target = diagonal(&|i| singular[i]);
    let name = format!("linear-network:{}{suffix}", text.join(","));
    let function = Function::squares(name, layers * n * n, move |x| {
        let layer = |l: usize| x.range(l * n * n..(l + 1) * n * n).reshape(&[n, n]);
        let product = (1..layers).fold(layer(0), |product, l| layer(l).times(product));
        (product.reshape(&[n * n]) - x.vector(&target)) / std::f64::consts::SQRT_2
    });
    let names = (1..=layers).map(|l| (format!("W{l}"), vec![n, n]));
    let start = diagonal(&|i| 0.1 / (i + 1) as f64).repeat(layers);
    let function = function.with_start(start).with_layout(Layout::new(names));
    let root = |i: usize| singular[i].powf(1.0 / layers as f64);
    let positive: Vec<usize> = (0..n).filter(|&i| singular[i] > 0.0).collect();
    let sets: Vec<Vec<usize>> = match layers {
        2 if positive.len() <= 5 => (0..1u32 << positive.len())
            .map(|mask| (0..positive.len()).filter(|k| mask >> k & 1 == 1).map(|k| positive[k]).collect())
            .collect(),
        _ => vec![Vec::new(), positive.clone()],
    };
    sets.iter().fold(function, |function, set| {
        let x = diagonal(&|i| if set.contains(&i) { root(i) } else { 0.0 }).repeat(layers);
        let known = match layers {
            2 => shallow(singular, set, x),
            _ if set.len() == n => lowest(x, 0.0, (layers - 1) * n * n, SOURCE),
            _ if set.is_empty() => Known {
                value: 0.5 * singular.iter().map(|s| s * s).sum::<f64>(),
                global: positive.is_empty(),
                ..lowest(x, 0.0, layers * n * n, "every product has three factors or more")
            },
            // A minimum with singular values 0 has a null space that depends on the depth.
            _ => return function,
        };
        function.with_known(known)
    })
}

const SOURCE: &str = "singular vectors of Φ; Baldi & Hornik 1989";

/// Two layers, of which the Hessian falls into blocks for each pair of a row and a column.
fn shallow(singular: &[f64], set: &[usize], x: Vec<f64>) -> Known {
    let (n, k) = (singular.len(), set.len());
    let rest: Vec<f64> = (0..n).filter(|i| !set.contains(i)).map(|i| singular[i]).collect();
    let pairs = |f: &dyn Fn(f64, f64) -> bool| -> usize {
        set.iter().map(|&j| rest.iter().filter(|&&s| f(s, singular[j])).count()).sum()
    };
    let zero = rest.iter().filter(|s| **s == 0.0).count();
    let free = n - k;
    let index = free * (free - zero) + pairs(&|s, j| s > j);
    Known {
        x,
        value: 0.5 * rest.iter().map(|s| s * s).sum::<f64>(),
        index,
        nullity: k * k + 2 * k * free + 2 * free * zero + pairs(&|s, j| s == j),
        global: index == 0,
        source: SOURCE,
    }
}

fn parse(text: &str) -> Result<Function, SpecError> {
    let (own, [layers]) = named(text, ["layers"])?;
    let [layers] = numbers([layers], ["layers"], [2])?;
    let number = |item: &&str| item.parse::<f64>().ok().filter(|v| v.is_finite() && *v >= 0.0);
    let singular: Option<Vec<f64>> = own.iter().map(number).collect();
    match singular {
        Some(singular) if singular.len() <= 256 && (2..=64).contains(&layers) => {
            Ok(linear_network(&singular, layers as usize))
        }
        _ => Err(SpecError::new(format!(
            "expected 1 to 256 singular values from 0 and 2 to 64 layers, found {text:?}"
        ))),
    }
}
