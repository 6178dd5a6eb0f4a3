//! HDF5 files as loss-landscape of Li et al. writes and plots them.

use hdf5_pure::{Error, FileBuilder};

/// A file with the data sets of <https://github.com/tomgoldstein/loss-landscape>: `xcoordinates`,
/// `ycoordinates` on a plane, and each of `values` under its name, row-major with one row for each y.
///
/// Its `plot_2D.py` and `plot_1D.py` read such files; `h52vtp.py` too. There `train_loss` is the mean loss and
/// `train_acc` a percentage. Their own square grids have the same order of axes.
///
/// # Errors
/// If the library refuses, as for an empty data set.
pub fn loss_landscape(x: &[f64], y: Option<&[f64]>, values: &[(&str, &[f64])]) -> Result<Vec<u8>, Error> {
    let mut file = FileBuilder::new();
    file.create_dataset("xcoordinates").with_f64_data(x).with_shape(&[x.len() as u64]);
    if let Some(y) = y {
        file.create_dataset("ycoordinates").with_f64_data(y).with_shape(&[y.len() as u64]);
    }
    for (name, values) in values {
        let shape = y.map_or(vec![x.len() as u64], |y| vec![y.len() as u64, x.len() as u64]);
        file.create_dataset(name).with_f64_data(values).with_shape(&shape);
    }
    file.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdf5_pure::File;

    #[test]
    fn the_data_sets_read_back() {
        let (x, y) = ([-1.0, 0.0, 1.0], [0.5, f64::NAN]);
        let loss = [1.0, 2.0, 3.0, 4.0, 5.0, f64::INFINITY];
        let bytes = loss_landscape(&x, Some(&y), &[("train_loss", &loss)]).unwrap();
        assert_eq!(&bytes[..8], b"\x89HDF\r\n\x1a\n");
        let file = File::from_bytes(bytes.clone()).unwrap();
        assert_eq!(file.dataset("xcoordinates").unwrap().read_f64().unwrap(), x);
        assert_eq!(file.dataset("train_loss").unwrap().read_f64().unwrap(), loss);
        assert_eq!(file.dataset("train_loss").unwrap().shape().unwrap(), [2, 3]);
        assert_eq!(loss_landscape(&x, Some(&y), &[("train_loss", &loss)]).unwrap(), bytes);
        let line = loss_landscape(&x, None, &[("train_loss", &x)]).unwrap();
        assert!(File::from_bytes(line).unwrap().dataset("ycoordinates").is_err());
    }
}
