//! Weights through every door, against files of other programs.

mod common;

use std::collections::HashMap;

use proptest::prelude::*;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use tempfile::tempdir;
use thalweg_io::{
    DataError, NamedArrays, Problem, Values, WeightFormat, from_flat, match_layout, read_weights,
    write_weights,
};
use thalweg_lab::Layout;

fn layout() -> Layout {
    Layout::new([("fc0.weight", vec![3, 2]), ("fc0.bias", vec![3]), ("fc10.weight", vec![1, 3])])
}

fn flat() -> Vec<f64> {
    (0..12).map(|i| f64::from(i) / 3.0 - 1.5).collect()
}

fn model(arrays: &[(&str, &[usize])]) -> NamedArrays {
    let mut model = NamedArrays::new("model.npz");
    for (name, shape) in arrays {
        model.push(*name, *shape, vec![1.0f32; shape.iter().product()]).unwrap();
    }
    model
}

#[test]
fn a_flat_vector_survives_both_formats_and_keeps_its_bits_and_order() {
    let folder = tempdir().unwrap();
    for name in ["w.safetensors", "w.npz"] {
        let path = folder.path().join(name);
        let arrays = from_flat(&layout(), &flat(), "training");
        write_weights(&path, &arrays).unwrap();
        let again = read_weights(&path).unwrap();
        let names: Vec<_> = again.iter().map(|a| a.name.as_str()).collect();
        assert_eq!(names, ["fc0.weight", "fc0.bias", "fc10.weight"]);
        assert_eq!(match_layout::<f64>(&again, &layout()).unwrap(), flat());
        assert_eq!(again.content_hash(), arrays.content_hash());
        let single: Vec<f32> = flat().iter().map(|&v| v as f32).collect();
        assert_eq!(match_layout::<f32>(&again, &layout()).unwrap(), single);
        let bytes = std::fs::read(&path).unwrap();
        write_weights(&path, &arrays).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "the same arrays, the same bytes");
    }
    let error = write_weights(folder.path().join("w.pt"), &model(&[])).unwrap_err().to_string();
    assert!(error.contains(".safetensors or .npz"), "{error}");
}

#[test]
fn the_reference_implementation_reads_what_is_written() {
    let mut arrays = from_flat(&layout(), &flat(), "w");
    arrays.push("step \"1\" \u{e9}", [], vec![7i64]).unwrap();
    arrays.push("single", [2], vec![0.5f32, -2.0]).unwrap();
    let bytes = arrays.to_bytes(WeightFormat::Safetensors).unwrap();
    let read = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(read.len(), 5);
    let weight = read.tensor("fc0.weight").unwrap();
    assert_eq!((weight.dtype(), weight.shape()), (Dtype::F64, &[3, 2][..]));
    let expected: Vec<u8> = flat()[..6].iter().flat_map(|v| v.to_le_bytes()).collect();
    assert_eq!(weight.data(), expected);
    assert_eq!(read.tensor("step \"1\" \u{e9}").unwrap().data(), 7i64.to_le_bytes());
    assert_eq!(read.tensor("single").unwrap().data()[4..], (-2.0f32).to_le_bytes());
    for (_, tensor) in read.tensors() {
        let offset = tensor.data().as_ptr() as usize - bytes.as_ptr() as usize;
        assert_eq!(offset % 4, 0, "arrays are aligned");
    }
}

#[test]
fn what_the_reference_implementation_writes_is_read() {
    let f16 = [0x3c00u16, 0xc000, 0x0001].map(u16::to_le_bytes).concat();
    let bf16 = [0x3f80u16, 0xc2f7].map(u16::to_le_bytes).concat();
    let f64 = [1.0f64 / 3.0].map(f64::to_le_bytes).concat();
    let tensors = vec![
        ("half", TensorView::new(Dtype::F16, vec![3], &f16).unwrap()),
        ("brain", TensorView::new(Dtype::BF16, vec![1, 2], &bf16).unwrap()),
        ("double", TensorView::new(Dtype::F64, vec![], &f64).unwrap()),
        ("bytes", TensorView::new(Dtype::I8, vec![2], &[255, 1]).unwrap()),
    ];
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let bytes = safetensors::serialize(tensors, Some(metadata)).unwrap();
    let arrays = NamedArrays::from_bytes(&bytes, "m.safetensors").unwrap();
    let values = |name: &str| arrays.get(name).unwrap().values.clone();
    assert_eq!(values("half"), Values::F32(vec![1.0, -2.0, 2f32.powi(-24)]));
    assert_eq!(values("brain"), Values::F32(vec![1.0, -123.5]));
    assert_eq!(values("double"), Values::F64(vec![1.0 / 3.0]));
    assert_eq!(values("bytes"), Values::I64(vec![-1, 1]));
    assert_eq!(arrays.get("brain").unwrap().shape, [1, 2]);
}

