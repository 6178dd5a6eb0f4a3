//! A spectrum: both ends, density, trace.

use serde::Serialize;
use thalweg_lab::curvature::{
    Condition, Exact, MomentCheck, Negative, Spectrum, SpectrumOptions, restrict, spectrum as find,
};
use thalweg_lab::krylov::{BasisKind, Count, Density, Estimate, ExtremalOptions, SlqOptions, TraceOptions};
use thalweg_lab::optim::Bounded;
use thalweg_lab::{Counts, Curvature, Scalar};

use super::direction;
use crate::chapter::Chapter;
use crate::config::SpectrumPlan;
use crate::error::Error;
use crate::figures;
use crate::rates::Cost;
use crate::session::Desk;
use crate::words::{negative, short, with_error};

/// Points of the density's even grid; its own places around the nodes come on top.
const GRID: usize = 400;

/// Up to this dimension an exact spectrum has no density beside it.
const FEW: usize = 64;

/// A spectrum's density at the places where it is drawn.
pub struct Picture {
    pub density: Option<Density>,
}

/// What `results.json` says of a spectrum, beside its ends.
#[derive(Serialize)]
pub struct Summary<'r> {
    operator: Curvature,
    layer: Option<&'r str>,
    exact: bool,
    /// ‖A‖₂ as far as seen.
    norm: f64,
    frobenius: Estimate,
    condition: Option<Condition>,
    /// The density's moments against trace and Frobenius norm from elsewhere.
    moments: Option<MomentCheck>,
    density: Option<&'r Density>,
    /// How Krylov bases were kept; `memory` where the matrix was built.
    basis: BasisKind,
    products: u64,
}

/// What a spectrum by itself says at the top of `results.json`: the keys of a point card.
#[derive(Serialize)]
struct Ends {
    dimension: usize,
    eigenvalues: Vec<Bounded>,
    eigenvalues_bottom: Vec<Bounded>,
    eigenvalue_max: Option<f64>,
    eigenvalue_min: Option<f64>,
    spectrum_exact: bool,
    ends_confirmed: bool,
    negative_count: u64,
    negative_count_exact: bool,
    negative_threshold: f64,
    negative_count_estimate: Option<Count>,
    trace: Estimate,
    frobenius: Estimate,
    condition: Option<Condition>,
}

/// The lab's options for a plan.
pub fn options(plan: &SpectrumPlan, n: usize, seed: u64, together: usize) -> SpectrumOptions {
    SpectrumOptions {
        exact: if n <= plan.exact_up_to { Exact::Always } else { Exact::Never },
        ends: ExtremalOptions {
            top: plan.top,
            bottom: plan.bottom,
            tolerance: 1e-4,
            max_products: plan.products,
            seed,
            ..ExtremalOptions::default()
        },
        // A density of so few eigenvalues would say less than the list of them.
        slq: (n > FEW || n > plan.exact_up_to).then_some(SlqOptions {
            probes: plan.probes,
            steps: plan.steps,
            block: together,
            seed,
            ..SlqOptions::default()
        }),
        trace: TraceOptions { products: plan.trace, seed, ..TraceOptions::default() },
    }
}

/// What a spectrum takes, where its ends are as easy to find as they usually are.
pub fn cost(plan: &SpectrumPlan, n: usize) -> Cost {
    reckoned(plan, n, plan.products.min(150 + 20 * (plan.top + plan.bottom).min(n) as u64))
}

/// What a spectrum takes at most.
pub fn most(plan: &SpectrumPlan, n: usize) -> Cost {
    reckoned(plan, n, plan.products)
}

fn reckoned(plan: &SpectrumPlan, n: usize, ends: u64) -> Cost {
    let exact = n <= plan.exact_up_to;
    let steps = plan.steps.min(n);
    let slq = (plan.probes * steps) as u64;
    let (products, operations) = match exact {
        true => (n as u64 + (plan.top + plan.bottom) as u64, 10.0 * (n as f64).powi(3)),
        false => (ends + plan.trace, 0.0),
    };
    // Every product is made orthogonal to a basis, twice.
    let basis = options(plan, n, 0, 1).ends.basis_vectors(n);
    let search = if exact { 0.0 } else { 4.0 * ends as f64 * basis as f64 };
    let density = 2.0 * slq as f64 * steps as f64;
    let counts = Counts { products: slq + products, gradients: 1, values: 0 };
    Cost { operations, passed: (search + density) * n as f64, ..Cost::of(counts) }
}

