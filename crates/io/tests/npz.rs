//! `.npz` files, read back by two other libraries.

use npyz::NpyFile;
use std::io::{Cursor, Read};
use thalweg_io::{NamedArrays, Values, WeightFormat};
use zip::ZipArchive;

fn npz(arrays: Vec<(&str, Vec<usize>, Values)>) -> Vec<u8> {
    let mut all = NamedArrays::new("arrays");
    for (name, shape, values) in arrays {
        all.push(name, shape, values).unwrap();
    }
    all.to_bytes(WeightFormat::Npz).unwrap()
}

fn entry(bytes: &[u8], name: &str) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut content = Vec::new();
    archive.by_name(name).unwrap().read_to_end(&mut content).unwrap();
    content
}

#[test]
fn other_libraries_read_what_is_written() {
    let doubles = [0.1, -0.0, f64::NAN, f64::INFINITY, 1e-300, 6.0];
    let bytes = npz(vec![
        ("plane/loss", vec![2, 3], doubles.to_vec().into()),
        ("single", vec![6], vec![0.1f32, 1.0, 2.0, 3.0, 4.0, 5.0].into()),
        ("signed", vec![1, 2, 1], vec![-1i64, i64::MIN].into()),
        ("number", vec![], vec![4.5f64].into()),
        ("empty", vec![0, 3], Vec::<f64>::new().into()),
    ]);

    let plane = entry(&bytes, "plane/loss.npy");
    let file = NpyFile::new(&plane[..]).unwrap();
    assert_eq!(file.shape(), [2, 3]);
    assert_eq!(file.order(), npyz::Order::C);
    let back: Vec<u64> = file.into_vec::<f64>().unwrap().into_iter().map(f64::to_bits).collect();
    assert_eq!(back, doubles.map(f64::to_bits));

    let read = |name: &str| entry(&bytes, name);
    assert_eq!(NpyFile::new(&read("single.npy")[..]).unwrap().into_vec::<f32>().unwrap()[0], 0.1);
    let signed = read("signed.npy");
    let file = NpyFile::new(&signed[..]).unwrap();
    assert_eq!(file.shape(), [1, 2, 1]);
    assert_eq!(file.into_vec::<i64>().unwrap(), [-1, i64::MIN]);
    let number = read("number.npy");
    let file = NpyFile::new(&number[..]).unwrap();
    assert!(file.shape().is_empty());
    assert_eq!(file.into_vec::<f64>().unwrap(), [4.5]);
    assert_eq!(NpyFile::new(&read("empty.npy")[..]).unwrap().shape(), [0, 3]);
}

/// NEP 1: the data begin at a multiple of 64 bytes, after a newline.
#[test]
fn headers_are_aligned() {
    for axes in 0..12 {
        let npy = entry(&npz(vec![("a", vec![1; axes], vec![7.0f64].into())]), "a.npy");
        let header = usize::from(u16::from_le_bytes([npy[8], npy[9]]));
        assert_eq!((10 + header) % 64, 0);
        assert_eq!(npy[10 + header - 1], b'\n');
        assert_eq!(npy[10 + header..], 7.0f64.to_le_bytes());
    }
}

#[test]
fn equal_arrays_give_equal_bytes_with_a_fixed_date() {
    let make = || npz(vec![("a", vec![3], vec![1.0f64, 2.0, 3.0].into())]);
    let first = make();
    std::thread::sleep(std::time::Duration::from_millis(2100)); // ZIP counts time in steps of 2 s
    assert_eq!(first, make());
    let mut archive = ZipArchive::new(Cursor::new(first)).unwrap();
    let file = archive.by_index(0).unwrap();
    let date = file.last_modified().unwrap();
    assert_eq!((date.year(), date.month(), date.day(), date.hour()), (1980, 1, 1, 0));
    assert_eq!(file.compression(), zip::CompressionMethod::Stored);
}
