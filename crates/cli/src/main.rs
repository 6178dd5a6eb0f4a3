//! The `thalweg` command.

#![forbid(unsafe_code)]

mod args;
mod chapter;
mod chapters;
mod commands;
mod config;
mod error;
mod figures;
mod interrupt;
mod progress;
mod race;
mod rates;
mod session;
mod side_by_side;
mod study;
mod subject;
mod words;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    interrupt::listen();
    match commands::run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}
