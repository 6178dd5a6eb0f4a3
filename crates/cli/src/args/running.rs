//! Options of every run: precision, seed, machine, output.

use std::path::PathBuf;

use thalweg_lab::krylov::BasisKind;

use super::{Budget, Count, Memory};

/// How and where a run is done.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Run")]
pub struct RunOptions {
    /// The run directory [default: a new folder in thalweg-runs, named after the command]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Go on with an interrupted run of the same options, to the same bytes
    #[arg(long)]
    pub resume: bool,
    /// Replace the run that the folder holds
    #[arg(long, conflicts_with = "resume", requires = "out")]
    pub replace: bool,
    /// Print the results as JSON to stdout, and nothing else there
    #[arg(long)]
    pub json: bool,
    /// No progress, no estimate, no summary
    #[arg(long, short)]
    pub quiet: bool,
    /// A time that the run is to end within: 90s, 10min, 2h. What costs most is then made shallower than the
    /// other options say, by what evaluations are measured to take; or a run whose depths are taken over
    #[arg(long, value_name = "TIME|RUN")]
    pub budget: Option<Budget>,
    #[command(flatten)]
    pub machine: MachineOptions,
}

/// Numbers and machine.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Run")]
pub struct MachineOptions {
    /// Seed of every random number
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// Precision of parameters, gradients and products
    #[arg(long, value_enum, default_value_t = Dtype::F64)]
    pub dtype: Dtype,
    /// Worker threads; the results do not depend on them [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<Count>,
    /// Memory for all that is computed, beside some 50 MiB of the program's own; how it fits is
    /// said before the start, and the results depend on it through --basis alone
    #[arg(long, value_name = "SIZE", default_value = "2GiB")]
    pub memory: Memory,
    /// Where the vectors of spectra are kept [default: the first kind that fits into --memory]
    #[arg(long, value_enum, value_name = "KIND", default_value = "auto", hide_default_value = true)]
    pub basis: BasisName,
}

/// A kind of Krylov basis, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum BasisName {
    /// The first of the others that fits
    Auto,
    /// In memory, in full precision
    Memory,
    /// In memory, rounded to bf16; eigenvectors are polished
    Bf16,
    /// In a temporary file of the run directory, with the same results as in memory
    Disk,
    /// Not at all: two-pass Lanczos, densities without reorthogonalization
    None,
}

impl BasisName {
    /// The kind, if one was asked for.
    pub fn kind(self) -> Option<BasisKind> {
        match self {
            BasisName::Auto => None,
            BasisName::Memory => Some(BasisKind::Memory),
            BasisName::Bf16 => Some(BasisKind::Bf16),
            BasisName::Disk => Some(BasisKind::Disk),
            BasisName::None => Some(BasisKind::None),
        }
    }
}

/// A precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// Single
    F32,
    /// Double
    F64,
}

impl Dtype {
    /// `f32` or `f64`.
    pub fn name(self) -> &'static str {
        match self {
            Dtype::F32 => "f32",
            Dtype::F64 => "f64",
        }
    }
}

impl MachineOptions {
    /// The number of worker threads.
    pub fn threads(&self) -> usize {
        let processors = || std::thread::available_parallelism().map_or(1, |n| n.get());
        self.threads.map_or_else(processors, |count| count.0)
    }
}
