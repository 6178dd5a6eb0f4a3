//! Learning problems, planted or on given data.

use thalweg_io::{Dataset, Targets};
use thalweg_lab::Scalar;
use thalweg_lab::problem::learning::{ExampleSum, Examples, LearningSpec};

use super::resolve::{load_options, split};
use super::{Given, Source};
use crate::args::SubjectOptions;
use crate::config::{DataConfig, SubjectConfig};
use crate::error::Error;

/// The problem that a text chooses, on the data that the options name, or else on those that are known.
pub fn learning(
    text: &str,
    options: &SubjectOptions,
    known: Option<&DataConfig>,
    seed: u64,
) -> Result<(Source, SubjectConfig), Error> {
    let mut spec: LearningSpec = text.parse()?;
    if !spec.takes_data() {
        options.refuse_data(&spec.to_string(), "has data of its own")?;
        let problem = spec.to_string();
        return Ok((Source::Learning { spec, data: None }, SubjectConfig::Learning { problem, data: None }));
    }
    let known = known.filter(|_| options.data.is_none());
    let source = options.data.clone().or(known.map(|d| d.source.clone())).unwrap_or("digits".into());
    let load = load_options(options, known.map(|data| data.options.clone()).unwrap_or_default());
    let all = thalweg_io::load_dataset(&source, &load)?;
    let Targets::Classes { count, .. } = all.targets else {
        return Err(Error::Usage(format!(
            "--problem {spec} --data {source}: expected a class for each example, found numbers \
             (--target classes reads them as classes)"
        )));
    };
    if let LearningSpec::Logistic(logistic) = &mut spec {
        let class = logistic.class(count)?;
        // Of two classes either may be told from the other.
        logistic.class = (count > 2 || class != 1).then_some(class);
    }
    let test_share = options.test_share.or(known.map(|data| data.test_share)).unwrap_or(0.0);
    let split_seed = known.map_or(seed, |data| data.split_seed);
    let sha256 = all.content_hash();
    let (train, test) = split(all, test_share, split_seed)?;
    let data = DataConfig { source, options: load, test_share, split_seed, examples: train.len(), sha256 };
    let config = SubjectConfig::Learning { problem: spec.to_string(), data: Some(Box::new(data)) };
    let given = Given { train: Box::new(train), test: test.map(Box::new) };
    Ok((Source::Learning { spec, data: Some(given) }, config))
}

/// The objective of one precision; the dataset's inputs are used up.
pub fn build<T: Scalar>(spec: &LearningSpec, data: Option<&mut Dataset>) -> Result<ExampleSum<T>, Error> {
    let Some(dataset) = data else { return Ok(spec.build(None)?) };
    let width = dataset.features();
    let features = std::mem::take(&mut dataset.inputs);
    let Targets::Classes { labels, count } = &dataset.targets else {
        unreachable!("data without classes were refused")
    };
    Ok(spec.build(Some(&Examples { features: &features, width, labels, classes: *count }))?)
}
