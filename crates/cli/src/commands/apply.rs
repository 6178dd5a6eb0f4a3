//! `apply`: one product with a curvature matrix.

use std::io::Write as _;

use serde::Serialize;
use thalweg_io::{WeightFormat, from_flat, match_layout, read_weights, write_weights};
use thalweg_lab::krylov::SymmetricOperator;
use thalweg_lab::{Curvature, Oracle, Scalar};
use thalweg_report::json;

use crate::args::{ApplyArgs, Dtype};
use crate::error::Error;
use crate::interrupt;
use crate::study::budget;
use crate::subject::{Prepared, describe, resolve};
use crate::words::short;

/// What `--json` prints.
#[derive(Serialize)]
struct Summary {
    operator: Curvature,
    dimension: usize,
    vector_norm: f64,
    product_norm: f64,
    /// vᵀAv / vᵀv; none for v = 0.
    rayleigh_quotient: Option<f64>,
    out: String,
}

/// Runs the command.
pub fn run(options: &ApplyArgs) -> Result<(), Error> {
    let out = options.out.display().to_string();
    // Before the work, not after it.
    WeightFormat::of_name(&out)?;
    let subject = resolve(&options.subject, options.machine.seed)?;
    match options.machine.dtype {
        Dtype::F32 => product::<f32>(options, subject),
        Dtype::F64 => product::<f64>(options, subject),
    }
}

fn product<T: Scalar>(options: &ApplyArgs, mut prepared: Prepared) -> Result<(), Error> {
    let machine = &options.machine;
    let operator = Curvature::from(options.operator);
    let subject = prepared.build::<T>(machine.seed)?;
    let plan = budget::product(&subject, operator, machine)?;
    let subject = subject.with_limits(&plan);
    let objective = subject.problem.objective();
    let vector: Vec<T> = match_layout(&read_weights(&options.vector)?, objective.layout())?;
    let mut product = vec![T::zero(); vector.len()];
    let oracle = Oracle::new(objective).with_cancel(interrupt::flag());
    oracle.linearize(&subject.start, operator)?.apply(&vector, &mut product)?;
    write_weights(&options.out, &from_flat(objective.layout(), &product, "the product"))?;

    let dot = |a: &[T], b: &[T]| a.iter().zip(b).map(|(a, b)| a.wide() * b.wide()).sum::<f64>();
    let square = dot(&vector, &vector);
    let summary = Summary {
        operator,
        dimension: vector.len(),
        vector_norm: square.sqrt(),
        product_norm: dot(&product, &product).sqrt(),
        rayleigh_quotient: (square > 0.0).then(|| dot(&vector, &product) / square),
        out: options.out.display().to_string(),
    };
    let text = match (options.json, options.quiet) {
        (true, _) => json::pretty(&summary)?,
        (_, true) => return Ok(()),
        _ => summary.text(&prepared),
    };
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

impl Summary {
    fn text(&self, prepared: &Prepared) -> String {
        format!(
            "{} at {}\n  ‖v‖ {}, ‖Av‖ {}, vᵀAv/vᵀv {}\n  written to {}\n",
            describe(&prepared.config),
            prepared.point.describe(),
            short(self.vector_norm),
            short(self.product_norm),
            self.rayleigh_quotient.map_or("none".into(), short),
            self.out,
        )
    }
}
