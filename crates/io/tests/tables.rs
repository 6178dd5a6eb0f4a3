//! CSV and `.npz` datasets, and everything that can be wrong with them.

mod common;

use common::{doubles, gzip, integers, zip};
use thalweg_io::{
    DataError, Dataset, LoadOptions, Scaling, TargetKind, Targets, dataset_from_bytes, load_dataset,
};

fn csv(text: &str) -> Result<Dataset, DataError> {
    dataset_from_bytes(text.as_bytes(), "table.csv", &LoadOptions::default())
}

fn csv_with(text: &str, options: LoadOptions) -> Result<Dataset, DataError> {
    dataset_from_bytes(text.as_bytes(), "table.csv", &options)
}

fn csv_error(text: &str) -> String {
    csv(text).unwrap_err().to_string()
}

fn npz(entries: &[(&str, Vec<u8>)]) -> Result<Dataset, DataError> {
    dataset_from_bytes(&zip(entries), "data.npz", &LoadOptions::default())
}

fn npz_error(entries: &[(&str, Vec<u8>)]) -> String {
    npz(entries).unwrap_err().to_string()
}

fn classes(labels: &[u32], count: usize) -> Targets {
    Targets::Classes { labels: labels.to_vec(), count }
}

#[test]
fn headers_delimiters_and_compression_are_found_out() {
    for text in [
        "a,b,class\n1,2,0\n3.5,-4e1,2\n",
        "1,2,0\n3.5,-4e1,2",
        "0,1,label\n1,2,0\n3.5,-4e1,2\n",
        "a;b;class\r\n1;2;0\r\n3.5;-4e1;2\r\n",
        "\u{feff}\"a\"\t\"b\"\t\"c\"\n\n 1\t2\t0\n3.5\t-4e1\t2\n",
    ] {
        let data = csv(text).unwrap();
        assert_eq!(data.inputs, [1.0, 2.0, 3.5, -40.0], "{text}");
        assert_eq!((&data.targets, &data.input_shape[..]), (&classes(&[0, 2], 3), &[2][..]));
    }
    let packed = dataset_from_bytes(&gzip(b"1,2,0\n3,4,1\n"), "t.csv.gz", &LoadOptions::default());
    assert_eq!(packed.unwrap().len(), 2);
}

#[test]
fn the_label_column_is_named_or_counted() {
    let text = "kind,size,weight\n1,5,50\n0,6,60\n";
    for (column, first) in [("kind", 5.0), ("0", 5.0), ("-3", 5.0), ("weight", 1.0), ("-1", 1.0)] {
        let options = LoadOptions { label_column: Some(column.into()), ..Default::default() };
        assert_eq!(csv_with(text, options).unwrap().input(0)[0], first, "{column}");
    }
    for wrong in ["colour", "3", "-4"] {
        let options = LoadOptions { label_column: Some(wrong.into()), ..Default::default() };
        let error = csv_with(text, options).unwrap_err().to_string();
        assert!(error.contains(wrong) && error.contains("\"kind\", \"size\", \"weight\""), "{error}");
    }
}

#[test]
fn targets_are_classes_names_or_numbers() {
    let named = csv("x,species\n1,setosa\n2,virginica\n3,setosa\n").unwrap();
    assert_eq!(named.targets, classes(&[0, 1, 0], 2));
    assert_eq!(named.class_names, ["setosa", "virginica"]);
    let values = |text: &str| csv(text).unwrap().targets;
    assert_eq!(values("x,y\n1,0.5\n2,3\n"), Targets::Values { values: vec![0.5, 3.0], width: 1 });
    assert_eq!(values("x,y\n1,1990\n2,2020\n"), Targets::Values { values: vec![1990.0, 2020.0], width: 1 });
    assert_eq!(values("x,y\n1,-1\n2,1\n"), Targets::Values { values: vec![-1.0, 1.0], width: 1 });
    let forced = LoadOptions { target: TargetKind::Classes, ..Default::default() };
    assert_eq!(csv_with("x,y\n1,1990\n", forced.clone()).unwrap().outputs(), 1991);
    assert_eq!(csv_with("x,y\n1,3\n2,b\n", forced).unwrap().class_names, ["3", "b"]);
    assert!(csv_error("x,y\n1,0\n2,1\n3,?\n").contains("line 4, column \"y\": expected a number"));
}

#[test]
fn wrong_cells_are_named_by_line_and_column() {
    assert_eq!(
        csv_error("a,b,c\n1,2,0\n3,4\n"),
        "table.csv, line 3: expected 3 cells as in the first line, found 2"
    );
    assert!(csv_error("a,b,c\n\n1,2,0\n\n\n3,4,5,6\n").contains("line 6"), "blank lines count");
    let error = csv_error("a,b,c\n1,2,0\n3,four,1\n");
    assert_eq!(error, "table.csv, line 3, column \"b\": expected a number, found \"four\"");
    assert!(csv_error("1,,0\n2,3,1\n").contains("line 1, column 1 (counted from 0)"));
    assert!(csv_error("1,?,0\n2,3,1\n").contains("the option that line 1 is a header"));
    assert!(csv_error("a,b\n1,\n").contains("line 2, column \"b\": expected a label, found an empty cell"));
    for (bad, found) in [("NaN", "NaN"), ("inf", "inf"), ("-infinity", "-inf"), ("1e300", "1e300, too large")]
    {
        let error = csv_error(&format!("a,b,c\n1,2,0\n3,{bad},1\n"));
        let expected = format!("line 3, column \"b\": expected a finite number, found {found}");
        assert!(error.contains(&expected), "{error}");
    }
    assert!(csv_error("a,y\n1,0.5\n2,nan\n").contains("line 3, column \"y\": expected a finite number"));
}

