//! End-to-end tests: the program itself, its files, its report.

mod apply;
mod browser;
mod budget;
mod checkpoints;
mod critical;
mod functions;
mod inspect;
mod interrupted;
mod losses;
mod memory;
mod mistakes;
mod model;
mod network;
mod race;
mod results;
mod run;
mod survey;
