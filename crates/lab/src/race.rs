//! Races: optimizers on problems under equal budgets, and what can be said afterwards.

pub mod statistics;
