//! A phase of the ledger as `results.json` has it.

use serde::Serialize;
use thalweg_lab::race::{Counterfactual, Evidence, Obstacle, Phase, Remedy};

/// A part of a run under one obstacle.
#[derive(Serialize)]
pub struct Phased {
    obstacle: Obstacle,
    from: f64,
    to: f64,
    evidence: Seen,
    counterfactual: Option<Tried>,
}

/// What was measured.
#[derive(Serialize)]
struct Seen {
    value: f64,
    grad_norm: f64,
    largest: Option<Eigenvalue>,
    smallest: Option<Eigenvalue>,
    along_gradient: Option<f64>,
    along_way: Option<f64>,
    stable_below: Option<f64>,
    pairs_left_out: Option<u64>,
    signal_to_noise: Option<f64>,
}

/// An eigenvalue and what it may be wrong by.
#[derive(Serialize)]
struct Eigenvalue {
    value: f64,
    residual: f64,
}

/// What was changed, and what came of it.
#[derive(Serialize)]
struct Tried {
    remedy: &'static str,
    /// Of a preconditioner.
    optimizer: Option<String>,
    cost: f64,
    from: f64,
    unchanged: f64,
    changed: f64,
    gain: f64,
    proves: bool,
}

impl Phased {
    /// The phase with its numbers as numbers.
    pub fn of(phase: &Phase) -> Self {
        let Phase { obstacle, from, to, evidence, counterfactual } = phase;
        Self {
            obstacle: *obstacle,
            from: *from,
            to: *to,
            evidence: seen(evidence),
            counterfactual: counterfactual.as_ref().map(tried),
        }
    }
}

fn seen(evidence: &Evidence) -> Seen {
    let eigenvalue = |(value, residual): (f64, f64)| Eigenvalue { value, residual };
    Seen {
        value: evidence.value,
        grad_norm: evidence.gradient_norm,
        largest: evidence.largest.map(eigenvalue),
        smallest: evidence.smallest.map(eigenvalue),
        along_gradient: evidence.along_gradient,
        along_way: evidence.along_way,
        stable_below: evidence.stable_below,
        pairs_left_out: evidence.pairs_left_out,
        signal_to_noise: evidence.signal_to_noise,
    }
}

fn tried(counterfactual: &Counterfactual) -> Tried {
    let (remedy, optimizer) = match &counterfactual.remedy {
        Remedy::Escape => ("escape", None),
        Remedy::ShorterStep => ("shorter-step", None),
        Remedy::LongerStep => ("longer-step", None),
        Remedy::LargerBatch => ("larger-batch", None),
        Remedy::Precondition { optimizer } => ("precondition", Some(optimizer.to_string())),
        Remedy::Restart => ("restart", None),
    };
    Tried {
        remedy,
        optimizer,
        cost: counterfactual.cost,
        from: counterfactual.from,
        unchanged: counterfactual.unchanged,
        changed: counterfactual.changed,
        gain: counterfactual.gain(),
        proves: counterfactual.proves(),
    }
}
