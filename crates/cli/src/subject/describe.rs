//! A subject in words.

use thalweg_lab::problem::network::Loss;

use super::solutions::labels;
use crate::config::{NetworkConfig, PointConfig, SolutionConfig, SubjectConfig};
use crate::words::{counted, short};

/// What is studied, in a line: `mlp:64-32-10 with tanh on digits: 1,797 examples, cross-entropy`.
pub fn describe(subject: &SubjectConfig) -> String {
    match subject {
        SubjectConfig::Network(network) => describe_network(network),
        SubjectConfig::Function { function } => function.clone(),
        SubjectConfig::Expression { expression } => expression.clone(),
    }
}

fn describe_network(network: &NetworkConfig) -> String {
    let mut text = format!(
        "{}{} on {}: {}, {}",
        network.model,
        network.activation.map_or(String::new(), |activation| format!(" with {activation}")),
        network.data.source,
        counted(network.data.examples as u64, "example"),
        loss(&network.loss),
    );
    if let Some(label) = network.ignore_index {
        text.push_str(&format!(", positions labelled {label} ignored"));
    }
    if !network.bias {
        text.push_str(", without biases");
    }
    if network.weight_decay != 0.0 {
        text.push_str(&format!(", weight decay {}", short(network.weight_decay)));
    }
    text
}

fn loss(loss: &Loss) -> String {
    match loss {
        Loss::CrossEntropy { label_smoothing, class_weights } => {
            let mut text = "cross-entropy".to_owned();
            if *label_smoothing != 0.0 {
                text.push_str(&format!(" with label smoothing {}", short(*label_smoothing)));
            }
            if !class_weights.is_empty() {
                text.push_str(", classes weighted");
            }
            text
        }
        Loss::SquaredError => "squared error".into(),
        Loss::BinaryCrossEntropy => "binary cross-entropy".into(),
        Loss::Huber { delta } => format!("Huber loss with δ = {}", short(*delta)),
        Loss::Output => "the model's own loss".into(),
    }
}

impl PointConfig {
    /// Which point this is, in a few words.
    pub fn describe(&self) -> String {
        match self {
            PointConfig::Initial => "the first point".into(),
            PointConfig::Weights { source, .. } => format!("the weights of {source}"),
            PointConfig::Checkpoints { source, files, .. } => {
                format!("the last of {} in {source}", counted(files.len() as u64, "checkpoint"))
            }
            PointConfig::At { coordinates } if coordinates.len() <= 6 => {
                format!("the point {}", listed(coordinates))
            }
            PointConfig::At { coordinates } => format!("a given point of {} coordinates", coordinates.len()),
            PointConfig::Solutions { solutions } => labels(solutions).join(", "),
        }
    }
}

impl SolutionConfig {
    /// What it is called where no other has the same name.
    pub fn label(&self) -> String {
        match self {
            SolutionConfig::Weights { source, .. } => match std::path::Path::new(source).file_name() {
                Some(name) => {
                    let name = name.to_string_lossy();
                    let stem = [".safetensors", ".npz"].iter().find_map(|end| name.strip_suffix(end));
                    stem.unwrap_or(&name).to_owned()
                }
                None => source.clone(),
            },
            SolutionConfig::Trained { seed } => format!("seed {seed}"),
            SolutionConfig::At { coordinates } if coordinates.len() <= 3 => listed(coordinates),
            SolutionConfig::At { .. } => "given point".into(),
            SolutionConfig::Known { number, .. } => format!("minimum {number}"),
        }
    }

    /// Where it comes from.
    pub fn origin(&self) -> String {
        match self {
            SolutionConfig::Weights { source, .. } => format!("the weights of {source}"),
            SolutionConfig::Trained { seed } => format!("trained from seed {seed}"),
            SolutionConfig::At { coordinates } if coordinates.len() <= 6 => {
                format!("given as {}", listed(coordinates))
            }
            SolutionConfig::At { .. } => "given".into(),
            SolutionConfig::Known { coordinates, .. } if coordinates.len() <= 6 => {
                let numbers: Vec<String> = coordinates.iter().map(|&v| short(v)).collect();
                format!("known minimum near ({})", numbers.join(", "))
            }
            SolutionConfig::Known { .. } => "known minimum".into(),
        }
    }
}

fn listed(coordinates: &[f64]) -> String {
    let numbers: Vec<String> = coordinates.iter().map(f64::to_string).collect();
    format!("({})", numbers.join(", "))
}
