//! MNIST-like and CIFAR-like folders, and everything that can be wrong with them.

mod common;

use std::fs;
use std::path::Path;

use common::{gzip, idx};
use tempfile::{TempDir, tempdir};
use thalweg_io::{Applied, DataError, LoadOptions, Part, Targets, dataset_from_bytes, load_dataset};

/// Three images of 2 × 2 pixels in `folder`, as MNIST is published.
fn mnist(folder: &Path) {
    let pixels: Vec<u8> = (0..12).map(|i| i * 20).collect();
    fs::write(folder.join("train-images-idx3-ubyte"), idx(&[3, 2, 2], &pixels)).unwrap();
    fs::write(folder.join("train-labels-idx1-ubyte"), idx(&[3], &[2, 0, 1])).unwrap();
    fs::write(folder.join("t10k-images-idx3-ubyte.gz"), gzip(&idx(&[1, 2, 2], &[255, 0, 0, 51]))).unwrap();
    fs::write(folder.join("t10k-labels-idx1-ubyte.gz"), gzip(&idx(&[1], &[1]))).unwrap();
}

fn load(path: &Path) -> Result<thalweg_io::Dataset, DataError> {
    load_dataset(path.to_str().unwrap(), &LoadOptions::default())
}

fn message(folder: &TempDir, name: &str) -> String {
    load(&folder.path().join(name)).unwrap_err().to_string()
}

#[test]
fn a_folder_gives_either_part_and_a_path_gives_itself() {
    let folder = tempdir().unwrap();
    mnist(folder.path());
    let train = load(folder.path()).unwrap();
    assert_eq!((train.len(), &train.input_shape[..]), (3, &[1, 2, 2][..]));
    assert_eq!(train.scaling, Applied::DividedBy(255.0));
    assert_eq!(train.input(1), [80.0 / 255.0, 100.0 / 255.0, 120.0 / 255.0, 140.0 / 255.0]);
    assert_eq!(train.targets, Targets::Classes { labels: vec![2, 0, 1], count: 3 });

    let test = LoadOptions { part: Some(Part::Test), classes: Some(3), ..Default::default() };
    let test = load_dataset(folder.path().to_str().unwrap(), &test).unwrap();
    assert_eq!(test.inputs, [1.0, 0.0, 0.0, 0.2]);
    assert_eq!(test.outputs(), 3, "as many classes as the training part has");

    let by_path = load(&folder.path().join("train-images-idx3-ubyte")).unwrap();
    assert_eq!(by_path.content_hash(), train.content_hash());
    assert!(load(&folder.path().join("t10k-images-idx3-ubyte.gz")).is_ok());
}

#[test]
fn downloaders_subfolders_are_looked_into_and_strangers_are_listed() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "nothing").unwrap();
    let error = load(folder.path()).unwrap_err().to_string();
    assert!(error.contains("no train data (MNIST's train-images-idx3-ubyte"), "{error}");
    assert!(error.contains("notes.txt"), "{error}");
    fs::create_dir_all(folder.path().join("MNIST/raw")).unwrap();
    mnist(&folder.path().join("MNIST/raw"));
    assert_eq!(load(folder.path()).unwrap().len(), 3);
}

#[test]
fn compressed_copies_beside_the_files_do_no_harm_and_two_sets_are_told_apart() {
    let folder = tempdir().unwrap();
    mnist(folder.path());
    let copy = |from: &str, to: &str| {
        fs::write(folder.path().join(to), gzip(&fs::read(folder.path().join(from)).unwrap())).unwrap();
    };
    copy("train-images-idx3-ubyte", "train-images-idx3-ubyte.gz");
    assert_eq!(load(folder.path()).unwrap().len(), 3);
    copy("train-images-idx3-ubyte", "letters-train-images-idx3-ubyte.gz");
    let error = load(folder.path()).unwrap_err().to_string();
    assert!(error.contains("give the path of one") && error.contains("letters-train"), "{error}");
}

