//! Options that name several solutions of one objective.

use super::Count;

/// Several solutions: given, or trained.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Solutions")]
pub struct SolutionOptions {
    /// Run directories, the first of which also gives model and data, or weights in `.safetensors` or `.npz`
    #[arg(value_name = "RUN|FILE", conflicts_with_all = ["weights", "solutions", "closed_form"])]
    pub given: Vec<String>,
    /// Train N networks, from the seeds S, S + 1 … of --seed [default: 2, where none are given]
    #[arg(long, value_name = "N", conflicts_with_all = ["weights", "closed_form"])]
    pub solutions: Option<Count>,
}