/// The spectrum of a curvature matrix at x, whole or of one layer.
pub fn spectrum<T: Scalar>(
    desk: &Desk<'_, '_, T>,
    plan: &SpectrumPlan,
    x: &[T],
    seed: u64,
) -> Result<Chapter, Error> {
    let mut operator = desk.oracle.linearize(x, plan.operator)?;
    let range = match &plan.layer {
        Some(layer) => desk.oracle.objective().layout().select(layer)?,
        None => 0..x.len(),
    };
    let n = range.len();
    let found = find(&mut restrict(&mut operator, range), &options(plan, n, seed, desk.together))?;
    let picture = Picture::new(&found);
    let mut chapter = Chapter::new("spectrum");
    let ends = Ends::new(&found);
    chapter.results_of(&ends)?;
    chapter.result("spectrum", &summary(plan, &found, &picture))?;
    chapter.say("matrix", figures::spectrum::title(plan));
    let pairs = [&found.top, &found.bottom].map(|p| p.first().map(|p| (p.value, p.residual)));
    say(&mut chapter, pairs, found.trace);
    let Negative { count, exact, ref estimate, .. } = found.negative;
    chapter.say("negative eigenvalues", negative(count, exact, estimate.as_ref(), n));
    chapter.sections.push(figures::spectrum::section(plan, &found, &picture));
    direction::keep(&mut chapter, "top", &found.top, n)?;
    direction::keep(&mut chapter, "bottom", &found.bottom, n)?;
    keep(&mut chapter, &found, &picture)?;
    Ok(chapter)
}

/// Lines for the terminal.
pub fn say(chapter: &mut Chapter, ends: [Option<(f64, f64)>; 2], trace: Estimate) {
    let names = ["largest eigenvalue", "smallest eigenvalue"];
    for (name, end) in names.into_iter().zip(ends) {
        if let Some((value, residual)) = end {
            let error = if residual == 0.0 { "exact".into() } else { format!("residual {residual:.0e}") };
            chapter.say(name, format!("{} ({error})", short(value)));
        }
    }
    chapter.say("trace", with_error(trace.mean, trace.stderr));
}

/// What `results.json` says of it, beside its ends.
pub fn summary<'r, T: Scalar>(
    plan: &'r SpectrumPlan,
    found: &Spectrum<T>,
    picture: &'r Picture,
) -> Summary<'r> {
    Summary {
        operator: plan.operator,
        layer: plan.layer.as_deref(),
        exact: found.exact,
        norm: found.norm,
        frobenius: found.frobenius,
        condition: found.condition,
        moments: found.moments,
        density: picture.density.as_ref(),
        basis: found.basis,
        products: found.products,
    }
}

/// Puts density, quadratures and exact eigenvalues among a chapter's arrays.
pub fn keep<T: Scalar>(chapter: &mut Chapter, found: &Spectrum<T>, picture: &Picture) -> Result<(), Error> {
    if let Some(all) = found.eigenvalues() {
        chapter.arrays.push("eigenvalues", [all.len()], all.to_vec())?;
    }
    if let Some(density) = &picture.density {
        let n = density.grid.len();
        chapter.arrays.push("density_at", [n], density.grid.clone())?;
        chapter.arrays.push("density", [n], density.mean.clone())?;
        chapter.arrays.push("density_stderr", [n], density.stderr.clone())?;
    }
    if let Some(slq) = &found.slq {
        let probes = slq.quadratures.iter().enumerate();
        let probe: Vec<i64> = probes.flat_map(|(i, q)| vec![i as i64; q.nodes.len()]).collect();
        let nodes: Vec<f64> = slq.quadratures.iter().flat_map(|q| q.nodes.clone()).collect();
        let weights: Vec<f64> = slq.quadratures.iter().flat_map(|q| q.weights.clone()).collect();
        chapter.arrays.push("slq_probe", [probe.len()], probe)?;
        chapter.arrays.push("slq_nodes", [nodes.len()], nodes)?;
        chapter.arrays.push("slq_weights", [weights.len()], weights)?;
    }
    Ok(())
}

impl Picture {
    /// Broadens the density by what its quadratures resolve.
    pub fn new<T: Scalar>(found: &Spectrum<T>) -> Self {
        let density = found.slq.as_ref().map(|slq| {
            let sigma = slq.resolution();
            slq.density(&slq.grid(GRID, sigma), sigma)
        });
        Self { density }
    }
}

impl Ends {
    fn new<T: Scalar>(found: &Spectrum<T>) -> Self {
        let bounded = |pairs: &[thalweg_lab::krylov::Eigenpair<T>]| -> Vec<Bounded> {
            pairs.iter().map(|p| Bounded { value: p.value, residual: p.residual }).collect()
        };
        Self {
            dimension: found.dimension,
            eigenvalues: bounded(&found.top),
            eigenvalues_bottom: bounded(&found.bottom),
            eigenvalue_max: found.top.first().map(|p| p.value),
            eigenvalue_min: found.bottom.first().map(|p| p.value),
            spectrum_exact: found.exact,
            ends_confirmed: found.confirmed,
            negative_count: found.negative.count,
            negative_count_exact: found.negative.exact,
            negative_threshold: found.negative.threshold,
            negative_count_estimate: found.negative.estimate,
            trace: found.trace,
            frobenius: found.frobenius,
            condition: found.condition,
        }
    }
}
