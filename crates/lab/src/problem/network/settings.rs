//! What belongs to an objective beside model and data.

use thalweg_graph::Threads;

use super::Loss;

/// What belongs to the objective beside model and data, and how it is computed.
#[derive(Clone)]
pub struct Settings {
    /// The loss of an example.
    pub loss: Loss,
    /// λ in the penalty (λ/2) ‖θ‖², over all parameters.
    pub weight_decay: f64,
    /// What batch normalization divides by; models without it do not care.
    pub batch_norm: BatchNorm,
    /// Worker threads; results do not depend on them.
    pub threads: Threads,
    /// Bytes for values that curvature products keep; `None` is no limit.
    pub memory: Option<usize>,
}

/// Which statistics of the activations batch normalization uses (Ioffe & Szegedy 2015).
///
/// The three are different objectives, with different gradients and Hessians, so the
/// choice is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum BatchNorm {
    /// Each batch of `size` neighbouring examples by its own mean and variance,
    /// differentiated through, as in training.
    Batch {
        /// Examples in a batch; the last may be smaller.
        size: usize,
    },
    /// The model's buffers, whatever the parameters, as in PyTorch's evaluation mode.
    Frozen,
    /// The average of the batches' statistics at the point itself, estimated anew at
    /// each point as in stochastic weight averaging (Izmailov et al. 2018, §3.2), and
    /// held fixed while differentiating. Minibatches of training are normalized by
    /// their own statistics.
    Reestimated {
        /// Examples in a batch.
        size: usize,
    },
}

impl BatchNorm {
    /// By batches of 128.
    pub const DEFAULT: BatchNorm = BatchNorm::Batch { size: 128 };
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            loss: Loss::CROSS_ENTROPY,
            weight_decay: 0.0,
            batch_norm: BatchNorm::DEFAULT,
            threads: Threads::default(),
            memory: None,
        }
    }
}
