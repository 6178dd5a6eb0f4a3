//! The loss that the options ask for.

use thalweg_io::{Dataset, IGNORED, Targets};
use thalweg_lab::problem::network::Loss;

use crate::args::{ClassWeights, SubjectOptions};
use crate::config::NetworkConfig;
use crate::error::Error;

/// What was asked for, or the known run's, or what suits the targets.
pub fn chosen(
    options: &SubjectOptions,
    known: Option<&NetworkConfig>,
    data: &Dataset,
    reconstructs: bool,
) -> Result<Loss, Error> {
    let by_targets = match data.targets {
        _ if reconstructs => Loss::SquaredError,
        Targets::Classes { .. } | Targets::Sequence { .. } => Loss::CROSS_ENTROPY,
        Targets::Values { .. } => Loss::SquaredError,
    };
    let mut loss = options.loss.clone().or(known.map(|known| known.loss.clone())).unwrap_or(by_targets);
    let name = loss.name();
    for (given, option) in [
        (options.label_smoothing.is_some(), "--label-smoothing"),
        (options.class_weights.is_some(), "--class-weights"),
    ] {
        if given && !matches!(loss, Loss::CrossEntropy { .. }) {
            return Err(Error::Usage(format!("{option} belongs to the cross-entropy; the loss is {name}")));
        }
    }
    if let Loss::CrossEntropy { label_smoothing, class_weights } = &mut loss {
        *label_smoothing = options.label_smoothing.unwrap_or(*label_smoothing);
        match &options.class_weights {
            None => {}
            Some(ClassWeights::Given(weights)) => class_weights.clone_from(weights),
            Some(ClassWeights::Balanced) => *class_weights = balanced(&data.targets)?,
        }
    }
    Ok(loss)
}

/// N / (C n_c) for each of C classes, of which n_c of the N targets that count are: each class has the same
/// part in the loss, and the mean weight of a target is 1.
fn balanced(targets: &Targets) -> Result<Vec<f64>, Error> {
    let (labels, count) = match targets {
        Targets::Classes { labels, count } | Targets::Sequence { labels, count, .. } => (labels, *count),
        Targets::Values { .. } => {
            return Err(Error::Usage(
                "--class-weights balanced: the targets are numbers, not classes".into(),
            ));
        }
    };
    let mut numbers = vec![0u64; count];
    labels.iter().filter(|&&label| label != IGNORED).for_each(|&label| numbers[label as usize] += 1);
    if let Some(class) = numbers.iter().position(|&n| n == 0) {
        return Err(Error::Usage(format!(
            "--class-weights balanced: class {class} of {count} has no example; give the weights as numbers"
        )));
    }
    let total: u64 = numbers.iter().sum();
    Ok(numbers.iter().map(|&n| total as f64 / (count as f64 * n as f64)).collect())
}
