//! Sums of wells: Hartmann and Shekel.

use super::super::registry::{Entry, SpecError, nothing};
use super::{Function, REFINED, lowest};

/// The table's row.
pub(in super::super) const HARTMANN_3: Entry = Entry {
    name: "hartmann-3",
    usage: "hartmann-3",
    examples: &["hartmann-3"],
    summary: "four Gaussian wells in three dimensions",
    source: "Hartman 1973; Dixon & Szegő 1978",
    build: |text| nothing(text).map(|()| hartmann_3()),
};

/// The table's row.
pub(in super::super) const HARTMANN_6: Entry = Entry {
    name: "hartmann-6",
    usage: "hartmann-6",
    examples: &["hartmann-6"],
    summary: "four Gaussian wells in six dimensions",
    source: "Hartman 1973; Dixon & Szegő 1978",
    build: |text| nothing(text).map(|()| hartmann_6()),
};

/// The table's row.
pub(in super::super) const SHEKEL: Entry = Entry {
    name: "shekel",
    usage: "shekel:M",
    examples: &["shekel:5", "shekel:7", "shekel:10"],
    summary: "M foxholes in four dimensions; M is 5, 7 or 10",
    source: "Shekel 1971; Dixon & Szegő 1978",
    build: shekel,
};

const HEIGHTS: [f64; 4] = [1.0, 1.2, 3.0, 3.2];

/// −Σₖ cₖ exp(−Σⱼ aₖⱼ(xⱼ − pₖⱼ)²) with four wells in three dimensions (Hartman 1973).
pub fn hartmann_3() -> Function {
    let rates = [[3.0, 10.0, 30.0], [0.1, 10.0, 35.0], [3.0, 10.0, 30.0], [0.1, 10.0, 35.0]];
    let places = [[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]];
    let x = vec![0.11458887665506896, 0.55564889461693, 0.8525469846866774];
    wells("hartmann-3", rates, places).with_known(lowest(x, -3.8627797873326624, REFINED))
}

/// The same in six dimensions.
pub fn hartmann_6() -> Function {
    let rates = [
        [10.0, 3.0, 17.0, 3.5, 1.7, 8.0],
        [0.05, 10.0, 17.0, 0.1, 8.0, 14.0],
        [3.0, 3.5, 1.7, 10.0, 17.0, 8.0],
        [17.0, 8.0, 0.05, 10.0, 0.1, 14.0],
    ];
    let places = [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ];
    let x = vec![
        0.20168951100670543,
        0.15001069182345797,
        0.476873974221897,
        0.2753324304940561,
        0.31165161660011326,
        0.6573005340656203,
    ];
    wells("hartmann-6", rates, places).with_known(lowest(x, -3.3223680114155147, REFINED))
}

/// Places are given in units of 10⁻⁴.
fn wells<const N: usize>(name: &str, rates: [[f64; N]; 4], places: [[u32; N]; 4]) -> Function {
    let function = Function::formula(name, N, move |x| {
        let rates = x.array(&[4, N], rates.as_flattened());
        let places: Vec<f64> = places.as_flattened().iter().map(|&p| f64::from(p) / 1e4).collect();
        let off = x.broadcast(&[4, N]) - x.array(&[4, N], &places);
        let wells = (-(rates * off.square()).sum_over(1)).exp();
        -(x.vector(&HEIGHTS) * wells).sum()
    });
    function.with_start(vec![0.5; N]).with_interval(0.0, 1.0)
}

/// −Σₖ 1/(‖x − aₖ‖² + cₖ) over the first M of ten foxholes (Shekel 1971, with the figures of Dixon & Szegő).
///
/// Some collections have (5, 3, 5, 3) for the seventh hole, where Dixon & Szegő have (5, 5, 3, 3).
fn shekel(text: &str) -> Result<Function, SpecError> {
    const HOLES: [[f64; 4]; 10] = [
        [4.0; 4],
        [1.0; 4],
        [8.0; 4],
        [6.0; 4],
        [3.0, 7.0, 3.0, 7.0],
        [2.0, 9.0, 2.0, 9.0],
        [5.0, 5.0, 3.0, 3.0],
        [8.0, 1.0, 8.0, 1.0],
        [6.0, 2.0, 6.0, 2.0],
        [7.0, 3.6, 7.0, 3.6],
    ];
    const WIDTHS: [f64; 10] = [0.1, 0.2, 0.2, 0.4, 0.4, 0.6, 0.3, 0.7, 0.5, 0.5];
    let (m, x, value) = match text {
        "5" => {
            let pair = [4.000037152819676, 4.00013327659156];
            (5, [pair, pair].concat(), -10.153199679058227)
        }
        "7" => {
            let x = [4.000572916185823, 4.000689366185305, 3.9994897088591506, 3.9996061588586316];
            (7, x.to_vec(), -10.40294056681866)
        }
        "10" => {
            let x = [4.000746531592046, 4.000592934138532, 3.9996633980403224, 3.9995098005868077];
            (10, x.to_vec(), -10.536409816692043)
        }
        _ => return Err(SpecError::new(format!("expected 5, 7 or 10 foxholes, found {text:?}"))),
    };
    let function = Function::formula(format!("shekel:{m}"), 4, move |x| {
        let off = x.broadcast(&[m, 4]) - x.array(&[m, 4], HOLES[..m].as_flattened());
        -(1.0 / (off.square().sum_over(1) + x.vector(&WIDTHS[..m]))).sum()
    });
    Ok(function.with_start(vec![5.0; 4]).with_interval(0.0, 10.0).with_known(lowest(x, value, REFINED)))
}
