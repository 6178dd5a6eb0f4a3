//! The built-in digits against what is published of them and what NumPy computes.

use thalweg_io::{Applied, LoadOptions, Part, Scaling, Targets, digits, load_dataset};

#[test]
fn counts_are_the_published_ones() {
    let digits = digits();
    assert_eq!((digits.len(), digits.features(), digits.outputs()), (1797, 64, 10));
    assert_eq!(digits.input_shape, [1, 8, 8]);
    // UCI's description of optdigits.tes, "Class Distribution", testing examples.
    assert_eq!(digits.class_counts().unwrap(), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
}

#[test]
fn pixels_are_sixteenths_and_sum_to_what_numpy_says() {
    let digits = digits();
    assert_eq!(digits.scaling, Applied::DividedBy(16.0));
    let pixels: Vec<f32> = digits.inputs.iter().map(|v| v * 16.0).collect();
    assert!(pixels.iter().all(|v| v.fract() == 0.0 && (0.0..=16.0).contains(v)));
    // load_digits().data.sum() and (load_digits().data == 16).sum() of scikit-learn.
    assert_eq!(pixels.iter().map(|&v| f64::from(v)).sum::<f64>(), 561_718.0);
    assert_eq!(pixels.iter().filter(|&&v| v == 16.0).count(), 10_456);
}

#[test]
fn the_first_image_is_the_zero_of_scikit_learns_manual() {
    let digits = digits();
    let rows: [[u8; 8]; 4] = [
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
        [0, 3, 15, 2, 0, 11, 8, 0],
        [0, 4, 12, 0, 0, 8, 8, 0],
    ];
    let expected: Vec<f32> = rows.as_flattened().iter().map(|&v| f32::from(v) / 16.0).collect();
    assert_eq!(digits.input(0)[..32], expected);
    let Targets::Classes { labels, .. } = &digits.targets else { panic!("digits have classes") };
    assert_eq!(labels[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn the_hash_is_the_documented_one() {
    // Computed in Python with hashlib over the layout that `content_hash` documents.
    let expected = "2bd597c2cf0db6356ef09c415bcb7e8bb5fbf490c244d3ece385b0601c1f6bf8";
    assert_eq!(digits().content_hash(), expected);
}

#[test]
fn options_apply_to_the_digits_too() {
    let options = LoadOptions { scaling: Scaling::Raw, limit: Some(100), ..Default::default() };
    let raw = load_dataset("digits", &options).unwrap();
    assert_eq!((raw.len(), raw.input(0)[3], raw.scaling), (100, 13.0, Applied::AsStored));

    let options = LoadOptions { scaling: Scaling::Standardize, ..Default::default() };
    let scaled = load_dataset("digits", &options).unwrap();
    for feature in 0..64 {
        let column = || scaled.inputs[feature..].iter().step_by(64).map(|&v| f64::from(v));
        let mean = column().sum::<f64>() / 1797.0;
        let square = column().map(|v| v * v).sum::<f64>() / 1797.0;
        // Pixels 0, 32 and 39 are 0 in every image of this set.
        let expected = if [0, 32, 39].contains(&feature) { 0.0 } else { 1.0 };
        assert!(mean.abs() < 1e-6 && (square - expected).abs() < 1e-6, "{feature}: {mean} {square}");
    }

    let part = LoadOptions { part: Some(Part::Test), ..Default::default() };
    let error = load_dataset("digits", &part).unwrap_err().to_string();
    assert_eq!(error, "digits has no test part; found one undivided whole");
    for limit in [0, 1798] {
        let options = LoadOptions { limit: Some(limit), ..Default::default() };
        let error = load_dataset("digits", &options).unwrap_err().to_string();
        assert!(error.contains("1 to 1797"), "{error}");
    }
}
