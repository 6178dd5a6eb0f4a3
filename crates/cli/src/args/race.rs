//! Options of races.

use std::path::PathBuf;

use thalweg_lab::optim::{OptimizerSpec, Schedule};

use super::parse::{not_negative, positive};
use super::training::Batch;
use super::{Count, RunOptions, SubjectOptions};

#[derive(Debug, clap::Args)]
pub struct RaceArgs {
    #[command(flatten)]
    pub subject: SubjectOptions,
    #[command(flatten)]
    pub race: RaceOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

/// Who races, how long, and what counts.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Race")]
pub struct RaceOptions {
    /// A race in a TOML file; options given here count instead of its entries
    #[arg(long, value_name = "FILE.toml")]
    pub file: Option<PathBuf>,
    /// Several problems instead of one
    #[arg(long, value_name = "NAME[:N]", num_args = 1.., conflicts_with_all = ["problem", "function", "dim", "model", "data", "weights", "at"])]
    pub problems: Vec<String>,
    /// Who races, with parameters: sgd,adam:rate=0.01,beta2=0.99,lbfgs (see `thalweg optimizers`)
    #[arg(long, value_name = "SPEC,…")]
    pub optimizers: Option<Entrants>,
    /// Seeds of the reported runs [default: 10]
    #[arg(long, value_name = "N")]
    pub seeds: Option<Count>,
    /// What a run may spend, in gradients of the whole objective [default: 1000; 100 for means over
    /// examples]
    #[arg(long, value_name = "G", value_parser = positive)]
    pub budget: Option<f64>,
    /// Shares of the way from the start's value to the least one that count as targets
    /// [default: 1e-1,1e-2,1e-4,1e-7; 1e-1,1e-2,1e-3 for means over examples]
    #[arg(long, value_name = "P,…", value_delimiter = ',', value_parser = positive)]
    pub precisions: Vec<f64>,
    /// Settings to try for each optimizer, its defaults among them; 1 for no tuning [default: 1; 16 for
    /// means over examples]
    #[arg(long, value_name = "N")]
    pub trials: Option<Count>,
    /// Seeds of each of these trials; none of them is reported [default: 3]
    #[arg(long, value_name = "N")]
    pub tuning_seeds: Option<Count>,
    /// Examples in a minibatch of those that train, or `full` [default: 64]
    #[arg(long, value_name = "N|full")]
    pub batch: Option<Batch>,
    /// The schedule of those that train on minibatches [default: constant]
    #[arg(long, value_name = "SPEC")]
    pub schedule: Option<Schedule>,
    /// How far starts of problems are spread about the given one: standard deviation in each
    /// coordinate [default: 0]
    #[arg(long, value_name = "S", value_parser = not_negative)]
    pub spread: Option<f64>,
    /// A run has arrived when its gradient is within this [default: 1e-8]
    #[arg(long, value_name = "ε", value_parser = positive)]
    pub tolerance: Option<f64>,
    /// What values and products cost in gradients, as V,P, or `measured` at the start [default: 0.3333,2]
    #[arg(long, value_name = "V,P|measured")]
    pub costs: Option<Costs>,
    /// Points of a run at which its ledger looks for obstacles; 0 for none [default: 12]
    #[arg(long, value_name = "N")]
    pub probes: Option<usize>,
}

/// Optimizers in a list whose commas also separate their parameters.
#[derive(Clone, Debug)]
pub struct Entrants(pub Vec<OptimizerSpec>);

impl std::str::FromStr for Entrants {
    type Err = String;

    /// A piece with `=` and without a colon goes on with the parameters before it.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut specs: Vec<String> = Vec::new();
        for piece in text.split(',') {
            match specs.last_mut() {
                Some(last) if piece.contains('=') && !piece.contains(':') => {
                    last.push(if last.contains(':') { ',' } else { ':' });
                    last.push_str(piece);
                }
                _ => specs.push(piece.to_owned()),
            }
        }
        let specs: Result<Vec<OptimizerSpec>, _> = specs.iter().map(|spec| spec.parse()).collect();
        specs.map(Self).map_err(|error: thalweg_lab::optim::SpecError| error.to_string())
    }
}

/// What values and products cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Costs {
    /// As given.
    Given { value: f64, product: f64 },
    /// As measured before the race.
    Measured,
}

impl std::str::FromStr for Costs {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "measured" {
            return Ok(Self::Measured);
        }
        let number = |text: &str| text.trim().parse().ok().filter(|v: &f64| v.is_finite() && *v >= 0.0);
        let pair = text.split_once(',').and_then(|(v, p)| Some((number(v)?, number(p)?)));
        let (value, product) = pair.ok_or("expected two numbers not below 0, as 0.3,2, or measured")?;
        Ok(Self::Given { value, product })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_separate_optimizers_and_parameters() {
        let names = |text: &str| {
            let Entrants(specs) = text.parse().unwrap();
            specs.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            names("sgd,adam:rate=0.5,beta2=0.9,momentum"),
            ["sgd", "adam:rate=0.5,beta2=0.9", "momentum"]
        );
        assert!("adam:gamma=1".parse::<Entrants>().unwrap_err().contains("gamma"));
        assert_eq!("0.5,3".parse(), Ok(Costs::Given { value: 0.5, product: 3.0 }));
        assert_eq!("measured".parse(), Ok(Costs::Measured));
        assert!("1".parse::<Costs>().is_err() && "-1,2".parse::<Costs>().is_err());
    }
}
