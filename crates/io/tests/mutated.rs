//! Damaged files of every format end in a value or an error, never in a panic.

mod common;

use common::{doubles, gzip, idx, integers, npy, safetensors, zip};
use proptest::prelude::*;
use thalweg_io::{LoadOptions, NamedArrays, dataset_from_bytes, dataset_from_idx, describe_bytes};

const DICTIONARY: &str = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n";
const HEADER: &str = r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"BF16","shape":[3],"data_offsets":[16,22]}}"#;
const TABLE: &str = "size,weight,\"the kind\"\n1.5,2,a\n-3e2,4,b\n5,6,a\n";

/// Valid files with the names they go by.
fn valid() -> Vec<(&'static str, Vec<u8>)> {
    let images = idx(&[2, 3, 3], &[7; 18]);
    let archive =
        zip(&[("x.npy", doubles(&[2, 2], &[1.0, 2.0, 3.0, 4.0])), ("y.npy", integers(&[2], &[0, 1]))]);
    vec![
        ("train-images-idx3-ubyte.gz", gzip(&images)),
        ("train-images-idx3-ubyte", images),
        ("train-labels-idx1-ubyte", idx(&[2], &[0, 1])),
        ("test_batch.bin", [&[3][..], &[9; 3072]].concat()),
        ("data.npz", archive),
        ("model.safetensors", safetensors(HEADER, &[1; 22])),
        ("table.csv", TABLE.into()),
        ("table.csv.gz", gzip(TABLE.as_bytes())),
    ]
}

/// Everything that takes foreign bytes.
fn read_all(bytes: &[u8], file: &str) {
    let options = LoadOptions { max_bytes: 1 << 20, ..Default::default() };
    let _ = dataset_from_bytes(bytes, file, &options);
    let _ = NamedArrays::from_bytes(bytes, file);
    let _ = describe_bytes(bytes, file).map(|d| d.to_string());
    let labels = idx(&[2], &[0, 1]);
    let _ = dataset_from_idx((bytes, file), (&labels, "labels"), &options);
    let _ = dataset_from_idx((&idx(&[2, 1], &[5, 6]), "images"), (bytes, file), &options);
}

/// Some bytes replaced, then perhaps a piece cut off or out.
fn damage(bytes: &mut Vec<u8>, changes: &[(usize, u8)], cut: Option<(usize, usize)>) {
    for &(at, value) in changes {
        let at = at % bytes.len();
        bytes[at] = value;
    }
    if let Some((start, end)) = cut {
        let (start, end) = (start % bytes.len(), end % (bytes.len() + 1));
        bytes.drain(start.min(end)..end.max(start));
    }
}

fn changes() -> impl Strategy<Value = Vec<(usize, u8)>> {
    // Small, large and textual values make other headers than uniform bytes do.
    let value =
        prop_oneof![any::<u8>(), Just(0), Just(0xff), Just(0x7f), b'0'..=b'9', Just(b','), Just(b'"')];
    prop::collection::vec((any::<usize>(), value), 0..6)
}

/// Changes near the beginning, where the headers are.
fn early_changes() -> impl Strategy<Value = Vec<(usize, u8)>> {
    changes().prop_map(|changes| changes.into_iter().map(|(at, value)| (at % 64, value)).collect())
}

fn cut() -> impl Strategy<Value = Option<(usize, usize)>> {
    prop::option::weighted(0.3, (any::<usize>(), any::<usize>()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_do_not_panic(
        which in 0usize..8,
        changes in prop_oneof![changes(), early_changes()],
        cut in cut(),
    ) {
        let (file, mut bytes) = valid().swap_remove(which);
        damage(&mut bytes, &changes, cut);
        read_all(&bytes, file);
    }

    /// A zip entry has a checksum, so the array inside is damaged before it is packed.
    #[test]
    fn damaged_arrays_in_sound_archives_do_not_panic(changes in changes(), cut in cut()) {
        let mut array = npy(DICTIONARY, &[1; 24]);
        damage(&mut array, &changes, cut);
        read_all(&zip(&[("x.npy", array), ("y.npy", integers(&[2], &[0, 1]))]), "data.npz");
    }

    /// A gzip stream has a checksum too.
    #[test]
    fn damaged_content_in_sound_gzip_does_not_panic(which in 0usize..8, changes in changes(), cut in cut()) {
        let (file, mut bytes) = valid().swap_remove(which);
        damage(&mut bytes, &changes, cut);
        read_all(&gzip(&bytes), file);
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), which in 0usize..8) {
        read_all(&bytes, valid()[which].0);
    }
}

#[test]
fn undamaged_files_are_read() {
    for (file, bytes) in valid() {
        assert!(describe_bytes(&bytes, file).is_ok(), "{file}");
        let options = LoadOptions::default();
        let read = dataset_from_bytes(&bytes, file, &options).is_ok()
            || NamedArrays::from_bytes(&bytes, file).is_ok()
            || file.contains("idx");
        assert!(read, "{file}");
    }
    let [images, labels] = [0, 2].map(|i| valid().swap_remove(i).1);
    assert!(dataset_from_idx((&images, "i"), (&labels, "l"), &LoadOptions::default()).is_ok());
}
