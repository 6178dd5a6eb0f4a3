//! A symmetric matrix as a product UUᵀ.

use super::super::registry::{Entry, SpecError, named};
use super::{Function, Known, numbers};
use crate::Layout;

/// The table's row.
pub(in super::super) const ENTRY: Entry = Entry {
    name: "factorization",
    usage: "factorization:L1,L2,…[,rank=R]",
    examples: &["factorization:4,3,1", "factorization:5,3,2,0,-1,rank=2", "factorization:3,2,1,rank=3"],
    summary: "¼‖UUᵀ − M‖² with these eigenvalues of M and R columns (1): every saddle is known",
    source: "Baldi & Hornik 1989; Li et al. 2019",
    build: parse,
};

/// The largest number of critical points that are listed.
const LISTED: usize = 64;

/// ¼‖UUᵀ − M‖² with U (n × r) and M = diag(λ).
///
/// The critical points are U = [√λᵢ eᵢ for i ∈ S, 0], up to a rotation from the right, for every set S of
/// at most r positive eigenvalues (Baldi & Hornik 1989): the value is ¼(Σ λ² − Σ_S λ²), and the Hessian's
/// eigenvalues are λₐ − λⱼ (a ∈ S, j ∉ S), −λⱼ for each empty column, and sums and zeros of S among itself. For r = 1
/// the index of the i-th is the number of eigenvalues above λᵢ.
///
/// # Panics
/// If there are no eigenvalues, or r = 0.
pub fn factorization(spectrum: &[f64], rank: usize) -> Function {
    let text: Vec<String> = spectrum.iter().map(f64::to_string).collect();
    let suffix = if rank == 1 { String::new() } else { format!(",rank={rank}") };
    let (n, values) = (spectrum.len(), spectrum.to_vec());
    let name = format!("factorization:{}{suffix}", text.join(","));
    let function = Function::squares(name, n * rank, move |x| {
        let u = x.reshape(&[n, rank]);
        let diagonal: Vec<f64> =
            (0..n * n).map(|k| if k / n == k % n { values[k / n] } else { 0.0 }).collect();
        let gap = u.times(u.transpose()) - x.array(&[n, n], &diagonal);
        0.5 * gap.reshape(&[n * n])
    });
    let start = (0..n * rank).map(|k| 0.1 / (k + 1) as f64).collect();
    let function = function.with_start(start).with_layout(Layout::new([("U", vec![n, rank])]));
    sets(spectrum, rank)
        .iter()
        .fold(function, |function, set| function.with_known(point(spectrum, rank, set)))
}

/// Sets of at most `rank` positive eigenvalues, the smallest first.
fn sets(spectrum: &[f64], rank: usize) -> Vec<Vec<usize>> {
    let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..rank {
        let until = sets.len();
        for k in from..until {
            let next = sets[k].last().map_or(0, |last| last + 1);
            for i in (next..spectrum.len()).filter(|&i| spectrum[i] > 0.0) {
                sets.push([&sets[k][..], &[i]].concat());
            }
        }
        from = until;
        if sets.len() > LISTED {
            break;
        }
    }
    if sets.len() > LISTED {
        // The largest eigenvalues, one more at a time.
        let mut order: Vec<usize> = (0..spectrum.len()).filter(|&i| spectrum[i] > 0.0).collect();
        order.sort_by(|a, b| spectrum[*b].total_cmp(&spectrum[*a]));
        sets = (0..=rank.min(order.len())).map(|k| order[..k].to_vec()).collect();
    }
    sets
}

fn point(spectrum: &[f64], rank: usize, set: &[usize]) -> Known {
    let (n, k) = (spectrum.len(), set.len());
    let mut x = vec![0.0; n * rank];
    for (column, &i) in set.iter().enumerate() {
        x[i * rank + column] = spectrum[i].sqrt();
    }
    let rest: Vec<f64> = (0..n).filter(|i| !set.contains(i)).map(|i| spectrum[i]).collect();
    let pairs = |f: &dyn Fn(f64, f64) -> bool| -> usize {
        set.iter().map(|&a| rest.iter().filter(|&&l| f(l, spectrum[a])).count()).sum()
    };
    let empty = rank - k;
    let positive = rest.iter().filter(|l| **l > 0.0).count();
    let zero = rest.iter().filter(|l| **l == 0.0).count();
    let index = pairs(&|l, a| l > a) + empty * positive;
    Known {
        x,
        value: 0.25 * rest.iter().map(|l| l * l).sum::<f64>(),
        index,
        nullity: k * k.saturating_sub(1) / 2 + empty * k + empty * zero + pairs(&|l, a| l == a),
        global: index == 0,
        source: "eigenvectors of M; Baldi & Hornik 1989",
    }
}

fn parse(text: &str) -> Result<Function, SpecError> {
    let (own, [rank]) = named(text, ["rank"])?;
    let [rank] = numbers([rank], ["rank"], [1])?;
    let number = |item: &&str| item.parse::<f64>().ok().filter(|v| v.is_finite());
    let spectrum: Option<Vec<f64>> = own.iter().map(number).collect();
    match spectrum {
        Some(spectrum) if spectrum.len() <= 512 && (1..=spectrum.len() as u64).contains(&rank) => {
            Ok(factorization(&spectrum, rank as usize))
        }
        _ => Err(SpecError::new(format!(
            "expected 1 to 512 finite eigenvalues and a rank up to their number, found {text:?}"
        ))),
    }
}