#[test]
fn every_type_of_numpy_is_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/types.npz");
    let arrays = read_weights(path).unwrap();
    let values = |name: &str| arrays.get(name).unwrap().values.clone();
    let ramp: Vec<i64> = (0..6).collect();
    for name in ["u1", "u2", "u4", "u8"] {
        assert_eq!(values(name), Values::I64(ramp.clone()), "{name}");
    }
    for name in ["i1", "i2", "i4", "i8"] {
        assert_eq!(values(name), Values::I64(ramp.iter().map(|v| -v).collect()), "{name}");
    }
    assert_eq!(values("b"), Values::I64(vec![0, 1, 0, 1, 0, 1]));
    for name in ["f2", "f2_big"] {
        assert_eq!(values(name), Values::F32(ramp.iter().map(|&v| v as f32 / 8.0).collect()), "{name}");
    }
    assert_eq!(values("f4"), Values::F32(ramp.iter().map(|&v| (v as f64 / 3.0) as f32).collect()));
    assert_eq!(values("f8"), Values::F64(ramp.iter().map(|&v| v as f64 / 3.0).collect()));
    assert_eq!((values("scalar"), values("empty")), (Values::F32(vec![2.5]), Values::F32(vec![])));
    assert_eq!(values("c_order"), Values::F32((0..24).map(|v| v as f32).collect()));
    assert_eq!(arrays.get("c_order").unwrap().shape, arrays.get("f_order").unwrap().shape);
    assert_eq!(values("f_order"), values("c_order"));
    assert_eq!(arrays.get("empty").unwrap().shape, [0, 3]);

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/unsupported.npz");
    let error = read_weights(path).unwrap_err().to_string();
    assert!(error.contains("array \"text\"") && error.contains("<U1"), "{error}");
}

#[test]
fn misfits_are_listed_with_what_may_have_happened() {
    let found = model(&[("fc0.weight", &[2, 3]), ("fc0.bias", &[4]), ("head", &[5])]);
    let error = match_layout::<f64>(&found, &layout()).unwrap_err();
    assert_eq!(error.problems.len(), 4);
    assert_eq!(
        error.to_string(),
        "model.npz does not fit the model:\n  \
         fc0.weight: expected [3, 2], found [2, 3]; it looks transposed\n  \
         fc0.bias: expected [3], found [4]\n  \
         fc10.weight: expected [1, 3], found no such array\n  \
         head: found [5], expected no array of that name"
    );

    let prefixed =
        model(&[("net.fc0.weight", &[3, 2]), ("net.fc0.bias", &[3]), ("net.fc10.weight", &[1, 3])]);
    let error = match_layout::<f64>(&prefixed, &layout()).unwrap_err().to_string();
    assert!(error.contains("all names are there with \"net.\" before them"), "{error}");

    let renamed = model(&[("0.weight", &[3, 2]), ("0.bias", &[3]), ("2.weight", &[1, 3])]);
    let error = match_layout::<f64>(&renamed, &layout()).unwrap_err().to_string();
    assert!(error.contains("under the names fc0.weight, fc0.bias, fc10.weight"), "{error}");
}

#[test]
fn values_must_be_finite_in_the_precision_asked_for() {
    let layout = Layout::new([("w", vec![3])]);
    let mut arrays = NamedArrays::new("m");
    arrays.push("w", [3], vec![0.0, 1e300, f64::NAN]).unwrap();
    let error = match_layout::<f32>(&arrays, &layout).unwrap_err();
    let first = |found| matches!(&error.problems[0], Problem::NonFinite { index: 1, count: 2, found: f, .. } if *f == found);
    assert!(first(1e300), "{error}");
    let error = match_layout::<f64>(&arrays, &layout).unwrap_err().to_string();
    assert!(error.contains("found 1 that are not, the first NaN at element 2"), "{error}");
}