#[test]
fn images_without_labels_say_what_is_looked_for() {
    let folder = tempdir().unwrap();
    mnist(folder.path());
    fs::remove_file(folder.path().join("train-labels-idx1-ubyte")).unwrap();
    assert!(
        message(&folder, "train-images-idx3-ubyte").contains("(train-labels-idx1-ubyte, compressed or not)")
    );
    assert!(message(&folder, "t10k-labels-idx1-ubyte.gz").contains("has no partner"));
}

#[test]
fn counts_of_images_and_labels_must_agree() {
    let folder = tempdir().unwrap();
    mnist(folder.path());
    fs::write(folder.path().join("train-labels-idx1-ubyte"), idx(&[2], &[0, 1])).unwrap();
    let error = message(&folder, "train-images-idx3-ubyte");
    assert!(error.contains("train-labels-idx1-ubyte, labels of shape [2]: expected 3 rows"), "{error}");
}

#[test]
fn damaged_idx_files_are_explained() {
    let folder = tempdir().unwrap();
    mnist(folder.path());
    let path = folder.path().join("train-images-idx3-ubyte");
    let whole = fs::read(&path).unwrap();

    fs::write(&path, &whole[..20]).unwrap();
    let error = message(&folder, "train-images-idx3-ubyte");
    assert!(error.contains("expected 28 bytes, found 20; the file is cut short"), "{error}");

    fs::write(&path, [&[1, 2, 3, 4], &whole[4..]].concat()).unwrap();
    let error = message(&folder, "train-images-idx3-ubyte");
    assert!(error.contains("the magic number") && error.contains("01 02 03 04"), "{error}");

    fs::write(&path, b"").unwrap();
    assert!(message(&folder, "train-images-idx3-ubyte").contains("is empty"));

    fs::write(&path, &whole).unwrap();
    let classes = LoadOptions { classes: Some(2), ..Default::default() };
    let error = load_dataset(path.to_str().unwrap(), &classes).unwrap_err().to_string();
    assert!(error.contains("labels[0]: expected a class from 0 to 1, found 2"), "{error}");
}

#[test]
fn what_is_not_there_or_not_a_file_is_said() {
    let folder = tempdir().unwrap();
    assert!(message(&folder, "nowhere.npz").contains("cannot read"));
    #[cfg(unix)]
    assert!(load(Path::new("/dev/null")).unwrap_err().to_string().contains("not a regular file"));
}

#[test]
fn cifar_batches_are_joined() {
    let folder = tempdir().unwrap();
    let record = |label: u8, pixel: u8| [&[label][..], &[pixel; 3072]].concat();
    let below = folder.path().join("cifar-10-batches-bin");
    fs::create_dir(&below).unwrap();
    fs::write(below.join("data_batch_2.bin"), record(7, 255)).unwrap();
    fs::write(below.join("data_batch_1.bin"), [record(3, 51), record(0, 0)].concat()).unwrap();
    fs::write(below.join("test_batch.bin"), record(9, 102)).unwrap();
    let train = load(folder.path()).unwrap();
    assert_eq!((train.len(), &train.input_shape[..], train.outputs()), (3, &[3, 32, 32][..], 10));
    assert_eq!((train.input(0)[0], train.input(2)[3071]), (0.2, 1.0));
    assert_eq!(train.targets, Targets::Classes { labels: vec![3, 0, 7], count: 10 });
    let test = LoadOptions { part: Some(Part::Test), ..Default::default() };
    assert_eq!(load_dataset(below.to_str().unwrap(), &test).unwrap().input(0)[5], 0.4);
    assert_eq!(load(&below.join("data_batch_1.bin")).unwrap().len(), 2);

    let place = folder.path().display();
    let named = |name: &str| load_dataset(&format!("{name}:{place}"), &LoadOptions::default());
    assert_eq!(named("cifar10").unwrap().inputs, train.inputs);
    let error = named("mnist").unwrap_err().to_string();
    assert!(error.contains("expected idx, found CIFAR-10 binary"), "{error}");

    let bytes = fs::read(below.join("data_batch_1.bin")).unwrap();
    let cut = dataset_from_bytes(&bytes[..6000], "data_batch_1.bin", &LoadOptions::default());
    assert!(matches!(cut, Err(DataError::Truncated { expected: 6146, found: 6000, .. })));
}
