//! Options of a search for critical points.

use super::parse::positive;
use super::{Count, Grid, RunOptions, SubjectOptions, TrainingOptions};

#[derive(Debug, clap::Args)]
pub struct CriticalArgs {
    #[command(flatten)]
    pub subject: SubjectOptions,
    #[command(flatten)]
    pub critical: CriticalOptions,
    #[command(flatten)]
    pub training: TrainingOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

/// Where searches begin and how they go on.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Search")]
pub struct CriticalOptions {
    /// Starts
    #[arg(long, value_name = "N", default_value = "50")]
    pub starts: Count,
    /// Where they are: in a box, around the point, or on the way to it, which is a training, a folder of checkpoints or a
    /// function's gradient descent [default: box for a function with a domain or with --interval, else noise]
    #[arg(long, value_enum, value_name = "WHERE")]
    pub from: Option<FromName>,
    /// The box, the same interval for each coordinate: -3,3 [default: the function's domain]
    #[arg(long, value_name = "LOW,HIGH", value_parser = interval, allow_hyphen_values = true)]
    pub interval: Option<(f64, f64)>,
    /// Standard deviation of the noise on each coordinate [default: 0.1; 0 on a way]
    #[arg(long, value_name = "SIGMA", value_parser = positive)]
    pub noise: Option<f64>,
    /// How to search
    #[arg(long, value_enum, value_name = "HOW", default_value = "newton-mr")]
    pub method: MethodName,
    /// Searches from the same start with known points deflated, at most
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub deflations: usize,
    /// Iterations of a search, at most
    #[arg(long, value_name = "N", default_value = "300")]
    pub iterations: Count,
    /// Products of a Newton step, at most
    #[arg(long, value_name = "N", default_value = "500")]
    pub products: Count,
    /// A gradient counts as 0 up to this times max(1, |f|)
    #[arg(long, value_name = "EPS", default_value = "1e-8", value_parser = positive)]
    pub tolerance: f64,
    /// Compute all eigenvalues up to this dimension
    #[arg(long, value_name = "N", default_value_t = 600)]
    pub exact_up_to: usize,
    /// Saddles of index 1 that are joined to their minima, the lowest first, at most
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub passes: usize,
    /// Points along each side of a plane function's picture
    #[arg(long, value_name = "N|NxM", default_value = "121")]
    pub grid: Grid,
}

/// Where searches begin, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FromName {
    /// Uniformly in a box
    Box,
    /// Around the point
    Noise,
    /// On the way to the point
    Trajectory,
}

/// A way to search, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum MethodName {
    /// Least-squares Newton steps on the gradient, by MINRES, damped
    NewtonMr,
    /// L-BFGS on half the gradient's square, then Newton steps
    GradientNorm,
}

fn interval(text: &str) -> Result<(f64, f64), String> {
    let ends = text.split_once(',').and_then(|(low, high)| {
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|v| v.is_finite());
        Some((number(low)?, number(high)?))
    });
    ends.filter(|(low, high)| low < high)
        .ok_or_else(|| "expected two finite numbers, the lower first: -3,3".into())
}
