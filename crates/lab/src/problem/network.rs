//! Networks and their data as objectives.
//!
//! A network's objective is f(θ) = (1/N) Σᵢ ℓ(zᵢ, yᵢ) + (λ/2) ‖θ‖², where
//! zᵢ = z(xᵢ; θ) are the model's outputs for example i and λ is the weight decay. The
//! data loss is the first term alone.

mod activation;
mod data;
mod forward;
mod initialization;
mod loss;
mod minibatch;
mod objective;
mod operator;
mod programs;
mod spec;

pub use activation::Activation;
pub use data::{Data, DataMismatch, Targets};
pub use initialization::{Distribution, Initialization, Scheme};
pub use loss::Loss;
pub use objective::{Network, Settings};
pub use spec::{ModelSpec, SpecError};
