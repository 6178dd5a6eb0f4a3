//! End-to-end tests: the program itself, its files, its report.

mod align;
mod apply;
mod browser;
mod budget;
mod checkpoints;
mod connect;
mod critical;
mod functions;
mod inspect;
mod interrupted;
mod learning;
mod losses;
mod memory;
mod mistakes;
mod model;
mod network;
mod race;
mod results;
mod run;
mod stopping;
mod subspace;
mod surfaces;
mod survey;
mod trajectory;
