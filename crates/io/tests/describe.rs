//! What is said of files that are whole, and of files whose numbers are not.

mod common;

use std::fs;

use common::{doubles, idx, integers, safetensors, zip};
use tempfile::tempdir;
use thalweg_io::{Format, describe, describe_bytes};

#[test]
fn the_digits_are_described_as_they_are_stored() {
    let digits = describe("digits").unwrap();
    let images = &digits.arrays[0];
    assert_eq!((images.dtype.as_str(), &images.shape[..]), ("u8", &[1797, 8, 8][..]));
    assert_eq!((images.min, images.max), (Some(0.0), Some(16.0)));
    // load_digits().data.mean() of scikit-learn.
    assert!((images.mean.unwrap() - 4.884164579855314).abs() < 1e-12);
    assert_eq!(digits.classes.iter().map(|c| c.examples).sum::<usize>(), 1797);
    assert_eq!((digits.classes[3].class.as_str(), digits.classes[3].examples), ("3", 183));
}

#[test]
fn numbers_that_are_not_finite_are_counted() {
    let bytes = zip(&[
        ("x.npy", doubles(&[2, 3], &[1.0, f64::NAN, -2.0, f64::INFINITY, f64::NEG_INFINITY, 4.0])),
        ("y.npy", integers(&[2], &[4, 0])),
        ("nothing.npy", doubles(&[1], &[f64::NAN])),
        ("huge.npy", doubles(&[2], &[f64::MAX, -f64::MAX])),
    ]);
    let said = describe_bytes(&bytes, "data.npz").unwrap();
    assert_eq!((said.format, said.elements), (Some(Format::Npz), 11));
    let x = &said.arrays[0];
    assert_eq!((x.min, x.max, x.mean, x.non_finite), (Some(-2.0), Some(4.0), Some(1.0), 3));
    assert_eq!((said.arrays[2].min, said.arrays[2].mean, said.arrays[2].non_finite), (None, None, 1));
    assert_eq!(said.arrays[3].mean, Some(0.0), "the mean of huge numbers does not overflow");
    assert_eq!(said.classes.iter().map(|c| c.examples).collect::<Vec<_>>(), [1, 0, 0, 0, 1]);
    let text = said.to_string();
    assert!(text.contains("-1.79769e308 to 1.79769e308, mean 0\n"), "{text}");
    assert!(text.contains("-2 to 4, mean 1  3 not finite"), "{text}");
}

#[test]
fn tables_are_described_by_column() {
    let text = "height,colour,kind\n1,red,b\n,blue,a\nnan,red,b\n4,red,b\n";
    let said = describe_bytes(text.as_bytes(), "t.csv").unwrap();
    let column = |i: usize| (said.arrays[i].name.as_str(), said.arrays[i].dtype.as_str());
    assert_eq!(
        [column(0), column(1), column(2)],
        [("height", "number"), ("colour", "text"), ("kind", "text")]
    );
    let height = &said.arrays[0];
    assert_eq!((height.min, height.max, height.non_finite, height.empty), (Some(1.0), Some(4.0), 1, 1));
    let classes: Vec<_> = said.classes.iter().map(|c| (c.class.as_str(), c.examples)).collect();
    assert_eq!(classes, [("a", 1), ("b", 3)]);
    let said = describe_bytes(b"1,10\n2,9\n3,10\n", "t.csv").unwrap();
    let classes: Vec<_> = said.classes.iter().map(|c| (c.class.as_str(), c.examples)).collect();
    assert_eq!(classes, [("9", 1), ("10", 2)], "numbers in their own order");
}

#[test]
fn weights_keep_their_stored_types_and_serialize() {
    let header = r#"{"w":{"dtype":"BF16","shape":[2,1],"data_offsets":[0,4]}}"#;
    let said = describe_bytes(&safetensors(header, &[0x80, 0x3f, 0x00, 0xc0]), "m.safetensors").unwrap();
    let json = serde_json::to_value(&said).unwrap();
    assert_eq!(json["format"], "safetensors");
    assert_eq!(json["arrays"][0]["dtype"], "bf16");
    assert_eq!(json["arrays"][0]["shape"], serde_json::json!([2, 1]));
    assert_eq!(json["arrays"][0]["mean"], -0.5);
}

#[test]
fn folders_are_described_part_by_part() {
    let folder = tempdir().unwrap();
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.path().join(name), bytes).unwrap();
    let spec = folder.path().to_str().unwrap();
    assert!(describe(spec).unwrap_err().to_string().contains("an empty folder"));
    write("train-images-idx3-ubyte", idx(&[2, 1, 1], &[5, 7]));
    write("train-labels-idx1-ubyte", idx(&[2], &[1, 1]));
    let said = describe(spec).unwrap();
    assert_eq!((said.arrays.len(), said.bytes), (2, 18 + 10));
    write("t10k-images-idx3-ubyte", idx(&[1, 1, 1], &[9]));
    write("t10k-labels-idx1-ubyte", idx(&[1], &[0]));
    let said = describe(spec).unwrap();
    let names: Vec<_> = said.arrays.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["train.images", "train.labels", "test.images", "test.labels"]);
    let classes: Vec<_> = said.classes.iter().map(|c| (c.class.as_str(), c.examples)).collect();
    assert_eq!(classes, [("train.0", 0), ("train.1", 2), ("test.0", 1)]);
    let lone = describe(folder.path().join("t10k-labels-idx1-ubyte").to_str().unwrap()).unwrap();
    assert_eq!((lone.arrays[0].name.as_str(), lone.classes.len()), ("labels", 1));
}
