//! Networks against a second implementation, by hand, and against finite differences.

mod architectures;
mod batches;
mod card;
mod determinism;
mod digits;
mod kronecker;
mod losses;
mod matrices;
mod objective;
mod pytorch;
mod reference;
mod support;
