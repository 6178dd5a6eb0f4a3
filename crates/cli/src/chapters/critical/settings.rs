//! Lengths and limits of a search, from what is known of the problem.

use thalweg_lab::Scalar;
use thalweg_lab::critical::{CertificateOptions, Deflation, FamilyOptions, FlowOptions, SearchOptions};
use thalweg_lab::krylov::{ExtremalOptions, SlqOptions};
use thalweg_lab::optim::VerdictOptions;

use crate::config::{CriticalPlan, StartsPlan};

/// Up to this dimension eigenvectors are followed, too.
const FOLLOWED: usize = 64;

/// How to search.
pub struct Settings {
    pub search: SearchOptions,
    pub family: FamilyOptions,
    pub flow: FlowOptions,
    pub merge: f64,
    /// A length of the problem: the mean width of the box, or the size of the point.
    pub length: f64,
}

impl Settings {
    /// Those of start k.
    pub fn of_start(&self, k: u64, n: usize) -> SearchOptions {
        let follow = (n <= FOLLOWED).then(|| (k % (n as u64 + 1)) as usize);
        SearchOptions { follow, ..self.search }
    }
}

/// Lengths by the box, or by the size of the point.
pub fn settings<T: Scalar>(plan: &CriticalPlan, x: &[T], rays: bool) -> Settings {
    let size = x.iter().map(|v| v.wide() * v.wide()).sum::<f64>().sqrt();
    let root = (x.len() as f64).sqrt();
    let length = match &plan.from {
        _ if rays => root,
        StartsPlan::Box { bounds } => {
            bounds.iter().map(|(low, high)| high - low).sum::<f64>() / bounds.len().max(1) as f64
        }
        StartsPlan::Noise { deviation } | StartsPlan::Trajectory { deviation } => {
            size.max(deviation * root).max(1e-3)
        }
    };
    Settings {
        search: SearchOptions {
            method: plan.method,
            gradient: plan.tolerance,
            iterations: plan.iterations,
            products: plan.products,
            reach: 0.5 * length,
            deflation: Deflation { length: 0.1 * length, ..Deflation::default() },
            ..SearchOptions::default()
        },
        family: FamilyOptions { length: 0.02 * length, ..FamilyOptions::default() },
        flow: FlowOptions {
            gradient: plan.tolerance,
            first: 1e-4 * length,
            reach: 0.05 * length,
            ..FlowOptions::default()
        },
        merge: 1e-6,
        length,
    }
}

/// Where certificates draw their lines.
pub fn certificate(plan: &CriticalPlan, length: f64) -> CertificateOptions {
    let ends = ExtremalOptions { top: 4, bottom: 16, max_products: 3000, ..ExtremalOptions::default() };
    CertificateOptions {
        verdict: VerdictOptions {
            gradient: plan.tolerance,
            dense_limit: plan.exact_up_to,
            ends,
            ..VerdictOptions::default()
        },
        density: Some(SlqOptions { probes: 8, steps: 48, ..SlqOptions::default() }),
        products: plan.products,
        step: 1e-3 * length,
    }
}