#[test]
fn arrays_are_distinct_and_fit_their_shapes() {
    let mut arrays = model(&[("a", &[2])]);
    assert!(arrays.push("a", [1], vec![0.0]).unwrap_err().to_string().contains("a name that is not taken"));
    let error = arrays.push("b", [2, 2], vec![0.0f32; 3]).unwrap_err().to_string();
    assert!(error.contains("values for the shape [2, 2], found 3 values"), "{error}");
    assert!(arrays.push("c", [usize::MAX, 2], Vec::<f64>::new()).is_err());
    assert_eq!(arrays.len(), 1);
}

#[test]
fn broken_safetensors_are_explained() {
    let read = |bytes: &[u8]| NamedArrays::from_bytes(bytes, "m.safetensors").map_err(|e| e.to_string());
    let entry = |offsets: &str| format!(r#"{{"w":{{"dtype":"F32","shape":[2],"data_offsets":{offsets}}}}}"#);
    let whole = common::safetensors(&entry("[0,8]"), &[0; 8]);
    assert!(read(&whole).is_ok());
    for end in 1..whole.len() {
        assert!(read(&whole[..end]).is_err(), "cut at {end}");
    }
    let cut = read(&whole[..whole.len() - 3]).unwrap_err();
    assert!(cut.contains("tensor \"w\" of shape [2]") && cut.contains("expected 8 bytes, found 5"), "{cut}");
    assert!(read(&whole[..20]).unwrap_err().contains("the header: expected"));
    for (header, data, said) in [
        (entry("[0,4]"), 4, "the data of shape [2] and type f32, found 4 bytes"),
        (entry("[4,12]"), 12, "offsets that begin at 0"),
        (entry("[8,0]"), 8, "offsets that begin at 0"),
        (entry("[0,8]"), 9, "found 1 more bytes"),
        (entry("[0,18446744073709551615]"), 8, "expected 18446744073709551615 bytes"),
        (entry("[0,8]").replace("F32", "F4"), 8, "one of the types BOOL"),
        (entry("[0,8]").replace("[2]", "[4294967296,4294967296]"), 8, "the data of shape"),
        ("{\"w\":1}".into(), 0, "JSON that describes tensors"),
        ("{".repeat(5000), 0, "JSON that describes tensors"),
        (r#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#.into(), 0, "two tensors named"),
    ] {
        let error = read(&common::safetensors(&header, &vec![0; data])).unwrap_err();
        assert!(error.contains(said), "{header}: {error}");
    }
    let mut huge = whole.clone();
    huge[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(read(&huge).is_err(), "a header that claims to be huge");
}

#[test]
fn failed_writes_name_the_path() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("missing/w.npz");
    let error = write_weights(&path, &model(&[("a", &[1])])).unwrap_err();
    assert!(matches!(error, DataError::Io { action: "write", .. }) && error.to_string().contains("missing"));
    assert!(read_weights(&path).unwrap_err().to_string().contains("cannot read"));
    std::fs::write(folder.path().join("t.csv"), "1,2\n").unwrap();
    assert!(read_weights(folder.path().join("t.csv")).unwrap_err().to_string().contains("found CSV content"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bits_survive(bits in prop::collection::vec(any::<u64>(), 1..40), npz in any::<bool>()) {
        let format = if npz { WeightFormat::Npz } else { WeightFormat::Safetensors };
        let mut arrays = NamedArrays::new("p");
        arrays.push("a", [bits.len()], bits.iter().map(|&b| f32::from_bits(b as u32)).collect::<Vec<_>>()).unwrap();
        arrays.push("b", [1, bits.len()], bits.iter().map(|&b| f64::from_bits(b)).collect::<Vec<_>>()).unwrap();
        arrays.push("c/d", [bits.len(), 1], bits.iter().map(|&b| b as i64).collect::<Vec<_>>()).unwrap();
        let bytes = arrays.to_bytes(format).unwrap();
        let again = NamedArrays::from_bytes(&bytes, "p").unwrap();
        // Compared as bytes, for NaN differs from itself.
        prop_assert_eq!(again.to_bytes(format).unwrap(), bytes);
        prop_assert_eq!(again.content_hash(), arrays.content_hash());
    }
}
