//! Networks and their data as objectives.
//!
//! A network's objective is f(θ) = (1/N) Σᵢ ℓ(zᵢ, yᵢ) + (λ/2) ‖θ‖², where
//! zᵢ = z(xᵢ; θ) are the model's outputs for example i and λ is the weight decay. The
//! data loss is the first term alone.

mod activation;
mod along;
pub mod architecture;
mod data;
mod graphs;
mod initialization;
mod kronecker;
mod layers;
mod loss;
mod memory;
mod minibatch;
mod model;
mod net;
mod objective;
mod operator;
mod per_example;
mod programs;
mod settings;
mod shards;
mod softmax;
mod spec;
mod statistics;
mod symmetry;

pub use activation::Activation;
pub use architecture::Architecture;
pub use data::{Data, DataMismatch, Inputs, Targets};
pub use initialization::{Distribution, Draw, Initialization, Scheme};
pub use loss::Loss;
pub use model::{Buffer, Call, Input, InputKind, Model, Outputs, Statistics};
pub use objective::Network;
pub use settings::{BatchNorm, Settings};
pub use spec::{ModelSpec, SpecError};
