use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn ramp(n: usize) -> Dataset {
    let targets = Targets::Classes { labels: (0..n as u32).collect(), count: n };
    Dataset::new("ramp", (0..2 * n).map(|i| i as f32).collect(), vec![2], targets).unwrap()
}

fn labels(data: &Dataset) -> Vec<u32> {
    match &data.targets {
        Targets::Classes { labels, .. } | Targets::Sequence { labels, .. } => labels.clone(),
        Targets::Values { .. } => panic!("expected classes"),
    }
}

#[test]
fn contradictions_are_refused() {
    let make = |inputs: Vec<f32>, shape: Vec<usize>, targets: Targets| {
        Dataset::new("d", inputs, shape, targets).map(|_| ()).map_err(|e| e.to_string())
    };
    let classes = |labels: &[u32], count| Targets::Classes { labels: labels.to_vec(), count };
    assert_eq!(make(vec![1.0, 2.0], vec![1], classes(&[0, 1], 2)), Ok(()));
    for (inputs, shape, targets, said) in [
        (vec![1.0], vec![1], classes(&[0, 1], 2), "2 × 1 numbers, one row a target, found 1"),
        (vec![], vec![0], classes(&[0], 1), "at least one number"),
        (vec![], vec![1], classes(&[], 1), "at least one example"),
        (vec![1.0], vec![1], classes(&[2], 2), "row 0 of the labels: expected a class from 0 to 1, found 2"),
        (vec![1.0, f32::NAN], vec![2], classes(&[0], 1), "row 0, column 1 of the inputs"),
        (vec![1.0], vec![1], Targets::Values { values: vec![f32::INFINITY], width: 1 }, "of the targets"),
        (vec![1.0], vec![1], Targets::Values { values: vec![0.0; 3], width: 2 }, "a multiple of 2"),
        (vec![1.0], vec![1], Targets::Values { values: vec![], width: 0 }, "at least one example"),
    ] {
        let error = make(inputs, shape, targets).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_subset_is_the_beginning() {
    let three = ramp(5).subset(3).unwrap();
    assert_eq!((three.inputs.len(), labels(&three), three.outputs()), (6, vec![0, 1, 2], 5));
    assert!(ramp(5).subset(0).is_err());
    assert!(ramp(5).subset(6).unwrap_err().to_string().contains("must be 1 to 5, found 6"));
}

#[test]
fn the_hash_sees_numbers_and_shapes_but_not_names() {
    let data = ramp(4);
    let renamed = Dataset { name: "other".into(), ..data.clone() };
    assert_eq!(data.content_hash(), renamed.content_hash());
    let mut variants = vec![data.clone(); 5];
    variants[1].inputs[7] = 7.5;
    variants[2].input_shape = vec![2, 1];
    variants[3].targets = Targets::Classes { labels: vec![0, 1, 2, 3], count: 5 };
    variants[4].targets = Targets::Values { values: vec![0.0, 1.0, 2.0, 3.0], width: 1 };
    let hashes: BTreeSet<_> = variants.iter().map(Dataset::content_hash).collect();
    assert_eq!(hashes.len(), 5);
}

#[test]
fn impossible_shares_are_refused() {
    for share in [0.0, 0.01, 0.99, 1.0, -0.5, f64::NAN, f64::INFINITY] {
        assert!(ramp(10).split(share, 0).is_err(), "{share}");
    }
}

proptest! {
    #[test]
    fn a_split_is_a_partition_that_only_the_seed_decides(n in 2usize..60, share in 0.1f64..0.9, seed: u64) {
        let data = ramp(n);
        let test_size = (n as f64 * share + 0.5).floor() as usize;
        prop_assume!(test_size >= 1 && test_size < n);
        let (train, test) = data.split(share, seed).unwrap();
        prop_assert_eq!((train.len(), test.len()), (n - test_size, test_size));
        let mut all = [labels(&train), labels(&test)].concat();
        for (data, i) in [(&train, 0), (&test, test_size - 1)] {
            let label = labels(data)[i] as f32;
            prop_assert_eq!(data.input(i), &[2.0 * label, 2.0 * label + 1.0]);
        }
        all.sort_unstable();
        prop_assert_eq!(all, (0..n as u32).collect::<Vec<_>>());
        prop_assert_eq!(data.split(share, seed).unwrap(), (train, test));
    }
}
