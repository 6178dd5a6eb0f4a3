//! One file a command: from its options to a plan, or to the answer itself.

mod align;
mod apply;
mod connect;
mod critical;
mod export;
mod inspect;
mod optimizers;
mod plane;
mod point;
mod problems;
mod sharpness;
mod slice;
mod spectrum;
mod subspace;
mod survey;
mod train;
mod trajectory;

use crate::args::Command;
use crate::error::Error;
use crate::race;

/// Runs a command.
pub fn run(command: Command) -> Result<(), Error> {
    match command {
        Command::Survey(options) => survey::run(&options),
        Command::Train(options) => train::run(&options),
        Command::Spectrum(options) => spectrum::run(&options),
        Command::Slice(options) => slice::run(&options),
        Command::Plane(options) => plane::run(&options),
        Command::Trajectory(options) => trajectory::run(*options),
        Command::Point(options) => point::run(&options),
        Command::Connect(options) => connect::run(&options),
        Command::Align(options) => align::run(&options),
        Command::Sharpness(options) => sharpness::run(&options),
        Command::Subspace(options) => subspace::run(&options),
        Command::Critical(options) => critical::run(&options),
        Command::Race(options) => race::run(&options),
        Command::Optimizers(options) => optimizers::run(&options),
        Command::Apply(options) => apply::run(&options),
        Command::Export(options) => export::run(&options),
        Command::Inspect(options) => inspect::run(&options),
        Command::Problems(options) => problems::run(&options),
    }
}