#[test]
fn tables_without_data_are_refused() {
    assert!(csv_error("").contains("is empty"));
    assert!(csv_error("\n\n").contains("blank lines"));
    assert!(csv_error("a,b,c\n").contains("nothing but the header"));
    assert!(csv_error("1\n2\n").contains("two columns or more"));
    let limit = LoadOptions { limit: Some(3), ..Default::default() };
    assert!(csv_with("1,2,0\n3,4,1\n", limit).unwrap_err().to_string().contains("1 to 2"));
    for classes in [0, 65_537, usize::MAX] {
        let options = LoadOptions { classes: Some(classes), ..Default::default() };
        assert!(csv_with("1,0\n3,2\n", options).unwrap_err().to_string().contains("1 to 65536"));
    }
    let out = LoadOptions { classes: Some(2), ..Default::default() };
    assert!(csv_with("1,0\n3,2\n", out).unwrap_err().to_string().contains("from 0 to 1, found 2"));
}

#[test]
fn npz_of_numpy_is_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/dataset.npz");
    let data = load_dataset(path, &LoadOptions::default()).unwrap();
    assert_eq!((data.len(), &data.input_shape[..]), (5, &[2, 3][..]));
    assert_eq!(data.inputs, (0..30).map(|i| i as f32).collect::<Vec<_>>(), "Fortran order is undone");
    assert_eq!(data.targets, classes(&[0, 1, 2, 0, 1], 3));
    let two = LoadOptions { limit: Some(2), scaling: Scaling::Standardize, ..Default::default() };
    let data = load_dataset(path, &two).unwrap();
    assert_eq!(data.inputs, [[-1.0f32; 6], [1.0; 6]].concat());
}

#[test]
fn npz_targets_follow_type_and_shape() {
    let x = || ("x.npy", doubles(&[3], &[1.0, 2.0, 3.0]));
    let numbers = npz(&[x(), ("y.npy", doubles(&[3, 2], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]))]).unwrap();
    assert_eq!(numbers.input_shape, [1]);
    assert_eq!(numbers.targets, Targets::Values { values: vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0], width: 2 });
    assert_eq!(
        npz(&[x(), ("y.npy", integers(&[3, 1], &[2, 0, 1]))]).unwrap().targets,
        classes(&[2, 0, 1], 3)
    );
    assert_eq!(npz(&[x(), ("y.npy", integers(&[3], &[-1, 1, 1]))]).unwrap().outputs(), 1, "numbers");
    let forced = LoadOptions { target: TargetKind::Classes, ..Default::default() };
    let bytes = zip(&[x(), ("y.npy", integers(&[3], &[0, -1, 1]))]);
    let error = dataset_from_bytes(&bytes, "data.npz", &forced).unwrap_err().to_string();
    assert_eq!(error, "data.npz, y[1]: expected a class from 0 to 65535, found -1");
}

#[test]
fn npz_that_does_not_fit_is_explained() {
    let x = || ("x.npy", doubles(&[2, 2], &[1.0, 2.0, 3.0, 4.0]));
    let y = || ("y.npy", integers(&[2], &[0, 1]));
    assert!(npz(&[x(), y()]).is_ok());
    assert_eq!(
        npz_error(&[y(), ("z.npy", doubles(&[1], &[0.0]))]),
        "data.npz has no array \"x\"; found the arrays \"y\", \"z\""
    );
    assert!(npz_error(&[x()]).contains("has no array \"y\""));
    let error = npz_error(&[x(), ("y.npy", integers(&[3], &[0, 1, 2]))]);
    assert!(error.contains("y of shape [3]: expected 2 rows, one for each of x"), "{error}");
    let error = npz_error(&[("x.npy", doubles(&[2, 2], &[1.0, 2.0, f64::NAN, 4.0])), y()]);
    assert!(error.contains("x[1, 0]") && error.contains("found NaN"), "{error}");
    let error = npz_error(&[x(), ("y.npy", doubles(&[2], &[0.0, f64::INFINITY]))]);
    assert!(error.contains("y[1]") && error.contains("found inf"), "{error}");
    assert!(
        npz_error(&[("x.npy", doubles(&[0, 2], &[])), ("y.npy", integers(&[0], &[]))])
            .contains("at least one")
    );
    assert!(npz_error(&[("x.npy", doubles(&[], &[1.0])), y()]).contains("a single number"));
    assert!(npz_error(&[("model/data.pkl", b"..".to_vec())]).contains("save the weights as .safetensors"));
    assert!(npz_error(&[]).contains("an empty archive"));
}

#[test]
fn options_that_do_not_apply_and_bombs_are_refused() {
    let bytes = zip(&[("x.npy", doubles(&[1], &[1.0])), ("y.npy", integers(&[1], &[0]))]);
    let header = LoadOptions { header: Some(true), ..Default::default() };
    let error = dataset_from_bytes(&bytes, "data.npz", &header).unwrap_err().to_string();
    assert!(error.contains("the header must be left out"), "{error}");
    let small = LoadOptions { max_bytes: 100, ..Default::default() };
    let error = dataset_from_bytes(&bytes, "data.npz", &small).unwrap_err();
    assert!(matches!(error, DataError::TooLarge { limit: 100, .. }), "{error}");
    let zeros = zip(&[("x.npy", vec![0; 20 << 20])]);
    assert!(zeros.len() < 100_000);
    let small = LoadOptions { max_bytes: 1 << 20, ..Default::default() };
    assert!(matches!(dataset_from_bytes(&zeros, "bomb.npz", &small), Err(DataError::TooLarge { .. })));
}
